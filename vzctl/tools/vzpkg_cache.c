// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vzpkg: the templates of the node. What vzpkg calls an OS template is a recipe here, and its cache is the template
 * that was built from it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vz/template.h>

#include "tmpl.h"
#include "vzpkg_int.h"

struct names {
	char **v;
	size_t n;
};

/* What there are recipes for, and what is built; both sorted. */
struct known {
	struct names recipes, built;
};

static void known_done(struct known *k)
{
	vz_names_free(k->recipes.v, k->recipes.n);
	vz_names_free(k->built.v, k->built.n);
}

static int known_read(struct pkg *p, struct known *k)
{
	struct vz_err e = { 0 };

	*k = (struct known){ 0 };
	/* A node without recipes has templates all the same. */
	(void)vz_template_recipes(p->recipes, &k->recipes.v, &k->recipes.n, &e);
	e = (struct vz_err){ 0 };
	return vz_template_list(p->t->vz, &k->built.v, &k->built.n, &e) < 0 ? pkg_fail(p, &e) : 0;
}

/* "2026-01-31T10:00:00Z" as vzpkg has always written it. */
static void print_row(struct pkg *p, const char *name, bool cached)
{
	struct vz_template *t = NULL;
	struct vz_err e = { 0 };
	const char *made = "", *what = "";

	if (cached && vz_template_open(p->t->vz, name, &t, &e) == 0) {
		made = vz_template_text(t, "created");
		what = vz_template_text(t, "description");
	}
	if (pkg_has(p, P_SUMMARY))
		printf("%-34s:%s\n", name, what);
	else if (pkg_has(p, P_QUIET) || strlen(made) < 19)
		printf("%s\n", name);
	else
		printf("%-34s %.10s %.8s\n", name, made, made + 11);
	vz_template_close(t);
}

static int list_node(struct pkg *p)
{
	struct known k;
	size_t i = 0, j = 0;
	int r;

	if (pkg_has(p, P_APP) && !pkg_has(p, P_OS))
		return 0; /* there are no application templates */
	r = known_read(p, &k);
	while (r == 0 && (i < k.recipes.n || j < k.built.n)) {
		int c = i == k.recipes.n ? 1 : j == k.built.n ? -1 : strcmp(k.recipes.v[i], k.built.v[j]);
		const char *name = c <= 0 ? k.recipes.v[i] : k.built.v[j];

		if (c >= 0 || !pkg_has(p, P_CACHED))
			print_row(p, name, c >= 0);
		i += c <= 0;
		j += c >= 0;
	}
	known_done(&k);
	return r;
}

static int list_packages(struct pkg *p, const char *name)
{
	struct vz_template *t = NULL;
	struct vz_err e = { 0 };
	const char *s;
	int r = vz_template_open(p->t->vz, name, &t, &e);

	for (size_t i = 0; r >= 0 && (s = vz_template_package(t, i)); i++)
		puts(s);
	vz_template_close(t);
	return r < 0 ? pkg_fail(p, &e) : 0;
}

/* The template of a VPS, or with -p what is installed in it. */
static int list_ct(struct pkg *p, const char *word)
{
	char *text = NULL;
	struct vz_ct *ct;
	int r;

	ct = pkg_ct(p, word, &r);
	if (!ct)
		return r;
	if (pkg_has(p, P_PACKAGES))
		r = pkg_inside_ct(p, ct, PKG_LIST, NULL, 0);
	else if (pkg_has(p, P_APP) && !pkg_has(p, P_OS))
		r = 0;
	else if (vz_cfg_get_text(vz_ct_cfg(ct), "OSTEMPLATE", &text, NULL) == 0)
		printf("%s\n", text);
	free(text);
	vz_ct_free(ct);
	return r;
}

int pkg_list(struct pkg *p)
{
	struct known k;
	int status = 0;

	if (!p->n)
		return list_node(p);
	status = known_read(p, &k);
	for (size_t i = 0; status == 0 && i < p->n; i++)
		status = tmpl_listed(k.built.v, k.built.n, p->words[i]) ? list_packages(p, p->words[i]) :
									    list_ct(p, p->words[i]);
	known_done(&k);
	return status;
}

/* Old words for what a manifest has. */
static const struct {
	const char *word, *member;
} fields[] = {
	{ "name", "name" },	       { "summary", "description" }, { "description", "description" },
	{ "distribution", "distribution" }, { "version", "release" },  { "osver", "release" },
	{ "arch", "architecture" },    { "init", "init" },	     { "cached", "created" },
	{ "digest", "digest" },
};
#define NFIELDS (sizeof(fields) / sizeof(fields[0]))

static int info_field(struct pkg *p, const struct vz_template *t, const char *word)
{
	const char *s;

	if (strcmp(word, "packages") == 0) {
		for (size_t i = 0; (s = vz_template_package(t, i)); i++)
			puts(s);
		return 0;
	}
	for (size_t i = 0; i < NFIELDS; i++) {
		if (strcmp(fields[i].word, word) != 0)
			continue;
		s = vz_template_text(t, fields[i].member);
		if (pkg_has(p, P_QUIET))
			printf("%s\n", s ? s : "");
		else
			printf("%s: %s\n", word, s ? s : "");
		return 0;
	}
	return pkg_refuse(p, PKG_ARGUMENT, "unknown parameter:", word);
}

int pkg_info(struct pkg *p)
{
	static const char *const all[] = { "name", "summary", "distribution", "version", "arch", "init", "cached",
					   "packages" };
	struct vz_template *t = NULL;
	struct vz_err e = { 0 };
	int r = 0;

	if (!p->n)
		return pkg_refuse(p, PKG_ARGUMENT, "which template?", NULL);
	if (pkg_has(p, P_PACKAGES) || pkg_has(p, P_APP) || pkg_has(p, P_GROUPS))
		return pkg_refuse(p, PKG_ARGUMENT, "info is for OS templates", NULL);
	if (vz_template_open(p->t->vz, p->words[0], &t, &e) < 0) {
		struct known k;

		r = known_read(p, &k);
		if (r == 0 && tmpl_listed(k.recipes.v, k.recipes.n, p->words[0]))
			r = pkg_refuse(p, PKG_NOT_CACHED, "there is no cache of template", p->words[0]);
		else if (r == 0)
			r = pkg_fail(p, &e);
		known_done(&k);
		return r;
	}
	for (size_t i = 0; p->n == 1 && r == 0 && i < sizeof(all) / sizeof(all[0]); i++)
		r = info_field(p, t, all[i]);
	for (size_t i = 1; r == 0 && i < p->n; i++)
		r = info_field(p, t, p->words[i]);
	vz_template_close(t);
	return r;
}

static int build(struct pkg *p, const char *name, bool replace)
{
	struct tmpl_build b = { .tool = "vzpkg", .recipes = p->recipes, .verbose = pkg_has(p, P_DEBUG),
				.quiet = pkg_has(p, P_QUIET), .replace = replace };
	struct vz_err e = { 0 };
	int r;

	if (!pkg_has(p, P_QUIET))
		out_msg(&p->t->out, 0, "building the cache of template '%s'", name);
	r = tmpl_build(p->t->vz, name, &b, &e);
	return r < 0 ? pkg_fail(p, &e) : r == 1 ? PKG_CACHED : 0;
}

/* The named ones, or all of a list; the first failure is the exit code, the rest is done all the same. */
static int each(struct pkg *p, const struct names *all, int (*one)(struct pkg *, const struct known *, const char *),
		const struct known *k)
{
	size_t n = p->n ? p->n : all->n;
	int status = 0;

	for (size_t i = 0; i < n; i++) {
		int r = one(p, k, p->n ? p->words[i] : all->v[i]);

		status = status ? status : r;
	}
	return status;
}

static int create_one(struct pkg *p, const struct known *k, const char *name)
{
	if (!tmpl_listed(k->built.v, k->built.n, name))
		return build(p, name, false);
	/* Without names it is "those that are not there". */
	return p->n ? pkg_refuse(p, PKG_CACHED, "there is a cache already of template", name) : 0;
}

int pkg_create_cache(struct pkg *p)
{
	struct known k;
	int r = known_read(p, &k);

	if (r == 0)
		r = each(p, &k.recipes, create_one, &k);
	known_done(&k);
	return r;
}

static int update_one(struct pkg *p, const struct known *k, const char *name)
{
	bool there = tmpl_listed(k->built.v, k->built.n, name);

	if (!tmpl_listed(k->recipes.v, k->recipes.n, name))
		return pkg_refuse(p, PKG_NO_TEMPLATE, "there is no recipe for template", name);
	return build(p, name, there);
}

int pkg_update_cache(struct pkg *p)
{
	struct known k;
	int r = known_read(p, &k);

	if (r == 0)
		r = each(p, &k.built, update_one, &k);
	known_done(&k);
	return r;
}

static int remove_one(struct pkg *p, const struct known *k, const char *name)
{
	struct vz_err e = { 0 };

	if (!tmpl_listed(k->built.v, k->built.n, name))
		return tmpl_listed(k->recipes.v, k->recipes.n, name) ?
			       pkg_refuse(p, PKG_NOT_CACHED, "there is no cache of template", name) :
			       pkg_refuse(p, PKG_NO_TEMPLATE, "there is no template", name);
	if (vz_template_remove(p->t->vz, name, &e) < 0)
		return pkg_fail(p, &e);
	if (!pkg_has(p, P_QUIET))
		out_msg(&p->t->out, 0, "the cache of template '%s' was removed", name);
	return 0;
}

/* Historically all caches without a name; too much to be lost by a forgotten word. */
int pkg_remove_cache(struct pkg *p)
{
	struct known k;
	int r;

	if (!p->n)
		return pkg_refuse(p, PKG_ARGUMENT, "which template?", NULL);
	r = known_read(p, &k);
	if (r == 0)
		r = each(p, &k.built, remove_one, &k);
	known_done(&k);
	return r;
}

/* Packages that were fetched for templates. Nothing else in that folder is ours. */
static int clean_node(struct pkg *p)
{
	const char *cache = tmpl_cache();
	DIR *d = opendir(cache);
	struct dirent *de;
	size_t n = 0;
	int r = 0;

	if (!d && errno == ENOENT)
		return 0;
	if (!d)
		return pkg_refuse(p, PKG_SYSTEM, "cannot read", cache);
	while ((de = readdir(d))) {
		size_t len = strlen(de->d_name);

		if (len < 5 || strcmp(de->d_name + len - 4, ".deb") != 0)
			continue;
		n++;
		if (!pkg_has(p, P_CHECK) && unlinkat(dirfd(d), de->d_name, 0) < 0)
			r = pkg_refuse(p, PKG_SYSTEM, "cannot remove", de->d_name);
	}
	closedir(d);
	if (!pkg_has(p, P_QUIET))
		out_msg(&p->t->out, 0, pkg_has(p, P_CHECK) ? "%zu packages would be removed from '%s'" :
							      "%zu packages were removed from '%s'", n, cache);
	return r;
}

int pkg_clean(struct pkg *p)
{
	int status = 0;

	/* -t alone means what no template needs any more; a template here is whole. */
	if (!p->n)
		return pkg_has(p, P_TEMPLATES) ? 0 : clean_node(p);
	for (size_t i = 0; i < p->n; i++) {
		struct vz_ct *ct;
		int r;

		ct = pkg_ct(p, p->words[i], &r);
		if (ct)
			r = pkg_inside_ct(p, ct, PKG_CLEAN, NULL, 0);
		vz_ct_free(ct);
		status = status ? status : r;
	}
	return status;
}
