/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Inside lib/param only: one line of a configuration file. */
#ifndef VZ_PARAM_CFGLINE_H
#define VZ_PARAM_CFGLINE_H

#include <stdbool.h>
#include <stddef.h>

#include "param/param.h"

struct buf;

struct cfgline {
	const char *start; /* the whole line with its newline, if it has one */
	size_t len;
	bool blank;	   /* nothing in it, or a comment */
	const char *key;   /* NULL: a line without '=' */
	size_t key_len;
	const char *value; /* raw: quoted and escaped as it stands there */
	size_t value_len;
};

/* Cut the next line off text; false at the end. */
bool cfgline_next(const char **text, const char *end, struct cfgline *ret);
/* Append the value without quotes and backslashes. -ENOMEM. */
int cfgline_value(const struct cfgline *l, struct buf *out);
/* Append NAME="value" and a newline for a parameter that is set. -ENOMEM; -E2BIG for a line that
 * could not be read again. */
int cfgline_print(const struct vz_cfg *c, enum vz_param p, struct buf *out);

#endif
