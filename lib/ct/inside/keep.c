// SPDX-License-Identifier: LGPL-2.1-or-later
/* Accounts and keys: read below the old root, never outside of it, and written where nobody else writes. */
#include "ct/inside/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vz/area.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "ct/ct.h"
#include "ct/inside/guestfiles.h"
#include "guest/accounts.h"

#define KEY_MAX (64u << 10)

const struct vz_kept keep_names[] = {
	{ "accounts", "users and groups from id 1000 on, their passwords and root's" },
	{ "hostkeys", "ssh host keys: /etc/ssh/ssh_host_*, /etc/dropbear/*_host_key" },
	{ "rootkeys", "/root/.ssh" },
	{ "home", "/home" },
	{ NULL, NULL },
};

static const struct {
	unsigned bit;
	const char *dir, *prefix, *suffix;
	mode_t dirmode;
} rows[] = {
	{ KEEP_HOSTKEYS, "etc/ssh", "ssh_host_", "", 0755 },
	{ KEEP_HOSTKEYS, "etc/dropbear", "", "_host_key", 0755 },
	{ KEEP_ROOTKEYS, "root/.ssh", "", "", 0700 },
};

void keep_done(struct keep *k)
{
	for (int i = 0; i < GUEST_NTABLES; i++)
		buf_done(&k->table[i]);
	for (size_t i = 0; i < k->n; i++) {
		if (k->file[i].data.data)
			explicit_bzero(k->file[i].data.data, k->file[i].data.size);
		buf_done(&k->file[i].data);
		free(k->file[i].dir);
		free(k->file[i].name);
	}
	k->n = 0;
}

int keep_parse(const char *list, unsigned *ret, struct vz_err *e)
{
	_strv_ struct strv words = { 0 };
	unsigned bits = 0;

	if (!list) {
		*ret = KEEP_ALL;
		return 0;
	}
	if (strv_split(&words, list, ",") < 0)
		return err_nomem(e);
	for (size_t i = 0; i < words.n; i++) {
		size_t n = 0;

		while (keep_names[n].name && !str_eq(keep_names[n].name, words.v[i]))
			n++;
		if (!keep_names[n].name)
			return err_set(e, VZ_E_PARAM, -EINVAL, "'%.60s' is nothing that reinstall keeps",
				       words.v[i]);
		bits |= 1u << n;
	}
	*ret = bits;
	return 0;
}

/* One plain file of an open folder; links are not followed, so that nothing else is taken for a key. */
static int take_file(struct keep *k, int dir, const char *dirname, const char *name)
{
	_fd_ int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct keep_file *f = &k->file[k->n];
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (k->n == KEEP_FILES_MAX)
		return -E2BIG;
	*f = (struct keep_file){ .mode = st.st_mode & 0755 };
	r = io_read_fd(fd, KEY_MAX, &f->data);
	f->dir = strdup(dirname);
	f->name = strdup(name);
	if (r == 0 && (!f->dir || !f->name))
		r = -ENOMEM;
	if (r < 0) {
		buf_done(&f->data);
		free(f->dir);
		free(f->name);
		return r;
	}
	k->n++;
	return 0;
}

static void take_folder(struct ct *ct, struct keep *k, int root, size_t row)
{
	_dir_ DIR *d = NULL;
	struct dirent *de;
	int fd;

	if (path_open_in(root, rows[row].dir, O_RDONLY | O_DIRECTORY, 0, &fd) < 0)
		return;
	d = fdopendir(fd);
	if (!d) {
		close(fd);
		return;
	}
	while ((de = readdir(d))) {
		int r;

		if (de->d_name[0] == '.' || !str_has_prefix(de->d_name, rows[row].prefix) ||
		    !str_has_suffix(de->d_name, rows[row].suffix))
			continue;
		r = take_file(k, dirfd(d), rows[row].dir, de->d_name);
		if (r < 0)
			log_msg(&ct->vz->log, -1, "VPS %s: /%s/%.100s is not taken over: %s", ct->idstr,
				rows[row].dir, de->d_name, strerror(-r));
	}
}

int keep_read(struct ct *ct, struct keep *k, struct vz_err *e)
{
	_fd_ int root = open(ct->root, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return err_sys(e, VZ_E_REINSTALL, -errno, "cannot open '%s'", ct->root);
	for (int i = 0; k->what & KEEP_ACCOUNTS && i < GUEST_NTABLES; i++) {
		int r = guestfiles_read(ct, guest_tables[i].path, &k->table[i]);

		k->has[i] = r == 0 ? &k->table[i] : NULL;
		if (r < 0 && r != -ENOENT)
			log_msg(&ct->vz->log, -1, "VPS %s: %s is not taken over: %s", ct->idstr,
				guest_tables[i].path, strerror(-r));
	}
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (k->what & rows[i].bit)
			take_folder(ct, k, root, i);
	return 0;
}

/* The folder in the upper layer, with the mode and owner that it has in the template, or `mode`. */
static int make_folder(int upper, int base, const char *path, mode_t mode, int *ret_fd)
{
	_fd_ int at = openat(upper, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_buf_ struct buf sofar = BUF_INIT;
	_strv_ struct strv parts = { 0 };
	int r = at < 0 ? -errno : strv_split(&parts, path, "/");

	for (size_t i = 0; r == 0 && i < parts.n; i++) {
		struct stat st = { .st_mode = i + 1 < parts.n ? 0755 : mode };
		int fd;

		r = buf_printf(&sofar, "%s%s", i ? "/" : "", parts.v[i]);
		if (r < 0)
			return r;
		if (fstatat(base, buf_str(&sofar), &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISDIR(st.st_mode))
			return -ENOTDIR;
		if (mkdirat(at, parts.v[i], 0700) < 0 && errno != EEXIST)
			return -errno;
		fd = openat(at, parts.v[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			return -errno;
		close(at);
		at = fd;
		if (fchown(at, st.st_uid, st.st_gid) < 0 || fchmod(at, st.st_mode & 07777) < 0)
			return -errno;
	}
	if (r == 0)
		*ret_fd = TAKE_FD(at);
	return r;
}

static int write_file(int upper, int base, const struct keep_file *f)
{
	_fd_ int dir = -1;
	mode_t mode = 0755;
	int r;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (str_eq(rows[i].dir, f->dir))
			mode = rows[i].dirmode;
	r = make_folder(upper, base, f->dir, mode, &dir);
	return r < 0 ? r : io_create_at(dir, f->name, buf_str(&f->data), f->data.len, f->mode);
}

/* A table that differs from the template's gets that one's mode and owner. */
static int write_table(int upper, int base, enum guest_table t, const struct buf *fresh,
		       const struct buf *text)
{
	const char *path = guest_tables[t].path + 1, *name = strrchr(path, '/') + 1;
	struct stat st = { .st_mode = guest_tables[t].mode };
	_fd_ int dir = -1;
	int r;

	if (text->len == 0 || (text->len == fresh->len && memcmp(text->data, fresh->data, text->len) == 0))
		return 0;
	(void)fstatat(base, path, &st, AT_SYMLINK_NOFOLLOW);
	r = make_folder(upper, base, "etc", 0755, &dir);
	if (r == 0)
		r = io_create_at(dir, name, text->data, text->len, st.st_mode & 0777);
	if (r == 0 && fchownat(dir, name, st.st_uid, st.st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		r = -errno;
	return r;
}

static int write_accounts(const struct keep *k, int upper, int base)
{
	struct buf fresh[GUEST_NTABLES] = { 0 }, out[GUEST_NTABLES] = { 0 };
	const struct buf *has[GUEST_NTABLES] = { NULL };
	int r = 0;

	for (int i = 0; r == 0 && i < GUEST_NTABLES; i++) {
		r = io_read_at(base, guest_tables[i].path + 1, 1u << 20, &fresh[i]);
		has[i] = r == 0 ? &fresh[i] : NULL;
		r = r == -ENOENT ? 0 : r;
	}
	if (r == 0)
		r = guest_accounts_merge(k->has, has, out);
	for (int i = 0; r == 0 && i < GUEST_NTABLES; i++)
		r = write_table(upper, base, i, &fresh[i], &out[i]);
	for (int i = 0; i < GUEST_NTABLES; i++) {
		buf_done(&fresh[i]);
		buf_done(&out[i]);
	}
	return r;
}

int keep_write(const struct keep *k, int upper, int base, struct vz_err *e)
{
	int r = 0;

	if (k->what & KEEP_ACCOUNTS) {
		r = write_accounts(k, upper, base);
		if (r < 0)
			return err_sys(e, r == -ENOSPC ? VZ_E_NO_SPACE : VZ_E_REINSTALL, r,
				       "cannot take the accounts over");
	}
	for (size_t i = 0; i < k->n; i++) {
		r = write_file(upper, base, &k->file[i]);
		if (r < 0)
			return err_sys(e, r == -ENOSPC ? VZ_E_NO_SPACE : VZ_E_REINSTALL, r,
				       "cannot take /%s/%.100s over", k->file[i].dir, k->file[i].name);
	}
	return 0;
}
