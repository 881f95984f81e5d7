/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Talking about addresses on an Ethernet: who has one, and where it is from now on. Raw frames out
 * of the device named; needs CAP_NET_RAW.
 */
#ifndef VZ_NET_H
#define VZ_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vz/codes.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One series of ARP packets. What a pointer means when it is NULL stands behind it. */
struct vz_arp {
	size_t size;		/* sizeof(struct vz_arp) */
	const char *dev;
	bool reply;		/* the packets say "is at"; otherwise "who has" */
	const uint8_t *eth_src; /* 6 bytes, sender of the frame: the device's */
	const uint8_t *eth_dst; /* 6 bytes, receiver of the frame: everybody */
	const uint8_t *arp_src; /* 6 bytes, sender in the packet: as of the frame */
	const uint8_t *arp_dst; /* 6 bytes, target in the packet: zero; everybody in a reply */
	const uint8_t *src_ip;	/* 4 bytes: zero, as in a probe; or own_src */
	bool own_src;		/* without src_ip the target's own, as in an announcement */
	const uint8_t (*dst_ip)[4]; /* targets: one packet for each in every round */
	size_t ndst;
	unsigned count;		/* rounds */
	unsigned wait_ms;	/* between rounds, and for answers after the last */
	bool at_once;		/* no pause between rounds */
	bool listen;		/* for an answer; the first one ends it */
};

struct vz_arp_answer {
	uint8_t ip[4], mac[6];
};

/* 1 and *ret (may be NULL) when somebody who is not the device itself claimed a target, 0 when
 * nobody did or nobody listened. Codes: PARAM, SYS. */
int vz_arp_send(const struct vz_arp *a, struct vz_arp_answer *ret, struct vz_err *e);
/* Tell everybody on dev that the IPv6 address (16 bytes) is at the device's MAC now: an unsolicited
 * neighbour advertisement. Codes: SYS. */
int vz_nd_send(const char *dev, const uint8_t *ip, struct vz_err *e);

struct vz;
/* A device of the node has come up, perhaps a new card or one whose proxy entries went with it: route the
 * addresses of all running VPSs again and, where NEIGHBOUR_DEVS has the device, announce them on it. Goes on
 * after a VPS that fails or that a command works on (that one announces by itself); the first failure is
 * told. *ret_vps (may be NULL): how many were done. */
int vz_net_uplink_up(struct vz *vz, const char *dev, unsigned *ret_vps, struct vz_err *e);

#ifdef __cplusplus
}
#endif

#endif
