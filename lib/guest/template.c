/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Open, list, verify and remove templates. */
#include "guest/template.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/json.h"
#include "base/path.h"
#include "guest/digest.h"
#include "guest/names.h"
#include "kern/mount.h"

#define LAYOUT_FILE "layout.json"
#define LAYOUT_MAX  (64u << 10)

void template_done(struct template *t)
{
	cleanup_fd(&t->rootfd);
	cleanup_fd(&t->dirfd); /* and with it the lock */
	manifest_done(&t->m);
}

static int missing(const char *dir, const char *name, struct vz_err *e)
{
	return err_set(e, VZ_E_TEMPLATE_MISSING, -ENOENT, "template '%s' is not in '%s'", name, dir);
}

/* Does the name still lead to what we have open? Not when it was being removed. */
static bool still_there(int parent, const char *name, int fd)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && fstatat(parent, name, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static int open_folder(const char *dir, const char *name, int lock, int *ret_fd, struct vz_err *e)
{
	_fd_ int parent = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_fd_ int fd = -1;

	if (!manifest_name_ok(name))
		return err_set(e, VZ_E_PARAM, -EINVAL, "'%.64s' is not a template's name", name);
	if (parent < 0 && errno == ENOENT)
		return missing(dir, name, e);
	if (parent < 0)
		return err_sys(e, VZ_E_SYS, -errno, "cannot open '%s'", dir);
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return missing(dir, name, e);
	if (fd < 0)
		return err_sys(e, VZ_E_BAD_TEMPLATE, -errno, "cannot open template '%s'", name);
	if (flock(fd, lock | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK && lock == LOCK_EX)
			return err_set(e, VZ_E_LOCKED, -EBUSY, "template '%s' is in use", name);
		if (errno != EWOULDBLOCK)
			return err_sys(e, VZ_E_SYS, -errno, "cannot lock template '%s'", name);
		return missing(dir, name, e); /* on its way out */
	}
	if (!still_there(parent, name, fd))
		return missing(dir, name, e);
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int template_open(const char *dir, const char *name, struct template *t, struct vz_err *e)
{
	int r = open_folder(dir, name, LOCK_SH, &t->dirfd, e);

	if (r < 0)
		return r;
	t->rootfd = openat(t->dirfd, TEMPLATE_ROOT,
			   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (t->rootfd < 0)
		return err_sys(e, VZ_E_BAD_TEMPLATE, -errno, "cannot open the tree of template '%s'",
			       name);
	return manifest_read(t->dirfd, name, &t->m, e);
}

/* The base of one layer, as it is now. */
static int open_base(const char *dir, const struct manifest *m, struct template *base, struct vz_err *e)
{
	int r = template_open(dir, m->base, base, e);

	if (r < 0)
		return err_prefix(e, r, "template '%s'", m->name);
	if (!str_eq(base->m.digest, m->base_digest))
		return err_set(e, VZ_E_BAD_TEMPLATE, -EBADMSG,
			       "template '%s' was built on another '%s' than the one that is there",
			       m->name, m->base);
	return 0;
}

int template_layers(const char *dir, const struct template *t, struct strv *ret, struct vz_err *e)
{
	struct template at[2] = { TEMPLATE_INIT, TEMPLATE_INIT };
	const struct manifest *m = &t->m;
	int r = strv_add(ret, m->name) < 0 ? err_nomem(e) : 0;

	while (r == 0 && m->base[0]) {
		struct template *next = &at[ret->n % 2];

		template_done(next);
		*next = (struct template)TEMPLATE_INIT;
		r = ret->n < TEMPLATE_LAYERS_MAX ? open_base(dir, m, next, e) :
					  err_set(e, VZ_E_BAD_TEMPLATE, -ELOOP,
						  "template '%s' has more than %d layers", t->m.name,
						  TEMPLATE_LAYERS_MAX);
		if (r == 0 && strv_add(ret, next->m.name) < 0)
			r = err_nomem(e);
		m = &next->m;
	}
	template_done(&at[0]);
	template_done(&at[1]);
	return r;
}

int template_view(const char *dir, const struct strv *layers, int *ret_fd, struct vz_err *e)
{
	_strv_ struct strv paths = { 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < layers->n; i++) {
		_free_ char *p = str_printf("%s/%s/" TEMPLATE_ROOT, dir, layers->v[i]);

		r = p ? strv_add(&paths, p) : -ENOMEM;
	}
	if (r == 0 && paths.n == 1) {
		*ret_fd = open(paths.v[0], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		r = *ret_fd < 0 ? -errno : 0;
	} else if (r == 0) {
		r = kmnt_view((const char *const *)paths.v, paths.n, ret_fd);
	}
	return r < 0 ? err_sys(e, r == -ENOENT ? VZ_E_TEMPLATE_MISSING : VZ_E_BAD_TEMPLATE, r,
			       "cannot open the tree of template '%s'", layers->v[0]) :
		       0;
}

int template_list(const char *dir, struct strv *ret, struct vz_err *e)
{
	_fd_ int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_strv_ struct strv names = { 0 };
	int r = fd < 0 ? -errno : names_read(fd, &names);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return err_sys(e, VZ_E_SYS, r, "cannot read '%s'", dir);
	for (size_t i = 0; i < names.n; i++) {
		_free_ char *path = str_printf("%s/" MANIFEST_FILE, names.v[i]);

		if (!path)
			return err_nomem(e);
		if (!manifest_name_ok(names.v[i]) || !path_exists_at(fd, path))
			continue;
		if (strv_add(ret, names.v[i]) < 0)
			return err_nomem(e);
	}
	return 0;
}

static int verify_layer(const char *dir, const char *name, struct vz_err *e)
{
	_template_ struct template t = TEMPLATE_INIT;
	struct tree_facts now;
	int r = template_open(dir, name, &t, e);

	if (r < 0)
		return r;
	r = digest_tree(t.rootfd, &now, e);
	if (r < 0)
		return err_prefix(e, r, "template '%s'", name);
	if (!str_eq(now.digest, t.m.digest + strlen("sha256:")))
		return err_set(e, VZ_E_BAD_TEMPLATE, -EBADMSG,
			       "template '%s' has changed since it was built: %llu entries and "
			       "%llu bytes then, %llu and %llu now",
			       name, (unsigned long long)t.m.entries,
			       (unsigned long long)t.m.bytes, (unsigned long long)now.entries,
			       (unsigned long long)now.bytes);
	return 0;
}

int template_verify(const char *dir, const char *name, struct vz_err *e)
{
	_template_ struct template t = TEMPLATE_INIT;
	_strv_ struct strv layers = { 0 };
	int r = template_open(dir, name, &t, e);

	if (r == 0)
		r = template_layers(dir, &t, &layers, e);
	for (size_t i = 0; r == 0 && i < layers.n; i++)
		r = verify_layer(dir, layers.v[i], e);
	return r;
}

/* What killed builds and removals left. A name that cannot be removed stays for the next time. */
static void clear_rubbish(int parent)
{
	_strv_ struct strv names = { 0 };

	(void)names_read(parent, &names);
	for (size_t i = 0; i < names.n; i++)
		if (names.v[i][0] == '.' && (str_has_suffix(names.v[i], ".new") ||
					     str_has_suffix(names.v[i], ".old")))
			(void)path_remove_tree_at(parent, names.v[i]);
}

int template_lock_dir(const char *dir, int *ret_fd, struct vz_err *e)
{
	_fd_ int fd = -1;
	int r = path_mkdirs(dir, 0755);

	if (r < 0)
		return err_sys(e, VZ_E_MKDIR, r, "cannot make '%s'", dir);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, VZ_E_SYS, -errno, "cannot open '%s'", dir);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK)
			return err_set(e, VZ_E_LOCKED, -EBUSY,
				       "another build or removal is at work in '%s'", dir);
		return err_sys(e, VZ_E_SYS, -errno, "cannot lock '%s'", dir);
	}
	clear_rubbish(fd);
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* Does this private area stand on the template? One that cannot be read might. */
static int refers(const char *private, const char *name, struct vz_err *e)
{
	_buf_ struct buf text = BUF_INIT;
	_json_ json_t *j = NULL;
	_free_ char *path = str_printf("%s/" LAYOUT_FILE, private);
	const json_t *lower;
	int r;

	if (!path)
		return err_nomem(e);
	r = io_read_at(AT_FDCWD, path, LAYOUT_MAX, &text);
	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	if (r < 0 || json_parse(buf_str(&text), text.len, &j, NULL) < 0)
		return err_set(e, VZ_E_LOCKED, -EBUSY,
			       "template '%s' may be in use: '%s' cannot be read", name, path);
	lower = json_object_get(j, "lower");
	for (size_t i = 0; i < json_array_size(lower); i++) {
		const char *s = json_string_value(json_array_get(lower, i));

		if (s && str_eq(s, name))
			return err_set(e, VZ_E_LOCKED, -EBUSY, "template '%s' is in use by '%s'",
				       name, private);
	}
	return 0;
}

/* Is it the base of another one? One that cannot be read might stand on it. The lock on dir is held. */
static int carries(const char *dir, const char *name, struct vz_err *e)
{
	_strv_ struct strv names = { 0 };
	int r = template_list(dir, &names, e);

	for (size_t i = 0; r == 0 && i < names.n; i++) {
		_template_ struct template t = TEMPLATE_INIT;

		if (str_eq(names.v[i], name))
			continue;
		r = template_open(dir, names.v[i], &t, NULL);
		if (r < 0 || str_eq(t.m.base, name))
			r = err_set(e, VZ_E_LOCKED, -EBUSY, "template '%s' %s in use by template '%s'", name,
				    r < 0 ? "may be" : "is", names.v[i]);
	}
	return r;
}

int template_take(const char *dir, const char *name, const struct strv *privates, int *ret_fd,
		  struct vz_err *e)
{
	_fd_ int fd = -1;
	int r = open_folder(dir, name, LOCK_EX, &fd, e);

	if (r == 0)
		r = carries(dir, name, e);
	for (size_t i = 0; r == 0 && i < privates->n; i++)
		r = refers(privates->v[i], name, e);
	if (r == 0)
		*ret_fd = TAKE_FD(fd);
	return r;
}

int template_remove(const char *dir, const char *name, const struct strv *privates,
		    struct vz_err *e)
{
	_fd_ int parent = -1;
	_fd_ int fd = -1;
	char gone[72];
	int r = template_lock_dir(dir, &parent, e);

	if (r == 0)
		r = template_take(dir, name, privates, &fd, e);
	if (r < 0)
		return r;
	(void)snprintf(gone, sizeof(gone), ".%s.old", name);
	if (renameat(parent, name, parent, gone) < 0)
		return err_sys(e, VZ_E_SYS, -errno, "cannot remove template '%s'", name);
	r = path_remove_tree_at(parent, gone);
	return r < 0 ? err_sys(e, VZ_E_SYS, r, "cannot remove all of template '%s'", name) : 0;
}
