/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Run a plan inside a VPS that runs, or in the mounted root of one that does not. */
#ifndef VZ_CT_INSIDE_INSIDE_H
#define VZ_CT_INSIDE_INSIDE_H

#include <stddef.h>
#include <stdint.h>

struct ct;
struct plan;
struct vz_err;

enum inside_how {
	INSIDE_MOUNTS, /* its mounts and ids, for files: a process that never executes its code */
	INSIDE_FULL,   /* everything init has: for exec and enter */
};

/* The steps that lead in. The pidfd and the control group descriptors stay ct's until inside_run() or
 * inside_spawn() has ended; a plan is good for one run. */
void inside_plan_enter(struct plan *p, struct ct *ct, enum inside_how how);

/* Only into these namespaces (CLONE_NEW*), with the node's own files; as root there if CLONE_NEWUSER is one
 * of them. */
void inside_plan_ids(struct plan *p, struct ct *ct, uint64_t ns);

/* The same for a VPS that is only mounted: its root as root, with its ids. */
void inside_plan_root(struct plan *p, struct ct *ct);

/* Run it and wait for its end; a step that fails makes the words. */
int inside_run(struct ct *ct, struct plan *p, struct vz_err *e);
/* Run a plan with a FORK and an EXEC; returns when it has executed. stdio: three descriptors for a plan
 * with plan_keep_stdio(), or NULL. *ret_pidfd is a child of ours; *ret_master comes from a PTY step. Both
 * pointers may be NULL. */
int inside_spawn(struct ct *ct, struct plan *p, const int *stdio, int *ret_pidfd, int *ret_master,
		 struct vz_err *e);
void inside_done(struct ct *ct);

#endif
