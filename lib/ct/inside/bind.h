/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bind mounts of a VPS (BINDMOUNT). RUNDIR/<id>/binds lists those that may be in place, one entry a line: it is
 * written before any is put there or taken away.
 */
#ifndef VZ_CT_INSIDE_BIND_H
#define VZ_CT_INSIDE_BIND_H

#include <stddef.h>

struct cpt_bind;
struct ct;
struct fs_binds;
struct vz_err;

/* For a start: taken, and noted. Code MOUNT. */
int bind_open(struct ct *ct, struct fs_binds *ret, struct vz_err *e);

/* For a dump: places inside, malloced, one block each for the list and the names. */
int bind_cpt_list(const struct ct *ct, struct cpt_bind **ret, size_t *ret_n, struct vz_err *e);
void bind_cpt_free(struct cpt_bind *l, size_t n);
/* For a restore: the same, mounted in RUNDIR/bind/<id> for CRIU to take from there. */
int bind_stage(struct ct *ct, struct cpt_bind **ret, size_t *ret_n, struct vz_err *e);
/* What a restore, also one that was killed, left of that. Fine when there is nothing. */
void bind_unstage(const struct ct *ct);
/* Nothing of the VPS runs: likewise, and the list. */
void bind_forget(const struct ct *ct);

#endif
