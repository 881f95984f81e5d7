// SPDX-License-Identifier: LGPL-2.1-or-later
/* The private area on disk: read its layout, make a new one. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/json.h"
#include "base/path.h"
#include "fs/fs.h"

#define LAYOUT_FILE "layout.json"
#define PLOOP_FILE  "root.hdd/DiskDescriptor.xml"
#define LAYOUT_MAX  65536

void fs_area_done(struct fs_area *a)
{
	strv_done(&a->lower);
}

bool fs_is_template_name(const char *s)
{
	size_t n = strlen(s);

	if (n == 0 || n > 128 || s[0] == '.' || s[0] == '-')
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr("._-", s[i]))
			return false;
	return true;
}

static int read_overlay(const json_t *o, struct fs_area *a)
{
	const json_t *lower = json_object_get(o, "lower");
	const char *layout;
	int r = json_get_str(o, "layout", &layout);

	if (r < 0 || !str_eq(layout, "overlay") || !json_is_array(lower) || !json_array_size(lower))
		return -EINVAL;
	for (size_t i = 0; i < json_array_size(lower); i++) {
		const char *name = json_string_value(json_array_get(lower, i));

		if (!name || !fs_is_template_name(name))
			return -EINVAL;
		r = strv_add(&a->lower, name);
		if (r < 0)
			return r;
	}
	a->layout = FS_OVERLAY;
	return 0;
}

int fs_area_read(const char *private, struct fs_area *ret, struct vz_err *e)
{
	_fs_area_ struct fs_area a = { .layout = FS_TREE };
	_buf_ struct buf text = BUF_INIT;
	_json_ json_t *o = NULL;
	_fd_ int fd = open(private, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char why[160];
	int r;

	if (fd < 0)
		return err_sys(e, VZ_E_PRIVATE_MISSING, -errno, "private area '%s' is not there",
			       private);
	r = io_read_at(fd, LAYOUT_FILE, LAYOUT_MAX, &text);
	if (r == -ENOENT && path_exists_at(fd, PLOOP_FILE))
		return err_set(e, VZ_E_LAYOUT_UNSUPPORTED, -ENOTSUP,
			       "private area '%s' holds a ploop image, which this kernel cannot mount: "
			       "copy its files into a folder of that name (vzctl(8), OLD VPSs)",
			       private);
	if (r == -ENOENT) {
		ret->layout = FS_TREE;
		return 0;
	}
	if (r < 0)
		return err_sys(e, VZ_E_LAYOUT, r, "cannot read '%s/%s'", private, LAYOUT_FILE);
	r = json_parse(buf_str(&text), text.len, &o, why);
	if (r < 0)
		return err_set(e, VZ_E_LAYOUT, r, "'%s/%s' is damaged: %s", private, LAYOUT_FILE, why);
	r = read_overlay(o, &a);
	if (r < 0)
		return err_set(e, VZ_E_LAYOUT, r, "'%s/%s' does not describe a layout known here",
			       private, LAYOUT_FILE);
	*ret = a;
	a.lower = (struct strv){ 0 };
	return 0;
}

static int layout_text(const struct strv *lower, struct buf *out)
{
	_json_ json_t *o = json_object();
	json_t *list = json_array();

	if (!o || !list)
		return -ENOMEM;
	json_object_set_new(o, "layout", json_string("overlay"));
	for (size_t i = 0; i < lower->n; i++)
		json_array_append_new(list, json_string(lower->v[i]));
	json_object_set_new(o, "lower", list);
	return json_print(o, out);
}

int fs_area_make(const char *path, const struct strv *lower, struct vz_err *e)
{
	_buf_ struct buf text = BUF_INIT;
	_fd_ int fd = -1;
	int r;

	/* 0700: files in the upper layer keep the owners that the VPS sees, so a set-user-id program of
	 * its root would be one of the host's root to anybody who can reach it. */
	if (mkdir(path, 0700) < 0)
		return err_sys(e, errno == ENOSPC ? VZ_E_NO_SPACE : VZ_E_CREATE_PRIVATE, -errno,
			       "cannot make private area '%s'", path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || mkdirat(fd, "upper", 0755) < 0 || mkdirat(fd, "work", 0755) < 0)
		return err_sys(e, errno == ENOSPC ? VZ_E_NO_SPACE : VZ_E_CREATE_PRIVATE, -errno,
			       "cannot fill private area '%s'", path);
	r = layout_text(lower, &text);
	if (r == 0)
		r = io_create_at(fd, LAYOUT_FILE, text.data, text.len, 0600);
	if (r < 0)
		return err_sys(e, r == -ENOSPC ? VZ_E_NO_SPACE : VZ_E_CREATE_PRIVATE, r,
			       "cannot write '%s/%s'", path, LAYOUT_FILE);
	return 0;
}
