/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One line of a configuration file. The same files are read by shells, as scripts: what we write
 * means the same to both. What we read is what the historic tools read, which is not shell.
 */
#include "param/cfgline.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "param/cfgfile.h"
#include "param/ptype.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void trim(const char **s, size_t *len)
{
	while (*len && is_blank(**s)) {
		(*s)++;
		(*len)--;
	}
	while (*len && is_blank((*s)[*len - 1]))
		(*len)--;
}

bool cfgline_next(const char **text, const char *end, struct cfgline *ret)
{
	const char *s = *text, *newline, *equals;
	size_t len;

	if (s >= end)
		return false;
	newline = memchr(s, '\n', (size_t)(end - s));
	len = newline ? (size_t)(newline - s) : (size_t)(end - s);
	*ret = (struct cfgline){ .start = s, .len = len + (newline != NULL) };
	*text = s + ret->len;
	trim(&s, &len);
	ret->blank = len == 0 || *s == '#';
	equals = ret->blank ? NULL : memchr(s, '=', len);
	if (!equals)
		return true;
	ret->key = s;
	ret->key_len = (size_t)(equals - s);
	while (ret->key_len && is_blank(s[ret->key_len - 1]))
		ret->key_len--;
	ret->value = equals + 1;
	ret->value_len = len - (size_t)(equals + 1 - s);
	trim(&ret->value, &ret->value_len);
	return true;
}

int cfgline_value(const struct cfgline *l, struct buf *out)
{
	const char *s = l->value, *end = s + l->value_len;

	if (s < end && *s == '"') {
		const char *last = memrchr(s + 1, '"', (size_t)(end - s - 1));

		s++;
		/* Up to the last quote of the line; without one the line is as good as quoted. */
		end = last ? last : end;
	}
	while (s < end) {
		const char *slash = memchr(s, '\\', (size_t)(end - s));
		int r = buf_add(out, s, (size_t)((slash ? slash : end) - s));

		if (r < 0 || !slash)
			return r;
		if (slash + 1 < end && (r = buf_putc(out, slash[1])) < 0)
			return r;
		s = slash + 2;
	}
	return 0;
}

/* Is this the variable that other tools look for literally, and shells fill in? */
static bool is_veid(const char *s)
{
	return str_has_prefix(s, "$VEID") || str_has_prefix(s, "${VEID}");
}

int cfgline_print(const struct vz_cfg *c, enum vz_param p, struct buf *out)
{
	_buf_ struct buf value = BUF_INIT;
	bool path = param_get(p)->type == &type_path;
	size_t had = out->len;
	int r = cfg_print(c, p, &value);

	if (r < 0)
		return r;
	(void)buf_printf(out, "%s=\"", param_get(p)->info.key);
	for (const char *s = buf_str(&value); *s; s++) {
		if (strchr("\\\"`", *s) || (*s == '$' && !(path && is_veid(s))))
			(void)buf_putc(out, '\\');
		(void)buf_putc(out, *s);
	}
	(void)buf_puts(out, "\"\n");
	if (out->failed)
		return -ENOMEM;
	return out->len - had > CFG_LINE_MAX ? -E2BIG : 0;
}
