/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Live figures of a group. What cannot be read stays UINT64_MAX. */
#include "cgroup/cg_int.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
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
	get_key(fd, "memory.oom_control", "oom_kill", &s->oom_kill); /* Linux 4.13 */
	/* That generation counts nothing else: whoever ran out of memory was killed. */
	s->mem_oom = s->oom_kill;
	get(fd, "memory.kmem.usage_in_bytes", &s->kmem);
	get(fd, "memory.kmem.max_usage_in_bytes", &s->kmem_peak);
	get(fd, "memory.kmem.tcp.usage_in_bytes", &s->sock);
	if (cgfs_get(fd, "memory.stat", text, sizeof(text)) < 0)
		return;
	(void)cgfs_find_key(text, "total_swap", &s->swap);
	(void)cgfs_find_key(text, "total_shmem", &s->shmem);
	(void)cgfs_find_key(text, "total_unevictable", &s->locked);
	(void)cgfs_find_key(text, "total_rss", &s->anon);
}

/* Linux 5.18 has the sum. */
static void kernel_memory(const char *text, struct cg_stat *s)
{
	static const char *const parts[] = { "slab", "kernel_stack", "pagetables", "percpu" };
	uint64_t v, sum = 0;
	bool any = false;

	if (cgfs_find_key(text, "kernel", &s->kmem) == 0)
		return;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (cgfs_find_key(text, parts[i], &v) < 0)
			continue;
		sum += v;
		any = true;
	}
	if (any)
		s->kmem = sum;
}

static void memory2(int fd, struct cg_stat *s)
{
	char text[STAT_MAX];
	uint64_t high;

	get(fd, "memory.current", &s->mem);
	get(fd, "memory.peak", &s->mem_peak);
	get(fd, "memory.max", &s->mem_max);
	if (cgfs_get(fd, "memory.events", text, sizeof(text)) == 0) {
		(void)cgfs_find_key(text, "max", &s->mem_fail);
		/* Most of the time it is held there, see cg_knob.c. */
		if (cgfs_find_key(text, "high", &high) == 0 && s->mem_fail != UINT64_MAX)
			s->mem_fail += high;
		(void)cgfs_find_key(text, "oom", &s->mem_oom);
		(void)cgfs_find_key(text, "oom_kill", &s->oom_kill);
	}
	get(fd, "memory.swap.current", &s->swap);
	get(fd, "memory.swap.peak", &s->swap_peak); /* Linux 6.5 */
	get(fd, "memory.swap.max", &s->swap_max);
	get_key(fd, "memory.swap.events", "fail", &s->swap_fail);
	if (cgfs_get(fd, "memory.stat", text, sizeof(text)) < 0)
		return;
	kernel_memory(text, s);
	(void)cgfs_find_key(text, "anon", &s->anon);
	(void)cgfs_find_key(text, "slab_reclaimable", &s->dcache);
	(void)cgfs_find_key(text, "sock", &s->sock);
	(void)cgfs_find_key(text, "shmem", &s->shmem);
	(void)cgfs_find_key(text, "unevictable", &s->locked);
}

static void cpu_time(struct cg *cg, uint64_t *ret)
{
	uint64_t ns;
	int fd, gen;

	if (cg_ctl_fd(cg, CTL_CPUACCT, &fd, &gen) == 0 &&
	    cgfs_get_u64(fd, "cpuacct.usage", &ns) == 0)
		*ret = ns / 1000;
	else if (cg->host->unified >= 0 && cg_fd(cg, cg->host->unified, &fd) == 0)
		get_key(fd, "cpu.stat", "usage_usec", ret);
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
	cpu_time(cg, &s.cpu_usec);
	*ret = s;
	return 0;
}

int cg_cpus(struct cg *cg, char *out, size_t size)
{
	int fd, gen, r = cg_ctl_fd(cg, CTL_CPUSET, &fd, &gen);

	if (r < 0)
		return r;
	return cgfs_get(fd, gen == 1 ? "cpuset.effective_cpus" : "cpuset.cpus.effective", out, size);
}

int cg_pids(struct cg *cg, uint64_t *ret_tasks)
{
	int fd, gen, r = cg_ctl_fd(cg, CTL_PIDS, &fd, &gen);

	return r < 0 ? r : cgfs_get_u64(fd, "pids.current", ret_tasks);
}

/* "key=NUMBER" in one line; 0 when it is not there. */
static uint64_t value_in(const char *line, const char *key)
{
	const char *end = line + strcspn(line, "\n"), *p = strstr(line, key);
	uint64_t v;

	if (!p || p >= end)
		return 0;
	p += strlen(key);
	return vz_scan_u64(&p, &v) ? v : 0;
}

static void add_line(uint64_t *sum, uint64_t v)
{
	*sum = *sum == UINT64_MAX ? v : *sum + v;
}

/* "8:0 rbytes=1 wbytes=2 rios=3 wios=4 ...": one line for each device. */
static void io2(int fd, struct cg_flow *f)
{
	char text[STAT_MAX];

	if (cgfs_get(fd, "io.stat", text, sizeof(text)) < 0)
		return;
	f->io_read = f->io_write = f->io_reads = f->io_writes = 0;
	for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n') {
		f->io_read += value_in(p, " rbytes=");
		f->io_write += value_in(p, " wbytes=");
		f->io_reads += value_in(p, " rios=");
		f->io_writes += value_in(p, " wios=");
	}
}

/* "8:0 Read 1" ... "8:0 Total 3", "Total 3". */
static void io1(int fd, const char *file, uint64_t *reads, uint64_t *writes)
{
	char text[STAT_MAX];

	if (cgfs_get(fd, file, text, sizeof(text)) < 0)
		return;
	*reads = *writes = 0;
	for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n') {
		add_line(reads, value_in(p, " Read "));
		add_line(writes, value_in(p, " Write "));
	}
}

/* A line that begins with key: "some avg10=0.12 avg60=0.00 avg300=0.00 total=0"; total may be NULL. */
static void pressure_line(const char *p, const char *key, uint64_t *ret, uint64_t *total)
{
	uint64_t whole, part;

	if (!p || strncmp(p, key, strlen(key)) != 0)
		return;
	if (total)
		*total = value_in(p, " total=");
	p += strlen(key);
	if (vz_scan_u64(&p, &whole) && *p++ == '.' && vz_scan_u64(&p, &part))
		*ret = whole * 100 + part;
}

static void pressure(int fd, const char *file, uint64_t *some, uint64_t *full, uint64_t *total)
{
	char text[512];
	const char *second;

	if (cgfs_get(fd, file, text, sizeof(text)) < 0)
		return;
	pressure_line(text, "some avg10=", some, total);
	second = strchr(text, '\n');
	/* For cpu in a group since Linux 5.13. */
	pressure_line(second ? second + 1 : NULL, "full avg10=", full, NULL);
}

/* Of the limit in cpu.stat, which is in ns in the first generation. */
static void throttled(struct cg *cg, struct cg_flow *f)
{
	int fd, gen;

	if (cg_ctl_fd(cg, CTL_CPU, &fd, &gen) < 0)
		return;
	get_key(fd, "cpu.stat", gen == 1 ? "throttled_time" : "throttled_usec", &f->throttled_usec);
	if (gen == 1 && f->throttled_usec != UINT64_MAX)
		f->throttled_usec /= 1000;
}

/* Linux 5.9 tells anonymous pages from those of files; before that there is one figure. */
static void refaults(struct cg *cg, struct cg_flow *f)
{
	static const char *const keys[] = { "workingset_refault_anon", "workingset_refault_file",
					    "workingset_refault" };
	char text[STAT_MAX];
	int fd, gen;

	if (cg_ctl_fd(cg, CTL_MEMORY, &fd, &gen) < 0 ||
	    cgfs_get(fd, "memory.stat", text, sizeof(text)) < 0)
		return;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		uint64_t v;

		if (cgfs_find_key(text, keys[i], &v) == 0)
			add_line(&f->refaults, v);
	}
}

int cg_flow(struct cg *cg, struct cg_flow *ret)
{
	struct cg_flow f;
	int fd, gen;

	memset(&f, 0xff, sizeof(f));
	cpu_time(cg, &f.cpu_usec);
	if (cg_ctl_fd(cg, CTL_IO, &fd, &gen) == 0 && gen == 2) {
		io2(fd, &f);
	} else if (cg_ctl_fd(cg, CTL_IO, &fd, &gen) == 0) {
		io1(fd, "blkio.throttle.io_service_bytes_recursive", &f.io_read, &f.io_write);
		io1(fd, "blkio.throttle.io_serviced_recursive", &f.io_reads, &f.io_writes);
	}
	throttled(cg, &f);
	refaults(cg, &f);
	/* Every group of the second generation has these, whatever its controllers (Linux 5.2). */
	if (cg->host->unified >= 0 && cg_fd(cg, cg->host->unified, &fd) == 0) {
		pressure(fd, "cpu.pressure", &f.psi_cpu, &f.full_cpu, &f.total_cpu);
		pressure(fd, "memory.pressure", &f.psi_mem, &f.full_mem, &f.total_mem);
		pressure(fd, "io.pressure", &f.psi_io, &f.full_io, &f.total_io);
	}
	*ret = f;
	return 0;
}

void cg_host_psi(struct cg_flow *ret)
{
	_fd_ int fd = open("/proc/pressure", O_PATH | O_DIRECTORY | O_CLOEXEC);

	memset(ret, 0xff, sizeof(*ret));
	if (fd < 0)
		return;
	pressure(fd, "cpu", &ret->psi_cpu, &ret->full_cpu, &ret->total_cpu);
	pressure(fd, "memory", &ret->psi_mem, &ret->full_mem, &ret->total_mem);
	pressure(fd, "io", &ret->psi_io, &ret->full_io, &ret->total_io);
}
