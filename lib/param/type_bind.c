// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Bind mounts: SRC:DST[:OPTION[,OPTION...]]. Kept as text in one spelling, which cfg_bind() takes apart. What
 * names a mount is its place inside: a second one for the same place replaces the first.
 */
#include "param/ptype.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "param/param.h"

#define BLANKS	  " \t"
#define ENTRY_MAX (2 * CFG_BIND_PATH + 64)
#define WHAT	  "SRC:DST[:OPTIONS] with whole paths and options of ro, rw, suid, nosuid, exec, noexec, " \
		  "nodev, map=auto, map=none"

static const struct {
	const char *word;
	unsigned int set, clear;
} options[] = {
	{ "ro", CFG_BIND_RO, 0 },	  { "rw", 0, CFG_BIND_RO },
	{ "suid", CFG_BIND_SUID, 0 },	  { "nosuid", 0, CFG_BIND_SUID },
	{ "noexec", CFG_BIND_NOEXEC, 0 }, { "exec", 0, CFG_BIND_NOEXEC },
	{ "map=none", CFG_BIND_NOMAP, 0 }, { "map=auto", 0, CFG_BIND_NOMAP },
	{ "nodev", 0, 0 }, /* always */
};

/* A whole path without "." and ".."; doubled and last slashes go. */
static int take_path(const char *s, size_t len, char *out)
{
	size_t n = 0, name = 0;

	if (!len || *s != '/' || len >= CFG_BIND_PATH)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)s[i]) && !strchr("._+-/@~^=", s[i]))
			return -EINVAL;
		if (s[i] == '/' && n && out[n - 1] == '/')
			continue;
		out[n++] = s[i];
	}
	while (n > 1 && out[n - 1] == '/')
		n--;
	out[n] = '\0';
	for (const char *p = out; *p; p += name) {
		p += *p == '/';
		name = strcspn(p, "/");
		if ((name == 1 && *p == '.') || (name == 2 && p[0] == '.' && p[1] == '.'))
			return -EINVAL;
	}
	return 0;
}

static int take_options(const char *s, size_t len, unsigned int *flags)
{
	while (len) {
		const char *comma = memchr(s, ',', len);
		size_t n = comma ? (size_t)(comma - s) : len, i;

		for (i = 0; i < ARRAY_LEN(options); i++)
			if (strlen(options[i].word) == n && memcmp(options[i].word, s, n) == 0)
				break;
		if (i == ARRAY_LEN(options))
			return -EINVAL;
		*flags = (*flags & ~options[i].clear) | options[i].set;
		s += n + (comma != NULL);
		len -= n + (comma != NULL);
		if (comma && !len)
			return -EINVAL;
	}
	return 0;
}

/* Places that are the kernel's or the VPS's as a whole. */
static bool is_taken(const char *dst)
{
	static const char *const taken[] = { "/proc", "/sys", "/dev" };

	for (size_t i = 0; i < ARRAY_LEN(taken); i++) {
		size_t n = strlen(taken[i]);

		if (strncmp(dst, taken[i], n) == 0 && (dst[n] == '\0' || dst[n] == '/'))
			return true;
	}
	return str_eq(dst, "/") || str_eq(dst, "/run");
}

static int take_apart(const char *s, size_t len, struct cfg_bind *b)
{
	const char *colon = memchr(s, ':', len), *dst = colon ? colon + 1 : s, *end;
	int r;

	if (!colon)
		return -EINVAL;
	len -= (size_t)(dst - s);
	for (end = dst; end < dst + len && *end != ':' && *end != ',';)
		end++;
	b->flags = 0;
	r = take_path(s, (size_t)(colon - s), b->src);
	if (r == 0)
		r = take_path(dst, (size_t)(end - dst), b->dst);
	if (r == 0 && end < dst + len)
		r = end + 1 == dst + len ? -EINVAL :
					   take_options(end + 1, len - (size_t)(end + 1 - dst), &b->flags);
	return r;
}

int cfg_bind(const char *entry, struct cfg_bind *ret)
{
	return take_apart(entry, strlen(entry), ret);
}

static void spell(const struct cfg_bind *b, char *out, size_t size)
{
	size_t n = (size_t)snprintf(out, size, "%s:%s", b->src, b->dst);
	char sep = ':';

	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (options[i].set && b->flags & options[i].set && n < size) {
			n += (size_t)snprintf(out + n, size - n, "%c%s", sep, options[i].word);
			sep = ',';
		}
}

/* Put one in; an older one for the same place goes. */
static int put(struct strv *l, const char *entry)
{
	struct cfg_bind new, old;
	char *copy;

	if (cfg_bind(entry, &new) < 0)
		return -EINVAL;
	for (size_t i = 0; i < l->n; i++) {
		if (cfg_bind(l->v[i], &old) < 0 || !str_eq(old.dst, new.dst))
			continue;
		copy = strdup(entry);
		if (!copy)
			return -ENOMEM;
		free(l->v[i]);
		l->v[i] = copy;
		return 0;
	}
	return l->n == CFG_BINDS_MAX ? -E2BIG : strv_add(l, entry);
}

/* One word each; `take` adds what it means to the list. */
static int words_parse(int (*take)(struct strv *l, const char *word, size_t len, struct vz_err *e), void *dst,
		       const char *s, struct vz_err *e)
{
	_strv_ struct strv l = { 0 };
	const char *word;
	size_t len;

	while ((word = type_next(&s, BLANKS, &len))) {
		int r = take(&l, word, len, e);

		if (r < 0)
			return r;
	}
	*(struct strv *)dst = l;
	l = (struct strv){ 0 };
	return 0;
}

static int take_bind(struct strv *l, const char *word, size_t len, struct vz_err *e)
{
	char entry[ENTRY_MAX];
	struct cfg_bind b;
	int r;

	if (take_apart(word, len, &b) < 0)
		return type_bad(e, VZ_E_PARAM, word, WHAT);
	if (is_taken(b.dst) || str_eq(b.src, "/"))
		return err_set(e, VZ_E_PARAM, -EINVAL, "'%.100s' cannot be a bind mount: '%s' is %s", word,
			       is_taken(b.dst) ? b.dst : b.src,
			       is_taken(b.dst) ? "not to be covered" : "the whole node");
	spell(&b, entry, sizeof(entry));
	r = put(l, entry);
	if (r == -E2BIG)
		return err_set(e, VZ_E_PARAM, r, "more than %d bind mounts", CFG_BINDS_MAX);
	return r < 0 ? err_nomem(e) : 0;
}

static int binds_parse(void *dst, const char *s, struct vz_err *e)
{
	return words_parse(take_bind, dst, s, e);
}

static int binds_join(void *dst, const void *more)
{
	const struct strv *m = more;
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->n; i++)
		r = put(dst, m->v[i]);
	return r;
}

/* Is it what `del` names: by its place, by both paths, or as a whole? */
static bool is_named(const char *entry, const struct strv *del)
{
	char both[ENTRY_MAX];
	struct cfg_bind b;

	if (strv_has(del, "all") || strv_has(del, entry))
		return true;
	if (cfg_bind(entry, &b) < 0)
		return false;
	snprintf(both, sizeof(both), "%s:%s", b.src, b.dst);
	return strv_has(del, b.dst) || strv_has(del, both);
}

int binds_drop(struct strv *l, const struct strv *del)
{
	_strv_ struct strv left = { 0 };
	struct strv old;
	int r = 0;

	for (size_t i = 0; r == 0 && i < l->n; i++)
		if (!is_named(l->v[i], del))
			r = strv_add(&left, l->v[i]);
	if (r < 0)
		return r;
	old = *l;
	*l = left;
	left = old;
	return 0;
}

/* What is taken away: all, a place, or an entry in any spelling. */
static int take_del(struct strv *l, const char *word, size_t len, struct vz_err *e)
{
	char entry[ENTRY_MAX];
	struct cfg_bind b;

	if (len == 3 && memcmp(word, "all", 3) == 0)
		snprintf(entry, sizeof(entry), "all");
	else if (take_path(word, len, b.dst) == 0)
		snprintf(entry, sizeof(entry), "%s", b.dst);
	else if (take_apart(word, len, &b) == 0)
		spell(&b, entry, sizeof(entry));
	else
		return type_bad(e, VZ_E_PARAM, word, "all, DST or SRC:DST");
	return strv_add(l, entry) < 0 ? err_nomem(e) : 0;
}

static int binddel_parse(void *dst, const char *s, struct vz_err *e)
{
	return words_parse(take_del, dst, s, e);
}

#define BIND_TYPE(t, join_fn)                                                                      \
	const struct ptype type_##t = { .size = sizeof(t_##t), .parse = t##_parse,                 \
					.print = strs_print,   .json = strs_json,                  \
					.equal = strs_equal,   .copy = strs_copy,                  \
					.join = join_fn,       .done = strs_done }

BIND_TYPE(binds, binds_join);
BIND_TYPE(binddel, strs_join);
