/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Suspend to disk and back, through lib/cpt. */
#ifndef VZ_CT_SUSPEND_H
#define VZ_CT_SUSPEND_H

#include <stdbool.h>

struct ct;
struct vz;
struct vz_err;

/* The CRIU that this node uses; *ret is malloced. KERNEL: none fits. */
int ct_find_criu(const struct vz *vz, char **ret, struct vz_err *e);

/* Is there something that no dump carries? SUSPEND. */
int ct_can_suspend(struct ct *ct, struct vz_err *e);
/* The part of a longer operation, noted already, that dumps a VPS to the default place and takes it down but for its
 * root. On failure it runs as before, unless ct_is_suspended(). Settles nothing. */
int ct_put_down(struct ct *ct, const char *op, struct vz_err *e);
/* dir NULL: DUMPDIR/Dump.<id>. keep: the VPS stays, frozen. */
int ct_suspend(struct ct *ct, const char *dir, bool keep, struct vz_err *e);
/* Start, or come back from a dump in the default place if there is one; should that fail, start. */
int ct_resume_or_start(struct ct *ct, struct vz_err *e);
/* What the state says from the moment on in which a resumed VPS is let go: its dump is used up, whatever happens. */
#define CT_LET_GO "resumed"
/* Remove the dump in the default place. Never fails. */
void ct_drop_dump(const struct ct *ct);
int ct_resume(struct ct *ct, const char *dir, bool frozen, struct vz_err *e);
/* Until no CRIU of a resume that was killed is at work any more, at most ten seconds. */
void ct_await_criu(const struct ct *ct);

#endif
