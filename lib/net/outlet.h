/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where a pair without a bridge ends: a macvlan of this node, on a network card or on one VLAN of it. The two are
 * led into each other, so that what holds for a pair (guard, firewall, rate, accounts) holds for it, too. Everything
 * acts in the network namespace of the caller. docs/adr/0027-vlan-macvlan.md
 */
#ifndef VZ_NET_OUTLET_H
#define VZ_NET_OUTLET_H

#include <stdint.h>

#include "kern/nl.h"
#include "param/netif.h"

struct vz_err;

struct net_outlet {
	const char *name;	     /* of the macvlan */
	const char *host_if;	     /* the outer end of the pair, for words */
	const struct netif_net *net; /* parent, VLAN, mode */
	const uint8_t *mac;	     /* the VPS's */
	const char *owner;	     /* the node */
	uint32_t id;		     /* the VPS */
	const char *lock;	     /* a folder: who makes or removes devices that are shared locks it */
};

/* All fail with VETH. */
/* Make it, or make it right, and lead it and the link of that index into each other; it is up then. The caller's
 * queue k is empty and stays so. Nothing is left after a failure. */
int net_outlet_up(struct knl *k, const struct net_outlet *o, int link, struct vz_err *e);
/* Remove it, and devices of VLANs that we have made and nobody uses; 0 when there is none. */
int net_outlet_down(struct knl *k, const struct net_outlet *o, struct vz_err *e);
/* Is it there, with its parent? 1, 0, or -ENODEV when the parent is not there, so that nothing can be done. */
int net_outlet_is_up(struct knl *k, const struct net_outlet *o);
/* Its name follows from that of the outer end. */
void net_outlet_name(const char *host_if, char out[CFG_IFNAMSIZ]);

#endif
