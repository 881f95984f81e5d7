/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Look, compare with what was done, do it, note it. "quota" of the file of accounts: { "done": month and action,
 * "" when there was nothing to do; "stopped": it does not run because of it }.
 */
#include "ct/link/traffic_quota.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <vz/traffic.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "ct/ct.h"
#include "ct/inside/action.h"
#include "ct/link/rate.h"
#include "ct/link/traffic.h"
#include "ct/link/traffic_int.h"
#include "ct/link/traffic_month.h"
#include "ct/stage.h"
#include "ct/suspend.h"
#include "param/param.h"

#define KEEP_S 600 /* how much a power cut may cost, at most */

struct look {
	struct accounts a;
	struct vz_traffic_month m;
	char done[80], want[80]; /* want is what done should be */
	bool stopped, late;
};

static void look_done(struct look *l)
{
	accounts_done(&l->a);
}

/* ---- what is so ---- */

static uint64_t counts(const struct vz_cfg *c, uint64_t in, uint64_t out)
{
	switch ((enum cfg_traffic_count)c->traffic_count) {
	case TRAFFIC_IN: return in;
	case TRAFFIC_OUT: return out;
	case TRAFFIC_LARGER: return in > out ? in : out;
	case TRAFFIC_BOTH: break;
	}
	return in + out;
}

static void see_month(const struct vz_cfg *c, const json_t *file, struct vz_traffic_month *m)
{
	const json_t *month = json_object_get(file, "month"), *prev = json_object_get(file, "prev");
	const char *from = json_string_value(json_object_get(month, "from"));
	const char *before = json_string_value(json_object_get(prev, "from"));
	_buf_ struct buf action = BUF_INIT;
	uint64_t in, out;

	*m = (struct vz_traffic_month){ .quota = c->traffic_quota };
	snprintf(m->from, sizeof(m->from), "%s", from ? from : "");
	snprintf(m->prev_from, sizeof(m->prev_from), "%s", before ? before : "");
	month_use(file, &c->traffic_free, &m->in_bytes, &m->out_bytes);
	m->used = counts(c, m->in_bytes, m->out_bytes);
	if (month_use_prev(file, &c->traffic_free, &in, &out))
		m->prev_used = counts(c, in, out);
	m->over = m->quota && m->used >= m->quota;
	if (cfg_print(c, VZ_P_TRAFFIC_ACTION, &action) == 0)
		snprintf(m->action, sizeof(m->action), "%s", buf_str(&action));
}

static void see(struct look *l)
{
	const struct ct *ct = l->a.ct;
	const json_t *quota = json_object_get(l->a.file, "quota");
	const char *done = json_string_value(json_object_get(quota, "done"));
	int64_t age = ct_traffic_now() - json_integer_value(json_object_get(l->a.file, "saved"));

	see_month(ct->cfg, l->a.file, &l->m);
	snprintf(l->done, sizeof(l->done), "%s", done ? done : "");
	if (l->m.over)
		snprintf(l->want, sizeof(l->want), "%s %s", l->m.from, l->m.action);
	l->stopped = json_is_true(json_object_get(quota, "stopped"));
	l->m.stopped = l->stopped;
	l->late = l->a.turned || (l->a.changed && (age < 0 || age >= KEEP_S));
}

static int look(struct look *l, struct vz_err *e)
{
	int r = accounts_add_up(&l->a);

	if (r < 0)
		return err_sys(e, VZ_E_SYS, r, "cannot account the traffic of VPS '%s'",
			       l->a.ct->idstr);
	see(l);
	return 0;
}

static bool wants_stop(const struct look *l)
{
	return l->m.over && l->a.ct->cfg->traffic_action.what == TRAFFIC_STOP;
}

static bool wants_act(const struct look *l)
{
	return strcmp(l->done, l->want) != 0 || (wants_stop(l) ? ct_is_running(l->a.ct) : l->stopped);
}

static bool is_due(const struct look *l)
{
	return l->late || wants_act(l);
}

bool ct_quota_is_due(const struct ct *ct)
{
	_cleanup_(look_done) struct look l = { .a.ct = ct };

	/* What cannot be looked at is told by whoever has the lock. */
	return look(&l, NULL) < 0 || is_due(&l);
}

int ct_quota_get(const struct ct *ct, struct vz_traffic_month *ret, struct vz_err *e)
{
	_cleanup_(look_done) struct look l = { .a.ct = ct };
	int r = look(&l, e);

	if (r == 0)
		*ret = l.m;
	return r;
}

/* By what is on record, in the month that it is now. */
static bool is_over(const struct ct *ct, const struct vz_cfg *cfg)
{
	_cleanup_(accounts_done) struct accounts a = { .ct = ct };
	struct vz_traffic_month m;

	if (accounts_read(&a, ct_traffic_now()) < 0 || accounts_turn(&a) < 0)
		return false;
	see_month(cfg, a.file, &m);
	return m.over;
}

uint64_t ct_quota_throttle(const struct ct *ct, const struct vz_cfg *cfg)
{
	if (!cfg->traffic_quota || cfg->traffic_action.what != TRAFFIC_THROTTLE)
		return 0;
	return is_over(ct, cfg) ? cfg->traffic_action.bits : 0;
}

/* ---- what is done ---- */

/* Anew from the file: what was done meanwhile has written it, too. done NULL: as it was. */
static int note(struct ct *ct, const char *done, bool stopped, struct vz_err *e)
{
	_cleanup_(accounts_done) struct accounts a = { .ct = ct };
	const char *was;
	json_t *quota;
	int r = accounts_read(&a, ct_traffic_now());

	if (r == 0) {
		was = json_string_value(json_object_get(json_object_get(a.file, "quota"), "done"));
		quota = json_pack("{s:s,s:b}", "done", done ? done : was ? was : "", "stopped",
				  stopped);
		r = quota && json_object_set_new(a.file, "quota", quota) == 0 ? 0 : -ENOMEM;
	}
	if (r == 0)
		r = accounts_save(&a);
	return r < 0 ? err_sys(e, VZ_E_SYS, r, "cannot note what became of the traffic of VPS '%s'",
			       ct->idstr) : 0;
}

static int stop(struct ct *ct, const struct look *l, struct vz_err *e)
{
	/* First, that it is to come back; whatever happens on the way down. */
	int r = note(ct, NULL, l->stopped, e);

	ct_crash_point("quota", "stop", "before");
	if (r == 0 && ct_is_running(ct))
		r = ct_stop(ct, false, e);
	if (r == 0 && ct_is_mounted(ct))
		r = ct_umount(ct, e);
	ct_crash_point("quota", "stop", "after");
	return r;
}

static int apply_rate(struct ct *ct, struct vz_err *e)
{
	int r = ct_note(ct, "set", STAGE_GUEST, e), s;

	ct_crash_point("quota", "rate", "before");
	if (r == 0)
		r = ct_rate_apply(ct, ct->cfg, e);
	ct_crash_point("quota", "rate", "after");
	s = ct_settle(ct, r < 0 ? NULL : e);
	return r < 0 ? r : s;
}

/* One try: who is in the way of it is told, and starts it himself. */
static void come_back(struct ct *ct)
{
	struct vz_err e = { 0 };

	if (ct->cfg->disabled && cfg_has(ct->cfg, VZ_P_DISABLED))
		return;
	if (ct_resume_or_start(ct, &e) < 0)
		log_msg(&ct->vz->log, -1, "VPS %s has traffic again, but: %s", ct->idstr, e.text);
	else
		log_msg(&ct->vz->log, 0, "VPS %s has traffic again and is started", ct->idstr);
}

static int act(struct ct *ct, const struct look *l, struct vz_err *e)
{
	if (wants_stop(l))
		return stop(ct, l, e);
	if (ct_is_running(ct))
		return apply_rate(ct, e);
	if (l->stopped)
		come_back(ct);
	return 0;
}

static void tell(struct ct *ct, const struct look *l)
{
	char event[40], month[40], used[48], quota[48], action[80];
	const char *env[] = { event, month, used, quota, action, NULL };

	log_msg(&ct->vz->log, 0, "VPS %s: %llu of %llu bytes of the month from %s are used%s%s",
		ct->idstr, (unsigned long long)l->m.used, (unsigned long long)l->m.quota, l->m.from,
		*l->want ? ": " : "", *l->want ? l->m.action : "");
	snprintf(event, sizeof(event), "TRAFFIC_EVENT=%s", *l->want ? "over" : "free");
	snprintf(month, sizeof(month), "TRAFFIC_MONTH=%s", l->m.from);
	snprintf(used, sizeof(used), "TRAFFIC_USED=%llu", (unsigned long long)l->m.used);
	snprintf(quota, sizeof(quota), "TRAFFIC_QUOTA=%llu", (unsigned long long)l->m.quota);
	snprintf(action, sizeof(action), "TRAFFIC_ACTION=%s", l->m.action);
	ct->action_env = env;
	ct_action_anyway(ct, ACTION_TRAFFIC);
	ct->action_env = NULL;
}

int ct_quota_enforce(struct ct *ct, struct vz_err *e)
{
	_cleanup_(look_done) struct look l = { .a.ct = ct };
	int r = look(&l, e);

	if (r < 0 || !is_due(&l))
		return r;
	r = accounts_save(&l.a);
	if (r < 0)
		return err_sys(e, VZ_E_SYS, r, "cannot save the traffic of VPS '%s'", ct->idstr);
	ct_crash_point("quota", "sums", "after");
	if (!wants_act(&l))
		return 0;
	/* One that was down before is not started by anybody when it has traffic again. */
	l.stopped = l.stopped || ct_is_running(ct);
	r = act(ct, &l, e);
	if (r == 0 && strcmp(l.done, l.want) != 0)
		tell(ct, &l);
	ct_crash_point("quota", "note", "before");
	return r < 0 ? r : note(ct, l.want, wants_stop(&l) && l.stopped, e);
}

int ct_quota_check_start(struct ct *ct, struct vz_err *e)
{
	const struct vz_cfg *c = ct->cfg;

	if (!c->traffic_quota || c->traffic_action.what != TRAFFIC_STOP || !is_over(ct, c))
		return 0;
	/* The timer will find that it is not running, and why. */
	if (note(ct, NULL, true, e) < 0)
		return -EIO;
	return err_set(e, VZ_E_DISABLED, -EDQUOT,
		       "VPS '%s' has used up its traffic of this month (--traffic_quota)", ct->idstr);
}
