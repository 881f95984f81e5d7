/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Barrier and limit, disk limits, and rates. "B:L" sets both halves, one number sets them alike.
 * Without a limit is VZ_UNLIMITED here, and the word, or the largest long, in files.
 */
#include "param/ptype.h"

#include <string.h>

#include "base/num.h"

#define LONG_LIMIT  ((uint64_t)INT64_MAX) /* this and more means without a limit */
#define OLD_LIMIT   UINT64_C(2147483647)  /* the same, from a 32-bit tool */
#define HALF_MAX    32			  /* bytes of one half, more than any number needs */

/* One kind of unit: how a number is read and how it is written. */
struct unit {
	uint64_t bare;	   /* bytes that a number without suffix counts; 0: no suffix is allowed */
	uint64_t divide;   /* bytes of one stored unit */
	bool round_up;
	bool no_unlimited; /* the word is refused */
	const char *what;  /* of a refusal */
};

static const struct unit unit_pages = { VZ_PAGE, VZ_PAGE, true, false,
					"a number of pages or a size" };
static const struct unit unit_bytes = { 1, 1, false, false, "a size" };
static const struct unit unit_items = { 0, 1, false, false, "a number" };
static const struct unit unit_kib = { 1024, 1024, false, true, "a size" };
static const struct unit unit_inodes = { 1, 1, false, true, "a number" };

/* "unlimited", or the beginning of it. */
static bool is_unlimited(const char *s)
{
	return *s && strncmp("unlimited", s, strlen(s)) == 0;
}

/* The number in stored units. A bare one in these units, as files mostly have it, needs no
 * arithmetic, and the largest long, which old panels pass for pages too, must not be multiplied. */
static int half_number(const struct unit *u, const char *s, uint64_t *ret)
{
	uint64_t v = 0;
	int r = num_u64(s, &v);

	if (!u->bare || (u->bare == u->divide && r != -EINVAL)) {
		*ret = v;
		return r;
	}
	r = num_bytes(s, u->bare, &v);
	if (r < 0)
		return r;
	*ret = v == LONG_LIMIT ? v : v / u->divide + (u->round_up && v % u->divide > 0);
	return 0;
}

/* -EINVAL; -ERANGE with the nearest value in *ret. */
static int half_parse(const struct unit *u, const char *s, uint64_t *ret)
{
	uint64_t v = 0;
	int r;

	if (is_unlimited(s)) {
		*ret = VZ_UNLIMITED;
		return u->no_unlimited ? -EINVAL : 0;
	}
	r = half_number(u, s, &v);
	if (r == -EINVAL)
		return r;
	if (r < 0 || v > LONG_LIMIT) {
		*ret = u->no_unlimited ? LONG_LIMIT : VZ_UNLIMITED;
		return -ERANGE;
	}
	*ret = !u->no_unlimited && (v == OLD_LIMIT || v == LONG_LIMIT) ? VZ_UNLIMITED : v;
	return 0;
}

static int pair_parse(const struct unit *u, void *dst, const char *s, struct vz_err *e)
{
	const char *colon = strchr(s, ':');
	size_t len = colon ? (size_t)(colon - s) : strlen(s);
	struct ubc v;
	char first[HALF_MAX];
	int r, r2 = 0;

	if (len >= sizeof(first) || strlen(s) > 2 * HALF_MAX)
		return type_bad(e, VZ_E_PARAM, s, u->what);
	memcpy(first, s, len);
	first[len] = 0;
	r = half_parse(u, first, &v.bar);
	v.lim = v.bar;
	if (colon)
		r2 = half_parse(u, colon + 1, &v.lim);
	if (r == -EINVAL || r2 == -EINVAL)
		return type_bad(e, VZ_E_PARAM, s, u->what);
	if (v.bar > v.lim)
		return err_set(e, VZ_E_PARAM, -EINVAL, "'%s': the first number is above the second",
			       s);
	*(struct ubc *)dst = v;
	return r < 0 || r2 < 0 ? type_range(e, s) : 0;
}

static int half_print(uint64_t v, struct buf *out)
{
	return v == VZ_UNLIMITED ? buf_puts(out, "unlimited") :
				   buf_printf(out, "%ju", (uintmax_t)v);
}

static int pair_print(const void *src, struct buf *out)
{
	const struct ubc *v = src;

	(void)half_print(v->bar, out);
	if (v->lim == v->bar)
		return out->failed ? -ENOMEM : 0;
	(void)buf_putc(out, ':');
	return half_print(v->lim, out);
}

/* Disk limits are written in full: that is how old tools read them. */
static int disk_print(const void *src, struct buf *out)
{
	const struct ubc *v = src;

	return buf_printf(out, "%ju:%ju", (uintmax_t)v->bar, (uintmax_t)v->lim);
}

static json_t *pair_json(const void *src)
{
	const struct ubc *v = src;

	json_t *o = json_object();
	int r = o ? json_object_set_new(o, "barrier", type_json_u64(v->bar)) : 0;

	r += o ? json_object_set_new(o, "limit", type_json_u64(v->lim)) : 0;
	return json_whole(o, r);
}

#define PAIR_TYPE(t, print_fn)                                                                     \
	static int t##_parse(void *dst, const char *s, struct vz_err *e)                           \
	{                                                                                          \
		return pair_parse(&unit_##t, dst, s, e);                                           \
	}                                                                                          \
	const struct ptype type_##t = { .size = sizeof(t_##t), .parse = t##_parse,                 \
					.print = print_fn, .json = pair_json }

PAIR_TYPE(pages, pair_print);
PAIR_TYPE(bytes, pair_print);
PAIR_TYPE(items, pair_print);
PAIR_TYPE(kib, disk_print);
PAIR_TYPE(inodes, disk_print);

/* --ram and --swap: a bare number is bytes, and only the limit is given. */
int opt_ram(void *dst, const char *s, struct vz_err *e)
{
	static const struct unit ram = { 1, VZ_PAGE, true, false, "a size" };
	struct ubc v = { 0 };
	int r = half_parse(&ram, s, &v.lim);

	if (r == -ERANGE)
		return type_range(e, s);
	if (r < 0)
		return type_bad(e, VZ_E_PARAM, s, ram.what);
	*(struct ubc *)dst = v;
	return 0;
}

/* ---- rates, 0 = no limit ---- */

#define RATE_MAX ((uint64_t)INT32_MAX)

static int rate_parse(uint64_t *dst, const char *s, uint64_t bare, struct vz_err *e)
{
	uint64_t v;
	int r;

	if (is_unlimited(s)) {
		*dst = 0;
		return 0;
	}
	r = num_bytes(s, bare, &v);
	/* P is no suffix of a rate. */
	if (r == -EINVAL || strpbrk(s, "pPtT"))
		return type_bad(e, VZ_E_PARAM, s, "a rate");
	*dst = r == 0 && v <= RATE_MAX ? v : RATE_MAX;
	return r < 0 || v > RATE_MAX ? type_range(e, s) : 0;
}

static int iolimit_parse(void *dst, const char *s, struct vz_err *e)
{
	return rate_parse(dst, s, 1, e);
}

/* The command line counts megabytes where the file counts bytes; both are what people rely on. */
static int iolimit_parse_option(void *dst, const char *s, struct vz_err *e)
{
	return rate_parse(dst, s, 1 << 20, e);
}

static int iops_parse(void *dst, const char *s, struct vz_err *e)
{
	uint64_t v;
	int r;

	if (is_unlimited(s)) {
		*(uint64_t *)dst = 0;
		return 0;
	}
	r = num_u64(s, &v);
	if (r == -EINVAL)
		return type_bad(e, VZ_E_PARAM, s, "a number");
	*(uint64_t *)dst = r == 0 && v <= RATE_MAX ? v : RATE_MAX;
	return r < 0 || v > RATE_MAX ? type_range(e, s) : 0;
}

static int rate_print(const void *src, struct buf *out)
{
	return buf_printf(out, "%ju", (uintmax_t) * (const uint64_t *)src);
}

static json_t *rate_json(const void *src)
{
	return type_json_u64(*(const uint64_t *)src);
}

const struct ptype type_iolimit = { .size = sizeof(t_iolimit), .parse = iolimit_parse,
				    .parse_option = iolimit_parse_option, .print = rate_print,
				    .json = rate_json };
const struct ptype type_iops = { .size = sizeof(t_iops), .parse = iops_parse,
				 .print = rate_print, .json = rate_json };
