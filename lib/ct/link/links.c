/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The list of links as a file. It is as short as a VPS's links are few. */
#include "ct/link/links.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "base/str.h"
#include "ct/ct.h"

#define LINKS_FILE "links"
#define LINKS_MAX  65536

static const char *const kinds[NLINK_KINDS] = { [LINK_VETH] = "veth", [LINK_DEV] = "dev",
						[LINK_HOOK] = "hook" };

void links_done(struct links *l)
{
	free(l->v);
	*l = (struct links){ 0 };
}

struct link_note *links_next(const struct links *l, enum link_kind kind, const char *name, size_t *i)
{
	while (*i < l->n) {
		struct link_note *n = &l->v[(*i)++];

		if (n->kind == kind && (!name || str_eq(n->name, name)))
			return n;
	}
	return NULL;
}

bool links_has(const struct links *l, enum link_kind kind, const char *name)
{
	size_t i = 0;

	return links_next(l, kind, name, &i);
}

int links_add(struct links *l, const struct link_note *n)
{
	struct link_note *v, *have;

	for (size_t i = 0; (have = links_next(l, n->kind, n->name, &i));)
		if (str_eq(have->host, n->host)) {
			have->outlet |= n->outlet;
			return 0;
		}
	v = reallocarray(l->v, l->n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	l->v = v;
	v[l->n++] = *n;
	return 0;
}

/* "veth eth0 veth101.0", "veth eth2 veth101.2 macvlan", "dev eth1 5", "hook" */
static int line_parse(char *line, struct link_note *ret)
{
	char *save = NULL, *word[4] = { NULL };
	uint32_t index = 0;

	*ret = (struct link_note){ 0 };
	for (size_t i = 0; i < ARRAY_LEN(word); i++)
		word[i] = strtok_r(i ? NULL : line, " ", &save);
	if (!word[0])
		return -EINVAL;
	while (ret->kind < NLINK_KINDS && !str_eq(kinds[ret->kind], word[0]))
		ret->kind++;
	if (ret->kind == NLINK_KINDS)
		return -EINVAL;
	if (ret->kind == LINK_HOOK)
		return 0;
	if (!word[1] || !word[2] || strlen(word[1]) >= CFG_IFNAMSIZ ||
	    strlen(word[2]) >= CFG_IFNAMSIZ)
		return -EINVAL;
	memcpy(ret->name, word[1], strlen(word[1]));
	ret->outlet = word[3] != NULL;
	if (ret->kind == LINK_VETH)
		memcpy(ret->host, word[2], strlen(word[2]));
	else if (num_u32(word[2], &index) == 0 && index <= INT32_MAX)
		ret->index = (int)index;
	return 0;
}

int links_read(const struct ct *ct, struct links *ret)
{
	_free_ char *path = str_printf("%s/" LINKS_FILE, ct->rundir);
	_buf_ struct buf text = BUF_INIT;
	char *save = NULL;
	int r = path ? io_read_at(AT_FDCWD, path, LINKS_MAX, &text) : -ENOMEM;

	*ret = (struct links){ 0 };
	if (r < 0 || !text.len)
		return r == -ENOENT ? 0 : r;
	for (char *l = strtok_r(text.data, "\n", &save); l && r == 0; l = strtok_r(NULL, "\n", &save)) {
		struct link_note n;

		if (line_parse(l, &n) == 0)
			r = links_add(ret, &n);
	}
	if (r < 0)
		links_done(ret);
	return r;
}

int links_write(const struct ct *ct, const struct links *l, struct vz_err *e)
{
	_free_ char *path = str_printf("%s/" LINKS_FILE, ct->rundir);
	_buf_ struct buf b = BUF_INIT;
	int r = path ? 0 : -ENOMEM;

	for (size_t i = 0; i < l->n; i++) {
		const struct link_note *n = &l->v[i];

		buf_puts(&b, kinds[n->kind]);
		if (n->kind == LINK_VETH)
			buf_printf(&b, " %s %s%s", n->name, n->host, n->outlet ? " macvlan" : "");
		else if (n->kind == LINK_DEV)
			buf_printf(&b, " %s %d", n->name, n->index);
		buf_putc(&b, '\n');
	}
	if (b.failed)
		r = -ENOMEM;
	if (r == 0 && b.len)
		r = io_replace_volatile_at(AT_FDCWD, path, b.data, b.len, 0600);
	else if (r == 0 && unlink(path) < 0 && errno != ENOENT)
		r = -errno;
	return r < 0 ? err_sys(e, VZ_E_VETH, r, "cannot write '%s/" LINKS_FILE "'", ct->rundir) : 0;
}
