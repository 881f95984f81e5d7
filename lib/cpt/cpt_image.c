// SPDX-License-Identifier: LGPL-2.1-or-later
/* A repair of CRIU's images, see cpt_image_fix() in cpt_int.h. */
#include "cpt/cpt_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/str.h"
#include "cpt/pb.h"

#define IMAGE_MAX (1u << 30)
#define HEAD	  8u /* magic numbers before the first record */
#define EXE_MAX	  65536u

/* images/mm.proto, images/fdinfo.proto, images/regfile.proto */
enum { MM_EXE_FILE = 12, FILE_REG = 3, REG_ID = 1, REG_FLAGS = 2 };

struct ids {
	uint32_t v[EXE_MAX];
	size_t n;
};

static bool ids_have(const struct ids *l, uint64_t id)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i] == id)
			return true;
	return false;
}

/* The record at *at: its payload, and *at behind it. 0 at the end. */
static int next_record(const struct buf *image, size_t *at, const unsigned char **ret, size_t *ret_len)
{
	const unsigned char *p = (const unsigned char *)image->data;
	uint32_t len;

	if (*at >= image->len)
		return 0;
	if (image->len - *at < sizeof(len))
		return -EBADMSG;
	memcpy(&len, p + *at, sizeof(len));
	*at += sizeof(len);
	if (len > image->len - *at)
		return -EBADMSG;
	*ret = p + *at;
	*ret_len = len;
	*at += len;
	return 1;
}

static int add_exe(int dirfd, const char *name, struct ids *ids)
{
	_buf_ struct buf image = BUF_INIT;
	const unsigned char *rec = NULL;
	struct pb_field f;
	size_t at = HEAD, len = 0;
	int r = io_read_at(dirfd, name, IMAGE_MAX, &image);

	if (r == 0)
		r = next_record(&image, &at, &rec, &len);
	if (r <= 0)
		return r < 0 ? r : -EBADMSG;
	r = pb_find(rec, len, MM_EXE_FILE, PB_NUM, &f);
	if (r < 0 || ids_have(ids, f.num))
		return r;
	if (ids->n == EXE_MAX)
		return -E2BIG;
	ids->v[ids->n++] = (uint32_t)f.num;
	return 0;
}

static int collect(int dirfd, struct ids *ids)
{
	const struct dirent *d;
	_dir_ DIR *dir = NULL;
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;

	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		r = -errno;
		if (fd >= 0)
			close(fd);
		return r;
	}
	while (r == 0 && (d = readdir(dir)))
		if (str_has_prefix(d->d_name, "mm-") && str_has_suffix(d->d_name, ".img"))
			r = add_exe(dirfd, d->d_name, ids);
	return r;
}

/* The same number of bytes as before: nothing else in the image moves. */
static int write_flags(int fd, off_t at, size_t len, uint64_t flags)
{
	unsigned char b[10];

	if (len > sizeof(b))
		return -EBADMSG;
	for (size_t i = 0; i < len; i++, flags >>= 7)
		b[i] = (unsigned char)((flags & 0x7f) | (i + 1 < len ? 0x80 : 0));
	return pwrite(fd, b, len, at) == (ssize_t)len ? 0 : -EIO;
}

static int fix_record(int fd, const struct buf *image, const unsigned char *rec, size_t len,
		      const struct ids *ids)
{
	struct pb_field reg, id, flags;

	if (pb_find(rec, len, FILE_REG, PB_BYTES, &reg) < 0 ||
	    pb_find(reg.data, reg.len, REG_ID, PB_NUM, &id) < 0 ||
	    pb_find(reg.data, reg.len, REG_FLAGS, PB_NUM, &flags) < 0)
		return 0;
	if (!(flags.num & O_PATH) || !ids_have(ids, id.num))
		return 0;
	return write_flags(fd, flags.data - (const unsigned char *)image->data, flags.len,
			   flags.num & ~(uint64_t)O_PATH);
}

int cpt_image_fix(int dirfd)
{
	_free_ struct ids *ids = calloc(1, sizeof(*ids));
	_buf_ struct buf image = BUF_INIT;
	_fd_ int fd = -1;
	const unsigned char *rec = NULL;
	size_t at = HEAD, len = 0;
	int r = ids ? collect(dirfd, ids) : -ENOMEM;

	if (r < 0)
		return r;
	fd = openat(dirfd, "files.img", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = io_read_fd(fd, IMAGE_MAX, &image);
	while (r == 0 && (r = next_record(&image, &at, &rec, &len)) > 0)
		r = fix_record(fd, &image, rec, len, ids);
	return r;
}
