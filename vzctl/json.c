// SPDX-License-Identifier: GPL-2.0-or-later
/* JSON of the small tools. RFC 8259. */
#include "json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 60

/* Length of the UTF-8 sequence at s, 0 when there is none: overlong forms and surrogates are none. */
static size_t sequence(const unsigned char *s)
{
	static const unsigned char least[3] = { 0, 0xa0, 0x90 };
	size_t n = s[0] < 0x80 ? 1 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2 : s[0] >= 0xe0 && s[0] < 0xf0 ? 3 :
		   s[0] >= 0xf0 && s[0] < 0xf5 ? 4 : 0;

	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < least[1]) || (s[0] == 0xf0 && s[1] < least[2]) ||
	    (s[0] == 0xed && s[1] >= 0xa0) || (s[0] == 0xf4 && s[1] >= 0x90))
		return 0;
	return n;
}

static void quoted(FILE *f, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	fputc('"', f);
	while (*s) {
		size_t n = sequence(s);

		if (n == 0)
			fputs("\\ufffd", f);
		else if (*s == '"' || *s == '\\')
			fprintf(f, "\\%c", *s);
		else if (*s < 0x20 || *s == 0x7f)
			fprintf(f, "\\u%04x", *s);
		else
			fwrite(s, 1, n, f);
		s += n ? n : 1;
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
