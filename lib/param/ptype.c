/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What several kinds of value share: words of a refusal, splitting, names of devices. */
#include "param/ptype.h"

#include <ctype.h>
#include <string.h>

/* As much of a refused text as is worth showing; the rest of the line is for the reason. */
#define SHOWN 60

int type_bad(struct vz_err *e, int code, const char *s, const char *what)
{
	if (!*s)
		return err_set(e, code, -EINVAL, "an empty text is not %s", what);
	return err_set(e, code, -EINVAL, "'%.*s%s' is not %s", SHOWN, s,
		       strlen(s) > SHOWN ? "..." : "", what);
}

int type_range(struct vz_err *e, const char *s)
{
	return err_set(e, VZ_E_PARAM, -ERANGE, "'%.*s%s' is out of range", SHOWN, s,
		       strlen(s) > SHOWN ? "..." : "");
}

int type_join_failed(struct vz_err *e, int r, const char *name)
{
	if (r == -E2BIG)
		return err_set(e, VZ_E_PARAM, r, "too many values for %s", name);
	return err_nomem(e);
}

int type_word(const char *const *words, const char *s, size_t len)
{
	for (int i = 0; words[i]; i++)
		if (strlen(words[i]) == len && memcmp(words[i], s, len) == 0)
			return i;
	return -1;
}

const char *type_next(const char **s, const char *seps, size_t *ret_len)
{
	const char *word = *s + strspn(*s, seps);

	*ret_len = strcspn(word, seps);
	*s = word + *ret_len;
	return *ret_len ? word : NULL;
}

bool type_is_ifname(const char *s, size_t len)
{
	if (len == 0 || len >= CFG_IFNAMSIZ || s[0] == '.' || s[0] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)s[i]) && !memchr("._-", s[i], 3))
			return false;
	return true;
}

bool type_is_plain(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	return true;
}

void type_ascii(char *s)
{
	for (; *s; s++)
		if (*s & 0x80)
			*s = '?';
}

json_t *type_json_u64(uint64_t v)
{
	return json_integer(v > INT64_MAX ? INT64_MAX : (int64_t)v);
}

bool strs_equal(const void *a, const void *b)
{
	const struct strv *x = a, *y = b;

	if (x->n != y->n)
		return false;
	for (size_t i = 0; i < x->n; i++)
		if (!str_eq(x->v[i], y->v[i]))
			return false;
	return true;
}

int strs_copy(void *dst, const void *src)
{
	return strv_copy(dst, src);
}

int strs_join(void *dst, const void *more)
{
	const struct strv *m = more;
	struct strv *l = dst;
	size_t had = l->n;

	for (size_t i = 0; i < m->n; i++) {
		int r = strv_has(l, m->v[i]) ? 0 : strv_add(l, m->v[i]);

		if (r < 0) {
			while (l->n > had)
				free(l->v[--l->n]);
			return r;
		}
	}
	return 0;
}

int strs_drop(struct strv *l, const struct strv *del)
{
	_strv_ struct strv left = { 0 };
	struct strv old;

	for (size_t i = 0; i < l->n && !strv_has(del, "all"); i++) {
		int r = strv_has(del, l->v[i]) ? 0 : strv_add(&left, l->v[i]);

		if (r < 0)
			return r;
	}
	old = *l;
	*l = left;
	left = old;
	return 0;
}

void strs_done(void *v)
{
	strv_done(v);
}

int strs_print(const void *src, struct buf *out)
{
	const struct strv *l = src;

	for (size_t i = 0; i < l->n; i++)
		(void)buf_printf(out, "%s%s", i ? " " : "", l->v[i]);
	return out->failed ? -ENOMEM : 0;
}

json_t *strs_json(const void *src)
{
	const struct strv *l = src;
	json_t *a = json_array();
	int r = 0;

	for (size_t i = 0; a && i < l->n; i++)
		r += json_array_append_new(a, json_string(l->v[i]));
	return json_whole(a, r);
}
