/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The same work on many VPSs, each in a child process of its own: one that fails, crashes or hangs does not
 * hold up the others.
 */
#ifndef VZ_HOST_POOL_H
#define VZ_HOST_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vz/codes.h>

struct pool_job {
	uint32_t id;
	unsigned timeout_ms; /* then the child is killed; 0: never */
	bool begun;	     /* out */
	int result;	     /* out: what run() returned, < 0 also for a child that came to no end */
	struct vz_err err;   /* out: its words */
};

struct pool {
	unsigned parallel; /* children at a time, at least 1 */
	int cancel_fd;	   /* readable: begin no more; < 0: never */
	/* In the child; ends it by returning. */
	int (*run)(void *arg, struct pool_job *job, struct vz_err *e);
	/* May the next one begin? Returns 0, or the milliseconds after which to ask again. NULL: always. */
	unsigned (*gate)(void *arg, unsigned going);
	/* In the caller, after each begin and each end (job is then the one that ended, else NULL). */
	void (*step)(void *arg, struct pool_job *job, unsigned going);
	void *arg;
};

/* Until all have ended that were begun. Fails only when nothing at all can be done: -errno. */
int pool_run(const struct pool *p, struct pool_job *jobs, size_t n);

#endif
