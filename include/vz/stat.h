/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What flows through VPSs and the node: counters to make rates of. Sample twice, subtract, divide by the difference
 * of `when`. A counter that went back belongs to a new start.
 */
#ifndef VZ_STAT_H
#define VZ_STAT_H

#include <vz/vz.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vz_pressure { /* share of the last ten seconds in which something waited, hundredths of a per cent */
	uint64_t cpu, mem, io;
};

struct vz_stat { /* one VPS; UINT64_MAX = unknown */
	uint32_t ctid;
	double when;   /* seconds after boot */
	double uptime; /* seconds */
	uint64_t cpu_usec;
	uint64_t mem, mem_max, swap, swap_max; /* bytes */
	uint64_t tasks, tasks_max;
	uint64_t io_read, io_write;   /* bytes */
	uint64_t io_reads, io_writes; /* operations */
	uint64_t net_in, net_out;     /* bytes, as the VPS sees it */
	uint64_t net_in_packets, net_out_packets;
	uint64_t failcnt; /* refused forks, out of memory, no swap: since its start */
	struct vz_pressure pressure;
};

struct vz_node_stat {
	double when, load[3];
	uint64_t cpus, cpu_busy_usec; /* busy: of all together */
	uint64_t mem, mem_free, swap, swap_free; /* bytes; free: available without swapping */
	struct vz_pressure pressure;
};

struct vz_look; /* one round: what is read once for all VPSs */

int vz_look_new(struct vz *vz, struct vz_look **ret, struct vz_err *e);
void vz_look_free(struct vz_look *l); /* NULL is fine */
/* -ESRCH: it does not run. */
int vz_look_ct(struct vz_look *l, struct vz_ct *ct, struct vz_stat *ret);
/* Codes: SYS. */
int vz_node_stat(struct vz *vz, struct vz_node_stat *ret, struct vz_err *e);

#ifdef __cplusplus
}
#endif

#endif
