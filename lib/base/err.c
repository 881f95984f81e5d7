/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fill a vz_err. Words are made once, where both the object and the cause are known; what a VPS or
 * a file supplied may be in them, so control characters are masked.
 */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void one_line(char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = '?';
}

__attribute__((format(printf, 5, 0), nonnull(5))) static void
fill(struct vz_err *e, int code, int r, const char *cause, const char *fmt, va_list ap)
{
	size_t tail = cause ? strlen(cause) + 2 : 0;

	e->code = code ? code : VZ_E_SYS;
	e->sys = -r;
	/* The cause is the more useful end: an overlong object name is cut, not the cause. */
	(void)vsnprintf(e->text, sizeof(e->text) - tail, fmt, ap);
	if (cause) {
		size_t n = strlen(e->text);

		(void)snprintf(e->text + n, sizeof(e->text) - n, ": %s", cause);
	}
	one_line(e->text);
}

int err_set(struct vz_err *e, int code, int r, const char *fmt, ...)
{
	va_list ap;

	if (r >= 0)
		r = -EINVAL;
	if (!e || e->code)
		return r;
	va_start(ap, fmt);
	fill(e, code, r, NULL, fmt, ap);
	va_end(ap);
	return r;
}

int err_sys(struct vz_err *e, int code, int r, const char *fmt, ...)
{
	const char *cause;
	va_list ap;

	if (r >= 0)
		r = -EINVAL;
	if (!e || e->code)
		return r;
	cause = strerrordesc_np(-r); /* not translated, needs no buffer */
	va_start(ap, fmt);
	fill(e, code, r, cause ? cause : "unknown error", fmt, ap);
	va_end(ap);
	return r;
}

int err_nomem(struct vz_err *e)
{
	return err_set(e, VZ_E_NORES, -ENOMEM, "out of memory");
}

int err_prefix(struct vz_err *e, int r, const char *fmt, ...)
{
	char old[sizeof(e->text)];
	va_list ap;
	size_t n;

	if (!e || !e->code)
		return r;
	memcpy(old, e->text, sizeof(old));
	va_start(ap, fmt);
	/* A prefix names the object; half the room is enough, the end of the old text may go. */
	(void)vsnprintf(e->text, sizeof(e->text) / 2, fmt, ap);
	va_end(ap);
	n = strlen(e->text);
	memcpy(e->text + n, ": ", 3);
	n += 2;
	old[sizeof(old) - 1 - n] = 0;
	memcpy(e->text + n, old, strlen(old) + 1);
	one_line(e->text);
	return r;
}
