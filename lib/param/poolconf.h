/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The files of pools: the same lines as other configuration, another table (include/vz/pool.h). */
#ifndef VZ_PARAM_POOLCONF_H
#define VZ_PARAM_POOLCONF_H

#include <stdbool.h>
#include <stddef.h>

#include <vz/pool.h>

struct buf;
struct vz_err;

/* May a pool be called so? */
bool pool_name_ok(const char *s);
/* Set one value from its text; "" and "0" take it away. On failure *p is as before. PARAM. */
int pool_set_text(struct vz_pool *p, unsigned param, const char *text, struct vz_err *e);
/* From the text of a file; p->name is the caller's, all else begins anew. Unknown names are left alone, as in
 * other configuration; a bad value is an error, since a limit that does not hold is worse than none. BAD_CONF. */
int poolconf_parse(struct vz_pool *p, const char *text, size_t len, struct vz_err *e);
/* The new text of a file whose old one is given: lines that are not of the table stay. -ENOMEM. */
int poolconf_render(const struct vz_pool *p, const char *old, size_t len, struct buf *out);

#endif
