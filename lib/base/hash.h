/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Short and stable names for long things: FNV-1a, RFC 9923. Nothing that an enemy may choose the input of. */
#ifndef VZ_BASE_HASH_H
#define VZ_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_BEGIN 2166136261u

/* Goes on from h, which is HASH_BEGIN at first. */
static inline uint32_t hash_add(uint32_t h, const void *data, size_t len)
{
	for (const unsigned char *b = data; len; len--, b++)
		h = (h ^ *b) * 16777619u;
	return h;
}

#endif
