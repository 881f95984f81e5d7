/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Small helpers on C strings, and a list of owned strings. */
#include "base/str.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

bool str_has_prefix(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_has_suffix(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && strcmp(s + n - m, suffix) == 0;
}

void strv_done(struct strv *l)
{
	int saved = errno;

	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	*l = (struct strv){ 0 };
	errno = saved;
}

/* Room for one more. The array has a power of two of slots: full when n + 1 (the NULL) is one. */
static int grow(struct strv *l)
{
	char **v;

	if (((l->n + 1) & l->n) != 0)
		return 0;
	v = realloc(l->v, 2 * (l->n + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	l->v = v;
	return 0;
}

int strv_addn(struct strv *l, const char *s, size_t len)
{
	char *copy;

	if (grow(l) < 0)
		return -ENOMEM;
	copy = malloc(len + 1);
	if (!copy) {
		l->v[l->n] = NULL;
		return -ENOMEM;
	}
	memcpy(copy, s, len);
	copy[len] = 0;
	l->v[l->n++] = copy;
	l->v[l->n] = NULL;
	return 0;
}

int strv_add(struct strv *l, const char *s)
{
	return strv_addn(l, s, strlen(s));
}

bool strv_has(const struct strv *l, const char *s)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->v[i], s))
			return true;
	return false;
}

int strv_split(struct strv *l, const char *s, const char *seps)
{
	for (s += strspn(s, seps); *s; s += strspn(s, seps)) {
		size_t len = strcspn(s, seps);
		int r = strv_addn(l, s, len);

		if (r < 0)
			return r;
		s += len;
	}
	return 0;
}

int strv_copy(struct strv *dst, const struct strv *src)
{
	for (size_t i = 0; i < src->n; i++) {
		int r = strv_add(dst, src->v[i]);

		if (r < 0) {
			strv_done(dst);
			return r;
		}
	}
	return 0;
}

char *str_printf(const char *fmt, ...)
{
	char *s;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	return n < 0 ? NULL : s;
}
