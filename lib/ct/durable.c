// SPDX-License-Identifier: LGPL-2.1-or-later
/* Commits of create and destroy, and their recovery. */
#include "ct/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "ct/ct.h"
#include "ct/inside/action.h"
#include "ct/limit/acct.h"
#include "ct/link/traffic.h"
#include "ct/name.h"
#include "ct/reinstall.h"
#include "ct/stage.h"

static char *parent_of(const struct ct *ct)
{
	const char *slash = ct->private ? strrchr(ct->private, '/') : NULL;

	return slash ? str_printf("%.*s", slash == ct->private ? 1 : (int)(slash - ct->private),
				  ct->private) :
		       NULL;
}

char *durable_area(const struct ct *ct, const char *what)
{
	_free_ char *dir = parent_of(ct);

	return dir ? str_printf("%s/.%s.%s", dir, ct->idstr, what) : NULL;
}

char *durable_conf_new(const struct ct *ct)
{
	return str_printf("%s.new", ct->conf);
}

/* 0700: see fs_area_make(). */
int durable_make_parent(const struct ct *ct, struct vz_err *e)
{
	_free_ char *dir = parent_of(ct);
	int r = dir ? path_mkdirs(dir, 0700) : -EINVAL;

	return r < 0 ? err_sys(e, r == -ENOSPC ? VZ_E_NO_SPACE : VZ_E_CREATE_PRIVATE, r,
			       "cannot make the folder of private area '%s'", ct->private) :
		       0;
}

static int sync_parent(const char *path)
{
	const char *slash = strrchr(path, '/');
	_free_ char *dir = str_printf("%.*s/", slash ? (int)(slash - path) : 0, path);
	_fd_ int fd = dir ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	return fd < 0 ? -errno : path_sync_dir(fd);
}

static int move(const char *from, const char *to, unsigned int flags)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, flags) < 0)
		return -errno;
	return sync_parent(to);
}

int durable_commit_create(struct ct *ct, struct vz_err *e)
{
	_free_ char *fresh = durable_area(ct, "new"), *conf = durable_conf_new(ct);
	int r = fresh && conf ? move(fresh, ct->private, RENAME_NOREPLACE) : -ENOMEM;

	if (r < 0)
		return err_sys(e, r == -ENOSPC ? VZ_E_NO_SPACE : VZ_E_CREATE_PRIVATE, r,
			       "cannot put private area '%s' in place", ct->private);
	ct_crash_point("create", "commit", "after");
	/* Not synced: should it be lost, durable_recover() does it again. */
	if (rename(conf, ct->conf) < 0)
		return err_sys(e, errno == ENOSPC ? VZ_E_NO_SPACE : VZ_E_SAVE, -errno,
			       "cannot put '%s' in place", ct->conf);
	ct->has_conf = true;
	return 0;
}

static void sweep(const struct ct *ct)
{
	_free_ char *fresh = durable_area(ct, "new"), *conf = durable_conf_new(ct);

	if (fresh)
		(void)path_remove_tree_at(AT_FDCWD, fresh);
	if (conf && !ct_has_private(ct))
		unlink(conf);
}

void durable_undo_create(struct ct *ct, bool had_conf)
{
	_free_ char *gone = durable_area(ct, "gone");

	name_unlink(ct);
	/* The commit is taken back as destroy would do it; dying here leaves what recovery removes. */
	if (gone && path_exists_at(AT_FDCWD, ct->private) && move(ct->private, gone, 0) == 0)
		(void)path_remove_tree_at(AT_FDCWD, gone);
	if (!had_conf)
		unlink(ct->conf);
	sweep(ct);
	(void)ct_range_drop(ct, NULL);
}

/* The n-th kind of file that goes to *.destroyed, so that a mistake can be mended by hand. */
static const char *kept(unsigned n)
{
	return n ? ct_action_name(n - 1) : "conf";
}

void durable_forget_destroyed(const struct ct *ct)
{
	for (unsigned i = 0; kept(i); i++) {
		_free_ char *path = str_printf("%s/%s.%s.destroyed", ct->vz->confdir, ct->idstr, kept(i));

		if (path)
			unlink(path);
	}
}

/* What a set that was killed while it wrote has left. */
static void forget_temp(const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	char temp[NAME_MAX + 1];
	_free_ char *dir = strndup(path, (size_t)(name - path));
	_free_ char *full = NULL;

	io_temp_name(name, temp);
	full = dir ? str_printf("%s%s", dir, temp) : NULL;
	if (full)
		unlink(full);
}

/* All that refers to the VPS but its files and its dump. The configuration goes first: it is the VPS. */
int durable_forget(struct ct *ct, struct vz_err *e)
{
	int r;

	name_unlink(ct);
	for (unsigned i = 0; kept(i); i++) {
		_free_ char *from = str_printf("%s/%s.%s", ct->vz->confdir, ct->idstr, kept(i));
		_free_ char *to = from ? str_printf("%s.destroyed", from) : NULL;

		if (!to)
			return err_nomem(e);
		forget_temp(from);
		if (rename(from, to) < 0 && errno != ENOENT)
			return err_sys(e, VZ_E_SAVE, -errno, "cannot rename '%s'", from);
	}
	ct_crash_point("destroy", "conf", "after");
	if (ct->root)
		(void)rmdir(ct->root);
	ct_acct_drop(ct);
	r = ct_traffic_drop(ct, e);
	if (r == 0)
		r = ct_range_drop(ct, e);
	return r < 0 ? r : state_drop(ct->rundir, e);
}

static int finish_destroy(struct ct *ct, const char *gone, struct vz_err *e)
{
	_free_ char *dump = ct_dump_path(ct);
	int r = durable_forget(ct, e);

	if (r < 0)
		return r;
	if (dump)
		(void)path_remove_tree_at(AT_FDCWD, dump);
	r = path_remove_tree_at(AT_FDCWD, gone);
	return r < 0 ? err_sys(e, VZ_E_DEL_PRIVATE, r, "cannot remove '%s'", gone) : 0;
}

int durable_destroy(struct ct *ct, struct vz_err *e)
{
	_free_ char *gone = durable_area(ct, "gone");
	struct stat st;
	int r = 0;

	if (!gone)
		return err_nomem(e);
	/* A link is somebody's arrangement: it goes, what it leads to stays. */
	if (lstat(ct->private, &st) == 0 && S_ISLNK(st.st_mode)) {
		log_msg(&ct->vz->log, -1, "VPS %s: private area '%s' is a link, only the link goes",
			ct->idstr, ct->private);
		r = unlink(ct->private) < 0 ? -errno : 0;
	} else {
		(void)path_remove_tree_at(AT_FDCWD, gone);
		r = move(ct->private, gone, 0);
	}
	ct_crash_point("destroy", "commit", "after");
	if (r < 0 && r != -ENOENT)
		return err_sys(e, VZ_E_DEL_PRIVATE, r, "cannot remove private area '%s'", ct->private);
	return finish_destroy(ct, gone, e);
}

int durable_recover(struct ct *ct, struct vz_err *e)
{
	_free_ char *conf = durable_conf_new(ct), *gone = durable_area(ct, "gone");
	_free_ char *fresh = durable_area(ct, "new");
	int r, changed = 0;

	if (!conf || !ct->private)
		return 0;
	if (!gone || !fresh)
		return err_nomem(e);
	if (ct->has_conf) {
		changed = reinstall_recover(ct, e);
		if (changed < 0)
			return changed;
	}
	if (path_exists_at(AT_FDCWD, fresh))
		sweep(ct);
	else if (path_exists_at(AT_FDCWD, conf) && ct_has_private(ct) && !ct->has_conf) {
		r = move(conf, ct->conf, RENAME_NOREPLACE);
		if (r < 0)
			return err_sys(e, VZ_E_SAVE, r, "cannot put '%s' in place", ct->conf);
		changed = 1;
	} else if (path_exists_at(AT_FDCWD, conf))
		unlink(conf);
	if (!path_exists_at(AT_FDCWD, gone))
		return changed;
	if (ct_has_private(ct)) {
		(void)path_remove_tree_at(AT_FDCWD, gone);
		return changed;
	}
	r = finish_destroy(ct, gone, e);
	return r < 0 ? r : 1;
}
