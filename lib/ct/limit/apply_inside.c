// SPDX-License-Identifier: LGPL-2.1-or-later
/* Limits that are neither the control group's nor the disk's: mounts and namespaces inside, and how the
 * kernel chooses whom to kill. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "cgroup/cg.h"
#include "ct/ct.h"
#include "ct/inside/inside.h"
#include "ct/limit/apply.h"
#include "ct/limit/oom.h"
#include "ct/start_plan.h"
#include "fs/fs.h"
#include "plan/plan.h"

/* ---- terminals, shared memory ---- */

static int mounts(struct ct *ct, const struct fs_limits *l, struct vz_err *e)
{
	_plan_ struct plan *p = plan_new();

	if (!p)
		return err_nomem(e);
	inside_plan_enter(p, ct, INSIDE_MOUNTS);
	fs_plan_limits(p, l, true);
	PLAN(p, EXIT);
	return inside_run(ct, p, e);
}

/*
 * A sysctl of the IPC namespace, through the node's /proc, so that nothing of the VPS is on the way. Since
 * Linux 6.9 it belongs to the root of that namespace, before that to the node's.
 */
static int shmall(struct ct *ct, const struct vz_cfg *cfg, bool as_theirs, struct vz_err *e)
{
	_plan_ struct plan *p = plan_new();

	if (!p)
		return err_nomem(e);
	inside_plan_ids(p, ct, CLONE_NEWIPC | (as_theirs ? CLONE_NEWUSER : 0));
	ct_plan_shmall(p, cfg, 0);
	PLAN(p, EXIT);
	return inside_run(ct, p, e);
}

int apply_inside(struct ct *ct, const struct vz_cfg *cfg, bool start, struct vz_err *e)
{
	struct fs_limits l = ct_fs_limits(cfg);
	int r = start ? 0 : mounts(ct, &l, e);

	if (r < 0 || start)
		return r;
	return shmall(ct, cfg, true, NULL) == 0 ? 0 : shmall(ct, cfg, false, e);
}

/* ---- memory of the node runs out ---- */

struct oom {
	const struct ct *ct;
	int was, adj, denied; /* was: init's, which the others have inherited */
};

static int figure_of(int dir, int *ret)
{
	_buf_ struct buf now = BUF_INIT;
	uint32_t v = 0;
	const char *p;
	int r = io_read_at(dir, "oom_score_adj", 32, &now);

	if (r < 0)
		return r;
	if (now.len)
		now.data[strcspn(now.data, "\n")] = '\0';
	p = buf_str(&now);
	r = num_u32(p + (*p == '-'), &v);
	if (r == 0)
		*ret = *p == '-' ? -(int)v : (int)v;
	return r;
}

static int oom_one(pid_t pid, void *arg)
{
	struct oom *o = arg;
	_fd_ int dir = -1;
	char text[32];
	int r, now;

	snprintf(text, sizeof(text), "/proc/%d", pid);
	dir = open(text, O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* Gone, or its number belongs to somebody else by now. */
	if (dir < 0 || !cg_has_process(o->ct->cg, dir) || figure_of(dir, &now) < 0)
		return 0;
	/* One that asks to be killed before others may. */
	if (now > 0 && now != o->was + OOM_SERVICES)
		return 0;
	snprintf(text, sizeof(text), "%d", o->adj + (now == o->was + OOM_SERVICES ? OOM_SERVICES : 0));
	r = io_poke_at(dir, "oom_score_adj", text);
	if (r == -EACCES || r == -EPERM)
		o->denied = 1;
	return 0;
}

/* A daemon that the node must not lose may start VPSs; they are not to inherit that. */
static bool caller_is_spared(void)
{
	_buf_ struct buf now = BUF_INIT;

	return io_read_at(AT_FDCWD, "/proc/self/oom_score_adj", 32, &now) == 0 &&
	       buf_str(&now)[0] == '-';
}

/* Lowering the figure needs CAP_SYS_RESOURCE on the node. */
int apply_oom(struct ct *ct, const struct vz_cfg *cfg, bool start, struct vz_err *e)
{
	struct oom o = { .ct = ct, .adj = ct_oom_figure(cfg) };
	_fd_ int init = -1;
	char path[48], text[16];
	int r;

	(void)e;
	if (!start) {
		snprintf(path, sizeof(path), "/proc/%d", ct->st.init.pid);
		init = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		(void)figure_of(init, &o.was);
		(void)cg_each_pid(ct->cg, oom_one, &o);
	} else if (o.adj || caller_is_spared()) {
		snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", ct->st.init.pid);
		snprintf(text, sizeof(text), "%d", o.adj);
		r = io_poke_at(AT_FDCWD, path, text);
		o.denied = r == -EACCES || r == -EPERM;
	}
	if (o.denied)
		apply_unheld(ct, VZ_P_OOMGUARPAGES, start, "the right to spare processes is missing");
	return 0;
}
