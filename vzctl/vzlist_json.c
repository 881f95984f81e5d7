// SPDX-License-Identifier: GPL-2.0-or-later
/* vzlist as JSON. */
#include "vzlist.h"

#include <stdio.h>
#include <string.h>

#include <vz/text.h>

static void add_code(struct text *out, unsigned c)
{
	char code[8];

	(void)snprintf(code, sizeof(code), "\\u%04x", c & 0xffff);
	text_puts(out, code);
}

/* RFC 8259. What is no UTF-8 becomes the replacement character: every reader must take it. */
static void add_string(struct text *out, const char *s, size_t len)
{
	const char *end = s + len;

	text_putc(out, '"');
	while (s < end) {
		const char *from = s;
		size_t plain = text_plain(s);
		int32_t c;

		if (plain) {
			plain = plain < (size_t)(end - s) ? plain : (size_t)(end - s);
			text_add(out, s, plain);
			s += plain;
			continue;
		}
		c = vz_utf8_next(&s);
		if (c == '"' || c == '\\')
			text_putc(out, '\\');
		if (c < 0)
			add_code(out, 0xfffd);
		else if (c <= 0xffff && vz_utf8_is_control(c))
			add_code(out, (unsigned)c);
		else
			text_add(out, from, (size_t)(s - from));
	}
	text_putc(out, '"');
}

static void add_text(struct text *out, const char *s)
{
	add_string(out, s, strlen(s));
}

static void add_number(struct text *out, const struct value *v, const char *unknown)
{
	if (v->kind == VAL_NUM)
		text_number(out, v->num);
	else
		text_puts(out, v->kind == VAL_TEXT ? v->text : unknown);
}

static void add_list(struct text *out, const struct value *v)
{
	const char *s = v->kind == VAL_TEXT ? v->text : "";
	bool first = true;

	text_putc(out, '[');
	for (s += strspn(s, " "); *s; s += strspn(s, " ")) {
		size_t len = strcspn(s, " ");

		text_puts(out, first ? "" : ", ");
		add_string(out, s, len);
		first = false;
		s += len;
	}
	text_putc(out, ']');
}

/* "NAME:on NAME:off" */
static void add_onoff(struct text *out, const struct value *v)
{
	const char *s = v->text;
	bool first = true;

	if (v->kind != VAL_TEXT) {
		text_puts(out, "null");
		return;
	}
	text_putc(out, '{');
	for (s += strspn(s, " "); *s; s += strspn(s, " ")) {
		size_t len = strcspn(s, " "), name = strcspn(s, ": ");

		text_puts(out, first ? "" : ", ");
		add_string(out, s, name);
		text_puts(out, len == name + 3 && memcmp(s + name, ":on", 3) == 0 ? ": true" :
										    ": false");
		first = false;
		s += len;
	}
	text_putc(out, '}');
}

/* null when there is not even a limit. */
static void add_family(struct text *out, const struct subject *s, const struct field *f)
{
	static const struct {
		enum shape shape;
		char part;
		const char *name;
	} members[] = {
		{ SHAPE_UBC, 0, "held" },	 { SHAPE_UBC, 'm', "maxheld" },
		{ SHAPE_UBC, 'b', "barrier" },	 { SHAPE_UBC, 'l', "limit" },
		{ SHAPE_UBC, 'f', "failcnt" },	 { SHAPE_DISK, 0, "usage" },
		{ SHAPE_DISK, 's', "softlimit" }, { SHAPE_DISK, 'h', "hardlimit" },
	};
	size_t before = out->len;
	bool known = false, first = true;

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		struct field part = { f->col, members[i].part };
		struct value v = { 0 };

		if (members[i].shape != f->col->shape)
			continue;
		field_get(s, &part, &v);
		known |= v.kind != VAL_NONE;
		text_puts(out, first ? "{\"" : ", \"");
		text_puts(out, members[i].name);
		text_puts(out, "\": ");
		add_number(out, &v, "0");
		first = false;
		value_done(&v);
	}
	text_putc(out, '}');
	if (!known) {
		out->len = before;
		text_puts(out, "null");
	}
}

static void add_load(struct text *out, const struct value *v)
{
	if (v->kind != VAL_TEXT) {
		text_puts(out, "null");
		return;
	}
	text_putc(out, '[');
	for (const char *p = v->text; *p; p++) {
		if (*p == '/')
			text_puts(out, ", ");
		else
			text_putc(out, *p);
	}
	text_putc(out, ']');
}

static void add_millis(struct text *out, uint64_t ms)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%ju.%03u", (uintmax_t)(ms / 1000),
		       (unsigned)(ms % 1000));
	text_puts(out, text);
}

static void add_yesno(struct text *out, const struct value *v, const char *unknown)
{
	bool known = v->kind == VAL_TEXT;

	if (known && strcmp(v->text, "yes") == 0)
		text_puts(out, "true");
	else
		text_puts(out, known && strcmp(v->text, "no") == 0 ? "false" : unknown);
}

static void add_value(struct text *out, const struct field *f, const struct value *v)
{
	switch (f->col->shape) {
	case SHAPE_ID:
	case SHAPE_NUM:
		add_number(out, v, "null");
		break;
	case SHAPE_COUNT:
		add_number(out, v, "0");
		break;
	case SHAPE_LIST:
		add_list(out, v);
		break;
	case SHAPE_ONOFF:
		add_onoff(out, v);
		break;
	case SHAPE_YESNO:
		add_yesno(out, v, "null");
		break;
	case SHAPE_BOOL:
		add_yesno(out, v, "false");
		break;
	case SHAPE_LOAD:
		add_load(out, v);
		break;
	case SHAPE_UPTIME:
		add_millis(out, v->num);
		break;
	case SHAPE_STR:
	case SHAPE_WORD:
	case SHAPE_UBC:
	case SHAPE_DISK:
	default:
		if (v->kind == VAL_TEXT)
			add_text(out, v->text);
		else
			text_puts(out, "null");
	}
}

/* Keys must not repeat. */
static bool is_repeated(const struct field *f, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (f[j].col == f[i].col)
			return true;
	return false;
}

void print_object(struct text *out, const struct subject *s, const struct field *f, size_t n)
{
	text_puts(out, "  {");
	for (size_t i = 0; i < n; i++) {
		enum shape shape = f[i].col->shape;
		struct value v = { 0 };

		if (is_repeated(f, i))
			continue;
		text_puts(out, i ? ",\n    \"" : "\n    \"");
		text_puts(out, f[i].col->name);
		text_puts(out, "\": ");
		if (shape == SHAPE_UBC || shape == SHAPE_DISK) {
			add_family(out, s, &f[i]);
			continue;
		}
		field_get(s, &f[i], &v);
		add_value(out, &f[i], &v);
		value_done(&v);
	}
	text_puts(out, "\n  }");
}
