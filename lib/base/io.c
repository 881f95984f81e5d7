/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whole files: read with a limit, replace atomically and durably. */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"

enum { CHUNK = 16384, LINKS_MAX = 40 };

static ssize_t read_some(int fd, void *data, size_t len)
{
	ssize_t n;

	do {
		n = read(fd, data, len);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

int io_read_fd(int fd, size_t max, struct buf *out)
{
	size_t before = out->len;
	char chunk[CHUNK];

	for (;;) {
		ssize_t n = read_some(fd, chunk, sizeof(chunk));
		int r = n < 0 ? (int)n : 0;

		if (n == 0) /* an empty file is an empty string, not NULL */
			return buf_add(out, "", 0);
		if (n > 0 && (size_t)n > max - (out->len - before))
			r = -E2BIG;
		if (r == 0)
			r = buf_add(out, chunk, n);
		if (r < 0) {
			out->len = before;
			if (out->data)
				out->data[before] = 0;
			return r;
		}
	}
}

int io_read_at(int dirfd, const char *path, size_t max, struct buf *out)
{
	_fd_ int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	return io_read_fd(fd, max, out);
}

int io_write_fd(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		p += n;
		len -= n;
	}
	return 0;
}

int io_poke_at(int dirfd, const char *path, const char *value)
{
	_fd_ int fd = openat(dirfd, path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	size_t len = strlen(value);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, value, len);
	if (n < 0)
		return -errno;
	/* A kernel file takes a value whole; a second write would be a second value. */
	return (size_t)n == len ? 0 : -EIO;
}

/* Where the write must go: the last component of path followed while it is a symlink.
 * *dirfd becomes AT_FDCWD when a link is absolute. */
static int follow(int *dirfd, const char *path, char out[PATH_MAX])
{
	char link[PATH_MAX];

	if (strlen(path) >= PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(out, path, strlen(path) + 1);
	for (int i = 0; i < LINKS_MAX; i++) {
		ssize_t n = readlinkat(*dirfd, out, link, sizeof(link) - 1);
		char *slash = strrchr(out, '/');
		size_t keep = slash ? (size_t)(slash + 1 - out) : 0;

		if (n < 0) /* not a link, or not there yet */
			return errno == EINVAL || errno == ENOENT ? 0 : -errno;
		link[n] = 0;
		if (link[0] == '/') {
			*dirfd = AT_FDCWD;
			keep = 0;
		}
		if (keep + (size_t)n >= PATH_MAX)
			return -ENAMETOOLONG;
		memcpy(out + keep, link, (size_t)n + 1);
	}
	return -ELOOP;
}

/* A new file beside `name`, under a name that no other writer uses. */
static int make_temp(int dir, const char *name, char temp[NAME_MAX + 1], int *ret_fd)
{
	for (int i = 0; i < 8; i++) {
		uint64_t rnd;
		int fd;

		if (getrandom(&rnd, sizeof(rnd), GRND_NONBLOCK) != sizeof(rnd))
			rnd = ((uint64_t)getpid() << 8) + (unsigned)i;
		(void)snprintf(temp, NAME_MAX + 1, ".%.200s.%016llx.tmp", name,
			       (unsigned long long)rnd);
		fd = openat(dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0) {
			*ret_fd = fd;
			return 0;
		}
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

struct content {
	const void *data;
	size_t len;
	mode_t mode;
	int durable;
};

static int fill_temp(int fd, const struct content *c)
{
	int r = io_write_fd(fd, c->data, c->len);

	if (r < 0)
		return r;
	if (fchmod(fd, c->mode) < 0) /* exact, whatever the umask */
		return -errno;
	return c->durable && fsync(fd) < 0 ? -errno : 0;
}

/*
 * Without a name until it is complete, and then under one that the next writer of the same file takes over: so who
 * is killed between leaves at most one, and nothing while it waits for the disk. Whose name was taken is overtaken.
 * -EOPNOTSUPP: this file system has no such files.
 */
static int replace_nameless(int dir, const char *name, const struct content *c)
{
	char temp[NAME_MAX + 1];
	_fd_ int fd = openat(dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	int r;

	if (fd < 0)
		return -EOPNOTSUPP;
	r = fill_temp(fd, c);
	if (r < 0)
		return r;
	io_temp_name(name, temp);
	while (linkat(fd, "", dir, temp, AT_EMPTY_PATH) < 0) {
		if (errno != EEXIST)
			return -EOPNOTSUPP;
		if (unlinkat(dir, temp, 0) < 0 && errno != ENOENT)
			return -errno;
	}
	if (renameat(dir, temp, dir, name) < 0 && errno != ENOENT) {
		r = -errno;
		(void)unlinkat(dir, temp, 0);
		return r;
	}
	return fsync(dir) < 0 ? -errno : 0;
}

void io_temp_name(const char *name, char temp[NAME_MAX + 1])
{
	(void)snprintf(temp, NAME_MAX + 1, ".%.240s.tmp", name);
}

static int replace_in(int dir, const char *name, const struct content *c)
{
	char temp[NAME_MAX + 1];
	_fd_ int fd = -1;
	struct stat st;
	int r;

	/* Never put a file in the place of /dev/null or a folder. */
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	if (c->durable) {
		r = replace_nameless(dir, name, c);
		if (r != -EOPNOTSUPP)
			return r;
	}
	r = make_temp(dir, name, temp, &fd);
	if (r < 0)
		return r;
	r = fill_temp(fd, c);
	if (r == 0 && renameat(dir, temp, dir, name) < 0)
		r = -errno;
	if (r < 0) {
		(void)unlinkat(dir, temp, 0);
		return r;
	}
	return c->durable && fsync(dir) < 0 ? -errno : 0;
}

static int replace(int dirfd, const char *path, const struct content *c)
{
	char real[PATH_MAX];
	const char *name = real, *folder = ".";
	_fd_ int dir = -1;
	char *slash;
	int r = follow(&dirfd, path, real);

	if (r < 0)
		return r;
	slash = strrchr(real, '/');
	if (slash) {
		*slash = 0;
		name = slash + 1;
		folder = slash == real ? "/" : real;
	}
	if (!*name)
		return *real || slash ? -EISDIR : -ENOENT;
	dir = openat(dirfd, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	return replace_in(dir, name, c);
}

int io_replace_at(int dirfd, const char *path, const void *data, size_t len, mode_t mode)
{
	return replace(dirfd, path, &(struct content){ data, len, mode, 1 });
}

int io_replace_volatile_at(int dirfd, const char *path, const void *data, size_t len, mode_t mode)
{
	return replace(dirfd, path, &(struct content){ data, len, mode, 0 });
}

int io_create_at(int dirfd, const char *path, const void *data, size_t len, mode_t mode)
{
	_fd_ int fd = openat(dirfd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	int r;

	if (fd < 0)
		return -errno;
	r = io_write_fd(fd, data, len);
	if (r == 0 && (fchmod(fd, mode) < 0 || fsync(fd) < 0))
		r = -errno;
	if (r < 0)
		(void)unlinkat(dirfd, path, 0);
	return r;
}
