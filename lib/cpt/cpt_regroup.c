// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A VPS that comes back in another place of the tree of control groups: the paths in the image of its groups. CRIU
 * has an option for that (cgroup-root), which renames by the text a path begins with, so that of two groups "a" and
 * "ab" the second stays where it was.
 */
#include "cpt/cpt_int.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/str.h"
#include "cpt/pb.h"

#define IMAGE	  "cgroup.img"
#define IMAGE_MAX (64u << 20)
#define HEAD	  8u /* magic numbers before the only record */

/* images/cgroup.proto: a record has sets of memberships, which name paths, and controllers with trees of folders, of
 * which only the topmost has a whole path. */
enum level { TOP, SET, MEMBER, CONTROLLER, FOLDER, PLAIN };
enum { MEMBER_PATH = 2, MEMBER_PREFIX = 3, FOLDER_PATH = 1 };

static const struct {
	enum level at;
	uint32_t id;
	enum level below;
} messages[] = {
	{ TOP, 1, SET }, { SET, 2, MEMBER }, { TOP, 2, CONTROLLER }, { CONTROLLER, 2, FOLDER },
};

struct regroup {
	const char *slice, *group, *name; /* name: the last part of group */
};

static enum level level_of(enum level at, uint32_t id)
{
	for (size_t i = 0; i < ARRAY_LEN(messages); i++)
		if (messages[i].at == at && messages[i].id == id)
			return messages[i].below;
	return PLAIN;
}

/* Where the path of our parent group begins in it: at the front, or behind what it is itself in. */
static const char *find_slice(const struct regroup *g, const char *path)
{
	size_t n = strlen(g->slice);

	for (const char *s = *path == '/' ? path + 1 : path;; s++) {
		if (strncmp(s, g->slice, n) == 0 && s[n] == '/')
			return s;
		s = strchr(s, '/');
		if (!s)
			return NULL;
	}
}

/* The VPS's own group in it: *ret_end is behind its name. NULL: the path is no such one. */
static const char *find_group(const struct regroup *g, const char *path, const char **ret_end)
{
	const char *start = find_slice(g, path), *s = start ? start + strlen(g->slice) + 1 : NULL;
	size_t n = strlen(g->name);

	while (s && !(strncmp(s, g->name, n) == 0 && (!s[n] || s[n] == '/'))) {
		s = strchr(s, '/');
		s = s ? s + 1 : NULL;
	}
	if (s)
		*ret_end = s + n;
	return s ? start : NULL;
}

/* The path as it is to be; *ret_grown: by so many bytes, 0 for one that stays. */
static int new_path(const struct regroup *g, const struct pb_field *f, char **ret, int64_t *ret_grown)
{
	_free_ char *path = f->len < 65536 ? str_printf("%.*s", (int)f->len, (const char *)f->data) : NULL;
	const char *end, *start = path ? find_group(g, path, &end) : NULL;

	if (!path)
		return -ENOMEM;
	*ret_grown = 0;
	if (!start) {
		*ret = TAKE_PTR(path);
		return 0;
	}
	*ret = str_printf("%.*s%s%s", (int)(start - path), path, g->group, end);
	*ret_grown = *ret ? (int64_t)strlen(*ret) - (int64_t)strlen(path) : 0;
	return *ret ? 0 : -ENOMEM;
}

static int put_path(const struct regroup *g, const struct pb_field *f, struct buf *out)
{
	_free_ char *path = NULL;
	int64_t grown;
	int r = new_path(g, f, &path, &grown);

	if (r == 0)
		pb_put_str(out, f->id, path);
	return r;
}

/* So many bytes of the path are those of the root that the VPS sees; 0: it has no root of its own there. */
static int put_prefix(const struct regroup *g, const void *data, size_t len, const struct pb_field *f,
		      struct buf *out)
{
	_free_ char *path = NULL;
	struct pb_field was;
	int64_t grown = 0;
	int r = f->num ? pb_find(data, len, MEMBER_PATH, PB_BYTES, &was) : -ENOENT;

	if (r == 0)
		r = new_path(g, &was, &path, &grown);
	if (r < 0 && r != -ENOENT)
		return r;
	pb_put_num(out, f->id, (uint64_t)((int64_t)f->num + grown));
	return 0;
}

static int copy(const struct regroup *g, enum level at, const void *data, size_t len, struct buf *out)
{
	struct pb p = { .at = data, .end = (const unsigned char *)data + len };
	struct pb_field f;
	int r;

	while ((r = pb_next(&p, &f)) > 0) {
		enum level below = level_of(at, f.id);
		_buf_ struct buf inner = BUF_INIT;

		if (f.type == PB_NUM && at == MEMBER && f.id == MEMBER_PREFIX) {
			r = put_prefix(g, data, len, &f, out);
		} else if (f.type == PB_NUM) {
			pb_put_num(out, f.id, f.num);
		} else if (f.type != PB_BYTES) {
			r = -EBADMSG; /* nothing of the kind is in there */
		} else if ((at == MEMBER && f.id == MEMBER_PATH) || (at == FOLDER && f.id == FOLDER_PATH)) {
			r = put_path(g, &f, out);
		} else if (below == PLAIN) {
			pb_put_bytes(out, f.id, f.data, f.len);
		} else {
			/* Four levels: messages[] leads nowhere else. */
			r = copy(g, below, f.data, f.len, &inner);
			pb_put_bytes(out, f.id, inner.data, inner.len);
		}
		if (r < 0)
			return r;
	}
	return r < 0 ? r : out->failed ? -ENOMEM : 0;
}

int cpt_regroup_image(const char *image, size_t len, const char *slice, const char *group, struct buf *out)
{
	const char *last = strrchr(group, '/');
	const struct regroup g = { slice, group, last ? last + 1 : group };
	_buf_ struct buf record = BUF_INIT;
	uint32_t n;
	int r;

	if (len < HEAD + sizeof(n))
		return -EBADMSG;
	memcpy(&n, image + HEAD, sizeof(n));
	if (n != len - HEAD - sizeof(n))
		return -EBADMSG;
	r = copy(&g, TOP, image + HEAD + sizeof(n), n, &record);
	if (r < 0)
		return r;
	n = (uint32_t)record.len;
	(void)buf_add(out, image, HEAD);
	(void)buf_add(out, &n, sizeof(n));
	return buf_add(out, record.data, record.len);
}

int cpt_regroup(int dirfd, const char *slice, const char *group)
{
	_buf_ struct buf old = BUF_INIT, new = BUF_INIT;
	int r = io_read_at(dirfd, IMAGE, IMAGE_MAX, &old);

	if (r == 0)
		r = cpt_regroup_image(old.data, old.len, slice, group, &new);
	if (r == 0 && (new.len != old.len || memcmp(new.data, old.data, old.len) != 0))
		r = io_replace_at(dirfd, IMAGE, new.data, new.len, 0644);
	return r;
}
