// SPDX-License-Identifier: LGPL-2.1-or-later
/* What is mounted inside a VPS beside its root: three tables and the steps made from them. */
#include <errno.h>
#include <stdio.h>
#include <sys/mount.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "fs/fs.h"
#include "kern/mount.h"
#include "plan/plan.h"

#define SAFE (MS_NOSUID | MS_NODEV | MS_NOEXEC)

/*
 * In this order. /sys is read-only, which also tells systemd and udev that there is no hardware here.
 * /proc/sys is not: what a user namespace may write there is the kernel's own business, and guests set
 * their net.* themselves. tmpfs is the VPS's own, so that the mount can be dumped with its content.
 */
static const struct api_mount {
	const char *type, *path, *data;
	unsigned long flags;
	mode_t mode; /* of the mount point, should it be missing */
} mounts[] = {
	{ "proc", "/proc", "", SAFE, 0555 },
	{ "sysfs", "/sys", "", SAFE | MS_RDONLY, 0555 },
	{ "cgroup2", "/sys/fs/cgroup", "", SAFE, 0 },
	{ "tmpfs", "/dev", "mode=755,size=4m", MS_NOSUID, 0755 },
	{ "tmpfs", "/dev/shm", "mode=1777", MS_NOSUID | MS_NODEV, 0755 },
	{ "tmpfs", "/run", "mode=755", MS_NOSUID | MS_NODEV, 0755 },
};

/* Every VPS has these; the kernel's own permissions hold on them, they are not its to make anew. */
static const char *const base_nodes[] = { "null", "zero", "full", "random", "urandom", "tty" };

static const struct {
	const char *target, *path;
} links[] = {
	{ "pts/ptmx", "/dev/ptmx" },	{ "/proc/self/fd", "/dev/fd" },
	{ "/proc/self/fd/0", "/dev/stdin" }, { "/proc/self/fd/1", "/dev/stdout" },
	{ "/proc/self/fd/2", "/dev/stderr" },
};

/* Host secrets and host switches. Files that user namespaces cannot open anyway are hidden all the
 * same: their sizes and times speak. */
static const char *const hidden[] = {
	"/proc/kcore",	    "/proc/keys",	   "/proc/latency_stats",    "/proc/timer_list",
	"/proc/timer_stats", "/proc/sched_debug", "/proc/kpagecount",	     "/proc/kpageflags",
	"/proc/kpagecgroup", "/proc/vmallocinfo",  "/proc/slabinfo",	     "/proc/acpi",
	"/proc/scsi",	    "/sys/firmware",	   "/sys/devices/virtual/powercap",
	"/sys/kernel/debug", "/sys/kernel/tracing", "/sys/kernel/security",  "/sys/fs/pstore",
};
static const char *const read_only[] = {
	"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sysrq-trigger",
};

int fs_nodes_open(const struct strv *more, struct fs_nodes *ret, struct vz_err *e)
{
	size_t nmore = more ? more->n : 0;

	*ret = (struct fs_nodes){ 0 };
	for (size_t i = 0; i < ARRAY_LEN(base_nodes) + nmore; i++) {
		const char *name = i < ARRAY_LEN(base_nodes) ? base_nodes[i] :
							       more->v[i - ARRAY_LEN(base_nodes)];
		char path[128];
		int r = ret->n < FS_NODES_MAX ? 0 : -E2BIG;

		if (r == 0 && (size_t)snprintf(path, sizeof(path), "/dev/%s", name) >= sizeof(path))
			r = -ENAMETOOLONG;
		if (r == 0)
			r = kmnt_clone(path, &ret->fd[ret->n]);
		if (r < 0) {
			fs_nodes_close(ret);
			return err_sys(e, VZ_E_DEVICES, r, "cannot take device '/dev/%s'", name);
		}
		ret->name[ret->n++] = name;
	}
	return 0;
}

void fs_nodes_close(struct fs_nodes *n)
{
	while (n->n)
		close(n->fd[--n->n]);
}

static void plan_devices(struct plan *p, const struct fs_nodes *nodes, uint64_t numpty)
{
	char path[128], data[80];

	for (unsigned int i = 0; i < nodes->n; i++) {
		const char *slash = strchr(nodes->name[i], '/');

		if (slash) {
			snprintf(path, sizeof(path), "/dev/%.*s", (int)(slash - nodes->name[i]),
				 nodes->name[i]);
			PLAN(p, MKDIR, .s1 = path, .num = 0755);
		}
		snprintf(path, sizeof(path), "/dev/%s", nodes->name[i]);
		PLAN(p, TOUCH, .s1 = path);
		PLAN(p, ATTACH, .s2 = path, .fd = nodes->fd[i], .role = nodes->name[i]);
	}
	PLAN(p, MKDIR, .s1 = "/dev/pts", .num = 0755);
	snprintf(data, sizeof(data), "newinstance,gid=5,mode=620,ptmxmode=666");
	/* More than the kernel has (NR_UNIX98_PTY_MAX) is no limit, but refused by devpts with EINVAL. */
	if (numpty && numpty <= 1u << 20)
		snprintf(data + strlen(data), sizeof(data) - strlen(data), ",max=%llu",
			 (unsigned long long)numpty);
	PLAN(p, MOUNT, .s1 = "devpts", .s2 = "/dev/pts", .s3 = data, .num = MS_NOSUID | MS_NOEXEC);
	for (size_t i = 0; i < ARRAY_LEN(links); i++)
		PLAN(p, SYMLINK, .s1 = links[i].target, .s2 = links[i].path);
}

void fs_plan_api(struct plan *p, const struct fs_nodes *nodes, bool nesting, uint64_t numpty)
{
	for (size_t i = 0; i < ARRAY_LEN(mounts); i++) {
		if (mounts[i].mode)
			PLAN(p, MKDIR, .s1 = mounts[i].path, .num = mounts[i].mode);
		PLAN(p, MOUNT, .s1 = mounts[i].type, .s2 = mounts[i].path, .s3 = mounts[i].data,
		     .num = mounts[i].flags);
	}
	plan_devices(p, nodes, numpty);
	for (size_t i = 0; !nesting && i < ARRAY_LEN(hidden); i++)
		PLAN(p, MASK, .s1 = hidden[i]);
	for (size_t i = 0; !nesting && i < ARRAY_LEN(read_only); i++)
		PLAN(p, READONLY, .s1 = read_only[i]);
}
