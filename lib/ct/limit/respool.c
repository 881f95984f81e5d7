// SPDX-License-Identifier: LGPL-2.1-or-later
/* Resource pools: files, members, what is promised, and the door of each pool. */
#include "ct/limit/respool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/str.h"
#include "cgroup/cg.h"
#include "ct/ct.h"
#include "ct/stage.h"
#include "kern/blkdev.h"
#include "param/check.h"
#include "param/param.h"
#include "param/poolconf.h"

#define POOL_FILE_MAX 65536
#define LOCK_NAME     "pools.lck"
#define LOCK_WAIT_MS  20000
#define LOCK_POLL_MS  10
#define SUFFIX	      ".conf"

void pools_done(struct pools *p)
{
	free(p->v);
	free(p->member);
	*p = (struct pools){ 0 };
}

int pools_lock(struct vz *vz, struct lock *lock, struct vz_err *e)
{
	uint64_t end = clock_ms() + LOCK_WAIT_MS;
	pid_t holder = 0;
	int r;

	while ((r = lock_take(lock, vz->lockdir, LOCK_NAME, "pools", &holder)) == -EBUSY &&
	       clock_ms() < end)
		poll(NULL, 0, LOCK_POLL_MS);
	if (r == -EBUSY)
		return err_set(e, VZ_E_LOCKED, r, "the pools are locked by pid %d", holder);
	return r < 0 ? err_sys(e, VZ_E_LOCKED, r, "cannot lock the pools in '%s'", vz->lockdir) : 0;
}

/* ---- the tree ---- */

static int read_pool(struct pools *p, int dir, const char *file, struct vz_err *e)
{
	struct vz_pool one = { .borrow = true }, *v;
	_buf_ struct buf text = BUF_INIT;
	_free_ char *name = str_printf("%.*s", (int)(strlen(file) - strlen(SUFFIX)), file);
	int r;

	if (!name)
		return err_nomem(e);
	if (!pool_name_ok(name))
		return 0;
	memcpy(one.name, name, strlen(name) + 1);
	r = io_read_at(dir, file, POOL_FILE_MAX, &text);
	if (r < 0)
		return err_sys(e, VZ_E_BAD_CONF, r, "cannot read the file of pool '%s'", name);
	r = poolconf_parse(&one, buf_str(&text), text.len, e);
	if (r < 0)
		return r;
	v = reallocarray(p->v, p->n + 1, sizeof(*v));
	if (!v)
		return err_nomem(e);
	p->v = v;
	p->v[p->n++] = one;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct vz_pool *)a)->name, ((const struct vz_pool *)b)->name);
}

int pools_load(struct vz *vz, struct pools *ret, struct vz_err *e)
{
	_free_ char *path = str_printf("%s/pools", vz->etcdir);
	_dir_ DIR *d = path ? opendir(path) : NULL;
	struct dirent *de;
	int r = 0;

	*ret = (struct pools){ .vz = vz };
	if (!path)
		return err_nomem(e);
	if (!d)
		return errno == ENOENT ? 0 : err_sys(e, VZ_E_BAD_CONF, -errno, "cannot open '%s'", path);
	while (r == 0 && (de = readdir(d)))
		if (str_has_suffix(de->d_name, SUFFIX))
			r = read_pool(ret, dirfd(d), de->d_name, e);
	if (r == 0 && ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_name);
	if (r == 0)
		r = pools_check_tree(ret, e);
	if (r < 0)
		pools_done(ret);
	return r;
}

struct vz_pool *pools_find(const struct pools *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (str_eq(p->v[i].name, name))
			return &p->v[i];
	return NULL;
}

int pools_check_tree(const struct pools *p, struct vz_err *e)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct vz_pool *q = &p->v[i];

		for (unsigned depth = 1; *q->parent; depth++) {
			const char *parent = q->parent;

			q = pools_find(p, parent);
			if (!q)
				return err_set(e, VZ_E_BAD_CONF, -ENOENT, "pool '%s': there is no pool '%s'",
					       p->v[i].name, parent);
			if (depth == VZ_POOL_DEPTH)
				return err_set(e, VZ_E_BAD_CONF, -ELOOP,
					       "pool '%s' is in itself, or more than %d deep", p->v[i].name,
					       VZ_POOL_DEPTH);
		}
	}
	return 0;
}

void pools_path(const struct pools *p, const struct vz_pool *pool, char out[POOL_PATH_MAX])
{
	char below[POOL_PATH_MAX];

	snprintf(out, POOL_PATH_MAX, "%s", pool->name);
	for (unsigned i = 0; i < VZ_POOL_DEPTH && *pool->parent; i++) {
		pool = pools_find(p, pool->parent);
		if (!pool)
			return;
		memcpy(below, out, sizeof(below));
		if ((size_t)snprintf(out, POOL_PATH_MAX, "%s/%s", pool->name, below) >= POOL_PATH_MAX)
			return;
	}
}

bool pools_is_below(const char *path, const char *top)
{
	size_t n = strlen(top);

	return strncmp(path, top, n) == 0 && (!path[n] || path[n] == '/');
}

/* ---- who is in them ---- */

/* Nobody looks for disks in vain: this is on the way of every start in a pool. */
static bool wants_io(const struct pools *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].io_limit || p->v[i].iops_limit)
			return true;
	return false;
}

static void add_disks(struct pool_member *m, const struct ct *ct)
{
	struct kblk_dev dev[POOL_DISKS_MAX];

	if (!ct->private || kblk_disks(ct->private, dev, POOL_DISKS_MAX, &m->ndisk) < 0)
		m->ndisk = 0;
	for (size_t i = 0; i < m->ndisk; i++)
		m->disk[i] = (struct cg_disk){ dev[i].major, dev[i].minor };
}

uint64_t pool_need(const struct vz_cfg *c, bool all)
{
	uint64_t ram, swap;

	if (cfg_has(c, VZ_P_VMGUARPAGES))
		return c->vmguarpages.bar < UINT64_MAX / VZ_PAGE ? c->vmguarpages.bar * VZ_PAGE : 0;
	cfg_memory(c, &ram, &swap);
	if (!all)
		return 0;
	return ram < UINT64_MAX / VZ_PAGE ? ram * VZ_PAGE : 0;
}

static int push(struct pools *p, const struct pool_member *m, struct vz_err *e)
{
	struct pool_member *v = reallocarray(p->member, p->nmember + 1, sizeof(*v));

	if (!v)
		return err_nomem(e);
	p->member = v;
	p->member[p->nmember++] = *m;
	return 0;
}

/* One that is on its way from one pool to another has room in both. */
static int add_member(struct pools *p, uint32_t id, bool all, struct vz_err *e)
{
	struct pool_member m = { .id = id }, there;
	_free_ char *dir = str_printf("%s/%u", p->vz->rundir, id);
	struct ct_state st = { 0 };
	struct ct *ct;
	int r = dir ? state_read(dir, &st, e) : err_nomem(e);

	if (r < 0 || (!all && !st.pool[0] && !st.to[0]))
		return r;
	if (ct_open(p->vz, id, CT_BAD_CONF_OK | CT_NO_CONF_OK, &ct, NULL) < 0)
		return 0; /* it went meanwhile */
	if (cfg_has(ct->cfg, VZ_P_POOL))
		snprintf(m.pool, sizeof(m.pool), "%s", ct->cfg->pool);
	if (ct->st.pool[0] && (ct->st.op[0] || ct_is_running(ct)))
		memcpy(m.at, ct->st.pool, sizeof(m.at));
	m.need = pool_need(ct->cfg, true);
	m.least = pool_need(ct->cfg, false);
	m.cpu_limit = cfg_cpu_percent(ct->cfg) * 10;
	there = m;
	snprintf(there.at, sizeof(there.at), "%s", ct->st.op[0] ? ct->st.to : "");
	there.pool[0] = '\0';
	if ((m.at[0] || there.at[0]) && (all || wants_io(p))) {
		add_disks(&m, ct);
		memcpy(there.disk, m.disk, sizeof(there.disk));
		there.ndisk = m.ndisk;
	}
	ct_close(ct);
	if (m.pool[0] || m.at[0])
		r = push(p, &m, e);
	return r == 0 && there.at[0] && !str_eq(there.at, m.at) ? push(p, &there, e) : r;
}

int pools_members(struct pools *p, bool all, struct vz_err *e)
{
	_free_ uint32_t *ids = NULL;
	size_t n = 0;
	int r = node_list(p->vz, &ids, &n, e);

	for (size_t i = 0; r == 0 && i < n; i++)
		r = add_member(p, ids[i], all, e);
	return r;
}

bool pools_runs_in(const struct pool_member *m, const char *path)
{
	return m->at[0] && str_eq(m->at, path);
}

/* ---- what is promised ---- */

uint64_t pool_reserve(const struct vz_pool *pool, enum pool_resource what)
{
	return what == POOL_MEM ? pool->mem_reserve : pool->cpu_reserve;
}

uint64_t pools_cap(const struct vz_pool *pool, enum pool_resource what)
{
	uint64_t r = pool_reserve(pool, what);

	return r ? r : what == POOL_MEM ? pool->mem_limit : pool->cpu_limit;
}

static uint64_t claimed(const struct pools *p, const struct vz_pool *pool, enum pool_resource what, bool all);

static uint64_t claimed_below(const struct pools *p, const char *parent, enum pool_resource what, bool all)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < p->n; i++)
		if (str_eq(p->v[i].parent, parent)) {
			uint64_t r = pool_reserve(&p->v[i], what);

			sum += r ? r : claimed(p, &p->v[i], what, all);
		}
	return sum;
}

/* A VPS is promised memory; of processors it has a weight and a limit, but nothing that could be promised. */
static uint64_t claimed(const struct pools *p, const struct vz_pool *pool, enum pool_resource what, bool all)
{
	uint64_t sum = claimed_below(p, pool->name, what, all);
	char path[POOL_PATH_MAX];

	pools_path(p, pool, path);
	for (size_t i = 0; what == POOL_MEM && i < p->nmember; i++)
		if (pools_runs_in(&p->member[i], path))
			sum += all ? p->member[i].need : p->member[i].least;
	return sum;
}

uint64_t pools_claimed(const struct pools *p, const struct vz_pool *pool, enum pool_resource what)
{
	return claimed(p, pool, what, pool_reserve(pool, what));
}

uint64_t pools_node_claimed(const struct pools *p, enum pool_resource what)
{
	return claimed_below(p, "", what, false);
}

uint64_t pools_node_cap(enum pool_resource what)
{
	struct sysinfo si;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (what == POOL_CPU)
		return (uint64_t)(cpus > 0 ? cpus : 1) * 1000;
	return sysinfo(&si) == 0 ? (uint64_t)si.totalram * si.mem_unit : 0;
}

void pool_numbers(enum pool_resource what, uint64_t used, uint64_t cap, char *out, size_t size)
{
	double unit = what == POOL_CPU ? 1000 : cap < UINT64_C(1) << 30 ? 1 << 20 : 1 << 30;

	snprintf(out, size, "%.1f of %.1f %s reserved", (double)used / unit, (double)cap / unit,
		 what == POOL_CPU ? "CPUs" : unit == 1 << 20 ? "MiB" : "GiB");
}

/* Is there room for one more? A guarantee has been counted whole in what the pool is in. */
static int admit(const struct pools *p, const struct vz_pool *pool, uint32_t id, const struct vz_cfg *cfg,
		 struct vz_err *e)
{
	for (const struct vz_pool *q = pool; q; q = *q->parent ? pools_find(p, q->parent) : NULL) {
		uint64_t cap = pools_cap(q, POOL_MEM), used = pools_claimed(p, q, POOL_MEM);
		uint64_t need = pool_need(cfg, q->mem_reserve);
		char text[96];

		if (cap && need && (used > cap || need > cap - used)) {
			pool_numbers(POOL_MEM, used, cap, text, sizeof(text));
			return err_set(e, VZ_E_NORES, -ENOSPC, "pool %s: %s, VPS %u needs %.1f", q->name, text, id,
				       (double)need / (cap < UINT64_C(1) << 30 ? 1 << 20 : 1 << 30));
		}
		if (q->mem_reserve)
			break;
	}
	return 0;
}

/* ---- the door ---- */

/* What the VPS itself is said to have, here or there, is not in its own way. */
static void leave_out(struct pools *p, uint32_t id)
{
	size_t n = 0;

	for (size_t i = 0; i < p->nmember; i++)
		if (p->member[i].id != id)
			p->member[n++] = p->member[i];
	p->nmember = n;
}

/* With the lock. out: the path of the pool, whose groups are there when it has been let in. */
static int let_in(struct ct *ct, struct pools *p, const char *name, char out[POOL_PATH_MAX], struct vz_err *e)
{
	const struct vz_pool *pool = pools_find(p, name);
	struct pool_member me = { .id = ct->id };
	int r;

	if (!pool)
		return err_set(e, VZ_E_BAD_CONF, -ENOENT, "VPS '%s': there is no pool '%s'", ct->idstr, name);
	pools_path(p, pool, out);
	r = pools_members(p, false, e);
	leave_out(p, ct->id);
	if (r == 0)
		r = admit(p, pool, ct->id, ct->cfg, e);
	/* Its disk is one of the pool's now. */
	if (r == 0 && wants_io(p)) {
		memcpy(me.at, out, sizeof(me.at));
		me.cpu_limit = cfg_cpu_percent(ct->cfg) * 10;
		add_disks(&me, ct);
		r = push(p, &me, e);
	}
	if (r == 0)
		pools_warn_io(p, pool);
	return r < 0 ? r : pools_make(p, pool, e);
}

static int enter_locked(struct ct *ct, const char *op, const char *name, struct vz_err *e)
{
	struct lock lock = LOCK_INIT;
	_pools_ struct pools p = { 0 };
	int r = pools_lock(ct->vz, &lock, e);

	if (r == 0)
		r = pools_load(ct->vz, &p, e);
	if (r == 0)
		r = let_in(ct, &p, name, ct->st.pool, e);
	if (r == 0)
		r = ct_note(ct, op, STAGE_ROOT, e);
	else
		ct->st.pool[0] = '\0';
	ct_crash_point("pool", "enter", "after");
	lock_drop(&lock);
	return r;
}

int ct_pool_enter(struct ct *ct, const char *op, struct vz_err *e)
{
	const char *name = ct->into ? ct->into : cfg_has(ct->cfg, VZ_P_POOL) ? ct->cfg->pool : "";

	ct->st.pool[0] = ct->st.to[0] = '\0';
	return *name ? enter_locked(ct, op, name, e) : 0;
}

int ct_pool_book(struct ct *ct, const char *op, const char *name, struct vz_err *e)
{
	struct lock lock = LOCK_INIT;
	_pools_ struct pools p = { 0 };
	int r = *name ? pools_lock(ct->vz, &lock, e) : 0;

	if (r == 0 && *name)
		r = pools_load(ct->vz, &p, e);
	if (r == 0 && *name)
		r = let_in(ct, &p, name, ct->st.to, e);
	if (r == 0)
		r = ct_note(ct, op, STAGE_GUEST, e);
	else
		ct->st.to[0] = '\0';
	lock_drop(&lock);
	return r;
}

int ct_pool_is_in(struct ct *ct, const char *name, bool *ret, struct vz_err *e)
{
	_pools_ struct pools p = { 0 };
	char path[POOL_PATH_MAX] = "";
	const struct vz_pool *pool;
	int r = *name ? pools_load(ct->vz, &p, e) : 0;

	if (r < 0)
		return r;
	pool = *name ? pools_find(&p, name) : NULL;
	if (*name && !pool)
		return err_set(e, VZ_E_PARAM, -ENOENT, "there is no pool '%s'", name);
	if (pool)
		pools_path(&p, pool, path);
	*ret = str_eq(path, ct->st.pool);
	return 0;
}

int ct_pool_check(struct ct *ct, const char *name, struct vz_err *e)
{
	_pools_ struct pools p = { 0 };
	int r = pools_load(ct->vz, &p, e);

	if (r == 0 && !pools_find(&p, name))
		r = err_set(e, VZ_E_PARAM, -ENOENT, "there is no pool '%s'", name);
	return r;
}

int ct_pool_admits(struct ct *ct, const char *name, struct vz_err *e)
{
	_pools_ struct pools p = { 0 };
	const struct vz_pool *pool;
	int r = pools_load(ct->vz, &p, e);

	if (r == 0)
		r = pools_members(&p, false, e);
	if (r < 0)
		return r;
	pool = pools_find(&p, name);
	if (!pool)
		return err_set(e, VZ_E_PARAM, -ENOENT, "there is no pool '%s'", name);
	leave_out(&p, ct->id);
	return admit(&p, pool, ct->id, ct->cfg, e);
}

void ct_pool_find(struct ct *ct)
{
	_pools_ struct pools p = { 0 };

	if (ct->st.pool[0] || pools_load(ct->vz, &p, NULL) < 0)
		return;
	for (size_t i = 0; i < p.n; i++) {
		char path[POOL_PATH_MAX];
		struct cg *cg = NULL;
		bool here;

		pools_path(&p, &p.v[i], path);
		here = cg_open_in(ct->vz->cgh, path, ct->idstr, &cg, NULL) == 0 && cg_exists(cg);
		cg_free(cg);
		if (here) {
			memcpy(ct->st.pool, path, sizeof(path));
			return;
		}
	}
}
