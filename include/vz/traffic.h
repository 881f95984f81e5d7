/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a VPS has sent and received, by class of the peer's network and by IP family. Classes are lines
 * "CLASS NET/MASK" of networks_classes beside vz.conf; without that file everything is class 1. The figures
 * only grow; they outlive the VPS's restarts and the node's, and end with the VPS.
 */
#ifndef VZ_TRAFFIC_H
#define VZ_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vz/codes.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vz;
struct vz_ct;

struct vz_traffic { /* as the VPS sees it: in is what it receives */
	uint32_t net_class;
	uint32_t family; /* 4 or 6 */
	uint64_t in_bytes, in_packets, out_bytes, out_packets;
};

/* Put a changed networks_classes into effect, and back what somebody took away of the counters, or of what guards
 * the links of running VPSs; 0 when all is as it should be. A VPS whose links cannot be guarded as its files say is told
 * to the log. Codes BAD_CONF, KERNEL, SYS. */
int vz_traffic_refresh(struct vz *vz, struct vz_err *e);
/* All classes that there are, ascending, IPv4 before IPv6; *ret is malloced. Takes no lock. Codes SYS, KERNEL. */
int vz_ct_traffic(const struct vz_ct *ct, struct vz_traffic **ret, size_t *ret_n, struct vz_err *e);

/*
 * A month of traffic: one of the node's calendar, from TRAFFIC_DAY on. Bytes are those that count, by TRAFFIC_FREE.
 */
struct vz_traffic_month {
	char from[12], prev_from[12];	/* "2026-11-01"; "": not known */
	uint64_t in_bytes, out_bytes;	/* so far */
	uint64_t used;			/* of the quota, by TRAFFIC_COUNT */
	uint64_t quota;			/* 0: none */
	uint64_t prev_used;		/* in the month before, from prev_from on */
	bool over;			/* used up */
	bool stopped;			/* the VPS was stopped for it, and will be started */
	char action[48];		/* as TRAFFIC_ACTION has it */
};
/* Takes no lock. Codes SYS, KERNEL. */
int vz_ct_traffic_month(const struct vz_ct *ct, struct vz_traffic_month *ret, struct vz_err *e);
/*
 * Do what the month's traffic asks for: limit or stop the VPS, take that back, run the scripts; keep the accounts.
 * 1 when there was nothing to do; LOCKED when another command has the VPS: the next call will do it. To be called
 * again and again, from a timer. Any code of stopping, starting and limiting.
 */
int vz_ct_traffic_enforce(struct vz_ct *ct, unsigned flags, struct vz_err *e);

#ifdef __cplusplus
}
#endif

#endif
