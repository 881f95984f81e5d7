/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The rows of params.def as tables, and how to find one by name. Nothing here is writable. */
#include "param/param.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "param/option.h"
#include "param/ptype.h"

static const char group_text[][8] = {
#define GROUP_TEXT(id, name) [AP_##id] = name,
	PARAM_GROUPS(GROUP_TEXT)
#undef GROUP_TEXT
};

/* What the rows of other macros need to know about the parameter that they name. */
enum {
#define PARAM(id, field, type, key, option, group, flags, ...)                                     \
	FLAGS_##id = (flags), GROUP_##id = AP_##group,
#include "params.def"
};
#define PARAM(id, field, type, key, ...) static const char key_##id[] = key;
#include "params.def"

#define FLAGS_PUBLIC 0xffffffu

static const struct param params[] = {
#define PARAM(id, field, typ, key, option, grp, flags, help, man)                                  \
	[VZ_P_##id] = { { key_##id, option, ARG_##typ, SCHEMA_##typ, group_text[AP_##grp],         \
			  #field, help, man, (flags) & FLAGS_PUBLIC },                             \
			&type_##typ, AP_##grp, offsetof(struct vz_cfg, field) },
#include "params.def"
};
_Static_assert(ARRAY_LEN(params) == VZ_NPARAMS, "one row for each parameter");
_Static_assert(VZ_NPARAMS <= UINT8_MAX, "the lookup by key has one byte for it");

static const struct option_row options[] = {
#define PARAM(id, field, typ, key, option, grp, flags, help, man)                                  \
	{ { option, ARG_##typ, key_##id, group_text[AP_##grp], help, man,                          \
	    (flags) & FLAGS_PUBLIC, (char)((flags) >> 24) }, VZ_P_##id, NULL },
#define OPTION(option, id, parse, arg, help, man)                                                  \
	{ { option, arg, key_##id, group_text[GROUP_##id], help, man,                              \
	    FLAGS_##id & FLAGS_PUBLIC, 0 }, VZ_P_##id, parse },
#define SPELLING(option, id)                                                                       \
	{ { option, "VALUE", key_##id, group_text[GROUP_##id], "", "",                             \
	    (FLAGS_##id & FLAGS_PUBLIC) | VZ_PF_SPELLING, 0 }, VZ_P_##id, NULL },
#include "params.def"
};

/*
 * A lookup computes one byte from a name, looks for it with memchr, which takes many rows at a
 * time, and compares the one or two names that have it. The factors spread the names we have.
 */
#define KEY_TAG(key, len)                                                                          \
	((uint8_t)((len) * 25u + (uint8_t)(key)[0] * 3u + (uint8_t)(key)[(len) / 2] +              \
		   (uint8_t)(key)[(len) ? (len) - 1 : 0] * 45u))

static const uint8_t key_tags[] = {
#define PARAM(id, field, typ, key, ...) KEY_TAG(key, sizeof(key) - 1),
#define ALIAS(key, id)			KEY_TAG(key, sizeof(key) - 1),
#include "params.def"
};
static const struct {
	const char *key;
	uint8_t len;
	uint8_t p;
} keys[] = {
#define PARAM(id, field, typ, key, ...) { key, sizeof(key) - 1, VZ_P_##id },
#define ALIAS(key, id)			{ key, sizeof(key) - 1, VZ_P_##id },
#include "params.def"
};

const struct param *param_get(enum vz_param p)
{
	return &params[p];
}

int param_by_option(const char *option)
{
	for (size_t i = 0; i < VZ_NPARAMS && *option; i++)
		if (str_eq(params[i].info.option, option))
			return (int)i;
	return -1;
}

const struct option_row *option_row_of(const struct vz_option_info *o)
{
	return (const struct option_row *)o; /* its first member */
}

enum vz_param param_of_option(const struct vz_option_info *o)
{
	return option_row_of(o)->p;
}

const struct param *param_next(const struct param *prev)
{
	const struct param *p = prev ? prev + 1 : params;

	return p < params + VZ_NPARAMS ? p : NULL;
}

const struct vz_option_info *option_next(const struct vz_option_info *prev)
{
	const struct option_row *o = prev ? option_row_of(prev) + 1 : options;

	while (o < options + ARRAY_LEN(options) && !*o->info.option)
		o++; /* a parameter without option */
	return o < options + ARRAY_LEN(options) ? &o->info : NULL;
}

/* Rows that do the same are no ambiguity: --host is short for one option, however often. */
static bool same_option(const struct vz_option_info *a, const struct vz_option_info *b)
{
	return option_row_of(a)->p == option_row_of(b)->p &&
	       option_row_of(a)->parse == option_row_of(b)->parse;
}

static const struct vz_option_info *find_whole(const char *name, size_t len, uint32_t want)
{
	const struct vz_option_info *o = NULL;

	while ((o = option_next(o)))
		if (o->flags & want && strncmp(o->option, name, len) == 0 && !o->option[len])
			return o;
	return NULL;
}

int option_find(const char *name, size_t len, uint32_t want, const struct vz_option_info **ret,
		struct vz_err *e)
{
	const struct vz_option_info *found = find_whole(name, len, want), *o = NULL;

	if (found) {
		*ret = found;
		return 1;
	}
	while (len && (o = option_next(o))) {
		/* Other spellings are for scripts, which write them in full. */
		if (!(o->flags & want) || o->flags & VZ_PF_SPELLING ||
		    strncmp(o->option, name, len) != 0)
			continue;
		if (found && !same_option(found, o))
			return err_set(e, VZ_E_PARAM, -EINVAL,
				       "option '--%.*s' is ambiguous: --%s, --%s", (int)len, name,
				       found->option, o->option);
		found = found ? found : o;
	}
	if (!found)
		return -ENOENT;
	*ret = found;
	return 0;
}

int param_by_key(const char *key, size_t len)
{
	const uint8_t *at = key_tags, *end = key_tags + sizeof(key_tags);
	uint8_t tag;

	if (len == 0)
		return -1;
	tag = KEY_TAG(key, len);
	while ((at = memchr(at, tag, (size_t)(end - at)))) {
		size_t i = (size_t)(at++ - key_tags);

		if (keys[i].len == len && memcmp(keys[i].key, key, len) == 0)
			return keys[i].p;
	}
	return -1;
}
