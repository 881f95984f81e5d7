/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* System calls that glibc 2.36 lacks or whose headers contradict its own. Silent: -errno. */
#ifndef VZ_KERN_SYS_H
#define VZ_KERN_SYS_H

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static inline int ksys(long r)
{
	return r < 0 ? -errno : (int)r;
}

static inline int ksys_clone3(struct clone_args *a)
{
	return ksys(syscall(SYS_clone3, a, sizeof(*a)));
}

static inline int ksys_pidfd_open(pid_t pid)
{
	return ksys(syscall(SYS_pidfd_open, pid, 0));
}

static inline int ksys_pidfd_signal(int fd, int sig)
{
	return ksys(syscall(SYS_pidfd_send_signal, fd, sig, NULL, 0));
}

static inline int ksys_open_tree(int dirfd, const char *path, unsigned int flags)
{
	return ksys(syscall(SYS_open_tree, dirfd, path, flags));
}

static inline int ksys_move_mount(int from, int todir, const char *to)
{
	return ksys(syscall(SYS_move_mount, from, "", todir, to, MOVE_MOUNT_F_EMPTY_PATH));
}

static inline int ksys_mount_setattr(int fd, unsigned int flags, struct mount_attr *a)
{
	return ksys(syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH | flags, a, sizeof(*a)));
}

static inline int ksys_fsopen(const char *type)
{
	return ksys(syscall(SYS_fsopen, type, FSOPEN_CLOEXEC));
}

static inline int ksys_fsconfig(int fd, unsigned int cmd, const char *key, const char *value)
{
	return ksys(syscall(SYS_fsconfig, fd, cmd, key, value, 0));
}

static inline int ksys_fsmount(int fd, unsigned int attrs)
{
	return ksys(syscall(SYS_fsmount, fd, FSMOUNT_CLOEXEC, attrs));
}

static inline int ksys_close_range(unsigned int from, unsigned int to)
{
	return ksys(syscall(SYS_close_range, from, to, 0));
}

#endif
