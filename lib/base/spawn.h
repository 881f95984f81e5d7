/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Run a program with a clean environment, a deadline and captured output. */
#ifndef VZ_BASE_SPAWN_H
#define VZ_BASE_SPAWN_H

#include <stddef.h>
#include <sys/types.h>

struct buf;

struct spawn {
	const char *const *argv;  /* argv[0] is an absolute path */
	const char *const *env;   /* whole environment; NULL: HOME=/ TERM=linux PATH=... only */
	const void *input;	  /* fed to stdin; NULL: /dev/null */
	size_t input_len;
	struct buf *output;	  /* stdout and stderr, at most 64 KiB kept; NULL: /dev/null */
	int inherit_output;	  /* 1: our stdout and stderr, output is not used */
	const int *keep;	  /* descriptors that stay open, -1 ends; NULL: none */
	unsigned timeout_ms;	  /* 0: none; the process group is killed at the deadline */
	/* Something to do in the child right before exec, with system calls only; -errno or 0. NULL: nothing. */
	int (*before_exec)(void *arg);
	void *before_arg;
	int die_with_us;	  /* 1: a kill -9 of us takes the program along (but not its children) */
};

/* Run and wait. *ret_status is as from waitpid(). -ETIMEDOUT after a kill at the deadline.
 * All other descriptors of ours are closed in the child; it is a session of its own, in the folder / and
 * with umask 022, whatever ours are. */
int spawn_run(const struct spawn *s, int *ret_status);

/* Until the process of pidfd has ended: keep what comes out of read_fd (non-blocking; -1: nothing) in out, at
 * most 64 KiB. timeout_ms 0: no end. -ETIMEDOUT; the process is neither killed nor reaped. */
int spawn_collect(int pidfd, int read_fd, struct buf *out, unsigned timeout_ms);

#endif
