/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one debug sink, given by the caller. */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

void log_msg(const struct log *l, int level, const char *fmt, ...)
{
	char text[1024]; /* a line of a log; a longer one is cut */
	int saved = errno;
	va_list ap;

	if (!l || !l->fn)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	l->fn(l->arg, level, text);
	errno = saved;
}
