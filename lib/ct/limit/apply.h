/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Put parameters into effect on a group of processes: at start and live. */
#ifndef VZ_CT_LIMIT_APPLY_H
#define VZ_CT_LIMIT_APPLY_H

#include "param/param.h"

struct ct;
struct plan;
struct strv;
struct vz_err;

/* NORES: no process at all may run in it, so it cannot be started. */
int ct_check_limits(const struct ct *ct, struct vz_err *e);
/* Make what `to` says so, for one group of parameters of a running VPS, absolutely: nothing depends on what
 * held before. from: what is in force, so that what does not change is left alone; NULL: not known.
 * Groups without live effect do nothing. Keys of what this node cannot do go to ct->unheld. */
int ct_apply(struct ct *ct, const struct vz_cfg *from, const struct vz_cfg *to, enum param_group g,
	     struct vz_err *e);
/* Every group that is set on the control group, and the disk: at start, before init. */
int ct_apply_limits(struct ct *ct, struct vz_err *e);
/* After a resume: what a dump does not carry along. lost_view: cpt_restore_lost_view(). */
int ct_apply_resumed(struct ct *ct, bool lost_view, struct vz_err *e);
/* What is set on init itself, by its pid, before it runs a program. */
int ct_apply_init(struct ct *ct, struct vz_err *e);

/* The parts of it, see apply_*.c; start: of a new group, else of a running VPS. */
int apply_disk(struct ct *ct, const struct vz_cfg *cfg, bool start, struct vz_err *e);
int apply_devices(struct ct *ct, const struct vz_cfg *cfg, bool start, struct vz_err *e);
int apply_devices_anew(struct ct *ct, struct vz_err *e);
int apply_inside(struct ct *ct, const struct vz_cfg *cfg, bool start, struct vz_err *e);
int apply_binds(struct ct *ct, const struct vz_cfg *cfg, bool start, struct vz_err *e);
int apply_oom(struct ct *ct, const struct vz_cfg *cfg, bool start, struct vz_err *e);

/* This node cannot do what p says: at start a line in the log, else one of the words of `set`. */
void apply_unheld(struct ct *ct, enum vz_param p, bool start, const char *why);

#endif
