// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vztmpl-dl: the old command that fetched templates. What it fetched ready-made is built here, from the packages of the
 * distribution. Exit: 0, 1 a build failed, 2 it is there and stays, 3 bad command line.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vz/template.h>

#include "tmpl.h"
#include "tool.h"

enum { EXIT_FAILED = 1, EXIT_PRESENT = 2, EXIT_USAGE = 3 };
enum {
	O_UPDATE, O_NO_UPDATE, O_QUIET, O_NO_QUIET, O_IGNORE, O_NO_IGNORE, O_SIGNED, O_UNSIGNED, O_UPDATE_ALL, O_LOCAL,
	O_REMOTE, O_ALL, O_ORPHANS, O_CONFIG, O_RECIPES, O_HELP,
};

static const struct opt_def options[] = {
	{ "gpg-check", OPT_FLAG, O_SIGNED, 0 },
	{ "no-gpg-check", OPT_FLAG, O_UNSIGNED, 0 },
	{ "update", OPT_FLAG, O_UPDATE, 0 },
	{ "no-update", OPT_FLAG, O_NO_UPDATE, 0 },
	{ "quiet", OPT_FLAG, O_QUIET, 0 },
	{ "no-quiet", OPT_FLAG, O_NO_QUIET, 0 },
	{ "ignore-errors", OPT_FLAG, O_IGNORE, 0 },
	{ "no-ignore-errors", OPT_FLAG, O_NO_IGNORE, 0 },
	{ "update-all", OPT_FLAG, O_UPDATE_ALL, 0 },
	{ "list-local", OPT_FLAG, O_LOCAL, 0 },
	{ "list-remote", OPT_FLAG, O_REMOTE, 0 },
	{ "list-all", OPT_FLAG, O_ALL, 0 },
	{ "list-orphans", OPT_FLAG, O_ORPHANS, 0 },
	{ "config", OPT_FLAG, O_CONFIG, 0 },
	{ "recipes", OPT_ARG, O_RECIPES, 0 },
	{ "help", OPT_FLAG, O_HELP, 'h' },
	{ NULL, OPT_FLAG, 0, 0 },
};

static const char usage_text[] =
	"Usage: vztmpl-dl [OPTIONS] TEMPLATE ...\n"
	"       vztmpl-dl [OPTIONS] --update-all\n"
	"       vztmpl-dl --list-local|--list-remote|--list-all|--list-orphans\n"
	"       vztmpl-dl --config\n"
	"  --update, --no-update    build anew what is there already, or leave it\n"
	"  --quiet, --no-quiet      no progress, or with it\n"
	"  --ignore-errors, --no-ignore-errors\n"
	"                           go on behind a template that fails, or not\n"
	"  --gpg-check              signatures are checked, as they always are\n"
	"  --no-gpg-check           refused\n"
	"  --update-all             build anew all that are there and that there are recipes for\n"
	"  --list-local             the templates of this node\n"
	"  --list-remote            the templates that can be built\n"
	"  --list-all               both\n"
	"  --list-orphans           the templates of this node that cannot be built anew\n"
	"  --config                 show the settings of download.conf\n"
	"  --recipes DIR            where the recipes are\n"
	"  -h, --help\n";

struct dl {
	struct tool *t;
	const char *recipes;
	bool update, quiet, ignore;
	char **built, **known;
	size_t nbuilt, nknown;
};

/* KEY=value, KEY="value": the few settings of download.conf that mean something here. */
static void take_line(struct dl *d, char *line)
{
	const struct {
		const char *key;
		bool *to;
	} keys[] = { { "UPDATE_TEMPLATE", &d->update }, { "QUIET", &d->quiet }, { "IGNORE_ERRORS", &d->ignore } };
	char *value = strchr(line, '=');

	if (!value || *line == '#')
		return;
	*value++ = '\0';
	value += *value == '"' || *value == '\'';
	value[strcspn(value, "\"' \t\r\n#")] = '\0';
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(line + strspn(line, " \t"), keys[i].key) == 0)
			*keys[i].to = strcmp(value, "yes") == 0;
}

/* Beside vz.conf. One that is not there is as good as an empty one. */
static void read_settings(struct dl *d)
{
	const char *conf = getenv("VZ_CONF");
	const char *slash;
	char path[4096], line[1024];
	FILE *f;

	if (!conf || !*conf)
		conf = VZ_CONF_FILE;
	slash = strrchr(conf, '/');
	snprintf(path, sizeof(path), "%.*sdownload.conf", slash ? (int)(slash + 1 - conf) : 0, conf);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		take_line(d, line);
	if (f)
		fclose(f);
}

/* The later of a pair is not known: it is refused to say both. */
static int switches(struct dl *d)
{
	static const struct {
		int on, off;
	} pairs[] = { { O_UPDATE, O_NO_UPDATE }, { O_QUIET, O_NO_QUIET }, { O_IGNORE, O_NO_IGNORE } };
	bool *to[] = { &d->update, &d->quiet, &d->ignore };

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		bool on = opt_has(&d->t->opt, pairs[i].on), off = opt_has(&d->t->opt, pairs[i].off);

		if (on && off) {
			out_msg(&d->t->out, -1, "two options contradict each other");
			return EXIT_USAGE;
		}
		*to[i] = on || (*to[i] && !off);
	}
	if (!opt_has(&d->t->opt, O_UNSIGNED))
		return 0;
	out_msg(&d->t->out, -1, "packages without a good signature are not taken");
	return EXIT_USAGE;
}

static const char *yes(bool b)
{
	return b ? "yes" : "no";
}

static int show_settings(const struct dl *d)
{
	printf("UPDATE_TEMPLATE=%s\nCHECK_TEMPLATE_SIG=yes\nQUIET=%s\nIGNORE_ERRORS=%s\nTEMPLATE_REPOS=%s\n",
	       yes(d->update), yes(d->quiet), yes(d->ignore), d->recipes);
	return 0;
}

/* Names of one list that the other does not have, or all. */
static void print_names(char *const *v, size_t n, char *const *but, size_t nbut)
{
	for (size_t i = 0; i < n; i++)
		if (!tmpl_listed(but, nbut, v[i]))
			puts(v[i]);
}

static int list(struct dl *d)
{
	if (opt_has(&d->t->opt, O_REMOTE) || opt_has(&d->t->opt, O_ALL))
		print_names(d->known, d->nknown, NULL, 0);
	if (opt_has(&d->t->opt, O_LOCAL))
		print_names(d->built, d->nbuilt, NULL, 0);
	else if (opt_has(&d->t->opt, O_ALL) || opt_has(&d->t->opt, O_ORPHANS))
		print_names(d->built, d->nbuilt, d->known, d->nknown);
	return 0;
}

static int one(struct dl *d, const char *name, bool update)
{
	bool there = tmpl_listed(d->built, d->nbuilt, name);
	struct tmpl_build b = { .tool = "vztmpl-dl", .recipes = d->recipes, .quiet = d->quiet, .replace = update };
	struct vz_err e = { 0 };
	int r;

	if (there && !update) {
		out_msg(&d->t->out, -1, "template '%s' is there already; --update builds it anew", name);
		return EXIT_PRESENT;
	}
	r = tmpl_build(d->t->vz, name, &b, &e);
	if (r < 0)
		return tool_fail(d->t, &e, EXIT_FAILED);
	if (!d->quiet)
		out_msg(&d->t->out, 0, "template '%s' was built", name);
	return 0;
}

static int fetch(struct dl *d, char *const *names, size_t n, bool update)
{
	int status = 0;

	for (size_t i = 0; i < n && (!status || d->ignore); i++) {
		int r = one(d, names[i], update);

		status = status ? status : r;
	}
	return status;
}

static int update_all(struct dl *d)
{
	int status = 0;

	for (size_t i = 0; i < d->nbuilt && (!status || d->ignore); i++)
		if (tmpl_listed(d->known, d->nknown, d->built[i])) {
			int r = one(d, d->built[i], true);

			status = status ? status : r;
		}
	return status;
}

static int work(struct dl *d)
{
	const struct opt_result *o = &d->t->opt;
	bool lists = opt_has(o, O_LOCAL) || opt_has(o, O_REMOTE) || opt_has(o, O_ALL) || opt_has(o, O_ORPHANS);
	int modes = lists + opt_has(o, O_CONFIG) + opt_has(o, O_UPDATE_ALL) + (o->nwords > 0);

	if (modes != 1) {
		out_msg(&d->t->out, -1, modes ? "one thing at a time, see --help" : "which template?");
		return EXIT_USAGE;
	}
	if (opt_has(o, O_CONFIG))
		return show_settings(d);
	return lists	      ? list(d) :
	       o->nwords ? fetch(d, o->words, o->nwords, d->update) :
			      update_all(d);
}

static int run(struct tool *t)
{
	const char *recipes = opt_value(&t->opt, O_RECIPES);
	struct dl d = { .t = t, .recipes = recipes ? recipes : VZ_RECIPE_DIR };
	struct vz_err e = { 0 };
	int r;

	read_settings(&d);
	r = switches(&d);
	if (r)
		return r;
	if (tool_node(t, &e) < 0 || vz_template_list(t->vz, &d.built, &d.nbuilt, &e) < 0)
		return tool_fail(t, &e, EXIT_FAILED);
	/* A node without recipes has templates all the same. */
	(void)vz_template_recipes(d.recipes, &d.known, &d.nknown, &e);
	r = work(&d);
	vz_names_free(d.built, d.nbuilt);
	vz_names_free(d.known, d.nknown);
	return r;
}

int main(int argc, char **argv)
{
	static const struct tool_main m = { "vztmpl-dl", usage_text, options, O_HELP, 0, 4096, "", EXIT_USAGE, run };

	return tool_run(&m, argc, argv);
}
