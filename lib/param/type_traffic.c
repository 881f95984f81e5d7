/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Kinds of value of a month's traffic: how much, what of it counts, what happens beyond it. */
#include "param/ptype.h"

#include <string.h>
#include <strings.h>

#include "base/num.h"

/* ---- how much; 0: no quota ---- */

static int volume_parse(void *dst, const char *s, struct vz_err *e)
{
	uint64_t v;
	int r;

	if (strcasecmp(s, "unlimited") == 0) {
		*(uint64_t *)dst = 0;
		return 0;
	}
	r = num_bytes(s, 1, &v);
	/* P would be pages. */
	if (r == -EINVAL || strpbrk(s, "pP"))
		return type_bad(e, VZ_E_PARAM, s, "an amount of traffic like 500G");
	*(uint64_t *)dst = r == 0 && v <= INT64_MAX ? v : INT64_MAX;
	return r < 0 || v > INT64_MAX ? type_range(e, s) : 0;
}

static int volume_print(const void *src, struct buf *out)
{
	return buf_printf(out, "%ju", (uintmax_t) * (const uint64_t *)src);
}

static json_t *volume_json(const void *src)
{
	return type_json_u64(*(const uint64_t *)src);
}

const struct ptype type_volume = { .size = sizeof(t_volume), .parse = volume_parse,
				   .print = volume_print, .json = volume_json };

/* ---- what happens: notify, stop, throttle:RATE ---- */

static const char *const doing_words[] = { "notify", "stop", "throttle", NULL };
static const struct {
	const char *name;
	uint64_t bits;
} units[] = { { "gbit", 1000000000 }, { "mbit", 1000000 }, { "kbit", 1000 } };

#define DOING_MAX UINT64_C(4000000000000) /* bits a second */

static int parse_bits(const char *s, uint64_t *ret)
{
	size_t len = strspn(s, "0123456789.");
	uint64_t unit = s[len] ? 0 : 1000, milli;
	char digits[24];

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcasecmp(s + len, units[i].name) == 0)
			unit = units[i].bits;
	if (!unit || len >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, s, len);
	digits[len] = '\0';
	if (num_milli(digits, &milli) < 0 || milli > DOING_MAX)
		return -EINVAL;
	*ret = milli * (unit / 1000);
	return *ret < 1000 || *ret > DOING_MAX ? -EINVAL : 0;
}

static int doing_parse(void *dst, const char *s, struct vz_err *e)
{
	size_t len = strcspn(s, ":");
	int what = type_word(doing_words, s, len);
	struct traffic_doing d = { 0 };

	if (what < 0 || (what == TRAFFIC_THROTTLE) != (s[len] == ':') ||
	    (what == TRAFFIC_THROTTLE && parse_bits(s + len + 1, &d.bits) < 0))
		return type_bad(e, VZ_E_PARAM, s, "notify, stop or throttle:RATE with a rate like 10mbit");
	d.what = (uint64_t)what;
	*(struct traffic_doing *)dst = d;
	return 0;
}

static int doing_print(const void *src, struct buf *out)
{
	const struct traffic_doing *d = src;
	size_t i = 0;

	if (d->what != TRAFFIC_THROTTLE)
		return buf_puts(out, doing_words[d->what]);
	while (i + 1 < sizeof(units) / sizeof(units[0]) && d->bits % units[i].bits)
		i++;
	/* Kilobits have their fractions, the rest goes without. */
	if (d->bits % units[i].bits)
		return buf_printf(out, "throttle:%ju.%03jukbit", (uintmax_t)(d->bits / 1000),
				  (uintmax_t)(d->bits % 1000));
	return buf_printf(out, "throttle:%ju%s", (uintmax_t)(d->bits / units[i].bits),
			  units[i].name);
}

static json_t *doing_json(const void *src)
{
	_buf_ struct buf b = BUF_INIT;

	return doing_print(src, &b) < 0 ? NULL : json_string(buf_str(&b));
}

const struct ptype type_doing = { .size = sizeof(t_doing), .parse = doing_parse,
				  .print = doing_print, .json = doing_json };
