// SPDX-License-Identifier: LGPL-2.1-or-later
/* Public entry points: counters of what flows. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <vz/stat.h>
#include <vz/text.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "cgroup/cg.h"
#include "ct/ct.h"
#include "kern/kproc.h"
#include "kern/numlist.h"
#include "param/check.h"
#include "param/param.h"

enum { DEV_MAX = 1 << 24, PROC_MAX = 1 << 20, USEC_PER_TICK = 10000 };

struct link {
	char name[IFNAMSIZ];
	uint64_t in, in_packets, out, out_packets; /* as the node sees it */
};

struct vz_look {
	struct link *links; /* by name */
	size_t n;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_name(const void *a, const void *b)
{
	return strncmp(((const struct link *)a)->name, ((const struct link *)b)->name, IFNAMSIZ);
}

/* "  eth0: bytes packets errs drop fifo frame compressed multicast  bytes packets ..." */
static bool parse_link(const char *line, struct link *ret)
{
	const char *colon, *end = line + strcspn(line, "\n");

	line += strspn(line, " ");
	/* A name may have a colon in it, but the numbers have none. */
	colon = memrchr(line, ':', (size_t)(end - line));
	if (!colon || colon == line || colon - line >= IFNAMSIZ)
		return false;
	memset(ret, 0, sizeof(*ret));
	memcpy(ret->name, line, (size_t)(colon - line));
	colon++;
	return vz_scan_u64(&colon, &ret->in) && vz_scan_u64(&colon, &ret->in_packets) &&
	       vz_scan_skip_u64(&colon, 6, &ret->out) && vz_scan_u64(&colon, &ret->out_packets);
}

static int read_links(struct vz_look *l)
{
	_buf_ struct buf text = BUF_INIT;
	size_t size = 0;
	int r = io_read_at(AT_FDCWD, "/proc/thread-self/net/dev", DEV_MAX, &text);

	for (const char *p = buf_str(&text); r == 0 && *p; p += strcspn(p, "\n"), p += *p == '\n') {
		struct link one;

		if (!parse_link(p, &one))
			continue;
		if (l->n == size) {
			struct link *v = reallocarray(l->links, size = size ? size * 2 : 64, sizeof(*v));

			if (!v)
				return -ENOMEM;
			l->links = v;
		}
		l->links[l->n++] = one;
	}
	if (l->n)
		qsort(l->links, l->n, sizeof(*l->links), by_name);
	return r;
}

int vz_look_new(struct vz *vz, struct vz_look **ret, struct vz_err *e)
{
	struct vz_look *l = calloc(1, sizeof(*l));
	int r = l ? node_cgroups(vz, e) : -ENOMEM;

	if (r == 0)
		r = read_links(l);
	if (r < 0) {
		vz_look_free(l);
		return err_sys(e, VZ_E_SYS, r, "cannot look at the network devices of the node");
	}
	*ret = l;
	return 0;
}

void vz_look_free(struct vz_look *l)
{
	if (!l)
		return;
	free(l->links);
	free(l);
}

/* First one whose name is not before. */
static size_t place_of(const struct vz_look *l, const char *name)
{
	size_t from = 0, to = l->n;

	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (strncmp(l->links[mid].name, name, IFNAMSIZ) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

/* All links that begin so, or the one that is called so. */
static void add_links(const struct vz_look *l, const char *name, bool prefix, struct vz_stat *s)
{
	size_t len = strlen(name);

	for (size_t i = place_of(l, name); i < l->n; i++) {
		const struct link *k = &l->links[i];

		if (strncmp(k->name, name, prefix ? len : IFNAMSIZ) != 0)
			return;
		/* What comes in here went out there. */
		s->net_in += k->out;
		s->net_out += k->in;
		s->net_in_packets += k->out_packets;
		s->net_out_packets += k->in_packets;
	}
}

/* The node's ends of its links: "venet101", "veth101.0", and what NETIF calls otherwise. */
static void net_of(const struct vz_look *l, const struct ct *ct, struct vz_stat *s)
{
	static const char key[] = "host_ifname=";
	_free_ char *netif = NULL;
	char name[IFNAMSIZ], veth[IFNAMSIZ];

	s->net_in = s->net_out = s->net_in_packets = s->net_out_packets = 0;
	snprintf(name, sizeof(name), "venet%u", ct->id);
	add_links(l, name, false, s);
	snprintf(veth, sizeof(veth), "veth%u.", ct->id);
	add_links(l, veth, true, s);
	if (vz_cfg_get_text(ct->cfg, "NETIF", &netif, NULL) < 0)
		return;
	for (const char *p = netif; (p = strstr(p, key));) {
		size_t len = strcspn(p += sizeof(key) - 1, ",; ");

		if (!len || len >= sizeof(name) || strncmp(p, veth, strlen(veth)) == 0)
			continue;
		memcpy(name, p, len);
		name[len] = '\0';
		add_links(l, name, false, s);
	}
}

static uint64_t known(uint64_t v)
{
	return v == UINT64_MAX ? 0 : v;
}

static void cpus_of(struct ct *ct, uint64_t set[VZ_CPU_WORDS])
{
	_free_ struct knumlist *l = calloc(1, sizeof(*l));
	char text[4096];

	if (l && cg_cpus(ct->cg, text, sizeof(text)) == 0 && knumlist_parse(text, l) == 0)
		memcpy(set, l->w, VZ_CPU_WORDS * sizeof(*set));
}

int vz_look_ct(struct vz_look *l, struct vz_ct *handle, struct vz_stat *ret)
{
	struct ct *ct = (struct ct *)handle;
	struct vz_stat s = { .ctid = ct->id };
	struct cg_flow f;
	struct cg_stat c;
	int r = ct_is_running(ct) ? ct_cgroup(ct, NULL) : -ESRCH;

	if (r < 0)
		return r;
	cg_stat(ct->cg, &c);
	cg_flow(ct->cg, &f);
	s.when = now();
	s.uptime = s.when - (double)ct->st.init.start / 100;
	s.cpu_usec = f.cpu_usec;
	s.mem = c.mem;
	s.mem_max = c.mem_max;
	s.swap = c.swap;
	s.swap_max = c.swap_max;
	s.tasks = c.pids;
	s.tasks_max = c.pids_max;
	s.io_read = f.io_read;
	s.io_write = f.io_write;
	s.io_reads = f.io_reads;
	s.io_writes = f.io_writes;
	s.failcnt = known(c.pids_fail) + known(c.mem_oom) + known(c.swap_fail);
	s.pressure = (struct vz_pressure){ f.psi_cpu, f.psi_mem, f.psi_io };
	s.full = (struct vz_pressure){ f.full_cpu, f.full_mem, f.full_io };
	s.stalled = (struct vz_pressure){ f.total_cpu, f.total_mem, f.total_io };
	s.mem_peak = c.mem_peak;
	s.mem_fail = c.mem_fail;
	s.oom_kills = c.oom_kill;
	s.throttled_usec = f.throttled_usec;
	s.refaults = f.refaults;
	s.cpu_weight = cfg_has(ct->cfg, VZ_P_CPUUNITS) ? ct->cfg->cpuunits : 1000;
	s.cpu_limit = cfg_cpu_percent(ct->cfg);
	cpus_of(ct, s.cpu_set);
	net_of(l, ct, &s);
	*ret = s;
	return 0;
}

/* "TIME-ON-CPU TIME-WAITED TIMES", ns. Of the first thread: the others are folders of their own, too many files. */
int vz_ct_run_delay(struct vz_ct *handle, uint64_t *ret_usec)
{
	struct ct *ct = (struct ct *)handle;
	_fd_ int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	_free_ pid_t *v = NULL;
	uint64_t sum = 0, one;
	bool any = false;
	size_t n;
	int r = proc < 0 ? -errno : ct_is_running(ct) ? ct_cgroup(ct, NULL) : -ESRCH;

	if (r == 0)
		r = cg_procs(ct->cg, &v, &n);
	for (size_t i = 0; r == 0 && i < n; i++) {
		_fd_ int fd = -1;
		char text[128];
		const char *p = text;

		if (kproc_open(proc, v[i], &fd) < 0 ||
		    kproc_text(fd, "schedstat", text, sizeof(text)) < 0 || !vz_scan_skip_u64(&p, 1, &one))
			continue;
		sum += one / 1000;
		any = true;
	}
	if (r < 0)
		return r;
	*ret_usec = sum;
	return any ? 0 : -EOPNOTSUPP;
}

static uint64_t kib_of(const char *text, const char *key)
{
	uint64_t v;

	return vz_scan_key(text, key, &v) ? v * 1024 : 0;
}

/* proc_stat(5): user nice system idle iowait irq softirq steal, in ticks. */
static void cpu_of(const char *text, struct vz_node_stat *s)
{
	const char *at = text + strcspn(text, " ");
	uint64_t v[8] = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(v) && vz_scan_u64(&at, &v[i]); i++)
		;
	s->cpu_busy_usec = (v[0] + v[1] + v[2] + v[5] + v[6] + v[7]) * USEC_PER_TICK;
	for (const char *p = text; (p = strstr(p, "\ncpu")); p++)
		s->cpus++;
}

/* "0.52 0.48 0.40 1/234 5678" */
static void load_of(const char *p, struct vz_node_stat *s)
{
	for (size_t i = 0; i < ARRAY_LEN(s->load); i++) {
		uint64_t whole, part;

		if (!vz_scan_u64(&p, &whole) || *p++ != '.' || !vz_scan_u64(&p, &part))
			return;
		s->load[i] = (double)whole + (double)part / 100;
	}
}

int vz_node_stat(struct vz *vz, struct vz_node_stat *ret, struct vz_err *e)
{
	_buf_ struct buf stat = BUF_INIT, mem = BUF_INIT, load = BUF_INIT;
	struct vz_node_stat s = { .when = now() };
	struct cg_flow f;
	int r = io_read_at(AT_FDCWD, "/proc/stat", PROC_MAX, &stat);

	(void)vz;
	if (r == 0)
		r = io_read_at(AT_FDCWD, "/proc/meminfo", PROC_MAX, &mem);
	if (r == 0)
		r = io_read_at(AT_FDCWD, "/proc/loadavg", PROC_MAX, &load);
	if (r < 0)
		return err_sys(e, VZ_E_SYS, r, "cannot read the figures of the node in /proc");
	cpu_of(buf_str(&stat), &s);
	load_of(buf_str(&load), &s);
	s.mem = kib_of(buf_str(&mem), "MemTotal:");
	s.mem_free = kib_of(buf_str(&mem), "MemAvailable:");
	s.swap = kib_of(buf_str(&mem), "SwapTotal:");
	s.swap_free = kib_of(buf_str(&mem), "SwapFree:");
	cg_host_psi(&f);
	s.pressure = (struct vz_pressure){ f.psi_cpu, f.psi_mem, f.psi_io };
	s.full = (struct vz_pressure){ f.full_cpu, f.full_mem, f.full_io };
	s.stalled = (struct vz_pressure){ f.total_cpu, f.total_mem, f.total_io };
	*ret = s;
	return 0;
}
