// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vzcfgvalidate: check one configuration file against the rules between its parameters, repair it, or tell
 * what this kernel makes of each line. Exit: 0 valid, 1 usage or unreadable, 2 not valid.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vz/firewall.h>
#include <vz/validate.h>

#include "json.h"
#include "tool.h"

enum { EXIT_USAGE = 1, EXIT_INVALID = 2 };
enum { O_REPAIR, O_ASK, O_VSWAP, O_REPORT, O_JSON, O_RAM, O_SWAP, O_HELP };

static const struct opt_def options[] = {
	{ "repair", OPT_FLAG, O_REPAIR, 'r' },
	{ "interactive", OPT_FLAG, O_ASK, 'i' },
	{ "vswap", OPT_ARG, O_VSWAP, 0 },
	{ "report", OPT_FLAG, O_REPORT, 'v' },
	{ "json", OPT_FLAG, O_JSON, 'j' },
	{ "ram", OPT_ARG, O_RAM, 0 },
	{ "swap", OPT_ARG, O_SWAP, 0 },
	{ "help", OPT_FLAG, O_HELP, 'h' },
	{ NULL, OPT_FLAG, 0, 0 },
};

static const char usage_text[] =
	"Usage: vzcfgvalidate [-r | -i] [-v yes|no] [-v] [-j] [--ram SIZE] [--swap SIZE] FILE\n"
	"  -r, --repair       put right what is wrong, in the file\n"
	"  -i, --interactive  the same, but ask before each change\n"
	"  -v yes|no          the rules with (without) VSwap, whatever PHYSPAGES says;\n"
	"      --vswap yes|no the same\n"
	"  -v, --report       what this kernel makes of each parameter in the file\n"
	"  -j, --json         JSON\n"
	"      --ram SIZE     for a node with so much memory, as in 64G; default: this one's\n"
	"      --swap SIZE    and so much swap\n";

struct run {
	struct tool tool;
	struct json out;
	struct vz_validate_opts rules;
	bool repair, ask, report, json;
	unsigned bad, errors, repaired; /* lines; rules */
	const char *path;
};

/* ---- the command line ---- */

static bool is_yesno(const char *s)
{
	return s && (strcmp(s, "yes") == 0 || strcmp(s, "no") == 0);
}

/*
 * "-v yes" and "-vyes" are older than "-v" alone. The word behind -v is its argument when it is yes or no
 * and another word follows, for there must be a file. Rewrites argv in place; *ret holds what was made.
 */
static void settle_v(int argc, char **argv)
{
	static char yes[] = "--vswap=yes", no[] = "--vswap=no", report[] = "--report";

	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		char *a = argv[i];
		size_t n = strlen(a);

		if (a[0] != '-' || a[1] == '-')
			continue;
		if (n > 3 && a[1] == 'v' && is_yesno(a + 2)) {
			argv[i] = a[2] == 'y' ? yes : no;
		} else if (n > 1 && a[n - 1] == 'v' && i + 2 < argc && is_yesno(argv[i + 1])) {
			argv[i + 1] = argv[i + 1][0] == 'y' ? yes : no;
			if (n == 2)
				argv[i] = argv[i + 1];
			else
				a[n - 1] = '\0';
		} else if (n == 2 && a[1] == 'v') {
			argv[i] = report;
		}
	}
}

static int size_option(struct run *r, int id, uint64_t *ret, struct vz_err *e)
{
	const char *text = opt_value(&r->tool.opt, id);

	return text ? vz_parse_size(text, ret, e) : 0;
}

static int options_of(struct run *r, struct vz_err *e)
{
	const struct opt_result *o = &r->tool.opt;
	const char *vswap = opt_value(o, O_VSWAP);

	r->repair = opt_has(o, O_REPAIR);
	r->ask = opt_has(o, O_ASK);
	r->report = opt_has(o, O_REPORT);
	r->json = opt_has(o, O_JSON);
	if (vswap && !is_yesno(vswap)) {
		out_msg(&r->tool.out, -1, "--vswap takes yes or no");
		return EXIT_USAGE;
	}
	r->rules = (struct vz_validate_opts){ .size = sizeof(r->rules) };
	if (vswap)
		r->rules.vswap = vswap[0] == 'y' ? VZ_VSWAP_YES : VZ_VSWAP_NO;
	if (r->repair && r->ask) {
		out_msg(&r->tool.out, -1, "-r and -i exclude each other");
		return EXIT_USAGE;
	}
	if (size_option(r, O_RAM, &r->rules.ram, e) < 0 || size_option(r, O_SWAP, &r->rules.swap, e) < 0)
		return tool_fail(&r->tool, e, EXIT_USAGE);
	if (o->nwords != 1) {
		out_msg(&r->tool.out, -1, "exactly one file is needed");
		return EXIT_USAGE;
	}
	r->path = o->words[0];
	return 0;
}

/* ---- what is told ---- */

static void on_line(void *arg, const struct vz_cfg_line *l)
{
	struct run *r = arg;

	r->bad += l->cls == VZ_LINE_BAD;
	if (r->json) {
		jw_open(&r->out, NULL, '{');
		jw_num(&r->out, "line", l->line);
		jw_str(&r->out, "parameter", l->key);
		jw_str(&r->out, "class", vz_line_word(l->cls));
		if (*l->text)
			jw_str(&r->out, "text", l->text);
		jw_close(&r->out);
		return;
	}
	if (r->report && *l->key)
		printf("%-20s %s%s%s\n", l->key, vz_line_word(l->cls), *l->text ? ": " : "", l->text);
	if (l->cls == VZ_LINE_BAD)
		printf("Error: line %u: %s\n", l->line, l->text);
	else if (*l->text && !r->report)
		printf("Warning: line %u: %s%s%s\n", l->line, l->key, *l->key ? ": " : "", l->text);
}

static bool wants(struct run *r, const struct vz_finding *f)
{
	char answer[16];

	if (f->advice || !f->fixable)
		return false;
	if (!r->ask)
		return r->repair;
	fprintf(r->json ? stderr : stdout, "set %s to %s? (y/n) ", f->key, f->should);
	fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

static bool on_finding(void *arg, const struct vz_finding *f)
{
	struct run *r = arg;
	bool yes;

	if (!r->json)
		printf("%s: %s%s%s%s\n", f->advice ? "Warning" : "Error", f->text, *f->is ? " (it is " : "",
		       f->is, *f->is ? ")" : "");
	yes = wants(r, f);
	r->repaired += yes;
	if (!r->json) {
		if (yes)
			printf("%s was set to %s\n", f->key, f->should);
		return yes;
	}
	jw_open(&r->out, NULL, '{');
	jw_str(&r->out, "parameter", f->key);
	jw_str(&r->out, "rule", f->rule);
	jw_str(&r->out, "severity", f->advice ? "warning" : "error");
	jw_str(&r->out, "text", f->text);
	jw_str(&r->out, "value", f->is);
	jw_str(&r->out, "should", f->should);
	jw_bool(&r->out, "repaired", yes);
	jw_close(&r->out);
	return yes;
}

static int store(struct run *r, const struct vz_cfg *cfg, struct vz_err *e)
{
	struct vz_render_opts o = { .size = sizeof(o), .old = r->path, .cfg = cfg };
	char *text = NULL;
	int s = vz_cfg_render(&o, &text, e);

	if (s == 0)
		s = vz_cfg_file_write(r->path, text, false, e);
	free(text);
	return s;
}

/* Where there is a node, the sets that the file names are to be there. */
static unsigned check_sets(struct run *r, const struct vz_cfg *cfg)
{
	struct vz_finding f = { .key = "FIREWALL", .rule = "file" };
	struct vz_err e = { 0 };

	if (tool_node(&r->tool, &e) < 0)
		return 0;
	e = (struct vz_err){ 0 };
	if (vz_firewall_check(r->tool.vz, cfg, &e) == 0)
		return 0;
	snprintf(f.text, sizeof(f.text), "FIREWALL: %.180s", e.text);
	(void)on_finding(r, &f);
	return 1;
}

static int check(struct run *r, struct vz_cfg *cfg, struct vz_err *e)
{
	bool vswap;
	int s;

	if (r->json) {
		jw_open(&r->out, NULL, '{');
		jw_str(&r->out, "file", r->path);
		jw_open(&r->out, "parameters", '[');
	}
	s = vz_cfg_file_read(r->path, cfg, on_line, r, e);
	if (s < 0)
		return s;
	vswap = vz_cfg_is_vswap(cfg);
	if (r->rules.vswap != VZ_VSWAP_AUTO)
		vswap = r->rules.vswap == VZ_VSWAP_YES;
	if (r->json) {
		jw_close(&r->out);
		jw_bool(&r->out, "vswap", vswap);
		jw_open(&r->out, "problems", '[');
	}
	s = vz_cfg_validate(cfg, &r->rules, on_finding, r, e);
	if (s < 0)
		return s;
	r->errors = (unsigned)s + check_sets(r, cfg);
	s = r->repaired ? store(r, cfg, e) : 0;
	if (r->json) {
		jw_close(&r->out);
		jw_bool(&r->out, "valid", !r->errors && !r->bad);
		jw_close(&r->out);
	}
	return s;
}

int main(int argc, char **argv)
{
	struct run r = { .json = false };
	struct vz_cfg *cfg = NULL;
	struct vz_err e = { 0 };
	int s;

	settle_v(argc, argv);
	s = tool_begin(&r.tool, "vzcfgvalidate", argc, argv, options, EXIT_USAGE);
	if (s == 0 && opt_has(&r.tool.opt, O_HELP)) {
		fputs(usage_text, stdout);
		return tool_end(&r.tool, 0, EXIT_USAGE);
	}
	s = s ? s : options_of(&r, &e);
	if (s)
		return tool_end(&r.tool, s, EXIT_USAGE);
	if (vz_cfg_new(&cfg, &e) < 0 || check(&r, cfg, &e) < 0)
		s = tool_fail(&r.tool, &e, EXIT_USAGE);
	else if (r.errors || r.bad)
		s = EXIT_INVALID;
	if (s != EXIT_USAGE) {
		if (r.json)
			jw_print(&r.out, stdout);
		else
			printf("Validation completed: %s\n", s ? "failure" : "success");
	}
	jw_done(&r.out);
	vz_cfg_free(cfg);
	return tool_end(&r.tool, s, EXIT_USAGE);
}
