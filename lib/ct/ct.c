// SPDX-License-Identifier: LGPL-2.1-or-later
/* Open a VPS: its files, its lock, what is true of it. */
#include "ct/ct.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "cgroup/cg.h"
#include "ct/durable.h"
#include "ct/inside/inside.h"
#include "ct/limit/respool.h"
#include "ct/name.h"
#include "ct/stage.h"
#include "fs/fs.h"
#include "kern/idmap.h"
#include "kern/pidfd.h"
#include "param/cfgfile.h"
#include "param/param.h"

#define ENDED_WAIT_MS 2000
#define ENDED_POLL_MS 20

static int read_conf(struct ct *ct, const char *path, struct vz_err *e)
{
	struct cfgfile f = { .dirfd = AT_FDCWD, .path = path, .missing = VZ_E_NO_CONF,
			     .log = ct->vz->log };
	int r = cfgfile_read(&f, ct->own, e);

	return r < 0 ? r : 0;
}

static int expand(const char *pattern, const char *id, char **ret)
{
	free(*ret);
	*ret = NULL;
	if (!pattern || !*pattern)
		return 0;
	*ret = cfgfile_expand(pattern, id);
	return *ret ? 0 : -ENOMEM;
}

/* All values: the node's under the VPS's own. */
static int merge(struct ct *ct)
{
	cfg_clear(ct->cfg);
	if (cfg_merge(ct->cfg, ct->vz->cfg) < 0)
		return -ENOMEM;
	/* LOCAL_UID in vz.conf is the node's first id, not this VPS's. */
	cfg_unset(ct->cfg, VZ_P_LOCAL_UID);
	if (cfg_merge(ct->cfg, ct->own) < 0)
		return -ENOMEM;
	return expand(ct->cfg->ve_private, ct->idstr, &ct->private) < 0 ||
			       expand(ct->cfg->ve_root, ct->idstr, &ct->root) < 0 ?
		       -ENOMEM :
		       0;
}

/* Folders of the VPS alone: whole paths, without a way back, and not the node's root. */
static int check_path(const struct ct *ct, const char *key, const char *path, struct vz_err *e)
{
	if (!path)
		return 0;
	if (path[0] != '/' || !path[1] || strstr(path, "/../") || str_has_suffix(path, "/.."))
		return err_set(e, VZ_E_BAD_CONF, -EINVAL, "%s of VPS '%s' cannot be '%.200s'", key,
			       ct->idstr, path);
	return 0;
}

static int check_paths(const struct ct *ct, struct vz_err *e)
{
	int r = check_path(ct, "VE_PRIVATE", ct->private, e);

	return r < 0 ? r : check_path(ct, "VE_ROOT", ct->root, e);
}

/* No configuration, but one that a create left behind its commit: complete it, unless it is at work. */
static void complete_create(struct ct *ct)
{
	_free_ char *fresh = durable_conf_new(ct);

	if (!fresh || read_conf(ct, fresh, NULL) < 0 || merge(ct) < 0)
		return;
	if (lock_take(&ct->lock, ct->vz->lockdir, ct->lockname, "completing", NULL) == 0) {
		if (durable_recover(ct, NULL) > 0 && cfg_has(ct->own, VZ_P_NAME))
			(void)name_link(ct, ct->own->name, NULL);
		lock_drop(&ct->lock);
	}
	cfg_clear(ct->own);
}

/* Which file it is: other programs replace it, and edit it in place. */
static struct ct_seen look_at_conf(const struct ct *ct)
{
	struct ct_seen seen = { 0 };
	struct stat st;

	if (stat(ct->conf, &st) == 0)
		seen = (struct ct_seen){ .dev = st.st_dev, .ino = st.st_ino, .size = st.st_size,
					 .sec = st.st_mtim.tv_sec, .nsec = st.st_mtim.tv_nsec };
	return seen;
}

static bool conf_is_other(const struct ct *ct)
{
	struct ct_seen now = look_at_conf(ct);

	return memcmp(&now, &ct->seen, sizeof(now)) != 0;
}

static int load_conf(struct ct *ct, unsigned flags, struct vz_err *e)
{
	struct vz_err mine = { 0 };
	int r;

	ct->seen = look_at_conf(ct); /* before: a change in between is seen later */
	r = read_conf(ct, ct->conf, &mine);
	if (r == -ENOENT) {
		complete_create(ct);
		mine = (struct vz_err){ 0 };
		r = read_conf(ct, ct->conf, &mine);
	}
	ct->has_conf = r == 0;
	if (r == -ENOENT && !(flags & CT_NO_CONF_OK))
		return err_set(e, VZ_E_NO_CONF, r, "there is no VPS '%s': no configuration '%s'",
			       ct->idstr, ct->conf);
	if (r < 0 && r != -ENOENT && !(flags & CT_BAD_CONF_OK)) {
		if (e && !e->code)
			*e = mine;
		return r;
	}
	return merge(ct) < 0 ? err_nomem(e) : check_paths(ct, e);
}

static int fill_paths(struct ct *ct)
{
	ct->conf = str_printf("%s/%s.conf", ct->vz->confdir, ct->idstr);
	ct->rundir = str_printf("%s/%s", ct->vz->rundir, ct->idstr);
	return ct->conf && ct->rundir ? 0 : -ENOMEM;
}

int ct_open(struct vz *vz, uint32_t id, unsigned flags, struct ct **ret, struct vz_err *e)
{
	struct ct *ct = calloc(1, sizeof(*ct));
	int r = ct ? 0 : -ENOMEM;

	if (!ct)
		return err_nomem(e);
	ct->vz = vz;
	ct->id = id;
	ct->lock = (struct lock)LOCK_INIT;
	ct->in.pidfd = ct->in.sock[0] = ct->in.sock[1] = -1;
	snprintf(ct->idstr, sizeof(ct->idstr), "%u", id);
	/* The name that other programs take it by, too. */
	snprintf(ct->lockname, sizeof(ct->lockname), "%u.lck", id);
	ct->own = cfg_new();
	ct->cfg = cfg_new();
	if (!ct->own || !ct->cfg || fill_paths(ct) < 0)
		r = err_nomem(e);
	if (r == 0)
		r = load_conf(ct, flags, e);
	if (r == 0)
		r = state_read(ct->rundir, &ct->st, e);
	if (r < 0) {
		ct_close(ct);
		return r;
	}
	ct->base = ct->st.base;
	*ret = ct;
	return 0;
}

void ct_close(struct ct *ct)
{
	if (!ct)
		return;
	inside_done(ct);
	lock_drop(&ct->lock);
	cg_free(ct->cg);
	cfg_free(ct->own);
	cfg_free(ct->cfg);
	free(ct->conf);
	free(ct->private);
	free(ct->root);
	free(ct->rundir);
	free(ct);
}

/* Who has it: the pid and its command line, in the words that operators know. */
static int say_locked(const struct ct *ct, pid_t holder, struct vz_err *e)
{
	_buf_ struct buf b = BUF_INIT;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/cmdline", holder);
	if (!holder || io_read_at(AT_FDCWD, path, 4096, &b) < 0 || !b.len)
		return err_set(e, VZ_E_LOCKED, -EBUSY, "VPS '%s' is already locked", ct->idstr);
	for (size_t i = 0; i + 1 < b.len; i++)
		if (b.data[i] == '\0' || (unsigned char)b.data[i] < ' ')
			b.data[i] = ' ';
	return err_set(e, VZ_E_LOCKED, -EBUSY, "VPS '%s' is already locked by pid %d: %.200s",
		       ct->idstr, holder, b.data);
}

/* Whoever is busy is busy, and nobody waits. But what a monitor becomes when its init has ended is nobody's
 * command: right after a start that was killed it only finds that there is nothing to do. */
static int lock_after_ended(struct ct *ct, const char *status, pid_t *ret_holder)
{
	uint64_t end = clock_ms() + ENDED_WAIT_MS;
	char now[32];
	int r;

	for (;;) {
		r = lock_take(&ct->lock, ct->vz->lockdir, ct->lockname, status, ret_holder);
		if (r != -EBUSY || clock_ms() > end)
			return r;
		lock_status(ct->vz->lockdir, ct->lockname, now, sizeof(now));
		/* None: it has just gone. */
		if (*now && strcmp(now, CT_LOCK_ENDED) != 0)
			return r;
		poll(NULL, 0, ENDED_POLL_MS);
	}
}

int ct_reload(struct ct *ct, struct vz_err *e)
{
	cfg_clear(ct->own);
	return load_conf(ct, CT_NO_CONF_OK, e);
}

int ct_lock(struct ct *ct, const char *status, bool skip, struct vz_err *e)
{
	pid_t holder = 0;
	int r;

	if (!skip) {
		r = lock_after_ended(ct, status, &holder);
		if (r == -EBUSY)
			return say_locked(ct, holder, e);
		if (r < 0)
			return err_sys(e, r == -ENOSPC ? VZ_E_NO_SPACE : VZ_E_LOCKED, r,
				       "cannot lock VPS '%s' in '%s'", ct->idstr, ct->vz->lockdir);
	}
	/* What was read before the lock may be old. */
	r = state_read(ct->rundir, &ct->st, e);
	ct->base = ct->st.base;
	ct->found = ct->st;
	if (r == 0)
		r = durable_recover(ct, e);
	if (r > 0 || (r == 0 && ct->has_conf && conf_is_other(ct))) {
		r = ct_reload(ct, e);
		if (r == 0 && ct->has_conf && cfg_has(ct->own, VZ_P_NAME))
			(void)name_link(ct, ct->own->name, NULL);
	}
	return r < 0 ? r : ct_recover(ct, e);
}

int ct_cgroup(struct ct *ct, struct vz_err *e)
{
	int r;

	/* It may have been started anew, in another pool, since somebody looked. */
	if (ct->cg && cg_is_in(ct->cg, ct->st.pool))
		return 0;
	cg_free(ct->cg);
	ct->cg = NULL;
	r = node_cgroups(ct->vz, e);
	if (r == 0 && str_eq(ct->st.op, STATE_DAMAGED))
		ct_pool_find(ct);
	return r < 0 ? r : cg_open_in(ct->vz->cgh, ct->st.pool, ct->idstr, &ct->cg, e);
}

bool ct_is_running(const struct ct *ct)
{
	_fd_ int fd = -1;

	return ct->st.init.pid && kpid_open(ct->st.init.pid, ct->st.init.start, &fd) == 0;
}

uint32_t ct_base_hint(const struct ct *ct)
{
	return ct->base			      ? ct->base :
	       cfg_has(ct->own, VZ_P_LOCAL_UID) ? (uint32_t)ct->own->local_uid :
						  0;
}

bool ct_is_mounted(const struct ct *ct)
{
	return ct->root && fs_root_is_mounted(ct->root, ct_base_hint(ct));
}

/* Ids on disk are those that the VPS sees. Areas of kernels that shift owners on disk have others. */
int ct_check_owner(const struct ct *ct, struct vz_err *e)
{
	struct stat st;

	if (stat(ct->private, &st) < 0 || st.st_uid < KIDMAP_COUNT)
		return 0;
	return err_set(e, VZ_E_BAD_TEMPLATE, -EOVERFLOW,
		       "private area '%s' of VPS '%s' belongs to user %u, not to one of 0 to %u", ct->private,
		       ct->idstr, st.st_uid, KIDMAP_COUNT - 1);
}

bool ct_has_private(const struct ct *ct)
{
	struct stat st;

	return ct->private && stat(ct->private, &st) == 0 && S_ISDIR(st.st_mode);
}

char *ct_dump_path(const struct ct *ct)
{
	return str_printf("%s/Dump.%s", ct->vz->dumpdir, ct->idstr);
}

bool ct_is_suspended(const struct ct *ct)
{
	_free_ char *path = ct_dump_path(ct);

	return path && path_exists_at(AT_FDCWD, path) && !ct_is_running(ct);
}
