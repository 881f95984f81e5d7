/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Firewall sets: files in the folder firewall beside vz.conf, named by FIREWALL of a VPS. vzfirewall(5) */
#ifndef VZ_FIREWALL_H
#define VZ_FIREWALL_H

#include <vz/cfg.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vz;

/* Are the sets that these values name there, and understood? 0 when they name none. PARAM, with file and line. */
int vz_firewall_check(struct vz *vz, const struct vz_cfg *cfg, struct vz_err *e);

#ifdef __cplusplus
}
#endif

#endif
