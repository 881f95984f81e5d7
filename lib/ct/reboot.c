// SPDX-License-Identifier: LGPL-2.1-or-later
/* The list of VPSs that ran when the node went down, and what is started from it. */
#include "ct/reboot.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/num.h"
#include "base/path.h"
#include "base/str.h"
#include "ct/ct.h"
#include "ct/stage.h"
#include "param/param.h"

#define LIST_DIR "vzreboot"
/* There since a going down that has written the whole list, until the next coming up. */
#define GOING_DOWN ".down"
#define STOP_TIMEOUT_S 120

void reboot_done(struct reboot_list *l)
{
	free(l->v);
	*l = (struct reboot_list){ 0 };
}

static int open_list(const struct vz *vz, bool make, int *ret_fd)
{
	_free_ char *path = str_printf("%s/" LIST_DIR, vz->statedir);
	int r = path ? 0 : -ENOMEM;
	int fd;

	if (r == 0 && make)
		r = path_mkdirs(path, 0755);
	if (r < 0)
		return r;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

static int make_file(int dir, const char *name)
{
	_fd_ int fd = openat(dir, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644);

	return fd < 0 ? -errno : 0;
}

static bool list_has(const struct reboot_list *l, const char *name)
{
	uint32_t id;

	for (size_t i = 0; num_u32(name, &id) == 0 && i < l->n; i++) {
		if (l->v[i].id == id && l->v[i].running)
			return true;
	}
	return false;
}

/* Names of others stay: the folder is not ours alone. */
static int drop_others(int dir, const struct reboot_list *l)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_dir_ DIR *d = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *de;
	uint32_t id;

	if (!d) {
		int r = -errno;

		cleanup_fd(&copy);
		return r;
	}
	while ((de = readdir(d))) {
		if (num_u32(de->d_name, &id) == 0 && !list_has(l, de->d_name) &&
		    unlinkat(dir, de->d_name, 0) < 0 && errno != ENOENT)
			return -errno;
	}
	return 0;
}

/* New names first, and on disk, before an old one goes: whenever the power fails, nobody is lost. */
static int write_list(int dir, const struct reboot_list *l)
{
	bool again = path_exists_at(dir, GOING_DOWN);
	int r = 0;

	for (size_t i = 0; r == 0 && i < l->n; i++) {
		char name[12];

		(void)snprintf(name, sizeof(name), "%u", l->v[i].id);
		r = l->v[i].running ? make_file(dir, name) : 0;
	}
	if (r == 0)
		r = path_sync_dir(dir);
	ct_crash_point("down", "list", "before");
	if (r == 0 && !again)
		r = drop_others(dir, l);
	if (r == 0)
		r = make_file(dir, GOING_DOWN);
	if (r == 0)
		r = path_sync_dir(dir);
	ct_crash_point("down", "list", "after");
	return r;
}

int reboot_note(struct vz *vz, const struct reboot_list *l, struct vz_err *e)
{
	_fd_ int dir = -1;
	int r = open_list(vz, true, &dir);

	if (r == 0)
		r = write_list(dir, l);
	return r < 0 ? err_sys(e, VZ_E_SYS, r, "cannot write down in '%s/" LIST_DIR "' which VPSs run",
			       vz->statedir) :
		       0;
}

void reboot_forget(struct vz *vz, uint32_t id)
{
	_fd_ int dir = -1;
	char name[12];

	(void)snprintf(name, sizeof(name), "%u", id);
	if (open_list(vz, false, &dir) == 0)
		(void)unlinkat(dir, name, 0);
}

void reboot_came_up(struct vz *vz)
{
	_fd_ int dir = -1;

	if (open_list(vz, false, &dir) == 0)
		(void)unlinkat(dir, GOING_DOWN, 0);
}

/* As vzlist -s-bootorder. */
static int by_order(const void *a, const void *b)
{
	const struct reboot_row *x = a, *y = b;

	if (x->has_order != y->has_order)
		return y->has_order - x->has_order;
	if (x->order != y->order)
		return x->order < y->order ? 1 : -1;
	return (x->id > y->id) - (x->id < y->id);
}

static int by_order_backwards(const void *a, const void *b)
{
	return by_order(b, a);
}

static void fill(struct reboot_row *row, const struct ct *ct)
{
	const struct vz_cfg *c = ct->cfg;

	row->id = ct->id;
	row->has_order = cfg_has(c, VZ_P_BOOTORDER);
	row->order = row->has_order ? c->bootorder : 0;
	row->stop_timeout_s = cfg_has(c, VZ_P_STOP_TIMEOUT) && c->stop_timeout ?
				      (unsigned)c->stop_timeout :
				      STOP_TIMEOUT_S;
	row->running = ct_is_running(ct);
	row->mounted = row->running || ct_is_mounted(ct);
}

static int collect(struct vz *vz, bool (*pick)(struct vz *vz, struct ct *ct, int list), int list,
		   struct reboot_list *ret, unsigned *ret_bad, struct vz_err *e)
{
	_free_ uint32_t *ids = NULL;
	size_t n = 0;
	int r = node_list(vz, &ids, &n, e);

	if (r < 0)
		return r;
	ret->v = calloc(n + 1, sizeof(*ret->v));
	if (!ret->v)
		return err_nomem(e);
	for (size_t i = 0; i < n; i++) {
		struct vz_err mine = { 0 };
		struct ct *ct = NULL;

		/* One bad file must not hold up the others; one that has just gone is no bad one. */
		r = ct_open(vz, ids[i], 0, &ct, &mine);
		if (r == -ENOENT)
			continue;
		if (r < 0) {
			log_msg(&vz->log, -1, "VPS %u is left out: %s", ids[i], mine.text);
			++*ret_bad;
			continue;
		}
		if (pick(vz, ct, list))
			fill(&ret->v[ret->n++], ct);
		ct_close(ct);
	}
	return 0;
}

static bool is_wanted(struct vz *vz, struct ct *ct, int list)
{
	const struct vz_cfg *c = ct->cfg;
	int onboot = cfg_has(c, VZ_P_ONBOOT) ? c->onboot : ONBOOT_AUTO;
	bool ran = list >= 0 && path_exists_at(list, ct->idstr);

	if (cfg_has(c, VZ_P_DISABLED) && c->disabled)
		onboot = ONBOOT_NO;
	if (ran && onboot == ONBOOT_NO)
		reboot_forget(vz, ct->id);
	return onboot == ONBOOT_YES || (ran && onboot != ONBOOT_NO);
}

static bool is_present(struct vz *vz, struct ct *ct, int list)
{
	(void)vz, (void)list;
	return ct_is_running(ct) || ct_is_mounted(ct);
}

int reboot_wanted(struct vz *vz, struct reboot_list *ret, unsigned *ret_bad, struct vz_err *e)
{
	_fd_ int list = -1;
	int r = open_list(vz, false, &list);

	if (r < 0 && r != -ENOENT)
		return err_sys(e, VZ_E_SYS, r, "cannot read '%s/" LIST_DIR "'", vz->statedir);
	r = collect(vz, is_wanted, list, ret, ret_bad, e);
	if (r == 0 && ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_order);
	return r;
}

int reboot_present(struct vz *vz, struct reboot_list *ret, unsigned *ret_bad, struct vz_err *e)
{
	int r = collect(vz, is_present, -1, ret, ret_bad, e);

	if (r == 0 && ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_order_backwards);
	return r;
}
