// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Suspend to disk and back. On the way down the dump is complete and under its own name before the first
 * process ends; on the way up init is restored where it would be made, and everything else is as in start.
 */
#include "ct/suspend.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/num.h"
#include "base/path.h"
#include "base/str.h"
#include "cgroup/cg.h"
#include "cpt/cpt.h"
#include "ct/ct.h"
#include "ct/inside/bind.h"
#include "ct/inside/view.h"
#include "ct/limit/apply.h"
#include "ct/limit/respool.h"
#include "ct/link/netif.h"
#include "ct/link/netscript.h"
#include "ct/link/rate.h"
#include "ct/link/traffic.h"
#include "ct/link/wall.h"
#include "ct/monitor.h"
#include "ct/stage.h"
#include "kern/nl.h"
#include "kern/pidfd.h"
#include "kern/sys.h"
#include "net/net.h"
#include "param/check.h"
#include "param/param.h"
#include "plan/run.h"

#define BUSY_MS	     10000
#define BUSY_POLL_MS 5

#ifndef VZ_CRIU_DIR
#define VZ_CRIU_DIR "/usr/local/lib/mainvz/criu"
#endif

struct ct_resume {
	struct cpt_job job;
	struct cpt_bind *binds;
	struct cpt_link *link; /* outside: the guest's end before CRIU moves it in; venet's first */
	char *criu, *dump, *view;
	int busy; /* the lock below */
	struct cpt_restore *restore;
};

void ct_drop_dump(const struct ct *ct)
{
	_free_ char *path = ct_dump_path(ct);

	if (path)
		(void)cpt_drop(path);
}

int ct_find_criu(const struct vz *vz, char **ret, struct vz_err *e)
{
	struct cpt_find f = { .conf = vz->cfg->criu, .private = VZ_CRIU_DIR "/criu",
			      .rundir = vz->rundir };
	int r = path_mkdirs(vz->rundir, 0755);

	return r < 0 ? err_sys(e, VZ_E_SYS, r, "cannot make '%s'", vz->rundir) :
		       cpt_find(&f, ret, e);
}

static int dump_path(const struct ct *ct, const char *dir, char **ret, struct vz_err *e)
{
	int r = 0;

	if (dir && dir[0] != '/')
		return err_set(e, VZ_E_PARAM, -EINVAL, "'%.100s' is not an absolute path", dir);
	*ret = dir ? strdup(dir) : ct_dump_path(ct);
	if (!*ret)
		return err_nomem(e);
	if (!dir)
		r = path_mkdirs(ct->vz->dumpdir, 0755);
	return r < 0 ? err_sys(e, VZ_E_SUSPEND, r, "cannot make '%s'", ct->vz->dumpdir) : 0;
}

static int dump(struct ct *ct, const char *path, bool keep, struct vz_err *e)
{
	_free_ char *criu = NULL;
	char note[16];
	_free_ struct cpt_link *link = NULL;
	_fd_ int view = -1;
	struct cpt_bind *binds;
	struct cpt_job j = { .id = ct->idstr, .dump = path, .root = ct->root, .note = note,
			     .init = ct->st.init.pid, .keep_running = keep };
	int r = ct_find_criu(ct->vz, &criu, e);

	if (r == 0)
		r = ct_netif_cpt_links(ct, &link, &j.nlinks, e);
	if (r < 0)
		return r;
	j.links = link;
	snprintf(note, sizeof(note), "%u", ct->base);
	j.criu = criu;
	r = ct_cgroup(ct, e);
	if (r < 0)
		return r;
	j.groups = cg_clone_fd(ct->cg, false);
	/* CRIU freezes by itself and waits for ever for one that is frozen already. */
	if (cg_is_frozen(ct->cg))
		(void)cg_freeze(ct->cg, false, NULL);
	view_hold(ct, &view);
	r = bind_cpt_list(ct, &binds, &j.nbinds, e);
	j.binds = binds;
	if (r == 0)
		r = cpt_dump(&j, e);
	bind_cpt_free(binds, j.nbinds);
	return r;
}

int ct_can_suspend(struct ct *ct, struct vz_err *e)
{
	int r = ct_netif_can_suspend(ct, e);

	if (r == 0 && cfg_is_nesting(ct->cfg))
		r = err_set(e, VZ_E_SUSPEND, -EOPNOTSUPP, "VPS '%s' has nesting:on, and containers inside it "
			    "cannot be suspended", ct->idstr);
	return r;
}

/* Whoever watches it is told nothing, unless it goes on. */
static int dump_quietly(struct ct *ct, const char *op, const char *path, bool keep, struct vz_err *e)
{
	int r;

	monitor_quiet(ct, true);
	ct_crash_point(op, "dump", "before");
	r = dump(ct, path, keep, e);
	ct_crash_point(op, "dump", "after");
	if (r < 0 || keep)
		monitor_quiet(ct, false);
	return r;
}

int ct_put_down(struct ct *ct, const char *op, struct vz_err *e)
{
	_free_ char *path = NULL;
	int r = dump_path(ct, NULL, &path, e);

	if (r == 0)
		r = dump_quietly(ct, op, path, false, e);
	return r < 0 ? r : ct_stages_down(ct, op, STAGE_GUEST, STAGE_CGROUP, e);
}

int ct_suspend(struct ct *ct, const char *dir, bool keep, struct vz_err *e)
{
	_free_ char *path = NULL;
	int r = ct_can_suspend(ct, e);

	if (r == 0)
		r = dump_path(ct, dir, &path, e);
	if (r == 0)
		r = ct_note(ct, "suspend", STAGE_GUEST, e);
	if (r < 0)
		return r;
	r = dump_quietly(ct, "suspend", path, keep, e);
	if (r < 0 || keep) {
		if (r == 0)
			r = cg_freeze(ct->cg, true, e);
		ct_settle(ct, r < 0 ? NULL : e);
		return r;
	}
	r = ct_stages_down(ct, "suspend", STAGE_GUEST, STAGE_ROOT, e);
	return r < 0 ? r : ct_settle(ct, e);
}

/* The dump knows host ids: it fits one range only. */
static int check_range(struct ct *ct, const char *path, struct vz_err *e)
{
	_free_ char *note = NULL;
	uint32_t base;
	int r = cpt_note(path, &note);

	/* Dumps of before had a pool behind it. */
	if (r == 0)
		note[strcspn(note, " ")] = '\0';
	if (r == 0)
		r = num_u32(note, &base);
	if (r == 0 && base != ct->base)
		return err_set(e, VZ_E_RESUME, -EINVAL,
			       "VPS '%s' was dumped with ids from %u and has them from %u now",
			       ct->idstr, base, ct->base);
	return r < 0 ? err_sys(e, VZ_E_RESUME, r, "dump '%s' cannot be used", path) : 0;
}

static int before_exec(void *arg)
{
	return cpt_restore_fork(arg);
}

/* What the starting command does for a child of its own plan, for one that CRIU made. */
static int hand_over(struct ct *ct, pid_t pid, int link, int master, struct vz_err *e)
{
	int r;

	ct->st.init.pid = pid;
	r = kpid_start_time(pid, &ct->st.init.start);
	if (r == 0)
		r = kpid_open(pid, ct->st.init.start, &ct->up->pidfd);
	if (r == 0)
		r = sync_send(link, SYNC_CHILD, pid, 0, ct->up->pidfd);
	if (r == 0 && master >= 0)
		r = sync_send(link, SYNC_CONSOLE, 0, 0, master);
	if (r < 0)
		return err_sys(e, VZ_E_RESUME, r, "cannot hand VPS '%s' to its monitor", ct->idstr);
	ct->st.started = time(NULL);
	return ct_note(ct, ct->st.op, ct->st.stage, e);
}

static int restore_net(struct ct *ct, const char *passing, struct vz_err *e)
{
	_strv_ struct strv devs = { 0 };
	struct net_venet v;
	char name[16];
	int r;

	ct_tracking_up(ct);
	r = ct_net_want(ct, &v, &devs, name, sizeof(name), e);
	v.passing = passing;
	if (r == 0)
		r = net_venet_up(&v, e);
	return r < 0 ? r : ct_netif_passing(ct, e);
}

/*
 * CRIU outlives a command that is killed, for a moment, and so does all that it has restored but not let go. In that
 * moment nobody can tell such a VPS from one that runs. So CRIU holds a lock on the VPS's folder in RUNDIR.
 */
static int busy_lock(const struct ct *ct, int *ret_fd)
{
	_fd_ int fd = open(ct->rundir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
		return -errno;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

void ct_await_criu(const struct ct *ct)
{
	uint64_t end = clock_ms() + BUSY_MS;
	_fd_ int fd = open(ct->rundir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	while (fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && clock_ms() < end)
		poll(NULL, 0, BUSY_POLL_MS);
}

static int restore_init(struct ct *ct, struct vz_err *e)
{
	_monitor_ struct monitor_want mw = MONITOR_WANT_INIT;
	struct ct_resume *rs = ct->up->resume;
	_fd_ int master = -1;
	pid_t pid = 0;
	int r = restore_net(ct, rs->link[0].outside, e);

	rs->job.groups = cg_clone_fd(ct->cg, false);
	/* It may have been suspended in another pool. */
	rs->job.slice = ct->vz->slice;
	rs->job.group = cg_path(ct->cg);
	if (r == 0)
		r = bind_stage(ct, &rs->binds, &rs->job.nbinds, e);
	rs->job.binds = rs->binds;
	if (r == 0) {
		int q = busy_lock(ct, &rs->busy);

		r = q < 0 ? err_sys(e, VZ_E_RESUME, q, "cannot lock '%s'", ct->rundir) : 0;
	}
	rs->job.busy = rs->busy;
	if (r == 0)
		r = cpt_restore_open(&rs->job, &rs->restore, e);
	if (r == 0)
		r = monitor_prepare(ct, &mw, e);
	if (r == 0) {
		mw.before_exec = before_exec;
		mw.before_arg = rs->restore;
		r = monitor_spawn(ct, &mw, NULL, 0, NULL, e);
	}
	if (r == 0)
		r = cpt_restore_run(rs->restore, &pid, &master, e);
	return r < 0 ? r : hand_over(ct, pid, mw.child_console, master, e);
}

/* A pair that was added to the configuration of a suspended VPS, CRIU knew nothing of. */
static int restore_rest(struct ct *ct, struct vz_err *e)
{
	_fd_ int netns = -1;
	char path[40];
	int r;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", ct->st.init.pid);
	netns = open(path, O_RDONLY | O_CLOEXEC);
	if (netns < 0)
		return err_sys(e, VZ_E_RESUME, -errno, "cannot open '%s'", path);
	r = ct_netif_passed(ct, netns, e);
	if (r == 0)
		r = ct_wall_up(ct, e);
	if (r == 0)
		ct_traffic_up(ct);
	if (r == 0)
		r = ct_rate_up(ct, e);
	return r < 0 ? r : ct_net_hook_up(ct, "restoring", e);
}

/* Once it runs the disk goes on, and a second resume from the dump would be a lie. That is noted first: who finds
 * the note cannot know whether it ran for a moment, and its memory is worth less than its files. */
/*
 * CRIU locks the network of what it dumps by a table of nftables, which it dumps along with the rest. Before 4.0 that
 * bears the number of process 1 on the node in its name, so that a restore, where this is another, brings it back and
 * does not find it to take it away: nothing would ever reach the VPS again.
 */
static void unlock_net(const struct ct *ct)
{
	_fd_ int netns = -1;
	char path[40];
	int r;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", ct->st.init.pid);
	netns = open(path, O_RDONLY | O_CLOEXEC);
	r = netns < 0 ? -errno : knl_nft_tables_drop(netns, "CRIU-");
	if (r < 0)
		log_msg(&ct->vz->log, -1, "VPS %s: its network may still be locked by CRIU: %s", ct->idstr,
			strerror(-r));
}

static int restore_guest(struct ct *ct, struct vz_err *e)
{
	int r = ct_note(ct, CT_LET_GO, STAGE_GUEST, e);

	ct_crash_point("resume", "go", "before");
	if (r == 0)
		r = cpt_restore_go(ct->up->resume->restore, e);
	ct_crash_point("resume", "go", "after");
	if (r == 0)
		ct_drop_dump(ct);
	if (r == 0)
		unlock_net(ct);
	return r < 0 ? r : ct_apply_resumed(ct, cpt_restore_lost_view(ct->up->resume->restore), e);
}

static int restore_stages(struct ct *ct, struct vz_err *e)
{
	struct stage s[NSTAGES];
	int r = ct_pool_enter(ct, "resume", e);

	if (r < 0)
		return r;
	for (size_t i = 0; i < NSTAGES; i++)
		s[i] = ct_stages[i];
	s[STAGE_INIT].up = restore_init; /* with the network, which CRIU takes its end of */
	s[STAGE_NET].up = restore_rest;
	s[STAGE_GUEST].up = restore_guest;
	return ct_stages_up(ct, s, "resume", STAGE_GUEST, e);
}

static int prepare(struct ct *ct, const char *dir, struct ct_resume *rs, struct vz_err *e)
{
	int r = dump_path(ct, dir, &rs->dump, e);

	if (r == 0 && !cpt_exists(rs->dump))
		r = err_set(e, VZ_E_RESUME, -ENOENT, "VPS '%s' is not suspended: no dump '%s'",
			    ct->idstr, rs->dump);
	if (r == 0)
		r = ct_check_startable(ct, e);
	if (r == 0)
		r = ct_check_limits(ct, e);
	if (r == 0)
		r = ct_range_take(ct, false, e);
	if (r == 0)
		r = check_range(ct, rs->dump, e);
	if (r == 0)
		r = ct_find_criu(ct->vz, &rs->criu, e);
	if (r == 0 && ct_is_mounted(ct) && !ct->keep_root)
		r = ct_umount(ct, e);
	return r;
}

int ct_resume(struct ct *ct, const char *dir, bool frozen, struct vz_err *e)
{
	struct ct_up up = { .sock = -1, .link = -1, .pidfd = -1, .netns = -1 };
	struct ct_resume rs = { .busy = -1 };
	int r = prepare(ct, dir, &rs, e);

	if (r == 0) {
		rs.job = (struct cpt_job){ .id = ct->idstr, .criu = rs.criu, .dump = rs.dump,
					   .root = ct->root };
		if (cpt_has_view(rs.dump)) {
			rs.job.view = rs.view = ct_view_dir(ct->vz, &rs.job.blank, e);
			r = rs.view ? 0 : -EIO;
		}
	}
	if (r == 0) {
		r = ct_netif_cpt_links(ct, &rs.link, &rs.job.nlinks, e);
		rs.job.links = rs.link;
	}
	if (r == 0) {
		up.resume = &rs;
		ct->up = &up;
		r = restore_stages(ct, e);
		ct->up = NULL;
	}
	cpt_restore_close(rs.restore);
	cleanup_fd(&rs.busy);
	bind_unstage(ct);
	bind_cpt_free(rs.binds, rs.job.nbinds);
	if (r == 0 && frozen)
		r = cg_freeze(ct->cg, true, e);
	cleanup_fd(&up.pidfd);
	free(rs.link);
	free(rs.criu);
	free(rs.dump);
	free(rs.view);
	return r;
}

int ct_resume_or_start(struct ct *ct, struct vz_err *e)
{
	_free_ char *path = ct_dump_path(ct);
	struct vz_err mine = { 0 };

	if (!path)
		return err_nomem(e);
	ct->up_dump = cpt_exists(path);
	if (ct->up_dump) {
		if (ct_resume(ct, NULL, false, &mine) == 0)
			return 0;
		log_msg(&ct->vz->log, -1, "%s; starting it anew", mine.text);
	}
	return ct_start(ct, e);
}
