// SPDX-License-Identifier: GPL-2.0-or-later
/* vzcheck: what this machine lacks for a node with many VPSs, why that matters, and with --fix the settings. */
#include <vz/node.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

enum { EX_OK, EX_WARN, EX_UNFIT, EX_USAGE };
enum { O_JSON, O_QUIET, O_FIX, O_DRY, O_HELP, O_ROOT, O_LIST };

#define FIX_FILE "/etc/sysctl.d/90-mainvz.conf"

static const struct opt_def defs[] = {
	{ "json", OPT_FLAG, O_JSON, 'j' },     { "quiet", OPT_FLAG, O_QUIET, 'q' },
	{ "fix", OPT_FLAG, O_FIX, 0 },	       { "dry-run", OPT_FLAG, O_DRY, 'n' },
	{ "help", OPT_FLAG, O_HELP, 'h' },     { "verbose", OPT_FLAG, O_LIST, 'v' },
	{ "root", OPT_ARG, O_ROOT, 0 }, /* for tests: where proc and sys are */
	{ NULL, OPT_FLAG, 0, 0 },
};

static const char usage_text[] =
	"Usage: vzcheck [-q] [-v] [-j]\n"
	"       vzcheck --fix [--dry-run]\n"
	"  -q, --quiet    only what makes this machine unfit\n"
	"  -v, --verbose  also what is as it should be\n"
	"  -j, --json     all of it, for programs\n"
	"      --fix      write " FIX_FILE " and apply it\n"
	"  -n, --dry-run  with --fix: show what it would write\n"
	"  -h, --help\n";

static const char *const levels[] = { "ok", "warn", "fail" };

struct call {
	struct tool t;
	struct vz_check_opts o;
	bool json, quiet, all;
	unsigned n[3]; /* of each level */
	unsigned fixable;
};

static void json_text(const char *s)
{
	putchar('"');
	for (; *s; s++) {
		unsigned char ch = (unsigned char)*s;

		if (ch == '"' || ch == '\\')
			printf("\\%c", ch);
		else if (ch < ' ' || ch == 0x7f)
			printf("\\u%04x", ch);
		else
			putchar(ch);
	}
	putchar('"');
}

static void json_row(const struct vz_check *v, bool first)
{
	const struct {
		const char *key, *value;
	} members[] = { { "name", v->name },	 { "group", v->group },
			{ "level", levels[v->level] }, { "found", v->found },
			{ "wanted", v->wanted }, { "why", v->why },
			{ "how", v->how },	 { "sysctl", v->sysctl } };

	printf("%s\n  {", first ? "" : ",");
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		printf("%s\"%s\": ", i ? ", " : "", members[i].key);
		if (members[i].value)
			json_text(members[i].value);
		else
			fputs("null", stdout);
	}
	putchar('}');
}

static void on_row(void *arg, const struct vz_check *v)
{
	struct call *c = arg;
	bool first = c->n[0] + c->n[1] + c->n[2] == 0;

	c->n[v->level]++;
	c->fixable += v->level != VZ_CHECK_OK && v->sysctl;
	if (c->json) {
		json_row(v, first);
		return;
	}
	if ((v->level == VZ_CHECK_OK && !c->all) || (v->level == VZ_CHECK_WARN && c->quiet))
		return;
	printf("%-4s  %s: %s", levels[v->level], v->name, v->found);
	if (v->level == VZ_CHECK_OK) {
		putchar('\n');
		return;
	}
	printf(" (wanted: %s)\n      %s\n", v->wanted, v->why);
	if (!v->sysctl)
		printf("      mend it by: %s\n", v->how);
}

static int check(struct call *c)
{
	struct vz_err e = { 0 };

	if (c->json)
		putchar('[');
	if (vz_node_check(c->t.vz, &c->o, on_row, c, &e) < 0)
		return tool_fail(&c->t, &e, EX_USAGE);
	if (c->json)
		puts("\n]");
	else if (!c->quiet)
		printf("%u ok, %u warnings, %u failures%s\n", c->n[VZ_CHECK_OK], c->n[VZ_CHECK_WARN],
		       c->n[VZ_CHECK_FAIL],
		       c->fixable ? "; vzcheck --fix sets what settings can mend" : "");
	return c->n[VZ_CHECK_FAIL] ? EX_UNFIT : c->n[VZ_CHECK_WARN] ? EX_WARN : EX_OK;
}

/* Beside /etc/vz it is /etc/sysctl.d; a node elsewhere has its own, so that trying out changes nothing. */
static int fix_file(struct call *c, char *out, size_t size)
{
	const char *etc = c->t.vz ? vz_node_dir(c->t.vz, "etc") : "/etc/vz";

	if (strcmp(etc, "/etc/vz") == 0)
		return snprintf(out, size, "%s", FIX_FILE) >= (int)size;
	return snprintf(out, size, "%s/sysctl.d/90-mainvz.conf", etc) >= (int)size;
}

static int fix(struct call *c, bool dry)
{
	struct vz_err e = { 0 };
	char file[4096], *text = NULL;
	unsigned n = 0;

	if (fix_file(c, file, sizeof(file)))
		return EX_USAGE;
	if (vz_node_fix(&c->o, file, dry, &text, &n, &e) < 0) {
		free(text);
		return tool_fail(&c->t, &e, EX_WARN);
	}
	if (dry)
		printf("# %s\n%s", file, text);
	else if (n)
		printf("%u settings were set, and written to %s\n", n, file);
	else
		puts("every setting is as it should be");
	free(text);
	return EX_OK;
}

static int run(struct call *c)
{
	struct opt_result *opt = &c->t.opt;
	struct vz_err e = { 0 };

	if (opt_has(opt, O_HELP)) {
		fputs(usage_text, stdout);
		return EX_OK;
	}
	if (opt->nwords || (opt_has(opt, O_DRY) && !opt_has(opt, O_FIX)) ||
	    (opt_has(opt, O_FIX) && opt_has(opt, O_JSON))) {
		fputs(usage_text, stderr);
		return EX_USAGE;
	}
	c->json = opt_has(opt, O_JSON);
	c->quiet = opt_has(opt, O_QUIET);
	c->all = opt_has(opt, O_LIST);
	c->o = (struct vz_check_opts){ .size = sizeof(c->o), .root = opt_value(opt, O_ROOT) };
	/* A machine that is to become a node has no vz.conf yet. */
	if (tool_node(&c->t, &e) < 0 && e.code != VZ_E_NO_GLOBAL_CONF)
		return tool_fail(&c->t, &e, EX_USAGE);
	return opt_has(opt, O_FIX) ? fix(c, opt_has(opt, O_DRY)) : check(c);
}

int main(int argc, char **argv)
{
	struct call c = { 0 };
	int r = tool_begin(&c.t, "vzcheck", argc, argv, defs, EX_USAGE);

	if (r == 0)
		r = run(&c);
	return tool_end(&c.t, r, EX_USAGE);
}
