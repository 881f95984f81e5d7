/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A fresh root for a VPS. Beside the private area, while it is at work or after it died:
 *   .<id>.re	    the new area; behind the commit, what is left of the old one
 *   .<id>.re.json  what is being done; it outlives everything else
 */
#ifndef VZ_CT_REINSTALL_H
#define VZ_CT_REINSTALL_H

#include <stdbool.h>

struct ct;
struct vz_err;
struct vz_reinstall_opts;

/* With the lock held and the VPS down and unmounted. dry: say whether it can be done; the VPS may run. */
int ct_reinstall(struct ct *ct, const struct vz_reinstall_opts *o, bool dry, struct vz_err *e);
/* With the lock held: complete or take back one that died. 1: the configuration has changed. */
int reinstall_recover(struct ct *ct, struct vz_err *e);

#endif
