// SPDX-License-Identifier: LGPL-2.1-or-later
/* Files of lxcfs over those of /proc and /sys in a VPS. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
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
