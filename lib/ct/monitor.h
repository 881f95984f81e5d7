/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The life of a VPS's vz-monitor, seen from the commands. */
#ifndef VZ_CT_MONITOR_H
#define VZ_CT_MONITOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct ct;
struct fs_nodes;
struct vz_err;

struct monitor_want {
	struct buf plan;	       /* what init does; empty: init is handed over on our_link */
	int our_sock, child_sock;      /* command <-> child (and monitor, for its first word) */
	int our_link;		       /* command -> monitor, when init is handed over */
	int mon_link, child_console;   /* monitor <- child's terminal */
	int listen;		       /* console clients */
	int cgroup;		       /* borrowed */
	int oom;		       /* cg_oom_fd(), -1: there is none */
	int (*before_exec)(void *arg); /* runs in the monitor to be: system calls and fork only */
	void *before_arg;
};
#define MONITOR_WANT_INIT                                                                          \
	{ .our_sock = -1, .child_sock = -1, .our_link = -1, .mon_link = -1, .child_console = -1,  \
	  .listen = -1, .cgroup = -1, .oom = -1 }
void monitor_want_done(struct monitor_want *m);
#define _monitor_ __attribute__((cleanup(monitor_want_done)))

/* Sockets for a monitor to come. */
int monitor_prepare(struct ct *ct, struct monitor_want *m, struct vz_err *e);
/* Start it, with the descriptors that the plan names. It is in ct->st then; the caller notes it together with
 * init. Dying before that is safe: init finds its socket closed, ends, and the monitor with it. */
int monitor_spawn(struct ct *ct, struct monitor_want *m, const int *fds, size_t nfds,
		  const struct fs_nodes *nodes, struct vz_err *e);
/* What only the child may hold: after it, our end sees the child's end. */
void monitor_close_child_ends(struct monitor_want *m);

/* Tell it that the command itself clears up behind init (or not after all). -ESRCH: there is none. */
int monitor_quiet(struct ct *ct, bool on);
/* Wait for its end, at most so long, then kill it; 0 when it is gone. */
int monitor_end(struct ct *ct, int timeout_ms);
/* See that a running VPS has a monitor and that nobody has left it quiet. */
int monitor_adopt(struct ct *ct, struct vz_err *e);
/* Connect to the console socket. -ENOENT, -ECONNREFUSED: nobody is there. */
int monitor_connect(const struct ct *ct, int *ret_fd);

#endif
