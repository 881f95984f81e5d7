/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every small tool begins and ends with. */
#ifndef VZCTL_TOOL_H
#define VZCTL_TOOL_H

#include <vz/vz.h>

#include "opt.h"
#include "out.h"

struct tool {
	struct out out;
	struct vz *vz;
	struct opt_result opt;
};

/*
 * Parse argv (with argv[0]) by defs, a table of opt.h. Returns 0, or the exit status `usage_code` after one
 * line on standard error; *t is ready for tool_end() either way.
 */
int tool_begin(struct tool *t, const char *name, int argc, char **argv, const struct opt_def *defs,
	       int usage_code);
/* Open the node that VZ_CONF names, or /etc/vz/vz.conf. 0 or a negative errno and *e. */
int tool_node(struct tool *t, struct vz_err *e);
/* One line on standard error: what failed. Returns `code`, for "return tool_fail(...)". */
int tool_fail(struct tool *t, const struct vz_err *e, int code);
/* Number or name to a VPS; on failure one line, and NULL. */
struct vz_ct *tool_ct(struct tool *t, const char *word);
/* Flush, release, and turn a failed write to standard output into `bad_output`; else returns r. */
int tool_end(struct tool *t, int r, int bad_output);

/* The whole main() of a tool that has one thing to do. */
struct tool_main {
	const char *name, *usage; /* usage: all lines of --help */
	const struct opt_def *options;
	int help;	    /* id of --help */
	size_t least, most; /* words */
	const char *words;  /* said when there are fewer or more */
	int bad;	    /* exit status of a bad command line, and of output that cannot be written */
	int (*run)(struct tool *t);
};
int tool_run(const struct tool_main *m, int argc, char **argv);

/* "0.5", "3" in thousandths, within the bounds. -EINVAL. */
int tool_milli(const char *s, uint64_t least, uint64_t most, uint64_t *ret);

#endif
