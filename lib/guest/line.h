/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walk the lines of a text by length: what a VPS wrote may hold NUL and lack the last newline. */
#ifndef VZ_GUEST_LINE_H
#define VZ_GUEST_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/buf.h"

struct line {
	const char *at;
	size_t len;  /* without the newline */
	size_t full; /* with it, if there is one */
};

/* The line at *pos, which moves behind it; false at the end. t may be NULL: no line. */
static inline bool line_next(const struct buf *t, size_t *pos, struct line *ret)
{
	const char *nl;

	if (!t || *pos >= t->len)
		return false;
	ret->at = t->data + *pos;
	nl = memchr(ret->at, '\n', t->len - *pos);
	ret->full = nl ? (size_t)(nl + 1 - ret->at) : t->len - *pos;
	ret->len = ret->full - (nl != NULL);
	*pos += ret->full;
	return true;
}

#endif
