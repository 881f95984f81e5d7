// SPDX-License-Identifier: GPL-2.0-or-later
/* The floor's mounts: the idmapped overlay, and the same mounts inside in number and kind. */
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* sys/mount.h contradicts linux/mount.h in glibc 2.36; fcntl.h has AT_RECURSIVE. */
int mount(const char *from, const char *to, const char *type, unsigned long flags, const void *data);
int umount2(const char *path, int flags);
#define DETACH 2

#define SAFE (MS_NOSUID | MS_NODEV | MS_NOEXEC)

static const char *const node_paths[] = { "/dev/null",	 "/dev/zero",	 "/dev/full",
					  "/dev/random", "/dev/urandom", "/dev/tty" };
#define NNODES (sizeof(node_paths) / sizeof(node_paths[0]))

static const struct {
	const char *type, *path, *data;
	unsigned long flags;
} mounts[] = {
	{ "proc", "/proc", "", SAFE },
	{ "sysfs", "/sys", "", SAFE | MS_RDONLY },
	{ "cgroup2", "/sys/fs/cgroup", "", SAFE },
	{ "tmpfs", "/dev", "mode=755,size=4m", MS_NOSUID },
	{ "tmpfs", "/dev/shm", "mode=1777", MS_NOSUID | MS_NODEV },
	{ "tmpfs", "/run", "mode=755", MS_NOSUID | MS_NODEV },
	{ "devpts", "/dev/pts", "newinstance,gid=5,mode=620,ptmxmode=666", MS_NOSUID | MS_NOEXEC },
};

static const char *const hidden[] = {
	"/proc/kcore",	    "/proc/keys",	   "/proc/latency_stats",    "/proc/timer_list",
	"/proc/timer_stats", "/proc/sched_debug", "/proc/kpagecount",	     "/proc/kpageflags",
	"/proc/kpagecgroup", "/proc/vmallocinfo",  "/proc/slabinfo",	     "/proc/acpi",
	"/proc/scsi",	    "/sys/firmware",	   "/sys/devices/virtual/powercap",
	"/sys/kernel/debug", "/sys/kernel/tracing", "/sys/kernel/security",  "/sys/fs/pstore",
};

static const char *const read_only[] = { "/proc/bus", "/proc/fs", "/proc/irq",
					 "/proc/sysrq-trigger" };

static const char *const links[][2] = {
	{ "pts/ptmx", "/dev/ptmx" },	     { "/proc/self/fd", "/dev/fd" },
	{ "/proc/self/fd/0", "/dev/stdin" }, { "/proc/self/fd/1", "/dev/stdout" },
	{ "/proc/self/fd/2", "/dev/stderr" }, { "pts/0", "/dev/console" },
};

static int tree(const char *path, unsigned int flags)
{
	return floor_check(syscall(SYS_open_tree, AT_FDCWD, path,
				   OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags), path);
}

static void attach(int fd, const char *path)
{
	floor_check(syscall(SYS_move_mount, fd, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH), path);
	close(fd);
}

int floor_nodes(int *fds, size_t max)
{
	size_t n = NNODES < max ? NNODES : max;

	for (size_t i = 0; i < n; i++)
		fds[i] = tree(node_paths[i], 0);
	return (int)n;
}

static int idmapped(const char *path, int userns)
{
	struct mount_attr a = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)userns };
	int fd = tree(path, 0);

	floor_check(syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH, &a, sizeof(a)), path);
	return fd;
}

static void option(int fs, unsigned int cmd, const char *key, const char *value, int fd)
{
	floor_check(syscall(SYS_fsconfig, fs, cmd, key, value, fd), key ? key : "overlay");
}

/* Overlay acts with its mounter's ids to the file systems, which must be ones of the map. */
static void become(uint32_t id)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2];

	setfsgid(id);
	setfsuid(id);
	floor_check(syscall(SYS_capget, &h, d), "capget");
	d[0].effective = d[0].permitted;
	d[1].effective = d[1].permitted;
	floor_check(syscall(SYS_capset, &h, d), "capset");
}

/* Layers that are mounted nowhere need Linux 6.15. */
int floor_overlay(const struct floor *f, int userns)
{
	int lower = idmapped(f->lower, userns), area = idmapped(f->area, userns), fs, m;
	int upper = floor_check(openat(area, "upper", O_PATH | O_DIRECTORY | O_CLOEXEC), "upper");
	int work = floor_check(openat(area, "work", O_PATH | O_DIRECTORY | O_CLOEXEC), "work");

	become(f->base);
	fs = floor_check(syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC), "overlay");
	option(fs, FSCONFIG_SET_FD, "lowerdir+", NULL, lower);
	option(fs, FSCONFIG_SET_FD, "upperdir", NULL, upper);
	option(fs, FSCONFIG_SET_FD, "workdir", NULL, work);
	option(fs, FSCONFIG_SET_STRING, "redirect_dir", "on", 0);
	option(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	m = floor_check(syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NODEV), "overlay");
	become(0);
	attach(m, f->root);
	return tree(f->root, 0);
}

static void mask(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return;
	if (S_ISDIR(st.st_mode))
		floor_check(mount("tmpfs", path, "tmpfs", SAFE | MS_RDONLY, "size=0,mode=000"), path);
	else
		floor_check(mount("/dev/null", path, NULL, MS_BIND, NULL), path);
}

static void protect(const char *path)
{
	if (mount(path, path, NULL, MS_BIND | MS_REC, NULL) < 0)
		return;
	floor_check(mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | SAFE, NULL), path);
}

static void devices(const int *nodes)
{
	for (size_t i = 0; i < NNODES; i++) {
		close(floor_check(open(node_paths[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0644),
				  node_paths[i]));
		attach(nodes[i], node_paths[i]);
	}
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		floor_check(symlink(links[i][0], links[i][1]), links[i][1]);
}

/* The master stays open in the VPS, as a process outside would hold it. */
static void console(void)
{
	int master = floor_check(open("/dev/ptmx", O_RDWR | O_NOCTTY), "ptmx"), zero = 0, slave;

	floor_check(ioctl(master, TIOCSPTLCK, &zero), "ptmx");
	slave = floor_check(open("/dev/pts/0", O_RDWR | O_NOCTTY | O_CLOEXEC), "pts");
	for (int i = 0; i < 3; i++)
		dup2(slave, i);
}

void floor_inside(const struct floor *f, int root, const int *nodes)
{
	int fd;

	floor_check(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "/");
	attach(root, f->root);
	floor_check(chdir(f->root), f->root);
	floor_check(syscall(SYS_pivot_root, ".", "."), "pivot_root");
	floor_check(syscall(SYS_setgroups, 0, NULL), "setgroups");
	floor_check(syscall(SYS_setresgid, 0, 0, 0), "setresgid");
	floor_check(syscall(SYS_setresuid, 0, 0, 0), "setresuid");
	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		if (strncmp(mounts[i].path, "/dev/", 5) == 0)
			floor_check(mkdir(mounts[i].path, 0755), mounts[i].path);
		floor_check(mount(mounts[i].type, mounts[i].path, mounts[i].type, mounts[i].flags,
				  mounts[i].data), mounts[i].path);
	}
	devices(nodes);
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		mask(hidden[i]);
	for (size_t i = 0; i < sizeof(read_only) / sizeof(read_only[0]); i++)
		protect(read_only[i]);
	floor_check(umount2(".", DETACH), "old root");
	floor_check(chdir("/"), "/");
	floor_check(sethostname("floor", 5), "hostname");
	fd = floor_check(open("/proc/sys/net/ipv4/ping_group_range", O_WRONLY | O_CLOEXEC), "sysctl");
	floor_check(write(fd, "0 65535", 7), "sysctl");
	close(fd);
	console();
}
