/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vztmpl: build, list, describe, verify and remove OS templates. */
#include <vz/template.h>
#include <vz/vz.h>

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "out.h"
#include "tmpl.h"

struct call {
	const char *recipes;
	const char *name;
	struct vz *vz;
	bool json, verbose, available, replace;
};

static const char usage_text[] =
	"Usage: vztmpl build NAME [--replace]\n"
	"       vztmpl list [-j|--json] [-a|--available]\n"
	"       vztmpl info NAME [-j|--json]\n"
	"       vztmpl verify NAME\n"
	"       vztmpl remove NAME\n"
	"Options: --recipes DIR  where the recipes are (" VZ_RECIPE_DIR ")\n"
	"         --replace      build it anew if it is there and no VPS stands on it\n"
	"         -v, --verbose  show all that a build prints\n"
	"         -h, --help\n";

static int fail(const struct vz_err *e)
{
	fprintf(stderr, "vztmpl: %s\n", e->text);
	return vz_code_exit(e->code);
}

static int do_build(struct call *c)
{
	struct tmpl_build b = { .tool = "vztmpl", .recipes = c->recipes, .verbose = c->verbose,
				.replace = c->replace };
	struct vz_err e = { 0 };
	int r = tmpl_build(c->vz, c->name, &b, &e);

	if (r < 0)
		return fail(&e);
	printf(r == 1 ? "Template %s is there already\n" : "Template %s is built\n", c->name);
	return 0;
}

static int do_verify(struct call *c)
{
	struct vz_err e = { 0 };

	if (vz_template_verify(c->vz, c->name, &e) < 0)
		return fail(&e);
	printf("Template %s is as it was built\n", c->name);
	return 0;
}

static int do_remove(struct call *c)
{
	struct vz_err e = { 0 };

	if (vz_template_remove(c->vz, c->name, &e) < 0)
		return fail(&e);
	printf("Template %s was removed\n", c->name);
	return 0;
}

static size_t count_packages(const struct vz_template *t)
{
	size_t n = 0;

	while (vz_template_package(t, n))
		n++;
	return n;
}

static void print_info(const struct vz_template *t)
{
	static const char *const members[] = { "name", "description", "distribution", "release",
					       "architecture", "init", "base", "created", "digest" };
	const char *p;

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		p = vz_template_text(t, members[i]);
		if (p)
			printf("%-13s %s\n", members[i], p);
	}
	printf("%-13s %zu\n", "packages", count_packages(t));
	for (size_t i = 0; (p = vz_template_package(t, i)); i++)
		printf("  %s\n", p);
}

static int do_info(struct call *c)
{
	struct vz_template *t = NULL;
	struct vz_err e = { 0 };
	char *text = NULL;

	if (vz_template_open(c->vz, c->name, &t, &e) < 0)
		return fail(&e);
	if (!c->json) {
		print_info(t);
	} else if (vz_template_json(t, &text, &e) < 0) {
		vz_template_close(t);
		return fail(&e);
	} else {
		fputs(text, stdout);
		free(text);
	}
	vz_template_close(t);
	return 0;
}

static int list_row(struct call *c, const char *name, bool first)
{
	struct vz_template *t = NULL;
	struct vz_err e = { 0 };
	char *text = NULL;
	int r = vz_template_open(c->vz, name, &t, &e);

	if (r >= 0 && c->json) {
		r = vz_template_json(t, &text, &e);
		if (r >= 0)
			printf("%s%s", first ? "" : ",", text);
		free(text);
	} else if (r >= 0) {
		printf("%-32s %-10s %8zu %s\n", name, vz_template_text(t, "init"), count_packages(t),
		       vz_template_text(t, "created"));
	}
	vz_template_close(t);
	return r < 0 ? fail(&e) : 0;
}

/* A broken one is told about and the rest is still listed. */
static int do_list(struct call *c)
{
	struct vz_err e = { 0 };
	char **names = NULL;
	size_t n = 0;
	int status = 0;
	int r = c->available ? vz_template_recipes(c->recipes, &names, &n, &e) :
			       vz_template_list(c->vz, &names, &n, &e);

	if (r < 0)
		return fail(&e);
	if (c->available) {
		for (size_t i = 0; i < n; i++)
			puts(names[i]);
	} else {
		bool first = true;

		if (c->json)
			putchar('[');
		else
			printf("%-32s %-10s %8s %s\n", "NAME", "INIT", "PACKAGES", "CREATED");
		for (size_t i = 0; i < n; i++) {
			int s = list_row(c, names[i], first);

			status = status ? status : s;
			first = first && s;
		}
		if (c->json)
			puts("]");
	}
	vz_names_free(names, n);
	return status;
}

static const struct command {
	const char *word;
	int (*run)(struct call *c);
	bool takes_name;
} commands[] = {
	{ "build", do_build, true },	 { "list", do_list, false },
	{ "info", do_info, true },	 { "verify", do_verify, true },
	{ "remove", do_remove, true },
};

static int syntax(const char *what, const char *word)
{
	fprintf(stderr, "vztmpl: %s%s%s%s\n", what, word ? " '" : "", word ? word : "",
		word ? "'" : "");
	return vz_code_exit(VZ_E_SYNTAX);
}

static int parse_options(struct call *c, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },	  { "available", no_argument, NULL, 'a' },
		{ "verbose", no_argument, NULL, 'v' },	  { "help", no_argument, NULL, 'h' },
		{ "recipes", required_argument, NULL, 'r' },
		{ "replace", no_argument, NULL, 'R' },	  { NULL, 0, NULL, 0 },
	};
	int o;

	while ((o = getopt_long(argc, argv, "javh", options, NULL)) != -1) {
		switch (o) {
		case 'j':
			c->json = true;
			break;
		case 'a':
			c->available = true;
			break;
		case 'v':
			c->verbose = true;
			break;
		case 'r':
			c->recipes = optarg;
			break;
		case 'R':
			c->replace = true;
			break;
		case 'h':
			fputs(usage_text, stdout);
			exit(out_end("vztmpl", 0, vz_code_exit(VZ_E_SYS)));
		default:
			return vz_code_exit(VZ_E_PARAM);
		}
	}
	return 0;
}

static int run(struct call *c, const struct command *cmd)
{
	struct vz_open_opts o = { .size = sizeof(o), .conf = getenv("VZ_CONF") };
	struct vz_err e = { 0 };
	int status;

	if (vz_open(&c->vz, &o, &e) < 0)
		return fail(&e);
	status = cmd->run(c);
	vz_close(c->vz);
	return out_end("vztmpl", status, vz_code_exit(VZ_E_SYS));
}

int main(int argc, char **argv)
{
	struct call c = { .recipes = VZ_RECIPE_DIR };
	const struct command *cmd = NULL;
	static char name[] = "vztmpl"; /* what getopt begins its words with */
	int r;

	out_begin();
	argv[0] = name;
	r = parse_options(&c, argc, argv);
	if (r)
		return r;
	if (optind >= argc) {
		fputs(usage_text, stderr);
		return vz_code_exit(VZ_E_SYNTAX);
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].word, argv[optind]) == 0)
			cmd = &commands[i];
	if (!cmd)
		return syntax("unknown command", argv[optind]);
	optind++;
	if (cmd->takes_name && optind < argc)
		c.name = argv[optind++];
	else if (cmd->takes_name)
		return syntax("which template? give its name to", cmd->word);
	if (optind < argc)
		return syntax("one word too many:", argv[optind]);
	return run(&c, cmd);
}
