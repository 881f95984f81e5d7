/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What happens inside a VPS before its init: built from values, so that it can be tested without root. */
#ifndef VZ_CT_START_PLAN_H
#define VZ_CT_START_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "fs/fs.h"

struct buf;
struct guestfiles;
struct guestnet;
struct plan;
struct vz_cfg;
struct vz_err;

struct start_want {
	const char *root;	   /* VE_ROOT, mounted */
	const struct vz_cfg *cfg;
	const struct fs_nodes *nodes;
	const int *cg_fds;	   /* tasks files, see cg_self_fds() */
	size_t ncg_fds;
	int sock, console;	   /* sockets, see plan/run.h */
	uint64_t caps;
	const struct buf *filter;
	const struct guestfiles *files;
	const struct guestnet *net; /* NULL: nothing is said about links */
	bool systemd;	  /* the guest's init: it gets drop-ins */
	bool sysv;	  /* the guest's init: it makes its session by itself */
	const char *line; /* runs by sh in init's place; NULL: init */
	const char *boot_id; /* what /proc/sys/kernel/random/boot_id says; NULL: the node's */
};

void ct_start_plan(struct plan *p, const struct start_want *w);

/* What the configuration says of limits on mounts. */
struct fs_limits ct_fs_limits(const struct vz_cfg *cfg);
/* kernel.shmall of the IPC namespace that the plan is in. */
void ct_plan_shmall(struct plan *p, const struct vz_cfg *cfg, uint32_t flags);

/* Limits of a process that begins inside, by init or by exec, and its rights; in this order. */
void ct_plan_rights(struct plan *p, const struct vz_cfg *cfg, uint64_t caps,
		    const struct buf *filter);

#endif
