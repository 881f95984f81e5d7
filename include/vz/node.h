/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The node as a whole: make it ready, bring its VPSs up at boot and down at shutdown, and check what it
 * would need for many of them.
 *
 * vz_node_up() and vz_node_down() do the work on each VPS in a child process of its own, so the caller
 * must have one thread only while they run, and must not ignore SIGCHLD.
 */
#ifndef VZ_NODE_H
#define VZ_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vz/codes.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vz;

/* Above these, in percent of the time in which some task waited (PSI, the last ten seconds or the time
 * since the last look, whichever is more), no further VPS is started while one is being started, and
 * not sooner than VZ_PRESSURE_PACE_MS after the last one. */
#define VZ_PRESSURE_CPU	    80
#define VZ_PRESSURE_IO	    60
#define VZ_PRESSURE_MEMORY  20
#define VZ_PRESSURE_PACE_MS 2000

struct vz_node_progress {
	const char *verb;     /* "start", "suspend", "stop", "umount" */
	unsigned total, done; /* of this verb; done counts failures, too */
	unsigned going;	      /* just now */
	const char *held;     /* "cpu", "io", "memory": what holds the next one back; NULL: nothing */
};

struct vz_node_opts {
	size_t size;
	unsigned parallel;    /* 0: VE_PARALLEL, else four for each processor */
	unsigned timeout_s;   /* for one VPS; then its command is killed. 0: 600, and for a stop its
				 STOP_TIMEOUT and a minute */
	const char *stop_mode; /* down: "suspend" or "stop"; NULL: VE_STOP_MODE */
	const char *pressure; /* folder with cpu, io and memory; NULL: /proc/pressure */
	int cancel_fd;	      /* readable: begin no more; -1 or 0: never */
	void (*progress)(void *arg, const struct vz_node_progress *p); /* may be NULL */
	void *progress_arg;
};

struct vz_node_result {
	unsigned total;	    /* VPSs that were meant */
	unsigned done;	    /* started or resumed; suspended or stopped */
	unsigned suspended; /* down: how many of them were suspended */
	unsigned failed;    /* each was told to the log sink with its reason */
	unsigned left;	    /* not begun, because of cancel_fd */
};

/*
 * Make the node ready: folders, control groups, guards of VPSs that run already, modules of
 * IPTABLES_MODULES, VE0CPUUNITS; locks of before the boot go. The calling process moves to a control
 * group of the node's, so that monitors that it starts outlive the service that it belongs to.
 * KERNEL: this kernel cannot run VPSs.
 */
int vz_node_ready(struct vz *vz, struct vz_err *e);

/*
 * Start the node's lxcfs, which shows VPSs their own memory, processors and load, and a process that keeps it
 * alive; 0 when they are there already. The first start of a VPS does it. VE_PROCFS. Code ENV.
 */
int vz_node_view(struct vz *vz, struct vz_err *e);

/*
 * Start, in order of BOOTORDER (high first, unset last, then by ID), those with ONBOOT=yes and those that
 * ran when the node went down and do not have ONBOOT=no. DISABLED ones are left out. Returns 0 also when
 * some failed: look at *ret.
 */
int vz_node_up(struct vz *vz, const struct vz_node_opts *o, struct vz_node_result *ret, struct vz_err *e);

/*
 * Write down which VPSs run, then suspend (or stop) them in the opposite order; what cannot be suspended
 * is stopped, in up to three tries. Returns as vz_node_up().
 */
int vz_node_down(struct vz *vz, const struct vz_node_opts *o, struct vz_node_result *ret,
		 struct vz_err *e);

/* Has vz_node_up() been called since the node booted, and vz_node_down() not since? */
bool vz_node_is_up(const struct vz *vz);
/* Does vz.conf allow VPSs to be started at boot (VIRTUOZZO, yes unless it says no)? */
bool vz_node_is_wanted(const struct vz *vz);

/* ---- what a node needs ---- */

enum vz_check_level {
	VZ_CHECK_OK,
	VZ_CHECK_WARN, /* works, but not for many VPSs, or without some feature */
	VZ_CHECK_FAIL, /* this node cannot run VPSs */
};

struct vz_check {
	const char *name;     /* "fs.inotify.max_user_instances", "kernel.overlay" */
	const char *group;    /* "kernel", "files", "net" ... */
	enum vz_check_level level;
	const char *found;    /* as people read it */
	const char *wanted;
	const char *why;      /* one sentence */
	const char *how;      /* how to mend it */
	const char *sysctl;   /* what --fix would write; NULL: nothing that a sysctl could mend */
};

struct vz_check_opts {
	size_t size;
	const char *root; /* folder in which proc and sys are looked for; NULL: / */
	const char *dir;  /* folder for private areas, to try mounts in; NULL: what vz says, or /tmp */
	bool quick;	  /* without what takes seconds: finding a CRIU that fits */
};

/* All of them in the order of the table; strings live until row() returns. vz may be NULL: no vz.conf
 * yet. */
int vz_node_check(struct vz *vz, const struct vz_check_opts *o,
		  void (*row)(void *arg, const struct vz_check *c), void *arg, struct vz_err *e);

/*
 * Write the sysctls that deviate to `file` (whole, replacing what an earlier call wrote there; a value that
 * is higher already stays out of it) and to the kernel. *ret_n: how many. dry: nothing is written, and
 * *ret_text (malloced, may be NULL) gets what the file would be.
 */
int vz_node_fix(const struct vz_check_opts *o, const char *file, bool dry, char **ret_text,
		unsigned *ret_n, struct vz_err *e);

#ifdef __cplusplus
}
#endif

#endif
