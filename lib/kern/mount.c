// SPDX-License-Identifier: LGPL-2.1-or-later
/* Clone, map, attach and take down mounts; the overlay of a VPS. */
#include "kern/mount.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <linux/capability.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "kern/sys.h"

#define MAX_LOWER 64 /* the kernel's own limit is 500; a stack of templates is a handful */
#define HELPER_STACK 65536

/* A clone is a peer of what it was cloned from where that is shared, as everything is on a host with systemd:
 * what a VPS mounts on such a clone of /dev/null would appear on the host's, mount_namespaces(7). */
static int clone_as(const char *path, struct mount_attr *a, int *ret_fd)
{
	_fd_ int fd = ksys_open_tree(AT_FDCWD, path,
				     OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_NO_AUTOMOUNT);
	int r;

	if (fd < 0)
		return fd;
	a->propagation = MS_PRIVATE;
	r = ksys_mount_setattr(fd, 0, a);
	if (r < 0)
		return r;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int kmnt_clone(const char *path, int *ret_fd)
{
	return clone_as(path, &(struct mount_attr){ 0 }, ret_fd);
}

int kmnt_idmapped(const char *path, int userns_fd, int *ret_fd)
{
	struct mount_attr a = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)userns_fd };

	return clone_as(path, &a, ret_fd);
}

int kmnt_attach(int mount_fd, const char *target)
{
	return ksys_move_mount(mount_fd, AT_FDCWD, target);
}

bool kmnt_is_mount_point(const char *path)
{
	struct statx st;

	return statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &st) == 0 &&
	       (st.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

int kmnt_detach_one(const char *path)
{
	return ksys(umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW));
}

/*
 * The overlay is made by a helper that shares our memory and descriptors but has credentials and a
 * mount namespace of its own:
 * - overlay works with its mounter's file system ids, and uid 0 has no place in the layers' map: the
 *   mounter must be the VPS's root to file systems, with its capabilities raised again (setfsuid drops
 *   them). A library must not do that to its caller's thread.
 * - the idmapped clones must be attached somewhere in the mounter's namespace: before Linux 6.15
 *   overlay refuses detached layers. They lie in a tmpfs there and are named from it, because the VPS
 *   reads these names in its own mount table: they must not tell where the node keeps what.
 */
#define AREA  "area"
#define LOWER "%zu"

struct helper {
	const struct kmnt_overlay *o;
	const char *lowerdir;
	int fd;		  /* result: the mount, or -errno */
	const char *what; /* the part that failed */
};

static int raise_caps(void)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2];
	int r = ksys(syscall(SYS_capget, &h, d));

	if (r < 0)
		return r;
	d[0].effective = d[0].permitted;
	d[1].effective = d[1].permitted;
	return ksys(syscall(SYS_capset, &h, d));
}

static int attach_as(int fd, const char *name)
{
	int r = ksys(mkdir(name, 0755));

	return r < 0 ? r : kmnt_attach(fd, name);
}

/* All are cloned before the tmpfs covers one of them. */
static int helper_clones(struct helper *h, int *fds)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < h->o->nlower; i++) {
		h->what = h->o->lower[i];
		r = kmnt_idmapped(h->o->lower[i], h->o->userns_fd, &fds[i]);
	}
	if (r == 0) {
		h->what = h->o->area;
		r = kmnt_idmapped(h->o->area, h->o->userns_fd, &fds[h->o->nlower]);
	}
	if (r == 0)
		r = ksys(mount("vz", h->o->area, "tmpfs", 0, "size=64k,mode=755"));
	/* The folder of the helper alone: it is cloned without CLONE_FS. */
	return r == 0 ? ksys(syscall(SYS_chdir, h->o->area)) : r;
}

static int helper_layers(struct helper *h)
{
	int fds[MAX_LOWER + 1], r;
	char name[8];

	for (size_t i = 0; i <= h->o->nlower; i++)
		fds[i] = -1;
	h->what = "mount namespace";
	r = ksys(unshare(CLONE_NEWNS));
	if (r == 0)
		r = ksys(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	if (r == 0)
		r = helper_clones(h, fds);
	for (size_t i = 0; r == 0 && i <= h->o->nlower; i++) {
		snprintf(name, sizeof(name), LOWER, i);
		r = attach_as(fds[i], i < h->o->nlower ? name : AREA);
	}
	for (size_t i = 0; i <= h->o->nlower; i++)
		cleanup_fd(&fds[i]);
	return r;
}

static int helper_mount(struct helper *h)
{
	_fd_ int fs = -1;
	int r = helper_layers(h);

	if (r < 0)
		return r;
	h->what = "credentials";
	syscall(SYS_setfsgid, h->o->base);
	syscall(SYS_setfsuid, h->o->base);
	r = raise_caps();
	if (r < 0)
		return r;
	h->what = "overlay";
	fs = ksys_fsopen("overlay");
	if (fs < 0)
		return fs;
	(void)ksys_fsconfig(fs, FSCONFIG_SET_STRING, "source", "vz");
	r = ksys_fsconfig(fs, FSCONFIG_SET_STRING, "lowerdir", h->lowerdir);
	if (r == 0)
		r = ksys_fsconfig(fs, FSCONFIG_SET_STRING, "upperdir", AREA "/upper");
	if (r == 0)
		r = ksys_fsconfig(fs, FSCONFIG_SET_STRING, "workdir", AREA "/work");
	/* Without it a folder of the template cannot be renamed (EXDEV). Safe: trusted.* attributes are
	 * out of the VPS's reach. */
	if (r == 0)
		r = ksys_fsconfig(fs, FSCONFIG_SET_STRING, "redirect_dir", "on");
	/* Layers on two file systems: else folders get numbers from 2 on, as in a tmpfs, and CRIU, which
	 * compares numbers alone, takes "/" for something below /run. */
	if (r == 0)
		r = ksys_fsconfig(fs, FSCONFIG_SET_STRING, "xino", "auto");
	if (r == 0)
		r = ksys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL);
	return r < 0 ? r : ksys_fsmount(fs, MOUNT_ATTR_NODEV);
}

static int helper_main(void *arg)
{
	struct helper *h = arg;

	h->fd = helper_mount(h);
	return 0;
}

static int join_lowers(const char *const *lower, size_t n, struct buf *out)
{
	if (!n || n > MAX_LOWER)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		if (strpbrk(lower[i], ":,\\"))
			return -EINVAL; /* they would need quoting, differently in each kernel */
		buf_printf(out, "%s%s", i ? ":" : "", lower[i]);
	}
	return out->failed ? -ENOMEM : 0;
}

int kmnt_view(const char *const *lower, size_t nlower, int *ret_fd)
{
	_buf_ struct buf paths = BUF_INIT;
	_fd_ int fs = -1;
	int r = join_lowers(lower, nlower, &paths);

	if (r < 0)
		return r;
	fs = ksys_fsopen("overlay");
	if (fs < 0)
		return fs;
	r = ksys_fsconfig(fs, FSCONFIG_SET_STRING, "lowerdir", buf_str(&paths));
	if (r == 0)
		r = ksys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL);
	if (r == 0)
		r = ksys_fsmount(fs, MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID | MOUNT_ATTR_RDONLY);
	if (r < 0)
		return r;
	*ret_fd = r;
	return 0;
}

int kmnt_overlay(const struct kmnt_overlay *o, int *ret_fd, const char **ret_what)
{
	_buf_ struct buf lower = BUF_INIT;
	struct helper h = { .o = o, .fd = -EIO, .what = "layers" };
	char *stack;
	pid_t pid;
	int r = o->nlower && o->nlower <= MAX_LOWER ? 0 : -EINVAL;

	for (size_t i = 0; i < o->nlower; i++)
		buf_printf(&lower, "%s" LOWER, i ? ":" : "", i);
	if (lower.failed)
		r = -ENOMEM;
	if (ret_what)
		*ret_what = h.what;
	if (r < 0)
		return r;
	h.lowerdir = buf_str(&lower);
	stack = mmap(NULL, HELPER_STACK, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (stack == MAP_FAILED)
		return -errno;
	pid = clone(helper_main, stack + HELPER_STACK, CLONE_VM | CLONE_VFORK | CLONE_FILES, &h);
	r = pid < 0 ? -errno : 0;
	while (pid > 0 && waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		;
	munmap(stack, HELPER_STACK);
	if (ret_what)
		*ret_what = h.what;
	if (r < 0 || h.fd < 0)
		return r < 0 ? r : h.fd;
	*ret_fd = h.fd;
	return 0;
}
