// SPDX-License-Identifier: GPL-2.0-or-later
/* vzctl: flags, verb, VPS, options; then the verb. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

static const struct cmd {
	const char *name;
	int (*run)(struct cli *c, struct vz_err *e);
	const struct opt_def *opts;
	const struct opt_doc *docs;
	uint32_t want;
	unsigned need;
	const char *synopsis, *help;
} cmds[] = {
#define CMD(name, fn, opts, want, need, synopsis, help)                                            \
	{ name, fn, opts_##opts, docs_##opts, want, need, synopsis, help },
#include "cmds.def"
#undef CMD
};
#define NCMDS (sizeof(cmds) / sizeof(cmds[0]))

enum { F_QUIET, F_VERBOSE, F_VERSION, F_HELP, F_SKIPLOCK, F_IGNORED };
static const struct opt_def global_opts[] = {
	{ "quiet", OPT_FLAG, F_QUIET, 0 },	   { "verbose", OPT_FLAG, F_VERBOSE, 0 },
	{ "version", OPT_FLAG, F_VERSION, 0 },	   { "help", OPT_FLAG, F_HELP, 0 },
	{ "skiplock", OPT_FLAG, F_SKIPLOCK, 0 },   { "skipowner", OPT_FLAG, F_IGNORED, 0 },
	{ "ignore-ha-cluster", OPT_FLAG, F_IGNORED, 0 },
	{ "configure-timeout", OPT_ARG, F_IGNORED, 0 }, { NULL, OPT_FLAG, 0, 0 },
};

static void print_options(uint32_t want)
{
	for (const struct vz_option_info *o = vz_option_next(NULL); o; o = vz_option_next(o))
		if (o->flags & want && !(o->flags & VZ_PF_SPELLING))
			printf("  --%s %s\n\t%s\n", o->option, o->arg ? o->arg : "", o->help);
}

static void print_own(const struct cmd *cmd)
{
	bool any = false;

	for (const struct opt_doc *d = cmd->docs; d->name; d++) {
		if (!*d->help)
			continue;
		if (!any)
			puts("Options:");
		any = true;
		printf("  --%s %s\n\t%s\n", d->name, d->arg, d->help);
	}
}

/* Programs look at the line of `set` for what is supported. */
static void usage(FILE *f)
{
	fprintf(f, "vzctl version %s\n"
		   "Usage: vzctl [--quiet | --verbose] [--skiplock] COMMAND ID [OPTIONS]\n"
		   "       vzctl COMMAND --help\n"
		   "       vzctl --help | --version\n\nCommands:\n", VZ_VERSION);
	for (size_t i = 0; i < NCMDS; i++)
		if (cmds[i].name[0] != '_')
			fprintf(f, "vzctl %s %s\n\t%s\n", cmds[i].name, cmds[i].synopsis, cmds[i].help);
	if (f == stdout) {
		puts("\nParameters of create and set:");
		print_options(VZ_PF_CREATE | VZ_PF_SET);
	}
}

static void verb_usage(const struct cmd *cmd)
{
	printf("Usage: vzctl %s %s\n%s\n", cmd->name, cmd->synopsis, cmd->help);
	print_own(cmd);
	if (cmd->want) {
		puts("Parameters:");
		print_options(cmd->want);
	}
}

static const struct cmd *find_cmd(const char *name)
{
	for (size_t i = 0; i < NCMDS; i++)
		if (strcmp(cmds[i].name, name) == 0)
			return &cmds[i];
	return NULL;
}

static int fail(struct cli *c, const struct vz_err *e)
{
	out_msg(&c->out, -1, "%s", e->code ? e->text : "out of memory");
	return vz_code_exit(e->code ? e->code : VZ_E_SYS);
}

int cmd_refuse(struct cli *c, int code, const char *text)
{
	out_msg(&c->out, -1, "%s", text);
	return vz_code_exit(code);
}

int cmd_left_over(struct cli *c)
{
	if (!c->opt.nwords)
		return 0;
	out_msg(&c->out, -1, "'%.64s' is one word too many", c->opt.words[0]);
	return vz_code_exit(VZ_E_SYNTAX);
}

/* A small number, and all that it may be is written with one digit or as 10. */
static int level(struct cli *c, const char *key)
{
	char *text = NULL;
	int v = 0, sign = 1;

	if (vz_cfg_get_text(vz_node_cfg(c->vz), key, &text, NULL) < 0)
		return 0;
	for (const char *p = text; *p; p++)
		if (*p == '-')
			sign = -1;
		else
			v = v * 10 + (*p - '0');
	free(text);
	return sign * v;
}

static int open_node(struct cli *c, struct vz_err *e)
{
	struct vz_open_opts o = { .size = sizeof(o), .conf = getenv("VZ_CONF"), .log = out_sink,
				  .log_arg = &c->out };
	char *text = NULL;
	int r;

	if (o.conf && !*o.conf)
		o.conf = NULL;
	r = vz_open(&c->vz, &o, e);
	if (r < 0)
		return r;
	if (vz_cfg_get_text(vz_node_cfg(c->vz), "LOGGING", &text, NULL) == 0 &&
	    strcmp(text, "yes") == 0) {
		char *file = NULL;

		if (vz_cfg_get_text(vz_node_cfg(c->vz), "LOGFILE", &file, NULL) == 0)
			c->out.logfile = file;
	}
	free(text);
	c->out.verbose += level(c, "VERBOSE");
	c->out.log_level = level(c, "LOG_LEVEL");
	return 0;
}

/* Options of the verb, the VPS itself, then its function. */
static int run(struct cli *c, const struct cmd *cmd, const char *id, int argc, char **argv,
	       struct vz_err *e)
{
	struct opt_spec spec = { .defs = cmd->opts, .want = cmd->want };
	unsigned find = (cmd->need & NEED_NO_CONF ? VZ_FIND_NO_CONF_OK : 0) |
			(cmd->need & NEED_HOST_OK ? VZ_FIND_HOST_OK : 0) |
			(cmd->need & NEED_SILENCE ? VZ_FIND_BAD_CONF_OK : 0);
	int r = vz_cfg_new(&c->cfg, e);

	spec.cfg = c->cfg;
	if (r == 0 && cmd->need & NEED_WORDS)
		c->words = argv;
	else if (r == 0)
		r = opt_parse(argc, argv, &spec, &c->opt, e);
	if (r < 0)
		return r;
	if (cmd->need & NEED_NO_CT)
		return cmd->run(c, e);
	r = vz_ct_find(c->vz, id, find, &c->ct, e);
	if (r < 0)
		return r;
	c->id = c->out.id = vz_ct_id(c->ct);
	return cmd->run(c, e);
}

static int dispatch(struct cli *c, int argc, char **argv)
{
	const struct cmd *cmd = find_cmd(argv[0]);
	struct vz_err e = { 0 };
	bool quiet;
	int r;

	if (!cmd) {
		out_msg(&c->out, -1, "unknown command '%.64s'", argv[0]);
		return vz_code_exit(VZ_E_SYNTAX);
	}
	if (argc >= 2 && strcmp(argv[1], "--help") == 0) {
		verb_usage(cmd);
		return out_end(c->out.tool, 0, vz_code_exit(VZ_E_SYS));
	}
	quiet = c->out.quiet;
	c->verb = cmd->name;
	if (argc < 2)
		return cmd_refuse(c, VZ_E_PARAM, "the ID of a VPS is missing");
	if (cmd->need & NEED_SILENCE)
		c->out.quiet = true;
	r = open_node(c, &e);
	/* A verb that looks for its VPS itself has the first word among its own. */
	if (r == 0 && cmd->need & NEED_NO_CT)
		r = run(c, cmd, NULL, argc - 1, argv + 1, &e);
	else if (r == 0)
		r = run(c, cmd, argv[1], argc - 2, argv + 2, &e);
	/* Silence is for what is said on the way; that it failed is said. */
	c->out.quiet = quiet;
	if (r == 0 && cmd->need & NEED_OUTPUT)
		return out_end(c->out.tool, 0, vz_code_exit(VZ_E_SYS));
	return r < 0 ? fail(c, &e) : r;
}

int main(int argc, char **argv)
{
	struct cli c = { .out = { .tool = "vzctl" } };
	struct opt_spec spec = { .defs = global_opts, .stop_at_word = true };
	struct opt_result g = { 0 };
	struct vz_err e = { 0 };
	int r;

	out_begin();
	if (argc < 2) {
		usage(stderr);
		return vz_code_exit(VZ_E_SYNTAX);
	}
	if (opt_parse(argc - 1, argv + 1, &spec, &g, &e) < 0)
		return fail(&c, &e);
	c.out.quiet = opt_has(&g, F_QUIET);
	c.out.verbose = (int)opt_count(&g, F_VERBOSE);
	c.flags = opt_has(&g, F_SKIPLOCK) ? VZ_SKIP_LOCK : 0;
	if (opt_has(&g, F_VERSION)) {
		printf("vzctl version %s\n", VZ_VERSION);
		return out_end(c.out.tool, 0, vz_code_exit(VZ_E_SYS));
	}
	if (opt_has(&g, F_HELP)) {
		usage(stdout);
		return out_end(c.out.tool, 0, vz_code_exit(VZ_E_SYS));
	}
	if (!g.nwords) {
		usage(stderr);
		return vz_code_exit(VZ_E_SYNTAX);
	}
	r = dispatch(&c, (int)g.nwords, g.words);
	vz_ct_free(c.ct);
	vz_close(c.vz);
	vz_cfg_free(c.cfg);
	opt_done(&c.opt);
	opt_done(&g);
	return r;
}

int cmd_done(struct cli *c, int r, const char *done, const char *nothing)
{
	if (r == 0 && done)
		out_msg(&c->out, 0, "VPS %u %s", c->id, done);
	else if (r > 0)
		out_msg(&c->out, -1, "VPS %u %s", c->id, nothing);
	return r < 0 ? r : 0;
}
