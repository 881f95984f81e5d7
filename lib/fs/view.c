// SPDX-License-Identifier: LGPL-2.1-or-later
/* Files of lxcfs over those of /proc and /sys in a VPS. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "fs/fs.h"
#include "kern/mount.h"
#include "kern/viewfiles.h"
#include "plan/plan.h"

static const char *const files[] = {
#define FILE_ENTRY(path) path,
	KVIEW_FILES(FILE_ENTRY)
#undef FILE_ENTRY
};
_Static_assert(FS_VIEW_MAX == KVIEW_NFILES, "as many places as files");

int fs_view_open(const char *dir, struct fs_view *ret)
{
	char path[4096];

	*ret = (struct fs_view){ 0 };
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		int r = snprintf(path, sizeof(path), "%s%s", dir, files[i]) < (int)sizeof(path) ?
				0 : -ENAMETOOLONG;

		if (r == 0)
			r = kmnt_clone(path, &ret->fd[i]);
		if (r < 0) {
			fs_view_close(ret);
			return r;
		}
		ret->n++;
	}
	return 0;
}

static int is_mounted(const char *dir)
{
	char above[4096];
	struct stat a, b;

	if (snprintf(above, sizeof(above), "%s/..", dir) >= (int)sizeof(above))
		return -ENAMETOOLONG;
	return stat(dir, &a) < 0 || stat(above, &b) < 0 ? -errno : a.st_dev != b.st_dev;
}

static int put_empty(const char *dir, const char *file)
{
	char path[4096];
	_fd_ int fd = -1;
	int r;

	if (snprintf(path, sizeof(path), "%s%s", dir, file) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	*strrchr(path, '/') = '\0';
	r = path_mkdirs(path, 0755);
	path[strlen(path)] = '/';
	if (r < 0)
		return r;
	fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0444);
	return fd < 0 ? -errno : 0;
}

int fs_view_blank(const char *dir)
{
	int r = path_mkdirs(dir, 0755);

	if (r == 0)
		r = is_mounted(dir);
	if (r == 0)
		r = mount("tmpfs", dir, "tmpfs", MS_NOSUID | MS_NODEV, "size=64k,mode=755") < 0 ? -errno : 0;
	for (size_t i = 0; r >= 0 && i < ARRAY_LEN(files); i++)
		r = put_empty(dir, files[i]);
	return r < 0 ? r : 0;
}

void fs_view_close(struct fs_view *v)
{
	while (v->n)
		close(v->fd[--v->n]);
}

void fs_plan_view(struct plan *p, const struct fs_view *v)
{
	/* A VPS without its own figures is better than none: a kernel may lack one of the files. */
	for (unsigned int i = 0; i < v->n; i++)
		PLAN(p, ATTACH, .s2 = files[i], .fd = v->fd[i], .role = "view",
		     .flags = PLAN_OPTIONAL);
}

void fs_plan_unview(struct plan *p)
{
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		PLAN(p, UNMOUNT, .s1 = files[i], .flags = PLAN_OPTIONAL);
}
