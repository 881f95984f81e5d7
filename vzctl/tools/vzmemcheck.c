// SPDX-License-Identifier: GPL-2.0-or-later
/* vzmemcheck: memory that the VPSs of the node use, were promised and may use. Exit: 0, 1. */
#include <stdio.h>
#include <string.h>

#include <vz/account.h>

#include "tool.h"

enum { EXIT_BAD = 1 };
enum { O_VERBOSE, O_ABSOLUTE, O_RUNNING, O_HELP };

static const struct opt_def options[] = {
	{ "verbose", OPT_FLAG, O_VERBOSE, 'v' },
	{ "absolute", OPT_FLAG, O_ABSOLUTE, 'A' },
	{ "running", OPT_FLAG, O_RUNNING, 'r' },
	{ "help", OPT_FLAG, O_HELP, 'h' },
	{ NULL, OPT_FLAG, 0, 0 },
};

static const char usage_text[] =
	"Usage: vzmemcheck [-v] [-A] [-r]\n"
	"  -v, --verbose   a line for each VPS\n"
	"  -A, --absolute  megabytes, and a last line with what the node has\n"
	"  -r, --running   only VPSs that run; what stopped ones were promised does not count\n";

static const char *const heads[2][VZ_MEM_NCOLUMNS] = {
	{ "LowMem", "LowMem", "RAM", "MemSwap", "MemSwap", "Alloc", "Alloc", "Alloc" },
	{ "util", "commit", "util", "util", "commit", "util", "commit", "limit" },
};

struct sum {
	struct vz_node_figures node;
	uint64_t of[VZ_MEM_NCOLUMNS], all[VZ_MEM_NCOLUMNS];
	bool verbose, absolute, running;
};

static void print_row(const struct sum *s, const char *name, const uint64_t *v)
{
	if (s->verbose)
		printf("%-10s ", name);
	for (int i = 0; i < VZ_MEM_NCOLUMNS; i++) {
		double x = s->absolute ? (double)v[i] / 1048576 :
			   s->of[i]    ? (double)v[i] * 100 / (double)s->of[i] :
					 0;

		printf("%7.2f%s", x, i + 1 < VZ_MEM_NCOLUMNS ? " " : "\n");
	}
}

static void print_heads(const struct sum *s)
{
	printf("Output values in %s\n", s->absolute ? "Mbytes" : "%");
	for (int line = 0; line < 2; line++) {
		if (s->verbose)
			printf("%-10s ", line == 0 ? "CTID" : "");
		for (int i = 0; i < VZ_MEM_NCOLUMNS; i++)
			printf("%7s%s", heads[line][i], i + 1 < VZ_MEM_NCOLUMNS ? " " : "\n");
	}
}

static void add(void *arg, uint32_t id, const struct vz_account *a)
{
	struct sum *s = arg;
	uint64_t v[VZ_MEM_NCOLUMNS];
	char name[16];

	if (s->running && !a->running)
		return;
	vz_account_memory(a, &s->node, v);
	for (int i = 0; i < VZ_MEM_NCOLUMNS; i++)
		if (__builtin_add_overflow(s->all[i], v[i], &s->all[i]))
			s->all[i] = UINT64_MAX;
	(void)snprintf(name, sizeof(name), "%u", id);
	if (s->verbose)
		print_row(s, name, v);
}

static int run(struct tool *t)
{
	struct sum s = { .node.size = sizeof(s.node), .verbose = opt_has(&t->opt, O_VERBOSE),
			 .absolute = opt_has(&t->opt, O_ABSOLUTE),
			 .running = opt_has(&t->opt, O_RUNNING) };
	struct vz_err e = { 0 };

	if (tool_node(t, &e) < 0 || vz_node_figures(&s.node, &e) < 0)
		return tool_fail(t, &e, EXIT_BAD);
	vz_node_memory(&s.node, s.of);
	print_heads(&s);
	if (vz_account_each(t->vz, add, &s, &e) < 0)
		return tool_fail(t, &e, EXIT_BAD);
	if (s.verbose)
		puts("--------------------------------------------------------------------------");
	print_row(&s, "Summary:", s.all);
	if (s.absolute)
		print_row(&s, "Node:", s.of);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct tool_main m = { "vzmemcheck", usage_text, options, O_HELP, 0, 0,
					    "only options are understood", EXIT_BAD, run };

	return tool_run(&m, argc, argv);
}
