/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What may come out of a VPS: a small program on the host's end of its link, made for this link alone.
 * docs/adr/0011-bridged-links.md, 0015-wall.md
 */
#ifndef VZ_NET_GUARD_H
#define VZ_NET_GUARD_H

#include "net/net_priv.h"
#include "net/prog.h"

#define NET_GUARD_NAME "vz_guard"

extern const struct knl_filter net_guard_place;

struct net_guard {
	const uint8_t *mac;	      /* the only sender; NULL: any */
	const struct addrlist *addrs; /* the only sources, also in ARP and ND; NULL: any */
	/* A link without neighbours: addrs are the nets that are routed to the VPS, and nothing but IP from
	 * one of them passes. */
	bool routed;
};

/* Write the program; its length, or -E2BIG, -ENOMEM. *ret is the caller's to prog_done(). It gives TC_ACT_UNSPEC
 * for what may pass, so that the filters of others have their say, and TC_ACT_SHOT for what may not. */
int net_guard_build(const struct net_guard *g, struct prog *ret);
/* Load it and queue what puts it on the link, in the place of an earlier one; with neither MAC nor
 * addresses an earlier one is taken away. *ret_fd must stay open until the queue has run. */
int net_guard_q(struct knl *k, int index, const struct net_guard *g, int *ret_fd);

#endif
