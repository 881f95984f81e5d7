/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Beancounters: what a VPS holds of each resource, has held at most, may hold, and was refused. The figures are
 * those of its control groups and namespaces; vzubc(8) says for each row where it comes from.
 */
#ifndef VZ_UBC_H
#define VZ_UBC_H

#include <vz/vz.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One row each, in the order of the historic /proc/user_beancounters: parameter, name, what one of it is (b byte,
 * p page of 4096 bytes, # item). */
#define VZ_UBCS(X)                                                                                 \
	X(KMEMSIZE, kmemsize, 'b')                                                                 \
	X(LOCKEDPAGES, lockedpages, 'p')                                                           \
	X(PRIVVMPAGES, privvmpages, 'p')                                                           \
	X(SHMPAGES, shmpages, 'p')                                                                 \
	X(NUMPROC, numproc, '#')                                                                   \
	X(PHYSPAGES, physpages, 'p')                                                               \
	X(VMGUARPAGES, vmguarpages, 'p')                                                           \
	X(OOMGUARPAGES, oomguarpages, 'p')                                                         \
	X(NUMTCPSOCK, numtcpsock, '#')                                                             \
	X(NUMFLOCK, numflock, '#')                                                                 \
	X(NUMPTY, numpty, '#')                                                                     \
	X(NUMSIGINFO, numsiginfo, '#')                                                             \
	X(TCPSNDBUF, tcpsndbuf, 'b')                                                               \
	X(TCPRCVBUF, tcprcvbuf, 'b')                                                               \
	X(OTHERSOCKBUF, othersockbuf, 'b')                                                         \
	X(DGRAMRCVBUF, dgramrcvbuf, 'b')                                                           \
	X(NUMOTHERSOCK, numothersock, '#')                                                         \
	X(DCACHESIZE, dcachesize, 'b')                                                             \
	X(NUMFILE, numfile, '#')                                                                   \
	X(NUMIPTENT, numiptent, '#')                                                               \
	X(SWAPPAGES, swappages, 'p')

enum vz_ubc_id {
#define VZ_UBC_ENUM(id, name, unit) VZ_UBC_##id,
	VZ_UBCS(VZ_UBC_ENUM)
#undef VZ_UBC_ENUM
	VZ_NUBC
};

#define VZ_UBC_UNKNOWN	 UINT64_MAX
#define VZ_UBC_UNLIMITED ((uint64_t)INT64_MAX)

struct vz_ubc {
	const char *name;
	uint64_t held, maxheld;	 /* maxheld: since the start, where the kernel knows; else what is held */
	uint64_t barrier, limit; /* of one that does not run: what the file says */
	uint64_t failcnt;	 /* over all starts since the VPS was created */
};

#define VZ_UBC_BIT(id) (1u << VZ_UBC_##id)
#define VZ_UBC_ALL     ((1u << VZ_NUBC) - 1)
/* In place of an id: failcnt is wanted, too; it costs another file. */
#define VZ_UBC_FAIL    (1u << 31)

/*
 * All rows get name, barrier and limit; those in `rows` (a set of VZ_UBC_BIT) also what is held. All but
 * unknown figures are in the unit of the row. Counting NUMFILE, NUMFLOCK, NUMPTY and NUMSIGINFO looks at every
 * process of the VPS. Codes: SYS (out of memory).
 */
int vz_ct_ubc(struct vz_ct *ct, uint32_t rows, struct vz_ubc ret[VZ_NUBC], struct vz_err *e);

/*
 * What it has used over all its starts since it was created, running or not. CPU time and I/O are the kernel's
 * counters and exact; time is that since init began, to 10 ms. Memory is looked at when somebody keeps it and at the
 * end of each run, and taken to have changed evenly in between. A power cut loses what was not kept.
 */
struct vz_usage {
	size_t size;	   /* set by the caller */
	uint64_t cpu_usec; /* of all its processes */
	uint64_t uptime_ms;
	uint64_t mem_kib_s, limit_kib_s; /* KiB times seconds: used; allowed (no limit: the node's memory) */
	uint64_t io_read, io_write;	 /* bytes */
	uint64_t io_reads, io_writes;	 /* operations */
	uint64_t refused;		 /* forks, memory, swap */
	uint64_t oom_kills;		 /* processes */
};
/* Codes: SYS, KERNEL. */
int vz_ct_usage(struct vz_ct *ct, struct vz_usage *ret, struct vz_err *e);
/* Write it down now; one that does not run is left alone. Takes no lock. Codes: SYS. */
int vz_ct_usage_keep(struct vz_ct *ct, struct vz_err *e);

#ifdef __cplusplus
}
#endif

#endif
