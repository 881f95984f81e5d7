/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two devices per limited VPS: every link is led through them, so that a second link is no second rate. */
#include "net/rate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "net/net_priv.h"

#define GROUP	 0x767a7261u /* set with the device, before there can be a mark */
#define MARK_MAX 128

enum { OUT, IN, NDIRS }; /* as the VPS sees it */

static void names(uint32_t id, char out[NDIRS][IFNAMSIZ])
{
	snprintf(out[OUT], IFNAMSIZ, "vzo%u", id);
	snprintf(out[IN], IFNAMSIZ, "vzi%u", id);
}

static bool is_ours(const struct knl_link *l, const char *mark)
{
	return l->index && (*l->alias ? str_eq(l->alias, mark) : l->group == GROUP);
}

static void mark_text(const char *owner, char out[MARK_MAX])
{
	snprintf(out, MARK_MAX, "vz rate %.100s", owner);
}

static int look(struct knl *k, char name[NDIRS][IFNAMSIZ], struct knl_link dev[NDIRS])
{
	for (int d = 0; d < NDIRS; d++)
		knl_q_link_get(k, 0, name[d], 0, &dev[d]);
	return knl_run(k, NULL);
}

static int drop(struct knl *k, const struct knl_link dev[NDIRS], const char *mark)
{
	for (int d = 0; d < NDIRS; d++) {
		if (!is_ours(&dev[d], mark))
			continue;
		knl_q_link_del(k, 0, dev[d].name);
		knl_q_ignore(k, ENODEV);
	}
	return knl_run(k, NULL);
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

static int make(struct knl *k, const struct net_rate *w, char name[NDIRS][IFNAMSIZ],
		struct knl_link dev[NDIRS], const char *mark)
{
	struct knl_tbf t = shape(w);
	int r;

	for (int d = 0; d < NDIRS; d++) {
		if (!dev[d].index) {
			knl_q_ifb(k, 0, name[d], GROUP);
			knl_q_link_nolinklocal(k, 0, name[d], 0);
			knl_q_ignore(k, EAFNOSUPPORT);
		}
		knl_q_link_alias(k, 0, name[d], mark);
	}
	r = knl_run(k, NULL);
	if (r == 0)
		r = look(k, name, dev);
	for (int d = 0; r == 0 && d < NDIRS; d++)
		knl_q_tbf(k, 0, dev[d].index, &t);
	return r < 0 ? r : knl_run(k, NULL);
}

static int lead(struct knl *k, const struct net_rate *w, const struct knl_link dev[NDIRS])
{
	struct knl_link l;
	int r = 0;

	for (size_t i = 0; r == 0 && i < w->links->n; i++) {
		r = knl_link_get(k, w->links->v[i], &l);
		if (r == -ENODEV) {
			r = 0;
			continue;
		}
		for (int d = 0; r == 0 && d < NDIRS; d++)
			if (w->bits)
				knl_q_divert_set(k, 0, l.index, d == OUT, dev[d].index);
			else
				knl_q_divert_del(k, 0, l.index, d == OUT);
		if (r == 0)
			r = knl_run(k, NULL);
	}
	return r;
}

int net_rate_set(const struct net_rate *w, struct vz_err *e)
{
	_knl_ struct knl *k = NULL;
	char name[NDIRS][IFNAMSIZ], mark[MARK_MAX];
	struct knl_link dev[NDIRS] = { 0 };
	int r = knl_open(&k);

	names(w->id, name);
	mark_text(w->owner, mark);
	if (r == 0)
		r = look(k, name, dev);
	for (int d = 0; r == 0 && d < NDIRS; d++)
		if (dev[d].index && !is_ours(&dev[d], mark))
			return err_set(e, VZ_E_ADD_IP, -EEXIST, "link '%s' is there already and not "
				       "this VPS's", name[d]);
	/* Without a limit there is nothing to lead away from, unless there are the devices. */
	if (r == 0 && !w->bits && !dev[OUT].index && !dev[IN].index)
		return 0;
	if (r == 0 && w->bits)
		r = make(k, w, name, dev, mark);
	if (r == 0)
		r = lead(k, w, dev);
	if (r == 0 && !w->bits)
		r = drop(k, dev, mark);
	if (r == 0)
		return 0;
	net_fail(e, r == -EOPNOTSUPP || r == -ENOENT ? VZ_E_KERNEL : VZ_E_ADD_IP, r, k,
		 "the rate of VPS '%u' cannot be limited", w->id);
	return r;
}

int net_rate_down(uint32_t id, const char *owner, struct vz_err *e)
{
	_knl_ struct knl *k = NULL;
	char name[NDIRS][IFNAMSIZ], mark[MARK_MAX];
	struct knl_link dev[NDIRS] = { 0 };
	int r = knl_open(&k);

	names(id, name);
	mark_text(owner, mark);
	if (r == 0)
		r = look(k, name, dev);
	if (r == 0 && (dev[OUT].index || dev[IN].index))
		r = drop(k, dev, mark);
	return r < 0 ? net_fail(e, VZ_E_ADD_IP, r, k, "cannot remove '%s' and '%s'", name[OUT],
				name[IN]) : 0;
}
