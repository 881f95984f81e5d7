/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one debug sink, given by the caller; the library itself never prints. */
#ifndef VZ_BASE_LOG_H
#define VZ_BASE_LOG_H

struct log {
	void (*fn)(void *arg, int level, const char *text); /* NULL: silent */
	void *arg;
};

/* Levels as in the historic log: -1 error or warning, 0 message, 1.. detail. */
void log_msg(const struct log *l, int level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
