/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The stage table: start walks it forward, stop and failures walk it backward, recovery walks it
 * backward from the stage that was noted last, status asks it.
 */
#ifndef VZ_CT_STAGE_H
#define VZ_CT_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct ct;
struct vz_err;

enum ct_stage_id { STAGE_ROOT, STAGE_CGROUP, STAGE_INIT, STAGE_NET, STAGE_GUEST, NSTAGES };

struct stage {
	const char *name;
	int (*up)(struct ct *ct, struct vz_err *e);
	int (*down)(struct ct *ct, struct vz_err *e); /* idempotent; fine if up never or half ran */
	bool (*is_up)(struct ct *ct);
};
extern const struct stage ct_stages[NSTAGES];

/* Handles of an operation that is going on; never on disk. */
struct ct_up {
	int sock;    /* to the child */
	int link;    /* to the monitor: console, handed-over init */
	int pidfd;   /* init */
	int netns;   /* its network namespace */
	struct plan *plan;
	const struct dist *dist; /* scripts to run inside before init; NULL: none */
	struct ct_resume *resume; /* ct/suspend.c's */
	const char *line; /* what runs as process 1 instead of init: a line for sh */
};

/* Note an operation and its stage before any effect. */
int ct_note(struct ct *ct, const char *op, size_t stage, struct vz_err *e);
/* Walk the table up to and with `last`; on failure walk back to where nothing is left. */
int ct_stages_up(struct ct *ct, const struct stage *table, const char *op, size_t last,
		 struct vz_err *e);
/* Walk down from `from` to `to`; every stage is tried even if one resists; the first failure is
 * returned and the note stays, so that the next call tries again. */
int ct_stages_down(struct ct *ct, const char *op, size_t from, size_t to, struct vz_err *e);
/* With the lock held: settle what an interrupted operation left. */
int ct_recover(struct ct *ct, struct vz_err *e);
/* The operation is complete: what is true now is the state. */
int ct_settle(struct ct *ct, struct vz_err *e);

/* Crash tests end the process here when VZ_CRASH names the point; nothing in a plain build. */
#ifdef VZ_FAULT
void ct_crash_point(const char *op, const char *stage, const char *where);
#else
static inline void ct_crash_point(const char *op, const char *stage, const char *where)
{
	(void)op, (void)stage, (void)where;
}
#endif

#endif
