/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Talking about addresses on an Ethernet: who has one, and where it is from now on. ARP for IPv4,
 * neighbour discovery for IPv6. All of it goes out of the device named, as raw frames.
 */
#ifndef VZ_NET_ANNOUNCE_H
#define VZ_NET_ANNOUNCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vz_err;

/* One series of ARP packets. NULL pointers: the sentence behind them. */
struct net_arp {
	const char *dev;
	bool reply;		      /* packets say "is at"; otherwise "who has" */
	const uint8_t *eth_src;	      /* 6 bytes: sender of the frame; the device's */
	const uint8_t *eth_dst;	      /* 6 bytes: receiver of the frame; everybody */
	const uint8_t *arp_src;	      /* 6 bytes: sender in the packet; the device's */
	const uint8_t *arp_dst;	      /* 6 bytes: target in the packet; zero ("who has"), everybody */
	const uint8_t *src_ip;	      /* 4 bytes; own_src decides */
	bool own_src;		      /* without src_ip: the target's own, as in an announcement; or 0 */
	const uint8_t (*dst_ip)[4];   /* targets: one packet each and round */
	size_t ndst;
	unsigned count;		      /* rounds */
	unsigned wait_ms;	      /* between rounds, and for answers after the last */
	bool at_once;		      /* no pause between rounds */
	bool listen;		      /* wait for an answer; the first one ends it */
};

struct net_arp_answer {
	uint8_t ip[4], mac[6];
};

/* 1 and *ret when somebody who is not the device itself answered for a target, 0 when nobody did.
 * ret may be NULL. */
int net_arp_send(const struct net_arp *a, struct net_arp_answer *ret, struct vz_err *e);
/* Tell everybody on dev that the IPv6 address (16 bytes) is at dev's MAC now. */
int net_nd_send(const char *dev, const uint8_t *ip, struct vz_err *e);

#endif
