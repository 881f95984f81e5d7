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

enum { VZ_CPU_WORDS = 16 }; /* processors beyond 1024 are not told */

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
	struct vz_pressure full;    /* in which all of it waited */
	struct vz_pressure stalled; /* time in which something waited, usec since its start */
	uint64_t mem_peak;	    /* bytes, since its start */
	uint64_t mem_fail;	    /* how often the limit was reached; most times the kernel finds other memory */
	uint64_t oom_kills;	    /* processes, since its start */
	uint64_t throttled_usec;    /* held back by its own CPU limit, since its start */
	uint64_t refaults;	    /* pages read again soon after they were dropped, since its start */
	uint64_t cpu_weight;	    /* CPUUNITS */
	uint64_t cpu_limit;	    /* per cent of one CPU; 0: none */
	uint64_t cpu_set[VZ_CPU_WORDS]; /* bit n: processor n may be used; no bit at all: not known */
};

struct vz_node_stat {
	double when, load[3];
	uint64_t cpus, cpu_busy_usec; /* busy: of all together */
	uint64_t mem, mem_free, swap, swap_free; /* bytes; free: available without swapping */
	struct vz_pressure pressure;
	struct vz_pressure full;
	struct vz_pressure stalled; /* usec since the node's start */
};

struct vz_look; /* one round: what is read once for all VPSs */

int vz_look_new(struct vz *vz, struct vz_look **ret, struct vz_err *e);
void vz_look_free(struct vz_look *l); /* NULL is fine */
/* -ESRCH: it does not run. */
int vz_look_ct(struct vz_look *l, struct vz_ct *ct, struct vz_stat *ret);
/* How long its processes have waited for a CPU, of all that are there now, usec: for kernels without pressure of
 * groups. One file for each process; -EOPNOTSUPP: this kernel does not count it (CONFIG_SCHED_INFO). */
int vz_ct_run_delay(struct vz_ct *ct, uint64_t *ret_usec);
/* Codes: SYS. */
int vz_node_stat(struct vz *vz, struct vz_node_stat *ret, struct vz_err *e);

#ifdef __cplusplus
}
#endif

#endif
