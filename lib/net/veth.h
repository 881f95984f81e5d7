/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The Ethernet of a VPS: a veth pair whose host end is a port of a bridge, or is led to a macvlan (net/outlet.h), or
 * is left to a script of the administrator's. Make it so, make it gone. Everything acts in the network namespace of the caller.
 */
#ifndef VZ_NET_VETH_H
#define VZ_NET_VETH_H

#include <stdbool.h>
#include <stdint.h>

#include "param/netif.h"

struct vz_err;

struct net_veth {
	const char *host_if, *guest_if;
	const uint8_t *host_mac, *mac; /* 6 bytes each */
	const struct netif_net *net;   /* bridge, addresses and gateways inside, ip_filter */
	bool mac_filter;
	bool script;	     /* a bridge that the kernel cannot join is the script's business */
	int netns_fd;	     /* of the VPS */
	const char *passing; /* restore: as for struct net_venet */
	const char *owner;   /* the node */
	uint32_t id;	     /* the VPS */
	const char *lock;    /* a folder of the node, as for struct net_outlet */
};

/* All of these fail with VETH. */
/* Make the pair; nothing is left after a failure. A half made one of ours is replaced. */
int net_veth_up(const struct net_veth *v, struct vz_err *e);
/* Give a pair that is there what v says, under the name v->host_if; `host_if` is the present one. `was`
 * (may be NULL) is what the inside had from us. */
int net_veth_change(const struct net_veth *v, const char *host_if, const struct netif_net *was,
		    struct vz_err *e);
/* Remove the pair v->host_if of v->owner and v->id, and what it leads to if there may be a macvlan (v->lock is used
 * then); 0 when there is none. A link that is not the VPS's stays. */
int net_veth_down(const struct net_veth *v, bool outlet, struct vz_err *e);
/* Is it there, complete, and the VPS's? */
bool net_veth_is_up(const char *host_if, const char *owner, uint32_t id);
/* Is it in a bridge, or does it lead to its macvlan, if v says so? 1; 0: no, but it could be; -ENODEV: bridge or parent are not there. What a script has to
 * see to is taken for right. */
int net_veth_is_connected(const struct net_veth *v);
/* Is it the VPS's, in whatever state? */
bool net_veth_is_ours(const char *host_if, const char *owner, uint32_t id);

/* The MAC that a generated one begins with: of the first network card, else of the first Ethernet device,
 * else zero. */
int net_first_mac(uint8_t mac[6]);

#endif
