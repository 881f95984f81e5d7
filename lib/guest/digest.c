/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walk a tree in a fixed order and hash what a VPS can see of it. SHA-256 is libmd's. */
#include "guest/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <sha2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/str.h"
#include "guest/names.h"

#define DEPTH_MAX 200	   /* folders in folders; Debian's deepest is 14 */
#define OWNER_MAX 65535u   /* what a VPS's id range holds */
#define CHUNK	  (1 << 17)

struct walk {
	SHA2_CTX sum;
	struct tree_facts facts;
	struct buf path;  /* of the entry at hand, without a leading slash */
	char *chunk;	  /* CHUNK bytes */
	unsigned depth;
	struct vz_err *e;
};

static void to_hex(const uint8_t *raw, char ret_hex[DIGEST_HEX])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < SHA256_DIGEST_LENGTH; i++) {
		ret_hex[2 * i] = digits[raw[i] >> 4];
		ret_hex[2 * i + 1] = digits[raw[i] & 15];
	}
	ret_hex[DIGEST_HEX - 1] = '\0';
}

void digest_bytes(const void *data, size_t len, char ret_hex[DIGEST_HEX])
{
	uint8_t raw[SHA256_DIGEST_LENGTH];
	SHA2_CTX sum;

	SHA256Init(&sum);
	SHA256Update(&sum, data, len);
	SHA256Final(raw, &sum);
	to_hex(raw, ret_hex);
}

static int bad(struct walk *w, int r)
{
	return err_sys(w->e, VZ_E_SYS, r, "cannot read '%s'", buf_str(&w->path));
}

/* One field of the listing; the length first, so that no two listings run together to the same. */
static void put(struct walk *w, const void *data, size_t len)
{
	char head[24];
	int n = snprintf(head, sizeof(head), "%zu:", len);

	SHA256Update(&w->sum, (const uint8_t *)head, n);
	SHA256Update(&w->sum, data, len);
}

static void put_num(struct walk *w, uint64_t v)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%llu", (unsigned long long)v);

	put(w, text, n);
}

static int put_content(struct walk *w, int fd)
{
	uint8_t raw[SHA256_DIGEST_LENGTH];
	char hex[DIGEST_HEX];
	SHA2_CTX sum;
	ssize_t n;

	SHA256Init(&sum);
	while ((n = read(fd, w->chunk, CHUNK)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return bad(w, -errno);
		SHA256Update(&sum, (const uint8_t *)w->chunk, n);
		w->facts.bytes += n;
	}
	SHA256Final(raw, &sum);
	to_hex(raw, hex);
	put(w, hex, DIGEST_HEX - 1);
	return 0;
}

/* File capabilities are part of what a program may do; other attributes are of no consequence. */
static void put_caps(struct walk *w, int fd)
{
	char caps[64];
	ssize_t n = fgetxattr(fd, "security.capability", caps, sizeof(caps));

	put(w, caps, n > 0 ? n : 0);
}

static int put_file(struct walk *w, int dirfd, const char *name, uint64_t size)
{
	_fd_ int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int r;

	if (fd < 0)
		return bad(w, -errno);
	put_num(w, size);
	r = put_content(w, fd);
	if (r < 0)
		return r;
	put_caps(w, fd);
	return 0;
}

static int put_link(struct walk *w, int dirfd, const char *name)
{
	char target[4096];
	ssize_t n = readlinkat(dirfd, name, target, sizeof(target));

	if (n < 0)
		return bad(w, -errno);
	put(w, target, n);
	return 0;
}

static int walk_dir(struct walk *w, int dirfd);

static int put_dir(struct walk *w, int dirfd, const char *name)
{
	_fd_ int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int r;

	if (fd < 0)
		return bad(w, -errno);
	if (++w->depth > DEPTH_MAX)
		return err_set(w->e, VZ_E_BAD_TEMPLATE, -ELOOP, "'%s' is more than %d folders deep",
			       buf_str(&w->path), DEPTH_MAX);
	r = walk_dir(w, fd);
	w->depth--;
	return r;
}

static int put_entry(struct walk *w, int dirfd, const char *name)
{
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return bad(w, -errno);
	if (st.st_uid > OWNER_MAX || st.st_gid > OWNER_MAX)
		return err_set(w->e, VZ_E_BAD_TEMPLATE, -ERANGE,
			       "'%s' belongs to %u:%u, which no VPS has", buf_str(&w->path),
			       st.st_uid, st.st_gid);
	put(w, buf_str(&w->path), w->path.len);
	put_num(w, st.st_mode);
	put_num(w, st.st_uid);
	put_num(w, st.st_gid);
	w->facts.entries++;
	if (S_ISREG(st.st_mode))
		return put_file(w, dirfd, name, st.st_size);
	if (S_ISDIR(st.st_mode))
		return put_dir(w, dirfd, name);
	if (S_ISLNK(st.st_mode))
		return put_link(w, dirfd, name);
	put_num(w, st.st_rdev);
	return 0;
}

static int walk_dir(struct walk *w, int dirfd)
{
	_strv_ struct strv names = { 0 };
	size_t here = w->path.len;
	int r = names_read(dirfd, &names);

	if (r < 0)
		return bad(w, r);
	for (size_t i = 0; i < names.n; i++) {
		if (here)
			buf_putc(&w->path, '/');
		if (buf_puts(&w->path, names.v[i]) < 0)
			return err_nomem(w->e);
		r = put_entry(w, dirfd, names.v[i]);
		if (r < 0)
			return r; /* the path stays for the message */
		w->path.len = here;
		w->path.data[here] = '\0';
	}
	return 0;
}

int digest_tree(int rootfd, struct tree_facts *ret, struct vz_err *e)
{
	_buf_ struct buf path = BUF_INIT;
	_free_ char *chunk = malloc(CHUNK);
	struct walk w = { .chunk = chunk, .e = e };
	uint8_t raw[SHA256_DIGEST_LENGTH];
	int r;

	if (!chunk)
		return err_nomem(e);
	SHA256Init(&w.sum);
	r = walk_dir(&w, rootfd);
	path = w.path; /* hand it to the clean-up */
	if (r < 0)
		return r;
	SHA256Final(raw, &w.sum);
	to_hex(raw, w.facts.digest);
	*ret = w.facts;
	return 0;
}
