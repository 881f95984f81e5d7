/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Name, signal and await a process without a race on reused pids. Silent: -errno. */
#ifndef VZ_KERN_PIDFD_H
#define VZ_KERN_PIDFD_H

#include <stdint.h>
#include <sys/types.h>

/* Start time of pid in clock ticks after boot (proc_pid_stat(5), field 22). -ESRCH: no such process. */
int kpid_start_time(pid_t pid, uint64_t *ret);
/* A pidfd of pid if it still is the process that began at `start`. -ESRCH: it is gone or another. */
int kpid_open(pid_t pid, uint64_t start, int *ret_fd);
/* 0: it has ended; -ETIMEDOUT. timeout_ms < 0: for ever. */
int kpid_wait(int pidfd, int timeout_ms);
int kpid_signal(int pidfd, int sig);

#endif
