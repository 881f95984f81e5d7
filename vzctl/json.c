// SPDX-License-Identifier: GPL-2.0-or-later
/* JSON of the small tools. RFC 8259. */
#include "json.h"

#include <math.h>
#include <stdlib.h>

#include <vz/text.h>

#define MAX_DEPTH 60

/* What is no UTF-8 becomes the replacement character: every reader must take it. */
static void quoted(FILE *f, const char *s)
{
	fputc('"', f);
	while (*s) {
		const char *from = s;
		int32_t c = vz_utf8_next(&s);

		if (c < 0)
			fputs("\\ufffd", f);
		else if (c == '"' || c == '\\')
			fprintf(f, "\\%c", (char)c);
		else if (c <= 0xffff && vz_utf8_is_control(c))
			fprintf(f, "\\u%04x", (unsigned)c);
		else
			fwrite(from, 1, (size_t)(s - from), f);
	}
	fputc('"', f);
}

static void indent(struct json *j)
{
	fprintf(j->f, "\n%*s", (int)(2 * j->depth), "");
}

/* Comma, line and key. */
static bool begin(struct json *j, const char *key)
{
	uint64_t bit = UINT64_C(1) << j->depth;

	if (!j->f)
		j->f = open_memstream(&j->data, &j->len);
	if (!j->f)
		return false;
	if (j->more & bit)
		fputc(',', j->f);
	j->more |= bit;
	if (j->depth)
		indent(j);
	if (key) {
		quoted(j->f, key);
		fputs(": ", j->f);
	}
	return true;
}

void jw_open(struct json *j, const char *key, char kind)
{
	uint64_t bit;

	if (j->depth >= MAX_DEPTH || !begin(j, key))
		return;
	fputc(kind, j->f);
	bit = UINT64_C(1) << ++j->depth;
	j->more &= ~bit;
	j->array = kind == '[' ? j->array | bit : j->array & ~bit;
}

void jw_close(struct json *j)
{
	uint64_t bit = UINT64_C(1) << j->depth;
	bool any = j->more & bit;

	if (!j->f || !j->depth)
		return;
	j->depth--;
	if (any)
		indent(j);
	fputc(j->array & bit ? ']' : '}', j->f);
}

void jw_str(struct json *j, const char *key, const char *value)
{
	if (!begin(j, key))
		return;
	if (value)
		quoted(j->f, value);
	else
		fputs("null", j->f);
}

void jw_num(struct json *j, const char *key, uint64_t value)
{
	if (begin(j, key))
		fprintf(j->f, "%ju", (uintmax_t)value);
}

void jw_fixed(struct json *j, const char *key, double value, int digits)
{
	if (!begin(j, key))
		return;
	if (isfinite(value))
		fprintf(j->f, "%.*f", digits, value);
	else
		fputs("null", j->f);
}

void jw_bool(struct json *j, const char *key, bool value)
{
	if (begin(j, key))
		fputs(value ? "true" : "false", j->f);
}

bool jw_print(struct json *j, FILE *to)
{
	while (j->depth)
		jw_close(j);
	if (!j->f || fflush(j->f) != 0 || ferror(j->f))
		return false;
	fwrite(j->data, 1, j->len, to);
	fputc('\n', to);
	return true;
}

void jw_done(struct json *j)
{
	if (j->f)
		fclose(j->f);
	free(j->data);
	*j = (struct json){ .f = NULL };
}
