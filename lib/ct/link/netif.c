/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From NETIF and NETDEV to links, at start, live, and back. Going up and changing are one thing: make what
 * should be there and is not, change what is there, remove what should not be. What there may be is noted
 * before; so it does not matter where a predecessor was killed.
 */
#include "ct/link/netif.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/str.h"
#include "cpt/cpt.h"
#include "ct/ct.h"
#include "ct/link/links.h"
#include "ct/link/netscript.h"
#include "ct/link/rate.h"
#include "ct/stage.h"
#include "net/net.h"
#include "net/netdev.h"
#include "net/veth.h"
#include "param/param.h"

#define PIN_FILE "netns"

/* ---- what is wanted ---- */

static const struct netif *find_netif(const struct vz_cfg *c, const char *name)
{
	for (size_t i = 0; cfg_has(c, VZ_P_NETIF) && i < c->netif.n; i++)
		if (str_eq(c->netif.v[i].ifname, name))
			return &c->netif.v[i];
	return NULL;
}

static bool wants_dev(const struct vz_cfg *c, const char *name)
{
	return cfg_has(c, VZ_P_NETDEV) && strv_has(&c->netdev, name);
}

static bool is_same(const struct netif *a, const struct netif *b)
{
	return str_eq(a->host_ifname, b->host_ifname) && str_eq(a->bridge, b->bridge) &&
	       memcmp(a->mac, b->mac, 6) == 0 && memcmp(a->host_mac, b->host_mac, 6) == 0 &&
	       !a->mac_filter == !b->mac_filter &&
	       str_eq(a->extra ? a->extra : "", b->extra ? b->extra : "");
}

/* What one call of this file works with. */
struct work {
	struct ct *ct;
	int netns;
	bool passing, script;
	struct links now;
	char *pin;
};

static void work_done(struct work *w)
{
	links_done(&w->now);
	free(w->pin);
}

static int work_begin(struct work *w, struct ct *ct, struct vz_err *e)
{
	int r;

	w->ct = ct;
	w->pin = str_printf("%s/" PIN_FILE, ct->rundir);
	r = w->pin ? links_read(ct, &w->now) : -ENOMEM;
	return r < 0 ? err_sys(e, VZ_E_VETH, r, "cannot read the list of links of VPS '%s'",
			       ct->idstr) :
		       0;
}

static bool has_outlet(const struct netif *n)
{
	size_t len = 0;
	const char *type = netif_extra(n, "type", &len);

	return type && len == strlen("macvlan") && strncmp(type, "macvlan", len) == 0;
}

static void passing_name(const struct ct *ct, size_t i, char out[CFG_IFNAMSIZ])
{
	snprintf(out, CFG_IFNAMSIZ, "vzr%x.%u", ct->id, (unsigned)i % 100);
}

/* ---- pairs ---- */

static int want_veth(struct work *w, const struct netif *n, const struct netif_net *net,
		     char *passing, struct net_veth *v)
{
	*v = (struct net_veth){ .host_if = n->host_ifname, .guest_if = n->ifname,
				.host_mac = n->host_mac, .mac = n->mac, .net = net,
				.mac_filter = n->mac_filter != 0, .script = w->script,
				.netns_fd = w->netns, .owner = w->ct->vz->slice,
				.id = w->ct->id, .lock = w->ct->vz->rundir };
	if (net->lone4 || net->lone6)
		log_msg(&w->ct->vz->log, -1, "VPS %s: the gateway of '%s' is ignored: the device has no "
			"address of its family", w->ct->idstr, n->ifname);
	/* A macvlan leaves nothing to it. */
	v->script &= !*net->parent;
	if (w->passing) {
		passing_name(w->ct, (size_t)(n - w->ct->cfg->netif.v), passing);
		v->passing = passing;
	}
	return 0;
}

static int run_script(const struct work *w, const struct netif *n, struct vz_err *e)
{
	return w->script && !has_outlet(n) ? ct_veth_script(w->ct, n->host_ifname, e) : 0;
}

static int veth_new(struct work *w, const struct netif *n, struct vz_err *e)
{
	struct netif_net net;
	struct net_veth v;
	char passing[CFG_IFNAMSIZ];
	int r = netif_net(n, &net, e);

	if (r < 0)
		return r;
	want_veth(w, n, &net, passing, &v);
	r = net_veth_up(&v, e);
	netif_net_done(&net);
	ct_crash_point("netif", n->ifname, "after");
	return r == 0 ? run_script(w, n, e) : r;
}

static int veth_change(struct work *w, const struct netif *n, const char *host,
		       const struct netif *was, struct vz_err *e)
{
	struct netif_net net, old = { 0 };
	struct net_veth v;
	char passing[CFG_IFNAMSIZ];
	int r = netif_net(n, &net, e);

	if (r < 0)
		return r;
	if (was)
		(void)netif_net(was, &old, NULL);
	want_veth(w, n, &net, passing, &v);
	r = net_veth_change(&v, host, was ? &old : NULL, e);
	netif_net_done(&net);
	netif_net_done(&old);
	return r == 0 ? run_script(w, n, e) : r;
}

/* Under which name is the pair there now? "" when it is not. */
static void find_veth(const struct work *w, const char *ifname, char host[CFG_IFNAMSIZ])
{
	struct link_note *n;

	host[0] = '\0';
	for (size_t i = 0; (n = links_next(&w->now, LINK_VETH, ifname, &i));)
		if (net_veth_is_ours(n->host, w->ct->vz->slice, w->ct->id))
			memcpy(host, n->host, CFG_IFNAMSIZ);
}

static bool is_guarded(const struct netif *n, const char *host)
{
	struct netif_net net;
	bool wanted = n->mac_filter != 0;

	if (!wanted && netif_net(n, &net, NULL) == 0) {
		wanted = net.ip_filter;
		netif_net_done(&net);
	}
	return !wanted || net_link_is_guarded(host);
}

/* As net_veth_is_connected(). */
static int is_connected(struct work *w, const struct netif *n, const char *host, struct netif_net *net)
{
	struct net_veth v;
	char passing[CFG_IFNAMSIZ];
	const struct link_note *note;
	int r;

	/* Changed live, and the configuration does not know. */
	for (size_t i = 0; (note = links_next(&w->now, LINK_VETH, n->ifname, &i));)
		if (str_eq(note->host, host) && note->outlet != has_outlet(n))
			return 1;
	r = netif_net(n, net, NULL);
	if (r < 0)
		return 1; /* who makes it will tell */
	want_veth(w, n, net, passing, &v);
	v.host_if = host;
	r = net_veth_is_connected(&v);
	netif_net_done(net);
	return r;
}

static int veth_one(struct work *w, const struct vz_cfg *from, const struct netif *n,
		    struct vz_err *e)
{
	const struct netif *was = from ? find_netif(from, n->ifname) : NULL;
	char host[CFG_IFNAMSIZ];
	struct netif_net net;

	find_veth(w, n->ifname, host);
	if (!*host)
		return veth_new(w, n, e);
	/* A bridge that is not there now is no reason to fail at something else. */
	if (was && is_same(was, n) && net_veth_is_up(host, w->ct->vz->slice, w->ct->id) &&
	    is_guarded(n, host) && is_connected(w, n, host, &net) != 0)
		return 0;
	return veth_change(w, n, host, was, e);
}

/* ---- devices of the node ---- */

static int dev_give(struct work *w, struct link_note *n, struct vz_err *e)
{
	int r = net_dev_check(n->name, e);

	if (r == 0)
		r = net_pin(w->netns, w->pin, e);
	ct_crash_point("netdev", "pin", "after");
	if (r == 0)
		r = net_dev_give(n->name, w->netns, &n->index, e);
	ct_crash_point("netdev", "give", "after");
	return r;
}

static int dev_take(struct work *w, const struct link_note *n, struct vz_err *e)
{
	_fd_ int fd = -1;
	int r = net_pin_open(w->pin, &fd);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return err_sys(e, VZ_E_NETDEV, r, "cannot open '%s'", w->pin);
	/* Killed between moving and noting the number: then it is still known by its name. */
	if (n->index == 0 && net_dev_is_here(n->name))
		return 0;
	return net_dev_take(n->name, n->index, fd, e);
}

/* ---- all of it ---- */

/* What is there, and what is going to be: after that it may be begun. */
static int note_all(struct work *w, const struct vz_cfg *to, struct vz_err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && cfg_has(to, VZ_P_NETIF) && i < to->netif.n; i++) {
		struct link_note n = { .kind = LINK_VETH, .outlet = has_outlet(&to->netif.v[i]) };

		memcpy(n.name, to->netif.v[i].ifname, CFG_IFNAMSIZ);
		memcpy(n.host, to->netif.v[i].host_ifname, CFG_IFNAMSIZ);
		r = links_add(&w->now, &n);
	}
	for (size_t i = 0; r == 0 && cfg_has(to, VZ_P_NETDEV) && i < to->netdev.n; i++) {
		struct link_note n = { .kind = LINK_DEV };

		snprintf(n.name, sizeof(n.name), "%s", to->netdev.v[i]);
		r = links_add(&w->now, &n);
	}
	return r < 0 ? err_nomem(e) : links_write(w->ct, &w->now, e);
}

/* Remove what `to` does not want (NULL: nothing of all). Everything is tried; the first failure counts. */
static int drop(struct work *w, const struct vz_cfg *to, struct vz_err *e)
{
	const struct ct *ct = w->ct;
	struct link_note *n;
	struct net_veth v;
	int first = 0, r;

	for (size_t i = 0; (n = links_next(&w->now, LINK_VETH, NULL, &i));) {
		if (to && find_netif(to, n->name))
			continue;
		v = (struct net_veth){ .host_if = n->host, .owner = ct->vz->slice, .id = ct->id,
				       .lock = ct->vz->rundir };
		r = net_veth_down(&v, n->outlet, e);
		first = first ? first : r;
	}
	for (size_t i = 0; (n = links_next(&w->now, LINK_DEV, NULL, &i));) {
		if (to && wants_dev(to, n->name))
			continue;
		r = dev_take(w, n, e);
		first = first ? first : r;
	}
	return first;
}

static int make(struct work *w, const struct vz_cfg *from, const struct vz_cfg *to,
		struct vz_err *e)
{
	struct link_note *n;
	int r = 0;

	for (size_t i = 0; r == 0 && cfg_has(to, VZ_P_NETIF) && i < to->netif.n; i++)
		r = veth_one(w, from, &to->netif.v[i], e);
	for (size_t i = 0; r == 0 && (n = links_next(&w->now, LINK_DEV, NULL, &i));)
		/* With a number it is inside already; one that the VPS has lost is not ours to find. */
		if (wants_dev(to, n->name) && (n->index == 0 || net_dev_is_here(n->name)))
			r = dev_give(w, n, e);
	return r;
}

/* Done: only what is wanted is there, each pair under one name. */
static int note_done(struct work *w, const struct vz_cfg *to, struct vz_err *e)
{
	bool devs = false;
	size_t left = 0;
	int r;

	for (size_t i = 0; i < w->now.n; i++) {
		struct link_note *n = &w->now.v[i];
		const struct netif *netif = n->kind == LINK_VETH ? find_netif(to, n->name) : NULL;

		if (n->kind == LINK_HOOK || (netif && str_eq(netif->host_ifname, n->host)) ||
		    (n->kind == LINK_DEV && wants_dev(to, n->name))) {
			devs |= n->kind == LINK_DEV;
			n->outlet = netif && has_outlet(netif);
			w->now.v[left++] = *n;
		}
	}
	w->now.n = left;
	r = links_write(w->ct, &w->now, e);
	return r == 0 && !devs ? net_unpin(w->pin, e) : r;
}

static int converge(struct work *w, const struct vz_cfg *from, const struct vz_cfg *to,
		    struct vz_err *e)
{
	int r;

	w->script = cfg_has(to, VZ_P_NETIF) && to->netif.n && ct_veth_has_script(w->ct);
	r = note_all(w, to, e);
	ct_crash_point("netif", "note", "after");
	if (r == 0)
		r = drop(w, to, e);
	ct_crash_point("netif", "drop", "after");
	if (r == 0)
		r = make(w, from, to, e);
	ct_crash_point("netif", "make", "after");
	return r == 0 ? note_done(w, to, e) : r;
}

static bool has_any(const struct vz_cfg *c)
{
	return (cfg_has(c, VZ_P_NETIF) && c->netif.n) || (cfg_has(c, VZ_P_NETDEV) && c->netdev.n);
}

static int up(struct ct *ct, int netns, bool passing, struct vz_err *e)
{
	_cleanup_(work_done) struct work w = { .netns = netns, .passing = passing };
	_cfg_ struct vz_cfg *none = NULL;
	int r;

	if (!has_any(ct->cfg))
		return 0;
	none = cfg_new();
	r = none ? ct_netif_complete(ct, ct->cfg, e) : err_nomem(e);
	if (r == 0)
		r = work_begin(&w, ct, e);
	return r < 0 ? r : converge(&w, none, ct->cfg, e);
}

int ct_netif_up(struct ct *ct, struct vz_err *e)
{
	return up(ct, ct->up->netns, false, e);
}

int ct_netif_passing(struct ct *ct, struct vz_err *e)
{
	return up(ct, -1, true, e);
}

int ct_netif_passed(struct ct *ct, int netns_fd, struct vz_err *e)
{
	char name[CFG_IFNAMSIZ];
	int index, r = 0;

	for (size_t i = 0; r == 0 && cfg_has(ct->cfg, VZ_P_NETIF) && i < ct->cfg->netif.n; i++) {
		passing_name(ct, i, name);
		if (net_dev_is_here(name))
			r = net_dev_rename_into(name, netns_fd, ct->cfg->netif.v[i].ifname, &index, e);
	}
	return r;
}

int ct_netns_open(struct ct *ct, int code, int *ret_fd, struct vz_err *e)
{
	char path[40];
	int r;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", ct->st.init.pid);
	*ret_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*ret_fd >= 0)
		return 0;
	r = -errno;
	/* Its init may end at any time, and is there without namespaces until it is reaped. */
	if (!ct_is_running(ct))
		return err_set(e, VZ_E_NOT_RUNNING, -ESRCH, "VPS '%s' is not running", ct->idstr);
	return err_sys(e, code, r, "cannot open the network of VPS '%s'", ct->idstr);
}

int ct_netif_apply(struct ct *ct, const struct vz_cfg *from, const struct vz_cfg *to,
		   struct vz_err *e)
{
	_cleanup_(work_done) struct work w = { 0 };
	_fd_ int netns = -1;
	int r = work_begin(&w, ct, e);

	if (r < 0 || (!has_any(to) && !w.now.n))
		return r;
	r = ct_netns_open(ct, VZ_E_VETH, &netns, e);
	if (r < 0)
		return r;
	w.netns = netns;
	return converge(&w, from, to, e);
}

int ct_netif_down(struct ct *ct, struct vz_err *e)
{
	_cleanup_(work_done) struct work w = { .netns = -1 };
	int r = work_begin(&w, ct, e), s;

	if (r < 0)
		return r;
	/* Should the list be lost: what the configuration names may be there, too. */
	if (!w.now.n && !has_any(ct->cfg))
		return 0;
	if (!w.now.n && ct_netif_complete(ct, ct->cfg, NULL) == 0)
		(void)note_all(&w, ct->cfg, NULL);
	r = drop(&w, NULL, e);
	if (r == 0)
		r = net_unpin(w.pin, e);
	if (r == 0) {
		w.now.n = 0;
		s = links_write(ct, &w.now, e);
		r = s;
	}
	return r;
}

bool ct_netif_is_up(struct ct *ct)
{
	_cleanup_(work_done) struct work w = { 0 };
	const struct vz_cfg *c = ct->cfg;
	char host[CFG_IFNAMSIZ];

	if (!has_any(c))
		return true;
	if (work_begin(&w, ct, NULL) < 0)
		return false;
	for (size_t i = 0; cfg_has(c, VZ_P_NETIF) && i < c->netif.n; i++) {
		find_veth(&w, c->netif.v[i].ifname, host);
		if (!*host || !net_veth_is_up(host, ct->vz->slice, ct->id))
			return false;
	}
	for (size_t i = 0; cfg_has(c, VZ_P_NETDEV) && i < c->netdev.n; i++) {
		size_t at = 0;
		const struct link_note *n = links_next(&w.now, LINK_DEV, c->netdev.v[i], &at);

		if (!n || n->index == 0)
			return false;
	}
	return true;
}

bool ct_netif_is_guarded(struct ct *ct)
{
	_cleanup_(work_done) struct work w = { 0 };
	const struct vz_cfg *c = ct->cfg;
	bool all = true;
	struct netif_net net;
	char host[CFG_IFNAMSIZ];

	if (!cfg_has(c, VZ_P_NETIF) || !c->netif.n || work_begin(&w, ct, NULL) < 0)
		return true;
	w.script = ct_veth_has_script(ct);
	for (size_t i = 0; all && i < c->netif.n; i++) {
		find_veth(&w, c->netif.v[i].ifname, host);
		all = !*host || (is_guarded(&c->netif.v[i], host) &&
				 is_connected(&w, &c->netif.v[i], host, &net) != 0);
	}
	return all;
}

void ct_netif_lost(struct ct *ct, char dev[CFG_IFNAMSIZ])
{
	_cleanup_(work_done) struct work w = { 0 };
	const struct vz_cfg *c = ct->cfg;
	struct netif_net net;
	char host[CFG_IFNAMSIZ];

	dev[0] = '\0';
	if (!cfg_has(c, VZ_P_NETIF) || !c->netif.n || work_begin(&w, ct, NULL) < 0)
		return;
	w.script = ct_veth_has_script(ct);
	for (size_t i = 0; !*dev && i < c->netif.n; i++) {
		find_veth(&w, c->netif.v[i].ifname, host);
		if (*host && is_connected(&w, &c->netif.v[i], host, &net) == -ENODEV)
			memcpy(dev, *net.parent ? net.parent : net.bridge, CFG_IFNAMSIZ);
	}
}

int ct_netif_again(struct ct *ct, struct vz_err *e)
{
	int r = ct_netif_complete(ct, ct->cfg, e);

	if (r == 0)
		r = ct_netif_apply(ct, ct->cfg, ct->cfg, e);
	/* A macvlan that was made anew has none yet. */
	return r < 0 ? r : ct_rate_up(ct, e);
}

/* A bridge that only a script knows of: a port that is of none is the script's to see to. */
static int script_again(struct ct *ct, struct vz_err *e)
{
	_cleanup_(work_done) struct work w = { 0 };
	const struct vz_cfg *c = ct->cfg;
	char host[CFG_IFNAMSIZ];
	int r = work_begin(&w, ct, e);

	for (size_t i = 0; r == 0 && i < c->netif.n; i++) {
		const struct netif *n = &c->netif.v[i];
		size_t len;

		find_veth(&w, n->ifname, host);
		if (*host && !*n->bridge && !netif_extra(n, "network", &len) && !has_outlet(n) &&
		    net_dev_master(host) == 0)
			r = ct_veth_script(ct, host, e);
	}
	return r;
}

int ct_netif_reconnect(struct ct *ct, struct vz_err *e)
{
	int r = 0;

	if (!cfg_has(ct->cfg, VZ_P_NETIF) || !ct->cfg->netif.n)
		return 0;
	if (!ct_netif_is_guarded(ct))
		r = ct_netif_again(ct, e);
	return r == 0 && ct_veth_has_script(ct) ? script_again(ct, e) : r;
}

/* ---- checkpoint ---- */

struct cpt_set {
	struct cpt_link link[1 + 64];
	char name[1 + 64][2][CFG_IFNAMSIZ];
};

int ct_netif_cpt_links(const struct ct *ct, struct cpt_link **ret, size_t *ret_n, struct vz_err *e)
{
	struct cpt_set *s = calloc(1, sizeof(*s));
	size_t n = 0, have = cfg_has(ct->cfg, VZ_P_NETIF) ? ct->cfg->netif.n : 0;

	if (!s)
		return err_nomem(e);
	snprintf(s->name[0][0], CFG_IFNAMSIZ, "%s", NET_GUEST_IF);
	snprintf(s->name[0][1], CFG_IFNAMSIZ, "vzr%u", ct->id);
	for (size_t i = 0; i < have && ++n < ARRAY_LEN(s->link); i++) {
		memcpy(s->name[n][0], ct->cfg->netif.v[i].ifname, CFG_IFNAMSIZ);
		passing_name(ct, i, s->name[n][1]);
	}
	for (size_t i = 0; i <= n && i < ARRAY_LEN(s->link); i++)
		s->link[i] = (struct cpt_link){ .inside = s->name[i][0], .outside = s->name[i][1] };
	*ret = s->link; /* the first member: freeing it frees all */
	*ret_n = n + 1;
	return 0;
}

int ct_netif_can_suspend(const struct ct *ct, struct vz_err *e)
{
	_links_ struct links l = { 0 };
	struct link_note *n;
	size_t i = 0;

	if (links_read(ct, &l) < 0 || !(n = links_next(&l, LINK_DEV, NULL, &i)))
		return 0;
	return err_set(e, VZ_E_SUSPEND, -EBUSY,
		       "VPS '%s' cannot be suspended: it has device '%s' of this node (--netdev_del)",
		       ct->idstr, n->name);
}
