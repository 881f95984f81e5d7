/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Small helpers on C strings, and a list of strings. */
#ifndef VZ_BASE_STR_H
#define VZ_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static inline bool str_eq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

bool str_has_prefix(const char *s, const char *prefix);
bool str_has_suffix(const char *s, const char *suffix);

/* A list of owned strings; v is NULL-terminated whenever n > 0. Zero it to begin. */
struct strv {
	char **v;
	size_t n;
};

#define _strv_ __attribute__((cleanup(strv_done)))

void strv_done(struct strv *l);
int strv_add(struct strv *l, const char *s);		  /* a copy of s */
int strv_addn(struct strv *l, const char *s, size_t len); /* a copy of len bytes */
bool strv_has(const struct strv *l, const char *s);
/* Append the words of s, split at any of `seps`; empty words are dropped. */
int strv_split(struct strv *l, const char *s, const char *seps);
int strv_copy(struct strv *dst, const struct strv *src); /* dst must be empty */
/* printf into a new string; NULL when out of memory. */
char *str_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
