/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Paths below a root that may be hostile; folders; removal of trees. Silent: -errno. */
#ifndef VZ_BASE_PATH_H
#define VZ_BASE_PATH_H

#include <stdbool.h>
#include <sys/types.h>

/* Open path as the VPS sees it: every component is resolved inside rootfd, "/" and ".." included
 * (openat2, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS, Linux 5.6). O_CLOEXEC, O_NOCTTY and
 * O_NONBLOCK are added, so that a FIFO or a device in the VPS cannot hold us. */
int path_open_in(int rootfd, const char *path, int flags, mode_t mode, int *ret_fd);

/* Make the folder and its missing parents; fine when it is there. -ENOTDIR when a file is. */
int path_mkdirs(const char *path, mode_t mode);

/* Remove a tree without following a symlink or leaving its file system; 0 when it is gone already.
 * Stops at mount points with -EXDEV. */
int path_remove_tree_at(int dirfd, const char *name);

bool path_exists_at(int dirfd, const char *path); /* lstat succeeds */
int path_sync_dir(int dirfd);

#endif
