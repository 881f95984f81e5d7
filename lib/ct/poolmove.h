/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Another pool for a VPS that runs. */
#ifndef VZ_CT_POOLMOVE_H
#define VZ_CT_POOLMOVE_H

struct ct;
struct vz_err;

/* Can it be carried over while it runs? SUSPEND: it has something that cannot; KERNEL: no CRIU fits. */
int ct_pool_can_move(struct ct *ct, struct vz_err *e);
/*
 * With the lock: move a running VPS to the pool, "" for none, and store that. NORES: there is no room, and nothing was
 * touched. On any other failure it runs as before, or, if even that cannot be done, it is suspended; the words say.
 */
int ct_pool_move(struct ct *ct, const char *name, struct vz_err *e);

#endif
