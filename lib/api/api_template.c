/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Public entry points for templates. */
#include <vz/template.h>
#include <vz/vz.h>

#include <errno.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "ct/ct.h"
#include "guest/recipe.h"
#include "guest/template.h"
#include "host/node.h"

struct vz_template {
	struct template t;
};

static int give(int r, struct strv *names, char ***ret, size_t *ret_n)
{
	if (r < 0) {
		strv_done(names);
		return r;
	}
	*ret = names->v;
	*ret_n = names->n;
	return 0;
}

int vz_template_list(struct vz *vz, char ***ret, size_t *ret_n, struct vz_err *e)
{
	struct strv names = { 0 };

	return give(template_list(vz->template, &names, e), &names, ret, ret_n);
}

int vz_template_recipes(const char *recipes, char ***ret, size_t *ret_n, struct vz_err *e)
{
	struct strv names = { 0 };

	return give(recipe_list(recipes, &names, e), &names, ret, ret_n);
}

void vz_names_free(char **names, size_t n)
{
	struct strv l = { .v = names, .n = n };

	strv_done(&l);
}

int vz_template_open(struct vz *vz, const char *name, struct vz_template **ret, struct vz_err *e)
{
	struct vz_template *t = malloc(sizeof(*t));
	int r;

	if (!t)
		return err_nomem(e);
	t->t = (struct template)TEMPLATE_INIT;
	r = template_open(vz->template, name, &t->t, e);
	if (r < 0) {
		vz_template_close(t);
		return r;
	}
	*ret = t;
	return 0;
}

void vz_template_close(struct vz_template *t)
{
	if (!t)
		return;
	template_done(&t->t);
	free(t);
}

const char *vz_template_text(const struct vz_template *t, const char *member)
{
	return manifest_text(&t->t.m, member);
}

const char *vz_template_package(const struct vz_template *t, size_t i)
{
	return i < t->t.m.packages.n ? t->t.m.packages.v[i] : NULL;
}

int vz_template_json(const struct vz_template *t, char **ret, struct vz_err *e)
{
	_buf_ struct buf text = BUF_INIT;
	int r = manifest_print(&t->t.m, &text);

	if (r < 0)
		return err_nomem(e);
	*ret = buf_take(&text);
	return *ret ? 0 : err_nomem(e);
}

/* Private areas of all VPSs that have a configuration, but not those that are plain trees: what stands in one
 * is the word of its VPS, which could keep any template for ever. */
static int privates_of(void *arg, struct strv *ret, struct vz_err *e)
{
	struct vz *vz = arg;
	_free_ uint32_t *ids = NULL;
	size_t n = 0;
	int r = node_list(vz, &ids, &n, e);

	for (size_t i = 0; r >= 0 && i < n; i++) {
		struct ct *ct = NULL;

		r = ct_open(vz, ids[i], 0, &ct, e);
		if (r >= 0 && ct->private && !ct_is_tree(ct) && strv_add(ret, ct->private) < 0)
			r = err_nomem(e);
		ct_close(ct);
	}
	return r;
}

int vz_template_build(struct vz *vz, const char *name, const struct vz_template_opts *o,
		      struct vz_err *e)
{
	struct template_job job = { .dir = vz->template };

	if (!o || o->size < sizeof(*o) || !o->recipes)
		return err_set(e, VZ_E_PARAM, -EINVAL, "no folder of recipes was given");
	job.recipes = o->recipes;
	job.apt_cache = o->apt_cache;
	job.env = o->env;
	job.line = o->line;
	job.arg = o->arg;
	job.privates = o->replace ? privates_of : NULL;
	job.privates_arg = vz;
	return template_build(&job, name, e);
}

int vz_template_verify(struct vz *vz, const char *name, struct vz_err *e)
{
	return template_verify(vz->template, name, e);
}

int vz_template_remove(struct vz *vz, const char *name, struct vz_err *e)
{
	_strv_ struct strv privates = { 0 };
	int r = privates_of(vz, &privates, e);

	return r < 0 ? r : template_remove(vz->template, name, &privates, e);
}
