// SPDX-License-Identifier: GPL-2.0-or-later
/* vztop: from samples to rates. */
#include "vztop_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vz/text.h>

bool top_is_busy(const struct top *t)
{
	return t->look != NULL;
}

static void ct_free(struct top_ct *c)
{
	for (size_t i = 0; i < c->nprocs; i++)
		free(c->procs[i].p.args);
	free(c->procs);
	free(c);
}

static void end_round(struct top *t)
{
	vz_look_free(t->look);
	free(t->ids);
	t->look = NULL;
	t->ids = NULL;
	t->nids = t->at = 0;
}

void top_done(struct top *t)
{
	end_round(t);
	for (size_t i = 0; i < t->n; i++)
		ct_free(t->ct[i]);
	free(t->ct);
	free(t->only);
}

static double rate(uint64_t now, uint64_t was, double seconds)
{
	if (now == UINT64_MAX || was == UINT64_MAX || now < was || seconds <= 0)
		return -1;
	return (double)(now - was) / seconds;
}

static int copy_ids(struct top *t)
{
	t->ids = reallocarray(NULL, t->nonly, sizeof(*t->ids));
	if (!t->ids)
		return -ENOMEM;
	memcpy(t->ids, t->only, t->nonly * sizeof(*t->ids));
	t->nids = t->nonly;
	return 0;
}

int top_begin(struct top *t, struct vz_err *e)
{
	int r = vz_look_new(t->t.vz, &t->look, e);

	if (r == 0)
		r = t->nonly ? copy_ids(t) : vz_ct_list(t->t.vz, &t->ids, &t->nids, e);
	t->node_was = t->node;
	if (r == 0)
		r = vz_node_stat(t->t.vz, &t->node, e);
	if (r < 0) {
		end_round(t);
		return r;
	}
	t->node_cpu = -1;
	if (t->rounds && t->node.cpus)
		t->node_cpu = rate(t->node.cpu_busy_usec, t->node_was.cpu_busy_usec,
				   t->node.when - t->node_was.when) /
			      1e4 / (double)t->node.cpus;
	if (t->node_cpu > 100) /* ticks are coarse */
		t->node_cpu = 100;
	for (size_t i = 0; i < t->n; i++)
		t->ct[i]->seen = false;
	return 0;
}

/* There are few new ones in a round; a search over pointers is nothing beside reading the figures. */
static struct top_ct *ct_of(struct top *t, uint32_t id)
{
	struct top_ct *c;

	for (size_t i = 0; i < t->n; i++)
		if (t->ct[i]->id == id)
			return t->ct[i];
	if (t->n == t->size) {
		size_t size = t->size ? t->size * 2 : 64;
		struct top_ct **v = reallocarray(t->ct, size, sizeof(*v));

		if (!v)
			return NULL;
		t->ct = v;
		t->size = size;
	}
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->id = id;
	t->ct[t->n++] = c;
	return c;
}

static void name_of(struct vz_ct *ct, struct top_ct *c)
{
	static const char *const keys[] = { "HOSTNAME", "NAME" };

	c->name[0] = '\0';
	for (size_t i = 0; !c->name[0] && i < sizeof(keys) / sizeof(keys[0]); i++) {
		char *text = NULL;

		if (vz_cfg_get_text(vz_ct_cfg(ct), keys[i], &text, NULL) == 0)
			vz_text_tame(text, c->name, sizeof(c->name));
		free(text);
	}
}

static double percent(uint64_t hundredths)
{
	return hundredths == UINT64_MAX ? -1 : (double)hundredths / 100;
}

static void take(struct top *t, struct top_ct *c, const struct vz_stat *s)
{
	const struct vz_stat *was = &c->now;
	double seconds = s->when - was->when;

	/* Another start, or the first look. */
	if (c->samples && s->cpu_usec < was->cpu_usec)
		c->samples = 0;
	c->cpu = c->io_read = c->io_write = c->net_in = c->net_out = -1;
	if (c->samples) {
		c->cpu = rate(s->cpu_usec, was->cpu_usec, seconds);
		c->cpu = c->cpu < 0 ? -1 : c->cpu / 1e4;
		c->io_read = rate(s->io_read, was->io_read, seconds);
		c->io_write = rate(s->io_write, was->io_write, seconds);
		c->net_in = rate(s->net_in, was->net_in, seconds);
		c->net_out = rate(s->net_out, was->net_out, seconds);
		c->fail += s->failcnt > c->fail_base ? s->failcnt - c->fail_base : 0;
	} else if (t->rounds) {
		c->fail += s->failcnt; /* it began while we look */
	}
	c->fail_base = s->failcnt;
	c->psi_cpu = percent(s->pressure.cpu);
	c->psi_mem = percent(s->pressure.mem);
	c->psi_io = percent(s->pressure.io);
	memmove(c->history, c->history + 1, sizeof(c->history) - sizeof(c->history[0]));
	c->history[TOP_HISTORY - 1] = c->cpu > 0 ? (float)c->cpu : 0;
	c->now = *s;
	c->samples++;
	c->seen = true;
}

static int look_at(struct top *t, uint32_t id)
{
	struct vz_ct *ct = NULL;
	struct vz_stat s;
	struct top_ct *c;
	char word[16];
	int r = 0;

	snprintf(word, sizeof(word), "%u", id);
	/* One that went, or whose file is bad, is not shown. */
	if (vz_ct_find(t->t.vz, word, 0, &ct, NULL) < 0)
		return 0;
	if (vz_look_ct(t->look, ct, &s) == 0) {
		c = ct_of(t, id);
		if (c) {
			name_of(ct, c);
			take(t, c, &s);
			if (c->open)
				top_read_procs(t, c);
		} else {
			r = -ENOMEM;
		}
	}
	vz_ct_free(ct);
	return r;
}

static void drop_unseen(struct top *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (t->ct[i]->seen)
			t->ct[n++] = t->ct[i];
		else
			ct_free(t->ct[i]);
	}
	t->n = n;
}

int top_step(struct top *t, size_t most)
{
	for (; most && t->at < t->nids; most--)
		if (look_at(t, t->ids[t->at++]) < 0)
			return -1;
	if (t->at < t->nids)
		return 1;
	end_round(t);
	drop_unseen(t);
	t->rounds++;
	top_match(t);
	top_sort(t);
	return 0;
}

void top_match(struct top *t)
{
	for (size_t i = 0; i < t->n; i++) {
		char id[16];

		snprintf(id, sizeof(id), "%u", t->ct[i]->id);
		t->ct[i]->matches = !t->filter[0] || strcasestr(t->ct[i]->name, t->filter) || strstr(id, t->filter);
	}
}

static int compare(const void *a, const void *b, void *arg)
{
	const struct top *t = arg;
	const struct top_ct *x = *(struct top_ct *const *)a, *y = *(struct top_ct *const *)b;
	int r;

	if (!t->by->value) {
		r = strcmp(x->name, y->name);
	} else {
		double d = t->by->value(x), f = t->by->value(y);

		r = (d > f) - (d < f);
		/* The most comes first, the lowest number. */
		r = t->by->value == top_column("ctid", 0)->value ? r : -r;
	}
	r = t->reverse ? -r : r;
	return r ? r : (x->id > y->id) - (x->id < y->id);
}

void top_sort(struct top *t)
{
	if (t->n)
		qsort_r(t->ct, t->n, sizeof(*t->ct), compare, t);
}

static const struct top_proc *before(const struct top_ct *c, const struct vz_proc *p)
{
	for (size_t i = 0; i < c->nprocs; i++)
		if (c->procs[i].p.pid == p->pid && c->procs[i].p.start == p->start)
			return &c->procs[i];
	return NULL;
}

static int by_cpu(const void *a, const void *b)
{
	const struct top_proc *x = a, *y = b;

	if (x->cpu != y->cpu)
		return x->cpu < y->cpu ? 1 : -1;
	return (x->p.pid > y->p.pid) - (x->p.pid < y->p.pid);
}

void top_read_procs(struct top *t, struct top_ct *c)
{
	struct vz_proc *p = NULL;
	struct top_proc *v;
	size_t n = 0;
	double seconds = t->node.when - t->node_was.when;

	if (vz_procs(t->t.vz, c->id, VZ_PROC_ARGS | VZ_PROC_USER, &p, &n, NULL) < 0)
		return;
	v = calloc(n ? n : 1, sizeof(*v));
	if (!v) {
		vz_procs_free(p, n);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const struct top_proc *was = before(c, &p[i]);
		double ticks = was ? (double)(p[i].user_ticks + p[i].sys_ticks - was->p.user_ticks - was->p.sys_ticks) :
				     -1;

		v[i] = (struct top_proc){ p[i], was && seconds > 0 && ticks >= 0 ? ticks / seconds : -1 };
	}
	free(p);
	for (size_t i = 0; i < c->nprocs; i++)
		free(c->procs[i].p.args);
	free(c->procs);
	qsort(v, n, sizeof(*v), by_cpu);
	c->procs = v;
	c->nprocs = n;
}
