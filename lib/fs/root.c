// SPDX-License-Identifier: LGPL-2.1-or-later
/* Mount a private area on VE_ROOT and take it off again. */
#include <errno.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/path.h"
#include "fs/fs.h"
#include "kern/idmap.h"
#include "kern/mount.h"

/* The lower layers as paths; every one must be a folder. */
static int lower_paths(const struct fs_area *a, const char *template_dir, struct strv *out,
		       struct vz_err *e)
{
	for (size_t i = 0; i < a->lower.n; i++) {
		_buf_ struct buf b = BUF_INIT;
		struct stat st;
		int r = buf_printf(&b, "%s/%s/root", template_dir, a->lower.v[i]);

		if (r == 0)
			r = strv_add(out, buf_str(&b));
		if (r < 0)
			return err_nomem(e);
		if (stat(buf_str(&b), &st) < 0 || !S_ISDIR(st.st_mode))
			return err_set(e, VZ_E_TEMPLATE_MISSING, -ENOENT,
				       "template '%s' is not there: no folder '%s'", a->lower.v[i],
				       buf_str(&b));
	}
	return 0;
}

static int mount_overlay(const struct fs_area *a, const char *private, const char *template_dir,
			 int userns_fd, uint32_t base, int *ret_fd, struct vz_err *e)
{
	_strv_ struct strv lower = { 0 };
	struct kmnt_overlay o = { .area = private, .userns_fd = userns_fd, .base = base };
	const char *what = NULL;
	int r = lower_paths(a, template_dir, &lower, e);

	if (r < 0)
		return r;
	o.lower = (const char *const *)lower.v;
	o.nlower = lower.n;
	r = kmnt_overlay(&o, ret_fd, &what);
	if (r < 0)
		return err_sys(e, VZ_E_MOUNT, r, "cannot mount private area '%s' (%s)", private, what);
	return 0;
}

int fs_root_mount(const struct fs_where *w, uint32_t base, struct vz_err *e)
{
	const char *private = w->private, *root = w->root;
	_fs_area_ struct fs_area a = { .layout = FS_TREE };
	_fd_ int ns = -1, fd = -1;
	int r = w->tree ? 0 : fs_area_read(private, &a, e);

	if (r < 0 || fs_root_is_mounted(root, base))
		return r;
	if (kmnt_is_mount_point(root))
		return err_set(e, VZ_E_MOUNT, -EBUSY, "'%s' is a mount point of the node", root);
	r = path_mkdirs(root, 0700);
	if (r < 0)
		return err_sys(e, VZ_E_CREATE_ROOT, r, "cannot make '%s'", root);
	r = kidmap_userns(base, &ns);
	if (r < 0)
		return err_sys(e, VZ_E_KERNEL, r, "cannot make a user namespace for ids from %u", base);
	if (a.layout == FS_OVERLAY) {
		r = mount_overlay(&a, private, w->template_dir, ns, base, &fd, e);
	} else {
		r = kmnt_idmapped(private, ns, &fd);
		if (r < 0)
			err_sys(e, VZ_E_MOUNT, r, "cannot map the owners of private area '%s'", private);
	}
	if (r < 0)
		return r;
	r = kmnt_attach(fd, root);
	if (r < 0)
		return err_sys(e, VZ_E_MOUNT, r, "cannot mount private area '%s' on '%s'", private, root);
	return 0;
}

int fs_root_umount(const char *root, uint32_t base, struct vz_err *e)
{
	int r = 0;

	while (r == 0 && fs_root_is_mounted(root, base))
		r = kmnt_detach_one(root);
	return r < 0 ? err_sys(e, VZ_E_UMOUNT, r, "cannot unmount '%s'", root) : 0;
}

/* Ours has its root folder owned by an id of the VPS's range, whatever the VPS does to it: no other id
 * has a place in the map. The node's own mounts have not. */
bool fs_root_is_mounted(const char *root, uint32_t base)
{
	struct stat st;

	if (!kmnt_is_mount_point(root) || stat(root, &st) < 0)
		return false;
	return base ? st.st_uid - base < KIDMAP_COUNT : st.st_uid >= KIDMAP_COUNT;
}
