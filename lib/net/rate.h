/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The bandwidth of a VPS: all its links together, each direction by itself. What is over waits in one of two
 * devices of the node, where the VPS cannot get at it. docs/adr/0014-rates.md
 */
#ifndef VZ_NET_RATE_H
#define VZ_NET_RATE_H

#include <stdint.h>

struct strv;
struct vz_err;

struct net_rate {
	uint32_t id;		  /* of the VPS */
	const char *owner;	  /* which node it belongs to */
	const struct strv *links; /* the outer ends that there may be */
	uint64_t bits;		  /* a second, each way; 0: no limit */
	uint16_t mpu;		  /* what a frame counts at least, in bytes */
};

/* Make it so, whatever there was. Code KERNEL, ADD_IP. */
int net_rate_set(const struct net_rate *w, struct vz_err *e);
/* Take the devices away; 0 when there are none. */
int net_rate_down(uint32_t id, const char *owner, struct vz_err *e);

#endif
