/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is true of a VPS now, in RUNDIR/<id>/state.json. A reboot empties the run directory as it ends
 * the processes and mounts that the file speaks of.
 */
#ifndef VZ_CT_STATE_H
#define VZ_CT_STATE_H

#include <stdint.h>
#include <sys/types.h>

struct vz_err;

#define POOL_PATH_MAX 128

struct ct_proc {
	pid_t pid;	/* 0: none */
	uint64_t start; /* clock ticks after boot, so that a reused pid is not trusted */
};

#define STATE_DAMAGED "damaged" /* op of a state file that cannot be understood */

struct ct_state {
	char op[16];	 /* the operation in progress; empty: settled */
	uint32_t stage;	 /* the last stage that op noted before touching it */
	uint32_t base;	 /* first host id in use */
	uint32_t mounted, running; /* what the last settled operation left */
	struct ct_proc init, monitor;
	int64_t started; /* wall clock seconds */
	char pool[POOL_PATH_MAX]; /* what its control groups are in, "gold/web"; "": in no pool */
	char to[POOL_PATH_MAX];	  /* the pool that it is on its way to, which keeps room for it; "": none */
};

/* From the text of the file. On failure *ret says STATE_DAMAGED and nothing else. Silent: -errno. */
int state_parse(const char *text, size_t len, struct ct_state *ret);
/* A missing file is a VPS that is down: all zero. */
int state_read(const char *rundir, struct ct_state *ret, struct vz_err *e);
int state_write(const char *rundir, const struct ct_state *st, struct vz_err *e);
/* Forget: remove the folder. */
int state_drop(const char *rundir, struct vz_err *e);

#endif
