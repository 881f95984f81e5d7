/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two devices per limited VPS: every link is led through them, so that a second link is no second rate. Two
 * more per class of networks that has a total. */
#include "net/rate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/str.h"
#include "net/classes.h"
#include "net/net_priv.h"
#include "net/rate_int.h"

#define GROUP	 0x767a7261u /* set with the device, before there can be a mark */
#define MARK_MAX 128
#define SHARES_MAX 64
#define TOTAL 0xffffu /* the class above those of VPSs */

enum { OUT, IN, NDIRS }; /* as the VPS sees it */

struct pair {
	char name[NDIRS][IFNAMSIZ];
	struct knl_link dev[NDIRS];
	char mark[MARK_MAX];
};

static void names(struct pair *p, const char *owner, uint32_t id, bool total)
{
	snprintf(p->name[OUT], IFNAMSIZ, "vzo%s%u", total ? "t" : "", id);
	snprintf(p->name[IN], IFNAMSIZ, "vzi%s%u", total ? "t" : "", id);
	snprintf(p->mark, MARK_MAX, "vz rate %.100s", owner);
}

static bool is_ours(const struct knl_link *l, const char *mark)
{
	return l->index && (*l->alias ? str_eq(l->alias, mark) : l->group == GROUP);
}

static int look(struct knl *k, struct pair *p)
{
	for (int d = 0; d < NDIRS; d++)
		knl_q_link_get(k, 0, p->name[d], 0, &p->dev[d]);
	return knl_run(k, NULL);
}

static bool any(const struct pair *p)
{
	return p->dev[OUT].index || p->dev[IN].index;
}

static int drop(struct knl *k, const struct pair *p)
{
	for (int d = 0; d < NDIRS; d++) {
		if (!is_ours(&p->dev[d], p->mark))
			continue;
		knl_q_link_del(k, 0, p->dev[d].name);
		knl_q_ignore(k, ENODEV);
	}
	return knl_run(k, NULL);
}

/* -EEXIST: one is there that somebody else has made. */
static int make(struct knl *k, struct pair *p, struct vz_err *e)
{
	int r = look(k, p);

	for (int d = 0; r == 0 && d < NDIRS; d++)
		if (p->dev[d].index && !is_ours(&p->dev[d], p->mark))
			return err_set(e, VZ_E_ADD_IP, -EEXIST, "link '%s' is there already and not "
				       "this node's", p->name[d]);
	for (int d = 0; r == 0 && d < NDIRS; d++) {
		if (!p->dev[d].index) {
			knl_q_ifb(k, 0, p->name[d], GROUP);
			knl_q_link_nolinklocal(k, 0, p->name[d], 0);
			knl_q_ignore(k, EAFNOSUPPORT);
		}
		knl_q_link_alias(k, 0, p->name[d], p->mark);
	}
	if (r == 0)
		r = knl_run(k, NULL);
	return r < 0 ? r : look(k, p);
}

/* 10 ms at once, since timers are late; at least one full frame that was put together. As much may wait as
 * goes in 50 ms, so that others of the VPS are not kept waiting, and not less than TCP needs to get going. */
static struct knl_tbf shape(const struct net_rate *w)
{
	uint64_t rate = (w->bits + 7) / 8, burst = rate / 100, limit = rate / 20;

	if (burst < 4096)
		burst = 4096;
	if (limit < 48 * 1024)
		limit = 48 * 1024;
	if (burst > 1u << 28)
		burst = 1u << 28;
	if (limit > 1u << 28)
		limit = 1u << 28;
	return (struct knl_tbf){ .rate = rate, .burst = (uint32_t)burst,
				 .limit = (uint32_t)(limit + burst), .mpu = w->mpu };
}

static uint64_t bytes(uint64_t bits)
{
	return (bits + 7) / 8;
}

/* A class holds whole frames as they come, put together or not: more may wait than where they are taken apart. */
static void q_class(struct knl *k, int index, uint16_t parent, uint16_t minor, uint64_t bits,
		    uint64_t ceil, uint16_t mpu)
{
	struct knl_htb c = { .parent = parent, .minor = minor, .rate = bytes(bits),
			     .ceil = bytes(ceil), .mpu = mpu };
	uint64_t limit = c.ceil / 20;

	limit = limit < 160 * 1024 ? 160 * 1024 : limit > 1u << 28 ? 1u << 28 : limit;
	knl_q_htb_class(k, 0, index, &c);
	if (minor != TOTAL)
		knl_q_htb_queue(k, 0, index, minor, (uint32_t)limit);
}

static uint16_t own_tag(size_t nth)
{
	return (uint16_t)(nth + 1);
}

/* The VPS's own devices: one bucket, or one class for each share that it has for itself. */
static int set_own(struct knl *k, const struct net_rate *w, struct pair *p, int sort_fd,
		   struct vz_err *e)
{
	struct knl_tbf t = shape(w);
	int r = make(k, p, e);

	for (int d = 0; r == 0 && d < NDIRS; d++) {
		int index = p->dev[d].index;

		if (w->bits) {
			knl_q_tbf(k, 0, index, &t);
			continue;
		}
		knl_q_root_del(k, 0, index);
		knl_q_htb(k, 0, index);
		knl_q_htb_filter(k, 0, index, sort_fd);
		for (size_t i = 0; i < w->nshares; i++)
			if (!w->shares[i].total)
				q_class(k, index, 0, own_tag(i), w->shares[i].bits,
					w->shares[i].bits, w->mpu);
	}
	return r < 0 ? r : knl_run(k, NULL);
}

static int set_total(struct knl *k, const struct net_rate *w, const struct net_share *s,
		     struct pair *p, int sort_fd, struct vz_err *e)
{
	int r;

	names(p, w->owner, s->net_class, true);
	r = make(k, p, e);
	for (int d = 0; r == 0 && d < NDIRS; d++) {
		int index = p->dev[d].index;

		knl_q_htb(k, 0, index);
		knl_q_htb_filter(k, 0, index, sort_fd);
		q_class(k, index, 0, TOTAL, s->total, s->total, w->mpu);
		q_class(k, index, TOTAL, w->slot, s->bits, s->ceil, w->mpu);
	}
	return r < 0 ? r : knl_run(k, NULL);
}

struct way { /* where frames of one share go */
	int pick[NDIRS]; /* programs */
	int through[NDIRS];
};

/* Where one direction waits. What comes back from there does not see the filters of that place again: with an
 * outlet it is the last one, as another filter leads to it. */
static void lead_one(struct knl *k, const struct net_rate *w, const struct pair *own,
		     const struct way *ways, int d, int index, bool in)
{
	if (w->bits) {
		knl_q_divert_set(k, 0, index, in, own->dev[d].index);
		return;
	}
	knl_q_divert_del(k, 0, index, in);
	for (size_t i = 0; i < w->nshares; i++)
		knl_q_divert_by(k, 0, index, in, (unsigned)i, ways[i].pick[d], ways[i].through[d]);
}

static int outlet_of(struct knl *k, const struct net_rate *w, size_t i, int *ret)
{
	struct knl_link l;
	int r = 0;

	*ret = 0;
	if (str_eq(w->links->v[i], w->outlets->v[i]))
		return 0;
	r = knl_link_get(k, w->outlets->v[i], &l);
	*ret = r == 0 ? l.index : -1;
	return r == -ENODEV ? 0 : r;
}

static int lead(struct knl *k, const struct net_rate *w, const struct pair *own,
		const struct way *ways)
{
	struct knl_link l;
	int outlet = 0, r = 0;

	for (size_t i = 0; r == 0 && i < w->links->n; i++) {
		r = knl_link_get(k, w->links->v[i], &l);
		if (r == -ENODEV) {
			r = 0;
			continue;
		}
		if (r == 0)
			r = outlet_of(k, w, i, &outlet);
		if (r == 0) {
			lead_one(k, w, own, ways, IN, l.index, false);
			if (outlet >= 0)
				lead_one(k, w, own, ways, OUT, outlet ? outlet : l.index, !outlet);
			r = knl_run(k, NULL);
		}
	}
	return r;
}

/* What is no IP belongs to no class, and goes with the first: it is no way round. */
static int load(const struct net_rate *w, size_t nth, int map, struct way *way)
{
	const struct net_share *s = &w->shares[nth];
	uint16_t tag = s->total ? w->slot : own_tag(nth);
	int r = 0;

	for (int d = 0; r == 0 && d < NDIRS; d++)
		r = rate_pick(map, s->net_class, d == OUT, nth == 0, tag, &way->pick[d]);
	return r;
}

static int set_shares(struct knl *k, const struct net_rate *w, struct pair *own, struct way *ways,
		      struct vz_err *e)
{
	_fd_ int map = -1, sort = -1;
	bool alone = w->bits != 0;
	int r = w->nshares ? rate_sort(&sort) : 0;

	if (r == 0 && w->nshares && !w->one_class)
		r = net_classes_map(w->nets, w->nnets, &map);
	for (size_t i = 0; i < w->nshares; i++)
		alone |= !w->shares[i].total;
	if (r == 0 && alone)
		r = set_own(k, w, own, sort, e);
	for (size_t i = 0; r == 0 && i < w->nshares; i++) {
		struct pair total = { 0 };

		r = load(w, i, map, &ways[i]);
		if (r == 0 && w->shares[i].total)
			r = set_total(k, w, &w->shares[i], &total, sort, e);
		for (int d = 0; r == 0 && d < NDIRS; d++)
			ways[i].through[d] =
				(w->shares[i].total ? &total : own)->dev[d].index;
	}
	if (r == 0)
		r = lead(k, w, own, ways);
	return r < 0 || alone ? r : drop(k, own);
}

int net_rate_set(const struct net_rate *w, struct vz_err *e)
{
	_knl_ struct knl *k = NULL;
	struct pair own = { 0 };
	struct way ways[SHARES_MAX];
	struct vz_err mine = { 0 };
	int r = w->nshares > SHARES_MAX ? -E2BIG : knl_open(&k);

	for (size_t i = 0; i < SHARES_MAX; i++)
		ways[i] = (struct way){ .pick = { -1, -1 } };
	names(&own, w->owner, w->id, false);
	if (r == 0)
		r = look(k, &own);
	/* Without a limit there is nothing to lead away from, unless there was one. */
	if (r == 0 && !w->bits && !w->nshares && !w->again && !any(&own))
		return 0;
	if (r == 0)
		r = set_shares(k, w, &own, ways, &mine);
	for (size_t i = 0; i < SHARES_MAX; i++)
		for (int d = 0; d < NDIRS; d++)
			cleanup_fd(&ways[i].pick[d]);
	if (r == 0)
		return 0;
	if (mine.code && e)
		*e = mine;
	else if (!mine.code)
		net_fail(e, r == -EOPNOTSUPP || r == -ENOENT ? VZ_E_KERNEL : VZ_E_ADD_IP, r, k,
			 "the rate of VPS '%u' cannot be limited", w->id);
	return r;
}

int net_rate_down(uint32_t id, const char *owner, struct vz_err *e)
{
	_knl_ struct knl *k = NULL;
	struct pair p = { 0 };
	int r = knl_open(&k);

	names(&p, owner, id, false);
	if (r == 0)
		r = look(k, &p);
	if (r == 0 && any(&p))
		r = drop(k, &p);
	return r < 0 ? net_fail(e, VZ_E_ADD_IP, r, k, "cannot remove '%s' and '%s'", p.name[OUT],
				p.name[IN]) : 0;
}

int net_rate_leave(uint32_t net_class, uint16_t slot, const char *owner, bool *ret_gone,
		   struct vz_err *e)
{
	_knl_ struct knl *k = NULL;
	struct pair p = { 0 };
	size_t left = 0;
	int r = knl_open(&k);

	names(&p, owner, net_class, true);
	if (r == 0)
		r = look(k, &p);
	for (int d = 0; r == 0 && d < NDIRS; d++) {
		size_t n = 0;

		if (!is_ours(&p.dev[d], p.mark))
			continue;
		knl_q_htb_class_del(k, 0, p.dev[d].index, slot);
		r = knl_run(k, NULL);
		if (r == 0)
			r = knl_htb_count(k, p.dev[d].index, TOTAL, &n);
		left += n;
	}
	if (r == 0 && !left)
		r = drop(k, &p);
	*ret_gone = r == 0 && !left;
	return r < 0 ? net_fail(e, VZ_E_ADD_IP, r, k, "cannot remove what is in '%s' and '%s'",
				p.name[OUT], p.name[IN]) : 0;
}
