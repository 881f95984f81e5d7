// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * set: work out the new values, put every touched group of a running VPS into effect, then replace the
 * file, which is the commit. Applying is absolute, so undoing is applying the old values, and recovering
 * from a kill is applying what the file says.
 */
#include "ct/set.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vz/vz.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/str.h"
#include "ct/ct.h"
#include "ct/inside/guestnet.h"
#include "ct/inside/dist.h"
#include "ct/inside/guestfiles.h"
#include "ct/inside/inside.h"
#include "ct/limit/apply.h"
#include "ct/limit/respool.h"
#include "ct/limit/unheld.h"
#include "ct/link/netif.h"
#include "ct/link/netscript.h"
#include "ct/link/rate.h"
#include "ct/link/wall.h"
#include "ct/name.h"
#include "ct/stage.h"
#include "net/net.h"
#include "param/cfgfile.h"
#include "param/check.h"
#include "plan/plan.h"

static const struct cfg_addr *find_addr(const struct addrlist *l, const struct cfg_addr *a)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].family == a->family && l->v[i].prefix == a->prefix &&
		    memcmp(l->v[i].ip, a->ip, sizeof(a->ip)) == 0)
			return &l->v[i];
	return NULL;
}

/* What the first list has and the second has not, for the administrator's hook. */
static int hook(struct ct *ct, const char *name, const struct addrlist *have,
		const struct addrlist *had, struct vz_err *e)
{
	struct addrlist l = { calloc(have->n + 1, sizeof(*l.v)), 0 };
	int r;

	if (!l.v)
		return err_nomem(e);
	for (size_t i = 0; i < have->n; i++)
		if (!find_addr(had, &have->v[i]))
			l.v[l.n++] = have->v[i];
	r = l.n ? ct_net_hook_note(ct, e) : 0;
	if (r == 0)
		r = ct_net_hook(ct, name, "running", &l, e);
	free(l.v);
	return r;
}

/* From the addresses of one configuration to those of another; from NULL: none are known to be there. */
static int apply_net(struct ct *ct, const struct vz_cfg *from, const struct vz_cfg *to,
		     bool skip_detect, struct vz_err *e)
{
	_strv_ struct strv devs = { 0 };
	struct ct_up up = { .sock = -1, .link = -1, .pidfd = -1, .netns = -1 };
	const struct addrlist none = { 0 }, *old = from ? &from->ip_address : &none;
	const struct addrlist *new = &to->ip_address;
	struct net_venet v;
	char name[16];
	int r = ct_netns_open(ct, VZ_E_ADD_IP, &up.netns, e);

	if (r < 0)
		return r;
	ct->up = &up;
	r = ct_net_want(ct, &v, &devs, name, sizeof(name), e);
	ct->up = NULL;
	v.skip_detect |= skip_detect;
	for (size_t i = 0; r == 0 && i < old->n; i++)
		if (!find_addr(new, &old->v[i]))
			r = net_venet_del(&v, &old->v[i], e);
	for (size_t i = 0; r == 0 && i < new->n; i++)
		if (!find_addr(old, &new->v[i]))
			r = net_venet_add(&v, &new->v[i], e);
	close(up.netns);
	if (r == 0)
		r = hook(ct, "vps-net_del", old, new, e);
	if (r == 0)
		r = hook(ct, "vps-net_add", new, old, e);
	return r;
}

/* Name and files; the latter follow from ct->cfg, which is `to` by now. */
static int apply_guest(struct ct *ct, const struct vz_cfg *to, struct vz_err *e)
{
	_plan_ struct plan *p = plan_new();
	_guestfiles_ struct guestfiles gf = { 0 };
	_guestnet_ struct guestnet net = { 0 };
	int r = p ? guestfiles_make(ct, &gf, e) : err_nomem(e);

	if (r < 0)
		return r;
	if (guestnet_make(ct, to, &net) < 0)
		return err_nomem(e);
	inside_plan_enter(p, ct, INSIDE_MOUNTS);
	guestnet_plan(p, &net, false);
	if (cfg_has(to, VZ_P_HOSTNAME) && *to->hostname)
		PLAN(p, HOSTNAME, .s1 = to->hostname);
	guestfiles_plan(p, &gf);
	PLAN(p, EXIT);
	return inside_run(ct, p, e);
}

static uint32_t groups_of(const struct pset *changed)
{
	uint32_t g = 0;

	for (unsigned p = 0; p < VZ_NPARAMS; p++)
		if (pset_has(changed, p))
			g |= 1u << param_get(p)->group;
	return g;
}

/* `how` is the flags of ct_set(). */
static int apply_groups(struct ct *ct, uint32_t groups, const struct vz_cfg *from,
			const struct vz_cfg *to, unsigned how, struct vz_err *e)
{
	int r = ct_cgroup(ct, e);

	for (unsigned g = 0; r == 0 && g < AP_NGROUPS; g++)
		if (groups >> g & 1) {
			r = g == AP_NET ? apply_net(ct, from, to, how & VZ_SET_SKIP_ARPDETECT, e) :
			    g == AP_VETH ? ct_netif_apply(ct, from, to, e) :
					   ct_apply(ct, from, to, g, e);
			ct_crash_point("set", "group", "after");
		}
	if (r == 0 && groups & (1u << AP_NET | 1u << AP_VETH))
		r = ct_wall_mend(ct, !from, e);
	/* Links may be new, too. */
	if (r == 0 && groups & (1u << AP_NET | 1u << AP_VETH))
		r = ct_rate_apply(ct, to, e);
	if (r == 0 && groups & (1u << AP_GUEST | 1u << AP_NET | 1u << AP_VETH))
		r = apply_guest(ct, to, e);
	if (r == 0 && groups & (1u << AP_GUEST | 1u << AP_NET | 1u << AP_VETH | 1u << AP_DISK))
		dist_changed(ct, from, to);
	return r;
}

int ct_set_again(struct ct *ct, struct vz_err *e)
{
	return apply_groups(ct, ~0u, NULL, ct->cfg, VZ_SET_SKIP_ARPDETECT, e);
}

int ct_reapply(struct ct *ct, struct vz_err *e)
{
	int r = ct_note(ct, "set", STAGE_GUEST, e);

	if (r == 0)
		r = ct_cgroup(ct, e);
	for (unsigned g = 0; r == 0 && g < AP_NGROUPS; g++)
		r = ct_apply(ct, NULL, ct->cfg, g, e);
	if (r == 0)
		return ct_settle(ct, e);
	ct_settle(ct, NULL);
	return r;
}

/* Swap in the new values and apply them; whatever fails, the old ones are in force again. */
static int apply_live(struct ct *ct, struct vz_cfg *full, const struct vz_cfg *change,
		      const struct pset *changed, unsigned how, struct vz_err *e)
{
	/* A device may be there that no file knows of; so what is said about devices always counts. */
	uint32_t groups = groups_of(changed) | (groups_of(&change->set) & 1u << AP_VETH);
	struct vz_cfg *old = ct->cfg;
	int r = ct_note(ct, "set", STAGE_GUEST, e);

	if (r < 0)
		return r;
	ct->cfg = full;
	r = apply_groups(ct, groups, old, full, how, e);
	ct->cfg = old;
	if (r < 0)
		(void)apply_groups(ct, groups, full, old, VZ_SET_SKIP_ARPDETECT, NULL);
	return r;
}

static bool any_with(const struct pset *changed, uint32_t flag)
{
	for (unsigned p = 0; p < VZ_NPARAMS; p++)
		if (pset_has(changed, p) && param_get(p)->info.flags & flag)
			return true;
	return false;
}

/* The node itself has a weight, beancounters and disk limits, and nothing else of a VPS. */
static int check_host(const struct vz_cfg *change, struct vz_err *e)
{
	for (unsigned p = 0; p < VZ_NPARAMS; p++) {
		const struct param *row = param_get(p);

		if (cfg_has(change, p) && p != VZ_P_CPUUNITS && row->group != AP_UBC &&
		    row->group != AP_MEM && row->group != AP_IO)
			return err_set(e, VZ_E_PARAM, -EINVAL, "--%s is no option of the node itself",
				       row->info.option);
	}
	return 0;
}

/* Features that are a device or a module hold at once; how the root and the rights are made does not change. */
static bool needs_restart(const struct ct *ct, const struct vz_cfg *new, const struct pset *changed)
{
	const uint64_t at_start = UINT64_C(1) << FEAT_NESTING | UINT64_C(1) << FEAT_SYSFS;
	struct pset rest = *changed;

	if (!((ct->own->features.on ^ new->features.on) & at_start))
		pset_del(&rest, VZ_P_FEATURES);
	return any_with(&rest, P_RESTART);
}

/* What may not be said in this state, and what is said although nothing comes of it. */
static int check(struct ct *ct, const struct vz_cfg *change, const struct vz_cfg *new,
		 const struct pset *changed, unsigned flags, struct vz_set_result *ret, struct vz_err *e)
{
	bool save = flags & VZ_SET_SAVE;
	int r = ct->id ? cfg_check_change(change, e) : check_host(change, e);

	if (r < 0)
		return r;
	if (cfg_has(change, VZ_P_NAME) && !save)
		return err_set(e, VZ_E_NAME, -EINVAL, "--name needs --save");
	if (any_with(&change->set, P_NEEDSAVE) && !save)
		return err_set(e, VZ_E_SYNTAX, -EINVAL, "this option of VPS '%s' needs --save",
			       ct->idstr);
	if (ct->id && !ret->running && !save && !cfg_has(change, VZ_P_USERPASSWD))
		return err_set(e, VZ_E_NOT_RUNNING, -ESRCH,
			       "VPS '%s' is not running; use --save to store the values", ct->idstr);
	if (ret->running && any_with(changed, P_FIXED))
		return err_set(e, VZ_E_RUNNING, -EBUSY,
			       "VPS '%s' is running: its folders cannot be changed", ct->idstr);
	ret->needs_restart = ret->running && needs_restart(ct, new, changed);
	if (ret->needs_restart && flags & VZ_SET_IGNORE)
		return err_set(e, VZ_E_RUNNING, -EBUSY, "VPS '%s' would have to be restarted",
			       ct->idstr);
	if (flags & VZ_SET_RESTART && !save)
		return err_set(e, VZ_E_SYNTAX, -EINVAL, "--setmode restart needs --save");
	if (cfg_has(change, VZ_P_POOL) && *change->pool && (r = ct_pool_check(ct, change->pool, e)) < 0)
		return r;
	if (cfg_has(change, VZ_P_FIREWALL) && (r = ct_wall_check_sets(ct->vz, &change->firewall, e)) < 0)
		return r;
	return cfg_has(change, VZ_P_NAME) ? name_check(ct, change->name, e) : 0;
}

static int save(struct ct *ct, const struct vz_cfg *change, struct vz_cfg *new,
		const struct pset *changed, struct vz_set_result *ret, struct vz_err *e)
{
	struct cfgfile f = { .dirfd = AT_FDCWD, .path = ct->conf, .missing = VZ_E_SAVE,
			     .log = ct->vz->log };
	int r = cfgfile_update(&f, new, changed, e);

	if (r < 0)
		return r;
	ret->saved = r > 0;
	ret->unchanged = r == 0;
	if (r >= 0 && cfg_has(change, VZ_P_NAME)) {
		name_unlink(ct);
		r = name_link(ct, change->name, e);
	}
	return r < 0 ? r : 0;
}

static int set(struct ct *ct, const struct vz_cfg *change, unsigned flags, struct vz_set_result *ret,
	       struct vz_err *e)
{
	_cfg_ struct vz_cfg *new = NULL, *full = NULL;
	struct pset changed = { 0 };
	int r = 0;

	ret->running = ct_is_running(ct);
	if (cfg_copy(ct->own, &new) < 0 || cfg_copy(ct->vz->cfg, &full) < 0)
		return err_nomem(e);
	r = cfg_change(new, change, &changed, e);
	if (r == 0 && pset_has(&changed, VZ_P_NETIF))
		r = ct_netif_complete(ct, new, e);
	if (r == 0)
		r = check(ct, change, new, &changed, flags, ret, e);
	if (r < 0)
		return r;
	cfg_unset(full, VZ_P_LOCAL_UID);
	if (cfg_merge(full, new) < 0)
		return err_nomem(e);
	if (ret->running)
		r = apply_live(ct, full, change, &changed, flags, e);
	if (r == 0 && cfg_has(change, VZ_P_USERPASSWD))
		r = ct_passwords(ct, change, flags & VZ_SET_CRYPTED, e);
	if (r == 0 && flags & VZ_SET_SAVE && !ct->has_conf && ct->id)
		log_msg(&ct->vz->log, -1, "VPS %s has no configuration yet: it is made", ct->idstr);
	if (r == 0 && flags & VZ_SET_SAVE)
		r = save(ct, change, new, &changed, ret, e);
	if (r == 0 && flags & VZ_SET_MAP_NAME && cfg_has(new, VZ_P_NAME))
		r = name_link(ct, new->name, e);
	if (ret->running) {
		int s = ct_settle(ct, r < 0 ? NULL : e);

		r = r < 0 ? r : s;
	}
	return r;
}

int ct_set(struct ct *ct, const struct vz_cfg *change, unsigned flags, struct vz_set_result *ret,
	   struct vz_err *e)
{
	_strv_ struct strv unheld = { 0 };
	size_t n = 0;
	int r;

	ct->unheld = &unheld;
	r = set(ct, change, flags, ret, e);
	if (r == 0)
		unheld_values(ct, change);
	ct->unheld = NULL;
	for (size_t i = 0; i < unheld.n; i++)
		if (n + strlen(unheld.v[i]) + 3 < sizeof(ret->not_enforced))
			n += (size_t)snprintf(ret->not_enforced + n, sizeof(ret->not_enforced) - n,
					      "%s%s", n ? ", " : "", unheld.v[i]);
	return r;
}
