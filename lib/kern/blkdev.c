/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a file to the disks below it, by /sys/dev/block; btrfs is asked itself. */
#include "kern/blkdev.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/num.h"

#define DEV_TEXT_MAX 64

static int parse_dev(char *text, struct kblk_dev *ret)
{
	char *colon = strchr(text, ':');
	struct kblk_dev d;

	text[strcspn(text, "\n")] = '\0';
	if (!colon)
		return -EINVAL;
	*colon = '\0';
	if (num_u32(text, &d.major) < 0 || num_u32(colon + 1, &d.minor) < 0)
		return -EINVAL;
	*ret = d;
	return 0;
}

/* A partition is no device of its own there: limits are set on its disk. */
static int whole(dev_t dev, struct kblk_dev *ret)
{
	_buf_ struct buf text = BUF_INIT;
	char path[96];
	int r;

	*ret = (struct kblk_dev){ major(dev), minor(dev) };
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/partition", major(dev), minor(dev));
	if (access(path, F_OK) < 0)
		return errno == ENOENT ? 0 : -errno;
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/../dev", major(dev), minor(dev));
	r = io_read_at(AT_FDCWD, path, DEV_TEXT_MAX, &text);
	return r < 0 ? r : parse_dev(text.data, ret);
}

static int add(dev_t dev, struct kblk_dev *list, size_t max, size_t *n)
{
	struct kblk_dev d;
	int r = whole(dev, &d);

	if (r < 0)
		return r;
	for (size_t i = 0; i < *n; i++)
		if (list[i].major == d.major && list[i].minor == d.minor)
			return 0;
	if (*n == max)
		return -E2BIG;
	list[(*n)++] = d;
	return 0;
}

/* The numbers of its devices have gaps after one was taken away. */
static int btrfs(int fd, struct kblk_dev *list, size_t max, size_t *n)
{
	struct btrfs_ioctl_fs_info_args fs = { 0 };
	int r = ioctl(fd, BTRFS_IOC_FS_INFO, &fs) < 0 ? -errno : 0;

	for (uint64_t id = 1; r == 0 && id <= fs.max_id; id++) {
		struct btrfs_ioctl_dev_info_args d = { .devid = id };
		struct stat st;

		if (ioctl(fd, BTRFS_IOC_DEV_INFO, &d) < 0)
			continue;
		d.path[sizeof(d.path) - 1] = '\0';
		if (stat((const char *)d.path, &st) == 0 && S_ISBLK(st.st_mode))
			r = add(st.st_rdev, list, max, n);
	}
	return r < 0 ? r : *n ? 0 : -EOPNOTSUPP;
}

int kblk_disks(const char *path, struct kblk_dev *ret, size_t max, size_t *ret_n)
{
	_fd_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || fstatfs(fd, &fs) < 0)
		return -errno;
	*ret_n = 0;
	if (fs.f_type == BTRFS_SUPER_MAGIC)
		return btrfs(fd, ret, max, ret_n);
	/* 0: made up by the kernel for a file system without a device. */
	return major(st.st_dev) == 0 ? -EOPNOTSUPP : add(st.st_dev, ret, max, ret_n);
}
