// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a pool is: kinds of values, and its file. */
#include "param/poolconf.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/num.h"
#include "base/str.h"
#include "param/cfgfile.h"
#include "param/cfgline.h"
#include "param/ptype.h"

#define CPU_MAX	   (10000 * UINT64_C(1000)) /* processors, in thousandths */
#define WEIGHT_MIN 8
#define WEIGHT_MAX 500000
#define IOWEIGHT_MAX 1000 /* of the scheduler BFQ */
#define NUM_MAX	   UINT64_C(4194304) /* PID_MAX_LIMIT on 64 bit */
#define BYTES_MAX  (UINT64_C(1) << 60)
#define PAGE	   UINT64_C(4096)

enum kind {
	KIND_NAME, KIND_CPU, KIND_NUM, KIND_WEIGHT, KIND_IOWEIGHT, KIND_BYTES, KIND_YESNO, KIND_TEXT
};

static const struct row {
	struct vz_pool_param info;
	enum kind kind;
	size_t offset;
} rows[] = {
#define POOL_ROW(member, kind, key, option, arg, help)                                             \
	{ { key, option, arg, help }, KIND_##kind, offsetof(struct vz_pool, member) },
	VZ_POOL_PARAMS(POOL_ROW)
#undef POOL_ROW
};

const struct vz_pool_param *vz_pool_param(unsigned i)
{
	return i < ARRAY_LEN(rows) ? &rows[i].info : NULL;
}

bool pool_name_ok(const char *s)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	size_t len = strlen(s);

	return len > 0 && len <= VZ_POOL_NAME && *s != '-' && strspn(s, good) == len;
}

static int parse_number(enum kind kind, const char *s, uint64_t *ret, struct vz_err *e)
{
	static const char *const what[] = { [KIND_CPU] = "per cent of one processor",
					    [KIND_NUM] = "a number", [KIND_WEIGHT] = "a weight",
					    [KIND_IOWEIGHT] = "a weight of 1 to 1000",
					    [KIND_BYTES] = "a size, as in 512M or 8G" };
	uint64_t v = 0;
	int r = !*s ? 0 : kind == KIND_CPU ? num_milli(s, &v) :
		kind == KIND_BYTES ? num_bytes(s, 1, &v) : num_u64(s, &v);

	if (r == -EINVAL)
		return type_bad(e, VZ_E_PARAM, s, what[kind]);
	/* A hundredth of a processor is ten thousandths. Less than can be had is no way to say none. */
	if (r == 0 && v && kind == KIND_CPU)
		v = v < 1000 ? UINT64_MAX : v / 100;
	if (r == 0 && v && kind == KIND_BYTES)
		v = v < PAGE ? UINT64_MAX : v / PAGE * PAGE;
	if (r < 0 || (v && ((kind == KIND_CPU && v > CPU_MAX) || (kind == KIND_NUM && v > NUM_MAX) ||
			    (kind == KIND_WEIGHT && (v < WEIGHT_MIN || v > WEIGHT_MAX)) ||
			    (kind == KIND_IOWEIGHT && v > IOWEIGHT_MAX) ||
			    (kind == KIND_BYTES && v > BYTES_MAX))))
		return type_range(e, s);
	*ret = v;
	return 0;
}

static int set_string(char *at, size_t size, const char *s, bool good, const char *what, struct vz_err *e)
{
	if (!good || strlen(s) >= size)
		return type_bad(e, VZ_E_PARAM, s, what);
	memcpy(at, s, strlen(s) + 1);
	return 0;
}

int pool_set_text(struct vz_pool *p, unsigned param, const char *text, struct vz_err *e)
{
	const struct row *row = &rows[param];
	char *at = (char *)p + row->offset;

	switch (row->kind) {
	case KIND_NAME:
		return set_string(at, VZ_POOL_NAME + 1, text, !*text || pool_name_ok(text),
				  "the name of a pool", e);
	case KIND_TEXT:
		return set_string(at, VZ_POOL_TEXT + 1, text, type_is_plain(text),
				  "one line of at most 128 bytes", e);
	case KIND_YESNO:
		if (*text && !str_eq(text, "yes") && !str_eq(text, "no"))
			return type_bad(e, VZ_E_PARAM, text, "yes or no");
		*(bool *)at = !str_eq(text, "no");
		return 0;
	case KIND_CPU:
	case KIND_NUM:
	case KIND_WEIGHT:
	case KIND_IOWEIGHT:
	case KIND_BYTES:
		break;
	}
	return parse_number(row->kind, text, (uint64_t *)at, e);
}

void vz_pool_text(const struct vz_pool *p, unsigned i, char *out, size_t size)
{
	const struct row *row = &rows[i];
	const char *at = (const char *)p + row->offset;
	uint64_t v;

	if (row->kind == KIND_YESNO) {
		snprintf(out, size, "%s", *(const bool *)at ? "yes" : "no");
		return;
	}
	if (row->kind == KIND_NAME || row->kind == KIND_TEXT) {
		snprintf(out, size, "%s", at);
		return;
	}
	v = *(const uint64_t *)at;
	if (!v)
		snprintf(out, size, "%s", "");
	else if (row->kind == KIND_CPU)
		snprintf(out, size, v % 10 ? "%" PRIu64 ".%" PRIu64 : "%" PRIu64, v / 10, v % 10);
	else if (row->kind == KIND_BYTES && v % (1 << 20) == 0)
		snprintf(out, size, "%" PRIu64 "M", v >> 20);
	else
		snprintf(out, size, "%" PRIu64, v);
}

static int find_row(const struct cfgline *l)
{
	for (unsigned i = 0; l->key && i < ARRAY_LEN(rows); i++)
		if (strlen(rows[i].info.key) == l->key_len &&
		    memcmp(rows[i].info.key, l->key, l->key_len) == 0)
			return (int)i;
	return -1;
}

int poolconf_parse(struct vz_pool *p, const char *text, size_t len, struct vz_err *e)
{
	const char *end = text + len;
	struct cfgline l;
	unsigned line = 0, seen = 0;
	int r = 0;

	if (memchr(text, 0, len))
		return err_set(e, VZ_E_BAD_CONF, -EINVAL, "pool '%s': NUL bytes in its file", p->name);
	while (r == 0 && cfgline_next(&text, end, &l)) {
		_buf_ struct buf value = BUF_INIT;
		struct vz_err mine = { 0 };
		int i = find_row(&l);

		line++;
		if (i < 0 || seen & 1u << i) /* of two lines the first one counts, as everywhere */
			continue;
		seen |= 1u << i;
		r = cfgline_value(&l, &value);
		if (r == 0)
			r = pool_set_text(p, (unsigned)i, buf_str(&value), &mine);
		if (r < 0)
			err_set(e, VZ_E_BAD_CONF, r, "pool '%s', line %u: %s: %.200s", p->name, line,
				rows[i].info.key, mine.text);
	}
	return r;
}

static int put_line(const struct vz_pool *p, unsigned i, struct buf *out)
{
	char text[VZ_POOL_TEXT + 1];

	vz_pool_text(p, i, text, sizeof(text));
	if (!*text)
		return 0;
	(void)buf_printf(out, "%s=\"", rows[i].info.key);
	for (const char *s = text; *s; s++) {
		if (strchr("\"\\$`", *s))
			(void)buf_putc(out, '\\');
		(void)buf_putc(out, *s);
	}
	return buf_puts(out, "\"\n");
}

int poolconf_render(const struct vz_pool *p, const char *old, size_t len, struct buf *out)
{
	const char *text = old;
	struct cfgline l;

	while (cfgline_next(&text, old + len, &l))
		if (find_row(&l) < 0)
			(void)buf_add(out, l.start, l.len);
	if (out->len && out->data[out->len - 1] != '\n')
		(void)buf_putc(out, '\n');
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++)
		(void)put_line(p, i, out);
	return out->failed ? -ENOMEM : 0;
}
