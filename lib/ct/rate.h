/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From RATE and what goes with it to the bandwidth of a VPS. */
#ifndef VZ_CT_RATE_H
#define VZ_CT_RATE_H

#include <stdint.h>

struct ct;
struct vz_cfg;
struct vz_err;

/* Bits a second by cfg, the node's file and a throttle of its traffic quota; 0: no limit. */
uint64_t ct_rate_bits(const struct ct *ct, const struct vz_cfg *cfg);
/* Stage net, its links being there. Nothing to limit costs nothing. */
int ct_rate_up(struct ct *ct, struct vz_err *e);
/* A running VPS: as cfg says, whatever there was. */
int ct_rate_apply(struct ct *ct, const struct vz_cfg *cfg, struct vz_err *e);
int ct_rate_down(struct ct *ct, struct vz_err *e);

#endif
