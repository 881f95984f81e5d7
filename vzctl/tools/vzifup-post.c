/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vzifup-post: for the ifup hook of a distribution: a device of the node came up, so route and announce the
 * addresses of all running VPSs again. The device is the argument or, as such hooks have it, in DEV or
 * IFACE. Exit: 0; 1 usage; else what failed, by the codes of vzctl(8).
 */
#include "tool.h"

#include <vz/net.h>

#include <stdio.h>
#include <stdlib.h>

enum { ID_HELP, ID_VERBOSE };

static const struct opt_def options[] = {
	{ "help", OPT_FLAG, ID_HELP, 'h' },
	{ "verbose", OPT_FLAG, ID_VERBOSE, 'v' },
	{ NULL, OPT_FLAG, 0, 0 },
};

static const char usage[] = "Usage: vzifup-post [-v | --verbose] [DEV]\n";

static int run(struct tool *t, bool verbose)
{
	struct vz_err e = { 0 };
	const char *dev = t->opt.nwords ? t->opt.words[0] : getenv("DEV");
	unsigned n = 0;
	int r;

	if (!dev || !*dev)
		dev = getenv("IFACE");
	if (!dev || !*dev || t->opt.nwords > 1) {
		fputs(usage, stderr);
		return 1;
	}
	r = tool_node(t, &e);
	if (r == 0)
		r = vz_net_uplink_up(t->vz, dev, &n, &e);
	if (verbose)
		printf("%u\n", n);
	return r < 0 ? tool_fail(t, &e, vz_code_exit(e.code)) : 0;
}

int main(int argc, char **argv)
{
	struct tool t = { 0 };
	bool verbose = false;
	int r = tool_begin(&t, "vzifup-post", argc, argv, options, 1);

	for (size_t i = 0; r == 0 && i < t.opt.nseen; i++) {
		if (t.opt.seen[i].id == ID_HELP) {
			fputs(usage, stdout);
			return tool_end(&t, 0, 3);
		}
		verbose = true;
	}
	if (r == 0)
		r = run(&t, verbose);
	return tool_end(&t, r, 3);
}
