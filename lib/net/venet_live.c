/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses that come and go while the VPS runs. */
#include "net/venet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"

/* Forget a inside, whatever its prefix is there, and see which addresses come first now. */
static int forget_inside(struct venet *c, const struct cfg_addr *a, struct vz_err *e)
{
	struct knl_ip ip = net_ip(a);
	struct knl_list l = { 0 };
	int r = knl_addrs(c->guest, AF_UNSPEC, c->link.peer, &l);

	for (size_t i = 0; i < l.n; i++) {
		const struct knl_ip *have = &l.v[i].ip;
		struct knl_ip *first = have->family == AF_INET ? &c->guest4 : &c->guest6;

		if (net_same_ip(have, &ip)) {
			knl_q_addr_del(c->guest, 0, c->link.peer, have);
			knl_q_ignore(c->guest, EADDRNOTAVAIL);
		} else if (first->family == 0) {
			*first = *have;
		}
	}
	free(l.v);
	return r < 0 ? net_fail(e, VZ_E_ADD_IP, r, c->guest, "cannot read the addresses inside")
		     : 0;
}

static int run_inside(struct venet *c, const struct cfg_addr *a, const char *what,
		      struct vz_err *e)
{
	char text[NET_TEXT];
	int r = knl_run(c->guest, NULL);

	return r < 0 ? net_fail(e, VZ_E_ADD_IP, r, c->guest, "cannot %s address '%s' inside", what,
				net_text(a, text))
		     : 0;
}

static int add_inside(struct venet *c, const struct cfg_addr *a, struct vz_err *e)
{
	struct knl_ip ip = net_ip(a), *first;
	int r = venet_enter(c, e);

	if (r == 0)
		r = forget_inside(c, a, e);
	if (r < 0)
		return r;
	first = a->family == AF_INET ? &c->guest4 : &c->guest6;
	if (first->family == 0)
		*first = ip;
	knl_q_addr_add(c->guest, 0, c->link.peer, &ip);
	/* The kernel takes a route away with its source address; make it anew if that was so. */
	venet_q_default(c, c->link.peer);
	return run_inside(c, a, "add", e);
}

static int make_first(const struct net_venet *v, const struct cfg_addr *a, struct vz_err *e)
{
	struct cfg_addr one = *a;
	struct addrlist l = { &one, 1 };
	struct net_venet w = *v;

	w.addrs = &l;
	return net_venet_up(&w, e);
}

/* Is there a host route for it through our own link already? */
static bool is_routed(struct venet *c, const struct cfg_addr *a)
{
	struct knl_ip ip = net_host(a);
	struct knl_fib fib;

	knl_q_fib_get(c->host, 0, &ip, &fib);
	return knl_run(c->host, NULL) == 0 && fib.err == 0 && fib.prefix == ip.prefix &&
	       fib.oif == c->link.index;
}

int net_venet_add(const struct net_venet *v, const struct cfg_addr *a, struct vz_err *e)
{
	_cleanup_(venet_done) struct venet c = { .v = v };
	struct cfg_addr one = *a;
	struct addrlist l = { &one, 1 };
	bool again;
	int r = venet_open(&c, e);

	if (r < 0)
		return r;
	if (c.link.index == 0)
		return make_first(v, a, e);
	again = is_routed(&c, a);
	r = net_check_free(c.host, v, &l, c.link.index, e);
	if (r == 0 && !again)
		r = venet_detect(&c, &l, e);
	/* The route is the claim to the address, so it comes first. */
	if (r == 0)
		r = venet_host_routes(&c, &l, v->force_route || again, e);
	if (r < 0)
		return r;
	r = venet_guard(&c, NULL, e);
	if (r == 0)
		r = net_proxies_add(c.host, &c.up, &l, e);
	if (r == 0)
		r = add_inside(&c, a, e);
	if (r < 0) {
		(void)net_venet_del(v, a, NULL);
		return r;
	}
	net_announce(&c.up, &l);
	return 0;
}

static int del_inside(struct venet *c, const struct cfg_addr *a, struct vz_err *e)
{
	struct knl_route r6 = { .dst = { .family = AF_INET6 }, .oif = c->link.peer };
	int r = venet_enter(c, e);

	if (r == 0)
		r = forget_inside(c, a, e);
	if (r < 0)
		return r;
	if (a->family == AF_INET6 && c->guest6.family == 0) {
		knl_q_route_del(c->guest, 0, &r6);
		knl_q_ignore(c->guest, ESRCH);
	}
	venet_q_default(c, c->link.peer);
	return run_inside(c, a, "remove", e);
}

int net_venet_del(const struct net_venet *v, const struct cfg_addr *a, struct vz_err *e)
{
	_cleanup_(venet_done) struct venet c = { .v = v };
	struct knl_route rt = { .dst = net_host(a), .link_scope = true };
	struct cfg_addr one = *a;
	struct addrlist l = { &one, 1 };
	char text[NET_TEXT];
	int r = venet_open(&c, e);

	if (r < 0)
		return r;
	if (c.link.index) {
		r = del_inside(&c, a, e);
		rt.oif = c.link.index;
		knl_q_route_del(c.host, 0, &rt);
		knl_q_ignore(c.host, ESRCH);
		if (knl_run(c.host, NULL) < 0 && r == 0)
			r = err_set(e, VZ_E_ADD_IP, -EIO, "cannot remove the route for '%s'",
				    net_text(a, text));
		if (r == 0)
			r = venet_guard(&c, NULL, e);
	}
	/* Without a route of its own the entry would answer for somebody else's address. */
	if (r == 0)
		r = net_proxies_del(c.host, &l, 0, e);
	return r;
}

int net_venet_again(const struct net_venet *v, const char *dev, struct vz_err *e)
{
	_cleanup_(venet_done) struct venet c = { .v = v };
	size_t left = 0;
	int r;

	if (!v->addrs || v->addrs->n == 0)
		return 0;
	r = venet_open(&c, e);
	if (r < 0 || c.link.index == 0)
		return r;
	for (size_t i = 0; i < c.up.n; i++)
		if (strcmp(c.up.v[i].name, dev) == 0)
			c.up.v[left++] = c.up.v[i];
	c.up.n = left;
	r = venet_host_routes(&c, v->addrs, true, e);
	if (r == 0)
		r = venet_guard(&c, NULL, e);
	if (r == 0)
		r = net_proxies_add(c.host, &c.up, v->addrs, e);
	if (r == 0)
		net_announce(&c.up, v->addrs);
	return r;
}
