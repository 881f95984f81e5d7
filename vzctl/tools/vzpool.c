// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vzpool: resource pools. Exit: the codes of vzctl(8); check: 6 when something does not fit.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vz/cfg.h>
#include <vz/pool.h>

#include "json.h"
#include "tool.h"

enum { O_JSON = 1000, O_RESTART, O_HELP };

#define NPARAM_MAX 32

static int usage_error(struct tool *t, const char *text)
{
	out_msg(&t->out, -1, "%s", text);
	return vz_code_exit(VZ_E_SYNTAX);
}

static void print_usage(void)
{
	const struct vz_pool_param *p;

	printf("Usage: vzpool create|set POOL [OPTIONS]\n"
	       "       vzpool show|destroy POOL\n"
	       "       vzpool list [-j]\n"
	       "       vzpool move ID|NAME POOL|- [--restart]\n"
	       "       vzpool check\n"
	       "create and set (an empty value, or 0, takes it away):\n");
	for (unsigned i = 0; (p = vz_pool_param(i)); i++)
		printf("  --%-12s %-8s %s\n", p->option, p->arg, p->help);
	printf("move of a VPS that runs:\n"
	       "  --restart              stop it and start it in the pool, instead of carrying it over\n"
	       "list, show:\n"
	       "  -j, --json             JSON\n");
}

/* ---- list and show ---- */

struct listing {
	struct json out;
	const char *only;
	bool json, any;
};

/* "1.5", or "-" for none or unknown */
static const char *fixed(char *out, size_t size, uint64_t v, double unit)
{
	if (v == UINT64_MAX || !v)
		return "-";
	snprintf(out, size, "%.1f", (double)v / unit);
	return out;
}

static void put_json(struct json *j, const struct vz_pool_info *p)
{
	const struct vz_pool *v = &p->pool;

	jw_open(j, NULL, '{');
	jw_str(j, "name", v->name);
	jw_str(j, "parent", *v->parent ? v->parent : NULL);
	jw_str(j, "description", v->description);
	jw_bool(j, "borrow", v->borrow);
	jw_num(j, "vps", p->vps);
	jw_num(j, "running", p->running);
	jw_num(j, "mem_reserve", v->mem_reserve);
	jw_num(j, "mem_limit", v->mem_limit);
	jw_num(j, "mem_claimed", p->mem_claimed);
	jw_num(j, "mem_sold", p->mem_sold);
	jw_num(j, "mem", p->mem == UINT64_MAX ? 0 : p->mem);
	jw_num(j, "cpu_reserve_permille", v->cpu_reserve);
	jw_num(j, "cpu_limit_permille", v->cpu_limit);
	jw_num(j, "cpu_claimed_permille", p->cpu_claimed);
	jw_num(j, "cpu_shares", v->cpu_shares);
	jw_num(j, "cpu_usec", p->cpu_usec == UINT64_MAX ? 0 : p->cpu_usec);
	jw_num(j, "proc_limit", v->proc_limit);
	jw_num(j, "io_limit", v->io_limit);
	jw_num(j, "iops_limit", v->iops_limit);
	jw_num(j, "io_weight", v->io_weight);
	jw_num(j, "procs", p->procs == UINT64_MAX ? 0 : p->procs);
	jw_close(j);
}

static void put_details(const struct vz_pool_info *p)
{
	const struct vz_pool_param *row;
	char text[VZ_POOL_TEXT + 1];

	for (unsigned i = 0; (row = vz_pool_param(i)); i++) {
		vz_pool_text(&p->pool, i, text, sizeof(text));
		printf("%s=\"%s\"\n", row->key, text);
	}
}

static void on_pool(void *arg, const struct vz_pool_info *p)
{
	struct listing *l = arg;
	const struct vz_pool *v = &p->pool;
	char a[6][24], procs[24] = "-";

	if (l->only && strcmp(l->only, v->name) != 0)
		return;
	if (l->json)
		put_json(&l->out, p);
	else if (l->only)
		put_details(p);
	if (!l->json) {
		if (p->procs != UINT64_MAX)
			snprintf(procs, sizeof(procs), "%" PRIu64, p->procs);
		if (!l->any)
			printf("%-28s %9s %9s %9s %9s %8s %8s %7s %6s\n", "POOL", "MEM(MB)", "CLAIMED", "RESERVE",
			       "LIMIT", "CPU-RES", "CPU-LIM", "PROCS", "VPS");
		printf("%*s%-*s %9s %9s %9s %9s %8s %8s %7s %u/%u\n", (int)p->depth * 2, "",
		       28 - (int)p->depth * 2, v->name, fixed(a[0], sizeof(*a), p->mem, 1 << 20),
		       fixed(a[1], sizeof(*a), p->mem_claimed, 1 << 20),
		       fixed(a[2], sizeof(*a), v->mem_reserve, 1 << 20),
		       fixed(a[3], sizeof(*a), v->mem_limit, 1 << 20),
		       fixed(a[4], sizeof(*a), v->cpu_reserve, 10), fixed(a[5], sizeof(*a), v->cpu_limit, 10),
		       procs, p->running, p->vps);
	}
	l->any = true;
}

static int list(struct tool *t, const char *only)
{
	struct listing l = { .json = opt_has(&t->opt, O_JSON), .only = only };
	struct vz_err e = { 0 };
	int r;

	if (l.json)
		jw_open(&l.out, NULL, '[');
	r = vz_pool_each(t->vz, on_pool, &l, &e);
	if (r == 0 && l.json && (l.any || !only))
		jw_print(&l.out, stdout);
	jw_done(&l.out);
	if (r == 0 && only && !l.any) {
		out_msg(&t->out, -1, "there is no pool '%s'", only);
		return vz_code_exit(VZ_E_PARAM);
	}
	return r < 0 ? tool_fail(t, &e, vz_code_exit(e.code)) : 0;
}

/* ---- move ---- */

/* It is stopped, and started in the pool. */
static int restart_in(struct vz_ct *ct, const char *pool, struct vz_err *e)
{
	struct vz_set_result res = { 0 };
	struct vz_cfg *cfg = NULL;
	int r = vz_cfg_new(&cfg, e);

	/* Rather said before it is stopped than after. */
	if (r == 0 && vz_ct_status(ct) & VZ_ST_RUNNING)
		r = vz_pool_admits(ct, pool, e);
	if (r == 0)
		r = vz_cfg_set(cfg, "POOL", pool, e);
	if (r == 0)
		r = vz_ct_set(ct, cfg, VZ_SET_SAVE | VZ_SET_RESTART, &res, e);
	vz_cfg_free(cfg);
	return r;
}

static int move_live(struct tool *t, struct vz_ct *ct, const char *id, const char *pool, struct vz_err *e)
{
	struct vz_err why = { 0 };
	int r;

	if (isatty(STDOUT_FILENO) && vz_ct_status(ct) & VZ_ST_RUNNING)
		out_msg(&t->out, 0, "moving VPS %s, which stands still meanwhile", id);
	r = vz_pool_move(ct, pool, 0, &why, e);
	if (r > 0)
		out_msg(&t->out, -1, "VPS %s runs and enters the pool when it starts again: %s", id, why.text);
	return r < 0 ? r : 0;
}

static int move(struct tool *t)
{
	const char *id = t->opt.words[1];
	const char *pool = strcmp(t->opt.words[2], "-") == 0 ? "" : t->opt.words[2];
	struct vz_err e = { 0 };
	struct vz_ct *ct = NULL;
	int r = vz_ct_find(t->vz, id, 0, &ct, &e);

	if (r == 0)
		r = opt_has(&t->opt, O_RESTART) ? restart_in(ct, pool, &e) : move_live(t, ct, id, pool, &e);
	vz_ct_free(ct);
	return r < 0 ? tool_fail(t, &e, vz_code_exit(e.code)) : 0;
}

/* ---- the rest ---- */

static size_t changes(const struct tool *t, struct vz_pool_change *c)
{
	size_t n = 0;

	for (unsigned i = 0; i < NPARAM_MAX && vz_pool_param(i); i++)
		if (opt_has(&t->opt, (int)i))
			c[n++] = (struct vz_pool_change){ .param = i, .text = opt_value(&t->opt, (int)i) };
	return n;
}

static void on_finding(void *arg, const char *line)
{
	(void)arg;
	printf("%s\n", line);
}

static int work(struct tool *t)
{
	const char *verb = t->opt.words[0], *name = t->opt.nwords > 1 ? t->opt.words[1] : NULL;
	struct vz_pool_change c[NPARAM_MAX];
	size_t n = changes(t, c);
	struct vz_err e = { 0 };
	int r;

	if (strcmp(verb, "create") == 0)
		r = vz_pool_create(t->vz, name, c, n, &e);
	else if (strcmp(verb, "set") == 0)
		r = vz_pool_set(t->vz, name, c, n, &e);
	else if (strcmp(verb, "destroy") == 0)
		r = vz_pool_destroy(t->vz, name, &e);
	else
		r = vz_pool_check(t->vz, on_finding, NULL, &e);
	return r < 0 ? tool_fail(t, &e, vz_code_exit(e.code)) : r > 0 ? vz_code_exit(VZ_E_NORES) : 0;
}

static int run(struct tool *t)
{
	static const struct {
		const char *verb;
		size_t words;
		bool params;
	} verbs[] = {
		{ "create", 2, true }, { "set", 2, true },    { "show", 2, false },  { "destroy", 2, false },
		{ "list", 1, false },  { "check", 1, false }, { "move", 3, false },
	};
	struct vz_pool_change c[NPARAM_MAX];
	struct vz_err e = { 0 };
	const char *verb = t->opt.words[0];
	size_t i = 0;

	while (i < sizeof(verbs) / sizeof(*verbs) && strcmp(verbs[i].verb, verb) != 0)
		i++;
	if (i == sizeof(verbs) / sizeof(*verbs)) {
		out_msg(&t->out, -1, "'%s' is not a command", verb);
		return vz_code_exit(VZ_E_SYNTAX);
	}
	if (t->opt.nwords != verbs[i].words)
		return usage_error(t, verbs[i].words == 1 ? "this command takes no names" :
				      verbs[i].words == 2 ? "exactly one pool is needed" :
							    "a VPS and a pool are needed");
	if (!verbs[i].params && changes(t, c))
		return usage_error(t, "such options belong to create and set");
	if (tool_node(t, &e) < 0)
		return tool_fail(t, &e, vz_code_exit(e.code));
	if (strcmp(verb, "list") == 0 || strcmp(verb, "show") == 0)
		return list(t, t->opt.nwords > 1 ? t->opt.words[1] : NULL);
	return strcmp(verb, "move") == 0 ? move(t) : work(t);
}

int main(int argc, char **argv)
{
	struct opt_def defs[NPARAM_MAX + 5];
	const struct vz_pool_param *p;
	struct tool t = { 0 };
	size_t n = 0;
	int r;

	for (unsigned i = 0; i < NPARAM_MAX && (p = vz_pool_param(i)); i++)
		defs[n++] = (struct opt_def){ p->option, OPT_ARG, (int)i, 0 };
	defs[n++] = (struct opt_def){ "json", OPT_FLAG, O_JSON, 'j' };
	defs[n++] = (struct opt_def){ "restart", OPT_FLAG, O_RESTART, 0 };
	defs[n++] = (struct opt_def){ "help", OPT_FLAG, O_HELP, 'h' };
	defs[n] = (struct opt_def){ NULL, OPT_FLAG, 0, 0 };
	r = tool_begin(&t, "vzpool", argc, argv, defs, vz_code_exit(VZ_E_SYNTAX));
	if (r == 0 && opt_has(&t.opt, O_HELP))
		print_usage();
	else if (r == 0 && !t.opt.nwords)
		r = usage_error(&t, "a command is needed");
	else if (r == 0)
		r = run(&t);
	return tool_end(&t, r, vz_code_exit(VZ_E_SYS));
}
