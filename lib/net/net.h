/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The routed network of a VPS ("venet"): a veth pair whose host end carries one host route per
 * address, and the announcement of these addresses on the uplinks. Make it so, make it gone.
 * Everything here acts in the network namespace of the caller, which is the host's.
 */
#ifndef VZ_NET_NET_H
#define VZ_NET_NET_H

#include <stdbool.h>
#include <stddef.h>

#include "param/types.h"

struct buf;
struct vz_err;

#define NET_GUEST_IF "venet0" /* name of the guest's end */

struct net_venet {
	const char *host_if;		/* "venet101" */
	int netns_fd;			/* network namespace of the VPS */
	const struct addrlist *addrs;	/* of the VPS; may be empty or NULL */
	const struct strv *neigh_devs;	/* uplinks to answer and announce on; may be empty */
	const char *src_dev;		/* VE_ROUTE_SRC_DEV: its address is the routes' source */
	bool force_route;		/* FORCE_ROUTE: replace a route that is already there */
	bool skip_detect;		/* do not ask the uplinks for duplicates */
	bool detect_fatal;		/* ERROR_ON_ARPFAIL */
	/* Restore: the guest's end waits under this name, down, in our namespace, for whoever moves it in
	 * and fills it; netns_fd is not used. NULL: it is made inside, with its addresses. */
	const char *passing;
	/* Which node the pair belongs to: two nodes in one network namespace may have a VPS of one
	 * number, and neither takes the other's link. NULL: none. */
	const char *owner;
	struct buf *warn;		/* not fatal, a line each; or NULL */
};

/* Make pair, guard, addresses, routes, proxy entries and announcements. Fails with ADD_IP, IP_INUSE,
 * KERNEL; nothing is left then. Idempotent: what a dead caller half made is replaced. Both ends get one
 * fixed MAC, the same for every VPS, so that a checkpoint finds the pair it knew. */
int net_venet_up(const struct net_venet *v, struct vz_err *e);
/* Remove all of it from the host; 0 when nothing is there. The guest's end goes with the host's,
 * routes with the link. Proxy entries are found, on whatever uplink, by addrs (may be NULL, empty
 * or wrong) and by the routes of the link. */
int net_venet_down(const char *host_if, const char *owner, const struct addrlist *addrs,
		   struct vz_err *e);
/* Did net_venet_up() come to its end? False for a pair that a dead caller left half made. */
bool net_venet_is_up(const char *host_if, const char *owner);
/* Live change on a running VPS; v->addrs is not looked at. Re-adding an address with another
 * prefix replaces it; when there is no pair yet, it is made. Deleting one that is not there is 0. */
int net_venet_add(const struct net_venet *v, const struct cfg_addr *a, struct vz_err *e);
int net_venet_del(const struct net_venet *v, const struct cfg_addr *a, struct vz_err *e);
/* A device of the node has come up: routes, and on it proxy entries and announcements, as if the VPS had
 * just started. 0 when the VPS has no pair, or the device is not one of v->neigh_devs. */
int net_venet_again(const struct net_venet *v, const char *dev, struct vz_err *e);
/* What the node's settings keep these addresses from, in words for the user, one line each: IPv6
 * forwarding that is off. Returns the number of lines. Reads a few files; nothing without IPv6. */
int net_warn(const struct net_venet *v, struct buf *out);

/* The links that NEIGHBOUR_DEVS means: "list:a b", "detect" (device of the default route), "all"
 * (every up, ARP-speaking, non-bridge-port device with an address), NULL or "" = none. Appends to
 * *ret. Whether a listed device exists is not asked here: net_venet_up() warns and goes on. */
int net_neigh_devs(const char *conf, struct strv *ret, struct vz_err *e);
/* The guard lets out of the VPS what comes from an address that is routed to it. Its routes are read and
 * the guard is made from them anew; 0 when there is no pair. */
int net_venet_guard(const char *host_if, const char *owner, struct vz_err *e);
/* Is there a guard on this link, routed or bridged? True for a link that is not there. */
bool net_link_is_guarded(const char *host_if);
/* Take away what guarded routed links in earlier versions. */
void net_drop_old_guard(void);

#endif
