/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A made-up host in a temporary folder, for both generations of control groups. Files there keep what was
 * written, so a check takes the content away. Making and removing groups needs a kernel: test_cg_host.c.
 */
#ifndef VZ_TEST_CG_FAKE_H
#define VZ_TEST_CG_FAKE_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vz/codes.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "cgroup/cg_int.h"
#include "tap.h"

#define V1_BASIC "tasks", "cgroup.procs"
#define V2_BASIC                                                                                   \
	"cgroup.procs", "cgroup.threads", "cgroup.subtree_control", "cgroup.max.depth",            \
		"cgroup.max.descendants", "cgroup.freeze", "cgroup.kill", "cgroup.events"

struct tree { /* one hierarchy: where, and the files of every group in it */
	const char *mount;
	int gen;
	const char *controllers; /* as JSON */
	const char *name;
	const char *files[32];
};

static const struct tree first[] __attribute__((unused)) = {
	{ "cg/memory", 1, "\"memory\"", "",
	  { V1_BASIC, "memory.limit_in_bytes", "memory.memsw.limit_in_bytes",
	    "memory.usage_in_bytes", "memory.max_usage_in_bytes", "memory.failcnt",
	    "memory.memsw.failcnt", "memory.kmem.usage_in_bytes", "memory.stat" } },
	{ "cg/cpu,cpuacct", 1, "\"cpu\", \"cpuacct\"", "",
	  { V1_BASIC, "cpu.shares", "cpu.cfs_quota_us", "cpu.cfs_period_us", "cpuacct.usage" } },
	{ "cg/cpuset", 1, "\"cpuset\"", "", { V1_BASIC, "cpuset.cpus", "cpuset.mems" } },
	{ "cg/pids", 1, "\"pids\"", "", { V1_BASIC, "pids.max", "pids.current", "pids.events" } },
	{ "cg/blkio", 1, "\"blkio\"", "", { V1_BASIC, "blkio.bfq.weight", "blkio.throttle.read_bps_device",
	    "blkio.throttle.write_bps_device", "blkio.throttle.read_iops_device",
	    "blkio.throttle.write_iops_device" } },
	{ "cg/devices", 1, "\"devices\"", "",
	  { V1_BASIC, "devices.list", "devices.allow", "devices.deny" } },
	{ "cg/freezer", 1, "\"freezer\"", "", { V1_BASIC, "freezer.state" } },
	{ "cg/systemd", 1, "", "systemd", { V1_BASIC } },
	{ 0 }
};

static const struct tree second[] __attribute__((unused)) = {
	{ "cg", 2, "\"cpu\", \"cpuset\", \"io\", \"memory\", \"pids\", \"hugetlb\"", "",
	  { V2_BASIC, "memory.max", "memory.high", "memory.swap.max", "memory.low", "memory.current",
	    "memory.events", "memory.stat", "cpu.weight", "cpu.max", "cpuset.cpus", "cpuset.mems",
	    "cpuset.cpus.effective", "cpuset.mems.effective", "io.max",
	    "io.weight", "io.bfq.weight", "pids.max", "pids.current", "cpu.stat" } },
	{ 0 }
};

static const struct tree hybrid[] __attribute__((unused)) = {
	{ "cg/memory", 1, "\"memory\"", "",
	  { V1_BASIC, "memory.limit_in_bytes", "memory.memsw.limit_in_bytes" } },
	{ "cg/unified", 2, "\"pids\"", "", { V2_BASIC, "pids.max", "pids.current" } },
	{ 0 }
};

struct fake {
	char dir[64];
	int fd;
	struct cg_host *host;
	struct cg *cg;
	struct vz_err e;
};

static inline void put(struct fake *f, const char *path, const char *text)
{
	_fd_ int fd = openat(f->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		TAP_BAD("cannot write %s", path);
}

/* What is in the file; it is empty after that. */
static inline const char *take(struct fake *f, const char *path)
{
	static char text[4096];
	_fd_ int fd = openat(f->fd, path, O_RDWR | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n < 0 || ftruncate(fd, 0) < 0)
		return "(none)";
	text[n] = 0;
	return text;
}

static inline void make_folder(struct fake *f, const char *path, const struct tree *t)
{
	char full[256];

	snprintf(full, sizeof(full), "%s/%s", f->dir, path);
	OK(path_mkdirs(full, 0755) == 0);
	for (size_t i = 0; t && t->files[i]; i++) {
		snprintf(full, sizeof(full), "%s/%s", path, t->files[i]);
		put(f, full, "");
	}
}

static inline void make_tree(struct fake *f, const struct tree *t)
{
	static const char *const groups[] = { "", "/vz", "/vz/101", "/vz/101/ve", "/vz/101/exec" };
	char path[128];

	for (size_t i = 0; i < (t->gen == 2 ? 5 : 3); i++) {
		snprintf(path, sizeof(path), "%s%s", t->mount, groups[i]);
		make_folder(f, path, t);
	}
}

static inline void write_cache(struct fake *f, const struct tree *trees)
{
	_buf_ struct buf b = BUF_INIT;

	buf_puts(&b, "{\"version\":1,\"hierarchies\":[");
	for (const struct tree *t = trees; t->mount; t++)
		buf_printf(&b, "%s{\"mount\":\"/%s\",\"generation\":%d,\"controllers\":[%s],"
			       "\"name\":\"%s\"}", t == trees ? "" : ",", t->mount, t->gen,
			   t->controllers, t->name);
	buf_puts(&b, "]}");
	put(f, "cgroups.json", buf_str(&b));
}

static inline int open_host(struct fake *f)
{
	char cache[96];

	snprintf(cache, sizeof(cache), "%s/cgroups.json", f->dir);
	return cg_host_open(f->fd, cache, "vz", &f->host, &f->e);
}

static inline void fake_done(struct fake *f)
{
	if (!f->dir[0]) /* never begun */
		return;
	cg_free(f->cg);
	cg_host_free(f->host);
	if (f->fd >= 0)
		close(f->fd);
	path_remove_tree_at(AT_FDCWD, f->dir);
}
#define _fake_ _cleanup_(fake_done)

static inline void fake_begin(struct fake *f)
{
	snprintf(f->dir, sizeof(f->dir), "/tmp/vz-cg.XXXXXX");
	if (!mkdtemp(f->dir))
		exit(99);
	f->fd = open(f->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static inline int fake_host(struct fake *f, const struct tree *trees)
{
	fake_begin(f);
	for (const struct tree *t = trees; t->mount; t++)
		make_tree(f, t);
	write_cache(f, trees);
	return EQ(open_host(f), 0) && EQ(cg_open(f->host, "101", &f->cg, &f->e), 0);
}

static inline int set_num(struct fake *f, enum knob k, uint64_t v)
{
	return cg_set(f->cg, k, &(union knob_val){ .num = v }, &f->e);
}

static inline int set_mem(struct fake *f, uint64_t max, uint64_t swap)
{
	return cg_set(f->cg, KNOB_MEM, &(union knob_val){ .mem = { max, swap } }, &f->e);
}

static inline int set_text(struct fake *f, enum knob k, const char *v)
{
	return cg_set(f->cg, k, &(union knob_val){ .text = v }, &f->e);
}

#endif
