// SPDX-License-Identifier: GPL-2.0-or-later
/* The floor's control groups: the same groups in the same hierarchies, the same limits. */
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
	const char *ctl, *file, *value;
} limits1[] = {
	{ "devices", "devices.deny", "a" },
	{ "devices", "devices.allow", "c 1:3 rwm" },
	{ "devices", "devices.allow", "c 1:5 rwm" },
	{ "devices", "devices.allow", "c 1:7 rwm" },
	{ "devices", "devices.allow", "c 1:8 rwm" },
	{ "devices", "devices.allow", "c 1:9 rwm" },
	{ "devices", "devices.allow", "c 5:0 rw" },
	{ "devices", "devices.allow", "c 5:1 rw" },
	{ "devices", "devices.allow", "c 5:2 rw" },
	{ "devices", "devices.allow", "c 136:* rw" },
	{ "devices", "devices.allow", "c *:* m" },
	{ "devices", "devices.allow", "b *:* m" },
	{ "memory", "memory.limit_in_bytes", "536870912" },
	{ "memory", "memory.memsw.limit_in_bytes", "536870912" },
	{ "pids", "pids.max", "max" },
	{ "cpu", "cpu.shares", "1024" },
	{ "cpu", "cpu.cfs_quota_us", "-1" },
}, limits2[] = { /* without the device program: the floor is a little too low there */
	{ "memory", "memory.max", "536870912" },
	{ "memory", "memory.swap.max", "0" },
	{ "pids", "pids.max", "max" },
	{ "cpu", "cpu.weight", "100" },
	{ "cpu", "cpu.max", "max" },
	{ "", "cgroup.max.depth", "64" },
	{ "", "cgroup.max.descendants", "8192" },
};

static void put(int dir, const char *file, const char *value)
{
	int fd = openat(dir, file, O_WRONLY | O_CLOEXEC);

	/* What this host has not cannot be set by anybody. */
	if (fd < 0 && errno == ENOENT)
		return;
	floor_check(fd, file);
	floor_check(write(fd, value, strlen(value)), file);
	close(fd);
}

static void inherit(int from, int to, const char *file)
{
	char text[4096];
	int fd = floor_check(openat(from, file, O_RDONLY | O_CLOEXEC), file);
	int n = floor_check(read(fd, text, sizeof(text) - 1), file);

	close(fd);
	text[n] = '\0';
	put(to, file, text);
}

static int has(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = list; n && (p = strstr(p, word)); p += n)
		if ((p == list || p[-1] == ',') && (p[n] == ',' || p[n] == '\0'))
			return 1;
	return n == 0;
}

static int make(int dir, const char *name)
{
	if (mkdirat(dir, name, 0755) < 0 && errno != EEXIST)
		floor_die(name);
	return floor_check(openat(dir, name, O_PATH | O_DIRECTORY | O_CLOEXEC), name);
}

static void make1(const struct floor *f, struct floor_cg *g, const char *path)
{
	g->dir = make(g->root, path);
	if (has(g->ctls, "cpuset")) {
		int up = floor_check(openat(g->root, f->slice, O_PATH | O_CLOEXEC), f->slice);

		inherit(up, g->dir, "cpuset.cpus");
		inherit(up, g->dir, "cpuset.mems");
		close(up);
	}
	for (size_t i = 0; i < sizeof(limits1) / sizeof(limits1[0]); i++)
		if (has(g->ctls, limits1[i].ctl))
			put(g->dir, limits1[i].file, limits1[i].value);
	g->tasks = floor_check(openat(g->dir, "tasks", O_WRONLY | O_CLOEXEC), "tasks");
}

static void make2(struct floor *f, struct floor_cg *g, const char *path)
{
	static const char *const passed[] = { "memory", "io", "cpu", "pids", "cpuset" };
	static const char *const given[] = { "cgroup.procs", "cgroup.threads",
					     "cgroup.subtree_control" };
	char on[80] = "";

	g->dir = make(g->root, path);
	for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++)
		if (has(g->ctls, passed[i]))
			snprintf(on + strlen(on), sizeof(on) - strlen(on), "+%s ", passed[i]);
	if (on[0])
		put(g->dir, "cgroup.subtree_control", on);
	for (size_t i = 0; i < sizeof(limits2) / sizeof(limits2[0]); i++)
		if (has(g->ctls, limits2[i].ctl))
			put(g->dir, limits2[i].file, limits2[i].value);
	f->leaf = make(g->dir, "ve");
	floor_check(mkdirat(g->dir, "exec", 0755), "exec");
	floor_check(fchownat(f->leaf, "", f->base, f->base, AT_EMPTY_PATH), "ve");
	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++)
		floor_check(fchownat(f->leaf, given[i], f->base, f->base, 0), given[i]);
}

void floor_cgroups(struct floor *f)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", f->slice, f->id);
	for (size_t i = 0; i < f->ncg; i++) {
		if (f->cg[i].gen == 1)
			make1(f, &f->cg[i], path);
		else
			make2(f, &f->cg[i], path);
	}
}
