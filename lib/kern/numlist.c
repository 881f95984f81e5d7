/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of processors and memory nodes. */
#include "kern/numlist.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/io.h"

static int take(const char **s, unsigned int *ret)
{
	unsigned int v = 0;

	if (!isdigit((unsigned char)**s))
		return -EINVAL;
	for (; isdigit((unsigned char)**s); (*s)++) {
		v = v * 10 + (unsigned int)(**s - '0');
		if (v >= KNUMLIST_MAX)
			return -ERANGE;
	}
	*ret = v;
	return 0;
}

int knumlist_parse(const char *text, struct knumlist *l)
{
	while (*text && *text != '\n') {
		unsigned int from, to;
		int r = take(&text, &from);

		to = from;
		if (r == 0 && *text == '-') {
			text++;
			r = take(&text, &to);
		}
		if (r < 0 || to < from)
			return r < 0 ? r : -EINVAL;
		for (; from <= to; from++)
			l->w[from / 64] |= UINT64_C(1) << (from % 64);
		if (*text == ',')
			text++;
		else if (*text && *text != '\n')
			return -EINVAL;
	}
	return 0;
}

bool knumlist_has(const struct knumlist *l, unsigned int n)
{
	return n < KNUMLIST_MAX && l->w[n / 64] >> (n % 64) & 1;
}

bool knumlist_within(const struct knumlist *a, const struct knumlist *b)
{
	for (size_t i = 0; i < KNUMLIST_MAX / 64; i++)
		if (a->w[i] & ~b->w[i])
			return false;
	return true;
}

int knode_cpus(const char *nodes, struct buf *out)
{
	struct knumlist l = { 0 };
	int r = knumlist_parse(nodes, &l);

	for (unsigned int n = 0; r == 0 && n < KNUMLIST_MAX; n++) {
		char path[64];
		size_t before = out->len;

		if (!knumlist_has(&l, n))
			continue;
		snprintf(path, sizeof(path), "/sys/devices/system/node/node%u/cpulist", n);
		if (before)
			(void)buf_putc(out, ',');
		r = io_read_at(AT_FDCWD, path, 65536, out);
		while (r == 0 && out->len && out->data[out->len - 1] == '\n')
			out->data[--out->len] = '\0';
		/* A node of memory alone has no processors. */
		if (r == 0 && before && out->len == before + 1)
			out->data[--out->len] = '\0';
	}
	return r;
}
