/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON of the small tools: written into memory, printed when it is whole. */
#ifndef VZCTL_JSON_H
#define VZCTL_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Zero it to begin. */
struct json {
	FILE *f;
	char *data;
	size_t len;
	unsigned depth;
	uint64_t more, array; /* one bit for each depth: has a member; is an array */
};

/* kind '{' or '['. key: NULL in an array and for the outermost; so below. */
void jw_open(struct json *j, const char *key, char kind);
void jw_close(struct json *j);
void jw_str(struct json *j, const char *key, const char *value); /* NULL: null */
void jw_num(struct json *j, const char *key, uint64_t value);
void jw_fixed(struct json *j, const char *key, double value, int digits); /* not finite: null */
void jw_bool(struct json *j, const char *key, bool value);
/* Print all, and a newline. False: out of memory. */
bool jw_print(struct json *j, FILE *to);
void jw_done(struct json *j);

#endif
