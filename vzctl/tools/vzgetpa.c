// SPDX-License-Identifier: GPL-2.0-or-later
/* vzgetpa ID|NAME: print the path of a private area. Exit: 0, 1. */
#include <stdio.h>

#include "tool.h"

enum { EXIT_BAD = 1 };
enum { O_HELP };

static const struct opt_def options[] = {
	{ "help", OPT_FLAG, O_HELP, 'h' },
	{ NULL, OPT_FLAG, 0, 0 },
};

static const char usage_text[] = "Usage: vzgetpa ID|NAME\n";

static int run(struct tool *t)
{
	struct vz_err e = { 0 };
	struct vz_ct *ct;
	int r = 0;

	if (tool_node(t, &e) < 0)
		return tool_fail(t, &e, EXIT_BAD);
	ct = tool_ct(t, t->opt.words[0]);
	if (!ct)
		return EXIT_BAD;
	if (vz_ct_private(ct)) {
		puts(vz_ct_private(ct));
	} else {
		out_msg(&t->out, -1, "VE_PRIVATE is not set for VPS %u", vz_ct_id(ct));
		r = EXIT_BAD;
	}
	vz_ct_free(ct);
	return r;
}

int main(int argc, char **argv)
{
	static const struct tool_main m = { "vzgetpa", usage_text, options, O_HELP, 1, 1,
					    "exactly one VPS is needed", EXIT_BAD, run };

	return tool_run(&m, argc, argv);
}
