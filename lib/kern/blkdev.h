/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which block devices a file lies on. Silent. */
#ifndef VZ_KERN_BLKDEV_H
#define VZ_KERN_BLKDEV_H

#include <stddef.h>

struct kblk_dev {
	unsigned int major, minor;
};

/*
 * The whole devices whose queues the file system of `path` hands its I/O to: the disk of a partition; a
 * mapped, a multiple or a loop device itself, since the kernel counts and holds back what enters its queue.
 * btrfs may have several. At most max; -E2BIG beyond. -EOPNOTSUPP: the file system has no block device, or
 * does not tell.
 */
int kblk_disks(const char *path, struct kblk_dev *ret, size_t max, size_t *ret_n);

#endif
