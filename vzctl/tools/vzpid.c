// SPDX-License-Identifier: GPL-2.0-or-later
/* vzpid [-p] PID...: whose is a process of the node? "-" reads numbers from standard input. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vz/proc.h>

#include "tool.h"

enum { O_PIDS, O_HELP };

static const struct opt_def options[] = {
	{ "pid", OPT_FLAG, O_PIDS, 'p' },
	{ "help", OPT_FLAG, O_HELP, 'h' },
	{ NULL, OPT_FLAG, 0, 0 },
};

static const char usage_text[] =
	"Usage: vzpid [-p] PID...\n"
	"       vzpid [-p] -\n"
	"Prints the VPS that each process of the node belongs to; 0 is the node itself.\n"
	"  -p, --pid   its number inside the VPS, too\n"
	"  -           numbers come from standard input, separated by blanks\n";

/* What is no number of a process is nobody's. */
static pid_t number(const char *s)
{
	int64_t n = 0;

	for (; *s >= '0' && *s <= '9' && n <= INT32_MAX; s++)
		n = n * 10 + (*s - '0');
	return *s || n > INT32_MAX ? 0 : (pid_t)n;
}

/* A process that is not there is passed over: it may have ended since its number was written down. */
static int show(struct tool *t, const char *word, bool inside)
{
	struct vz_proc *p = NULL;
	struct vz_err e = { 0 };
	pid_t pid = number(word);

	if (pid <= 0) {
		out_msg(&t->out, -1, "bad process number '%.40s'", word);
		return 1;
	}
	if (vz_proc_find(t->vz, pid, 0, &p, &e) < 0)
		return e.sys == ESRCH ? 0 : tool_fail(t, &e, 1);
	if (inside && p->vpid)
		printf("%d\t%d\t%u\t%s\n", p->pid, p->vpid, p->ctid, p->comm);
	else if (inside)
		printf("%d\t-\t%u\t%s\n", p->pid, p->ctid, p->comm);
	else
		printf("%d\t%u\t%s\n", p->pid, p->ctid, p->comm);
	vz_procs_free(p, 1);
	return 0;
}

static int show_input(struct tool *t, bool inside)
{
	char *line = NULL;
	size_t size = 0;
	int status = 0;

	while (getline(&line, &size, stdin) > 0) {
		char *save = NULL;

		for (char *w = strtok_r(line, " \t\n", &save); w; w = strtok_r(NULL, " \t\n", &save))
			status |= show(t, w, inside);
		fflush(stdout);
	}
	free(line);
	return status;
}

static int run(struct tool *t)
{
	bool inside = opt_has(&t->opt, O_PIDS);
	struct vz_err e = { 0 };
	int status = 0;

	if (opt_has(&t->opt, O_HELP)) {
		fputs(usage_text, stdout);
		return 0;
	}
	if (!t->opt.nwords) {
		fputs(usage_text, stderr);
		return 1;
	}
	if (tool_node(t, &e) < 0)
		return tool_fail(t, &e, 1);
	fputs(inside ? "Pid\tCT/Pid\tCTID\tName\n" : "Pid\tCTID\tName\n", stdout);
	for (size_t i = 0; i < t->opt.nwords; i++) {
		if (strcmp(t->opt.words[i], "-") == 0)
			status |= show_input(t, inside);
		else
			status |= show(t, t->opt.words[i], inside);
	}
	return status;
}

int main(int argc, char **argv)
{
	struct tool t;
	int r = tool_begin(&t, "vzpid", argc, argv, options, 1);

	return tool_end(&t, r ? r : run(&t), 1);
}
