/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Kinds of value that are one piece of text. They differ in what they refuse. */
#include "param/param.h"
#include "param/poolconf.h"
#include "param/ptype.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 16384 /* a line of a file must hold it with every character escaped */
#define PATH_LEN 4000
#define CPU_MAX	 8191 /* the most that a kernel is built for */

static int keep(void *dst, const char *s, size_t len, struct vz_err *e)
{
	char *copy = strndup(s, len);

	if (!copy)
		return err_nomem(e);
	*(char **)dst = copy;
	return 0;
}

static int str_print(const void *src, struct buf *out)
{
	return buf_puts(out, *(char *const *)src);
}

static json_t *str_json(const void *src)
{
	const char *s = *(char *const *)src;
	json_t *j = json_string(s);
	char *ascii = j ? NULL : strdup(s);

	if (!j && ascii) {
		type_ascii(ascii);
		j = json_string(ascii);
	}
	free(ascii);
	return j;
}

static bool str_equal(const void *a, const void *b)
{
	return str_eq(*(char *const *)a, *(char *const *)b);
}

static int str_copy(void *dst, const void *src)
{
	return keep(dst, *(char *const *)src, strlen(*(char *const *)src), NULL);
}

static void str_done(void *v)
{
	free(*(char **)v);
}

#define TEXT_TYPE(t)                                                                               \
	const struct ptype type_##t = { .size = sizeof(t_##t), .parse = t##_parse,                 \
					.print = str_print,    .json = str_json,                   \
					.equal = str_equal,    .copy = str_copy,                   \
					.done = str_done }

static int text_parse(void *dst, const char *s, struct vz_err *e)
{
	size_t len = strlen(s);

	if (len > TEXT_MAX)
		return err_set(e, VZ_E_PARAM, -E2BIG, "longer than %d bytes", TEXT_MAX);
	if (!type_is_plain(s))
		return type_bad(e, VZ_E_PARAM, s, "one line of text");
	return keep(dst, s, len, e);
}
TEXT_TYPE(text);

static int path_parse(void *dst, const char *s, struct vz_err *e)
{
	size_t len = strlen(s);

	if (*s != '/' || len > PATH_LEN || !type_is_plain(s))
		return type_bad(e, VZ_E_PARAM, s, "an absolute path");
	while (len > 1 && s[len - 1] == '/')
		len--;
	return keep(dst, s, len, e);
}
TEXT_TYPE(path);

static bool is_component(const char *s)
{
	return *s && strlen(s) < 256 && type_is_plain(s) && !strchr(s, '/') && !str_eq(s, ".") &&
	       !str_eq(s, "..");
}

static int fname_parse(void *dst, const char *s, struct vz_err *e)
{
	if (!is_component(s))
		return type_bad(e, VZ_E_PARAM, s, "a file name");
	return keep(dst, s, strlen(s), e);
}
TEXT_TYPE(fname);

/* Only what may be in a name of a VPS: it becomes the name of a link. */
static int ctname_parse(void *dst, const char *s, struct vz_err *e)
{
	bool number = *s;

	for (const char *p = s; *p; p++) {
		if (!isalnum((unsigned char)*p) && !strchr(" -+_.", *p))
			return type_bad(e, VZ_E_NAME, s,
					"made of letters, digits and ' -+_.' alone");
		number = number && isdigit((unsigned char)*p);
	}
	/* A number would always be taken for an ID, "-x" for an option. */
	if (number || *s == '-' || *s == ' ' || (*s && !is_component(s)))
		return type_bad(e, VZ_E_NAME, s, "fit to be a name");
	return keep(dst, s, strlen(s), e);
}
TEXT_TYPE(ctname);

static int pool_parse(void *dst, const char *s, struct vz_err *e)
{
	if (*s && !pool_name_ok(s))
		return type_bad(e, VZ_E_PARAM, s, "the name of a pool");
	return keep(dst, s, strlen(s), e);
}
TEXT_TYPE(pool);

static int hostname_parse(void *dst, const char *s, struct vz_err *e)
{
	size_t len = strlen(s);
	/* 64 is what the kernel takes. */
	bool good = len > 0 && len <= 64 && s[0] != '-' && s[0] != '.';

	for (const char *p = s; *p && good; p++)
		good = isalnum((unsigned char)*p) || strchr("-_.", *p);
	if (!good)
		return type_bad(e, VZ_E_HOSTNAME, s, "a host name of at most 64 characters");
	return keep(dst, s, len, e);
}
TEXT_TYPE(hostname);

/* 32 hexadecimal digits, whatever stands between and around them: one way of writing for comparing. */
bool uuid_normal(const char *s, char out[UUID_LEN + 1])
{
	size_t len = strlen(s), n = 0, digits = 0;

	if (len >= 2 && s[0] == '{' && s[len - 1] == '}') {
		s++;
		len -= 2;
	}
	for (size_t i = 0; i < len && digits <= 32; i++) {
		if (s[i] == '-')
			continue;
		if (!isxdigit((unsigned char)s[i]) || digits++ == 32)
			return false;
		if (n == 8 || n == 13 || n == 18 || n == 23)
			out[n++] = '-';
		out[n++] = (char)tolower((unsigned char)s[i]);
	}
	out[n] = 0;
	return digits == 32;
}

static int uuid_parse(void *dst, const char *s, struct vz_err *e)
{
	char text[UUID_LEN + 1];

	if (!uuid_normal(s, text))
		return type_bad(e, VZ_E_PARAM, s, "a UUID");
	return keep(dst, text, UUID_LEN, e);
}
TEXT_TYPE(uuid);

static int layout_parse(void *dst, const char *s, struct vz_err *e)
{
	static const char *const words[] = { "overlay", "simfs", "image", "ploop", "ploop:expanded",
					     "ploop:plain", "ploop:raw", NULL };

	if (type_word(words, s, strlen(s)) < 0)
		return type_bad(e, VZ_E_LAYOUT, s,
				"a layout (overlay, simfs, image, ploop[:mode])");
	return keep(dst, s, strlen(s), e);
}
TEXT_TYPE(layout);

/* One number up to CPU_MAX; *s is left behind it. */
static bool take_number(const char **s, unsigned *ret)
{
	unsigned v = 0;

	if (!isdigit((unsigned char)**s))
		return false;
	for (; isdigit((unsigned char)**s) && v <= CPU_MAX; (*s)++)
		v = v * 10 + (unsigned)(**s - '0');
	*ret = v;
	return v <= CPU_MAX;
}

/* "0-2,7" as the kernel's cpuset files take it. */
static bool is_number_list(const char *s)
{
	unsigned from, to;

	do {
		if (!take_number(&s, &from))
			return false;
		if (*s == '-') {
			s++;
			if (!take_number(&s, &to) || to < from)
				return false;
		}
	} while (*s++ == ',');
	return s[-1] == 0;
}

static int cpulist_parse(void *dst, const char *s, struct vz_err *e)
{
	if (strlen(s) > TEXT_MAX || (!str_eq(s, "all") && !str_eq(s, "auto") && !is_number_list(s)))
		return type_bad(e, VZ_E_PARAM, s, "a list of numbers and ranges, all or auto");
	return keep(dst, s, strlen(s), e);
}
TEXT_TYPE(cpulist);

static int nodelist_parse(void *dst, const char *s, struct vz_err *e)
{
	if (strlen(s) > TEXT_MAX || (!str_eq(s, "all") && !is_number_list(s)))
		return type_bad(e, VZ_E_PARAM, s, "a list of numbers and ranges, or all");
	return keep(dst, s, strlen(s), e);
}
TEXT_TYPE(nodelist);

static int neigh_parse(void *dst, const char *s, struct vz_err *e)
{
	const char *devs = str_has_prefix(s, "list:") ? s + 5 : "", *dev;
	bool good = str_eq(s, "all") || str_eq(s, "detect") || str_has_prefix(s, "list:");
	size_t len;

	while (good && (dev = type_next(&devs, " \t,", &len)))
		good = type_is_ifname(dev, len);
	if (!good || strlen(s) > TEXT_MAX)
		return type_bad(e, VZ_E_PARAM, s, "all, detect or list: and names of devices");
	return keep(dst, s, strlen(s), e);
}
TEXT_TYPE(neigh);

static int slice_parse(void *dst, const char *s, struct vz_err *e)
{
	const char *rest = s, *part;
	bool good = *s && *s != '/' && strlen(s) < 256 && !strstr(s, "//");
	size_t len;

	while (good && (part = type_next(&rest, "/", &len))) {
		good = part[0] != '.' && part[0] != '-';
		for (size_t i = 0; i < len && good; i++)
			good = isalnum((unsigned char)part[i]) || strchr("._-@:", part[i]);
	}
	if (!good || s[strlen(s) - 1] == '/')
		return type_bad(e, VZ_E_PARAM, s, "a relative path of a control group");
	return keep(dst, s, strlen(s), e);
}
TEXT_TYPE(slice);
