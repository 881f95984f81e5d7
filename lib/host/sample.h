/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Samples: ve-NAME.conf-sample beside the files of VPSs. */
#ifndef VZ_HOST_SAMPLE_H
#define VZ_HOST_SAMPLE_H

struct vz;
struct vz_cfg;
struct vz_err;

/* All that a sample says and that is not one VPS's own, behind what cfg has; ORIGIN_SAMPLE is set to its
 * name. PARAM: not a file name; APPLY_CONFIG: no such sample. */
int sample_apply(struct vz *vz, const char *name, struct vz_cfg *cfg, struct vz_err *e);

#endif
