/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Paths below a root that may be hostile; folders; removal of trees. */
#include "base/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/str.h"

/* openat2() says EAGAIN when a rename raced with ".."; the race may be lost a few times. */
enum { RACE_TRIES = 64 };

static int open_how(int dirfd, const char *path, struct open_how *how, int *ret_fd)
{
	for (int i = 0; i < RACE_TRIES; i++) {
		long fd = syscall(SYS_openat2, dirfd, path, how, sizeof(*how));

		if (fd >= 0) {
			*ret_fd = (int)fd;
			return 0;
		}
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
	}
	return -EAGAIN;
}

int path_open_in(int rootfd, const char *path, int flags, mode_t mode, int *ret_fd)
{
	struct open_how how = { .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };

	how.flags = (uint64_t)(unsigned)flags | O_CLOEXEC;
	if (!(flags & O_PATH)) /* openat2() refuses flags that O_PATH would ignore */
		how.flags |= O_NOCTTY | O_NONBLOCK;
	if (flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)))
		how.mode = mode;
	return open_how(rootfd, path, &how, ret_fd);
}

static int make_dir(const char *path, mode_t mode)
{
	struct stat st;

	if (mkdir(path, mode) == 0)
		return chmod(path, mode) < 0 ? -errno : 0; /* exact, whatever the umask */
	if (errno != EEXIST)
		return -errno;
	if (stat(path, &st) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

int path_mkdirs(const char *path, mode_t mode)
{
	char p[PATH_MAX];
	int r = make_dir(path, mode);

	if (r != -ENOENT || !*path)
		return r;
	if (strlen(path) >= sizeof(p))
		return -ENAMETOOLONG;
	memcpy(p, path, strlen(path) + 1);
	for (char *s = p + 1; *s; s++) {
		if (*s != '/' || s[-1] == '/')
			continue;
		*s = 0;
		r = make_dir(p, mode);
		*s = '/';
		if (r < 0)
			return r;
	}
	return make_dir(p, mode);
}

bool path_exists_at(int dirfd, const char *path)
{
	struct stat st;

	return fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

int path_sync_dir(int dirfd)
{
	return fsync(dirfd) < 0 ? -errno : 0;
}

/*
 * Removal of trees. A VPS may have made its tree as deep as it likes, so neither the stack nor the
 * descriptors may grow with its depth: folders below DEPTH_MAX that are not empty are moved up to
 * the top of the tree under a new name, and the top is read again until it is empty.
 */
enum { DEPTH_MAX = 24, PASSES_MAX = 16 };

struct removal {
	int topfd;
	uint64_t next; /* number in the name of the next folder moved up */
	bool moved;    /* something was moved since the top was last read from the start */
};

static int remove_below(struct removal *rm, int fd, unsigned depth);

/* One folder, never a link to one, never across a mount (a bind of the same one counts). */
static int open_folder(int dirfd, const char *name, int *ret_fd)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS,
	};

	return open_how(dirfd, name, &how, ret_fd);
}

static int move_up(struct removal *rm, int dirfd, const char *name)
{
	char top[40];

	for (;;) {
		(void)snprintf(top, sizeof(top), ".removed.%llu", (unsigned long long)rm->next++);
		if (renameat2(dirfd, name, rm->topfd, top, RENAME_NOREPLACE) == 0) {
			rm->moved = true;
			return 0;
		}
		if (errno == EBUSY) /* a mount point */
			return -EXDEV;
		if (errno == ENOENT)
			return 0;
		if (errno != EEXIST)
			return -errno;
	}
}

static int remove_folder(struct removal *rm, int dirfd, const char *name, unsigned depth)
{
	for (int i = 0; i < PASSES_MAX; i++) {
		_fd_ int fd = -1;
		int r;

		if (unlinkat(dirfd, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
			return 0;
		if (errno == EBUSY)
			return -EXDEV;
		if (errno != ENOTEMPTY && errno != EEXIST)
			return -errno;
		if (depth >= DEPTH_MAX)
			return move_up(rm, dirfd, name);
		r = open_folder(dirfd, name, &fd);
		if (r == 0)
			r = remove_below(rm, fd, depth + 1);
		if (r < 0)
			return r == -ENOENT ? 0 : r;
	}
	return -ENOTEMPTY; /* somebody fills it as fast as we empty it */
}

static int remove_entry(struct removal *rm, int dirfd, const struct dirent *d, unsigned depth)
{
	if (d->d_type != DT_DIR) {
		if (unlinkat(dirfd, d->d_name, 0) == 0 || errno == ENOENT)
			return 0;
		if (errno == EBUSY)
			return -EXDEV;
		if (errno != EISDIR)
			return -errno;
	}
	return remove_folder(rm, dirfd, d->d_name, depth);
}

static int remove_below(struct removal *rm, int fd, unsigned depth)
{
	_dir_ DIR *dir = NULL;
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	if (own < 0)
		return -errno;
	dir = fdopendir(own);
	if (!dir) {
		int r = -errno;

		close(own);
		return r;
	}
	for (;;) {
		const struct dirent *d;
		int r;

		errno = 0;
		d = readdir(dir);
		if (!d)
			return -errno;
		if (str_eq(d->d_name, ".") || str_eq(d->d_name, ".."))
			continue;
		r = remove_entry(rm, fd, d, depth);
		if (r < 0)
			return r;
	}
}

static int remove_top(int dirfd, const char *name)
{
	struct removal rm = { .next = 1 };
	_fd_ int fd = -1;
	int r, idle = 0;

	if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR)
		return errno == EBUSY ? -EXDEV : -errno;
	r = open_folder(dirfd, name, &fd);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	rm.topfd = fd;
	while (idle < PASSES_MAX) {
		rm.moved = false;
		if (lseek(fd, 0, SEEK_SET) < 0) /* the copies that are read share its position */
			return -errno;
		r = remove_below(&rm, fd, 0);
		if (r < 0)
			return r;
		if (unlinkat(dirfd, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
			return 0;
		if (errno != ENOTEMPTY && errno != EEXIST)
			return errno == EBUSY ? -EXDEV : -errno;
		if (!rm.moved)
			idle++;
	}
	return -ENOTEMPTY;
}

int path_remove_tree_at(int dirfd, const char *name)
{
	char parent[PATH_MAX];
	_fd_ int fd = -1;
	const char *slash = strrchr(name, '/');
	size_t len;

	if (!slash)
		return str_eq(name, ".") || str_eq(name, "..") ? -EINVAL : remove_top(dirfd, name);
	if (!slash[1] || str_eq(slash + 1, ".") || str_eq(slash + 1, ".."))
		return -EINVAL;
	len = slash == name ? 1 : (size_t)(slash - name);
	if (len >= sizeof(parent))
		return -ENAMETOOLONG;
	memcpy(parent, name, len);
	parent[len] = 0;
	fd = openat(dirfd, parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	return remove_top(fd, slash + 1);
}
