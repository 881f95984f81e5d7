// SPDX-License-Identifier: LGPL-2.1-or-later
/* Passwords, without running anything of the guest: texts by lib/guest, steps to put them in place. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/str.h"
#include "ct/ct.h"
#include "ct/inside/dist.h"
#include "ct/inside/guestfiles.h"
#include "ct/inside/inside.h"
#include "ct/set.h"
#include "guest/user.h"
#include "param/param.h"
#include "plan/plan.h"

#define DAY 86400

struct tables {
	struct buf text[GUEST_NTABLES], login_defs;
	const struct buf *old[GUEST_NTABLES];
};

static void tables_done(struct tables *t)
{
	for (int i = 0; i < GUEST_NTABLES; i++)
		buf_done(&t->text[i]);
	buf_done(&t->login_defs);
}

static int tables_read(const struct ct *ct, struct tables *t, struct vz_err *e)
{
	for (int i = 0; i < GUEST_NTABLES; i++) {
		int r = guestfiles_read(ct, guest_tables[i].path, &t->text[i]);

		if (r < 0 && r != -ENOENT)
			return err_sys(e, VZ_E_PASSWD, r, "cannot read %s of VPS '%s'",
				       guest_tables[i].path, ct->idstr);
		t->old[i] = r == 0 ? &t->text[i] : NULL;
	}
	(void)guestfiles_read(ct, "/etc/login.defs", &t->login_defs);
	return 0;
}

static int put(struct ct *ct, const struct guest_user_set *s, struct vz_err *e)
{
	_plan_ struct plan *p = plan_new();

	if (!p)
		return err_nomem(e);
	if (ct_is_running(ct))
		inside_plan_enter(p, ct, INSIDE_MOUNTS);
	else
		inside_plan_root(p, ct);
	for (int i = 0; i < GUEST_NTABLES; i++)
		if (s->changed[i])
			PLAN(p, FILE, .s1 = guest_tables[i].path, .s2 = buf_str(&s->text[i]),
			     .s2_len = s->text[i].len, .num = guest_tables[i].mode);
	if (s->created) {
		PLAN(p, MKDIR, .s1 = "/home", .num = 0755);
		PLAN(p, MKDIR, .s1 = s->home, .num = 0700);
		PLAN(p, CHOWN, .s1 = s->home, .num = (uint64_t)s->uid << 32 | s->gid);
	}
	PLAN(p, EXIT);
	return inside_run(ct, p, e);
}

static int one_password(struct ct *ct, const char *pair, bool crypted, struct vz_err *e)
{
	_cleanup_(tables_done) struct tables t = { 0 };
	_cleanup_(guest_user_set_done) struct guest_user_set s = GUEST_USER_SET_INIT;
	const char *colon = strchr(pair, ':');
	_free_ char *user = colon ? str_printf("%.*s", (int)(colon - pair), pair) : NULL;
	struct guest_user_want w = { .user = user, .password = colon ? colon + 1 : NULL,
				     .crypted = crypted,
				     .today = time(NULL) / DAY };
	int r;

	if (!user)
		return err_set(e, VZ_E_PARAM, -EINVAL, "--userpasswd wants user:password");
	r = tables_read(ct, &t, e);
	if (r < 0)
		return r;
	w.prefix = guest_hash_prefix(t.login_defs.len ? &t.login_defs : NULL);
	r = guest_password_set(t.old, &w, &s);
	if (r < 0)
		return err_sys(e, VZ_E_PASSWD, r, "cannot set the password of '%.32s' in VPS '%s'", user,
			       ct->idstr);
	r = put(ct, &s, e);
	return r < 0 && e ? (e->code = VZ_E_PASSWD, r) : r;
}

/* The distribution's own way, in place of ours. It needs a VPS that runs. */
static int by_script(struct ct *ct, const struct dist *d, const struct vz_cfg *change, bool mounted,
		     struct vz_err *e)
{
	bool parked = !ct_is_running(ct);
	int r = parked ? ct_park(ct, e) : 0, s = 0;

	if (r < 0)
		return r;
	r = dist_passwords(ct, d, change, e);
	if (parked)
		s = ct_unpark(ct, r < 0 ? NULL : e);
	if (parked && mounted && s == 0)
		s = ct_mount(ct, r < 0 ? NULL : e);
	return r < 0 ? r : s;
}

int ct_passwords(struct ct *ct, const struct vz_cfg *change, bool crypted, struct vz_err *e)
{
	_dist_ struct dist d = { 0 };
	bool mounted = ct_is_mounted(ct);
	int r = dist_open(ct, &d, e);

	/* Scripts know plain passwords only. */
	if (r < 0 || (d.script[DIST_SET_USERPASS] && !crypted))
		return r < 0 ? r : by_script(ct, &d, change, mounted, e);
	r = mounted ? 0 : ct_mount(ct, e);

	for (size_t i = 0; r == 0 && i < change->userpasswd.n; i++)
		r = one_password(ct, change->userpasswd.v[i], crypted, e);
	if (!mounted && ct_is_mounted(ct)) {
		int u = ct_umount(ct, r < 0 ? NULL : e);

		r = r < 0 ? r : u;
	}
	return r;
}
