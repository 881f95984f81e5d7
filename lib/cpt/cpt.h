/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Checkpoint and restore of a whole VPS through CRIU. Plain values come in; nothing here knows a VPS's
 * state or configuration. docs/adr/0006-criu.md says why it is done this way.
 *
 * The dump is a folder, DUMPDIR/Dump.<id>. While it is made it is <dump>.new; what a failed dump or
 * restore leaves for the reader is <dump>.fail, with dump.log or restore.log in it.
 *
 * How a VPS comes back, step by step, for the caller:
 *
 *   1. mount its root; make its control groups with their limits; make the pairs of its links in the
 *      node's network namespace (the inner end down and under a passing name);
 *   2. cpt_restore_open();
 *   3. fork the process that is going to exec the monitor; there, before the exec, cpt_restore_fork(),
 *      which forks CRIU. CRIU makes init its own sibling (CLONE_PARENT), so init is the monitor's child,
 *      as after a start. The monitor also has CRIU itself to reap, which ends soon after step 6;
 *   4. cpt_restore_run(): every process is there again and stopped, the network is locked. It gives
 *      init's pid and the master of its console (-1 if the VPS has spoilt its /dev/pts);
 *   5. note the pid; set addresses and routes of the outer ends; hand pidfd and console to the monitor;
 *   6. cpt_restore_go(): the VPS runs. Remove the dump (cpt_drop()): it is older than the disk now.
 *
 * Dying between 4 and 6 ends the VPS again (CRIU kills what it made) and the dump stays good.
 */
#ifndef VZ_CPT_CPT_H
#define VZ_CPT_CPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct vz_err;

struct cpt_link {
	const char *inside;  /* name in the VPS: "venet0" */
	const char *outside; /* restore: present name, in the node's namespace, of the end to move in */
};

struct cpt_bind { /* a folder or file of the node that the VPS is shown */
	char *inside;  /* mount point in the VPS */
	char *outside; /* restore: mounted here, in our mount namespace, as it is to appear */
};

struct cpt_job {
	const char *id;	  /* for messages */
	const char *criu; /* program, from cpt_find() */
	const char *dump; /* absolute path of the dump folder */
	const char *root; /* where the root of the VPS is mounted in our mount namespace */
	const struct cpt_link *links;
	size_t nlinks;
	const struct cpt_bind *binds;
	size_t nbinds;
	int groups;	   /* folder of the control group that is the root of the VPS's own tree; 0: none.
			    * At restore it must be new: as a root with children it would take no process */
	const char *slice, *group; /* restore: our parent group, and the VPS's, SLICE/[...]NAME, wherever it was before;
				    * group NULL: where it was */
	const char *note;  /* dump: text kept with the images, read back by cpt_note(); may be NULL */
	const char *view;  /* restore: where the node's lxcfs is mounted, or what holds its place: blank; NULL:
			    * it needs none, see cpt_has_view() */
	pid_t init;	   /* dump */
	int busy;	   /* restore: a lock that CRIU holds as long as it is at work; -1: none */
	bool blank;	   /* restore, see view */
	bool keep_running; /* dump: go on afterwards */
	int log_level;	   /* of CRIU, 1 to 4; 0: 2 */
	unsigned timeout_s; /* 0: 1800 */
};

struct cpt_find {
	const char *conf;    /* CRIU= of vz.conf; "" or NULL: search */
	const char *private; /* program unpacked by vz-criu-fetch, tried after those on PATH */
	const char *rundir;  /* the answer is kept in RUNDIR/criu until the next boot */
};

/*
 * The first CRIU that fits the kernel: `criu check` passes and it can dump a small process that has a
 * network namespace, a socket and a pidfd; a CRIU older than the kernel often passes the first alone. One
 * that fails on the pidfd only is taken when there is no better: it carries all but the newest guests.
 * *ret is malloced. KERNEL when there is none, with the reason for each.
 */
int cpt_find(const struct cpt_find *f, char **ret, struct vz_err *e);

/* What a CRIU says of itself, as 10000 * major + 100 * minor + patch. -errno. */
int cpt_version(const char *criu, uint32_t *ret);

/*
 * Freeze, dump and (unless keep_running) kill. The dump is complete, on disk and under its own name before
 * the first process is killed: should we die half way, then a VPS that runs makes the dump void, and one
 * that does not is suspended. On failure the VPS goes on, and the words hold CRIU's own reason. Code
 * SUSPEND, NO_SPACE. Whoever watches init must be told before that its end is no halt.
 */
int cpt_dump(const struct cpt_job *j, struct vz_err *e);

struct cpt_restore;
/* Code RESUME for all of these. Close whatever happened; before cpt_restore_go() that undoes all. */
int cpt_restore_open(const struct cpt_job *j, struct cpt_restore **ret, struct vz_err *e);
/* Does what was dumped need a view? */
bool cpt_has_view(const char *dump);
/* It had files of a view, and there was none: blank ones lie in their places and have to go. */
bool cpt_restore_lost_view(const struct cpt_restore *r);
int cpt_restore_fork(struct cpt_restore *r); /* step 3; -errno; calls fork and exec only */
int cpt_restore_run(struct cpt_restore *r, pid_t *ret_init, int *ret_master, struct vz_err *e);
int cpt_restore_go(struct cpt_restore *r, struct vz_err *e);
void cpt_restore_close(struct cpt_restore *r);

/* Is there a complete dump? */
bool cpt_exists(const char *dump);
/* The note of a dump, malloced. -ENOENT. */
int cpt_note(const char *dump, char **ret);
/* Remove the dump, with .new and .fail of it. 0 when there is none. */
int cpt_drop(const char *dump);

#endif
