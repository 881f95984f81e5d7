/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Resource pools: their files, who is in them, what is promised out of them, and their control groups. (The
 * pool of id ranges is host/pool.h.)
 */
#ifndef VZ_CT_LIMIT_RESPOOL_H
#define VZ_CT_LIMIT_RESPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vz/pool.h>

#include "base/lock.h"
#include "cgroup/cg.h"
#include "ct/state.h"

struct ct;
struct vz;
struct vz_cfg;
struct vz_err;

#define POOL_DISKS_MAX 16

struct pool_member { /* a VPS that has a pool, or is in one */
	uint32_t id;
	char pool[VZ_POOL_NAME + 1]; /* what its file says; "": none */
	char at[POOL_PATH_MAX];	     /* where it runs, or is being started; "": it does not, or in none */
	uint64_t need, least;	     /* pool_need(), all and only what is said to be guaranteed */
	uint64_t cpu_limit;	     /* thousandths of a processor, 0: none */
	struct cg_disk disk[POOL_DISKS_MAX]; /* below its private area, where a pool limits I/O */
	size_t ndisk;
};

struct pools {
	struct vz *vz;
	struct vz_pool *v; /* by name */
	size_t n;
	struct pool_member *member; /* by pools_members() */
	size_t nmember;
	bool quiet; /* what this node cannot hold has been said before */
};

#define _pools_ __attribute__((cleanup(pools_done)))
void pools_done(struct pools *p);

/* One command at a time may change pools or enter one; waits for another. LOCKED. */
int pools_lock(struct vz *vz, struct lock *lock, struct vz_err *e);
/* Read all of them. BAD_CONF, also for a tree that is none. */
int pools_load(struct vz *vz, struct pools *ret, struct vz_err *e);
/* Is the tree one: parents that there are, no circle, not too deep? */
int pools_check_tree(const struct pools *p, struct vz_err *e);
struct vz_pool *pools_find(const struct pools *p, const char *name); /* NULL: there is none */
/* "gold/web". The tree has been checked. */
void pools_path(const struct pools *p, const struct vz_pool *pool, char out[POOL_PATH_MAX]);
bool pools_is_below(const char *path, const char *top); /* or the same */

/* Who is in them. all: those that do not run, too, which takes reading every configuration. */
int pools_members(struct pools *p, bool all, struct vz_err *e);
/* Is this member in that very pool now? */
bool pools_runs_in(const struct pool_member *m, const char *path);

enum pool_resource { POOL_MEM, POOL_CPU, POOL_NRES };
/* Guarantee of a pool; 0: none. Promised by it: a pool that has a guarantee promises their memory to its VPSs, one
 * that has none only what they are guaranteed themselves. What it can promise: its guarantee, else its limit, 0: no end. */
uint64_t pool_reserve(const struct vz_pool *pool, enum pool_resource what);
uint64_t pools_claimed(const struct pools *p, const struct vz_pool *pool, enum pool_resource what);
uint64_t pools_cap(const struct vz_pool *pool, enum pool_resource what);
/* The same for the node and the pools that are in no other. */
uint64_t pools_node_claimed(const struct pools *p, enum pool_resource what);
uint64_t pools_node_cap(enum pool_resource what);
/* "6.0 of 8.0 GiB reserved", "1.5 of 2.0 CPUs reserved" */
void pool_numbers(enum pool_resource what, uint64_t used, uint64_t cap, char *out, size_t size);

/* What a VPS is promised of memory: VMGUARPAGES; without it, if `all`, as much as it may have. 0: nothing. Bytes. */
uint64_t pool_need(const struct vz_cfg *c, bool all);

/* Make the groups of the pool and of those that it is in, and put their limits in force. */
int pools_make(struct pools *p, const struct vz_pool *pool, struct vz_err *e);
/* Put the limits in force where the pool has its groups; nothing where it has none. UBC, CPU. */
int pools_apply(struct pools *p, const struct vz_pool *pool, struct vz_err *e);
/* Has it a limit of I/O that this node cannot hold? Then that is said. */
void pools_warn_io(struct pools *p, const struct vz_pool *pool);
/* The limit of processor time of a pool has changed: those in it are put in force again, as the first generation
 * keeps no limit that is above that of the pool. */
void pools_apply_below(struct pools *p, const struct vz_pool *pool);
int pools_apply_all(struct pools *p, struct vz_err *e);
/* Remove the groups of the pool and of those in it. */
int pools_drop(struct pools *p, const struct vz_pool *pool, struct vz_err *e);

/*
 * The VPS is about to be started by `op`: it enters its pool (ct->into, else what its file says), if it has one. There must be room (NORES); the
 * pool's groups are made, and where it goes is noted. Costs nothing without a pool.
 */
int ct_pool_enter(struct ct *ct, const char *op, struct vz_err *e);
/* The VPS runs and is about to be moved by `op`, which is noted: there is room for it in the pool (NORES), and nobody
 * else gets it until it enters or settles. name "": no pool. */
int ct_pool_book(struct ct *ct, const char *op, const char *name, struct vz_err *e);
/* Does it run in that very pool? PARAM: there is no such. */
int ct_pool_is_in(struct ct *ct, const char *name, bool *ret, struct vz_err *e);
/* Is there such a pool? PARAM. */
int ct_pool_check(struct ct *ct, const char *name, struct vz_err *e);
/* Would there be room for it, if it did not run elsewhere? NORES, PARAM. */
int ct_pool_admits(struct ct *ct, const char *name, struct vz_err *e);
/* Its state was lost: look for its groups where they may be. Never fails. */
void ct_pool_find(struct ct *ct);

#endif
