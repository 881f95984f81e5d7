/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Live figures of a group. What cannot be read stays UINT64_MAX. */
#include "cgroup/cg_int.h"

#include <errno.h>
#include <string.h>

#include "kern/cgfs.h"

enum { STAT_MAX = 16384 };

static void get(int fd, const char *file, uint64_t *ret)
{
	(void)cgfs_get_u64(fd, file, ret);
}

static void get_key(int fd, const char *file, const char *key, uint64_t *ret)
{
	(void)cgfs_get_key(fd, file, key, ret);
}

/* What the kernel gives as a sum of both, less the one that is known. */
static uint64_t less(uint64_t sum, uint64_t part)
{
	return sum == UINT64_MAX || part == UINT64_MAX ? UINT64_MAX : sum > part ? sum - part : 0;
}

static void memory1(int fd, struct cg_stat *s)
{
	char text[STAT_MAX];
	uint64_t sum_max = UINT64_MAX;

	get(fd, "memory.usage_in_bytes", &s->mem);
	get(fd, "memory.max_usage_in_bytes", &s->mem_peak);
	get(fd, "memory.limit_in_bytes", &s->mem_max);
	get(fd, "memory.failcnt", &s->mem_fail);
	get(fd, "memory.memsw.limit_in_bytes", &sum_max);
	s->swap_max = less(sum_max, s->mem_max);
	get(fd, "memory.memsw.failcnt", &s->swap_fail);
	get(fd, "memory.kmem.usage_in_bytes", &s->kmem);
	get(fd, "memory.kmem.tcp.usage_in_bytes", &s->sock);
	if (cgfs_get(fd, "memory.stat", text, sizeof(text)) < 0)
		return;
	(void)cgfs_find_key(text, "total_swap", &s->swap);
	(void)cgfs_find_key(text, "total_shmem", &s->shmem);
	(void)cgfs_find_key(text, "total_unevictable", &s->locked);
}

static void memory2(int fd, struct cg_stat *s)
{
	char text[STAT_MAX];

	get(fd, "memory.current", &s->mem);
	get(fd, "memory.peak", &s->mem_peak);
	get(fd, "memory.max", &s->mem_max);
	get_key(fd, "memory.events", "max", &s->mem_fail);
	get(fd, "memory.swap.current", &s->swap);
	get(fd, "memory.swap.max", &s->swap_max);
	get_key(fd, "memory.swap.events", "fail", &s->swap_fail);
	if (cgfs_get(fd, "memory.stat", text, sizeof(text)) < 0)
		return;
	(void)cgfs_find_key(text, "kernel", &s->kmem);
	(void)cgfs_find_key(text, "sock", &s->sock);
	(void)cgfs_find_key(text, "shmem", &s->shmem);
	(void)cgfs_find_key(text, "unevictable", &s->locked);
}

static void cpu_time(struct cg *cg, struct cg_stat *s)
{
	uint64_t ns;
	int fd, gen;

	if (cg_ctl_fd(cg, CTL_CPUACCT, &fd, &gen) == 0 &&
	    cgfs_get_u64(fd, "cpuacct.usage", &ns) == 0)
		s->cpu_usec = ns / 1000;
	else if (cg->host->unified >= 0 && cg_fd(cg, cg->host->unified, &fd) == 0)
		get_key(fd, "cpu.stat", "usage_usec", &s->cpu_usec);
}

int cg_stat(struct cg *cg, struct cg_stat *ret)
{
	struct cg_stat s;
	int fd, gen;

	memset(&s, 0xff, sizeof(s));
	if (cg_ctl_fd(cg, CTL_MEMORY, &fd, &gen) == 0)
		(gen == 1 ? memory1 : memory2)(fd, &s);
	if (cg_ctl_fd(cg, CTL_PIDS, &fd, &gen) == 0) {
		get(fd, "pids.current", &s.pids);
		get(fd, "pids.peak", &s.pids_peak);
		get(fd, "pids.max", &s.pids_max);
		get_key(fd, "pids.events", "max", &s.pids_fail);
	}
	cpu_time(cg, &s);
	*ret = s;
	return 0;
}

int cg_pids(struct cg *cg, uint64_t *ret_tasks)
{
	int fd, gen, r = cg_ctl_fd(cg, CTL_PIDS, &fd, &gen);

	return r < 0 ? r : cgfs_get_u64(fd, "pids.current", ret_tasks);
}
