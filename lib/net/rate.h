/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The bandwidth of a VPS: all its links together, each direction by itself. What is over waits in one of two
 * devices of the node, where the VPS cannot get at it; what shares a total with other VPSs, in two devices of the
 * class of networks. docs/adr/0014-rates.md
 */
#ifndef VZ_NET_RATE_H
#define VZ_NET_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct strv;
struct traffic_net;
struct vz_err;

struct net_share { /* what a VPS may have to and from networks of one class; bits a second, each way */
	uint32_t net_class;
	uint64_t bits; /* that it has */
	uint64_t ceil; /* up to which it may borrow from the others of the total */
	uint64_t total; /* of all VPSs of the node; 0: of this one alone, ceil does not count */
};

struct net_rate {
	uint32_t id;		  /* of the VPS */
	uint16_t slot;		  /* a number, not 0 or 65535, that no other VPS of the machine has */
	const char *owner;	  /* which node it belongs to */
	const struct strv *links; /* the outer ends that there may be */
	const struct strv *outlets; /* for each the device that what comes in there leaves by; or its own name */
	uint64_t bits;		  /* for all traffic alike; 0: by shares, without these no limit */
	const struct net_share *shares;
	size_t nshares;
	const struct traffic_net *nets; /* what belongs to which class; what is in none is class 0 */
	size_t nnets;
	bool one_class;		  /* there are no classes: all is of the one of shares[0] */
	bool again;		  /* it may have shared a total before */
	uint16_t mpu;		  /* what a frame counts at least, in bytes */
};

/* Make it so, whatever there was; but totals that it shares no more are the caller's to drop. Code KERNEL, ADD_IP. */
int net_rate_set(const struct net_rate *w, struct vz_err *e);
/* Take the VPS's own devices away; 0 when there are none. */
int net_rate_down(uint32_t id, const char *owner, struct vz_err *e);
/* The VPS of that slot shares the total of a class no more; *ret_gone: no VPS does, and its devices have gone. One
 * caller at a time, net_rate_set() with shares of a total among them. */
int net_rate_leave(uint32_t net_class, uint16_t slot, const char *owner, bool *ret_gone,
		   struct vz_err *e);

#endif
