// SPDX-License-Identifier: GPL-2.0-or-later
/* vzcalc: how much of the node one VPS uses, was promised and may use. Exit: 0, 1. */
#include <math.h>
#include <stdio.h>

#include <vz/account.h>

#include "tool.h"

enum { EXIT_BAD = 1 };
enum { O_VERBOSE, O_HELP };
enum { CURRENT, PROMISED, MOST, NCOLUMNS };

static const struct opt_def options[] = {
	{ "verbose", OPT_FLAG, O_VERBOSE, 'v' },
	{ "help", OPT_FLAG, O_HELP, 'h' },
	{ NULL, OPT_FLAG, 0, 0 },
};

static const char usage_text[] = "Usage: vzcalc [-v] ID|NAME\n"
				 "  -v, --verbose  a line for each resource\n";

struct share {
	const char *name;
	double v[NCOLUMNS]; /* per cent; NAN: undefined */
};

/* what: UINT64_MAX is undefined. */
static double percent(uint64_t what, uint64_t of)
{
	return what == UINT64_MAX || of == 0 || of == UINT64_MAX ? NAN : (double)what * 100 / (double)of;
}

#define NSHARES 5
static void shares(const struct vz_account *a, const struct vz_node_figures *n, struct share s[NSHARES])
{
	uint64_t both = n->ram + n->swap, used = a->mem + a->swap;
	const struct {
		const char *name;
		uint64_t of, now, promised, most;
	} rows[NSHARES] = {
		{ "Low Mem", n->ram, a->kernel, a->kernel_promised, a->kernel_max },
		{ "Total RAM", n->ram, a->mem, UINT64_MAX, a->mem_max },
		{ "Mem + Swap", both, used, a->mem_promised, a->alloc_max },
		{ "Alloc. Mem", both, used, a->alloc_promised, a->alloc_max },
		{ "Num. Proc", n->tasks_max, a->tasks, UINT64_MAX, a->tasks_max },
	};

	for (int i = 0; i < NSHARES; i++) {
		s[i].name = rows[i].name;
		s[i].v[CURRENT] = a->running ? percent(rows[i].now, rows[i].of) : NAN;
		s[i].v[PROMISED] = percent(rows[i].promised, rows[i].of);
		s[i].v[MOST] = percent(rows[i].most, rows[i].of);
	}
}

static void print_share(const struct share *s)
{
	static const int width[NCOLUMNS] = { 11, 12, 7 };

	printf("%-10s", s->name);
	for (int i = 0; i < NCOLUMNS; i++)
		if (isnan(s->v[i]))
			printf(" %*s", width[i], "n/a");
		else
			printf(" %*.2f", width[i], s->v[i]);
	putchar('\n');
}

static void print_all(const struct share *s, bool verbose)
{
	struct share top = { "Memory", { NAN, NAN, NAN } };

	printf("%-10s %11s %12s %7s\n", "Resource", "Current(%)", "Promised(%)", "Max(%)");
	for (int i = 0; i < NSHARES; i++) {
		if (verbose)
			print_share(&s[i]);
		for (int k = 0; k < NCOLUMNS && i < NSHARES - 1; k++) /* processes are no memory */
			if (isnan(top.v[k]) || top.v[k] < s[i].v[k])
				top.v[k] = s[i].v[k];
	}
	if (verbose)
		puts("-------------------------------------------");
	print_share(&top);
}

static int run(struct tool *t)
{
	struct vz_node_figures node = { .size = sizeof(node) };
	struct vz_account a = { .size = sizeof(a) };
	struct share s[NSHARES];
	struct vz_err e = { 0 };
	struct vz_ct *ct;
	int r = 0;

	if (tool_node(t, &e) < 0 || vz_node_figures(&node, &e) < 0)
		return tool_fail(t, &e, EXIT_BAD);
	ct = tool_ct(t, t->opt.words[0]);
	if (!ct)
		return EXIT_BAD;
	if (vz_ct_account(ct, &a, &e) < 0) {
		r = tool_fail(t, &e, EXIT_BAD);
	} else {
		shares(&a, &node, s);
		print_all(s, opt_has(&t->opt, O_VERBOSE));
	}
	vz_ct_free(ct);
	return r;
}

int main(int argc, char **argv)
{
	static const struct tool_main m = { "vzcalc", usage_text, options, O_HELP, 1, 1,
					    "exactly one VPS is needed", EXIT_BAD, run };

	return tool_run(&m, argc, argv);
}
