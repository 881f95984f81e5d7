// SPDX-License-Identifier: GPL-2.0-or-later
/* vzcpucheck: CPU units given out, against what the node has. Exit: 0, 1. */
#include <stdio.h>
#include <stdlib.h>

#include <vz/account.h>

#include "tool.h"

enum { EXIT_BAD = 1 };
enum { O_VERBOSE, O_ALL, O_HELP };

static const struct opt_def options[] = {
	{ "verbose", OPT_FLAG, O_VERBOSE, 'v' },
	{ "all", OPT_FLAG, O_ALL, 'a' },
	{ "help", OPT_FLAG, O_HELP, 'h' },
	{ NULL, OPT_FLAG, 0, 0 },
};

static const char usage_text[] = "Usage: vzcpucheck [-v] [-a]\n"
				 "  -v, --verbose  a line for each VPS; 0 is the node itself\n"
				 "  -a, --all      count VPSs that do not run, too\n";

struct sum {
	uint64_t units;
	bool verbose, all;
};

static void print_one(const struct sum *s, uint32_t id, uint64_t units)
{
	if (s->verbose)
		printf("%-10u %ju\n", id, (uintmax_t)units);
}

static void add(void *arg, uint32_t id, const struct vz_account *a)
{
	struct sum *s = arg;

	if (!a->running && !s->all)
		return;
	s->units += a->cpuunits;
	print_one(s, id, a->cpuunits);
}

/* What the node keeps for itself. */
static uint64_t own_units(struct vz *vz)
{
	char *text = NULL;
	uint64_t v = 0;

	if (vz_cfg_get_text(vz_node_cfg(vz), "VE0CPUUNITS", &text, NULL) < 0)
		return 1000;
	for (const char *p = text; *p >= '0' && *p <= '9'; p++)
		v = v * 10 + (uint64_t)(*p - '0');
	free(text);
	return v;
}

static int run(struct tool *t)
{
	struct sum s = { .verbose = opt_has(&t->opt, O_VERBOSE), .all = opt_has(&t->opt, O_ALL) };
	struct vz_node_figures node = { .size = sizeof(node) };
	struct vz_err e = { 0 };

	if (tool_node(t, &e) < 0 || vz_node_figures(&node, &e) < 0)
		return tool_fail(t, &e, EXIT_BAD);
	if (s.verbose)
		puts("CTID       CPUUNITS\n-------------------------");
	s.units = own_units(t->vz);
	print_one(&s, 0, s.units);
	if (vz_account_each(t->vz, add, &s, &e) < 0)
		return tool_fail(t, &e, EXIT_BAD);
	printf("Current CPU utilization: %ju\n", (uintmax_t)s.units);
	printf("Power of the node: %ju\n", (uintmax_t)node.power);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct tool_main m = { "vzcpucheck", usage_text, options, O_HELP, 0, 0,
					    "only options are understood", EXIT_BAD, run };

	return tool_run(&m, argc, argv);
}
