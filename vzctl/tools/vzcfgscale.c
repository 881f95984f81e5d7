// SPDX-License-Identifier: GPL-2.0-or-later
/* vzcfgscale: the parameters of a configuration file times a factor. Exit: 0, 1, and 2 (not valid). */
#include <stdio.h>
#include <stdlib.h>

#include <vz/validate.h>

#include "tool.h"

enum { EXIT_BAD = 1, EXIT_INVALID = 2 };
enum { O_OUTPUT, O_ALL, O_CPU, O_DISK, O_UBC, O_NETWORK, O_REMOVE, O_VALIDATE, O_HELP };

static const struct opt_def options[] = {
	{ "output-file", OPT_ARG, O_OUTPUT, 'o' },
	{ "all", OPT_ARG, O_ALL, 'a' },
	{ "cpu-only", OPT_ARG, O_CPU, 'c' },
	{ "disk-only", OPT_ARG, O_DISK, 'd' },
	{ "ubc-only", OPT_ARG, O_UBC, 'u' },
	{ "network-only", OPT_ARG, O_NETWORK, 'n' },
	{ "remove", OPT_FLAG, O_REMOVE, 'r' },
	{ "validate", OPT_FLAG, O_VALIDATE, 'v' },
	{ "help", OPT_FLAG, O_HELP, 'h' },
	{ NULL, OPT_FLAG, 0, 0 },
};

static const char usage_text[] =
	"Usage: vzcfgscale [-o FILE] [-a FACTOR] [-c FACTOR] [-d FACTOR] [-u FACTOR] [-n FACTOR] [-r] [-v] FILE\n"
	"  -o, --output-file FILE     write to this file; without it, standard output\n"
	"  -a, --all FACTOR           all that follows\n"
	"  -c, --cpu-only FACTOR      CPUUNITS, CPULIMIT\n"
	"  -d, --disk-only FACTOR     DISKSPACE, DISKINODES, IOLIMIT, IOPSLIMIT\n"
	"  -u, --ubc-only FACTOR      memory, swap and all beancounters\n"
	"  -n, --network-only FACTOR  RATE\n"
	"  -r, --remove               leave out what belongs to one VPS: addresses, names, paths\n"
	"  -v, --validate             put right what breaks a rule afterwards\n";

/* What is true of one VPS only. */
static const char *const personal[] = {
	"VE_ROOT", "VE_PRIVATE", "HOSTNAME", "NAME", "DESCRIPTION", "IP_ADDRESS", "NETIF", "NETDEV",
	"OSTEMPLATE", "VEID", "LOCAL_UID", "LOCAL_GID", NULL,
};

/* -a is for all that have no factor of their own. */
static const struct {
	int id;
	unsigned what; /* 0: rates */
} kinds[] = { { O_CPU, VZ_SCALE_CPU }, { O_DISK, VZ_SCALE_DISK }, { O_UBC, VZ_SCALE_UBC }, { O_NETWORK, 0 } };

static int scale(const struct opt_result *o, struct vz_cfg *cfg, uint64_t *ret_rates, struct vz_err *e)
{
	const char *all = opt_value(o, O_ALL);
	int r = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && r == 0; i++) {
		const char *own = opt_value(o, kinds[i].id);
		uint64_t ppm;

		if (!own && !all)
			continue;
		r = vz_parse_factor(own ? own : all, &ppm, e);
		if (r == 0 && kinds[i].what)
			r = vz_cfg_scale(cfg, kinds[i].what, ppm, e);
		else if (r == 0)
			*ret_rates = ppm;
	}
	return r;
}

static void on_line(void *arg, const struct vz_cfg_line *l)
{
	if (l->cls == VZ_LINE_BAD)
		out_msg(arg, -1, "line %u is kept as it is: %s", l->line, l->text);
}

static bool on_finding(void *arg, const struct vz_finding *f)
{
	out_msg(arg, -1, "%s%s%s", f->text, f->fixable && !f->advice ? ": set to " : "",
		f->advice ? "" : f->should);
	return !f->advice;
}

static int make(struct tool *t, struct vz_cfg *cfg, struct vz_err *e)
{
	struct vz_validate_opts rules = { .size = sizeof(rules) };
	struct vz_render_opts o = { .size = sizeof(o), .old = t->opt.words[0], .cfg = cfg };
	const char *to = opt_value(&t->opt, O_OUTPUT);
	char *text = NULL;
	int bad = 0, r = vz_cfg_file_read(o.old, cfg, on_line, &t->out, e);

	if (r == 0)
		r = scale(&t->opt, cfg, &o.rate_ppm, e);
	if (r == 0 && opt_has(&t->opt, O_VALIDATE)) {
		bad = vz_cfg_validate(cfg, &rules, on_finding, &t->out, e);
		r = bad < 0 ? bad : 0;
	}
	if (opt_has(&t->opt, O_REMOVE))
		o.drop = personal;
	if (r == 0)
		r = vz_cfg_render(&o, &text, e);
	if (r == 0 && to)
		r = vz_cfg_file_write(to, text, false, e);
	else if (r == 0)
		fputs(text, stdout);
	free(text);
	return r < 0 ? tool_fail(t, e, EXIT_BAD) : bad ? EXIT_INVALID : 0;
}

static int run(struct tool *t)
{
	struct vz_err e = { 0 };
	struct vz_cfg *cfg = NULL;
	int r = vz_cfg_new(&cfg, &e) < 0 ? tool_fail(t, &e, EXIT_BAD) : make(t, cfg, &e);

	vz_cfg_free(cfg);
	return r;
}

int main(int argc, char **argv)
{
	static const struct tool_main m = { "vzcfgscale", usage_text, options, O_HELP, 1, 1,
					    "exactly one file is needed", EXIT_BAD, run };

	return tool_run(&m, argc, argv);
}
