/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Kinds of value that are one number, or one word of a few. */
#include "param/ptype.h"

#include <string.h>
#include <unistd.h>

#include "base/num.h"

/* ---- words: the value is the index ---- */

static const char *const yesno_words[] = { "no", "yes", NULL };
static const char *const onboot_words[] = { "no", "yes", "auto", NULL };
static const char *const stopmode_words[] = { "stop", "suspend", NULL };
static const char *const tracking_words[] = { "no", "private", "yes", NULL };
static const char *const trafficdir_words[] = { "both", "in", "out", "larger", NULL };
static const char *const netfilter_words[] = { "disabled", "stateless", "stateful", "full", NULL };

static int parse_word(int *dst, const char *s, const char *const *words, struct vz_err *e)
{
	int i = type_word(words, s, strlen(s));
	char what[80];
	size_t n = 0;

	if (i >= 0) {
		*dst = i;
		return 0;
	}
	for (i = 0; words[i] && n < sizeof(what); i++)
		n += (size_t)snprintf(what + n, sizeof(what) - n, "%s%s", i ? "|" : "", words[i]);
	return type_bad(e, VZ_E_PARAM, s, what);
}

#define WORD_TYPE(t)                                                                               \
	static int t##_parse(void *dst, const char *s, struct vz_err *e)                           \
	{                                                                                          \
		return parse_word(dst, s, t##_words, e);                                           \
	}                                                                                          \
	static int t##_print(const void *src, struct buf *out)                                     \
	{                                                                                          \
		return buf_puts(out, t##_words[*(const t_##t *)src]);                              \
	}                                                                                          \
	static json_t *t##_json(const void *src)                                                   \
	{                                                                                          \
		return json_string(t##_words[*(const t_##t *)src]);                                \
	}                                                                                          \
	const struct ptype type_##t = { .size = sizeof(t_##t), .parse = t##_parse,                 \
					.print = t##_print, .json = t##_json }

WORD_TYPE(onboot);
WORD_TYPE(stopmode);
WORD_TYPE(tracking);
WORD_TYPE(netfilter);
WORD_TYPE(trafficdir);

static int yesno_parse(void *dst, const char *s, struct vz_err *e)
{
	return parse_word(dst, s, yesno_words, e);
}

static int yesno_print(const void *src, struct buf *out)
{
	return buf_puts(out, yesno_words[*(const int *)src]);
}

static json_t *yesno_json(const void *src)
{
	return json_boolean(*(const int *)src);
}

const struct ptype type_yesno = { .size = sizeof(t_yesno), .parse = yesno_parse,
				  .print = yesno_print, .json = yesno_json };

static int level_parse(void *dst, const char *s, struct vz_err *e)
{
	int64_t v;
	int r = num_i64(s, &v);

	if (r == 0 && v >= -10 && v <= 10) {
		*(int *)dst = (int)v;
		return 0;
	}
	if (r == -EINVAL)
		return type_bad(e, VZ_E_PARAM, s, "a number");
	*(int *)dst = *s == '-' ? -10 : 10;
	return type_range(e, s);
}

static int level_print(const void *src, struct buf *out)
{
	return buf_printf(out, "%d", *(const int *)src);
}

static json_t *level_json(const void *src)
{
	return json_integer(*(const int *)src);
}

const struct ptype type_level = { .size = sizeof(t_level), .parse = level_parse,
				  .print = level_print, .json = level_json };

/* ---- plain numbers ---- */

static int parse_u64(uint64_t *dst, const char *s, uint64_t min, uint64_t max, struct vz_err *e)
{
	uint64_t v;
	int r = num_u64(s, &v);

	if (r == -EINVAL)
		return type_bad(e, VZ_E_PARAM, s, "a number");
	if (r == 0 && v >= min && v <= max) {
		*dst = v;
		return 0;
	}
	*dst = r == 0 && v < min ? min : max;
	return type_range(e, s);
}

static int u64_print(const void *src, struct buf *out)
{
	return buf_printf(out, "%ju", (uintmax_t) * (const uint64_t *)src);
}

static json_t *u64_json(const void *src)
{
	return type_json_u64(*(const uint64_t *)src);
}

#define NUM_TYPE(t, min, max)                                                                      \
	static int t##_parse(void *dst, const char *s, struct vz_err *e)                           \
	{                                                                                          \
		return parse_u64(dst, s, min, max, e);                                             \
	}                                                                                          \
	const struct ptype type_##t = { .size = sizeof(t_##t), .parse = t##_parse,                 \
					.print = u64_print, .json = u64_json }

NUM_TYPE(num, 0, INT64_MAX);
NUM_TYPE(weight, 8, 500000);
NUM_TYPE(monthday, 1, 28);

/* The node's own root is no place for a VPS, and the clamp of a bad number must not invent one. */
static int uid_parse(void *dst, const char *s, struct vz_err *e)
{
	uint64_t v;

	if (num_u64(s, &v) < 0 || v == 0 || v > UINT32_MAX - 1)
		return type_bad(e, VZ_E_PARAM, s, "the first ID of a range above 0");
	*(uint64_t *)dst = v;
	return 0;
}

const struct ptype type_uid = { .size = sizeof(t_uid), .parse = uid_parse, .print = u64_print,
				.json = u64_json };

static int ioprio_parse(void *dst, const char *s, struct vz_err *e)
{
	uint64_t v;

	if (num_u64(s, &v) < 0 || v > 7)
		return type_bad(e, VZ_E_IO, s, "a priority from 0 to 7");
	*(uint64_t *)dst = v;
	return 0;
}

const struct ptype type_ioprio = { .size = sizeof(t_ioprio), .parse = ioprio_parse,
				   .print = u64_print, .json = u64_json };

#define PERCENT_MAX (100 * UINT64_C(65536))

/* "50%" is a share of the whole node: as many per cent of one CPU as there are CPUs, times 50. */
static int percent_parse(void *dst, const char *s, struct vz_err *e)
{
	size_t len = strlen(s);
	char digits[8];
	uint64_t v;
	long cpus;

	if (len == 0 || s[len - 1] != '%')
		return parse_u64(dst, s, 0, PERCENT_MAX, e);
	if (len > sizeof(digits))
		return type_bad(e, VZ_E_PARAM, s, "a share from 0% to 100%");
	memcpy(digits, s, len - 1);
	digits[len - 1] = 0;
	if (num_u64(digits, &v) < 0 || v > 100)
		return type_bad(e, VZ_E_PARAM, s, "a share from 0% to 100%");
	cpus = sysconf(_SC_NPROCESSORS_ONLN);
	*(uint64_t *)dst = v * (uint64_t)(cpus > 0 ? cpus : 1);
	return 0;
}

const struct ptype type_percent = { .size = sizeof(t_percent), .parse = percent_parse,
				    .print = u64_print, .json = u64_json };

/* ---- thousandths ---- */

#define MILLI_MAX (INT64_MAX / 1000 * 1000)

static int milli_parse(void *dst, const char *s, struct vz_err *e)
{
	uint64_t v;
	int r = num_milli(s, &v);

	if (r == -EINVAL)
		return type_bad(e, VZ_E_PARAM, s, "a number");
	*(uint64_t *)dst = r == 0 && v <= MILLI_MAX ? v : MILLI_MAX;
	return r < 0 || v > MILLI_MAX ? type_range(e, s) : 0;
}

static int milli_print(const void *src, struct buf *out)
{
	uint64_t v = *(const uint64_t *)src;
	unsigned frac = v % 1000;
	int digits = 3;

	if (frac == 0)
		return buf_printf(out, "%ju", (uintmax_t)(v / 1000));
	for (; frac % 10 == 0; frac /= 10)
		digits--;
	return buf_printf(out, "%ju.%0*u", (uintmax_t)(v / 1000), digits, frac);
}

static json_t *milli_json(const void *src)
{
	uint64_t v = *(const uint64_t *)src;

	return v % 1000 ? json_real((double)v / 1000) : type_json_u64(v / 1000);
}

const struct ptype type_milli = { .size = sizeof(t_milli), .parse = milli_parse,
				  .print = milli_print, .json = milli_json };

/* ---- MEMINFO ---- */

static const char *const meminfo_words[] = { "none", "pages", "privvmpages", NULL };

static int meminfo_parse(void *dst, const char *s, struct vz_err *e)
{
	size_t len = strcspn(s, ":");
	int mode = type_word(meminfo_words, s, len);
	struct meminfo m = { 0 };

	if (mode < 0 || (mode == MEMINFO_NONE) == (s[len] == ':') ||
	    (mode != MEMINFO_NONE && num_u64(s + len + 1, &m.n) < 0) || m.n > INT64_MAX)
		return type_bad(e, VZ_E_PARAM, s, "none, pages:N or privvmpages:N");
	m.mode = (uint64_t)mode;
	*(struct meminfo *)dst = m;
	return 0;
}

static int meminfo_print(const void *src, struct buf *out)
{
	const struct meminfo *m = src;

	if (m->mode == MEMINFO_NONE)
		return buf_puts(out, "none");
	return buf_printf(out, "%s:%ju", meminfo_words[m->mode], (uintmax_t)m->n);
}

static json_t *meminfo_json(const void *src)
{
	_buf_ struct buf b = BUF_INIT;

	return meminfo_print(src, &b) < 0 ? NULL : json_string(buf_str(&b));
}

const struct ptype type_meminfo = { .size = sizeof(t_meminfo), .parse = meminfo_parse,
				    .print = meminfo_print, .json = meminfo_json };
