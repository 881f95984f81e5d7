// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A running VPS goes to another pool: dumped where it is, and brought back in groups of the other one. Its root stays
 * mounted. The file that says which pool it belongs to is changed in between, while nothing runs: whoever finds the
 * VPS later, after a kill, finds it running where it was, suspended, or running where the file says.
 */
#include "ct/poolmove.h"

#include <stdlib.h>
#include <string.h>

#include <vz/vz.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/str.h"
#include "cgroup/cg.h"
#include "ct/ct.h"
#include "ct/limit/respool.h"
#include "ct/set.h"
#include "ct/stage.h"
#include "ct/suspend.h"
#include "param/param.h"

#define OP "move"

static int store(struct ct *ct, const char *name, struct vz_err *e)
{
	_cfg_ struct vz_cfg *change = cfg_new();
	struct vz_set_result res = { 0 };
	int r = change ? cfg_set_text(change, VZ_P_POOL, name, e) : err_nomem(e);

	if (r == 0)
		r = ct_set(ct, change, VZ_SET_SAVE, &res, e);
	return r < 0 ? r : ct_reload(ct, e);
}

/* Nothing of it runs: the new pool is stored, and it comes up there. */
static int come_up(struct ct *ct, const char *name, bool frozen, struct vz_err *e)
{
	int r = store(ct, name, e);

	ct_crash_point(OP, "store", "after");
	ct->keep_root = true;
	if (r == 0)
		r = ct_resume(ct, NULL, frozen, e);
	ct->keep_root = false;
	return r;
}

/* Whatever went wrong up there, it is to run again where it ran. *e has the reason, and gets what became of it. */
static int go_back(struct ct *ct, const char *pool, const char *stored, bool frozen, int why, struct vz_err *e)
{
	struct vz_err mine = { 0 };
	int r = 0;

	if (ct->st.op[0]) /* else that has been done */
		r = ct_stages_down(ct, "undo", STAGE_GUEST, STAGE_ROOT, &mine);
	if (r == 0)
		r = ct_settle(ct, &mine);
	/* Even if the file cannot be put right: what counts is that it runs. */
	if (store(ct, stored, &mine) < 0)
		log_msg(&ct->vz->log, -1, "VPS %s: POOL is to be '%s' again: %s", ct->idstr, stored, mine.text);
	ct_crash_point(OP, "back", "before");
	mine = (struct vz_err){ 0 };
	ct->into = pool;
	if (ct_is_suspended(ct))
		r = ct_resume(ct, NULL, frozen, &mine);
	ct->into = NULL;
	if (r < 0)
		log_msg(&ct->vz->log, -1, "VPS %s: %s", ct->idstr, mine.text);
	return err_prefix(e, why, r < 0 ? "VPS '%s' is suspended, not moved" : "VPS '%s' is not moved", ct->idstr);
}

int ct_pool_can_move(struct ct *ct, struct vz_err *e)
{
	_free_ char *criu = NULL;
	int r = ct_can_suspend(ct, e);

	return r < 0 ? r : ct_find_criu(ct->vz, &criu, e);
}

int ct_pool_move(struct ct *ct, const char *name, struct vz_err *e)
{
	const char *last = strrchr(ct->st.pool, '/');
	_free_ char *pool = strdup(last ? last + 1 : ct->st.pool);
	_free_ char *stored = strdup(cfg_has(ct->own, VZ_P_POOL) ? ct->own->pool : "");
	bool frozen;
	int r = pool && stored ? ct_cgroup(ct, e) : err_nomem(e);

	if (r < 0)
		return r;
	frozen = cg_is_frozen(ct->cg);
	r = ct_pool_book(ct, OP, name, e);
	ct_crash_point(OP, "book", "after");
	if (r == 0)
		r = ct_put_down(ct, OP, e);
	if (r < 0 && !ct_is_suspended(ct)) {
		/* It runs and never stopped. */
		if (frozen)
			(void)cg_freeze(ct->cg, true, NULL);
		ct_settle(ct, NULL);
		return err_prefix(e, r, "VPS '%s' is not moved", ct->idstr);
	}
	if (r == 0)
		r = come_up(ct, name, frozen, e);
	return r < 0 ? go_back(ct, pool, stored, frozen, r, e) : 0;
}
