/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Read recipes. */
#include "guest/recipe.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/json.h"
#include "guest/manifest.h"
#include "guest/names.h"

#define RECIPE_MAX (64u << 10)
#define SUFFIX	   ".json"

static const struct member {
	const char *key;
	size_t at, size;
	enum { TEXT, LIST, SIGNAL } kind;
	enum { ALWAYS, SYSTEM, LAYER } in; /* every recipe, one of a whole system, one that adds to another */
} members[] = {
#define M(m, kind, in) { #m, offsetof(struct recipe, m), sizeof(((struct recipe *)0)->m), kind, in }
	M(name, TEXT, ALWAYS),	       M(description, TEXT, ALWAYS), M(family, TEXT, ALWAYS),
	M(packages, LIST, ALWAYS),     M(mask, LIST, ALWAYS),	     M(base, TEXT, LAYER),
	M(distribution, TEXT, SYSTEM), M(release, TEXT, SYSTEM),     M(suite, TEXT, SYSTEM),
	M(init, TEXT, SYSTEM),	       M(architecture, TEXT, SYSTEM), M(stop_signal, SIGNAL, SYSTEM),
#undef M
};

void recipe_done(struct recipe *r)
{
	strv_done(&r->packages);
	strv_done(&r->mask);
}

/* Words end up in a script's environment, separated by commas and spaces. */
static bool word_ok(const char *s)
{
	return *s && !strpbrk(s, " ,\t\n'\"\\$`;&|<>(){}*?[]");
}

static const char *take_list(const json_t *v, struct strv *list)
{
	if (!json_is_array(v))
		return "must be a list";
	for (size_t i = 0; i < json_array_size(v); i++) {
		const char *s = json_string_value(json_array_get(v, i));

		if (!s || !word_ok(s))
			return "holds something that is not a plain word";
		if (strv_add(list, s) < 0)
			return "does not fit into memory";
	}
	return NULL;
}

/* NULL, or what is wrong with the value. */
static const char *take(const struct member *m, const json_t *v, bool layer, struct recipe *r)
{
	char *at = (char *)r + m->at;

	if (layer && v && m->in == SYSTEM)
		return "is what the base says";
	if (!v)
		return m->in == ALWAYS || m->in == (layer ? LAYER : SYSTEM) ? "is missing" : NULL;
	switch (m->kind) {
	case TEXT:
		if (!json_is_string(v) || json_string_length(v) >= m->size)
			return "must be a short string";
		if (!str_eq(m->key, "description") && !word_ok(json_string_value(v)))
			return "must be a plain word";
		memcpy(at, json_string_value(v), json_string_length(v) + 1);
		return NULL;
	case SIGNAL:
		if (!json_is_integer(v) || json_integer_value(v) < 1 || json_integer_value(v) > 64)
			return "must be a signal number";
		r->stop_signal = json_integer_value(v);
		return NULL;
	case LIST:
		return take_list(v, (struct strv *)(void *)at);
	}
	return "is of no kind";
}

static bool known(const char *key)
{
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		if (str_eq(members[i].key, key))
			return true;
	return false;
}

static int parse(const struct buf *text, const char *name, struct recipe *r, struct vz_err *e)
{
	_json_ json_t *j = NULL;
	const char *key;
	json_t *v;
	char why[160] = "not a JSON object";

	if (json_parse(buf_str(text), text->len, &j, why) < 0 || !json_is_object(j))
		return err_set(e, VZ_E_BAD_CONF, -EINVAL, "recipe '%s': %s", name, why);
	json_object_foreach(j, key, v) {
		if (!known(key))
			return err_set(e, VZ_E_BAD_CONF, -EINVAL, "recipe '%s': '%s' is not known",
				       name, key);
	}
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		const char *wrong = take(&members[i], json_object_get(j, members[i].key),
					 json_object_get(j, "base") != NULL, r);

		if (wrong)
			return err_set(e, VZ_E_BAD_CONF, -EINVAL, "recipe '%s': '%s' %s", name,
				       members[i].key, wrong);
	}
	if (r->base[0] && (!manifest_name_ok(r->base) || str_eq(r->base, name)))
		return err_set(e, VZ_E_BAD_CONF, -EINVAL, "recipe '%s': '%s' cannot be its base", name,
			       r->base);
	if (!str_eq(r->name, name))
		return err_set(e, VZ_E_BAD_CONF, -EINVAL, "recipe '%s' calls itself '%s'", name,
			       r->name);
	return 0;
}

int recipe_load(const char *dir, const char *name, struct recipe *r, struct vz_err *e)
{
	_buf_ struct buf text = BUF_INIT;
	_free_ char *path = NULL;
	int ret;

	if (!manifest_name_ok(name))
		return err_set(e, VZ_E_PARAM, -EINVAL, "'%.64s' is not a template's name", name);
	path = str_printf("%s/%s" SUFFIX, dir, name);
	if (!path)
		return err_nomem(e);
	ret = io_read_at(AT_FDCWD, path, RECIPE_MAX, &text);
	if (ret == -ENOENT)
		return err_set(e, VZ_E_TEMPLATE_MISSING, ret, "there is no recipe '%s' in '%s'",
			       name, dir);
	if (ret < 0)
		return err_sys(e, VZ_E_SYS, ret, "cannot read '%s'", path);
	return parse(&text, name, r, e);
}

int recipe_list(const char *dir, struct strv *ret, struct vz_err *e)
{
	_fd_ int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_strv_ struct strv names = { 0 };
	int r = fd < 0 ? -errno : names_read(fd, &names);

	if (r < 0)
		return err_sys(e, VZ_E_SYS, r, "cannot read '%s'", dir);
	for (size_t i = 0; i < names.n; i++) {
		size_t n = strlen(names.v[i]);

		if (n > strlen(SUFFIX) && str_has_suffix(names.v[i], SUFFIX) &&
		    strv_addn(ret, names.v[i], n - strlen(SUFFIX)) < 0)
			return err_nomem(e);
	}
	names_sort(ret); /* the suffix took part in the order so far */
	return 0;
}
