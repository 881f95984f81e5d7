/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Control group file systems by folder descriptor, both generations: make, read, wait, kill,
 * remove. What the files mean is not known here. Silent: -errno.
 */
#ifndef VZ_KERN_CGFS_H
#define VZ_KERN_CGFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { CGFS_DEPTH_MAX = 130 }; /* deeper trees are not descended into */

/* An O_PATH descriptor of the folder; good for openat(), CLONE_INTO_CGROUP and attaching BPF. */
int cgfs_open(int dirfd, const char *path, int *ret_fd);
/* Make the one folder, or find it there, and open it as above. */
int cgfs_make(int dirfd, const char *name, int *ret_fd);

/* The whole of a small file as a string without its last newline. -E2BIG. */
int cgfs_get(int dirfd, const char *file, char *out, size_t size);
/* The one number in a file; "max" and the first generation's largest number are UINT64_MAX. */
int cgfs_get_u64(int dirfd, const char *file, uint64_t *ret);
/* Value of the line "key value". -ENOENT: no such file; -ENODATA: no such line. */
int cgfs_get_key(int dirfd, const char *file, const char *key, uint64_t *ret);
/* The same in text already read. */
int cgfs_find_key(const char *text, const char *key, uint64_t *ret);
/* Write; "" is written as an empty line, because a write of no bytes is no write. */
int cgfs_put(int dirfd, const char *file, const char *value);
int cgfs_put_u64(int dirfd, const char *file, uint64_t value);

/* Wait until "key want" stands in the event file. -ETIMEDOUT. */
int cgfs_wait_key(int dirfd, const char *file, const char *key, uint64_t want,
		  uint64_t deadline_ms);

/* Call fn for the number of each process here and below until it returns other than 0, which is returned
 * then. A number may be another process's by the time that fn looks. */
int cgfs_each_pid(int dirfd, int (*fn)(pid_t pid, void *arg), void *arg);
/* SIGKILL to every process here and below. One call is enough where the kernel does it; else it is
 * one round over the lists, and *ret_n (may be NULL) says how many processes were found. */
int cgfs_kill(int dirfd, size_t *ret_n);
/* Kill round by round until nobody is listed here and below; waits for the ends. -ETIMEDOUT. */
int cgfs_kill_wait(int dirfd, uint64_t deadline_ms);
/* Remove the group and all groups below; 0 when it is gone, also if it never was. Processes that
 * still are in it are killed and waited for. -EBUSY, -ETIMEDOUT. */
int cgfs_remove(int dirfd, const char *name, uint64_t deadline_ms);

/* Of which generation (1, 2) is the file system that the descriptor lies in? 0: neither. */
int cgfs_generation(int fd);
/* Root folder of the second generation's tree, wherever it is mounted. -EOPNOTSUPP: nowhere. */
int cgfs_tree(int *ret_fd);

#endif
