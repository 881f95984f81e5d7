// SPDX-License-Identifier: GPL-2.0-or-later
/* vzstat: the node and its VPSs in figures, for people, programs and monitoring. */
#include "vzstat_int.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vz/text.h>

enum { O_DELAY, O_ROUNDS, O_JSON, O_METRICS, O_OUTPUT, O_KEEP, O_HELP };

static const struct opt_def options[] = {
	{ "delay", OPT_ARG, O_DELAY, 'd' },	 { "iterations", OPT_ARG, O_ROUNDS, 'n' },
	{ "json", OPT_FLAG, O_JSON, 'j' },	 { "openmetrics", OPT_FLAG, O_METRICS, 0 },
	{ "output", OPT_ARG, O_OUTPUT, 'o' },	 { "keep", OPT_FLAG, O_KEEP, 0 },
	{ "help", OPT_FLAG, O_HELP, 'h' },	 { NULL, OPT_FLAG, 0, 0 },
};

static const char usage_text[] =
	"Usage: vzstat [-d SECONDS [-n ROUNDS]] [-j | --openmetrics] [-o FILE] [--keep] [ID|NAME...]\n"
	"  -d, --delay SECONDS   again and again, with rates\n"
	"  -n, --iterations N    end after so many\n"
	"  -j, --json            one object for each round\n"
	"      --openmetrics     for monitoring\n"
	"  -o, --output FILE     write it there, whole or not at all\n"
	"      --keep            write down what the VPSs have used so far\n";

struct call {
	uint32_t *only;
	size_t nonly;
	uint64_t delay_ms, rounds; /* 0: once; without end */
	bool json, metrics, keep;
	const char *output;
};

static int fail(const char *what, const char *value)
{
	char shown[64];

	vz_text_tame(value, shown, sizeof(shown));
	fprintf(stderr, "vzstat: %s '%s'\n", what, shown);
	return 1;
}

static void round_done(struct round *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->v[i].traffic);
	free(r->v);
	*r = (struct round){ 0 };
}

static const char *state_of(unsigned st)
{
	if (st & VZ_ST_FROZEN)
		return "frozen";
	if (st & VZ_ST_RUNNING)
		return "running";
	if (st & VZ_ST_SUSPENDED)
		return "suspended";
	return st & VZ_ST_MOUNTED ? "mounted" : "stopped";
}

static void name_of(struct vz_ct *ct, struct look *l)
{
	char *text = NULL;

	if (vz_cfg_get_text(vz_ct_cfg(ct), "NAME", &text, NULL) == 0)
		vz_text_tame(text, l->name, sizeof(l->name));
	free(text);
}

/* 1: it went meanwhile, or its file is bad; then it is left out. */
static int look_at(struct tool *t, const struct call *c, struct vz_look *all, uint32_t id,
		   struct look *l, struct vz_err *e)
{
	struct vz_ct *ct = NULL;
	int r = 0;

	if (vz_ct_open(t->vz, id, 0, &ct, NULL) < 0)
		return 1;
	*l = (struct look){ .id = id, .u = { .size = sizeof(l->u) } };
	name_of(ct, l);
	l->state = state_of(vz_ct_status(ct));
	l->running = vz_look_ct(all, ct, &l->s) == 0;
	if (c->keep)
		r = vz_ct_usage_keep(ct, e);
	if (r == 0)
		r = vz_ct_usage(ct, &l->u, e);
	/* What cannot be had of traffic is not told; the rest still is. */
	if (r == 0 && (c->json || c->metrics) && vz_ct_traffic(ct, &l->traffic, &l->ntraffic, NULL) < 0)
		l->ntraffic = 0;
	l->when = l->s.when;
	vz_ct_free(ct);
	return r;
}

static int take(struct tool *t, const struct call *c, struct round *ret, struct vz_err *e)
{
	struct vz_look *all = NULL;
	struct round now = { 0 };
	uint32_t *ids = NULL;
	size_t n = 0;
	int r = vz_look_new(t->vz, &all, e);

	if (r == 0)
		r = vz_node_stat(t->vz, &now.node.node, e);
	if (r == 0 && !c->nonly)
		r = vz_ct_list(t->vz, &ids, &n, e);
	if (c->nonly)
		n = c->nonly;
	now.node.when = now.node.node.when;
	now.v = r == 0 ? calloc(n ? n : 1, sizeof(*now.v)) : NULL;
	if (r == 0 && !now.v)
		r = -ENOMEM;
	for (size_t i = 0; r >= 0 && i < n; i++) {
		r = look_at(t, c, all, c->nonly ? c->only[i] : ids[i], &now.v[now.n], e);
		if (r == 0)
			now.node.vps_running += now.v[now.n++].running;
	}
	now.node.vps = now.n;
	free(ids);
	vz_look_free(all);
	if (r < 0)
		round_done(&now);
	else
		*ret = now;
	return r < 0 ? r : 0;
}

static bool print(const struct call *c, const struct round *now, const struct round *was, FILE *to)
{
	if (c->metrics)
		vzstat_openmetrics(now, to);
	else if (c->json)
		return vzstat_json(now, was, to);
	else
		vzstat_text(now, was, to);
	return fflush(to) == 0 && !ferror(to);
}

static int put(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return -errno;
		p += w;
		n -= (size_t)w;
	}
	return fchmod(fd, 0644) < 0 || fsync(fd) < 0 ? -errno : 0;
}

/* Beside its place, then renamed: a collector never sees half of it. The name does not end as the other does, so
 * that it is not collected. */
static int replace(const char *file, const char *text, size_t n)
{
	char *path = NULL;
	int fd, r;

	if (asprintf(&path, "%s.XXXXXX", file) < 0)
		return -ENOMEM;
	fd = mkostemp(path, O_CLOEXEC);
	r = fd < 0 ? -errno : put(fd, text, n);
	if (r == 0 && rename(path, file) < 0)
		r = -errno;
	if (r < 0 && fd >= 0)
		unlink(path);
	if (fd >= 0)
		close(fd);
	free(path);
	return r;
}

static int to_file(const struct call *c, const struct round *now, const struct round *was)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	bool good = f && print(c, now, was, f);
	int r = -ENOMEM;

	if (f && fclose(f) == 0 && good)
		r = replace(c->output, text, n);
	free(text);
	if (r < 0)
		fprintf(stderr, "vzstat: cannot write %s: %s\n", c->output, strerror(-r));
	return r < 0;
}

static int rounds(struct tool *t, const struct call *c)
{
	struct round now = { 0 }, was = { 0 };
	struct vz_err e = { 0 };
	int status = 0;

	for (uint64_t i = 0; status == 0; i++) {
		if (take(t, c, &now, &e) < 0) {
			status = tool_fail(t, &e, 1);
			break;
		}
		/* A rate takes two looks. */
		if (i || !c->delay_ms) {
			const struct round *before = i ? &was : NULL;

			status = c->output ? to_file(c, &now, before) : !print(c, &now, before, stdout);
		}
		round_done(&was);
		was = now;
		now = (struct round){ 0 };
		if (!c->delay_ms || (c->rounds && i == c->rounds))
			break;
		if (status == 0)
			poll(NULL, 0, (int)c->delay_ms);
	}
	round_done(&was);
	return status;
}

static int number(const char *what, const char *s, uint64_t least, uint64_t most, uint64_t *ret)
{
	return tool_milli(s, least, most, ret) < 0 ? fail(what, s) : 0;
}

static int by_id(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static int take_words(struct tool *t, struct call *c)
{
	size_t n = 0;

	c->only = calloc(t->opt.nwords ? t->opt.nwords : 1, sizeof(*c->only));
	for (size_t i = 0; c->only && i < t->opt.nwords; i++) {
		struct vz_ct *ct = tool_ct(t, t->opt.words[i]);

		if (!ct)
			return 1;
		c->only[c->nonly++] = vz_ct_id(ct);
		vz_ct_free(ct);
	}
	if (!c->only)
		return fail("out of memory", "");
	qsort(c->only, c->nonly, sizeof(*c->only), by_id);
	for (size_t i = 0; i < c->nonly; i++)
		if (!i || c->only[i] != c->only[i - 1])
			c->only[n++] = c->only[i];
	c->nonly = n;
	return 0;
}

static int read_call(struct tool *t, struct call *c)
{
	const char *delay = opt_value(&t->opt, O_DELAY), *n = opt_value(&t->opt, O_ROUNDS);

	c->json = opt_has(&t->opt, O_JSON);
	c->metrics = opt_has(&t->opt, O_METRICS);
	c->keep = opt_has(&t->opt, O_KEEP);
	c->output = opt_value(&t->opt, O_OUTPUT);
	if (c->json && c->metrics)
		return fail("one form only:", "--json --openmetrics");
	if (c->output && !*c->output)
		return fail("bad file", "");
	if (n && !delay)
		return fail("rounds want a delay:", n);
	if (delay && number("bad delay", delay, 100, 86400000, &c->delay_ms))
		return 1;
	if (n && number("bad number of rounds", n, 1000, 1000000000000, &c->rounds))
		return 1;
	if (c->rounds % 1000)
		return fail("bad number of rounds", n);
	c->rounds /= 1000;
	return take_words(t, c);
}

int main(int argc, char **argv)
{
	struct tool t;
	struct call c = { 0 };
	struct vz_err e = { 0 };
	int r = tool_begin(&t, "vzstat", argc, argv, options, 1);

	if (r == 0 && opt_has(&t.opt, O_HELP)) {
		fputs(usage_text, stdout);
		return tool_end(&t, 0, 1);
	}
	if (r == 0 && tool_node(&t, &e) < 0)
		r = tool_fail(&t, &e, 1);
	if (r == 0)
		r = read_call(&t, &c);
	if (r == 0)
		r = rounds(&t, &c);
	free(c.only);
	return tool_end(&t, r, 1);
}
