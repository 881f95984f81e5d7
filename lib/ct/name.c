// SPDX-License-Identifier: LGPL-2.1-or-later
/* The names directory. */
#include "ct/name.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/path.h"
#include "base/str.h"
#include "ct/ct.h"
#include "param/param.h"

/* 1: the link is there and leads to this VPS's configuration; 0: no link; -EEXIST: somebody else's. */
static int link_state(const struct ct *ct, const char *path)
{
	_free_ char *tail = str_printf("/%s.conf", ct->idstr);
	char to[PATH_MAX];
	ssize_t n = readlink(path, to, sizeof(to) - 1);

	if (n < 0)
		return errno == ENOENT ? 0 : -EEXIST;
	to[n] = '\0';
	if (!tail)
		return -ENOMEM;
	if (str_has_suffix(to, tail))
		return 1;
	/* A link that leads nowhere belongs to a VPS that is gone. */
	return access(path, F_OK) < 0 && errno == ENOENT && unlink(path) == 0 ? 0 : -EEXIST;
}

static char *path_of(const struct ct *ct, const char *name)
{
	return str_printf("%s/%s", ct->vz->namesdir, name);
}

int name_check(const struct ct *ct, const char *name, struct vz_err *e)
{
	_free_ char *path = path_of(ct, name);
	int r;

	if (!*name)
		return 0;
	if (!path)
		return err_nomem(e);
	r = link_state(ct, path);
	return r < 0 ? err_set(e, VZ_E_NAME, r, "the name '%.64s' is taken by another VPS", name) : 0;
}

int name_link(const struct ct *ct, const char *name, struct vz_err *e)
{
	_free_ char *path = path_of(ct, name);
	int r = name_check(ct, name, e);

	if (r < 0 || !*name)
		return r;
	r = path_mkdirs(ct->vz->namesdir, 0755);
	if (r < 0 || !path)
		return err_sys(e, r == -ENOSPC ? VZ_E_NO_SPACE : VZ_E_NAME, r, "cannot make '%s'",
			       ct->vz->namesdir);
	if (link_state(ct, path) == 1 || symlink(ct->conf, path) == 0)
		return 0;
	return err_sys(e, errno == ENOSPC ? VZ_E_NO_SPACE : VZ_E_NAME, -errno,
		       "cannot link the name '%.64s'", name);
}

void name_unlink(const struct ct *ct)
{
	_free_ char *path = NULL;

	if (!cfg_has(ct->own, VZ_P_NAME) || !ct->own->name || !*ct->own->name)
		return;
	path = path_of(ct, ct->own->name);
	if (path && link_state(ct, path) == 1)
		unlink(path);
}
