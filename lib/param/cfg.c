/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A set of values: set, unset, merge, compare, print. What a value is, only its type knows. */
#include "param/param.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "param/option.h"
#include "param/ptype.h"

/* Room for one value of any type, empty. */
union value {
	max_align_t align;
	unsigned char bytes[PTYPE_MAX];
};

#define PARAM(id, field, type, ...)                                                                \
	_Static_assert(sizeof(t_##type) <= PTYPE_MAX, "PTYPE_MAX is too small for " #type);
#include "params.def"

static void *field(struct vz_cfg *c, enum vz_param p)
{
	return (char *)c + param_get(p)->offset;
}

static const void *field_const(const struct vz_cfg *c, enum vz_param p)
{
	return (const char *)c + param_get(p)->offset;
}

struct vz_cfg *cfg_new(void)
{
	return calloc(1, sizeof(struct vz_cfg));
}

void cfg_clear(struct vz_cfg *c)
{
	for (size_t i = 0; i < ARRAY_LEN(c->set.w); i++)
		while (c->set.w[i])
			cfg_unset(c, i * 64 + (unsigned)__builtin_ctzll(c->set.w[i]));
}

void cfg_free(struct vz_cfg *c)
{
	if (!c)
		return;
	cfg_clear(c);
	free(c);
}

void cfg_unset(struct vz_cfg *c, enum vz_param p)
{
	const struct ptype *t = param_get(p)->type;

	if (!cfg_has(c, p))
		return;
	if (t->done)
		t->done(field(c, p));
	memset(field(c, p), 0, t->size);
	pset_del(&c->set, p);
}

void cfg_mark(struct vz_cfg *c, enum vz_param p)
{
	pset_add(&c->set, p);
}

/* Values own at most memory, not their address: they may be moved. */
static void move_in(struct vz_cfg *c, enum vz_param p, const union value *v)
{
	cfg_unset(c, p);
	memcpy(field(c, p), v, param_get(p)->type->size);
	cfg_mark(c, p);
}

int cfg_set_text(struct vz_cfg *c, enum vz_param p, const char *text, struct vz_err *e)
{
	union value v = { 0 };
	int r = param_get(p)->type->parse(&v, text, e);

	if (r < 0)
		return err_prefix(e, r, "%s", param_get(p)->info.key);
	move_in(c, p, &v);
	return 0;
}

int cfg_set_text_clamp(struct vz_cfg *c, enum vz_param p, const char *text, struct vz_err *e)
{
	union value v = { 0 };
	int r = param_get(p)->type->parse(&v, text, e);

	if (r < 0)
		(void)err_prefix(e, r, "%s", param_get(p)->info.key);
	if (r < 0 && r != -ERANGE)
		return r;
	move_in(c, p, &v);
	return r < 0;
}

/* Add v, which is used up, to a list. */
static int join_in(struct vz_cfg *c, enum vz_param p, union value *v, struct vz_err *e)
{
	const struct param *row = param_get(p);
	int r = row->type->join(field(c, p), v);

	if (row->type->done)
		row->type->done(v);
	return r < 0 ? type_join_failed(e, r, row->info.name) : 0;
}

int cfg_add_text(struct vz_cfg *c, enum vz_param p, const char *text, struct vz_err *e)
{
	const struct param *row = param_get(p);
	union value v = { 0 };
	int r;

	if (!(row->info.flags & P_LIST) || !cfg_has(c, p))
		return cfg_set_text(c, p, text, e);
	r = row->type->parse(&v, text, e);
	if (r < 0)
		return err_prefix(e, r, "%s", row->info.key);
	return join_in(c, p, &v, e);
}

/* An option of its own way changes the value in place, so that it can see what came before. */
static int option_in_place(struct vz_cfg *c, const struct option_row *o, const char *text,
			   struct vz_err *e)
{
	int r = o->parse(field(c, o->p), text, e);

	if (r == 0)
		cfg_mark(c, o->p);
	return r;
}

int cfg_set_option(struct vz_cfg *c, const struct vz_option_info *info, const char *text,
		   struct vz_err *e)
{
	const struct option_row *o = option_row_of(info);
	const struct ptype *t = param_get(o->p)->type;
	union value v = { 0 };
	int r;

	if (o->parse && info->flags & P_LIST)
		r = option_in_place(c, o, text, e);
	else if (o->parse)
		r = o->parse(&v, text, e);
	else
		r = (t->parse_option ? t->parse_option : t->parse)(&v, text, e);
	if (r < 0)
		return err_prefix(e, r, "--%s", info->option);
	if (o->parse && info->flags & P_LIST)
		return 0;
	if (!cfg_has(c, o->p))
		move_in(c, o->p, &v);
	else if (info->flags & P_LIST)
		return join_in(c, o->p, &v, e);
	else if (t->done)
		t->done(&v); /* of a scalar the first one counts, and nobody is told */
	return 0;
}

int cfg_copy_one(struct vz_cfg *dst, const struct vz_cfg *src, enum vz_param p)
{
	const struct ptype *t = param_get(p)->type;
	union value v = { 0 };
	int r = 0;

	if (!cfg_has(src, p)) {
		cfg_unset(dst, p);
		return 0;
	}
	if (t->copy)
		r = t->copy(&v, field_const(src, p));
	else
		memcpy(&v, field_const(src, p), t->size);
	if (r == 0)
		move_in(dst, p, &v);
	return r;
}

/* Copy the parameters that are in the set. */
static int copy_set(struct vz_cfg *dst, const struct vz_cfg *src, struct pset set)
{
	for (size_t i = 0; i < ARRAY_LEN(set.w); i++)
		for (; set.w[i]; set.w[i] &= set.w[i] - 1) {
			int r = cfg_copy_one(dst, src,
					     i * 64 + (unsigned)__builtin_ctzll(set.w[i]));

			if (r < 0)
				return r;
		}
	return 0;
}

int cfg_merge(struct vz_cfg *dst, const struct vz_cfg *src)
{
	return copy_set(dst, src, src->set);
}

int cfg_fill(struct vz_cfg *dst, const struct vz_cfg *src)
{
	struct pset set = src->set;

	for (size_t i = 0; i < ARRAY_LEN(set.w); i++)
		set.w[i] &= ~dst->set.w[i];
	return copy_set(dst, src, set);
}

int cfg_copy(const struct vz_cfg *src, struct vz_cfg **ret)
{
	_cfg_ struct vz_cfg *c = cfg_new();
	int r = c ? cfg_merge(c, src) : -ENOMEM;

	if (r < 0)
		return r;
	*ret = TAKE_PTR(c);
	return 0;
}

int cfg_defaults(struct vz_cfg *c)
{
	static const struct {
		enum vz_param p;
		const char *text;
	} rows[] = {
#define DEFAULT(id, text) { VZ_P_##id, text },
#include "params.def"
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int r = cfg_has(c, rows[i].p) ? 0 : cfg_set_text(c, rows[i].p, rows[i].text, NULL);

		if (r < 0)
			return r;
	}
	return 0;
}

bool cfg_equal(const struct vz_cfg *a, const struct vz_cfg *b, enum vz_param p)
{
	const struct ptype *t = param_get(p)->type;

	if (cfg_has(a, p) != cfg_has(b, p))
		return false;
	if (!cfg_has(a, p))
		return true;
	if (t->equal)
		return t->equal(field_const(a, p), field_const(b, p));
	return memcmp(field_const(a, p), field_const(b, p), t->size) == 0;
}

int cfg_print(const struct vz_cfg *c, enum vz_param p, struct buf *out)
{
	if (!cfg_has(c, p))
		return -ENOENT;
	return param_get(p)->type->print(field_const(c, p), out);
}

json_t *cfg_json_one(const struct vz_cfg *c, enum vz_param p)
{
	return cfg_has(c, p) ? param_get(p)->type->json(field_const(c, p)) : NULL;
}

json_t *cfg_json(const struct vz_cfg *c)
{
	json_t *o = json_object();

	for (unsigned p = 0; o && p < VZ_NPARAMS; p++) {
		const struct vz_param_info *info = &param_get(p)->info;

		if (!cfg_has(c, p) || info->flags & P_SECRET)
			continue;
		if (json_object_set_new(o, info->name, cfg_json_one(c, p)) < 0) {
			json_decref(o);
			return NULL;
		}
	}
	return o;
}
