/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A growing byte buffer that is always NUL-terminated behind its last byte. Failure is sticky. */
#ifndef VZ_BASE_BUF_H
#define VZ_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data;   /* NULL while empty */
	size_t len;   /* without the NUL */
	size_t size;  /* allocated */
	bool failed;  /* an allocation failed; every later call returns -ENOMEM */
};

#define BUF_INIT { 0 }
#define _buf_	 __attribute__((cleanup(buf_done)))

void buf_done(struct buf *b);
void buf_clear(struct buf *b); /* keep the memory, forget the content */
int buf_add(struct buf *b, const void *data, size_t len);
int buf_puts(struct buf *b, const char *s);
int buf_putc(struct buf *b, char c);
int buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int buf_vprintf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* The content as a C string, never NULL. Owned by b. */
const char *buf_str(const struct buf *b);
/* Give the string away; b is empty after. NULL only when out of memory. */
char *buf_take(struct buf *b);

#endif
