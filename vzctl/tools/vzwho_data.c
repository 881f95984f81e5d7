// SPDX-License-Identifier: GPL-2.0-or-later
/* vzwho: two looks at all VPSs, and the figures that they give. */
#include "vzwho_int.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <vz/text.h>

static void name_of(struct vz_ct *ct, struct user *u)
{
	char *text = NULL;

	if (vz_cfg_get_text(vz_ct_cfg(ct), "NAME", &text, NULL) == 0)
		vz_text_tame(text, u->name, sizeof(u->name));
	free(text);
}

static struct user *find(struct who *w, uint32_t id)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].id == id)
			return &w->v[i];
	return NULL;
}

/* One VPS; those that began or ended between both looks have no part. */
static void look_at(struct who *w, struct vz_look *all, uint32_t id, bool second)
{
	struct user *u = second ? find(w, id) : &w->v[w->n];
	struct vz_ct *ct = NULL;
	struct vz_stat s;
	uint64_t delay = UINT64_MAX;

	if (!u || vz_ct_open(w->t.vz, id, 0, &ct, NULL) < 0)
		return;
	if (vz_look_ct(all, ct, &s) == 0) {
		if (id == w->id && vz_ct_run_delay(ct, &delay) < 0)
			delay = UINT64_MAX;
		if (!second) {
			*u = (struct user){ .id = id, .was = s, .delay_was = delay };
			name_of(ct, u);
			w->n++;
		} else if (s.cpu_usec >= u->was.cpu_usec) {
			u->now = s;
			u->delay = delay;
			u->seconds = s.when - u->was.when;
		}
	}
	vz_ct_free(ct);
}

static int look_round(struct who *w, bool second, struct vz_err *e)
{
	struct vz_look *all = NULL;
	uint32_t *ids = NULL;
	size_t n = 0;
	int r = vz_look_new(w->t.vz, &all, e);

	if (r == 0)
		r = vz_node_stat(w->t.vz, second ? &w->node : &w->was, e);
	if (r == 0)
		r = vz_ct_list(w->t.vz, &ids, &n, e);
	if (r == 0 && !second) {
		w->v = calloc(n + 1, sizeof(*w->v));
		r = w->v ? 0 : -ENOMEM;
	}
	for (size_t i = 0; r == 0 && i < n; i++)
		look_at(w, all, ids[i], second);
	free(ids);
	vz_look_free(all);
	return r;
}

/* Per second; 0 for what is not known. */
static double rate(uint64_t now, uint64_t was, double seconds)
{
	if (now == UINT64_MAX || was == UINT64_MAX || now < was || seconds <= 0)
		return 0;
	return (double)(now - was) / seconds;
}

/* Share of the time that passed; the kernel adds to it only now and then, so it may seem to be more than all. */
static double waited(uint64_t now, uint64_t was, double seconds)
{
	double v = rate(now, was, seconds) / 1e6;

	if (now == UINT64_MAX || was == UINT64_MAX)
		return -1;
	return v > 1 ? 1 : v;
}

static void figures(struct user *u)
{
	const struct vz_stat *a = &u->was, *b = &u->now;
	double s = u->seconds;

	u->use[R_CPU] = rate(b->cpu_usec, a->cpu_usec, s) / 1e4;
	u->use[R_MEMORY] = b->mem == UINT64_MAX ? 0 : (double)b->mem;
	u->use[R_IO] = rate(b->io_read, a->io_read, s) + rate(b->io_write, a->io_write, s);
	u->use[R_NET] = rate(b->net_in, a->net_in, s) + rate(b->net_out, a->net_out, s);
	u->wait[R_CPU] = waited(b->stalled.cpu, a->stalled.cpu, s);
	u->wait[R_MEMORY] = waited(b->stalled.mem, a->stalled.mem, s);
	u->wait[R_IO] = waited(b->stalled.io, a->stalled.io, s);
	u->wait[R_NET] = -1; /* no kernel tells */
	u->throttled = rate(b->throttled_usec, a->throttled_usec, s) / 1e6;
	u->fails = rate(b->mem_fail, a->mem_fail, s) + rate(b->refaults, a->refaults, s) / 100;
	/* Without pressure of groups: how long its processes stood in the queue, and its limit's failures. */
	if (u->wait[R_CPU] < 0)
		u->wait[R_CPU] = waited(u->delay, u->delay_was, s);
	if (u->wait[R_MEMORY] < 0 && u->now.mem_fail != UINT64_MAX)
		u->wait[R_MEMORY] = u->fails / 100 > 1 ? 1 : u->fails / 100;
}

/* What the node did for no VPS: its own services, the kernel. Memory and I/O of it are not known. */
static void add_rest(struct who *w)
{
	struct user rest = { .name = "the node itself", .seconds = w->seconds, .wait = { -1, -1, -1, -1 } };
	double busy = rate(w->node.cpu_busy_usec, w->was.cpu_busy_usec, w->seconds) / 1e4;

	for (size_t i = 0; i < w->n; i++)
		busy -= w->v[i].use[R_CPU];
	rest.use[R_CPU] = busy > 0 ? busy : 0;
	rest.now.cpu_weight = 1000;
	w->v[w->n++] = rest;
}

int who_look(struct who *w, uint64_t ms, struct vz_err *e)
{
	size_t n = 0;
	int r = look_round(w, false, e);

	if (r < 0)
		return r;
	poll(NULL, 0, (int)ms);
	r = look_round(w, true, e);
	if (r < 0)
		return r;
	w->seconds = w->node.when - w->was.when;
	w->cpus = w->node.cpus ? (double)w->node.cpus : 1;
	for (size_t i = 0; i < w->n; i++) {
		if (w->v[i].seconds <= 0)
			continue;
		figures(&w->v[i]);
		w->v[n++] = w->v[i];
	}
	w->n = n;
	add_rest(w);
	w->wait[R_CPU] = waited(w->node.stalled.cpu, w->was.stalled.cpu, w->seconds);
	w->wait[R_MEMORY] = waited(w->node.stalled.mem, w->was.stalled.mem, w->seconds);
	w->wait[R_IO] = waited(w->node.stalled.io, w->was.stalled.io, w->seconds);
	w->wait[R_NET] = -1;
	w->about = w->id ? find(w, w->id) : NULL;
	who_shares(w);
	return 0;
}
