/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A growing byte buffer. Callers may chain many additions and look at `failed` (or the last return
 * value) once.
 */
#include "base/buf.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for `more` bytes and the NUL behind them. */
static int grow(struct buf *b, size_t more)
{
	size_t need, size;
	char *p;

	if (b->failed)
		return -ENOMEM;
	if (more >= SIZE_MAX / 2 - b->len) {
		b->failed = true;
		return -ENOMEM;
	}
	need = b->len + more + 1;
	if (need <= b->size)
		return 0;
	for (size = b->size ? b->size : 64; size < need;)
		size *= 2;
	p = realloc(b->data, size);
	if (!p) {
		b->failed = true;
		return -ENOMEM;
	}
	b->data = p;
	b->size = size;
	return 0;
}

void buf_done(struct buf *b)
{
	int saved = errno;

	free(b->data);
	*b = (struct buf)BUF_INIT;
	errno = saved;
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->failed = false;
	if (b->data)
		b->data[0] = 0;
}

int buf_add(struct buf *b, const void *data, size_t len)
{
	int r = grow(b, len);

	if (r < 0)
		return r;
	if (len)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = 0;
	return 0;
}

int buf_puts(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s));
}

int buf_putc(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}

int buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n, r = grow(b, 64);

	if (r < 0)
		return r;
	va_copy(again, ap);
	n = vsnprintf(b->data + b->len, b->size - b->len, fmt, ap);
	if (n < 0) {
		b->data[b->len] = 0;
		b->failed = true;
		r = -ENOMEM;
	} else if ((size_t)n >= b->size - b->len) {
		b->data[b->len] = 0;
		r = grow(b, n);
		if (r == 0)
			(void)vsnprintf(b->data + b->len, b->size - b->len, fmt, again);
	}
	va_end(again);
	if (r == 0)
		b->len += n;
	return r;
}

int buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = buf_vprintf(b, fmt, ap);
	va_end(ap);
	return r;
}

const char *buf_str(const struct buf *b)
{
	return b->data ? b->data : "";
}

char *buf_take(struct buf *b)
{
	char *s = NULL;

	if (!b->failed && grow(b, 0) == 0) {
		b->data[b->len] = 0;
		s = b->data;
		b->data = NULL;
	}
	buf_done(b);
	return s;
}
