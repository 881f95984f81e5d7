// SPDX-License-Identifier: LGPL-2.1-or-later
/* Public entry points that add up: the node, one VPS against it, files of beancounters. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <vz/account.h>
#include <vz/vz.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "base/str.h"
#include "ct/ct.h"
#include "param/check.h"
#include "param/param.h"

#define PROC_MAX  (4u << 20)
#define UBC_MAX	  (16u << 20)
#define DEF_UNITS 1000

/* ---- the node ---- */

static int read_proc(const char *path, struct buf *out, struct vz_err *e)
{
	int r = io_read_at(AT_FDCWD, path, PROC_MAX, out);

	return r < 0 ? err_sys(e, VZ_E_SYS, r, "cannot read '%s'", path) : 0;
}

/* "Key:   123 kB" of /proc/meminfo, in bytes; 0 when there is none. */
static uint64_t meminfo(const char *text, const char *key)
{
	size_t len = strlen(key);

	for (const char *p = text; p && *p; p = strchr(p, '\n'), p = p ? p + 1 : NULL) {
		uint64_t v = 0;

		if (strncmp(p, key, len) != 0 || p[len] != ':')
			continue;
		for (p += len + 1; *p == ' '; p++)
			;
		for (; *p >= '0' && *p <= '9'; p++)
			v = v * 10 + (uint64_t)(*p - '0');
		return v * 1024;
	}
	return 0;
}

/* Sum over all processors, in hundredths; the word is "bogomips" or "BogoMIPS". */
static uint64_t bogomips(const char *text, uint32_t *ret_cpus)
{
	uint64_t sum = 0;
	uint32_t n = 0;

	for (const char *p = text; p && *p; p = strchr(p, '\n'), p = p ? p + 1 : NULL) {
		const char *colon;
		_free_ char *number = NULL;
		uint64_t v;

		if (strncasecmp(p, "bogomips", 8) != 0)
			continue;
		colon = strchr(p, ':');
		if (!colon)
			break;
		colon += strspn(colon, ": \t");
		number = strndup(colon, strcspn(colon, " \n"));
		if (!number || num_milli(number, &v) < 0)
			continue;
		sum += v / 10;
		n++;
	}
	*ret_cpus = n;
	return sum;
}

static uint64_t proc_number(const char *path)
{
	_buf_ struct buf b = BUF_INIT;
	uint64_t v;

	if (io_read_at(AT_FDCWD, path, 64, &b) < 0)
		return UINT64_MAX;
	if (b.len && b.data[b.len - 1] == '\n')
		b.data[--b.len] = '\0';
	return num_u64(buf_str(&b), &v) < 0 ? UINT64_MAX : v;
}

int vz_node_figures(struct vz_node_figures *ret, struct vz_err *e)
{
	_buf_ struct buf mem = BUF_INIT, cpu = BUF_INIT;
	struct vz_node_figures f = { .size = ret->size };
	uint64_t pids = proc_number("/proc/sys/kernel/pid_max");
	uint64_t threads = proc_number("/proc/sys/kernel/threads-max");
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	int r = read_proc("/proc/meminfo", &mem, e);

	if (r == 0)
		r = read_proc("/proc/cpuinfo", &cpu, e);
	if (r < 0)
		return r;
	f.ram = meminfo(buf_str(&mem), "MemTotal");
	f.ram_used = f.ram - meminfo(buf_str(&mem), "MemAvailable");
	f.swap = meminfo(buf_str(&mem), "SwapTotal");
	f.swap_used = f.swap - meminfo(buf_str(&mem), "SwapFree");
	f.tasks_max = pids < threads ? pids : threads;
	f.power = bogomips(buf_str(&cpu), &f.cpus) * 25 / 100;
	if (!f.ram)
		return err_set(e, VZ_E_SYS, -EIO, "/proc/meminfo does not tell how much memory there is");
	f.cpus = online > 0 ? (uint32_t)online : f.cpus;
	memcpy(ret, &f, f.size < sizeof(f) ? f.size : sizeof(f));
	return 0;
}

/* ---- one VPS ---- */

/* Sum of one half of several parameters; UINT64_MAX when none is set or one has no limit. */
static uint64_t sum_of(const struct vz_cfg *c, bool limit)
{
	const struct {
		enum vz_param p;
		const struct ubc *v;
	} parts[] = {
		{ VZ_P_KMEMSIZE, &c->kmemsize },	 { VZ_P_TCPSNDBUF, &c->tcpsndbuf },
		{ VZ_P_TCPRCVBUF, &c->tcprcvbuf },	 { VZ_P_OTHERSOCKBUF, &c->othersockbuf },
		{ VZ_P_DGRAMRCVBUF, &c->dgramrcvbuf },
	};
	uint64_t all = 0;
	bool any = false;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		uint64_t v = limit ? parts[i].v->lim : parts[i].v->bar;

		if (!cfg_has(c, parts[i].p))
			continue;
		if (v == VZ_UNLIMITED || __builtin_add_overflow(all, v, &all))
			return UINT64_MAX;
		any = true;
	}
	return any ? all : UINT64_MAX;
}

static uint64_t pages(uint64_t n)
{
	return n > UINT64_MAX / VZ_PAGE ? UINT64_MAX : n * VZ_PAGE;
}

static uint64_t plus(uint64_t a, uint64_t b)
{
	return a == UINT64_MAX || b == UINT64_MAX || a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t known(uint64_t v)
{
	return v == UINT64_MAX ? 0 : v;
}

static void from_config(const struct vz_cfg *c, struct vz_account *a)
{
	uint64_t ram, swap;

	cfg_memory(c, &ram, &swap);
	a->vswap = cfg_is_vswap(c);
	a->mem_max = pages(ram);
	a->swap_max = pages(swap);
	a->alloc_max = plus(a->mem_max, a->swap_max);
	a->kernel_promised = sum_of(c, false);
	/* It is counted as memory, so that it cannot exceed that. */
	a->kernel_max = sum_of(c, true);
	if (a->kernel_max > a->mem_max)
		a->kernel_max = a->mem_max;
	a->mem_promised = cfg_has(c, VZ_P_OOMGUARPAGES) ? pages(c->oomguarpages.bar) : UINT64_MAX;
	a->alloc_promised = cfg_has(c, VZ_P_VMGUARPAGES) ? pages(c->vmguarpages.bar) : UINT64_MAX;
	a->tasks_max = cfg_has(c, VZ_P_NUMPROC) ? c->numproc.lim : UINT64_MAX;
	a->cpuunits = cfg_has(c, VZ_P_CPUUNITS) ? c->cpuunits : DEF_UNITS;
}

int vz_ct_account(struct vz_ct *handle, struct vz_account *ret, struct vz_err *e)
{
	const struct ct *ct = (const struct ct *)handle;
	struct vz_account a = { .size = ret->size };
	_cfg_ struct vz_cfg *c = NULL;
	struct vz_figures f;

	if (cfg_copy(ct->cfg, &c) < 0)
		return err_nomem(e);
	cfg_derive(c);
	from_config(c, &a);
	a.running = ct_is_running(ct);
	if (a.running && vz_ct_figures(handle, false, &f) == 0) {
		a.mem = known(f.mem);
		a.swap = known(f.swap);
		a.kernel = known(f.kmem) + known(f.sock);
		a.tasks = known(f.tasks);
	}
	memcpy(ret, &a, a.size < sizeof(a) ? a.size : sizeof(a));
	return 0;
}

int vz_account_each(struct vz *vz, void (*fn)(void *arg, uint32_t id, const struct vz_account *a), void *arg,
		    struct vz_err *e)
{
	_free_ uint32_t *ids = NULL;
	size_t n = 0;
	int r = node_list(vz, &ids, &n, e);

	for (size_t i = 0; r == 0 && i < n; i++) {
		struct vz_account a = { .size = sizeof(a) };
		struct vz_err why = { 0 };
		struct ct *ct = NULL;

		if (ct_open(vz, ids[i], 0, &ct, &why) < 0) {
			log_msg(&vz->log, -1, "VPS %u is left out: %s", ids[i], why.text);
			continue;
		}
		r = vz_ct_account((struct vz_ct *)ct, &a, e);
		ct_close(ct);
		if (r == 0)
			fn(arg, ids[i], &a);
	}
	return r;
}

void vz_node_memory(const struct vz_node_figures *node, uint64_t ret[VZ_MEM_NCOLUMNS])
{
	for (int i = 0; i < VZ_MEM_NCOLUMNS; i++)
		ret[i] = i <= VZ_MEM_RAM_USED ? node->ram : plus(node->ram, node->swap);
}

void vz_account_memory(const struct vz_account *a, const struct vz_node_figures *node,
		       uint64_t ret[VZ_MEM_NCOLUMNS])
{
	uint64_t all[VZ_MEM_NCOLUMNS], *v = ret;

	vz_node_memory(node, all);
	v[VZ_MEM_LOW_USED] = a->kernel;
	v[VZ_MEM_LOW_MAX] = a->kernel_max;
	v[VZ_MEM_RAM_USED] = a->mem;
	v[VZ_MEM_BOTH_USED] = plus(a->mem, a->swap);
	/* Nothing said is nothing promised. */
	v[VZ_MEM_BOTH_PROMISED] = known(a->mem_promised);
	v[VZ_MEM_ALLOC_USED] = plus(a->mem, a->swap);
	v[VZ_MEM_ALLOC_PROMISED] = known(a->alloc_promised);
	v[VZ_MEM_ALLOC_MAX] = a->alloc_max;
	for (int i = 0; i < VZ_MEM_NCOLUMNS; i++)
		if (v[i] == UINT64_MAX)
			v[i] = all[i];
}

/* ---- files of beancounters ---- */

/* held and limit of one row; the largest long means without a limit. */
static int row_numbers(const struct strv *w, size_t at, uint64_t *held, uint64_t *limit)
{
	if (w->n < at + 5 || num_u64(w->v[at], held) < 0 || num_u64(w->v[at + 3], limit) < 0)
		return -EINVAL;
	if (*limit >= INT64_MAX || *limit == INT32_MAX)
		*limit = UINT64_MAX;
	return 0;
}

struct ubc_reader {
	void (*fn)(void *arg, const struct vz_sold *s);
	void *arg;
	struct vz_sold now;
	bool has_mem;
};

static void flush(struct ubc_reader *r)
{
	if (r->now.id && r->has_mem && r->now.mem_max != UINT64_MAX)
		r->fn(r->arg, &r->now);
	r->now = (struct vz_sold){ .swap_max = 0 };
	r->has_mem = false;
}

static int one_row(struct ubc_reader *r, char *line)
{
	_strv_ struct strv w = { 0 };
	uint64_t held, limit;
	size_t at = 1;

	if (strv_split(&w, line, " \t\r") < 0)
		return -ENOMEM;
	if (w.n == 0 || str_eq(w.v[0], "Version:") || str_eq(w.v[0], "uid"))
		return 0;
	if (str_has_suffix(w.v[0], ":")) {
		w.v[0][strlen(w.v[0]) - 1] = '\0';
		flush(r);
		if (num_u32(w.v[0], &r->now.id) < 0)
			return -EINVAL;
		at = 2;
	}
	if (w.n < at || (!str_eq(w.v[at - 1], "physpages") && !str_eq(w.v[at - 1], "swappages")))
		return w.n >= at + 5 ? 0 : -EINVAL;
	if (row_numbers(&w, at, &held, &limit) < 0)
		return -EINVAL;
	if (str_eq(w.v[at - 1], "physpages")) {
		r->has_mem = true;
		r->now.mem = pages(held);
		r->now.mem_max = pages(limit);
	} else {
		r->now.swap = pages(held);
		r->now.swap_max = pages(limit);
	}
	return 0;
}

int vz_beancounter_file(const char *path, void (*fn)(void *arg, const struct vz_sold *s), void *arg,
			struct vz_err *e)
{
	struct ubc_reader r = { .fn = fn, .arg = arg };
	_buf_ struct buf text = BUF_INIT;
	unsigned number = 0;
	int s = io_read_at(AT_FDCWD, path, UBC_MAX, &text);

	if (s < 0)
		return err_sys(e, VZ_E_SYS, s, "cannot read '%s'", path);
	if (text.len && memchr(text.data, 0, text.len))
		return err_set(e, VZ_E_BAD_CONF, -EINVAL, "'%s' has NUL bytes in it", path);
	for (char *p = text.data, *nl; p && *p; p = nl) {
		nl = strchrnul(p, '\n');
		number++;
		if (*nl)
			*nl++ = '\0';
		s = one_row(&r, p);
		if (s == -ENOMEM)
			return err_nomem(e);
		if (s < 0)
			return err_set(e, VZ_E_BAD_CONF, s, "'%s' line %u is no row of beancounters",
				       path, number);
	}
	flush(&r);
	return 0;
}
