/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base/err, buf, num, str, log, clock, json: what needs no file system. */
#include "../tap.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/num.h"
#include "base/str.h"

TEST("the first failure keeps its words")
{
	struct vz_err e = { 0 };

	EQ(err_set(&e, VZ_E_PARAM, -EINVAL, "key '%s' is bad", "A"), -EINVAL);
	EQ(err_set(&e, VZ_E_LOCKED, -EBUSY, "later"), -EBUSY);
	EQ(e.code, VZ_E_PARAM);
	EQ(e.sys, EINVAL);
	STR_EQ(e.text, "key 'A' is bad");
}

TEST("a failure is never reported as success, and a NULL error is fine")
{
	struct vz_err e = { 0 };

	EQ(err_set(NULL, VZ_E_SYS, 0, "x"), -EINVAL);
	EQ(err_sys(NULL, VZ_E_SYS, 7, "x"), -EINVAL);
	EQ(err_prefix(NULL, -EPERM, "x"), -EPERM);
	EQ(err_nomem(NULL), -ENOMEM);
	EQ(err_set(&e, VZ_E_OK, -EIO, "x"), -EIO);
	EQ(e.code, VZ_E_SYS);
}

TEST("err_sys ends with the cause, even behind an overlong object")
{
	struct vz_err e = { 0 };
	char big[2000];

	EQ(err_sys(&e, VZ_E_SYS, -ENOENT, "cannot open '%s'", "/x"), -ENOENT);
	STR_EQ(e.text, "cannot open '/x': No such file or directory");
	memset(big, 'a', sizeof(big));
	big[sizeof(big) - 1] = 0;
	e = (struct vz_err){ 0 };
	EQ(err_sys(&e, VZ_E_SYS, -ENOENT, "%s", big), -ENOENT);
	OK(str_has_suffix(e.text, "a: No such file or directory"));
	OK(strlen(e.text) < sizeof(e.text));
	e = (struct vz_err){ 0 };
	EQ(err_sys(&e, VZ_E_SYS, -9999, "x"), -9999);
	STR_EQ(e.text, "x: unknown error");
}

TEST("an error is one line whatever it quotes")
{
	struct vz_err e = { 0 };

	err_set(&e, VZ_E_PARAM, -EINVAL, "bad '%s'", "a\nb\033[1m\x7f");
	STR_EQ(e.text, "bad 'a?b?[1m?'");
	err_prefix(&e, -EINVAL, "in\n'%s'", "f");
	STR_EQ(e.text, "in?'f': bad 'a?b?[1m?'");
}

TEST("a prefix goes before a set error only, and never overflows")
{
	struct vz_err e = { 0 };
	char big[2000];

	EQ(err_prefix(&e, -EIO, "nothing"), -EIO);
	STR_EQ(e.text, "");
	memset(big, 'b', sizeof(big));
	big[sizeof(big) - 1] = 0;
	err_set(&e, VZ_E_SYS, -EIO, "%s", big);
	for (int i = 0; i < 4; i++)
		EQ(err_prefix(&e, -EIO, "%s", big), -EIO);
	EQ(strlen(e.text), sizeof(e.text) - 1);
	OK(strstr(e.text, "b: b") != NULL);
}

TEST("a buffer grows, stays terminated, and is given away whole")
{
	_buf_ struct buf b = BUF_INIT;
	char *s;

	STR_EQ(buf_str(&b), "");
	for (int i = 0; i < 1000; i++)
		EQ(buf_printf(&b, "%d,", i), 0);
	EQ(b.len, 10 * 2 + 90 * 3 + 900 * 4);
	EQ(strlen(buf_str(&b)), b.len);
	OK(str_has_suffix(buf_str(&b), "998,999,"));
	s = buf_take(&b);
	NEED(OK(s));
	OK(str_has_prefix(s, "0,1,2,"));
	free(s);
	OK(b.data == NULL && b.len == 0);
	s = buf_take(&b);
	STR_EQ(s, "");
	free(s);
}

TEST("a buffer keeps NUL bytes, and clear forgets")
{
	_buf_ struct buf b = BUF_INIT;

	EQ(buf_add(&b, "a\0b", 3), 0);
	EQ(buf_putc(&b, 'c'), 0);
	EQ(b.len, 4);
	OK(memcmp(b.data, "a\0bc", 5) == 0);
	buf_clear(&b);
	STR_EQ(buf_str(&b), "");
	EQ(buf_add(&b, NULL, 0), 0);
	EQ(buf_puts(&b, "again"), 0);
	STR_EQ(buf_str(&b), "again");
}

TEST("a failed buffer stays failed and gives nothing away")
{
	_buf_ struct buf b = BUF_INIT;

	EQ(buf_puts(&b, "x"), 0);
	EQ(buf_add(&b, "y", SIZE_MAX / 2), -ENOMEM);
	EQ(buf_puts(&b, "z"), -ENOMEM);
	EQ(buf_printf(&b, "z"), -ENOMEM);
	STR_EQ(buf_str(&b), "x");
	OK(buf_take(&b) == NULL);
	EQ(buf_puts(&b, "fresh"), 0);
}

TEST("printf of a string longer than the room left comes out whole")
{
	_buf_ struct buf b = BUF_INIT;
	char big[5000];

	memset(big, 'q', sizeof(big));
	big[sizeof(big) - 1] = 0;
	EQ(buf_printf(&b, "<%s>", big), 0);
	EQ(b.len, sizeof(big) - 1 + 2);
	OK(b.data[b.len - 1] == '>');
}

TEST("unsigned numbers: whole string, no sign, no blank, limits told apart")
{
	static const char *const bad[] = { "", " ", "1 ", " 1", "+1", "-1", "0x1", "1e3", "1.0",
					   "a", "99999999999999999999x" };
	uint64_t v = 5;
	uint32_t w = 5;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (num_u64(bad[i], &v) != -EINVAL)
			TAP_BAD("'%s' was not refused", bad[i]);
	EQ(v, 5);
	EQ(num_u64("18446744073709551615", &v), 0);
	OK(v == UINT64_MAX);
	EQ(num_u64("18446744073709551616", &v), -ERANGE);
	EQ(num_u64("99999999999999999999999", &v), -ERANGE);
	EQ(num_u64("0007", &v), 0);
	EQ(v, 7);
	EQ(num_u32("4294967295", &w), 0);
	EQ(w, 4294967295LL);
	EQ(num_u32("4294967296", &w), -ERANGE);
	EQ(num_u32("12a", &w), -EINVAL);
}

TEST("signed numbers reach both ends")
{
	int64_t v = 5;

	EQ(num_i64("-9223372036854775808", &v), 0);
	OK(v == INT64_MIN);
	EQ(num_i64("-9223372036854775809", &v), -ERANGE);
	EQ(num_i64("9223372036854775807", &v), 0);
	OK(v == INT64_MAX);
	EQ(num_i64("9223372036854775808", &v), -ERANGE);
	EQ(num_i64("-", &v), -EINVAL);
	EQ(num_i64("--1", &v), -EINVAL);
	EQ(num_i64("-17", &v), 0);
	EQ(v, -17);
}

TEST("a pid is positive and fits")
{
	pid_t p = 5;

	EQ(num_pid("0", &p), -ERANGE);
	EQ(num_pid("2147483648", &p), -ERANGE);
	EQ(num_pid("-1", &p), -EINVAL);
	EQ(num_pid("2147483647", &p), 0);
	EQ(p, INT_MAX);
}

TEST("sizes: fractions, suffixes of either case, bare numbers in the unit given")
{
	static const struct {
		const char *s;
		uint64_t unit, want;
	} rows[] = {
		{ "2.2G", 1, 2362232012 },  { "1k", 1, 1024 },	      { "1K", 4096, 1024 },
		{ "3", 1024, 3072 },	    { "2.5", 1024, 2560 },    { "7P", 1, 28672 },
		{ "7p", 1024, 28672 },	    { "1T", 1, 1ULL << 40 },  { "10b", 4096, 10 },
		{ "0.5M", 1, 512 * 1024 },  { "0", 4096, 0 },	      { "1.00000000001K", 1, 1024 },
		{ "16777215T", 1, 16777215ULL << 40 },
		{ "18446744073709551615", 1, UINT64_MAX },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t v = 1;

		if (num_bytes(rows[i].s, rows[i].unit, &v) != 0 || v != rows[i].want)
			TAP_BAD("'%s' gave %llu", rows[i].s, (unsigned long long)v);
	}
}

TEST("sizes: what is not one is refused, what is too large told apart")
{
	static const char *const bad[] = {
		"", "G", ".5G", "2.G", "1GB", "1 G", "-1G", "1.2.3", "1x", "unlimited",
		"99999999999999999999999q",
	};
	uint64_t v = 5;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (num_bytes(bad[i], 1, &v) != -EINVAL)
			TAP_BAD("'%s' was not refused", bad[i]);
	EQ(num_bytes("16777216T", 1, &v), -ERANGE);
	EQ(num_bytes("18446744073709551615", 2, &v), -ERANGE);
	EQ(num_bytes("99999999999999999999", 1, &v), -ERANGE);
	EQ(v, 5);
}

TEST("thousandths")
{
	uint64_t v = 5;

	EQ(num_milli("2.5", &v), 0);
	EQ(v, 2500);
	EQ(num_milli("0.0019", &v), 0);
	EQ(v, 1);
	EQ(num_milli("3", &v), 0);
	EQ(v, 3000);
	EQ(num_milli("3.", &v), -EINVAL);
	EQ(num_milli("3.1k", &v), -EINVAL);
	EQ(num_milli("18446744073709552", &v), -ERANGE);
	EQ(v, 3000);
}

TEST("prefix and suffix")
{
	OK(str_has_prefix("VE_ROOT", "VE_"));
	OK(!str_has_prefix("VE", "VE_"));
	OK(str_has_suffix("101.conf", ".conf"));
	OK(!str_has_suffix("onf", ".conf"));
	OK(str_has_suffix("x", ""));
}

TEST("a list is terminated at every length")
{
	_strv_ struct strv l = { 0 };

	for (int i = 0; i < 70; i++) {
		char *s = str_printf("w%d", i);

		EQ(strv_add(&l, s), 0);
		free(s);
		OK(l.v[l.n] == NULL);
	}
	EQ(l.n, 70);
	STR_EQ(l.v[0], "w0");
	STR_EQ(l.v[69], "w69");
	OK(strv_has(&l, "w33"));
	OK(!strv_has(&l, "w"));
}

TEST("split drops empty words and appends")
{
	_strv_ struct strv l = { 0 }, copy = { 0 };

	EQ(strv_split(&l, "  a,b ,, c", " ,"), 0);
	EQ(strv_split(&l, "", " "), 0);
	EQ(strv_split(&l, " , ", " ,"), 0);
	EQ(strv_split(&l, "d", " "), 0);
	NEED(EQ(l.n, 4));
	STR_EQ(l.v[0], "a");
	STR_EQ(l.v[2], "c");
	STR_EQ(l.v[3], "d");
	EQ(strv_copy(&copy, &l), 0);
	EQ(copy.n, 4);
	OK(copy.v[1] != l.v[1]);
	STR_EQ(copy.v[1], "b");
}

static void keep_line(void *arg, int level, const char *text)
{
	(void)buf_printf(arg, "%d:%s;", level, text);
	errno = 0;
}

TEST("the debug sink gets level and text, errno survives, no sink is silence")
{
	_buf_ struct buf b = BUF_INIT;
	struct log l = { keep_line, &b }, none = { 0 };

	errno = EPERM;
	log_msg(&l, 3, "x%d", 7);
	EQ(errno, EPERM);
	log_msg(&l, -1, "y");
	log_msg(&none, 0, "z");
	log_msg(NULL, 0, "z");
	STR_EQ(buf_str(&b), "3:x7;-1:y;");
}

TEST("deadlines: none is for ever, a passed one is now, a far one fits an int")
{
	uint64_t now = clock_ms();

	EQ(clock_left_ms(0), -1);
	EQ(clock_left_ms(1), 0);
	EQ(clock_left_ms(now), 0);
	OK(clock_left_ms(now + 100000) > 90000);
	EQ(clock_left_ms(now + (1ULL << 40)), INT_MAX);
}

TEST("JSON: one value, no duplicate keys, nothing behind it, and a reason on one line")
{
	static const char *const bad[] = {
		"", "{", "{} x", "{\"a\":1,\"a\":2}", "{'a':1}", "[1,]",
	};
	char why[160];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		_json_ json_t *j = NULL;

		why[0] = 0;
		if (json_parse(bad[i], strlen(bad[i]), &j, why) != -EINVAL)
			TAP_BAD("'%s' was not refused", bad[i]);
		HAS(why, "line ");
		OK(!strchr(why, '\n'));
		OK(j == NULL);
	}
}

TEST("JSON: the length rules, not the NUL; very deep nesting is refused")
{
	_json_ json_t *j = NULL, *deep = NULL;
	char nest[20000];

	EQ(json_parse("[1]rest", 3, &j, NULL), 0);
	EQ(json_array_size(j), 1);
	memset(nest, '[', sizeof(nest));
	EQ(json_parse(nest, sizeof(nest), &deep, NULL), -EINVAL);
}

TEST("JSON getters tell missing from mistyped and leave the output alone")
{
	static const char text[] = "{\"s\":\"x\",\"n\":7,\"neg\":-1,\"b\":true,\"r\":1.5}";
	_json_ json_t *j = NULL;
	const char *s = "old";
	uint64_t n = 99;

	NEED(EQ(json_parse(text, sizeof(text) - 1, &j, NULL), 0));
	EQ(json_get_str(j, "none", &s), -ENOENT);
	EQ(json_get_str(j, "n", &s), -EINVAL);
	STR_EQ(s, "old");
	EQ(json_get_str(j, "s", &s), 0);
	STR_EQ(s, "x");
	EQ(json_get_u64(j, "neg", &n), -EINVAL);
	EQ(json_get_u64(j, "r", &n), -EINVAL);
	EQ(json_get_u64(j, "s", &n), -EINVAL);
	EQ(n, 99);
	EQ(json_get_u64(j, "n", &n), 0);
	EQ(n, 7);
}

TEST("JSON is printed in insertion order with a newline at the end")
{
	_json_ json_t *j = json_object();
	_buf_ struct buf b = BUF_INIT;

	json_object_set_new(j, "z", json_integer(1));
	json_object_set_new(j, "a", json_string("x"));
	EQ(json_print(j, &b), 0);
	STR_EQ(buf_str(&b), "{\n  \"z\": 1,\n  \"a\": \"x\"\n}\n");
}
