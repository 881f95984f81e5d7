/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Put parameters into effect on a group of processes: at start and live. */
#ifndef VZ_CT_APPLY_H
#define VZ_CT_APPLY_H

#include "param/param.h"

struct ct;
struct vz_err;

/* Make what cfg says so, for one group of parameters, absolutely: nothing depends on what held before.
 * Groups without live effect do nothing. */
int ct_apply(struct ct *ct, const struct vz_cfg *cfg, enum param_group g, struct vz_err *e);
/* Every group that is set on the control group: at start, before init. */
int ct_apply_limits(struct ct *ct, struct vz_err *e);

#endif
