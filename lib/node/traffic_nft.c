/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two tables of one build: inet for the routed links, which are known by name, bridge for the others, which
 * are known by their group. Nothing in them belongs to one VPS but the elements, and those the kernel makes.
 */
#include "node/traffic_nft.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "base/str.h"
#include "kern/nl.h"
#include "node/nft.h"

#define CLASSES_MAX (4u << 20)

/* ---- disjoint ranges ---- */

static void span(const struct traffic_net *n, struct traffic_range *r)
{
	unsigned len = n->family == AF_INET ? 4 : 16;

	*r = (struct traffic_range){ .net_class = n->net_class };
	for (unsigned i = 0; i < len; i++) {
		unsigned left = n->prefix > i * 8 ? n->prefix - i * 8 : 0;
		uint8_t mask = left >= 8 ? 0xff : (uint8_t)(0xff00 >> left);

		r->first[i] = n->ip[i] & mask;
		r->last[i] = n->ip[i] | (uint8_t)~mask;
	}
	/* IPv4 uses the first four bytes; the rest is equal in all. */
}

struct item {
	struct traffic_range r;
	uint8_t prefix;
	size_t order;
};

/* By beginning; of those with the same the wider first; of equal ones the one said last. */
static int cmp_item(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int c = memcmp(x->r.first, y->r.first, 16);

	if (c == 0)
		c = (x->prefix > y->prefix) - (x->prefix < y->prefix);
	return c ? c : (x->order < y->order) - (x->order > y->order);
}

static bool step(uint8_t ip[16], unsigned len, int by)
{
	for (unsigned i = len; i-- > 0;) {
		ip[i] = (uint8_t)(ip[i] + by);
		if (ip[i] != (by > 0 ? 0 : 0xff))
			return true;
	}
	return false; /* over the end */
}

struct flat {
	struct traffic_range *v;
	size_t n;
	unsigned len;
	uint8_t at[16]; /* where the next range begins */
	bool end;
};

/* From where we are up to and with `last` belongs to c. */
static void emit(struct flat *f, const uint8_t last[16], uint32_t c)
{
	struct traffic_range *r = &f->v[f->n];

	if (f->end || memcmp(f->at, last, 16) > 0)
		return;
	memcpy(r->first, f->at, 16);
	memcpy(r->last, last, 16);
	r->net_class = c;
	f->n++;
	memcpy(f->at, last, 16);
	f->end = !step(f->at, f->len, 1);
}

/* Nets are apart or one within the other, so a stack of open ones is all that is needed. */
static void sweep(struct flat *f, const struct item *it, size_t n, const struct item **stack)
{
	size_t depth = 0;

	for (size_t i = 0; i < n; i++) {
		uint8_t before[16];

		if (i && cmp_item(&it[i], &it[i - 1]) && it[i].prefix == it[i - 1].prefix &&
		    memcmp(it[i].r.first, it[i - 1].r.first, 16) == 0)
			continue;
		while (depth && memcmp(stack[depth - 1]->r.last, it[i].r.first, 16) < 0) {
			depth--;
			emit(f, stack[depth]->r.last, stack[depth]->r.net_class);
		}
		memcpy(before, it[i].r.first, 16);
		if (depth && step(before, f->len, -1))
			emit(f, before, stack[depth - 1]->r.net_class);
		if (!f->end && memcmp(f->at, it[i].r.first, 16) < 0)
			memcpy(f->at, it[i].r.first, 16);
		stack[depth++] = &it[i];
	}
	while (depth--)
		emit(f, stack[depth]->r.last, stack[depth]->r.net_class);
}

int traffic_flatten(const struct traffic_net *nets, size_t n, uint8_t family,
		    struct traffic_range **ret, size_t *ret_n)
{
	_free_ struct item *it = calloc(n + 1, sizeof(*it));
	_free_ const struct item **stack = calloc(n + 1, sizeof(*stack));
	struct flat f = { .len = family == AF_INET ? 4 : 16 };
	size_t m = 0;

	/* Each net adds at most one range for itself and one for the rest of the one around it. */
	f.v = calloc(2 * n + 1, sizeof(*f.v));
	if (!it || !stack || !f.v) {
		free(f.v);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		if (nets[i].family != family)
			continue;
		span(&nets[i], &it[m].r);
		it[m].prefix = nets[i].prefix;
		it[m].order = i;
		m++;
	}
	qsort(it, m, sizeof(*it), cmp_item);
	sweep(&f, it, m, stack);
	*ret = f.v;
	*ret_n = f.n;
	return 0;
}

/* ---- the tables ---- */

/* One direction as the VPS sees it. */
static const struct dir {
	const char *name, *hook, *link, *group, *peer, *index;
} dirs[] = {
	{ "o", "prerouting", "iifname", "iifgroup", "daddr", "iifname" },
	{ "i", "postrouting", "oifname", "oifgroup", "saddr", "oifname" },
};
static const struct fam {
	const char *name, *proto;
	uint8_t family;
} fams[] = { { "4", "ip", AF_INET }, { "6", "ip6", AF_INET6 } };

static const char *const chatter[] = { "ip6 daddr { fe80::/10, ff02::/16 }", "ip6 saddr fe80::/10",
				       "ip daddr 224.0.0.0/24" };

struct build {
	struct buf *out;
	const struct traffic_net *nets, *classes; /* one net of each class */
	size_t n, nclasses;
	bool file;
};

/* Set and chain of one class; they are there once, however often this is said. */
static void put_class(struct build *b, const char *table, const struct dir *d, const struct fam *f,
		      uint32_t c)
{
	buf_printf(b->out, "add set %s mainvz_traffic %s%s_%u { type ifname; flags dynamic; size 65535; }\n",
		   table, d->name, f->name, c);
	buf_printf(b->out, "add chain %s mainvz_traffic c_%s%s_%u\n", table, d->name, f->name, c);
	buf_printf(b->out, "flush chain %s mainvz_traffic c_%s%s_%u\n", table, d->name, f->name, c);
	buf_printf(b->out, "add rule %s mainvz_traffic c_%s%s_%u update @%s%s_%u { %s counter }\n",
		   table, d->name, f->name, c, d->name, f->name, c, d->index);
}

static void put_ours(struct build *b, const char *table, const struct dir *d)
{
	if (str_eq(table, "inet"))
		buf_printf(b->out, "%s \"venet*\" ", d->link);
	else
		buf_printf(b->out, "%s %u ", d->group, KNL_VPS_GROUP);
}

static int put_ranges(struct build *b, const char *table, const struct dir *d, const struct fam *f)
{
	_free_ struct traffic_range *r = NULL;
	char first[INET6_ADDRSTRLEN], last[INET6_ADDRSTRLEN];
	size_t n = 0;
	int q = traffic_flatten(b->nets, b->n, f->family, &r, &n);

	if (q < 0 || n == 0)
		return q;
	buf_printf(b->out, "add rule %s mainvz_traffic %s ", table, d->hook);
	put_ours(b, table, d);
	buf_printf(b->out, "%s %s vmap {", f->proto, d->peer);
	for (size_t i = 0; i < n; i++) {
		inet_ntop(f->family, r[i].first, first, sizeof(first));
		inet_ntop(f->family, r[i].last, last, sizeof(last));
		if (str_eq(first, last))
			buf_printf(b->out, " %s", first);
		else
			buf_printf(b->out, " %s-%s", first, last);
		buf_printf(b->out, " : goto c_%s%s_%u,", d->name, f->name, r[i].net_class);
	}
	buf_puts(b->out, " }\n");
	return 0;
}

static int put_dir(struct build *b, const char *table, const struct dir *d)
{
	int r = 0;

	buf_printf(b->out, "add chain %s mainvz_traffic %s { type filter hook %s priority %d; policy accept; }\n",
		   table, d->hook, d->hook, str_eq(table, "inet") ? -295 : 300);
	buf_printf(b->out, "flush chain %s mainvz_traffic %s\n", table, d->hook);
	/* What never leaves a link is no traffic: neighbours and groups that are looked for. */
	for (size_t i = 0; i < ARRAY_LEN(chatter); i++)
		buf_printf(b->out, "add rule %s mainvz_traffic %s %s return\n", table, d->hook,
			   chatter[i]);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(fams); i++) {
		const struct fam *f = &fams[i];

		put_class(b, table, d, f, b->file ? 0 : 1);
		for (size_t j = 0; j < b->nclasses; j++)
			put_class(b, table, d, f, b->classes[j].net_class);
		r = put_ranges(b, table, d, f);
		buf_printf(b->out, "add rule %s mainvz_traffic %s ", table, d->hook);
		put_ours(b, table, d);
		buf_printf(b->out, "%s %s %s goto c_%s%s_%u\n", f->proto, d->peer,
			   f->family == AF_INET ? "0.0.0.0/0" : "::/0", d->name, f->name,
			   b->file ? 0 : 1);
	}
	return r;
}

/* For put_class() each class need be there once. */
static size_t distinct(const struct traffic_net *nets, size_t n, struct traffic_net *out)
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		bool seen = false;

		for (size_t j = 0; j < m && !seen; j++)
			seen = out[j].net_class == nets[i].net_class;
		if (!seen)
			out[m++] = nets[i];
	}
	return m;
}

int node_traffic_install(const char *classes, struct vz_err *e)
{
	static const char *const tables[] = { "inet", "bridge" };
	_buf_ struct buf text = BUF_INIT;
	_buf_ struct buf out = BUF_INIT;
	_free_ struct traffic_net *nets = NULL, *first = NULL;
	struct build b = { .out = &out };
	int r = io_read_at(AT_FDCWD, classes, CLASSES_MAX, &text);

	if (r < 0 && r != -ENOENT)
		return err_sys(e, VZ_E_BAD_CONF, r, "cannot read '%s'", classes);
	b.file = r == 0;
	r = b.file ? traffic_parse(buf_str(&text), &nets, &b.n, e) : 0;
	if (r < 0)
		return r;
	first = calloc(b.n + 1, sizeof(*first));
	if (!first)
		return err_nomem(e);
	b.nets = nets;
	b.classes = first;
	b.nclasses = distinct(nets, b.n, first);
	for (size_t t = 0; r == 0 && t < ARRAY_LEN(tables); t++) {
		buf_printf(&out, "add table %s mainvz_traffic\n", tables[t]);
		for (size_t d = 0; r == 0 && d < ARRAY_LEN(dirs); d++)
			r = put_dir(&b, tables[t], &dirs[d]);
	}
	if (r < 0 || out.failed)
		return err_nomem(e);
	return node_nft_run("change", buf_str(&out), e);
}
