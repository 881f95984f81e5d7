/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* jansson with clean-up and strict getters. The only header that includes <jansson.h>. */
#ifndef VZ_BASE_JSON_H
#define VZ_BASE_JSON_H

#include <jansson.h>
#include <stdint.h>

struct buf;

static inline void cleanup_json(json_t **j)
{
	json_decref(*j);
}
#define _json_ __attribute__((cleanup(cleanup_json)))

/* Parse one whole value; duplicate keys and trailing text are refused. -EINVAL, and one line in
 * *why (char[160]) when not NULL. */
int json_parse(const char *text, size_t len, json_t **ret, char *why);
/* Missing: -ENOENT; of another type or out of range: -EINVAL. */
int json_get_str(const json_t *o, const char *key, const char **ret); /* borrowed */
int json_get_u64(const json_t *o, const char *key, uint64_t *ret);
/* Indented by 2, keys in insertion order, newline at the end. */
int json_print(const json_t *o, struct buf *out);

/* What was filled by calls of which `r` is the sum of the results: whole, or released and NULL. */
json_t *json_whole(json_t *o, int r);

#endif
