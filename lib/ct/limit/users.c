// SPDX-License-Identifier: LGPL-2.1-or-later
/* passwd, as text that somebody else wrote. */
#include "ct/limit/users.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/path.h"
#include "base/text.h"
#include "ct/ct.h"
#include "guest/line.h"

enum { PASSWD_MAX = 1 << 20, USERS_MAX = 4096 };

/*
 * By the node's own mount of the root, where nothing is mounted but what the node put there: in the VPS's
 * view a file system of its own making could keep us waiting for ever.
 */
static int read_inside(struct vz *vz, uint32_t ctid, struct buf *out)
{
	_fd_ int root = -1, fd = -1;
	struct ct *ct = NULL;
	int r = ct_open(vz, ctid, 0, &ct, NULL);

	if (r == 0 && !ct->root)
		r = -ENOENT;
	if (r == 0)
		root = open(ct->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	ct_close(ct);
	if (r == 0)
		r = root < 0 ? -errno : path_open_in(root, "etc/passwd", O_RDONLY | O_NOFOLLOW, 0, &fd);
	return r < 0 ? r : io_read_fd(fd, PASSWD_MAX, out);
}

/* "name:x:1000:..." */
static bool parse(const struct line *l, struct user_name *ret)
{
	const char *name = memchr(l->at, ':', l->len);
	const char *end = l->at + l->len, *p = name ? memchr(name + 1, ':', (size_t)(end - name - 1)) : NULL;
	char raw[sizeof(ret->name)];
	uint64_t uid = 0;
	size_t len = name ? (size_t)(name - l->at) : 0;

	if (!p || !len || len >= sizeof(raw) || p + 1 == end || p[1] < '0' || p[1] > '9')
		return false;
	for (p++; p < end && *p >= '0' && *p <= '9' && uid <= UINT32_MAX; p++)
		uid = uid * 10 + (uint64_t)(*p - '0');
	if (p == end || *p != ':' || uid >= UINT32_MAX || memchr(l->at, '\0', len))
		return false;
	memcpy(raw, l->at, len);
	raw[len] = '\0';
	vz_text_tame(raw, ret->name, sizeof(ret->name));
	ret->uid = (uint32_t)uid;
	return true;
}

void users_read(struct vz *vz, uint32_t ctid, struct users *ret)
{
	_buf_ struct buf text = BUF_INIT;
	struct line l;
	size_t pos = 0, size = 0;
	int r;

	*ret = (struct users){ .ctid = ctid };
	r = ctid ? read_inside(vz, ctid, &text) : io_read_at(AT_FDCWD, "/etc/passwd", PASSWD_MAX, &text);
	if (r < 0)
		return;
	while (ret->n < USERS_MAX && line_next(&text, &pos, &l)) {
		struct user_name u;

		if (!parse(&l, &u) || users_name(ret, u.uid))
			continue;
		if (ret->n == size) {
			struct user_name *v = reallocarray(ret->v, size = size ? size * 2 : 64, sizeof(*v));

			if (!v)
				return;
			ret->v = v;
		}
		ret->v[ret->n++] = u;
	}
}

const char *users_name(const struct users *u, uint32_t uid)
{
	for (size_t i = 0; i < u->n; i++)
		if (u->v[i].uid == uid)
			return u->v[i].name;
	return NULL;
}

void users_done(struct users *u)
{
	free(u->v);
	*u = (struct users){ 0 };
}
