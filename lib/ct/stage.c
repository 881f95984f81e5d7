// SPDX-License-Identifier: LGPL-2.1-or-later
/* Note, then act; on failure or after a crash walk back. Nothing else in the tree does transactions of
 * what runs. */
#include "ct/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "ct/ct.h"
#include "ct/inside/action.h"
#include "ct/link/netif.h"
#include "ct/link/rate.h"
#include "ct/monitor.h"
#include "ct/set.h"
#include "ct/suspend.h"

#ifdef VZ_FAULT
/* VZ_CRASH=start:net:after kills us at that point, as a power button would. */
void ct_crash_point(const char *op, const char *stage, const char *where)
{
	const char *want = getenv("VZ_CRASH");
	char here[64];

	snprintf(here, sizeof(here), "%s:%s:%s", op, stage, where);
	if (want && strcmp(want, here) == 0)
		kill(getpid(), SIGKILL);
}
#endif

int ct_note(struct ct *ct, const char *op, size_t stage, struct vz_err *e)
{
	if (op != ct->st.op)
		snprintf(ct->st.op, sizeof(ct->st.op), "%s", op);
	ct->st.stage = (uint32_t)stage;
	ct->st.base = ct->base;
	return state_write(ct->rundir, &ct->st, e);
}

int ct_settle(struct ct *ct, struct vz_err *e)
{
	ct->st.op[0] = ct->st.to[0] = '\0';
	/* An init that has ended meanwhile is not taken down by that: its stages are up, until init_down() and all
	 * that belongs to it have been there. Who clears up has to find it noted. */
	ct->st.running = ct->st.init.pid != 0;
	ct->st.mounted = ct_is_mounted(ct);
	ct->st.base = ct->base;
	if (!ct->st.running) {
		ct->st.init = (struct ct_proc){ 0 };
		ct->st.monitor = (struct ct_proc){ 0 };
		ct->st.started = 0;
		ct->st.pool[0] = '\0';
	}
	if (!ct->st.running && !ct->st.mounted)
		return state_drop(ct->rundir, e);
	return state_write(ct->rundir, &ct->st, e);
}

int ct_stages_down(struct ct *ct, const char *op, size_t from, size_t to, struct vz_err *e)
{
	int first = 0;

	for (size_t i = from + 1; i-- > to;) {
		int r = ct_note(ct, op, i, e);

		ct_crash_point(op, ct_stages[i].name, "before");
		if (r == 0)
			r = ct_stages[i].down(ct, e);
		if (r < 0) {
			log_msg(&ct->vz->log, 1, "stage %s resists: %s", ct_stages[i].name,
				e ? e->text : "");
			first = first ? first : r;
		}
		ct_crash_point(op, ct_stages[i].name, "after");
	}
	/* A script's refusal is no half-done operation: what is up stays, and is the state. */
	if (first == ACTION_FAILED)
		ct_settle(ct, NULL);
	return first;
}

int ct_stages_up(struct ct *ct, const struct stage *table, const char *op, size_t last,
		 struct vz_err *e)
{
	for (size_t i = 0; i <= last; i++) {
		int r = ct_note(ct, op, i, e);

		ct_crash_point(op, table[i].name, "before");
		if (r == 0)
			r = table[i].up(ct, e);
		ct_crash_point(op, table[i].name, "after");
		if (r < 0) {
			log_msg(&ct->vz->log, 1, "stage %s failed: %s", table[i].name,
				e ? e->text : "");
			/* The first failure keeps the words. */
			if (ct_stages_down(ct, "undo", i, 0, e) == 0)
				ct_settle(ct, e);
			return r;
		}
	}
	return ct_settle(ct, e);
}

/*
 * We hold the lock, so whoever noted an operation is dead. If every stage is up it had finished but for
 * the note. If not, what is there goes, down to what the state said before: a mounted VPS that was being
 * started stays mounted only if the operation was `mount` and completed.
 */
int ct_recover(struct ct *ct, struct vz_err *e)
{
	struct vz_err mine = { 0 };
	bool all = true;
	int r;

	if (!ct->st.op[0]) {
		/* Settled as running, but init is gone: it ended without anybody to clear up. */
		if (ct->st.running && ct_is_running(ct))
			return monitor_adopt(ct, e);
		/* Nothing is known to be up. Something may be, if the state was lost; it is nobody's. */
		if (!ct->st.running && !ct->st.mounted && !ct_is_mounted(ct))
			return ct_netif_down(ct, e) < 0 || ct_rate_down(ct, e) < 0 ?
				       -EIO :
				       state_drop(ct->rundir, e);
		if (!ct->st.running && ct->st.mounted)
			return 0;
		log_msg(&ct->vz->log, 1, "VPS %s has ended; clearing up", ct->idstr);
	} else if (strcmp(ct->st.op, "set") == 0 && ct_is_running(ct)) {
		log_msg(&ct->vz->log, 1, "VPS %s: an interrupted set is undone", ct->idstr);
		r = ct_set_again(ct, &mine);
		if (r == 0 && ct_is_running(ct))
			return ct_settle(ct, e);
		/* An init that was on its way out is no failure: there is nothing left to undo it in, and what was
		 * just made for it goes. */
		if (ct_is_running(ct)) {
			if (e && !e->code)
				*e = mine;
			return r;
		}
	} else {
		ct_await_criu(ct);
		all = strcmp(ct->st.op, "runscript") != 0;
		for (size_t i = 0; i < NSTAGES && all; i++)
			all = ct_stages[i].is_up(ct);
		log_msg(&ct->vz->log, 1, "operation '%s' was interrupted at stage %u: %s", ct->st.op,
			ct->st.stage, all ? "it is complete" : "going back");
		if (all) {
			/* A dump of before is older than what runs: nobody may resume it. */
			ct_drop_dump(ct);
			return ct_settle(ct, e) < 0 ? -EIO : monitor_adopt(ct, e);
		}
		/* It may have run already, and ended; before the note is written over. */
		if (strcmp(ct->st.op, CT_LET_GO) == 0)
			ct_drop_dump(ct);
	}
	/* Stages above the noted one cannot be up, but looking costs nothing and a note may be lost. */
	r = ct_stages_down(ct, "undo", NSTAGES - 1, 0, e);
	return r < 0 ? r : ct_settle(ct, e);
}
