/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a VPS has used up and what it was refused, over all its starts. The kernel counts from the making of a
 * control group to its end; what a group had counted is kept in STATE/acct/<id>.json when it goes.
 */
#ifndef VZ_CT_LIMIT_ACCT_H
#define VZ_CT_LIMIT_ACCT_H

#include <stdint.h>

struct cg_flow;
struct cg_stat;
struct ct;

#define ACCT_COUNTERS(X)                                                                           \
	X(cpu_usec, cpu_usec)	  /* member of struct acct, member of struct cg_stat */             \
	X(numproc, pids_fail)	  /* refused forks */                                               \
	X(oom, mem_oom)		  /* out of memory */                                               \
	X(oom_kill, oom_kill)	  /* processes ended for it */                                      \
	X(swap, swap_fail)	  /* swap that was not to be had */

#define ACCT_FLOWS(X)                                                                              \
	X(io_read, io_read) /* the same of struct cg_flow; bytes */                                \
	X(io_write, io_write)                                                                      \
	X(io_reads, io_reads) /* operations */                                                     \
	X(io_writes, io_writes)

/* Of time, which no group counts. The two of memory are sums over looks: what was there at two looks is taken to
 * have changed evenly between them. */
#define ACCT_TIMES(X)                                                                              \
	X(uptime_ms, )	 /* since its init began */                                                \
	X(mem_kib_s, )	 /* KiB of memory in use, times seconds */                                 \
	X(limit_kib_s, ) /* KiB that it might have used, times seconds */

struct acct {
#define ACCT_MEMBER(name, from) uint64_t name;
	ACCT_COUNTERS(ACCT_MEMBER)
	ACCT_FLOWS(ACCT_MEMBER)
	ACCT_TIMES(ACCT_MEMBER)
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
/* The same with what the present group counts added; `now` are its figures, `flow` too, or NULL: flows and times are
 * left as they were before. */
void ct_acct_total(struct ct *ct, const struct cg_stat *now, const struct cg_flow *flow,
		   struct acct *ret);
/* Remember now, too, so that a power cut takes less and memory is looked at more often. Without the lock. When a
 * stop is being noted somewhere that one is right and nothing is done. -ESRCH: it does not run; -EAGAIN. */
int ct_acct_keep(struct ct *ct);
/* The VPS is destroyed. */
void ct_acct_drop(struct ct *ct);

#endif
