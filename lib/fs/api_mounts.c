// SPDX-License-Identifier: LGPL-2.1-or-later
/* What is mounted inside a VPS beside its root: three tables and the steps made from them. */
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "base/cleanup.h"
#include "fs/fs.h"
#include "plan/plan.h"

#define PTYS_MAX      1048576u	   /* NR_UNIX98_PTY_MAX */
#define SHM_PAGES_MAX (UINT64_C(1) << 40)
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
};

static const struct {
	const char *target, *path;
} links[] = {
	{ "pts/ptmx", "/dev/ptmx" },	{ "/proc/self/fd", "/dev/fd" },
	{ "/proc/self/fd/0", "/dev/stdin" }, { "/proc/self/fd/1", "/dev/stdout" },
	{ "/proc/self/fd/2", "/dev/stderr" },
};

/*
 * What tells of the machine and of who else is on it, and switches of the machine. Files that user namespaces
 * cannot open anyway are hidden all the same: their sizes and times speak. Root of the VPS can take all this off
 * again, and finds what the kernel gives to any user.
 */
static const char *const hidden[] = {
	"/proc/kcore",	     "/proc/keys",	 "/proc/latency_stats", "/proc/timer_list",
	"/proc/timer_stats", "/proc/sched_debug", "/proc/kpagecount",	"/proc/kpageflags",
	"/proc/kpagecgroup", "/proc/vmallocinfo", "/proc/slabinfo",	"/proc/acpi",
	"/proc/scsi",	     "/proc/buddyinfo",	 "/proc/bus",		"/proc/cmdline",
	"/proc/config.gz",   "/proc/consoles",	 "/proc/dma",		"/proc/fb",
	"/proc/fs",	     "/proc/interrupts", "/proc/iomem",		"/proc/ioports",
	"/proc/irq",	     "/proc/kallsyms",	 "/proc/key-users",	"/proc/mdstat",
	"/proc/misc",	     "/proc/modules",	 "/proc/mtrr",		"/proc/pagetypeinfo",
	"/proc/partitions",  "/proc/schedstat",	 "/proc/softirqs",	"/proc/zoneinfo",
	"/sys/firmware",     "/sys/kernel/debug", "/sys/kernel/tracing", "/sys/kernel/security",
	"/sys/kernel/slab",  "/sys/kernel/irq",	 "/sys/kernel/config",	"/sys/kernel/boot_params",
	"/sys/kernel/iommu_groups", "/sys/kernel/vmcoreinfo", "/sys/kernel/uevent_seqnum",
	"/sys/fs/bcache",    "/sys/fs/btrfs",	 "/sys/fs/erofs",	"/sys/fs/ext4",
	"/sys/fs/f2fs",	     "/sys/fs/pstore",	 "/sys/fs/resctrl",	"/sys/fs/xfs",
	"/sys/block",	     "/sys/bus",	 "/sys/dev",		"/sys/hypervisor",
	"/sys/module",	     "/sys/power",
};
static const char *const read_only[] = { "/proc/sysrq-trigger" };

/* Every kernel has it. Hidden first, its cover serves for the other folders: one tmpfs for all. */
#define COVER "/proc/driver"

/* Of these folders, whose content is another one on each machine, only this is left. */
#define STAGE "/dev/.vz-sys"
static const struct {
	const char *dir, *keep[2];
} pruned[] = {
	{ "/sys/class", { "net" } },
	{ "/sys/devices", { "virtual/net", "system/cpu" } },
};

void fs_plan_limits(struct plan *p, const struct fs_limits *l, bool again)
{
	unsigned long flags = again ? MS_REMOUNT : 0;
	char data[96];

	/* One of the terminals is the console. More than the kernel's maximum is refused by devpts. */
	snprintf(data, sizeof(data), "%sgid=5,mode=620,ptmxmode=666,max=%llu", again ? "" : "newinstance,",
		 (unsigned long long)(l->ptys < PTYS_MAX ? l->ptys + 1 : PTYS_MAX));
	PLAN(p, MOUNT, .s1 = "devpts", .s2 = "/dev/pts", .s3 = data,
	     .num = flags | MS_NOSUID | MS_NOEXEC);
	/* 50% is the default of tmpfs, of the node's memory; 0 would be "as much as one likes", tmpfs(5). A VPS
	 * that fills one with all that it has is out of memory, and init is what the kernel finds to kill. */
	if (l->shm_pages > SHM_PAGES_MAX && l->mem_pages > SHM_PAGES_MAX)
		snprintf(data, sizeof(data), "mode=1777,size=50%%");
	else if (l->shm_pages > SHM_PAGES_MAX)
		snprintf(data, sizeof(data), "mode=1777,size=%lluk",
			 (unsigned long long)l->mem_pages * 2 + 4);
	else
		snprintf(data, sizeof(data), "mode=1777,size=%lluk",
			 l->shm_pages ? (unsigned long long)l->shm_pages * 4 : 4ull);
	/* Not below what is in it (EINVAL): where the limit only follows from another one, it waits. */
	PLAN(p, MOUNT, .s1 = "tmpfs", .s2 = "/dev/shm", .s3 = data, .num = flags | MS_NOSUID | MS_NODEV,
	     .flags = again && l->shm_pages > SHM_PAGES_MAX ? PLAN_OPTIONAL : 0);
	/* A fifth, as systemd has it. */
	if (l->mem_pages > SHM_PAGES_MAX)
		snprintf(data, sizeof(data), "mode=755,size=20%%");
	else
		snprintf(data, sizeof(data), "mode=755,size=%lluk",
			 (unsigned long long)l->mem_pages * 4 / 5 + 4);
	PLAN(p, MOUNT, .s1 = "tmpfs", .s2 = "/run", .s3 = data, .num = flags | MS_NOSUID | MS_NODEV,
	     .flags = again ? PLAN_OPTIONAL : 0);
}

static void plan_devices(struct plan *p, const struct fs_nodes *nodes, const struct fs_limits *l)
{
	fs_plan_nodes(p, nodes);
	PLAN(p, MKDIR, .s1 = "/dev/pts", .num = 0755);
	PLAN(p, MKDIR, .s1 = "/dev/shm", .num = 0755);
	PLAN(p, MKDIR, .s1 = "/run", .num = 0755);
	fs_plan_limits(p, l, false);
	for (size_t i = 0; i < ARRAY_LEN(links); i++)
		PLAN(p, SYMLINK, .s1 = links[i].target, .s2 = links[i].path);
}

/* Folders on the way from dir to dir/path, and the last one. */
static void plan_folders(struct plan *p, const char *dir, const char *path)
{
	char at[64];

	for (size_t i = 1; i <= strlen(path); i++)
		if (path[i] == '/' || path[i] == '\0') {
			snprintf(at, sizeof(at), "%s/%.*s", dir, (int)i, path);
			PLAN(p, MKDIR, .s1 = at, .num = 0755);
		}
}

static void plan_prune(struct plan *p, const char *dir, const char *const *keep)
{
	char from[64], stage[32];

	PLAN(p, MKDIR, .s1 = STAGE, .num = 0700);
	for (size_t i = 0; i < 2 && keep[i]; i++) {
		snprintf(from, sizeof(from), "%s/%s", dir, keep[i]);
		snprintf(stage, sizeof(stage), STAGE "/%zu", i);
		PLAN(p, MKDIR, .s1 = stage, .num = 0700);
		PLAN(p, BIND, .s1 = from, .s2 = stage);
	}
	PLAN(p, MOUNT, .s1 = "tmpfs", .s2 = dir, .s3 = "mode=755,size=64k", .num = SAFE);
	for (size_t i = 0; i < 2 && keep[i]; i++) {
		snprintf(from, sizeof(from), "%s/%s", dir, keep[i]);
		snprintf(stage, sizeof(stage), STAGE "/%zu", i);
		plan_folders(p, dir, keep[i]);
		PLAN(p, BIND, .s1 = stage, .s2 = from);
		PLAN(p, REMOVE, .s1 = stage);
	}
	PLAN(p, REMOVE, .s1 = STAGE);
}

void fs_plan_api(struct plan *p, const struct fs_nodes *nodes, bool nesting, bool prune,
		 const struct fs_limits *l)
{
	for (size_t i = 0; i < ARRAY_LEN(mounts); i++) {
		if (mounts[i].mode)
			PLAN(p, MKDIR, .s1 = mounts[i].path, .num = mounts[i].mode);
		PLAN(p, MOUNT, .s1 = mounts[i].type, .s2 = mounts[i].path, .s3 = mounts[i].data,
		     .num = mounts[i].flags);
	}
	plan_devices(p, nodes, l);
	if (!nesting)
		PLAN(p, MASK, .s1 = COVER);
	for (size_t i = 0; !nesting && i < ARRAY_LEN(hidden); i++)
		PLAN(p, MASK, .s1 = hidden[i], .s2 = COVER);
	for (size_t i = 0; prune && !nesting && i < ARRAY_LEN(pruned); i++)
		plan_prune(p, pruned[i].dir, pruned[i].keep);
	for (size_t i = 0; !nesting && i < ARRAY_LEN(read_only); i++)
		PLAN(p, READONLY, .s1 = read_only[i]);
	/* On what is left: below a cover nobody could take it away again. */
	fs_plan_view(p, &nodes->view);
}
