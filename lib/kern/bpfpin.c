/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names for maps. */
#include "kern/bpfpin.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/bpf.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"

#define ROOT "/sys/fs/bpf"
#define PIN_TRIES 100

int kbpf_pin_dir(const char *slice, char *out, size_t size)
{
	int n = snprintf(out, size, ROOT "/mainvz_%s", slice);

	if (n < 0 || (size_t)n >= size)
		return -ENAMETOOLONG;
	/* The kernel keeps names with a dot for itself. */
	for (char *p = out + sizeof(ROOT); *p; p++)
		if (*p == '.' || *p == '/')
			*p = '_';
	return 0;
}

bool kbpf_pins_are(void)
{
	struct statfs s;

	return statfs(ROOT, &s) == 0 && s.f_type == BPF_FS_MAGIC;
}

/* Two callers at once must not mount one over the other. */
static int mount_once(void)
{
	_fd_ int fd = open(ROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_EX) < 0)
		return -errno;
	if (kbpf_pins_are())
		return 0;
	return mount("bpf", ROOT, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") < 0 ? -errno : 0;
}

static int sys_pin(int cmd, const char *dir, const char *name, int fd)
{
	char path[PATH_MAX];
	union bpf_attr a;
	int n = snprintf(path, sizeof(path), "%s/%s", dir, name);
	long r;

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	memset(&a, 0, sizeof(a));
	/* Most have none where none can be made, and need not hear of it. */
	if (cmd == BPF_OBJ_GET && access(path, F_OK) < 0)
		return -errno;
	a.pathname = (uintptr_t)path;
	a.bpf_fd = (uint32_t)fd;
	r = syscall(SYS_bpf, cmd, &a, sizeof(a));
	return r < 0 ? -errno : (int)r;
}

int kbpf_pin(int map_fd, const char *dir, const char *name)
{
	int r = kbpf_pins_are() ? 0 : mount_once();

	if (r < 0)
		return r;
	/* Whoever takes the last name away takes the folder, too. */
	for (int i = 0; i < PIN_TRIES; i++) {
		if (mkdir(dir, 0700) < 0 && errno != EEXIST)
			return -errno;
		r = sys_pin(BPF_OBJ_PIN, dir, name, map_fd);
		if (r != -ENOENT)
			break;
	}
	return r;
}

int kbpf_pin_open(const char *dir, const char *name, int *ret_fd)
{
	int r = sys_pin(BPF_OBJ_GET, dir, name, 0);

	if (r < 0)
		return r;
	*ret_fd = r;
	return 0;
}

int kbpf_unpin(const char *dir, const char *name)
{
	_fd_ int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = fd < 0 || unlinkat(fd, name, 0) < 0 ? -errno : 0;

	if (r == 0)
		rmdir(dir); /* if it is empty */
	return r == -ENOENT ? 0 : r;
}
