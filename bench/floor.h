/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The floor: what the kernel must be asked for when a VPS like ours starts, and nothing else. */
#ifndef VZ_BENCH_FLOOR_H
#define VZ_BENCH_FLOOR_H

#include <stddef.h>
#include <stdint.h>

#define FLOOR_MAX 24

struct floor_cg {
	int gen;	  /* 1 or 2 */
	const char *ctls; /* "cpu,cpuacct" */
	int root;	  /* the mount */
	int dir;	  /* the group */
	int tasks;	  /* first generation: its tasks file */
};

struct floor {
	const char *root, *lower, *area, *slice, *id, *filter, *pidfile;
	uint32_t base, addr; /* addr in network order */
	struct floor_cg cg[FLOOR_MAX];
	size_t ncg;
	int leaf; /* folder for CLONE_INTO_CGROUP, or -1 */
};

/* All of them end the process with words when something fails. */
void floor_die(const char *what) __attribute__((noreturn));
int floor_check(long r, const char *what); /* r < 0: die */

void floor_cgroups(struct floor *f);	       /* make them, write the limits */
int floor_overlay(const struct floor *f, int userns); /* mounted on f->root; a clone for the child */
int floor_nodes(int *fds, size_t max);	       /* clones of the device nodes; their number */
void floor_inside(const struct floor *f, int tree, const int *nodes); /* the child's root */
void floor_net(const struct floor *f, int netns);

#endif
