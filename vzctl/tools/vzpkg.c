// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vzpkg: the old commands for templates and for packages in VPSs, on what there is: templates built from recipes, and
 * the package manager that a VPS has. Exit: the historic codes, see vzpkg(8).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tmpl.h"
#include "vzpkg_int.h"

static const struct opt_def options[] = {
	{ "packages", OPT_FLAG, P_PACKAGES, 'p' },
	{ "groups", OPT_FLAG, P_GROUPS, 'g' },
	{ "debug", OPT_ARG, P_DEBUG, 'd' },
	{ "check-only", OPT_FLAG, P_CHECK, 'n' },
	{ "os", OPT_FLAG, P_OS, 'O' },
	{ "app", OPT_FLAG, P_APP, 'A' },
	{ "cached", OPT_FLAG, P_CACHED, 'c' },
	{ "with-summary", OPT_FLAG, P_SUMMARY, 'S' },
	{ "quiet", OPT_FLAG, P_QUIET, 'q' },
	{ "template", OPT_FLAG, P_TEMPLATES, 't' },
	{ "clean-template", OPT_FLAG, P_TEMPLATES, 0 },
	{ "clean-all", OPT_FLAG, P_CLEAN_ALL, 'a' },
	{ "recipes", OPT_ARG, P_RECIPES, 0 },
	{ "help", OPT_FLAG, P_HELP, 'h' },
	/* Asked for things that are so anyway, or that there is nothing of. */
	{ "cache", OPT_FLAG, P_IGNORED, 'C' },
	{ "remote", OPT_FLAG, P_IGNORED, 'r' },
	{ "with-depends", OPT_FLAG, P_IGNORED, 'w' },
	{ "for-os", OPT_ARG, P_IGNORED, 'F' },
	{ "pkgid", OPT_FLAG, P_IGNORED, 'i' },
	{ "force", OPT_FLAG, P_IGNORED, 'f' },
	{ "expanded", OPT_FLAG, P_IGNORED, 'e' },
	{ "slow", OPT_FLAG, P_IGNORED, 's' },
	{ "force-shared", OPT_FLAG, P_IGNORED, 0 },
	{ "interactive", OPT_FLAG, P_IGNORED, 'I' },
	{ "clean-packages", OPT_FLAG, P_IGNORED, 'k' },
	{ "custom-pkg", OPT_FLAG, P_IGNORED, 'u' },
	{ "separate", OPT_FLAG, P_IGNORED, 'P' },
	{ "update-cache", OPT_FLAG, P_IGNORED, 0 },
	{ "timeout", OPT_ARG, P_IGNORED, 0 },
	{ "vefstype", OPT_ARG, P_IGNORED, 0 },
	{ "veimgfmt", OPT_ARG, P_IGNORED, 0 },
	{ "releasever", OPT_ARG, P_IGNORED, 0 },
	{ "allowerasing", OPT_FLAG, P_IGNORED, 0 },
	{ "norepair", OPT_FLAG, P_IGNORED, 0 },
	{ "available", OPT_FLAG, P_IGNORED, 0 },
	{ NULL, OPT_FLAG, 0, 0 },
};

static const char usage_text[] =
	"Usage: vzpkg list [-O|-A] [-c] [-S] [-q]\n"
	"       vzpkg list ID|NAME|TEMPLATE ... [-p] [-S]\n"
	"       vzpkg info TEMPLATE [PARAMETER ...] [-q]\n"
	"       vzpkg create|update cache [TEMPLATE ...] [-q] [-d N]\n"
	"       vzpkg remove cache TEMPLATE ... [-q]\n"
	"       vzpkg install|remove ID|NAME -p PACKAGE ... [-n] [-q]\n"
	"       vzpkg update ID|NAME [-p PACKAGE ...] [-n] [-q]\n"
	"       vzpkg status ID|NAME [-q]\n"
	"       vzpkg clean [ID|NAME ...] [-n] [-q]\n"
	"  -p, --packages      the words behind the VPS are packages of its distribution\n"
	"  -O, --os            OS templates, which is what there is\n"
	"  -A, --app           application templates, which there are none of\n"
	"  -c, --cached        only templates that are built\n"
	"  -S, --with-summary  with a description\n"
	"  -n, --check-only    only say what would be done\n"
	"  -q, --quiet         only names, and no words on the way\n"
	"  -d, --debug N       show all that a build prints\n"
	"      --recipes DIR   where the recipes are\n"
	"  -h, --help\n"
	"Other options of old are taken and change nothing, see vzpkg(8).\n";

static int pkg_nothing(struct pkg *p)
{
	(void)p;
	return 0;
}

static int pkg_absent(struct pkg *p)
{
	return pkg_refuse(p, p->action, "it is not there in this version; see vzpkg(8)", NULL);
}

static const struct command {
	const char *word, *second;
	int (*run)(struct pkg *p);
	int action;
} commands[] = {
	{ "create", "cache", pkg_create_cache, 0 },
	{ "update", "cache", pkg_update_cache, 0 },
	{ "remove", "cache", pkg_remove_cache, 0 },
	/* Metadata is fetched when it is needed, and by who builds. */
	{ "update", "metadata", pkg_nothing, 0 },
	{ "fetch", NULL, pkg_nothing, 0 },
	/* Files of a template are shared by all that stand on it. */
	{ "link", NULL, pkg_nothing, 0 },
	{ "create", "appcache", pkg_absent, PKG_NO_TEMPLATE },
	{ "update", "appcache", pkg_absent, PKG_NO_TEMPLATE },
	{ "remove", "appcache", pkg_absent, PKG_NO_TEMPLATE },
	{ "list", "appcache", pkg_nothing, 0 },
	{ "create", "image", pkg_absent, PKG_PLOOP },
	{ "install", "template", pkg_absent, PKG_NO_TEMPLATE },
	{ "update", "template", pkg_absent, PKG_NO_TEMPLATE },
	{ "remove", "template", pkg_absent, PKG_NO_TEMPLATE },
	{ "upgrade", "area", pkg_nothing, 0 },
	{ "upgrade", NULL, pkg_absent, PKG_NO_TEMPLATE },
	{ "localinstall", NULL, pkg_absent, PKG_INTERNAL },
	{ "localupdate", NULL, pkg_absent, PKG_INTERNAL },
	{ "list", NULL, pkg_list, 0 },
	{ "info", NULL, pkg_info, 0 },
	{ "install", NULL, pkg_inside, PKG_INSTALL },
	{ "remove", NULL, pkg_inside, PKG_REMOVE },
	{ "update", NULL, pkg_inside, PKG_UPDATE },
	{ "status", NULL, pkg_inside, PKG_STATUS },
	{ "clean", NULL, pkg_clean, 0 },
};

int pkg_refuse(struct pkg *p, int code, const char *text, const char *word)
{
	out_msg(&p->t->out, -1, "%s%s%.100s%s", text, word ? " '" : "", word ? word : "", word ? "'" : "");
	return code;
}

int pkg_fail(struct pkg *p, const struct vz_err *e)
{
	static const struct {
		int code, exit;
	} known[] = {
		{ VZ_E_NO_CONF, PKG_NO_CT },		{ VZ_E_NOT_RUNNING, PKG_NOT_RUNNING },
		{ VZ_E_LOCKED, PKG_LOCKED },		{ VZ_E_TEMPLATE_MISSING, PKG_NO_TEMPLATE },
		{ VZ_E_BAD_TEMPLATE, PKG_BAD_TEMPLATE }, { VZ_E_BAD_CONF, PKG_PARSE },
		{ VZ_E_PARAM, PKG_ARGUMENT },		{ VZ_E_SYNTAX, PKG_ARGUMENT },
		{ VZ_E_NO_GLOBAL_CONF, PKG_NOT_FOUND },	{ VZ_E_NO_SCRIPT, PKG_NOT_FOUND },
		{ VZ_E_EXEC, PKG_COMMAND },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (e->code == known[i].code)
			return tool_fail(p->t, e, known[i].exit);
	return tool_fail(p->t, e, PKG_SYSTEM);
}

struct vz_ct *pkg_ct(struct pkg *p, const char *word, int *ret_code)
{
	struct vz_ct *ct = NULL;
	struct vz_err e = { 0 };

	*ret_code = 0;
	if (vz_ct_find(p->t->vz, word, 0, &ct, &e) < 0) {
		*ret_code = pkg_fail(p, &e);
		/* A name that nobody has is no bad argument. */
		if (e.code == VZ_E_PARAM && e.sys == ENOENT)
			*ret_code = PKG_NO_CT;
	}
	return ct;
}

static const struct command *find(char **words, size_t n)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const struct command *c = &commands[i];

		if (strcmp(c->word, words[0]) == 0 &&
		    (!c->second || (n > 1 && strcmp(c->second, words[1]) == 0)))
			return c;
	}
	return NULL;
}

static int run(struct tool *t)
{
	char **words = t->opt.words;
	size_t n = t->opt.nwords;
	const struct command *c = find(words, n);
	struct pkg p = { .t = t, .recipes = opt_value(&t->opt, P_RECIPES) };
	struct vz_err e = { 0 };

	if (strcmp(words[0], "help") == 0) {
		fputs(usage_text, stdout);
		return 0;
	}
	if (!c)
		return pkg_refuse(&p, PKG_ARGUMENT, "unknown command", words[0]);
	if (geteuid() != 0)
		return pkg_refuse(&p, PKG_NOT_ROOT, "only root can do that", NULL);
	p.recipes = p.recipes ? p.recipes : VZ_RECIPE_DIR;
	p.words = words + (c->second ? 2 : 1);
	p.n = n - (c->second ? 2 : 1);
	p.action = c->action;
	if (tool_node(t, &e) < 0)
		return pkg_fail(&p, &e);
	return c->run(&p);
}

int main(int argc, char **argv)
{
	static const struct tool_main m = { "vzpkg", usage_text, options, P_HELP, 1, 4096,
					    "a command is needed, see --help", PKG_ARGUMENT, run };

	return tool_run(&m, argc, argv);
}
