/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From RATE, what goes with it, and a throttle of the traffic quota to the bandwidth of a VPS. */
#ifndef VZ_CT_LINK_RATE_H
#define VZ_CT_LINK_RATE_H

struct ct;
struct vz_cfg;
struct vz_err;

/* Stage net, its links being there. Nothing to limit costs nothing. */
int ct_rate_up(struct ct *ct, struct vz_err *e);
/* A running VPS: as cfg says, whatever there was. */
int ct_rate_apply(struct ct *ct, const struct vz_cfg *cfg, struct vz_err *e);
int ct_rate_down(struct ct *ct, struct vz_err *e);

#endif
