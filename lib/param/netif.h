/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keys of a NETIF entry that only some tools know. They are stored as they came; here they get a meaning:
 * ip (may be repeated), gw, gw6, network, dhcp, dhcp6, ip_filter; vlan; type=macvlan with parent and mode.
 */
#ifndef VZ_PARAM_NETIF_H
#define VZ_PARAM_NETIF_H

#include "param/types.h"

struct vz_err;

enum netif_mode { NETIF_MODE_BRIDGE, NETIF_MODE_PRIVATE, NETIF_MODE_VEPA };

/* What an entry says about the inside of the link, and about who may send from it. */
struct netif_net {
	struct addrlist addrs;
	struct cfg_addr gw4, gw6; /* family 0: none */
	bool lone4, lone6;	  /* one was said, but it counts for nothing: no address goes with it */
	char bridge[CFG_IFNAMSIZ]; /* bridge=, else network=; "": none */
	char parent[CFG_IFNAMSIZ]; /* of a macvlan, which joins no bridge; "": it is none */
	enum netif_mode mode;	   /* of a macvlan */
	uint16_t vlan;		   /* 1 to 4094; 0: none */
	bool ip_filter;		  /* other source addresses are dropped */
};

/* VETH when a value cannot be understood. Release with netif_net_done(). */
int netif_net(const struct netif *n, struct netif_net *ret, struct vz_err *e);
void netif_net_done(struct netif_net *n);

/* First value of a key; NULL when it is not there. *ret_len is its length. */
const char *netif_extra(const struct netif *n, const char *key, size_t *ret_len);
/* May a key have that value? false for keys that nobody here knows. */
bool netif_key_ok(const char *key, const char *value);
/* Set a key in the place of all of that name; value NULL or "": take them away. -ENOMEM */
int netif_extra_set(struct netif *n, const char *key, const char *value);
/* Append "key=value" as it is. -ENOMEM */
int netif_keep(struct netif *n, const char *field);
/* Give an address to an entry, or take it (del->all: all) away. -ENOMEM, -E2BIG */
int netif_addr_add(struct netif *n, const struct addrlist *l);
int netif_addr_del(struct netif *n, const struct addrdel *del);

#endif
