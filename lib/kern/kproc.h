/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One process by a descriptor of its folder in /proc: as long as that is open, what is read is of this process
 * and never of another that got its number. Silent: -errno; -ESRCH: it has gone.
 */
#ifndef VZ_KERN_KPROC_H
#define VZ_KERN_KPROC_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct kproc_stat { /* proc_pid_stat(5) */
	pid_t pid, ppid, pgrp, session;
	char comm[64];	     /* as the process named itself */
	char state;
	uint32_t tty;	     /* as the file has it; 0: none */
	uint64_t utime, stime, start; /* clock ticks; start after boot */
	int prio, nice, threads;
	uint64_t vsize, rss; /* bytes, pages */
};

struct kproc_status { /* proc_pid_status(5) */
	uid_t uid;	/* effective */
	pid_t nspid[2]; /* its number here, and one PID namespace further in; 0: there is none */
	uint64_t sigq;	/* signals queued for its user */
};

/* O_PATH descriptor of /proc/PID below procfd, a folder descriptor of /proc. */
int kproc_open(int procfd, pid_t pid, int *ret_fd);
int kproc_stat(int fd, struct kproc_stat *ret);
int kproc_status(int fd, struct kproc_status *ret);
/* A small file of it as a string, cut at size - 1 bytes. Returns its length. */
ssize_t kproc_text(int fd, const char *file, char *out, size_t size);
/* How many files it has open. */
int kproc_nfiles(int fd, uint64_t *ret);

#endif
