/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The wire form of protocol buffers, as far as CRIU's messages and images need it: numbers and byte
 * strings. What is read may be damaged: every length is checked. Silent: -errno.
 */
#ifndef VZ_CPT_PB_H
#define VZ_CPT_PB_H

#include <stddef.h>
#include <stdint.h>

struct buf;

struct pb {
	const unsigned char *at, *end;
};

enum { PB_NUM = 0, PB_64 = 1, PB_BYTES = 2, PB_32 = 5 };

struct pb_field {
	uint32_t id;
	int type;		   /* PB_NUM: num; PB_BYTES: data, len; the others are skipped over */
	uint64_t num;
	const unsigned char *data; /* PB_NUM: where the number begins, len its bytes */
	size_t len;
};

/* 1: a field, 0: the end, -EBADMSG. */
int pb_next(struct pb *p, struct pb_field *ret);
/* The first field with this id and type. -ENOENT, -EBADMSG. */
int pb_find(const void *data, size_t len, uint32_t id, int type, struct pb_field *ret);

void pb_put_num(struct buf *b, uint32_t id, uint64_t v);
void pb_put_bytes(struct buf *b, uint32_t id, const void *data, size_t len);
void pb_put_str(struct buf *b, uint32_t id, const char *s);

#endif
