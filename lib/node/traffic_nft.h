/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Counters of traffic by VPS link, class of network and family: nft sets that fill themselves. */
#ifndef VZ_NODE_TRAFFIC_NFT_H
#define VZ_NODE_TRAFFIC_NFT_H

#include <stddef.h>
#include <stdint.h>

#include "param/netclass.h"

struct buf;
struct vz_err;

struct traffic_range { /* of addresses, both ends belong to it; IPv4 in the first four bytes */
	uint8_t first[16], last[16];
	uint32_t net_class;
};

/* Disjoint ranges, ascending: of nets that contain each other the narrower one counts, of equal ones that which
 * was said last. *ret is malloced. -ENOMEM */
int traffic_flatten(const struct traffic_net *nets, size_t n, uint8_t family,
		    struct traffic_range **ret, size_t *ret_n);

/* Install, or change to what the file says; what was counted stays. Without the file everything is class 1.
 * With it, what no line has is class 0. BAD_CONF, KERNEL. */
int node_traffic_install(const char *classes, struct vz_err *e);

#endif
