/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What may come out of a bridged VPS: a small program on the host's end of its link, made for this link
 * alone. docs/adr/0011-bridged-links.md
 */
#ifndef VZ_NET_GUARD_H
#define VZ_NET_GUARD_H

#include "net/net_priv.h"

struct bpf_insn;

#define NET_GUARD_NAME "vz_guard"
#define NET_GUARD_MAX  2048 /* instructions; for about a hundred addresses */

struct net_guard {
	const uint8_t *mac;	      /* the only sender; NULL: any */
	const struct addrlist *addrs; /* the only sources, also in ARP and ND; NULL: any */
};

/* Write the program, at most NET_GUARD_MAX instructions; its length, or -E2BIG. It gives TC_ACT_UNSPEC for what may pass, so that the filters
 * of others have their say, and TC_ACT_SHOT for what may not. */
int net_guard_build(const struct net_guard *g, struct bpf_insn *prog);
/* Load it and queue what puts it on the link, in the place of an earlier one; with neither MAC nor
 * addresses an earlier one is taken away. *ret_fd must stay open until the queue has run. */
int net_guard_q(struct knl *k, int index, const struct net_guard *g, int *ret_fd);

#endif
