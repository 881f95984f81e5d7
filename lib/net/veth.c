/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A bridged pair, up, changed, down. The host's end comes up last of all, behind its guard and with its
 * bridge: before that no frame of the VPS gets anywhere.
 */
#include "net/veth.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/str.h"
#include "net/guard.h"
#include "net/outlet.h"

#define MARK_MAX 128

struct veth {
	const struct net_veth *v;
	struct knl *host, *guest;
	struct knl_link link, bridge, outlet;
	int guard; /* program */
};

static void veth_done(struct veth *c)
{
	knl_close(c->host);
	knl_close(c->guest);
	if (c->guard >= 0)
		close(c->guard);
}

static int fail(struct vz_err *e, int r, const struct knl *k, const struct net_veth *v,
		const char *what)
{
	return net_fail(e, r == -EOPNOTSUPP ? VZ_E_KERNEL : VZ_E_VETH, r, k, "link '%s': cannot %s",
			v->host_if, what);
}

static void mark_text(const char *owner, uint32_t id, bool up, char out[MARK_MAX])
{
	snprintf(out, MARK_MAX, "vz %u%s %.90s", id, up ? " up" : "", owner ? owner : "");
}

static bool is_ours(const struct knl_link *l, const char *owner, uint32_t id)
{
	char text[MARK_MAX], up[MARK_MAX];

	if (!l->index)
		return false;
	mark_text(owner, id, false, text);
	mark_text(owner, id, true, up);
	return str_eq(l->alias, text) || str_eq(l->alias, up) || (!*l->alias && l->group == KNL_VPS_GROUP);
}

static struct net_outlet outlet_of(const struct net_veth *v, const char *host_if,
				   char name[CFG_IFNAMSIZ])
{
	net_outlet_name(host_if, name);
	return (struct net_outlet){ .name = name, .host_if = host_if, .net = v->net, .mac = v->mac,
				    .owner = v->owner, .id = v->id, .lock = v->lock };
}

static int check_bridge(const struct veth *c, struct vz_err *e)
{
	const struct net_veth *v = c->v;

	if (!*v->net->bridge || (v->script && !v->net->vlan))
		return 0;
	if (!c->bridge.index)
		return err_set(e, VZ_E_VETH, -ENODEV, "bridge '%s' of link '%s' is not there",
			       v->net->bridge, v->host_if);
	if (!str_eq(c->bridge.kind, "bridge"))
		return err_set(e, VZ_E_VETH, -EINVAL, "'%s', which link '%s' should join, is no bridge",
			       v->net->bridge, v->host_if);
	if (v->net->vlan && !c->bridge.filters_vlans)
		return err_set(e, VZ_E_VETH, -EINVAL, "link '%s' is of VLAN %u, and bridge '%s' does not "
			       "filter VLANs (ip link set dev %s type bridge vlan_filtering 1)",
			       v->host_if, v->net->vlan, v->net->bridge, v->net->bridge);
	return 0;
}

static int look(struct veth *c, const char *host_if, struct vz_err *e)
{
	const struct net_veth *v = c->v;
	char outlet[CFG_IFNAMSIZ];
	int r = knl_open(&c->host);

	if (r < 0)
		return err_sys(e, VZ_E_VETH, r, "cannot open a netlink socket");
	net_outlet_name(host_if, outlet);
	knl_q_link_get(c->host, 0, host_if, 0, &c->link);
	knl_q_link_get(c->host, 0, outlet, 0, &c->outlet);
	if (*v->net->bridge)
		knl_q_link_get(c->host, 0, v->net->bridge, 0, &c->bridge);
	r = knl_run(c->host, NULL);
	if (r < 0)
		return fail(e, r, c->host, v, "look for it");
	if (c->link.index && !is_ours(&c->link, v->owner, v->id))
		return err_set(e, VZ_E_VETH, -EEXIST, "link '%s' is there already and not this VPS's",
			       host_if);
	return check_bridge(c, e);
}

static bool can_join(const struct veth *c)
{
	return c->bridge.index && str_eq(c->bridge.kind, "bridge");
}

static int make_pair(struct veth *c, struct vz_err *e)
{
	const struct net_veth *v = c->v;
	_fd_ int own = v->passing ? open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC) : -1;
	struct knl_veth pair = { .name = v->host_if,
				 .peer_name = v->passing ? v->passing : v->guest_if,
				 .peer_netns = v->passing ? own : v->netns_fd, .group = KNL_VPS_GROUP };
	char text[MARK_MAX];
	int r;

	memcpy(pair.mac, v->host_mac, 6);
	memcpy(pair.peer_mac, v->mac, 6);
	mark_text(v->owner, v->id, false, text);
	knl_q_veth(c->host, 0, &pair);
	knl_q_link_alias(c->host, 0, v->host_if, text);
	knl_q_link_get(c->host, 0, v->host_if, 0, &c->link);
	r = knl_run(c->host, NULL);
	if (r == 0 && c->link.peer == 0)
		r = -ENODEV;
	return r < 0 ? fail(e, r, c->host, v, "make the pair") : 0;
}

static void q_master(struct veth *c)
{
	/* A bridge without an address of its own takes the lowest of its ports: it would change with
	 * every VPS, and the node would be gone for its neighbours. What it has now is given to it. */
	if (memcmp(c->v->host_mac, c->bridge.mac, 6) < 0)
		knl_q_link_mac(c->host, 0, c->bridge.index, c->bridge.mac);
	/* Nobody speaks IP at this end. */
	knl_q_link_nolinklocal(c->host, 0, NULL, c->link.index);
	knl_q_ignore(c->host, EAFNOSUPPORT);
	knl_q_link_master(c->host, 0, c->link.index, c->bridge.index);
}

/* A port takes part in the VLAN that the bridge gives to all, until it has its own; so it is down then. One that
 * joins anew has no other. */
static void q_join(struct veth *c, const struct netif_net *was)
{
	bool anew = c->v->net->vlan || (was && was->vlan);

	if (c->link.master == c->bridge.index && !anew)
		return;
	if (anew)
		knl_q_link_flags(c->host, 0, c->link.index, 0, IFF_UP);
	if (anew && c->link.master)
		knl_q_link_master(c->host, 0, c->link.index, 0);
	q_master(c);
	if (c->v->net->vlan)
		knl_q_port_vlan(c->host, 0, c->link.index, c->v->net->vlan, c->bridge.vlan);
}

/* To a macvlan, or not to one any more. */
static int set_outlet(struct veth *c, struct vz_err *e)
{
	char name[CFG_IFNAMSIZ];
	struct net_outlet o = outlet_of(c->v, c->v->host_if, name);
	int r;

	if (!*c->v->net->parent && !c->outlet.index)
		return 0;
	if (!*c->v->net->parent) {
		knl_q_divert_del(c->host, 0, c->link.index, true);
		r = knl_run(c->host, NULL);
		return r < 0 ? fail(e, r, c->host, c->v, "lead it away from its macvlan") :
			       net_outlet_down(c->host, &o, e);
	}
	/* Guarded, and out of a bridge, before it leads to somewhere else. */
	if (c->link.master)
		knl_q_link_master(c->host, 0, c->link.index, 0);
	knl_q_link_nolinklocal(c->host, 0, NULL, c->link.index);
	knl_q_ignore(c->host, EAFNOSUPPORT);
	r = knl_run(c->host, NULL);
	return r < 0 ? fail(e, r, c->host, c->v, "set it up") :
		       net_outlet_up(c->host, &o, c->link.index, e);
}

/* Guard, bridge, mark, up. */
static int connect_host(struct veth *c, const struct netif_net *was, struct vz_err *e)
{
	const struct net_veth *v = c->v;
	struct net_guard g = { .mac = v->mac_filter ? v->mac : NULL,
			       .addrs = v->net->ip_filter ? &v->net->addrs : NULL };
	char text[MARK_MAX];
	int r = net_guard_q(c->host, c->link.index, &g, &c->guard);

	if (r < 0)
		return fail(e, r, NULL, v, "load its guard");
	r = set_outlet(c, e);
	if (r < 0)
		return r;
	if (can_join(c))
		q_join(c, was);
	else if (!*v->net->bridge && c->link.master && !*v->net->parent && !v->script)
		knl_q_link_master(c->host, 0, c->link.index, 0);
	mark_text(v->owner, v->id, true, text);
	knl_q_link_alias(c->host, 0, v->host_if, text);
	knl_q_link_flags(c->host, 0, c->link.index, IFF_UP, IFF_UP);
	r = knl_run(c->host, NULL);
	return r < 0 ? fail(e, r, c->host, v, "set it up") : 0;
}

static void q_gateway(struct veth *c, const struct cfg_addr *gw)
{
	struct knl_ip via = net_host(gw);
	struct knl_route rt = { .dst = { .family = gw->family }, .oif = c->link.peer, .via = &via,
				.replace = true };

	if (gw->family)
		knl_q_route_add(c->guest, -1, &rt);
}

static bool has_addr(const struct addrlist *l, const struct cfg_addr *a)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].prefix == a->prefix && l->v[i].family == a->family &&
		    memcmp(l->v[i].ip, a->ip, sizeof(a->ip)) == 0)
			return true;
	return false;
}

/* What the configuration says about the inside; without it the inside is the guest's own business. */
static int fill_guest(struct veth *c, const struct netif_net *was, struct vz_err *e)
{
	const struct netif_net *net = c->v->net;
	int r = knl_open_in(c->v->netns_fd, &c->guest);

	if (r < 0)
		return fail(e, r, NULL, c->v, "enter the network of the VPS");
	knl_q_link_mac(c->guest, -1, c->link.peer, c->v->mac);
	if (net->addrs.n)
		knl_q_link_flags(c->guest, -1, c->link.peer, IFF_UP, IFF_UP);
	for (size_t i = 0; was && i < was->addrs.n; i++) {
		struct knl_ip ip = net_ip(&was->addrs.v[i]);

		if (has_addr(&net->addrs, &was->addrs.v[i]))
			continue;
		knl_q_addr_del(c->guest, -1, c->link.peer, &ip);
		knl_q_ignore(c->guest, EADDRNOTAVAIL);
	}
	for (size_t i = 0; i < net->addrs.n; i++) {
		struct knl_ip ip = net_ip(&net->addrs.v[i]);

		knl_q_addr_add(c->guest, -1, c->link.peer, &ip);
		knl_q_ignore(c->guest, EEXIST);
	}
	q_gateway(c, &net->gw4);
	q_gateway(c, &net->gw6);
	r = knl_run(c->guest, NULL);
	return r < 0 ? net_fail(e, VZ_E_VETH, r, c->guest,
				"link '%s': cannot set up '%s' inside", c->v->host_if,
				c->v->guest_if)
		     : 0;
}

static int delete(struct knl *k, const char *host_if)
{
	knl_q_link_del(k, 0, host_if);
	knl_q_ignore(k, ENODEV);
	return knl_run(k, NULL);
}

int net_veth_up(const struct net_veth *v, struct vz_err *e)
{
	_cleanup_(veth_done) struct veth c = { .v = v, .guard = -1 };
	char name[CFG_IFNAMSIZ];
	int r = look(&c, v->host_if, e);

	if (r == 0 && c.link.index) {
		r = delete(c.host, v->host_if);
		if (r < 0)
			return fail(e, r, c.host, v, "remove a leftover");
	}
	if (r < 0)
		return r;
	r = make_pair(&c, e);
	if (r == 0)
		r = connect_host(&c, NULL, e);
	if (r == 0 && !v->passing && (v->net->addrs.n || v->net->gw4.family || v->net->gw6.family))
		r = fill_guest(&c, NULL, e);
	if (r < 0 && c.link.index) {
		struct net_outlet o = outlet_of(v, v->host_if, name);

		(void)delete(c.host, v->host_if);
		if (*v->net->parent)
			(void)net_outlet_down(c.host, &o, NULL);
	}
	return r;
}

static int rename_link(struct veth *c, struct vz_err *e)
{
	const char *to = c->v->host_if;
	char name[CFG_IFNAMSIZ];
	struct net_outlet old = outlet_of(c->v, c->link.name, name);
	int r;

	if (str_eq(c->link.name, to))
		return 0;
	/* The macvlan's name goes by it. */
	if (c->outlet.index) {
		r = net_outlet_down(c->host, &old, e);
		if (r < 0)
			return r;
	}
	knl_q_link_rename(c->host, 0, c->link.index, to);
	r = knl_run(c->host, NULL);
	if (r == -EBUSY) {
		knl_q_link_flags(c->host, 0, c->link.index, 0, IFF_UP);
		knl_q_link_rename(c->host, 0, c->link.index, to);
		r = knl_run(c->host, NULL);
	}
	return r < 0 ? fail(e, r, c->host, c->v, "give it this name") : 0;
}

int net_veth_change(const struct net_veth *v, const char *host_if, const struct netif_net *was,
		    struct vz_err *e)
{
	_cleanup_(veth_done) struct veth c = { .v = v, .guard = -1 };
	int r = look(&c, host_if, e);

	if (r < 0)
		return r;
	if (!c.link.index)
		return fail(e, -ENODEV, NULL, v, "change it");
	r = rename_link(&c, e);
	if (r == 0) {
		/* To move the guard before the MAC would cut the guest off for a moment, the other way
		 * round lets it speak with both for one: nobody else's either way. */
		knl_q_link_mac(c.host, 0, c.link.index, v->host_mac);
		r = knl_run(c.host, NULL);
		if (r < 0)
			r = fail(e, r, c.host, v, "set its MAC");
	}
	if (r == 0)
		r = fill_guest(&c, was, e);
	return r < 0 ? r : connect_host(&c, was, e);
}

static int find(struct knl **k, const char *host_if, struct knl_link *ret)
{
	int r = knl_open(k);

	return r < 0 ? r : knl_link_get(*k, host_if, ret);
}

int net_veth_down(const struct net_veth *v, bool outlet, struct vz_err *e)
{
	_knl_ struct knl *k = NULL;
	struct knl_link l = { 0 };
	char name[CFG_IFNAMSIZ];
	struct net_outlet o = outlet_of(v, v->host_if, name);
	int r = find(&k, v->host_if, &l);

	if (r == 0 && is_ours(&l, v->owner, v->id))
		r = delete(k, v->host_if);
	if (r < 0 && r != -ENODEV)
		return net_fail(e, VZ_E_VETH, r, k, "cannot remove link '%s'", v->host_if);
	return outlet ? net_outlet_down(k, &o, e) : 0;
}

int net_veth_is_connected(const struct net_veth *v)
{
	_knl_ struct knl *k = NULL;
	struct knl_link l = { 0 }, bridge = { 0 };
	char name[CFG_IFNAMSIZ];
	struct net_outlet o = outlet_of(v, v->host_if, name);
	int r;

	if (!*v->net->parent && !*v->net->bridge)
		return 1;
	r = find(&k, v->host_if, &l);
	if (r == 0 && *v->net->parent)
		return net_outlet_is_up(k, &o);
	/* In whatever bridge: another one is somebody's choice. */
	if (r == 0 && l.master)
		return 1;
	if (r == 0)
		r = knl_link_get(k, v->net->bridge, &bridge);
	/* What is no bridge of the kernel's is the script's. */
	return r < 0 ? r : str_eq(bridge.kind, "bridge") ? 0 : v->script ? 1 : -ENODEV;
}

bool net_veth_is_ours(const char *host_if, const char *owner, uint32_t id)
{
	_knl_ struct knl *k = NULL;
	struct knl_link l = { 0 };

	return find(&k, host_if, &l) == 0 && is_ours(&l, owner, id);
}

bool net_veth_is_up(const char *host_if, const char *owner, uint32_t id)
{
	_knl_ struct knl *k = NULL;
	struct knl_link l = { 0 };
	char text[MARK_MAX];

	mark_text(owner, id, true, text);
	return find(&k, host_if, &l) == 0 && l.flags & IFF_UP && l.peer && str_eq(l.alias, text);
}

int net_first_mac(uint8_t mac[6])
{
	_knl_ struct knl *k = NULL;
	_free_ struct knl_link *l = NULL;
	const struct knl_link *best = NULL;
	size_t n = 0;
	int r = knl_open(&k);

	if (r == 0)
		r = knl_links(k, &l, &n);
	/* In the order of their numbers, that is, of their making; cards have no kind. */
	for (size_t i = 0; i < n; i++) {
		if (l[i].type != ARPHRD_ETHER)
			continue;
		if (!best || (*best->kind && !*l[i].kind) ||
		    (!*best->kind == !*l[i].kind && l[i].index < best->index))
			best = &l[i];
	}
	memset(mac, 0, 6);
	if (best)
		memcpy(mac, best->mac, 6);
	return r;
}
