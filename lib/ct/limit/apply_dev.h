/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Devices that a VPS may use: rules for its control group, nodes for its /dev. */
#ifndef VZ_CT_LIMIT_APPLY_DEV_H
#define VZ_CT_LIMIT_APPLY_DEV_H

struct fs_devnodes;
struct vz_cfg;
struct vz_err;

/* The nodes that DEVNODES, DEVICES and FEATURES name. Code DEVICES. */
int dev_nodes(const struct vz_cfg *cfg, struct fs_devnodes *ret, struct vz_err *e);

#endif
