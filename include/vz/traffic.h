/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a VPS has sent and received, by class of the peer's network and by IP family. Classes are lines
 * "CLASS NET/MASK" of networks_classes beside vz.conf; without that file everything is class 1. The figures
 * only grow; they outlive the VPS's restarts and the node's, and end with the VPS.
 */
#ifndef VZ_TRAFFIC_H
#define VZ_TRAFFIC_H

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
 * the links of running VPSs; 0 when all is as it should be. Codes BAD_CONF, KERNEL, SYS. */
int vz_traffic_refresh(struct vz *vz, struct vz_err *e);
/* All classes that there are, ascending, IPv4 before IPv6; *ret is malloced. Takes no lock. Codes SYS, KERNEL. */
int vz_ct_traffic(const struct vz_ct *ct, struct vz_traffic **ret, size_t *ret_n, struct vz_err *e);

#ifdef __cplusplus
}
#endif

#endif
