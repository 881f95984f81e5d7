// SPDX-License-Identifier: LGPL-2.1-or-later
/* Protocol buffers, by hand: a library for these few messages would be larger than they are. */
#include "cpt/pb.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"

static int get_varint(struct pb *p, uint64_t *ret)
{
	uint64_t v = 0;

	for (unsigned int shift = 0; shift < 64 && p->at < p->end; shift += 7) {
		unsigned char c = *p->at++;

		v |= (uint64_t)(c & 0x7f) << shift;
		if (!(c & 0x80)) {
			*ret = v;
			return 0;
		}
	}
	return -EBADMSG;
}

static int skip(struct pb *p, uint64_t len)
{
	if (len > (uint64_t)(p->end - p->at))
		return -EBADMSG;
	p->at += len;
	return 0;
}

int pb_next(struct pb *p, struct pb_field *ret)
{
	uint64_t tag, len = 0;
	int r;

	if (p->at == p->end)
		return 0;
	r = get_varint(p, &tag);
	if (r < 0)
		return r;
	*ret = (struct pb_field){ .id = (uint32_t)(tag >> 3), .type = (int)(tag & 7), .data = p->at };
	switch (ret->type) {
	case PB_NUM:
		r = get_varint(p, &ret->num);
		ret->len = (size_t)(p->at - ret->data);
		break;
	case PB_BYTES:
		r = get_varint(p, &len);
		ret->data = p->at;
		ret->len = (size_t)len;
		if (r == 0)
			r = skip(p, len);
		break;
	case PB_64:
		r = skip(p, 8);
		break;
	case PB_32:
		r = skip(p, 4);
		break;
	default:
		return -EBADMSG;
	}
	return r < 0 ? r : 1;
}

int pb_find(const void *data, size_t len, uint32_t id, int type, struct pb_field *ret)
{
	struct pb p = { .at = data, .end = (const unsigned char *)data + len };
	struct pb_field f;
	int r;

	while ((r = pb_next(&p, &f)) > 0)
		if (f.id == id && f.type == type) {
			*ret = f;
			return 0;
		}
	return r < 0 ? r : -ENOENT;
}

static void put_varint(struct buf *b, uint64_t v)
{
	for (; v > 0x7f; v >>= 7)
		buf_putc(b, (char)((v & 0x7f) | 0x80));
	buf_putc(b, (char)v);
}

void pb_put_num(struct buf *b, uint32_t id, uint64_t v)
{
	put_varint(b, (uint64_t)id << 3 | PB_NUM);
	put_varint(b, v);
}

void pb_put_bytes(struct buf *b, uint32_t id, const void *data, size_t len)
{
	put_varint(b, (uint64_t)id << 3 | PB_BYTES);
	put_varint(b, len);
	buf_add(b, data, len);
}

void pb_put_str(struct buf *b, uint32_t id, const char *s)
{
	pb_put_bytes(b, id, s, strlen(s));
}
