// SPDX-License-Identifier: LGPL-2.1-or-later
/* Folders and files of the node in a VPS: taken by the parent as detached mounts, put in place by a plan, which
 * runs inside, so that a link in the VPS leads nowhere but into the VPS. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "fs/fs.h"
#include "kern/idmap.h"
#include "kern/mount.h"
#include "plan/plan.h"

static int told(const struct fs_bind *b, int r, struct vz_err *e)
{
	if (r == -ELOOP)
		return err_set(e, VZ_E_MOUNT, r, "bind mount '%s': there is a symbolic link in this path; name "
			       "where it leads", b->src);
	if (r == -EOPNOTSUPP)
		return err_set(e, VZ_E_MOUNT, r, "bind mount '%s': its file system cannot map owners; map=none "
			       "shows it without", b->src);
	if (r == -EMEDIUMTYPE)
		return err_set(e, VZ_E_MOUNT, r, "bind mount '%s' is neither a folder nor a file", b->src);
	return err_sys(e, VZ_E_MOUNT, r, "cannot take bind mount '%s'", b->src);
}

static int open_one(const struct fs_bind *b, int ns, bool unlocked, struct fs_binds *ret)
{
	struct kmnt_bind k = { .path = b->src, .userns_fd = ns, .map = !b->nomap, .ro = b->ro,
			       .noexec = b->noexec, .suid = b->suid, .unlocked = unlocked };
	char *dst;
	int r = ret->n == FS_BINDS_MAX ? -E2BIG : kmnt_bind(&k, &ret->fd[ret->n], &ret->is_dir[ret->n]);

	if (r < 0)
		return r;
	dst = strdup(b->dst);
	if (!dst) {
		close(ret->fd[ret->n]);
		return -ENOMEM;
	}
	ret->dst[ret->n++] = dst;
	return 0;
}

int fs_binds_open(const struct fs_bind *b, size_t n, uint32_t base, bool unlocked, struct fs_binds *ret,
		  struct vz_err *e)
{
	_fd_ int ns = -1;
	int r = n ? kidmap_userns(base, &ns) : 0;

	*ret = (struct fs_binds){ 0 };
	if (r < 0)
		return err_sys(e, VZ_E_KERNEL, r, "cannot make a user namespace for ids from %u", base);
	for (size_t i = 0; i < n; i++) {
		r = open_one(&b[i], ns, unlocked, ret);
		if (r < 0) {
			fs_binds_close(ret);
			return told(&b[i], r, e);
		}
	}
	return 0;
}

void fs_binds_close(struct fs_binds *b)
{
	while (b->n) {
		free(b->dst[--b->n]);
		close(b->fd[b->n]);
	}
}

void fs_plan_binds(struct plan *p, const struct fs_binds *b)
{
	for (unsigned int i = 0; i < b->n; i++) {
		char path[FS_BIND_PATH];
		const char *slash = b->dst[i];

		while ((slash = strchr(slash + 1, '/'))) {
			snprintf(path, sizeof(path), "%.*s", (int)(slash - b->dst[i]), b->dst[i]);
			PLAN(p, MKDIR, .s1 = path, .num = 0755);
		}
		if (b->is_dir[i])
			PLAN(p, MKDIR, .s1 = b->dst[i], .num = 0755);
		else
			PLAN(p, TOUCH, .s1 = b->dst[i]);
		PLAN(p, ATTACH, .s2 = b->dst[i], .fd = b->fd[i], .role = "bind");
	}
}
