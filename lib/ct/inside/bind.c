// SPDX-License-Identifier: LGPL-2.1-or-later
/* Bind mounts: at start with the plan, live by another, and over a suspend. */
#include "ct/inside/bind.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "cpt/cpt.h"
#include "ct/ct.h"
#include "ct/inside/inside.h"
#include "ct/inside/native.h"
#include "ct/limit/apply.h"
#include "fs/fs.h"
#include "kern/mount.h"
#include "param/param.h"
#include "plan/plan.h"

#define RECORD	   "binds"
#define RECORD_MAX 65536
#define STAGE	   "bind" /* in RUNDIR: a folder for each VPS that is being resumed, with numbers in it */

_Static_assert(FS_BINDS_MAX >= CFG_BINDS_MAX + NATIVE_MAX, "all that a file may name");
_Static_assert(FS_BIND_PATH == CFG_BIND_PATH, "one length of paths");

/* ---- the record ---- */

static int record_read(const struct ct *ct, struct strv *ret)
{
	_free_ char *path = str_printf("%s/" RECORD, ct->rundir);
	_buf_ struct buf b = BUF_INIT;
	int r = path ? io_read_at(AT_FDCWD, path, RECORD_MAX, &b) : -ENOMEM;

	if (r == -ENOENT)
		return 0;
	return r < 0 ? r : strv_split(ret, buf_str(&b), "\n");
}

static int record_write(const struct ct *ct, const struct strv *a, const struct strv *more)
{
	_free_ char *path = str_printf("%s/" RECORD, ct->rundir);
	_buf_ struct buf b = BUF_INIT;

	if (!path)
		return -ENOMEM;
	for (size_t i = 0; i < a->n; i++)
		buf_printf(&b, "%s\n", a->v[i]);
	for (size_t i = 0; more && i < more->n; i++)
		if (!strv_has(a, more->v[i]))
			buf_printf(&b, "%s\n", more->v[i]);
	if (b.failed)
		return -ENOMEM;
	if (b.len)
		return io_replace_volatile_at(AT_FDCWD, path, b.data, b.len, 0600);
	return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

static int record(const struct ct *ct, const struct strv *a, const struct strv *more, struct vz_err *e)
{
	int r = record_write(ct, a, more);

	return r < 0 ? err_sys(e, VZ_E_SYS, r, "cannot note the bind mounts of VPS '%s'", ct->idstr) : 0;
}

/* ---- taken from the node ---- */

/* Entries to what lib/fs wants; parts has one for each and outlives the call. */
static size_t wanted(const struct strv *l, struct cfg_bind *parts, struct fs_bind *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n && n < CFG_BINDS_MAX; i++) {
		struct cfg_bind *b = &parts[n];

		if (cfg_bind(l->v[i], b) < 0)
			continue;
		ret[n++] = (struct fs_bind){ .src = b->src, .dst = b->dst,
					     .ro = b->flags & CFG_BIND_RO,
					     .noexec = b->flags & CFG_BIND_NOEXEC,
					     .suid = b->flags & CFG_BIND_SUID,
					     .nomap = b->flags & CFG_BIND_NOMAP };
	}
	return n;
}

/* first: those that go before the entries, n of them, FS_BINDS_MAX - CFG_BINDS_MAX at most. */
static int take_with(const struct ct *ct, const struct fs_bind *first, size_t n, const struct strv *l,
		     bool unlocked, struct fs_binds *ret, struct vz_err *e)
{
	_free_ struct cfg_bind *parts = calloc(CFG_BINDS_MAX, sizeof(*parts));
	struct fs_bind want[FS_BINDS_MAX];

	if (!parts)
		return err_nomem(e);
	for (size_t i = 0; i < n; i++)
		want[i] = first[i];
	n += wanted(l, parts, want + n);
	return fs_binds_open(want, n, ct->base, unlocked, ret, e);
}

static int take(const struct ct *ct, const struct strv *l, bool unlocked, struct fs_binds *ret,
		struct vz_err *e)
{
	return take_with(ct, NULL, 0, l, unlocked, ret, e);
}

int bind_open(struct ct *ct, struct fs_binds *ret, struct vz_err *e)
{
	const struct strv *l = &ct->cfg->bindmount;
	struct fs_bind native[NATIVE_MAX];
	size_t n = 0;
	int r = native_list(ct, native, &n, e);

	*ret = (struct fs_binds){ 0 };
	if (r == 0 && l->n)
		r = record(ct, l, NULL, e);
	if (r == 0 && l->n + n)
		r = take_with(ct, native, n, l, false, ret, e);
	while (n)
		free((char *)(uintptr_t)native[--n].src);
	return r;
}

/* ---- of a VPS that runs ---- */

/* Whatever the VPS did meanwhile: is it that mount which is seen there? */
static bool is_there(int root, const char *entry)
{
	_fd_ int fd = -1;
	struct cfg_bind b;

	if (cfg_bind(entry, &b) < 0 || path_open_in(root, b.dst, O_PATH | O_NOFOLLOW, 0, &fd) < 0)
		return false;
	return kmnt_same_file(b.src, fd) == 1;
}

/* What is not there of `want`, or is there otherwise, goes to ret. */
static int missing(const struct ct *ct, const struct strv *had, const struct strv *want, struct strv *ret)
{
	char path[32];
	_fd_ int root = -1;
	int r = 0;

	snprintf(path, sizeof(path), "/proc/%d/root", ct->st.init.pid);
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -errno;
	for (size_t i = 0; r == 0 && i < want->n; i++)
		if (!strv_has(had, want->v[i]) || !is_there(root, want->v[i]))
			r = strv_add(ret, want->v[i]);
	return r;
}

/* true: there is one to take away */
static bool plan_away(struct plan *p, const struct strv *had, const struct strv *want)
{
	bool any = false;
	struct cfg_bind b;

	for (size_t i = 0; i < had->n; i++)
		if (!strv_has(want, had->v[i]) && cfg_bind(had->v[i], &b) == 0) {
			PLAN(p, UNMOUNT, .s1 = b.dst);
			any = true;
		}
	return any;
}

static int change(struct ct *ct, const struct strv *had, const struct strv *want, const struct strv *add,
		  struct vz_err *e)
{
	_plan_ struct plan *p = plan_new();
	struct fs_binds binds;
	int r;

	if (!p)
		return err_nomem(e);
	r = take(ct, add, false, &binds, e);
	if (r == 0)
		r = record(ct, want, had, e);
	if (r < 0) {
		fs_binds_close(&binds);
		return r;
	}
	inside_plan_enter(p, ct, INSIDE_MOUNTS);
	plan_away(p, had, want);
	fs_plan_binds(p, &binds);
	PLAN(p, EXIT);
	r = inside_run(ct, p, e);
	fs_binds_close(&binds);
	return r < 0 ? r : record(ct, want, NULL, e);
}

int apply_binds(struct ct *ct, const struct vz_cfg *cfg, bool start, struct vz_err *e)
{
	_strv_ struct strv had = { 0 }, add = { 0 };
	const struct strv *want = &cfg->bindmount;
	bool gone = false;
	int r = start ? 0 : record_read(ct, &had);

	if (start || (r == 0 && !had.n && !want->n))
		return 0;
	if (r == 0)
		r = missing(ct, &had, want, &add);
	if (r < 0)
		return err_sys(e, VZ_E_MOUNT, r, "cannot look at the bind mounts of VPS '%s'", ct->idstr);
	for (size_t i = 0; i < had.n; i++)
		gone |= !strv_has(want, had.v[i]);
	return add.n || gone ? change(ct, &had, want, &add, e) : 0;
}

/* ---- suspend and resume ---- */

void bind_cpt_free(struct cpt_bind *l, size_t n)
{
	for (size_t i = 0; l && i < n; i++) {
		free(l[i].inside);
		free(l[i].outside);
	}
	free(l);
}

int bind_cpt_list(const struct ct *ct, struct cpt_bind **ret, size_t *ret_n, struct vz_err *e)
{
	_strv_ struct strv had = { 0 };
	struct cfg_bind b;
	int r = record_read(ct, &had);

	*ret_n = 0;
	*ret = calloc(had.n + 1, sizeof(**ret));
	for (size_t i = 0; r == 0 && *ret && i < had.n; i++) {
		if (cfg_bind(had.v[i], &b) < 0)
			continue;
		(*ret)[*ret_n].inside = strdup(b.dst);
		r = (*ret)[(*ret_n)++].inside ? 0 : -ENOMEM;
	}
	if (r == 0 && *ret)
		return 0;
	return err_sys(e, VZ_E_SUSPEND, r < 0 ? r : -ENOMEM, "cannot read the bind mounts of VPS '%s'",
		       ct->idstr);
}

static char *stage_path(const struct ct *ct, size_t i)
{
	return str_printf("%s/" STAGE "/%s/%zu", ct->vz->rundir, ct->idstr, i);
}

/* CRIU opens them when it is the VPS's root already, and nobody else on the node may: as the dump. */
static int stage_folder(const struct ct *ct)
{
	_free_ char *path = str_printf("%s/" STAGE "/%s", ct->vz->rundir, ct->idstr);
	int r = path ? path_mkdirs(path, 0711) : -ENOMEM;

	if (r == 0 && (chown(path, 0, ct->base) < 0 || chmod(path, 0710) < 0))
		r = -errno;
	return r;
}

static int stage_one(const struct ct *ct, size_t i, int fd, bool is_dir, char **ret)
{
	_free_ char *path = stage_path(ct, i);
	_fd_ int file = -1;
	int r = 0;

	if (!path)
		return -ENOMEM;
	if (is_dir) {
		r = mkdir(path, 0700) < 0 && errno != EEXIST ? -errno : 0;
	} else {
		file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		r = file < 0 ? -errno : 0;
	}
	if (r == 0)
		r = kmnt_attach(fd, path);
	if (r == 0)
		*ret = TAKE_PTR(path);
	return r;
}

int bind_stage(struct ct *ct, struct cpt_bind **ret, size_t *ret_n, struct vz_err *e)
{
	const struct strv *l = &ct->cfg->bindmount;
	struct fs_binds binds = { 0 };
	int r;

	*ret_n = 0;
	*ret = calloc(l->n + 1, sizeof(**ret));
	if (!*ret)
		return err_nomem(e);
	bind_unstage(ct);
	if (!l->n)
		return 0;
	r = record(ct, l, NULL, e);
	if (r == 0) {
		r = stage_folder(ct);
		if (r < 0)
			err_sys(e, VZ_E_RESUME, r, "cannot make a folder for the bind mounts of VPS '%s'",
				ct->idstr);
	}
	if (r == 0)
		r = take(ct, l, true, &binds, e);
	for (unsigned int i = 0; r == 0 && i < binds.n; i++) {
		struct cpt_bind *b = &(*ret)[(*ret_n)++];

		r = stage_one(ct, i, binds.fd[i], binds.is_dir[i], &b->outside);
		b->inside = r == 0 ? strdup(binds.dst[i]) : NULL;
		if (r == 0 && !b->inside)
			r = -ENOMEM;
		if (r < 0)
			err_sys(e, VZ_E_RESUME, r, "cannot mount what '%s' of VPS '%s' shows", binds.dst[i],
				ct->idstr);
	}
	fs_binds_close(&binds);
	return r;
}

void bind_forget(const struct ct *ct)
{
	static const struct strv none;

	bind_unstage(ct);
	(void)record_write(ct, &none, NULL);
}

void bind_unstage(const struct ct *ct)
{
	_free_ char *folder = str_printf("%s/" STAGE "/%s", ct->vz->rundir, ct->idstr);
	_free_ char *all = str_printf("%s/" STAGE, ct->vz->rundir);

	if (!folder || !all || !path_exists_at(AT_FDCWD, folder))
		return;
	for (size_t i = 0; i < FS_BINDS_MAX; i++) {
		_free_ char *path = stage_path(ct, i);

		while (path && kmnt_is_mount_point(path) && kmnt_detach_one(path) == 0)
			;
		if (path && unlink(path) < 0)
			(void)rmdir(path);
	}
	(void)rmdir(folder);
	(void)rmdir(all); /* unless another VPS is being resumed */
}
