/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vznetstat: traffic of VPSs by network class. Exit: 0; 1 usage; 3 the output failed; else what failed, by
 * the codes of vzctl(8).
 */
#include "tool.h"

#include <vz/traffic.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLASS_MAX 65535u

enum { ID_HELP, ID_V4, ID_V6, ID_VPS, ID_CLASS, ID_ALL, ID_RAW, ID_TYPE, ID_QUOTA, ID_ENFORCE };

static const struct opt_def options[] = {
	{ "help", OPT_FLAG, ID_HELP, 'h' }, { NULL, OPT_FLAG, ID_V4, '4' },
	{ NULL, OPT_FLAG, ID_V6, '6' },	    { NULL, OPT_ARG, ID_VPS, 'v' },
	{ NULL, OPT_ARG, ID_CLASS, 'c' },   { NULL, OPT_FLAG, ID_ALL, 'a' },
	{ NULL, OPT_FLAG, ID_RAW, 'r' },    { NULL, OPT_ARG, ID_TYPE, 't' },
	{ "quota", OPT_FLAG, ID_QUOTA, 'q' }, { "enforce", OPT_FLAG, ID_ENFORCE, 0 },
	{ NULL, OPT_FLAG, 0, 0 },
};

static const char usage[] =
	"Usage: vznetstat [-4|-6] [-v CTID] [-c CLASS] [-a] [-r] [-t ct|vm|all]\n"
	"  -4, -6     only this family\n"
	"  -v CTID    only this VPS\n"
	"  -c CLASS   only this class\n"
	"  -a         also classes without traffic\n"
	"  -r         raw: without the header\n"
	"  -t TYPE    ct, vm (there are none), all\n"
	"       vznetstat --quota [-v CTID] [-r]\n"
	"  -q, --quota  the month so far, and what it includes\n"
	"       vznetstat --enforce [-v CTID]\n"
	"  --enforce  do what TRAFFIC_ACTION says, and take it back; print what was done\n";

struct call {
	bool v4, v6, all, raw, vm_only, quota, enforce;
	const char *vps;
	bool has_class;
	uint32_t net_class;
};

static int bad(const char *what, const char *arg)
{
	fprintf(stderr, "vznetstat: bad %s '%s'\n", what, arg);
	return 1;
}

static int read_class(struct call *c, const char *s)
{
	uint32_t v = 0;

	for (const char *d = s; *d && v <= CLASS_MAX; d++)
		v = *d >= '0' && *d <= '9' ? v * 10 + (uint32_t)(*d - '0') : CLASS_MAX + 1;
	if (!*s || v > CLASS_MAX)
		return bad("class", s);
	c->has_class = true;
	c->net_class = v;
	return 0;
}

static int read_options(struct call *c, const struct opt_result *o)
{
	for (size_t i = 0; i < o->nseen; i++) {
		const char *value = o->seen[i].value;

		switch (o->seen[i].id) {
		case ID_V4: c->v4 = true; break;
		case ID_V6: c->v6 = true; break;
		case ID_ALL: c->all = true; break;
		case ID_RAW: c->raw = true; break;
		case ID_QUOTA: c->quota = true; break;
		case ID_ENFORCE: c->enforce = true; break;
		case ID_VPS: c->vps = value; break;
		case ID_CLASS:
			if (read_class(c, value))
				return 1;
			break;
		case ID_TYPE:
			if (strcmp(value, "ct") != 0 && strcmp(value, "vm") != 0 &&
			    strcmp(value, "all") != 0)
				return bad("type", value);
			c->vm_only = strcmp(value, "vm") == 0;
			break;
		default: break;
		}
	}
	if (c->v4 && c->v6)
		return bad("options, one family only:", "-4 -6");
	if ((c->quota || c->enforce) && (c->v4 || c->v6 || c->has_class || c->all))
		return bad("options, a month is of all families and classes:", "-4 -6 -c -a");
	if (c->quota && c->enforce)
		return bad("options, one at a time:", "--quota --enforce");
	return o->nwords ? bad("argument", o->words[0]) : 0;
}

static bool is_empty(const struct vz_traffic *t)
{
	return !(t->in_packets | t->out_packets | t->in_bytes | t->out_bytes);
}

/* The families of one class are one line. */
static void print_ct(const struct call *c, uint32_t id, const struct vz_traffic *v, size_t n)
{
	for (size_t i = 0; i < n;) {
		struct vz_traffic sum = { .net_class = v[i].net_class };

		for (; i < n && v[i].net_class == sum.net_class; i++) {
			if ((c->v4 && v[i].family != 4) || (c->v6 && v[i].family != 6))
				continue;
			sum.in_bytes += v[i].in_bytes;
			sum.in_packets += v[i].in_packets;
			sum.out_bytes += v[i].out_bytes;
			sum.out_packets += v[i].out_packets;
		}
		if ((c->has_class && sum.net_class != c->net_class) || (!c->all && is_empty(&sum)))
			continue;
		printf("%10u %9u %20llu %12llu %20llu %12llu\n", id, sum.net_class,
		       (unsigned long long)sum.in_bytes, (unsigned long long)sum.in_packets,
		       (unsigned long long)sum.out_bytes, (unsigned long long)sum.out_packets);
	}
}

static int print_classes(const struct call *c, struct vz_ct *ct, struct vz_err *e)
{
	struct vz_traffic *v = NULL;
	size_t n = 0;
	int r = vz_ct_traffic(ct, &v, &n, e);

	if (r == 0)
		print_ct(c, vz_ct_id(ct), v, n);
	free(v);
	return r;
}

static int print_month(struct vz_ct *ct, struct vz_err *e)
{
	struct vz_traffic_month m;
	char quota[24] = "-", used[24] = "-";
	int r = vz_ct_traffic_month(ct, &m, e);

	if (r < 0)
		return r;
	if (m.quota) {
		snprintf(quota, sizeof(quota), "%llu", (unsigned long long)m.quota);
		snprintf(used, sizeof(used), "%.1f", 100.0 * (double)m.used / (double)m.quota);
	}
	printf("%10u %10s %20llu %20s %7s %-5s %s\n", vz_ct_id(ct), *m.from ? m.from : "-",
	       (unsigned long long)m.used, quota, used, m.over ? "over" : "ok",
	       m.quota ? m.action : "-");
	return 0;
}

/* What was done is said by the library; who has the lock now is looked at again next time. */
static int enforce(struct vz_ct *ct, struct vz_err *e)
{
	int r = vz_ct_traffic_enforce(ct, 0, e);

	if (r < 0 && e->code == VZ_E_LOCKED) {
		*e = (struct vz_err){ 0 };
		r = 0;
	}
	return r < 0 ? r : 0;
}

static int one(struct tool *t, const struct call *c, const char *word, struct vz_err *e)
{
	struct vz_ct *ct = NULL;
	int r = vz_ct_find(t->vz, word, 0, &ct, e);

	if (r == 0)
		r = c->enforce ? enforce(ct, e) : c->quota ? print_month(ct, e) :
							     print_classes(c, ct, e);
	vz_ct_free(ct);
	return r;
}

static int all(struct tool *t, const struct call *c, struct vz_err *e)
{
	uint32_t *ids = NULL;
	size_t n = 0;
	char word[16];
	int r = vz_ct_list(t->vz, &ids, &n, e), first = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		struct vz_err mine = { 0 };

		snprintf(word, sizeof(word), "%u", ids[i]);
		r = one(t, c, word, &mine);
		/* Destroyed since it was listed. */
		if (r == 0 || mine.code == VZ_E_NO_CONF) {
			r = 0;
			continue;
		}
		/* One VPS's trouble must not leave the others without their quota. */
		if (first)
			tool_fail(t, &mine, 0);
		else
			*e = mine;
		first = first ? first : r;
		r = c->enforce ? 0 : r;
	}
	free(ids);
	return r < 0 ? r : first;
}

static int run(struct tool *t, const struct call *c)
{
	struct vz_err e = { 0 };
	int r = tool_node(t, &e), refreshed = 0;

	if (r == 0)
		r = vz_traffic_refresh(t->vz, &e);
	if (r < 0 && (!c->enforce || !t->vz))
		return tool_fail(t, &e, vz_code_exit(e.code));
	/* A file that cannot be understood is no way round a quota. */
	if (r < 0)
		refreshed = tool_fail(t, &e, vz_code_exit(e.code));
	e = (struct vz_err){ 0 };
	if (!c->raw && c->quota)
		printf("%10s %10s %20s %20s %7s %-5s %s\n", "CTID", "Month", "Used(bytes)",
		       "Quota(bytes)", "Used(%)", "State", "Action");
	else if (!c->raw && !c->enforce)
		printf("%10s %9s %20s %12s %20s %12s\n", "CTID", "Net.Class", "Input(bytes)",
		       "Input(pkts)", "Output(bytes)", "Output(pkts)");
	if (!c->vm_only)
		r = c->vps ? one(t, c, c->vps, &e) : all(t, c, &e);
	else
		r = 0;
	return r < 0 ? tool_fail(t, &e, vz_code_exit(e.code)) : refreshed;
}

int main(int argc, char **argv)
{
	struct tool t = { 0 };
	struct call c = { 0 };
	int r = tool_begin(&t, "vznetstat", argc, argv, options, 1);

	for (size_t i = 0; r == 0 && i < t.opt.nseen; i++) {
		if (t.opt.seen[i].id == ID_HELP) {
			fputs(usage, stdout);
			return tool_end(&t, 0, 3);
		}
	}
	if (r == 0)
		r = read_options(&c, &t.opt);
	if (r == 0)
		r = run(&t, &c);
	return tool_end(&t, r, 3);
}
