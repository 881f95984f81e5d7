/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Strict numbers: what is not wholly a number is refused, what does not fit is told apart. */
#include "base/num.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits from *s on, at least one; *s is left behind them. A number too large is still walked, so
 * that garbage behind it is -EINVAL, not -ERANGE. */
static int take_digits(const char **s, uint64_t *ret)
{
	uint64_t v = 0;
	int over = 0;

	if (!is_digit(**s))
		return -EINVAL;
	for (; is_digit(**s); (*s)++)
		over |= __builtin_mul_overflow(v, 10, &v) ||
			__builtin_add_overflow(v, (uint64_t)(**s - '0'), &v);
	*ret = v;
	return over ? -ERANGE : 0;
}

int num_u64(const char *s, uint64_t *ret)
{
	uint64_t v;
	int r = take_digits(&s, &v);

	if (r == -EINVAL || *s)
		return -EINVAL;
	if (r < 0)
		return r;
	*ret = v;
	return 0;
}

int num_u32(const char *s, uint32_t *ret)
{
	uint64_t v;
	int r = num_u64(s, &v);

	if (r < 0)
		return r;
	if (v > UINT32_MAX)
		return -ERANGE;
	*ret = v;
	return 0;
}

int num_i64(const char *s, int64_t *ret)
{
	int neg = *s == '-';
	uint64_t v;
	int r = num_u64(s + neg, &v);

	if (r < 0)
		return r;
	if (v > (uint64_t)INT64_MAX + neg)
		return -ERANGE;
	/* -INT64_MIN does not fit, so the sign is put on before the cast. */
	*ret = neg ? (int64_t)(0 - v) : (int64_t)v;
	return 0;
}

int num_pid(const char *s, pid_t *ret)
{
	uint64_t v;
	int r = num_u64(s, &v);

	if (r < 0)
		return r;
	if (v == 0 || v > INT_MAX)
		return -ERANGE;
	*ret = v;
	return 0;
}

/* "12.345": whole part and thousand-millionths; further digits are walked and cut. */
static int take_decimal(const char **s, uint64_t *ret_whole, uint32_t *ret_nano)
{
	uint32_t nano = 0, place = 100000000;
	int r = take_digits(s, ret_whole);

	if (r == -EINVAL)
		return r;
	if (**s == '.') {
		(*s)++;
		if (!is_digit(**s))
			return -EINVAL;
		for (; is_digit(**s); (*s)++, place /= 10)
			nano += (uint32_t)(**s - '0') * place;
	}
	*ret_nano = nano;
	return r;
}

static int suffix_bytes(char c, uint64_t unit, uint64_t *ret)
{
	static const struct {
		char name[2];
		uint64_t bytes;
	} rows[] = {
		{ "Bb", 1 },		       { "Kk", UINT64_C(1) << 10 },
		{ "Mm", UINT64_C(1) << 20 },   { "Gg", UINT64_C(1) << 30 },
		{ "Tt", UINT64_C(1) << 40 },   { "Pp", 4096 },
	};

	if (!c) {
		*ret = unit;
		return 0;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (c == rows[i].name[0] || c == rows[i].name[1]) {
			*ret = rows[i].bytes;
			return 0;
		}
	return -EINVAL;
}

int num_bytes(const char *s, uint64_t unit, uint64_t *ret)
{
	unsigned __int128 total;
	uint64_t whole, mult;
	uint32_t nano;
	int r = take_decimal(&s, &whole, &nano);

	if (r == -EINVAL || suffix_bytes(*s, unit, &mult) < 0 || (*s && s[1]))
		return -EINVAL;
	if (r < 0)
		return r;
	total = (unsigned __int128)whole * mult + (unsigned __int128)mult * nano / 1000000000;
	if (total > UINT64_MAX)
		return -ERANGE;
	*ret = total;
	return 0;
}

int num_milli(const char *s, uint64_t *ret)
{
	uint64_t whole;
	uint32_t nano;
	int r = take_decimal(&s, &whole, &nano);

	if (r == -EINVAL || *s)
		return -EINVAL;
	if (r < 0)
		return r;
	if (__builtin_mul_overflow(whole, 1000, &whole) ||
	    __builtin_add_overflow(whole, nano / 1000000, &whole))
		return -ERANGE;
	*ret = whole;
	return 0;
}
