// SPDX-License-Identifier: LGPL-2.1-or-later
/* Fill a plain tree by the distribution's own tar and cp, which know every kind of attribute. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/path.h"
#include "base/spawn.h"
#include "fs/fs.h"

#define MAGIC_MAX 6

/* By what a file begins with, since its name may say anything. */
static const struct {
	const char *magic, *option;
} packers[] = {
	{ "\x1f\x8b", "--gzip" },
	{ "BZh", "--bzip2" },
	{ "\xfd"
	  "7zXZ", "--xz" },
	{ "\x28\xb5\x2f\xfd", "--zstd" },
};

static const char *option_for(int fd)
{
	char begin[MAGIC_MAX + 1] = "";

	if (pread(fd, begin, MAGIC_MAX, 0) < 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(packers); i++)
		if (strncmp(begin, packers[i].magic, strlen(packers[i].magic)) == 0)
			return packers[i].option;
	return NULL;
}

/* The archive's descriptor is shared with whoever reads it, so its offset is how far that is. */
struct watch {
	const struct fs_fill *f;
	int fd;
	uint64_t total;
};

static int tick(void *arg)
{
	struct watch *w = arg;
	off_t at = w->fd >= 0 ? lseek(w->fd, 0, SEEK_CUR) : 0;

	return w->f->progress ? w->f->progress(w->f->arg, at < 0 ? 0 : (uint64_t)at, w->total) : 0;
}

static const char *last_line(struct buf *b)
{
	char *nl;

	while (b->len && b->data[b->len - 1] == '\n')
		b->data[--b->len] = '\0';
	nl = b->len ? strrchr(b->data, '\n') : NULL;
	return nl ? nl + 1 : buf_str(b);
}

static int run(const struct fs_fill *f, const char *const *argv, int from, struct vz_err *e)
{
	const char *what = f->archive ? f->archive : f->folder;
	_buf_ struct buf out = BUF_INIT;
	struct watch w = { .f = f, .fd = from };
	struct spawn s = { .argv = argv, .input_fd = from, .output = &out, .tick = tick,
			   .tick_arg = &w, .die_with_us = 1 };
	struct stat st;
	int status = 0, r;

	if (from >= 0 && fstat(from, &st) == 0)
		w.total = (uint64_t)st.st_size;
	r = spawn_run(&s, &status);
	if (r < 0)
		return err_sys(e, r == -ECANCELED ? VZ_E_SYS : VZ_E_BAD_TEMPLATE, r,
			       "cannot unpack '%s'", what);
	if (status == 0)
		return 0;
	if (strstr(buf_str(&out), "No space left") || strstr(buf_str(&out), "quota exceeded"))
		return err_set(e, VZ_E_NO_SPACE, -ENOSPC, "no space to unpack '%s' in '%s'", what,
			       f->path);
	return err_set(e, VZ_E_BAD_TEMPLATE, -EINVAL, "cannot unpack '%s': %.200s", what,
		       last_line(&out));
}

static int unpack(const struct fs_fill *f, struct vz_err *e)
{
	_fd_ int from = open(f->archive, O_RDONLY | O_CLOEXEC);
	const char *argv[] = { "/bin/tar", "--extract", "--preserve-permissions", "--numeric-owner",
			       "--xattrs", "--xattrs-include=*", "--directory", f->path, "--file", "-",
			       NULL, NULL };

	if (from < 0)
		return err_sys(e, VZ_E_BAD_TEMPLATE, -errno, "cannot open '%s'", f->archive);
	argv[ARRAY_LEN(argv) - 2] = option_for(from);
	return run(f, argv, from, e);
}

static int copy(const struct fs_fill *f, struct vz_err *e)
{
	_buf_ struct buf from = BUF_INIT;
	const char *argv[] = { "/bin/cp", "--archive", "--reflink=auto", "--no-target-directory", "--",
			       NULL, f->path, NULL };

	if (buf_printf(&from, "%s/", f->folder) < 0)
		return err_nomem(e);
	argv[5] = buf_str(&from);
	return run(f, argv, -1, e);
}

/* An archive of something else unpacks as well as one of a root. */
static bool looks_like_root(int fd)
{
	static const char *const some[] = { "etc", "sbin", "bin", "usr" };

	for (size_t i = 0; i < ARRAY_LEN(some); i++)
		if (path_exists_at(fd, some[i]))
			return true;
	return false;
}

int fs_tree_fill(const struct fs_fill *f, struct vz_err *e)
{
	_fd_ int fd = -1;
	int r;

	if (mkdir(f->path, 0755) < 0)
		return err_sys(e, errno == ENOSPC ? VZ_E_NO_SPACE : VZ_E_CREATE_PRIVATE, -errno,
			       "cannot make private area '%s'", f->path);
	r = f->archive ? unpack(f, e) : copy(f, e);
	if (r < 0)
		return r;
	fd = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || !looks_like_root(fd))
		return err_set(e, VZ_E_BAD_TEMPLATE, -EINVAL, "'%s' holds no root of a system",
			       f->archive ? f->archive : f->folder);
	if (syncfs(fd) < 0)
		return err_sys(e, errno == ENOSPC ? VZ_E_NO_SPACE : VZ_E_CREATE_PRIVATE, -errno,
			       "cannot write '%s'", f->path);
	return 0;
}
