/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whole files: read with a limit, replace atomically and durably. Silent: -errno. */
#ifndef VZ_BASE_IO_H
#define VZ_BASE_IO_H

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

struct buf;

/* Read the file (relative to dirfd) whole. -E2BIG beyond max bytes, -EISDIR, -EINVAL for anything
 * that is not a regular file (those under /proc and /sys are). Never blocks on a FIFO. */
int io_read_at(int dirfd, const char *path, size_t max, struct buf *out);
/* The same from an open descriptor, from its present offset; any kind of file. Both append to out,
 * which is as before after a failure. */
int io_read_fd(int fd, size_t max, struct buf *out);
/* All bytes or an error; goes on after EINTR and short writes. */
int io_write_fd(int fd, const void *data, size_t len);
/* Whole or not at all: temporary file beside it, write, fsync, rename, fsync of the folder.
 * A symlink at path is followed first, so that the link survives. The mode is exact, whatever the
 * umask. -EISDIR for a folder, -EINVAL for anything else that is not a regular file. */
int io_replace_at(int dirfd, const char *path, const void *data, size_t len, mode_t mode);
/* The name, in the same folder, that a writer who was killed may have left. */
void io_temp_name(const char *name, char temp[NAME_MAX + 1]);
/* The same without the two fsyncs, for files below a run directory that a reboot empties. */
int io_replace_volatile_at(int dirfd, const char *path, const void *data, size_t len, mode_t mode);
/* A new file where nothing else looks yet: -EEXIST when the name is taken; written and synced, without
 * the folder. For trees that are put in place as a whole. */
int io_create_at(int dirfd, const char *path, const void *data, size_t len, mode_t mode);
/* One write() into an existing kernel file (cgroup, sysctl): never creates, never truncates. */
int io_poke_at(int dirfd, const char *path, const char *value);

#endif
