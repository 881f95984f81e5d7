// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vzoversell: memory and swap sold to VSwap VPSs, against what the node has. With a file in the form of
 * /proc/user_beancounters: those of the node that it comes from. Exit: 0, 1.
 */
#include <stdio.h>

#include <vz/account.h>

#include "tool.h"

enum { EXIT_BAD = 1 };
enum { O_RUNNING, O_HELP };

static const struct opt_def options[] = {
	{ "running", OPT_FLAG, O_RUNNING, 'r' },
	{ "help", OPT_FLAG, O_HELP, 'h' },
	{ NULL, OPT_FLAG, 0, 0 },
};

static const char usage_text[] =
	"Usage: vzoversell [-r] [FILE]\n"
	"  FILE           beancounters, as /proc/user_beancounters has them; default: this node's VPSs\n"
	"  -r, --running  only VPSs that run\n";

struct sum {
	uint64_t n, sold[2], used[2];
	uint64_t endless[2]; /* VPSs without a limit */
	bool running;
};

static void add_sold(void *arg, const struct vz_sold *v)
{
	struct sum *s = arg;
	const uint64_t most[2] = { v->mem_max, v->swap_max };

	s->n++;
	s->used[0] += v->mem;
	s->used[1] += v->swap;
	for (int i = 0; i < 2; i++)
		if (most[i] == UINT64_MAX || __builtin_add_overflow(s->sold[i], most[i], &s->sold[i]))
			s->endless[i]++;
}

static void add(void *arg, uint32_t id, const struct vz_account *a)
{
	const struct sum *s = arg;
	struct vz_sold v = { id, a->mem, a->swap, a->mem_max, a->swap_max };

	if (a->vswap && (a->running || !s->running))
		add_sold(arg, &v);
}

static double percent(uint64_t v, uint64_t of)
{
	return of ? (double)v * 100 / (double)of : 0;
}

static void print_row(const struct sum *s, const char *name, int i, uint64_t node)
{
	printf("%-6s %10ju %10ju %10ju", name, (uintmax_t)(node >> 20), (uintmax_t)(s->sold[i] >> 20),
	       (uintmax_t)(s->used[i] >> 20));
	if (node)
		printf(" %8.2f %8.2f\n", percent(s->sold[i], node), percent(s->used[i], node));
	else
		printf(" %8s %8s\n", "n/a", "n/a");
}

static int run(struct tool *t)
{
	struct sum s = { .running = opt_has(&t->opt, O_RUNNING) };
	struct vz_node_figures node = { .size = sizeof(node) };
	struct vz_err e = { 0 };
	int r = vz_node_figures(&node, &e);

	if (r == 0 && t->opt.nwords)
		r = vz_beancounter_file(t->opt.words[0], add_sold, &s, &e);
	else if (r == 0)
		r = tool_node(t, &e) < 0 ? -1 : vz_account_each(t->vz, add, &s, &e);
	if (r < 0)
		return tool_fail(t, &e, EXIT_BAD);
	printf("VSwap VPSs: %ju\n", (uintmax_t)s.n);
	printf("%-6s %10s %10s %10s %8s %8s\n", "", "Node(MB)", "Sold(MB)", "Used(MB)", "Sold(%)", "Used(%)");
	print_row(&s, "RAM", 0, node.ram);
	print_row(&s, "Swap", 1, node.swap);
	if (s.endless[1])
		printf("%ju without a limit of swap\n", (uintmax_t)s.endless[1]);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct tool_main m = { "vzoversell", usage_text, options, O_HELP, 0, 1,
					    "one file at most is understood", EXIT_BAD, run };

	return tool_run(&m, argc, argv);
}
