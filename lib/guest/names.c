/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Read and sort the names in a folder. */
#include "guest/names.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "base/cleanup.h"
#include "base/str.h"

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void names_sort(struct strv *l)
{
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), by_bytes);
}

int names_read(int fd, struct strv *ret)
{
	_fd_ int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_dir_ DIR *d = own < 0 ? NULL : fdopendir(own);
	struct dirent *de;

	if (!d)
		return -errno;
	(void)TAKE_FD(own); /* d has it now */
	while ((errno = 0, de = readdir(d)) != NULL) {
		if (str_eq(de->d_name, ".") || str_eq(de->d_name, ".."))
			continue;
		if (strv_add(ret, de->d_name) < 0)
			return -ENOMEM;
	}
	if (errno)
		return -errno;
	names_sort(ret);
	return 0;
}
