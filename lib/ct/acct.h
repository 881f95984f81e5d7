/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a VPS has used up and what it was refused, over all its starts. The kernel counts from the making of a
 * control group to its end; what a group had counted is kept in STATE/acct/<id>.json when it goes.
 */
#ifndef VZ_CT_ACCT_H
#define VZ_CT_ACCT_H

#include <stdint.h>

struct cg_stat;
struct ct;

#define ACCT_COUNTERS(X)                                                                           \
	X(cpu_usec, cpu_usec)	  /* member of struct acct, member of struct cg_stat */             \
	X(numproc, pids_fail)	  /* refused forks */                                               \
	X(oom, mem_oom)		  /* out of memory */                                               \
	X(oom_kill, oom_kill)	  /* processes ended for it */                                      \
	X(swap, swap_fail)	  /* swap that was not to be had */

struct acct {
#define ACCT_MEMBER(name, from) uint64_t name;
	ACCT_COUNTERS(ACCT_MEMBER)
#undef ACCT_MEMBER
};

/*
 * The group is about to go: remember. Safe to be called any number of times for one group, by several commands of
 * which each was killed: the file says whose counters it holds last. Never fails: a VPS has to stop though a disk
 * is full; then there is a warning. With the lock held.
 */
void ct_acct_note(struct ct *ct);
/* The sum of all groups of the past, without the one that is there now. Never fails: none is 0. */
void ct_acct_read(struct ct *ct, struct acct *ret);
/* The same with what the present group counts added; `now` are its figures. */
void ct_acct_total(struct ct *ct, const struct cg_stat *now, struct acct *ret);
/* The VPS is destroyed. */
void ct_acct_drop(struct ct *ct);

#endif
