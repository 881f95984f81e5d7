// SPDX-License-Identifier: LGPL-2.1-or-later
/* Public entry points for the node as a whole: ready, up, down. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vz/node.h>
#include <vz/vz.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "ct/ct.h"
#include "ct/inside/view.h"
#include "ct/reboot.h"
#include "ct/nodeup.h"
#include "host/pool.h"
#include "host/pressure.h"
#include "param/param.h"

#define TIMEOUT_S     600
#define STOP_EXTRA_S  60
#define STOP_TRIES    3
#define TRY_AGAIN_MS  2000

/* One verb over many VPSs, while it goes on. */
struct round {
	struct vz *vz;
	const struct vz_node_opts *o;
	const char *verb;
	int (*one)(struct vz_ct *ct, struct vz_err *e);
	void (*ended)(struct round *rd, struct pool_job *job);
	bool governed;
	struct pressure pressure;
	struct vz_node_progress now;
	struct vz_node_result *result;
};

static struct vz_node_opts options(const struct vz_node_opts *o)
{
	struct vz_node_opts all = { .size = sizeof(all), .cancel_fd = -1 };

	if (o)
		memcpy(&all, o, o->size < sizeof(all) ? o->size : sizeof(all));
	if (all.cancel_fd == 0)
		all.cancel_fd = -1;
	return all;
}

static unsigned parallel(const struct vz *vz, const struct vz_node_opts *o)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (o->parallel)
		return o->parallel;
	if (cfg_has(vz->cfg, VZ_P_VE_PARALLEL) && vz->cfg->ve_parallel)
		return vz->cfg->ve_parallel > UINT32_MAX ? UINT32_MAX :
							  (unsigned)vz->cfg->ve_parallel;
	return cpus < 1 ? 4 : (unsigned)cpus * 4;
}

static int run_one(void *arg, struct pool_job *job, struct vz_err *e)
{
	struct round *rd = arg;
	struct vz_ct *ct = NULL;
	char word[12];
	int r;

	(void)snprintf(word, sizeof(word), "%u", job->id);
	r = vz_ct_find(rd->vz, word, 0, &ct, e);
	if (r == 0)
		r = rd->one(ct, e);
	vz_ct_free(ct);
	return r;
}

static void tell(struct round *rd, unsigned going)
{
	rd->now.going = going;
	if (rd->o->progress)
		rd->o->progress(rd->o->progress_arg, &rd->now);
}

static unsigned gate(void *arg, unsigned going)
{
	struct round *rd = arg;
	unsigned wait = rd->governed ? pressure_gate(&rd->pressure, going, &rd->now.held) : 0;

	if (wait)
		tell(rd, going);
	return wait;
}

static void step(void *arg, struct pool_job *job, unsigned going)
{
	struct round *rd = arg;

	if (job) {
		rd->now.done++;
		rd->ended(rd, job);
	}
	tell(rd, going);
}

static int go_round(struct round *rd, struct pool_job *jobs, size_t n, struct vz_err *e)
{
	struct pool p = { .parallel = parallel(rd->vz, rd->o), .cancel_fd = rd->o->cancel_fd,
			  .run = run_one, .gate = gate, .step = step, .arg = rd };
	int r;

	rd->now = (struct vz_node_progress){ .verb = rd->verb, .total = (unsigned)n };
	pressure_open(&rd->pressure, rd->o->pressure);
	r = pool_run(&p, jobs, n);
	pressure_close(&rd->pressure);
	return r < 0 ? err_sys(e, VZ_E_SYS, r, "cannot %s VPSs side by side", rd->verb) : 0;
}

/* ---- up ---- */

static int start_one(struct vz_ct *ct, struct vz_err *e)
{
	return vz_ct_start(ct, 0, e);
}

/* A start that was killed has left its VPS half way: the next one that takes the lock settles that. */
static int settle_one(struct vz_ct *ct, struct vz_err *e)
{
	_cfg_ struct vz_cfg *none = cfg_new();
	struct vz_set_result res;

	return none ? vz_ct_set(ct, none, 0, &res, e) : err_nomem(e);
}

static bool is_there_already(const struct pool_job *job)
{
	return job->result < 0 && job->err.code == VZ_E_RUNNING;
}

static void start_ended(struct round *rd, struct pool_job *job)
{
	if (job->result >= 0 || is_there_already(job)) {
		rd->result->done++;
		reboot_forget(rd->vz, job->id);
		log_msg(&rd->vz->log, 1, "VPS %u was started", job->id);
		return;
	}
	rd->result->failed++;
	log_msg(&rd->vz->log, -1, "%s", job->err.code ? job->err.text : "a start failed");
}

static void ignore_end(struct round *rd, struct pool_job *job)
{
	if (job->result < 0)
		log_msg(&rd->vz->log, -1, "%s", job->err.text);
}

static struct pool_job *make_jobs(const struct reboot_list *l, const struct vz_node_opts *o,
				  unsigned extra_s)
{
	struct pool_job *jobs = calloc(l->n + 1, sizeof(*jobs));

	for (size_t i = 0; jobs && i < l->n; i++) {
		unsigned s = o->timeout_s ? o->timeout_s :
			     extra_s	  ? l->v[i].stop_timeout_s + extra_s :
					    TIMEOUT_S;

		jobs[i] = (struct pool_job){ .id = l->v[i].id,
					     .timeout_ms = s > 1000000 ? 1000000000 : s * 1000 };
	}
	return jobs;
}

static int settle_killed(struct round *rd, struct pool_job *jobs, size_t n, struct vz_err *e)
{
	struct round again = *rd;
	size_t killed = 0;

	for (size_t i = 0; i < n; i++) {
		if (jobs[i].begun && jobs[i].result == -ETIMEDOUT && jobs[i].err.code == VZ_E_SYS)
			jobs[killed++] = (struct pool_job){ .id = jobs[i].id,
							    .timeout_ms = jobs[i].timeout_ms };
	}
	again.verb = "settle";
	again.one = settle_one;
	again.ended = ignore_end;
	again.governed = false;
	return killed ? go_round(&again, jobs, killed, e) : 0;
}

static void count_left(const struct pool_job *jobs, size_t n, struct vz_node_result *ret)
{
	for (size_t i = 0; i < n; i++)
		ret->left += !jobs[i].begun;
}

int vz_node_up(struct vz *vz, const struct vz_node_opts *opts, struct vz_node_result *ret,
	       struct vz_err *e)
{
	const struct vz_node_opts o = options(opts);
	_reboot_ struct reboot_list list = { 0 };
	_free_ struct pool_job *jobs = NULL;
	struct vz_node_result res = { 0 };
	struct round rd = { .vz = vz, .o = &o, .verb = "start", .one = start_one,
			    .ended = start_ended, .governed = true, .result = &res };
	int r = reboot_wanted(vz, &list, &res.failed, e);

	if (r < 0)
		return r;
	jobs = make_jobs(&list, &o, 0);
	if (!jobs)
		return err_nomem(e);
	res.total = (unsigned)list.n + res.failed;
	r = nodeup_mark(vz, true, e);
	if (r == 0)
		reboot_came_up(vz);
	if (r == 0)
		r = go_round(&rd, jobs, list.n, e);
	if (r == 0) {
		count_left(jobs, list.n, &res);
		r = settle_killed(&rd, jobs, list.n, e);
	}
	*ret = res;
	return r;
}

/* ---- down ---- */

static int suspend_one(struct vz_ct *ct, struct vz_err *e)
{
	return vz_ct_suspend(ct, NULL, 0, e);
}

static int stop_one(struct vz_ct *ct, struct vz_err *e)
{
	return vz_ct_stop(ct, 0, e);
}

static int stop_one_fast(struct vz_ct *ct, struct vz_err *e)
{
	return vz_ct_stop(ct, VZ_STOP_FAST, e);
}

static int umount_one(struct vz_ct *ct, struct vz_err *e)
{
	return vz_ct_umount(ct, 0, e);
}

static void suspend_ended(struct round *rd, struct pool_job *job)
{
	if (job->result < 0) {
		log_msg(&rd->vz->log, -1, "%s; it is stopped instead", job->err.text);
		return;
	}
	rd->result->done++;
	rd->result->suspended++;
	log_msg(&rd->vz->log, 1, "VPS %u was suspended", job->id);
}

static void stop_ended(struct round *rd, struct pool_job *job)
{
	if (job->result < 0) {
		log_msg(&rd->vz->log, -1, "%s", job->err.text);
		return;
	}
	rd->result->done++;
	log_msg(&rd->vz->log, 1, "VPS %u was stopped", job->id);
}

/* What is left of the list, by what is true and not by what was reported. */
static int pass(struct round *rd, bool running, unsigned extra_s, size_t *ret_n, bool *ret_locked,
		struct vz_err *e)
{
	_reboot_ struct reboot_list all = { 0 };
	_free_ struct pool_job *jobs = NULL;
	size_t n = 0;
	unsigned bad = 0;
	int r = reboot_present(rd->vz, &all, &bad, e);

	*ret_n = 0;
	if (r < 0)
		return r;
	for (size_t i = 0; i < all.n; i++) {
		if (all.v[i].running == running)
			all.v[n++] = all.v[i];
	}
	all.n = n;
	jobs = make_jobs(&all, rd->o, extra_s);
	if (!jobs)
		return err_nomem(e);
	r = n ? go_round(rd, jobs, n, e) : 0;
	for (size_t i = 0; r == 0 && i < n; i++) {
		*ret_n += !jobs[i].begun || jobs[i].result < 0;
		*ret_locked |= jobs[i].result < 0 && jobs[i].err.code == VZ_E_LOCKED;
	}
	return r;
}

static bool is_cancelled(const struct vz_node_opts *o, int wait_ms)
{
	struct pollfd p = { .fd = o->cancel_fd, .events = POLLIN };

	return poll(&p, 1, wait_ms) > 0;
}

static int take_down(struct round *rd, bool suspend, struct vz_err *e)
{
	size_t left = 0;
	bool locked = false;
	int r = 0;

	if (suspend) {
		rd->verb = "suspend";
		rd->one = suspend_one;
		rd->ended = suspend_ended;
		r = pass(rd, true, 0, &left, &locked, e);
	}
	rd->verb = "stop";
	rd->ended = stop_ended;
	for (int i = 0; r == 0 && i < STOP_TRIES && !is_cancelled(rd->o, 0); i++) {
		/* Somebody's command holds it: a moment later it may not. */
		if (locked && is_cancelled(rd->o, TRY_AGAIN_MS))
			break;
		locked = false;
		rd->one = i + 1 < STOP_TRIES ? stop_one : stop_one_fast;
		r = pass(rd, true, STOP_EXTRA_S, &left, &locked, e);
		if (left == 0)
			break;
	}
	rd->verb = "umount";
	rd->one = umount_one;
	rd->ended = ignore_end;
	return r < 0 || is_cancelled(rd->o, 0) ? r : pass(rd, false, STOP_EXTRA_S, &left, &locked, e);
}

static int count_down(struct vz *vz, struct vz_node_result *res, struct vz_err *e)
{
	_reboot_ struct reboot_list all = { 0 };
	unsigned bad = 0, run = 0;
	int r = reboot_present(vz, &all, &bad, e);

	for (size_t i = 0; r == 0 && i < all.n; i++)
		run += all.v[i].running;
	res->failed = run;
	res->done = res->total > run ? res->total - run : 0;
	return r;
}

int vz_node_down(struct vz *vz, const struct vz_node_opts *opts, struct vz_node_result *ret,
		 struct vz_err *e)
{
	const struct vz_node_opts o = options(opts);
	_reboot_ struct reboot_list all = { 0 };
	struct vz_node_result res = { 0 };
	struct round rd = { .vz = vz, .o = &o, .result = &res };
	bool suspend = o.stop_mode ? str_eq(o.stop_mode, "suspend") :
				     vz->cfg->ve_stop_mode == STOPMODE_SUSPEND;
	unsigned bad = 0;
	int r;

	if (o.stop_mode && !suspend && !str_eq(o.stop_mode, "stop"))
		return err_set(e, VZ_E_PARAM, -EINVAL, "'%.64s' is neither suspend nor stop",
			       o.stop_mode);
	r = reboot_present(vz, &all, &bad, e);
	for (size_t i = 0; r == 0 && i < all.n; i++)
		res.total += all.v[i].running;
	if (r == 0)
		r = reboot_note(vz, &all, e);
	if (r == 0) {
		nodeup_hurry(vz);
		r = take_down(&rd, suspend, e);
	}
	if (r == 0)
		r = count_down(vz, &res, e);
	/* Its keeper is in the node's control group, which goes with the mark. */
	if (r == 0 && !res.left && !res.failed)
		view_end(vz);
	if (r == 0)
		r = nodeup_mark(vz, false, e);
	*ret = res;
	return r;
}

/* ---- the node alone ---- */

int vz_node_view(struct vz *vz, struct vz_err *e)
{
	return view_keep(vz, e);
}

int vz_node_ready(struct vz *vz, struct vz_err *e)
{
	return nodeup_ready(vz, e);
}

bool vz_node_is_up(const struct vz *vz)
{
	return nodeup_is_marked(vz);
}

bool vz_node_is_wanted(const struct vz *vz)
{
	return !cfg_has(vz->cfg, VZ_P_VIRTUOZZO) || vz->cfg->virtuozzo;
}
