/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The pair of a VPS, up and down. Both ends have IFF_NOARP and the same MAC: the kernel then takes
 * the device's own MAC for every neighbour, so that nobody ever asks, and nobody can lie.
 */
#include "net/venet.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "net/guard.h"

/* Locally administered; it never leaves the pair. */
static const uint8_t venet_mac[6] = { 0x02, 0x76, 0x65, 0x6e, 0x65, 0x74 };

/* On the host's end when all is done. */
#define MARK "venet: up"
#define MARK_MAX 128 /* longer than any owner; the kernel takes 255 */

#define LOOPBACK_INDEX 1 /* in every namespace, the first device made (net/core/dev.c) */

static const struct addrlist no_addrs;

static const struct addrlist *addrs_of(const struct net_venet *v)
{
	return v->addrs ? v->addrs : &no_addrs;
}

void venet_done(struct venet *c)
{
	knl_close(c->host);
	knl_close(c->guest);
	free(c->up.v);
}

/* The first address of VE_ROUTE_SRC_DEV in each family. */
static int find_source(struct venet *c, struct vz_err *e)
{
	unsigned index = if_nametoindex(c->v->src_dev);
	struct knl_list l = { 0 };
	int r;

	if (index == 0)
		return err_sys(e, VZ_E_ADD_IP, -errno, "VE_ROUTE_SRC_DEV '%s'", c->v->src_dev);
	r = knl_addrs(c->host, AF_UNSPEC, (int)index, &l);
	for (size_t i = l.n; i > 0; i--) {
		const struct knl_ip *ip = &l.v[i - 1].ip;

		*(ip->family == AF_INET ? &c->src4 : &c->src6) = *ip;
	}
	free(l.v);
	return r < 0 ? net_fail(e, VZ_E_ADD_IP, r, c->host, "cannot read the addresses of '%s'",
				c->v->src_dev)
		     : 0;
}

int venet_open(struct venet *c, struct vz_err *e)
{
	int r = knl_open(&c->host);

	if (r < 0)
		return err_sys(e, VZ_E_ADD_IP, r, "cannot open a netlink socket");
	knl_q_link_get(c->host, 0, c->v->host_if, 0, &c->link);
	r = knl_run(c->host, NULL);
	if (r < 0)
		return net_fail(e, VZ_E_ADD_IP, r, c->host, "cannot look for '%s'", c->v->host_if);
	if (c->v->src_dev && c->v->src_dev[0])
		r = find_source(c, e);
	if (r == 0 && c->v->neigh_devs && c->v->neigh_devs->n)
		r = net_uplinks(c->host, c->v, &c->up, e);
	return r;
}

int venet_enter(struct venet *c, struct vz_err *e)
{
	int r = knl_open_in(c->v->netns_fd, &c->guest);

	return r < 0 ? err_sys(e, VZ_E_ADD_IP, r, "cannot enter the network of the VPS") : 0;
}

int venet_detect(struct venet *c, const struct addrlist *l, struct vz_err *e)
{
	size_t addr = 0, uplink = 0;
	char text[NET_TEXT];
	int r;

	if (c->v->skip_detect || c->up.n == 0)
		return 0;
	r = net_detect(&c->up, l, &addr, &uplink);
	if (r < 0)
		return err_sys(e, VZ_E_ADD_IP, r, "cannot ask the uplinks for duplicate addresses");
	if (r == 0)
		return 0;
	net_text(&l->v[addr], text);
	if (c->v->detect_fatal)
		return err_set(e, VZ_E_IP_INUSE, -EADDRINUSE,
			       "address '%s' is in use: somebody answers for it on '%s'", text,
			       c->up.v[uplink].name);
	if (c->v->warn)
		(void)buf_printf(c->v->warn, "address '%s': somebody answers for it on '%s'\n",
				 text, c->up.v[uplink].name);
	return 0;
}

static void mark_text(const char *owner, char *out)
{
	snprintf(out, MARK_MAX, "%s%s%.100s", MARK, owner ? " " : "", owner ? owner : "");
}

/* A pair without a mark was left half made, by a caller of this node as likely as not. */
static bool is_others(const struct knl_link *l, const char *owner)
{
	char ours[MARK_MAX];

	mark_text(owner, ours);
	return l->index && strncmp(l->alias, MARK, sizeof(MARK) - 1) == 0 &&
	       strcmp(l->alias, ours) != 0;
}

static int make_pair(struct venet *c, struct vz_err *e)
{
	static const int conf[KNL_NCONF4] = { [KNL_FORWARDING] = 1,
					      [KNL_RP_FILTER] = 1,
					      [KNL_PROMOTE_SECONDARIES] = -1 };
	const char *name = c->v->host_if;
	const char *peer = c->v->passing ? c->v->passing : NET_GUEST_IF;
	_fd_ int own = c->v->passing ? open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC) : -1;
	struct knl_veth pair = { .name = name, .peer_name = peer,
				 .peer_netns = c->v->passing ? own : c->v->netns_fd,
				 .flags = IFF_NOARP | IFF_UP, .peer_flags = IFF_NOARP };
	int r;

	memcpy(pair.mac, venet_mac, sizeof(pair.mac));
	memcpy(pair.peer_mac, venet_mac, sizeof(pair.peer_mac));
	knl_q_veth(c->host, 0, &pair);
	knl_q_link_conf4(c->host, 0, name, 0, conf);
	/* The other end is still down, so no link-local address was made yet. */
	knl_q_link_nolinklocal(c->host, 0, name, 0);
	knl_q_ignore(c->host, EAFNOSUPPORT);
	knl_q_link_get(c->host, 0, name, 0, &c->link);
	r = knl_run(c->host, NULL);
	if (r == 0 && c->link.peer == 0)
		r = -ENODEV;
	if (r < 0)
		return net_fail(e, r == -EOPNOTSUPP ? VZ_E_KERNEL : VZ_E_ADD_IP, r, c->host,
				"cannot make the pair '%s' and '%s'", name, peer);
	/* Nothing to set in a kernel without IPv6. */
	(void)net_conf_set("ipv6", name, "accept_ra", "0");
	return 0;
}

/* The guest's side. Notes: index of the address, or -1. */
static int fill_guest(struct venet *c, struct vz_err *e)
{
	static const int conf[KNL_NCONF4] = { -1, -1, -1, -1, [KNL_PROMOTE_SECONDARIES] = 1 };
	const struct addrlist *l = addrs_of(c->v);
	int note = -1, index = c->link.peer, r;
	char text[NET_TEXT];

	knl_q_link_flags(c->guest, -1, LOOPBACK_INDEX, IFF_UP, IFF_UP);
	knl_q_link_conf4(c->guest, -1, NULL, index, conf);
	knl_q_link_nolinklocal(c->guest, -1, NULL, index);
	knl_q_ignore(c->guest, EAFNOSUPPORT);
	knl_q_link_flags(c->guest, -1, index, IFF_UP, IFF_UP);
	for (size_t i = 0; i < l->n; i++) {
		struct knl_ip ip = net_ip(&l->v[i]);

		if (net_is_first(l, i))
			knl_q_addr_add(c->guest, (int)i, index, &ip);
	}
	for (size_t i = l->n; i > 0; i--) {
		struct knl_ip ip = net_ip(&l->v[i - 1]);

		*(ip.family == AF_INET ? &c->guest4 : &c->guest6) = ip;
	}
	venet_q_default(c, index);
	r = knl_run(c->guest, &note);
	if (r < 0 && note >= 0)
		return net_fail(e, VZ_E_ADD_IP, r, c->guest, "cannot add address '%s' inside",
				net_text(&l->v[note], text));
	return r < 0 ? net_fail(e, VZ_E_ADD_IP, r, c->guest, "cannot set up '%s'", NET_GUEST_IF)
		     : 0;
}

void venet_q_default(struct venet *c, int index)
{
	struct knl_route r4 = { .dst = { .family = AF_INET }, .oif = index, .src = &c->guest4,
				.link_scope = true };
	struct knl_route r6 = { .dst = { .family = AF_INET6 }, .oif = index };

	/* A default route that is there already is the VPS's own business. */
	if (c->guest4.family) {
		knl_q_route_add(c->guest, -1, &r4);
		knl_q_ignore(c->guest, EEXIST);
	}
	if (c->guest6.family) {
		knl_q_route_add(c->guest, -1, &r6);
		knl_q_ignore(c->guest, EEXIST);
	}
}

int venet_host_routes(struct venet *c, const struct addrlist *l, bool replace, struct vz_err *e)
{
	char text[NET_TEXT];
	int note = -1, r;

	for (size_t i = 0; i < l->n; i++) {
		struct knl_route rt = { .dst = net_host(&l->v[i]), .oif = c->link.index,
					.replace = replace, .link_scope = true };
		const struct knl_ip *src = l->v[i].family == AF_INET ? &c->src4 : &c->src6;

		if (src->family)
			rt.src = src;
		if (net_is_first(l, i))
			knl_q_route_add(c->host, (int)i, &rt);
	}
	if (net_has_family(l, AF_INET6))
		(void)net_conf_set("ipv6", c->v->host_if, "force_forwarding", "1");
	r = knl_run(c->host, &note);
	if (r == 0)
		return 0;
	if (note < 0)
		return net_fail(e, VZ_E_ADD_IP, r, c->host, "cannot add routes");
	net_text(&l->v[note], text);
	/* Asked a moment ago it was free: two VPSs with one address start at once. */
	if (r == -EEXIST)
		return err_set(e, VZ_E_IP_INUSE, -EADDRINUSE,
			       "address '%s' is in use: there is a route for it", text);
	return net_fail(e, VZ_E_ADD_IP, r, c->host, "cannot add a route for '%s'", text);
}

/* The nets that lead through the link. */
static int routed(struct venet *c, struct addrlist *ret)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct knl_list l = { 0 };
	int r = 0;

	for (size_t f = 0; r == 0 && f < ARRAY_LEN(families); f++) {
		r = knl_routes_via(c->host, families[f], c->link.index, &l);
		/* A kernel without IPv6. */
		if (r == -EOPNOTSUPP || r == -EAFNOSUPPORT)
			r = 0;
		if (r == 0 && l.n) {
			struct cfg_addr *v = reallocarray(ret->v, ret->n + l.n, sizeof(*v));

			r = v ? 0 : -ENOMEM;
			ret->v = v ? v : ret->v;
		}
		for (size_t i = 0; r == 0 && i < l.n; i++) {
			struct cfg_addr *a = &ret->v[ret->n++];

			*a = (struct cfg_addr){ .family = l.v[i].ip.family,
						.prefix = l.v[i].ip.prefix };
			memcpy(a->ip, l.v[i].ip.ip, sizeof(a->ip));
		}
		free(l.v);
		l = (struct knl_list){ 0 };
	}
	return r;
}

/* The addresses without the masks that the inside has them with. */
static int hosts(const struct addrlist *l, struct addrlist *ret)
{
	ret->v = calloc(l->n + 1, sizeof(*ret->v));
	if (!ret->v)
		return -ENOMEM;
	for (size_t i = 0; i < l->n; i++) {
		if (!net_is_first(l, i))
			continue;
		ret->v[ret->n] = l->v[i];
		ret->v[ret->n++].prefix = net_full(l->v[i].family);
	}
	return 0;
}

int venet_guard(struct venet *c, const struct addrlist *l, struct vz_err *e)
{
	struct addrlist from = { 0 };
	struct net_guard g = { .addrs = &from, .routed = true };
	_fd_ int prog = -1;
	int r = l ? hosts(l, &from) : routed(c, &from);

	if (r == 0)
		r = net_guard_q(c->host, c->link.index, &g, &prog);
	free(from.v);
	if (r == 0)
		r = knl_run(c->host, NULL);
	if (r == 0)
		return 0;
	return net_fail(e, r == -EOPNOTSUPP || r == -ENOENT || r == -ENOSYS ? VZ_E_KERNEL : VZ_E_ADD_IP,
			r, c->host, "cannot guard '%s' against false sources", c->v->host_if);
}

static int mark(struct venet *c, struct vz_err *e)
{
	char text[MARK_MAX];
	int r;

	mark_text(c->v->owner, text);
	knl_q_link_alias(c->host, 0, c->v->host_if, text);
	/* Our end was up first and got its carrier only with the other; looking at it makes the
	 * kernel act on that at once, so that not even the first packet is lost (Linux 6.8). */
	knl_q_link_get(c->host, 0, c->v->host_if, 0, &c->link);
	r = knl_run(c->host, NULL);
	return r < 0 ? net_fail(e, VZ_E_ADD_IP, r, c->host, "cannot mark '%s'", c->v->host_if) : 0;
}

static int take_down(struct knl *k, const char *host_if, int index, const struct addrlist *l,
		     struct vz_err *e)
{
	/* The link goes last: its routes say which proxy entries are ours, also next time. */
	int r = net_proxies_del(k, l, index, e);

	if (r < 0 || index == 0)
		return r;
	knl_q_link_del(k, 0, host_if);
	knl_q_ignore(k, ENODEV);
	r = knl_run(k, NULL);
	return r < 0 ? net_fail(e, VZ_E_ADD_IP, r, k, "cannot remove '%s'", host_if) : 0;
}

static int make_all(struct venet *c, struct vz_err *e)
{
	const struct addrlist *l = addrs_of(c->v);
	int r = make_pair(c, e);

	/* Before the other end is up: nothing of the VPS gets anywhere without it. */
	if (r == 0)
		r = venet_guard(c, l, e);
	if (r == 0 && !c->v->passing)
		r = venet_enter(c, e);
	if (r == 0 && !c->v->passing)
		r = fill_guest(c, e);
	if (r == 0)
		r = venet_host_routes(c, l, c->v->force_route, e);
	if (r == 0)
		r = net_proxies_add(c->host, &c->up, l, e);
	if (r == 0)
		r = mark(c, e);
	if (r == 0)
		net_announce(&c->up, l);
	return r;
}

int net_venet_up(const struct net_venet *v, struct vz_err *e)
{
	_cleanup_(venet_done) struct venet c = { .v = v };
	const struct addrlist *l = addrs_of(v);
	int r = venet_open(&c, e);

	if (r == 0 && is_others(&c.link, v->owner))
		return err_set(e, VZ_E_ADD_IP, -EEXIST, "link '%s' belongs to another node on this host",
			       v->host_if);
	if (r == 0 && c.link.index)
		r = take_down(c.host, v->host_if, c.link.index, l, e);
	if (r == 0 && l->n)
		r = net_check_free(c.host, v, l, 0, e);
	if (r == 0)
		r = venet_detect(&c, l, e);
	if (r < 0)
		return r;
	c.link.index = 0;
	r = make_all(&c, e);
	if (r < 0 && c.link.index)
		(void)take_down(c.host, v->host_if, c.link.index, l, NULL);
	return r;
}

int net_venet_down(const char *host_if, const char *owner, const struct addrlist *addrs,
		   struct vz_err *e)
{
	_knl_ struct knl *k = NULL;
	struct knl_link l = { 0 };
	int r = knl_open(&k);

	if (r == 0)
		r = knl_link_get(k, host_if, &l);
	if (r < 0 && r != -ENODEV)
		return net_fail(e, VZ_E_ADD_IP, r, k, "cannot look for '%s'", host_if);
	if (is_others(&l, owner))
		return 0;
	return take_down(k, host_if, l.index, addrs ? addrs : &no_addrs, e);
}

bool net_venet_is_up(const char *host_if, const char *owner)
{
	_knl_ struct knl *k = NULL;
	struct knl_link l = { 0 };
	char text[MARK_MAX];

	mark_text(owner, text);
	if (knl_open(&k) < 0 || knl_link_get(k, host_if, &l) < 0)
		return false;
	return l.flags & IFF_UP && l.peer && strcmp(l.alias, text) == 0;
}

int net_venet_guard(const char *host_if, const char *owner, struct vz_err *e)
{
	const struct net_venet v = { .host_if = host_if, .owner = owner };
	_cleanup_(venet_done) struct venet c = { .v = &v };
	int r = venet_open(&c, e);

	if (r < 0 || !c.link.index || is_others(&c.link, owner))
		return r;
	return venet_guard(&c, NULL, e);
}

bool net_link_is_guarded(const char *host_if)
{
	_knl_ struct knl *k = NULL;
	struct knl_link l;

	if (knl_open(&k) < 0 || knl_link_get(k, host_if, &l) < 0)
		return true;
	return knl_filter_is_set(k, l.index, &net_guard_place) != 0;
}

/* Before guards were programs on the links they were rules, in a table that is nobody's by now. */
void net_drop_old_guard(void)
{
	if (knl_nft_has_chain("mainvz", "guard") == 1)
		(void)knl_nft_table_del("mainvz");
}
