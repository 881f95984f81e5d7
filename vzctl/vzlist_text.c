// SPDX-License-Identifier: GPL-2.0-or-later
/* vzlist as a table: padded, cut, and harmless to a terminal. */
#include "vzlist.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vz/text.h>

static bool make_room(struct text *t, size_t more)
{
	size_t size = t->size ? t->size : 4096;
	char *data;

	if (t->failed)
		return false;
	if (t->len + more < t->size)
		return true;
	while (size <= t->len + more)
		size *= 2;
	data = realloc(t->data, size);
	if (!data) {
		t->failed = true;
		return false;
	}
	t->data = data;
	t->size = size;
	return true;
}

void text_add(struct text *t, const char *s, size_t len)
{
	if (!make_room(t, len))
		return;
	memcpy(t->data + t->len, s, len);
	t->len += len;
	t->data[t->len] = '\0';
}

void text_puts(struct text *t, const char *s)
{
	text_add(t, s, strlen(s));
}

void text_putc(struct text *t, char c)
{
	text_add(t, &c, 1);
}

void text_number(struct text *t, uint64_t v)
{
	char digits[20], *p = digits + sizeof(digits);

	do
		*--p = (char)('0' + v % 10);
	while (v /= 10);
	text_add(t, p, (size_t)(digits + sizeof(digits) - p));
}

void text_done(struct text *t)
{
	free(t->data);
	*t = (struct text){ 0 };
}

size_t text_plain(const char *s)
{
	size_t n = 0;

	while (s[n] >= ' ' && s[n] <= '~' && s[n] != '"' && s[n] != '\\')
		n++;
	return n;
}

/*
 * At most max characters of s, each one column; what is no character or could play with the
 * terminal becomes a question mark. Returns how many there were.
 */
static size_t add_harmless(struct text *out, const char *s, size_t max)
{
	size_t n = 0;

	while (*s && n < max) {
		const char *from = s;
		size_t plain = text_plain(s);
		int32_t c;

		if (plain) {
			plain = plain < max - n ? plain : max - n;
			text_add(out, s, plain);
			s += plain;
			n += plain;
			continue;
		}
		c = vz_utf8_next(&s);
		if (c < 0 || vz_utf8_is_control(c))
			text_putc(out, '?');
		else
			text_add(out, from, (size_t)(s - from));
		n++;
	}
	return n;
}

static void add_blanks(struct text *out, size_t n)
{
	if (!make_room(out, n))
		return;
	memset(out->data + out->len, ' ', n);
	out->len += n;
	out->data[out->len] = '\0';
}

static bool is_cut(enum shape shape)
{
	return shape == SHAPE_STR || shape == SHAPE_LIST || shape == SHAPE_ONOFF;
}

/* To the left with blanks behind it, or to the right. */
static void add_cell(struct text *out, const char *s, int width, size_t max)
{
	size_t room = (size_t)abs(width), start = out->len, n = add_harmless(out, s, max);

	if (n >= room)
		return;
	add_blanks(out, room - n);
	if (width < 0 || out->failed)
		return;
	memmove(out->data + start + room - n, out->data + start, out->len - start - (room - n));
	memset(out->data + start, ' ', room - n);
}

/* No blank at the end of a line: lines are compared and split by programs. */
static void end_line(struct text *out, size_t start)
{
	while (out->len > start && out->data[out->len - 1] == ' ')
		out->len--;
	text_putc(out, '\n');
}

void print_header(struct text *out, const struct field *f, size_t n)
{
	size_t start = out->len;

	for (size_t i = 0; i < n; i++) {
		char name[32], part[3] = { '.', (char)toupper((unsigned char)f[i].part), 0 };

		(void)snprintf(name, sizeof(name), "%s%s", f[i].col->header, f[i].part ? part : "");
		if (i)
			text_putc(out, ' ');
		add_cell(out, name, f[i].col->width, sizeof(name));
	}
	end_line(out, start);
}

static void add_uptime(struct value *v, char *text, size_t size)
{
	uint64_t s = v->num / 1000;

	(void)snprintf(text, size, "%03jud%02juh:%02jum:%02jus", (uintmax_t)(s / 86400),
		       (uintmax_t)(s / 3600 % 24), (uintmax_t)(s / 60 % 60), (uintmax_t)(s % 60));
}

static void add_value(struct text *out, const struct field *f, struct value *v, bool whole)
{
	enum shape shape = f->col->shape;
	char number[32] = "";
	const char *s = v->kind == VAL_TEXT ? v->text : number;

	if (v->kind == VAL_NONE)
		s = "-";
	else if (shape == SHAPE_UPTIME)
		add_uptime(v, number, sizeof(number));
	else if (v->kind == VAL_NUM)
		(void)snprintf(number, sizeof(number), "%ju", (uintmax_t)v->num);
	if (v->kind == VAL_TEXT && !whole && (shape == SHAPE_LIST || shape == SHAPE_ONOFF))
		v->text[strcspn(v->text, " ")] = '\0';
	add_cell(out, s, f->col->width,
		 is_cut(shape) && !whole ? (size_t)abs(f->col->width) : SIZE_MAX);
}

void print_row(struct text *out, const struct subject *s, const struct field *f, size_t n,
	       const struct style *how)
{
	size_t start = out->len;

	for (size_t i = 0; i < n; i++) {
		struct value v = { 0 };

		if (i)
			text_putc(out, ' ');
		field_get(s, &f[i], &v);
		add_value(out, &f[i], &v, !how->trim || i + 1 == n);
		value_done(&v);
	}
	end_line(out, start);
}
