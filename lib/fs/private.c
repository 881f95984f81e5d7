// SPDX-License-Identifier: LGPL-2.1-or-later
/* A private area mounted as it is on disk, for one program of the node alone. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "fs/fs.h"

static int overlay_options(const struct fs_area *a, const char *area, const char *template_dir,
			   struct buf *out)
{
	buf_puts(out, "lowerdir=");
	for (size_t i = 0; i < a->lower.n; i++)
		buf_printf(out, "%s%s/%s/root", i ? ":" : "", template_dir, a->lower.v[i]);
	buf_printf(out, ",upperdir=%s/upper,workdir=%s/work,redirect_dir=on,xino=auto", area, area);
	/* They would need quoting, differently in each kernel. */
	if (strpbrk(area, ":,\\") || strpbrk(template_dir, ":,\\"))
		return -EINVAL;
	return out->failed ? -ENOMEM : 0;
}

int fs_private_mount_prepare(const char *area, const char *template_dir, const char *target,
			     struct fs_private_mount *ret)
{
	_fs_area_ struct fs_area a = { 0 };
	_buf_ struct buf options = BUF_INIT;
	int r = fs_area_read(area, &a, NULL);

	if (r == 0 && a.layout == FS_OVERLAY)
		r = overlay_options(&a, area, template_dir, &options);
	if (r < 0)
		return r;
	ret->overlay = a.layout == FS_OVERLAY;
	ret->source = strdup(area);
	ret->target = strdup(target);
	ret->options = buf_take(&options);
	if (ret->source && ret->target && ret->options)
		return 0;
	fs_private_mount_done(ret);
	return -ENOMEM;
}

void fs_private_mount_done(struct fs_private_mount *m)
{
	free(m->source);
	free(m->target);
	free(m->options);
	*m = (struct fs_private_mount){ 0 };
}

/* In a namespace that ends with the program: a kill cannot leave it mounted. */
int fs_private_mount(void *arg)
{
	const struct fs_private_mount *m = arg;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -errno;
	if (m->overlay && mount("vz", m->target, "overlay", MS_NODEV, m->options) < 0)
		return -errno;
	if (!m->overlay && mount(m->source, m->target, NULL, MS_BIND, NULL) < 0)
		return -errno;
	return 0;
}
