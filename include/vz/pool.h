/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Resource pools: a tree of groups of VPSs, each with a guarantee, a limit and a weight. A VPS belongs to the
 * pool that its parameter POOL names, or to none; it enters it when it starts.
 */
#ifndef VZ_POOL_H
#define VZ_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vz/codes.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vz;
struct vz_ct;

#define VZ_POOL_NAME  24 /* bytes of a name at most; letters, digits, - and _ */
#define VZ_POOL_DEPTH 4	 /* pools in pools */
#define VZ_POOL_TEXT  128 /* bytes of a description at most */

/*
 * What a pool is, one row each: member of struct vz_pool, kind of value, name in its file, option of vzpool,
 * argument and help. Kinds: NAME, CPU (percent of one processor, a fraction is fine), NUM, WEIGHT (8 to 500000),
 * IOWEIGHT (1 to 1000), BYTES, YESNO, TEXT. 0, or "" for text: none.
 */
#define VZ_POOL_PARAMS(X)                                                                          \
	X(parent, NAME, "POOL_PARENT", "parent", "POOL", "the pool that it is in")                 \
	X(cpu_reserve, CPU, "CPU_RESERVE", "cpu-reserve", "PERCENT",                               \
	  "guarantee, percent of one processor")                                                   \
	X(cpu_limit, CPU, "CPU_LIMIT", "cpu-limit", "PERCENT", "all of it together, at most")      \
	X(cpu_shares, WEIGHT, "CPU_SHARES", "cpu-shares", "UNITS",                                 \
	  "weight against its neighbours; 1000 is a VPS's")                                        \
	X(mem_reserve, BYTES, "MEM_RESERVE", "mem-reserve", "SIZE", "guarantee of memory")         \
	X(mem_limit, BYTES, "MEM_LIMIT", "mem-limit", "SIZE", "memory of all together, at most")   \
	X(proc_limit, NUM, "PROC_LIMIT", "proc-limit", "N", "processes of all together, at most")  \
	X(io_limit, BYTES, "IO_LIMIT", "io-limit", "SIZE", "bytes a second, reading and writing each")   \
	X(iops_limit, NUM, "IOPS_LIMIT", "iops-limit", "N", "operations a second, the same")       \
	X(io_weight, IOWEIGHT, "IO_WEIGHT", "io-weight", "N",                                      \
	  "weight at the disk against its neighbours; 100 is a VPS's")                            \
	X(borrow, YESNO, "BORROW", "borrow", "yes|no", "may it use more than its guarantee")       \
	X(description, TEXT, "DESCRIPTION", "description", "TEXT", "one line of your own")

struct vz_pool {
	char name[VZ_POOL_NAME + 1];
	char parent[VZ_POOL_NAME + 1];
	uint64_t cpu_reserve, cpu_limit; /* thousandths of one processor */
	uint64_t cpu_shares;
	uint64_t mem_reserve, mem_limit; /* bytes */
	uint64_t proc_limit;
	uint64_t io_limit, iops_limit; /* a second, of each disk below the private areas of its VPSs */
	uint64_t io_weight;
	bool borrow; /* yes unless the file says no */
	char description[VZ_POOL_TEXT + 1];
};

struct vz_pool_param {
	const char *key, *option, *arg, *help;
};
/* The i-th row, NULL behind the last. */
const struct vz_pool_param *vz_pool_param(unsigned i);
/* Its value as its file has it, cut at size; "" for none. */
void vz_pool_text(const struct vz_pool *p, unsigned i, char *out, size_t size);

struct vz_pool_change {
	unsigned param; /* index of the row */
	const char *text;
};

/*
 * Make a pool, or change one: the changes are put in force for a pool that has VPSs running, then stored. A guarantee
 * that its parent or the node cannot keep, or that is smaller than what has been promised out of it, is refused
 * with NORES, as is a memory limit below what is in use (UBC). BAD_CONF: a file of some pool cannot be understood.
 * PARAM: bad name or value, no such parent, a circle, no such pool, one that is there already. RUNNING: another
 * parent while a VPS of the pool runs.
 */
int vz_pool_create(struct vz *vz, const char *name, const struct vz_pool_change *c, size_t n, struct vz_err *e);
int vz_pool_set(struct vz *vz, const char *name, const struct vz_pool_change *c, size_t n, struct vz_err *e);
/* PARAM: pools or VPSs, running or not, belong to it still. */
int vz_pool_destroy(struct vz *vz, const char *name, struct vz_err *e);

struct vz_pool_info {
	struct vz_pool pool;
	unsigned depth;		  /* 0: in no other pool */
	unsigned vps, running;	  /* of its own, without those of pools in it */
	uint64_t mem, cpu_usec, procs; /* used now, pools in it included; UINT64_MAX: not known or never begun */
	uint64_t mem_claimed;	  /* promised: to its running VPSs, and to the pools in it */
	uint64_t cpu_claimed;	  /* promised to the pools in it */
	uint64_t mem_sold;	  /* what its VPSs would claim if all of them ran */
};
/* All pools, each before those in it, by name. */
int vz_pool_each(struct vz *vz, void (*fn)(void *arg, const struct vz_pool_info *p), void *arg,
		 struct vz_err *e);

/* Could the VPS be started in that pool ("": in none), if it did not run elsewhere? NORES, with the numbers. */
int vz_pool_admits(struct vz_ct *ct, const char *pool, struct vz_err *e);

/*
 * Put a VPS in that pool, "" for none, and store it. One that runs is carried over as it is, by a dump and a restore in
 * one go: it stands still for as long as its memory takes to be written and read. 0: done. 1: it runs and cannot be
 * carried over; stored, and *ret_why says the reason: it enters the pool when it starts again. NORES, with the numbers:
 * no room, and nothing was changed. On another failure it runs on in its old pool, or the words say that it is suspended.
 */
int vz_pool_move(struct vz_ct *ct, const char *pool, unsigned flags, struct vz_err *ret_why, struct vz_err *e);

/* Does it all fit: one call for each guarantee that is or would be broken, with the numbers. Returns how many
 * there were. Limits in force are brought in line with the files on the way. */
int vz_pool_check(struct vz *vz, void (*fn)(void *arg, const char *line), void *arg, struct vz_err *e);

#ifdef __cplusplus
}
#endif

#endif
