// SPDX-License-Identifier: LGPL-2.1-or-later
/* Resource pools: their control groups, and the limits in them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "cgroup/cg.h"
#include "ct/ct.h"
#include "ct/limit/respool.h"

#define WEIGHT_USUAL 1000
#define WEIGHT_MIN   8
#define WEIGHT_MAX   500000
#define IO_USUAL     100

static int open_pool(struct pools *p, const struct vz_pool *pool, struct cg **ret, struct vz_err *e)
{
	char path[POOL_PATH_MAX];
	int r = node_cgroups(p->vz, e);

	pools_path(p, pool, path);
	return r < 0 ? r : cg_open_pool(p->vz->cgh, path, ret, e);
}

/* A pool that may not borrow has its guarantee and no more. 0: no limit. */
static uint64_t ceiling(const struct vz_pool *pool, uint64_t limit, uint64_t reserve)
{
	if (pool->borrow || !reserve)
		return limit;
	return !limit || reserve < limit ? reserve : limit;
}

/* There is no guarantee of processor time but a weight that is large enough: as many units as there are
 * thousandths of a processor, of which an ordinary VPS has 1000. */
static uint64_t weight(const struct vz_pool *pool)
{
	uint64_t w = pool->cpu_shares ? pool->cpu_shares : pool->cpu_reserve ? pool->cpu_reserve : WEIGHT_USUAL;

	return w < WEIGHT_MIN ? WEIGHT_MIN : w > WEIGHT_MAX ? WEIGHT_MAX : w;
}

/* What the host has not matters only where something is wanted of it. */
static int put(struct pools *p, const struct vz_pool *pool, struct cg *cg, enum knob k,
	       const union knob_val *v, bool wanted, struct vz_err *e)
{
	struct vz_err mine = { 0 };
	int r = cg_set(cg, k, v, &mine);

	if (r == -EOPNOTSUPP && wanted && !p->quiet)
		log_msg(&p->vz->log, k == KNOB_MEM_LOW ? 1 : -1, "pool %s: %s", pool->name, mine.text);
	if (r < 0 && r != -EOPNOTSUPP)
		return err_set(e, mine.code, r, "pool '%s': %s", pool->name, mine.text);
	return 0;
}

static void put_cpu(struct cg *cg, uint64_t permille)
{
	(void)cg_set(cg, KNOB_CPU_MAX, &(union knob_val){ .num = permille }, NULL);
}

/* Limits of processor time of what is in the pool: as they should be, or none. */
static void put_cpu_below(struct pools *p, const struct vz_pool *pool, bool none)
{
	char top[POOL_PATH_MAX], path[POOL_PATH_MAX], id[12];
	struct cg *cg;

	pools_path(p, pool, top);
	for (size_t i = 0; i < p->n; i++) {
		const struct vz_pool *q = &p->v[i];

		pools_path(p, q, path);
		if (q == pool || str_eq(q->name, pool->name) || !pools_is_below(path, top) ||
		    open_pool(p, q, &cg, NULL) < 0)
			continue;
		put_cpu(cg, none ? 0 : ceiling(q, q->cpu_limit, q->cpu_reserve));
		cg_free(cg);
	}
	for (size_t i = 0; i < p->nmember; i++) {
		const struct pool_member *m = &p->member[i];

		snprintf(id, sizeof(id), "%u", m->id);
		if (!m->at[0] || !pools_is_below(m->at, top) || cg_open_in(p->vz->cgh, m->at, id, &cg, NULL) < 0)
			continue;
		put_cpu(cg, none ? 0 : m->cpu_limit);
		cg_free(cg);
	}
}

/* In the first generation a limit must not be below that of a group further down: those go for a moment. */
static int apply_cpu(struct pools *p, const struct vz_pool *pool, struct cg *cg, struct vz_err *e)
{
	union knob_val v = { .num = ceiling(pool, pool->cpu_limit, pool->cpu_reserve) };
	int r = cg_set(cg, KNOB_CPU_MAX, &v, NULL);

	if (r != -EINVAL)
		return put(p, pool, cg, KNOB_CPU_MAX, &v, v.num, e);
	put_cpu_below(p, pool, true);
	r = put(p, pool, cg, KNOB_CPU_MAX, &v, v.num, e);
	put_cpu_below(p, pool, false);
	return r;
}

void pools_apply_below(struct pools *p, const struct vz_pool *pool)
{
	put_cpu_below(p, pool, false);
}

static bool has_disk(const struct cg_disk *v, size_t n, const struct cg_disk *d)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].major == d->major && v[i].minor == d->minor)
			return true;
	return false;
}

/* Every disk that a VPS in it, or in a pool in it, has its private area on. say: which of them have none. */
static size_t disks_below(struct pools *p, const struct vz_pool *pool, bool say, struct cg_disk *out, size_t max)
{
	char path[POOL_PATH_MAX];
	size_t n = 0;

	pools_path(p, pool, path);
	for (size_t i = 0; i < p->nmember; i++) {
		const struct pool_member *m = &p->member[i];

		if (!pools_is_below(m->at, path))
			continue;
		if (!m->ndisk && say)
			log_msg(&p->vz->log, -1, "pool %s: the I/O limit does not hold for VPS %u: its private area "
				"lies on no block device of this node", pool->name, m->id);
		for (size_t k = 0; k < m->ndisk; k++)
			if (n < max && !has_disk(out, n, &m->disk[k]))
				out[n++] = m->disk[k];
	}
	return n;
}

static bool limits_io(const struct vz_pool *pool)
{
	return pool->io_limit || pool->iops_limit;
}

void pools_warn_io(struct pools *p, const struct vz_pool *pool)
{
	if (limits_io(pool) && node_cgroups(p->vz, NULL) == 0 && !cg_io_nests(p->vz->cgh))
		log_msg(&p->vz->log, -1, "pool %s: the I/O limit is stored, but this node cannot hold it: its control "
			"groups have no limit of I/O for several VPSs together", pool->name);
}

static int apply_io(struct pools *p, const struct vz_pool *pool, struct cg *cg, struct vz_err *e)
{
	union knob_val share = { .num = pool->io_weight ? pool->io_weight : IO_USUAL };
	struct cg_disk disk[POOL_DISKS_MAX];
	union knob_val v = { .io = { .disk = disk, .bytes = pool->io_limit, .ops = pool->iops_limit } };
	int r = put(p, pool, cg, KNOB_IO_SHARE, &share, pool->io_weight, e);

	if (r < 0 || !cg_io_nests(p->vz->cgh))
		return r;
	v.io.n = disks_below(p, pool, limits_io(pool) && !p->quiet, disk, POOL_DISKS_MAX);
	return v.io.n ? put(p, pool, cg, KNOB_IO_MAX, &v, limits_io(pool), e) : 0;
}

static int apply(struct pools *p, const struct vz_pool *pool, struct cg *cg, struct vz_err *e)
{
	uint64_t most = ceiling(pool, pool->mem_limit, pool->mem_reserve);
	union knob_val mem = { .mem = { most ? most : UINT64_MAX, UINT64_MAX } };
	union knob_val low = { .num = pool->mem_reserve };
	union knob_val pids = { .num = pool->proc_limit ? pool->proc_limit : UINT64_MAX };
	union knob_val units = { .num = weight(pool) };
	int r = put(p, pool, cg, KNOB_MEM, &mem, most, e);

	if (r == 0)
		r = put(p, pool, cg, KNOB_MEM_LOW, &low, low.num, e);
	if (r == 0)
		r = put(p, pool, cg, KNOB_PIDS_MAX, &pids, pool->proc_limit, e);
	if (r == 0)
		r = put(p, pool, cg, KNOB_CPU_WEIGHT, &units, pool->cpu_shares, e);
	if (r == 0)
		r = apply_io(p, pool, cg, e);
	return r < 0 ? r : apply_cpu(p, pool, cg, e);
}

int pools_apply(struct pools *p, const struct vz_pool *pool, struct vz_err *e)
{
	struct cg *cg = NULL;
	int r = open_pool(p, pool, &cg, e);

	if (r == 0 && cg_exists(cg))
		r = apply(p, pool, cg, e);
	cg_free(cg);
	return r;
}

int pools_apply_all(struct pools *p, struct vz_err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->n; i++)
		r = pools_apply(p, &p->v[i], e);
	return r;
}

int pools_make(struct pools *p, const struct vz_pool *pool, struct vz_err *e)
{
	struct cg *cg = NULL;
	int r = 0;

	if (*pool->parent) /* the tree has been checked: it ends */
		r = pools_make(p, pools_find(p, pool->parent), e);
	if (r == 0)
		r = open_pool(p, pool, &cg, e);
	if (r == 0)
		r = cg_make(cg, 0, 0, e);
	if (r == 0)
		r = apply(p, pool, cg, e);
	cg_free(cg);
	return r;
}

int pools_drop(struct pools *p, const struct vz_pool *pool, struct vz_err *e)
{
	struct cg *cg = NULL;
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->n; i++)
		if (str_eq(p->v[i].parent, pool->name))
			r = pools_drop(p, &p->v[i], e);
	if (r == 0)
		r = open_pool(p, pool, &cg, e);
	if (r == 0)
		r = cg_drop_pool(cg, e);
	cg_free(cg);
	return r;
}
