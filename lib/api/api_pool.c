// SPDX-License-Identifier: LGPL-2.1-or-later
/* Public entry points: resource pools. */
#include <vz/pool.h>
#include <vz/vz.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "cgroup/cg.h"
#include "ct/ct.h"
#include "ct/limit/respool.h"
#include "ct/poolmove.h"
#include "ct/set.h"
#include "ct/stage.h"
#include "param/param.h"
#include "param/poolconf.h"

#define POOL_FILE_MAX 65536

static const char *const res_name[POOL_NRES] = { [POOL_MEM] = "memory", [POOL_CPU] = "processors" };

/* Take the lock, read everything, and mend what a killed predecessor left in force but did not store. */
static int begin(struct vz *vz, const char *name, struct lock *lock, struct pools *p, struct vz_err *e)
{
	int r;

	if (!pool_name_ok(name))
		return err_set(e, VZ_E_PARAM, -EINVAL, "'%.64s' is not the name of a pool", name);
	r = pools_lock(vz, lock, e);
	if (r == 0)
		r = pools_load(vz, p, e);
	if (r == 0)
		r = pools_members(p, true, e);
	p->quiet = true;
	if (r == 0)
		r = pools_apply_all(p, e);
	p->quiet = false;
	return r;
}

static int no_pool(const char *name, struct vz_err *e)
{
	return err_set(e, VZ_E_PARAM, -ENOENT, "there is no pool '%s'", name);
}

static char *file_of(const struct vz *vz, const char *name)
{
	return str_printf("%s/pools/%s.conf", vz->etcdir, name);
}

static int store(struct vz *vz, const struct vz_pool *pool, struct vz_err *e)
{
	_buf_ struct buf old = BUF_INIT, text = BUF_INIT;
	_free_ char *path = file_of(vz, pool->name), *dir = str_printf("%s/pools", vz->etcdir);
	int r = path && dir ? path_mkdirs(dir, 0755) : -ENOMEM;

	if (r == 0)
		r = io_read_at(AT_FDCWD, path, POOL_FILE_MAX, &old);
	if (r == 0 || r == -ENOENT)
		r = poolconf_render(pool, buf_str(&old), old.len, &text);
	if (r == 0)
		r = io_replace_at(AT_FDCWD, path, buf_str(&text), text.len, 0644);
	return r < 0 ? err_sys(e, VZ_E_SAVE, r, "cannot store pool '%s'", pool->name) : 0;
}

/* ---- does it fit ---- */

static int refuse(const char *who, enum pool_resource what, uint64_t used, uint64_t cap, struct vz_err *e)
{
	char text[96];

	pool_numbers(what, used, cap, text, sizeof(text));
	return err_set(e, VZ_E_NORES, -ENOSPC, "%s: %s of %s", who, text, res_name[what]);
}

/* A guarantee must be within what the pool is in, and hold what is promised out of it. Somebody else's
 * overcommitment does not stand in the way of a change that does not add to it. */
static int check_room(const struct pools *was, const struct pools *now, const struct vz_pool *pool,
		      enum pool_resource what, struct vz_err *e)
{
	uint64_t cap, used;

	for (const struct vz_pool *q = pool; q; q = *q->parent ? pools_find(now, q->parent) : NULL) {
		const struct vz_pool *old = q == pool ? NULL : pools_find(was, q->name);
		_free_ char *who = str_printf("pool %s", q->name);

		cap = pools_cap(q, what);
		used = pools_claimed(now, q, what);
		if (cap && used > cap && (!old || used > pools_claimed(was, old, what)))
			return refuse(who ? who : q->name, what, used, cap, e);
	}
	cap = pools_node_cap(what);
	used = pools_node_claimed(now, what);
	return used > cap && used > pools_node_claimed(was, what) ? refuse("the node", what, used, cap, e) : 0;
}

static int check_pool(const struct pools *was, const struct pools *now, const struct vz_pool *pool,
		      struct vz_err *e)
{
	int r = 0;

	if ((pool->mem_limit && pool->mem_reserve > pool->mem_limit) ||
	    (pool->cpu_limit && pool->cpu_reserve > pool->cpu_limit))
		return err_set(e, VZ_E_PARAM, -EINVAL, "pool '%s': its guarantee is more than its limit",
			       pool->name);
	for (int what = 0; r == 0 && what < POOL_NRES; what++)
		r = check_room(was, now, pool, (enum pool_resource)what, e);
	return r;
}

/* ---- create, set, destroy ---- */

static int change_pool(struct vz_pool *pool, const struct vz_pool_change *c, size_t n, struct vz_err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		const struct vz_pool_param *row = vz_pool_param(c[i].param);

		if (!row || !c[i].text)
			return err_set(e, VZ_E_PARAM, -EINVAL, "incomplete change of a pool");
		r = pool_set_text(pool, c[i].param, c[i].text, e);
		if (r < 0)
			err_prefix(e, r, "--%s", row->option);
	}
	return r;
}

/* All pools with this one in them: new, or in its new form. Members stay the old one's. */
static int with(const struct pools *p, const struct vz_pool *pool, struct pools *ret, struct vz_err *e)
{
	struct vz_pool *v = calloc(p->n + 1, sizeof(*v)), *at;

	if (!v)
		return err_nomem(e);
	*ret = *p;
	ret->v = v;
	if (p->n)
		memcpy(v, p->v, p->n * sizeof(*v));
	at = pools_find(ret, pool->name);
	if (!at)
		at = &v[ret->n++];
	*at = *pool;
	return 0;
}

/* Words of a bad tree are the caller's mistake here, not that of a file. */
static int check_tree(const struct pools *p, struct vz_err *e)
{
	int r = pools_check_tree(p, e);

	if (r < 0 && e)
		e->code = VZ_E_PARAM;
	return r;
}

static int create(struct pools *p, const struct vz_pool *pool, struct vz_err *e)
{
	struct pools now;
	int r = with(p, pool, &now, e);

	if (r < 0)
		return r;
	r = check_tree(&now, e);
	if (r == 0)
		r = check_pool(p, &now, pool, e);
	ct_crash_point("pool", "create", "before");
	if (r == 0)
		r = store(p->vz, pool, e);
	ct_crash_point("pool", "create", "after");
	if (r == 0)
		pools_warn_io(p, pool);
	free(now.v);
	return r;
}

int vz_pool_create(struct vz *vz, const char *name, const struct vz_pool_change *c, size_t n, struct vz_err *e)
{
	struct vz_pool pool = { .borrow = true };
	_pools_ struct pools p = { 0 };
	struct lock lock = LOCK_INIT;
	int r = begin(vz, name, &lock, &p, e);

	if (r == 0 && pools_find(&p, name))
		r = err_set(e, VZ_E_PARAM, -EEXIST, "there is a pool '%s' already", name);
	if (r == 0) {
		memcpy(pool.name, name, strlen(name) + 1);
		r = change_pool(&pool, c, n, e);
	}
	if (r == 0)
		r = create(&p, &pool, e);
	lock_drop(&lock);
	return r;
}

/* Another place in the tree is another path of every group in it. */
static int move_pool(struct pools *p, const struct vz_pool *old, struct vz_err *e)
{
	char top[POOL_PATH_MAX];

	pools_path(p, old, top);
	for (size_t i = 0; i < p->nmember; i++)
		if (p->member[i].at[0] && pools_is_below(p->member[i].at, top))
			return err_set(e, VZ_E_RUNNING, -EBUSY,
				       "pool '%s' cannot move: VPS %u runs in it", old->name, p->member[i].id);
	return pools_drop(p, old, e);
}

static int set(struct pools *p, struct vz_pool *old, const struct vz_pool *new, struct vz_err *e)
{
	struct pools now;
	int r = with(p, new, &now, e);

	if (r < 0)
		return r;
	r = check_tree(&now, e);
	if (r == 0)
		r = check_pool(p, &now, new, e);
	if (r == 0 && !str_eq(old->parent, new->parent))
		r = move_pool(p, old, e);
	if (r == 0) {
		r = pools_apply(&now, new, e);
		if (r == 0 && (old->cpu_limit != new->cpu_limit || old->cpu_reserve != new->cpu_reserve ||
			       old->borrow != new->borrow))
			pools_apply_below(&now, new);
		ct_crash_point("pool", "set", "before");
		if (r == 0)
			r = store(p->vz, new, e);
		ct_crash_point("pool", "set", "after");
		if (r == 0 && (old->io_limit != new->io_limit || old->iops_limit != new->iops_limit))
			pools_warn_io(p, new);
		if (r < 0)
			(void)pools_apply(p, old, NULL);
	}
	free(now.v);
	return r;
}

int vz_pool_set(struct vz *vz, const char *name, const struct vz_pool_change *c, size_t n, struct vz_err *e)
{
	_pools_ struct pools p = { 0 };
	struct lock lock = LOCK_INIT;
	struct vz_pool *old, new;
	int r = begin(vz, name, &lock, &p, e);

	if (r == 0) {
		old = pools_find(&p, name);
		r = old ? 0 : no_pool(name, e);
	}
	if (r == 0) {
		new = *old;
		r = change_pool(&new, c, n, e);
	}
	if (r == 0)
		r = set(&p, old, &new, e);
	lock_drop(&lock);
	return r;
}

static int check_empty(const struct pools *p, const char *name, struct vz_err *e)
{
	char path[POOL_PATH_MAX];

	pools_path(p, pools_find(p, name), path);
	for (size_t i = 0; i < p->n; i++)
		if (str_eq(p->v[i].parent, name))
			return err_set(e, VZ_E_PARAM, -ENOTEMPTY, "pool '%s' is not empty: pool '%s' is in it",
				       name, p->v[i].name);
	for (size_t i = 0; i < p->nmember; i++)
		if (str_eq(p->member[i].pool, name) || pools_runs_in(&p->member[i], path))
			return err_set(e, VZ_E_PARAM, -ENOTEMPTY, "pool '%s' is not empty: VPS %u is in it",
				       name, p->member[i].id);
	return 0;
}

int vz_pool_destroy(struct vz *vz, const char *name, struct vz_err *e)
{
	_pools_ struct pools p = { 0 };
	struct lock lock = LOCK_INIT;
	_free_ char *path = file_of(vz, name);
	int r = path ? begin(vz, name, &lock, &p, e) : err_nomem(e);

	if (r == 0 && !pools_find(&p, name))
		r = no_pool(name, e);
	if (r == 0)
		r = check_empty(&p, name, e);
	if (r == 0)
		r = pools_drop(&p, pools_find(&p, name), e);
	ct_crash_point("pool", "destroy", "before");
	if (r == 0 && unlink(path) < 0)
		r = err_sys(e, VZ_E_SAVE, -errno, "cannot remove '%s'", path);
	lock_drop(&lock);
	return r;
}

int vz_pool_admits(struct vz_ct *ct, const char *pool, struct vz_err *e)
{
	return *pool ? ct_pool_admits((struct ct *)ct, pool, e) : 0;
}

/* A running VPS, under its lock. */
static int move_running(struct ct *ct, const char *pool, struct vz_err *ret_why, struct vz_err *e)
{
	bool there;
	int r = ct_pool_is_in(ct, pool, &there, e);

	if (r < 0 || there)
		return r;
	if (ct_pool_can_move(ct, ret_why) < 0)
		return 1;
	r = *pool ? ct_pool_admits(ct, pool, e) : 0;
	return r < 0 ? r : ct_pool_move(ct, pool, e);
}

int vz_pool_move(struct vz_ct *handle, const char *pool, unsigned flags, struct vz_err *ret_why, struct vz_err *e)
{
	struct ct *ct = (struct ct *)handle;
	_cfg_ struct vz_cfg *change = cfg_new();
	struct vz_set_result res = { 0 };
	int r = change ? cfg_set_text(change, VZ_P_POOL, pool, e) : err_nomem(e), later = 0;

	if (r == 0)
		r = ct_lock(ct, "moving", flags & VZ_SKIP_LOCK, e);
	if (r == 0 && ct_is_running(ct))
		later = r = move_running(ct, pool, ret_why, e);
	/* Also where it has moved: then the file says so already, and nothing is written. */
	if (r >= 0)
		r = ct_set(ct, change, VZ_SET_SAVE, &res, e);
	lock_drop(&ct->lock);
	return r < 0 ? r : later;
}

/* ---- list and check ---- */

static void fill_usage(struct pools *p, const char *path, struct vz_pool_info *info)
{
	struct cg *cg = NULL;
	struct cg_stat st;

	info->mem = info->cpu_usec = info->procs = UINT64_MAX;
	if (node_cgroups(p->vz, NULL) == 0 && cg_open_pool(p->vz->cgh, path, &cg, NULL) == 0 &&
	    cg_exists(cg) && cg_stat(cg, &st) == 0) {
		info->mem = st.mem;
		info->cpu_usec = st.cpu_usec;
		info->procs = st.pids;
	}
	cg_free(cg);
}

static void tell(struct pools *p, const struct vz_pool *pool, unsigned depth,
		 void (*fn)(void *arg, const struct vz_pool_info *p), void *arg)
{
	struct vz_pool_info info = { .pool = *pool, .depth = depth };
	char path[POOL_PATH_MAX];

	pools_path(p, pool, path);
	for (size_t i = 0; i < p->nmember; i++) {
		const struct pool_member *m = &p->member[i];

		info.running += pools_runs_in(m, path);
		info.vps += str_eq(m->pool, pool->name);
		if (str_eq(m->pool, pool->name))
			info.mem_sold += m->need;
	}
	info.mem_claimed = pools_claimed(p, pool, POOL_MEM);
	info.cpu_claimed = pools_claimed(p, pool, POOL_CPU);
	fill_usage(p, path, &info);
	fn(arg, &info);
	for (size_t i = 0; i < p->n; i++)
		if (str_eq(p->v[i].parent, pool->name))
			tell(p, &p->v[i], depth + 1, fn, arg);
}

int vz_pool_each(struct vz *vz, void (*fn)(void *arg, const struct vz_pool_info *p), void *arg,
		 struct vz_err *e)
{
	_pools_ struct pools p = { 0 };
	int r = pools_load(vz, &p, e);

	if (r == 0)
		r = pools_members(&p, true, e);
	for (size_t i = 0; r == 0 && i < p.n; i++)
		if (!p.v[i].parent[0])
			tell(&p, &p.v[i], 0, fn, arg);
	return r;
}

struct findings {
	void (*fn)(void *arg, const char *line);
	void *arg;
	int n;
};

__attribute__((format(printf, 2, 3)))
static void found(struct findings *f, const char *fmt, ...)
{
	_buf_ struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	(void)buf_vprintf(&b, fmt, ap);
	va_end(ap);
	f->n++;
	f->fn(f->arg, buf_str(&b));
}

/* One pool: promised now, and what would be if all of its VPSs ran. */
static void check_one(const struct pools *p, const struct vz_pool *pool, struct findings *f)
{
	char text[96], path[POOL_PATH_MAX];
	uint64_t sold = 0;

	pools_path(p, pool, path);
	for (int what = 0; what < POOL_NRES; what++) {
		uint64_t cap = pools_cap(pool, what), used = pools_claimed(p, pool, what);

		pool_numbers(what, used, cap, text, sizeof(text));
		if (cap && used > cap)
			found(f, "pool %s: %s of %s", pool->name, text, res_name[what]);
	}
	for (size_t i = 0; i < p->nmember; i++)
		if (str_eq(p->member[i].pool, pool->name) && !pools_runs_in(&p->member[i], path))
			sold += pool->mem_reserve ? p->member[i].need : p->member[i].least;
	sold += pools_claimed(p, pool, POOL_MEM);
	pool_numbers(POOL_MEM, sold, pools_cap(pool, POOL_MEM), text, sizeof(text));
	if (pools_cap(pool, POOL_MEM) && sold > pools_cap(pool, POOL_MEM))
		found(f, "pool %s: %s of memory if all of its VPSs ran", pool->name, text);
}

int vz_pool_check(struct vz *vz, void (*fn)(void *arg, const char *line), void *arg, struct vz_err *e)
{
	struct findings f = { .fn = fn, .arg = arg };
	_pools_ struct pools p = { 0 };
	struct lock lock = LOCK_INIT;
	char text[96];
	int r = begin(vz, "check", &lock, &p, e);

	lock_drop(&lock);
	if (r < 0)
		return r;
	for (size_t i = 0; i < p.n; i++)
		check_one(&p, &p.v[i], &f);
	for (size_t i = 0; i < p.nmember; i++)
		if (p.member[i].pool[0] && !pools_find(&p, p.member[i].pool))
			found(&f, "VPS %u: there is no pool '%s'", p.member[i].id, p.member[i].pool);
	for (int what = 0; what < POOL_NRES; what++) {
		uint64_t used = pools_node_claimed(&p, what), cap = pools_node_cap(what);

		pool_numbers(what, used, cap, text, sizeof(text));
		if (used > cap)
			found(&f, "the node: %s of %s", text, res_name[what]);
	}
	return f.n;
}
