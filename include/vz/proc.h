/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Processes of the node and of its VPSs. Whose a process is, the kernel's control groups tell; nothing that a
 * VPS can write has a part in it. Names and command lines are made harmless for a terminal (see vz/text.h).
 */
#ifndef VZ_PROC_H
#define VZ_PROC_H

#include <sys/types.h>

#include <vz/vz.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vz_proc {
	uint32_t ctid;	    /* 0: the node's own */
	pid_t pid, ppid;    /* here */
	pid_t vpid;	    /* inside its VPS; of the node's own the same as pid; 0: not inside (yet) */
	pid_t pgrp, session;
	uid_t uid;	    /* here */
	uint32_t vuid;	    /* inside its VPS; UINT32_MAX: none there */
	char state;	    /* as ps(1) has it: R S D Z T t I */
	char tty[16];	    /* "pts/0"; "?": none */
	int prio, nice, threads;
	uint64_t user_ticks, sys_ticks; /* CPU time, 100 a second */
	uint64_t start;	    /* ticks after boot */
	uint64_t vsize, rss; /* bytes */
	char comm[64];
	char *args;	    /* with VZ_PROC_ARGS; NULL: it has none, as a kernel thread */
	char user[36];	    /* with VZ_PROC_USER: name inside its VPS, or a number */
};

#define VZ_PROC_ARGS 1u /* costs another file for each */
#define VZ_PROC_USER 2u /* costs another file for each VPS */

#define VZ_PROC_NODE UINT32_MAX /* all VPSs and the node itself */

/* All processes of one VPS (ctid 0: all that are of none), by pid. One that ends meanwhile is left out; a VPS that
 * does not run has none. *ret is released by vz_procs_free(). Codes: KERNEL, SYS. */
int vz_procs(struct vz *vz, uint32_t ctid, unsigned what, struct vz_proc **ret, size_t *ret_n,
	     struct vz_err *e);
void vz_procs_free(struct vz_proc *p, size_t n); /* NULL is fine */
/* One, by its number here; a single one for vz_procs_free(). SYS with e->sys ESRCH: there is none. */
int vz_proc_find(struct vz *vz, pid_t pid, unsigned what, struct vz_proc **ret, struct vz_err *e);
/* Send it a signal; if its number has gone to another meanwhile, nobody gets it: SYS with ESRCH. */
int vz_proc_signal(const struct vz_proc *p, int sig, struct vz_err *e);

#ifdef __cplusplus
}
#endif

#endif
