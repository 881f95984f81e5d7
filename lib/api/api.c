// SPDX-License-Identifier: LGPL-2.1-or-later
/* Public entry points: take the lock, settle what was interrupted, call, unlock. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vz/vz.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "cgroup/cg.h"
#include "ct/create.h"
#include "ct/ct.h"
#include "ct/durable.h"
#include "ct/ended.h"
#include "ct/inside/exec.h"
#include "ct/limit/oom.h"
#include "ct/link/traffic_quota.h"
#include "ct/monitor.h"
#include "ct/set.h"
#include "ct/stage.h"
#include "ct/suspend.h"
#include "host/sample.h"
#include "param/param.h"

#define WAIT_BOOT_S 3600

/* struct vz_ct is struct ct under the name that outsiders know it by. */
static inline struct ct *in(struct vz_ct *ct)
{
	return (struct ct *)ct;
}

static inline const struct ct *cin(const struct vz_ct *ct)
{
	return (const struct ct *)ct;
}

int vz_open(struct vz **ret, const struct vz_open_opts *o, struct vz_err *e)
{
	struct vz_open_opts all = { .size = sizeof(all) };

	/* A caller built against a shorter struct gets the rest as zero. */
	if (o)
		memcpy(&all, o, o->size < sizeof(all) ? o->size : sizeof(all));
	return node_open(&all, ret, e);
}

void vz_close(struct vz *vz)
{
	node_close(vz);
}

const struct vz_cfg *vz_node_cfg(const struct vz *vz)
{
	return vz->cfg;
}

const char *vz_node_dir(const struct vz *vz, const char *which)
{
	const struct {
		const char *name, *dir;
	} dirs[] = {
		{ "conf", vz->confdir }, { "names", vz->namesdir },	 { "lock", vz->lockdir },
		{ "dump", vz->dumpdir }, { "template", vz->template }, { "run", vz->rundir },
		{ "libexec", vz->libexec }, { "etc", vz->etcdir },	 { "state", vz->statedir },
	};

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		if (strcmp(dirs[i].name, which) == 0)
			return dirs[i].dir;
	return NULL;
}

/* A link in the folder of names that does not fit what the file says is somebody's mistake. */
static int check_name(const struct ct *ct, const char *word, struct vz_err *e)
{
	char uuid[UUID_LEN + 1];

	if (!word[strspn(word, "0123456789")] || uuid_normal(word, uuid) || !ct->has_conf ||
	    (cfg_has(ct->own, VZ_P_NAME) && str_eq(ct->own->name, word)))
		return 0;
	return err_set(e, VZ_E_PARAM, -ESTALE, "the name '%.64s' leads to VPS '%s', which has another",
		       word, ct->idstr);
}

int vz_ct_find(struct vz *vz, const char *id_or_name, unsigned flags, struct vz_ct **ret,
	       struct vz_err *e)
{
	struct vz_ct *ct = NULL;
	uint32_t id;
	int r = 0;

	if (flags & VZ_FIND_HOST_OK && str_eq(id_or_name, "0"))
		id = 0;
	else
		r = ct_resolve(vz, id_or_name, &id, e);
	if (r == 0)
		r = vz_ct_open(vz, id, flags, &ct, e);
	if (r < 0)
		return r;
	r = check_name(in(ct), id_or_name, e);
	if (r < 0)
		vz_ct_free(ct);
	else
		*ret = ct;
	return r;
}

int vz_ct_open(struct vz *vz, uint32_t id, unsigned flags, struct vz_ct **ret, struct vz_err *e)
{
	struct ct *ct;
	unsigned how = (flags & VZ_FIND_NO_CONF_OK ? CT_NO_CONF_OK : 0) |
		       (flags & VZ_FIND_BAD_CONF_OK ? CT_BAD_CONF_OK : 0);
	int r = ct_open(vz, id, how, &ct, e);

	if (r == 0)
		*ret = (struct vz_ct *)ct;
	return r;
}

void vz_ct_free(struct vz_ct *ct)
{
	ct_close(in(ct));
}

uint32_t vz_ct_id(const struct vz_ct *ct)
{
	return cin(ct)->id;
}

const struct vz_cfg *vz_ct_cfg(const struct vz_ct *ct)
{
	return cin(ct)->cfg;
}

const char *vz_ct_private(const struct vz_ct *ct)
{
	return cin(ct)->private;
}

const char *vz_ct_root(const struct vz_ct *ct)
{
	return cin(ct)->root;
}

const char *vz_ct_conf_path(const struct vz_ct *ct)
{
	return cin(ct)->conf;
}

int vz_ct_list(struct vz *vz, uint32_t **ret, size_t *ret_n, struct vz_err *e)
{
	return node_list(vz, ret, ret_n, e);
}

unsigned vz_ct_status(struct vz_ct *handle)
{
	struct ct *ct = in(handle);
	unsigned s = 0;

	if (ct->has_conf && ct_has_private(ct))
		s |= VZ_ST_EXISTS;
	if (ct_is_running(ct)) {
		s |= VZ_ST_RUNNING | VZ_ST_MOUNTED;
		if (ct_cgroup(ct, NULL) == 0 && cg_is_frozen(ct->cg))
			s |= VZ_ST_FROZEN;
	} else if (ct_is_mounted(ct)) {
		s |= VZ_ST_MOUNTED;
	}
	if (s & VZ_ST_EXISTS && !(s & VZ_ST_RUNNING) && ct_is_suspended(ct))
		s |= VZ_ST_SUSPENDED;
	return s;
}

int vz_ct_init_pid(struct vz_ct *ct)
{
	return ct_is_running(in(ct)) ? in(ct)->st.init.pid : 0;
}

/* What every verb that changes something does first. */
static int begin(struct ct *ct, const char *status, unsigned flags, struct vz_err *e)
{
	return ct_lock(ct, status, flags & VZ_SKIP_LOCK, e);
}

static int finish(struct ct *ct, int r)
{
	lock_drop(&ct->lock);
	return r;
}

int vz_ct_create(struct vz *vz, uint32_t id, const struct vz_create_opts *o, struct vz_err *e)
{
	_cfg_ struct vz_cfg *none = cfg_new();
	struct vz_create_opts all = { 0 };
	struct ct_create_want w;
	struct ct *ct = NULL;
	int r;

	memcpy(&all, o, o->size < sizeof(all) ? o->size : sizeof(all));
	w = (struct ct_create_want){ .change = all.cfg ? all.cfg : none, .progress = all.progress,
				     .arg = all.progress_arg };
	r = none ? ct_open(vz, id, CT_NO_CONF_OK, &ct, e) : err_nomem(e);

	if (r == 0)
		r = begin(ct, "creating", all.flags, e);
	if (r == 0)
		r = ct_create(ct, &w, e);
	ct_close(ct);
	return r;
}

int vz_ct_start(struct vz_ct *handle, unsigned flags, struct vz_err *e)
{
	struct ct *ct = in(handle);
	int r = begin(ct, "starting", flags, e);

	if (r < 0)
		return finish(ct, r);
	if (ct_is_running(ct))
		return finish(ct, err_set(e, VZ_E_RUNNING, -EBUSY, "VPS '%s' is running already",
					  ct->idstr));
	if (ct->cfg->disabled && cfg_has(ct->cfg, VZ_P_DISABLED) && !(flags & VZ_START_FORCE))
		return finish(ct, err_set(e, VZ_E_DISABLED, -EPERM,
					  "VPS '%s' is disabled (DISABLED=yes); --force starts it",
					  ct->idstr));
	r = ct_quota_check_start(ct, e);
	if (r < 0)
		return finish(ct, r);
	ct->keep_root = flags & VZ_START_SKIP_REMOUNT;
	r = finish(ct, ct_resume_or_start(ct, e));
	return r == 0 && flags & VZ_START_WAIT ? ct_wait_up(ct, WAIT_BOOT_S, e) : r;
}

int vz_ct_stop(struct vz_ct *handle, unsigned flags, struct vz_err *e)
{
	struct ct *ct = in(handle);
	int r = begin(ct, "stopping", flags, e);

	/* Init may have ended since the lock was taken: then there is something to clear up. */
	if (r == 0 && !ct_is_running(ct) && !ct->st.init.pid)
		return finish(ct, 1);
	if (r == 0)
		r = ct_stop(ct, flags & VZ_STOP_FAST, e);
	if (r == 0 && !(flags & VZ_STOP_SKIP_UMOUNT))
		r = ct_umount(ct, e);
	return finish(ct, r);
}

int vz_ct_mount(struct vz_ct *handle, unsigned flags, struct vz_err *e)
{
	struct ct *ct = in(handle);
	int r = begin(ct, "mounting", flags, e);

	if (r == 0 && ct_is_mounted(ct))
		return finish(ct, 1);
	return finish(ct, r < 0 ? r : ct_mount(ct, e));
}

int vz_ct_umount(struct vz_ct *handle, unsigned flags, struct vz_err *e)
{
	struct ct *ct = in(handle);
	int r = begin(ct, "unmounting", flags, e);

	if (r == 0 && ct_is_running(ct))
		r = err_set(e, VZ_E_RUNNING, -EBUSY, "VPS '%s' is running", ct->idstr);
	else if (r == 0 && !ct_is_mounted(ct))
		r = err_set(e, VZ_E_NOT_MOUNTED, -EINVAL, "VPS '%s' is not mounted", ct->idstr);
	return finish(ct, r < 0 ? r : ct_umount(ct, e));
}

int vz_ct_destroy(struct vz_ct *handle, unsigned flags, struct vz_err *e)
{
	struct ct *ct = in(handle);
	int r = begin(ct, "destroying", flags, e);

	if (r == 0 && flags & VZ_DESTROY_SAFE)
		r = ct_check_own_area(ct, e);
	return finish(ct, r < 0 ? r : ct_destroy(ct, e));
}

/* The handle has the values of before the change: start from the file. */
static int restart_fresh(struct ct *old, unsigned flags, struct vz_err *e)
{
	struct ct *ct;
	int r = ct_open(old->vz, old->id, 0, &ct, e);

	if (r < 0)
		return r;
	r = vz_ct_start((struct vz_ct *)ct, flags, e);
	ct_close(ct);
	return r;
}

int vz_ct_set(struct vz_ct *handle, const struct vz_cfg *change, unsigned flags,
	      struct vz_set_result *ret, struct vz_err *e)
{
	struct ct *ct = in(handle);
	struct vz_set_result mine = { 0 };
	int r = begin(ct, "setting", flags, e);

	if (r == 0)
		r = ct_set(ct, change, flags, &mine, e);
	*ret = mine;
	finish(ct, r);
	if (r < 0 || !mine.needs_restart || !(flags & VZ_SET_RESTART))
		return r;
	r = vz_ct_stop(handle, flags & VZ_SKIP_LOCK, e);
	return r < 0 ? r : restart_fresh(ct, flags & VZ_SKIP_LOCK, e);
}

int vz_ct_reapply(struct vz_ct *handle, unsigned flags, struct vz_err *e)
{
	struct ct *ct = in(handle);
	int r = begin(ct, "setting", flags, e);

	if (r == 0 && !ct_is_running(ct))
		r = err_set(e, VZ_E_NOT_RUNNING, -ESRCH, "VPS '%s' is not running", ct->idstr);
	return finish(ct, r < 0 ? r : ct_reapply(ct, e));
}

int vz_cfg_sample(struct vz *vz, const char *name, struct vz_cfg *cfg, struct vz_err *e)
{
	return sample_apply(vz, name, cfg, e);
}

int vz_ct_freeze(struct vz_ct *handle, bool on, unsigned flags, struct vz_err *e)
{
	struct ct *ct = in(handle);
	int r = begin(ct, on ? "freezing" : "thawing", flags, e);

	if (r == 0 && !ct_is_running(ct))
		r = err_set(e, VZ_E_NOT_RUNNING, -ESRCH, "VPS '%s' is not running", ct->idstr);
	if (r == 0)
		r = ct_cgroup(ct, e);
	/* It goes on, and what was dumped of it gets too old. */
	if (r == 0 && !on)
		ct_drop_dump(ct);
	return finish(ct, r < 0 ? r : cg_freeze(ct->cg, on, e));
}

int vz_ct_ended(struct vz_ct *ct, const char *how, struct vz_err *e)
{
	return ct_ended(in(ct), strcmp(how, "reboot") == 0, e);
}

void vz_ct_tell_oom(struct vz_ct *ct)
{
	ct_oom_tell(in(ct));
}

int vz_ct_exec(struct vz_ct *ct, const struct vz_exec_opts *o, int *ret_pidfd, struct vz_err *e)
{
	return ct_exec(in(ct), o, ret_pidfd, e);
}

int vz_ct_console(struct vz_ct *handle, int *ret_fd, struct vz_err *e)
{
	struct ct *ct = in(handle);
	int r;

	if (!ct_is_running(ct))
		return err_set(e, VZ_E_NOT_RUNNING, -ESRCH, "VPS '%s' is not running", ct->idstr);
	r = monitor_connect(ct, ret_fd);
	if (r == -ECONNREFUSED || r == -ENOENT) {
		/* Its monitor has died: taking the lock starts another. */
		r = begin(ct, "adopting", 0, e);
		finish(ct, r);
		if (r == 0)
			r = monitor_connect(ct, ret_fd);
	}
	return r < 0 ? err_sys(e, VZ_E_SYS, r, "cannot reach the console of VPS '%s'", ct->idstr) : 0;
}

int vz_ct_suspend(struct vz_ct *handle, const char *dir, unsigned flags, struct vz_err *e)
{
	struct ct *ct = in(handle);
	int r = begin(ct, "suspending", flags, e);

	if (r == 0 && !ct_is_running(ct))
		r = err_set(e, VZ_E_NOT_RUNNING, -ESRCH, "VPS '%s' is not running", ct->idstr);
	return finish(ct, r < 0 ? r : ct_suspend(ct, dir, flags & VZ_SUSPEND_KEEP, e));
}

int vz_ct_resume(struct vz_ct *handle, const char *dir, unsigned flags, struct vz_err *e)
{
	struct ct *ct = in(handle);
	int r = begin(ct, "resuming", flags, e);

	if (r == 0 && ct_is_running(ct))
		r = err_set(e, VZ_E_RUNNING, -EBUSY, "VPS '%s' is running already", ct->idstr);
	if (r == 0)
		r = ct_quota_check_start(ct, e);
	return finish(ct, r < 0 ? r : ct_resume(ct, dir, flags & VZ_RESUME_FROZEN, e));
}

int vz_ct_runscript(struct vz_ct *handle, const char *path, unsigned flags, int *ret_status,
		    struct vz_err *e)
{
	return ct_runscript(in(handle), path, flags & VZ_SKIP_LOCK, ret_status, e);
}
