// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A folder or file of the node for a VPS. Its attributes must hold against the VPS's root, who may remount
 * what is in his namespace: the kernel locks them when a mount namespace is copied for another user
 * namespace (lock_mnt_tree(), mount_namespaces(7) "restrictions"), and a clone keeps the locks. So a helper
 * with our memory and descriptors, but mounts and ids of its own, goes that way and leaves us the clone.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "kern/mount.h"
#include "kern/sys.h"

#define HELPER_STACK 65536
/* Where the helper mounts it: everybody's to reach, without rights on folders. */
#define PLACE_DIR  "/dev"
#define PLACE_FILE "/dev/null"

struct helper {
	int tree;	    /* detached, with its attributes */
	const char *place;
	int userns, fd;	    /* fd: result, or -errno */
};

static int open_source(const char *path)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS };

	return ksys(syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how)));
}

static int clone_tree(int src, const struct kmnt_bind *b, int *ret_fd)
{
	struct mount_attr a = { .propagation = MS_PRIVATE };
	_fd_ int fd = ksys_open_tree(src, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH |
						      AT_NO_AUTOMOUNT);
	int r;

	if (fd < 0)
		return fd;
	a.attr_set = MOUNT_ATTR_NODEV | (b->ro ? MOUNT_ATTR_RDONLY : 0) |
		     (b->suid ? 0 : MOUNT_ATTR_NOSUID) | (b->noexec ? MOUNT_ATTR_NOEXEC : 0);
	r = ksys_mount_setattr(fd, 0, &a);
	if (r == 0 && b->map) {
		a = (struct mount_attr){ .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)b->userns_fd };
		r = ksys_mount_setattr(fd, 0, &a);
		/* EINVAL: the file system cannot; EPERM: what is mapped already is not mapped again. */
		if (r == -EINVAL || r == -EPERM)
			r = -EOPNOTSUPP;
	}
	if (r < 0)
		return r;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

static int lock_tree(struct helper *h)
{
	int r = ksys(unshare(CLONE_NEWNS));

	if (r == 0)
		r = ksys(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	if (r == 0)
		r = kmnt_attach(h->tree, h->place);
	if (r == 0)
		r = ksys(setns(h->userns, CLONE_NEWUSER));
	if (r == 0)
		r = ksys(unshare(CLONE_NEWNS));
	return r < 0 ? r : ksys_open_tree(AT_FDCWD, h->place, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
}

static int helper_main(void *arg)
{
	struct helper *h = arg;

	h->fd = lock_tree(h);
	return 0;
}

static int run_helper(struct helper *h)
{
	char *stack = mmap(NULL, HELPER_STACK, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	pid_t pid;
	int r;

	if (stack == MAP_FAILED)
		return -errno;
	pid = clone(helper_main, stack + HELPER_STACK, CLONE_VM | CLONE_VFORK | CLONE_FILES, h);
	r = pid < 0 ? -errno : 0;
	while (pid > 0 && waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		;
	munmap(stack, HELPER_STACK);
	return r < 0 ? r : h->fd;
}

int kmnt_bind(const struct kmnt_bind *b, int *ret_fd, bool *ret_dir)
{
	struct helper h = { .tree = -1, .userns = b->userns_fd, .fd = -EIO };
	_fd_ int src = open_source(b->path);
	struct stat st;
	int r;

	if (src < 0)
		return src;
	if (fstat(src, &st) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode) && !S_ISSOCK(st.st_mode))
		return -EMEDIUMTYPE;
	r = clone_tree(src, b, &h.tree);
	if (r < 0)
		return r;
	if (b->unlocked) {
		*ret_fd = h.tree;
	} else {
		h.place = S_ISDIR(st.st_mode) ? PLACE_DIR : PLACE_FILE;
		r = run_helper(&h);
		close(h.tree);
		if (r < 0)
			return r;
		*ret_fd = r;
	}
	*ret_dir = S_ISDIR(st.st_mode);
	return 0;
}

int kmnt_same_file(const char *path, int fd)
{
	_fd_ int src = open_source(path);
	struct statx a, b;

	if (src < 0)
		return src;
	if (statx(src, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT, STATX_INO, &a) < 0 ||
	    statx(fd, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT, STATX_INO, &b) < 0)
		return -errno;
	return a.stx_ino == b.stx_ino && a.stx_dev_major == b.stx_dev_major &&
	       a.stx_dev_minor == b.stx_dev_minor && (b.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}
