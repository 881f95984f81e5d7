// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * An overlay cannot be the upper layer of another one, so engines whose folders lie on the VPS's overlay would
 * copy each image whole. With nesting:on these folders are the private area's own, mounted in their places.
 */
#include "ct/inside/native.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/path.h"
#include "base/str.h"
#include "ct/ct.h"
#include "fs/fs.h"
#include "param/check.h"
#include "param/param.h"

static const struct {
	const char *name, *place;
} folders[NATIVE_MAX] = {
	{ "docker", "/var/lib/docker" },
	{ "containers", "/var/lib/containers" }, /* podman, buildah, CRI-O */
};

/* The VPS began without nesting and has something there, which a mount would hide. */
static bool is_in_use(const char *private, const char *place)
{
	_free_ char *upper = str_printf("%s/upper", private);
	_fd_ int root = upper ? open(upper, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	const struct dirent *d;
	_dir_ DIR *dir = NULL;
	int fd;

	if (root < 0 || path_open_in(root, place, O_RDONLY | O_DIRECTORY, 0, &fd) < 0)
		return false;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return false;
	}
	while ((d = readdir(dir)))
		if (!str_eq(d->d_name, ".") && !str_eq(d->d_name, ".."))
			return true;
	return false;
}

/* Only `native` itself and what lies right in it is the node's: the VPS writes below. */
static int make(const char *path)
{
	_free_ char *parent = strndup(path, (size_t)(strrchr(path, '/') - path));

	if (!parent)
		return -ENOMEM;
	if ((mkdir(parent, 0700) < 0 && errno != EEXIST) || (mkdir(path, 0711) < 0 && errno != EEXIST))
		return -errno;
	return 0;
}

int native_list(struct ct *ct, struct fs_bind *ret, size_t *ret_n, struct vz_err *e)
{
	_free_ char *private = NULL;

	*ret_n = 0;
	if (!cfg_is_nesting(ct->cfg) || ct_is_tree(ct))
		return 0;
	private = realpath(ct->private, NULL);
	if (!private)
		return err_sys(e, VZ_E_MOUNT, -errno, "cannot find private area '%s'", ct->private);
	for (size_t i = 0; i < NATIVE_MAX; i++) {
		_free_ char *path = str_printf("%s/native/%s", private, folders[i].name);
		int r;

		if (!path)
			return err_nomem(e);
		if (!path_exists_at(AT_FDCWD, path) && is_in_use(private, folders[i].place)) {
			log_msg(&ct->vz->log, -1, "VPS %s: '%s' is not empty and stays on the VPS's overlay: "
				"containers in it cannot use overlay themselves", ct->idstr, folders[i].place);
			continue;
		}
		r = make(path);
		if (r < 0)
			return err_sys(e, VZ_E_MOUNT, r, "cannot make '%s'", path);
		ret[(*ret_n)++] = (struct fs_bind){ .src = TAKE_PTR(path), .dst = folders[i].place,
						    .suid = true };
	}
	return 0;
}
