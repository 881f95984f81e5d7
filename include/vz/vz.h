/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libvz: VPSs on an unmodified Linux kernel.
 *
 * Every function that can fail returns 0 or a negative errno and, when it fails, fills the vz_err that
 * it was given (which must be zeroed before the first call; NULL is allowed). Handles are opaque; a
 * handle must not be used by two threads at a time. Nothing here prints, exits, or changes the caller's
 * directory, environment, umask or signal handlers.
 */
#ifndef VZ_VZ_H
#define VZ_VZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vz/cfg.h>
#include <vz/codes.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vz;    /* the node: one vz.conf and what follows from it */
struct vz_ct; /* one VPS */

/* Options begin with their own size, so that a program built against an older header still works. */
struct vz_open_opts {
	size_t size;
	const char *conf;    /* vz.conf; NULL: /etc/vz/vz.conf */
	const char *libexec; /* where vz-monitor and vz-node are; NULL: where they were installed */
	const char *vzctl;   /* what a monitor runs when init ends; NULL: where it was installed */
	void (*log)(void *arg, int level, const char *text); /* NULL: silent. -1 warning, 0.. detail */
	void *log_arg;
};

/* The node. Codes: NO_GLOBAL_CONF, BAD_CONF, SYS. */
int vz_open(struct vz **ret, const struct vz_open_opts *o, struct vz_err *e);
void vz_close(struct vz *vz); /* NULL is fine */
/* Values of vz.conf, with the defaults; owned by vz. */
const struct vz_cfg *vz_node_cfg(const struct vz *vz);
/* Folders of the node: "etc" (where vz.conf is), "conf", "names", "lock", "dump", "template", "run", "state"
 * (outlives a reboot of the node), "libexec". NULL: no such. */
const char *vz_node_dir(const struct vz *vz, const char *which);

/* Exit status that vzctl(8) documents for a code, and its sentence there. */
int vz_code_exit(int code);
const char *vz_code_text(int code);
const char *vz_code_name(int code);

/* Number, name or UUID to a VPS. Its configuration is read; nothing is locked. PARAM: neither a number nor
 * a known name; NO_CONF unless VZ_FIND_NO_CONF_OK. */
#define VZ_FIND_NO_CONF_OK 1u
#define VZ_FIND_HOST_OK	   2u /* 0 is the node itself: good for vz_ct_set() alone */
#define VZ_FIND_BAD_CONF_OK 4u /* and one that cannot be read is as good as none */
int vz_ct_find(struct vz *vz, const char *id_or_name, unsigned flags, struct vz_ct **ret,
	       struct vz_err *e);
/* The same by its number, 1 to 2147483644. */
int vz_ct_open(struct vz *vz, uint32_t id, unsigned flags, struct vz_ct **ret, struct vz_err *e);
void vz_ct_free(struct vz_ct *ct);
uint32_t vz_ct_id(const struct vz_ct *ct);
/* What its file says, over vz.conf; owned by ct. */
const struct vz_cfg *vz_ct_cfg(const struct vz_ct *ct);
/* Expanded paths; NULL when not configured. Owned by ct. */
const char *vz_ct_private(const struct vz_ct *ct);
const char *vz_ct_root(const struct vz_ct *ct);
const char *vz_ct_conf_path(const struct vz_ct *ct);

/* All CTIDs that have a configuration, ascending; free() the array. */
int vz_ct_list(struct vz *vz, uint32_t **ret, size_t *ret_n, struct vz_err *e);

enum { /* vz_ct_status() */
	VZ_ST_EXISTS = 1,    /* configuration and private area are there */
	VZ_ST_MOUNTED = 2,
	VZ_ST_RUNNING = 4,
	VZ_ST_SUSPENDED = 8, /* a dump is there */
	VZ_ST_FROZEN = 16,
};
/* Never fails; what cannot be found out is not so. */
unsigned vz_ct_status(struct vz_ct *ct);
/* For long lists: the same without VZ_ST_FROZEN, and cheaper. ret_tasks may be NULL; it gets the number
 * of tasks, or UINT64_MAX when the VPS does not run or it is not known. */
unsigned vz_ct_glance(struct vz_ct *ct, uint64_t *ret_tasks);

struct vz_figures { /* live; UINT64_MAX = unknown */
	uint64_t tasks, tasks_peak, tasks_max, tasks_fail;
	uint64_t mem, mem_peak, mem_max, mem_fail; /* bytes */
	uint64_t swap, swap_max, swap_fail;
	uint64_t kmem, shmem, locked, sock;
	uint64_t cpu_usec;
	double uptime; /* seconds; 0 when it does not run */
};
/* only_tasks: leave all but tasks unknown, cheaply. */
int vz_ct_figures(struct vz_ct *ct, bool only_tasks, struct vz_figures *ret);
int vz_ct_init_pid(struct vz_ct *ct); /* on the host; 0 when it does not run */

/* Locking: every verb that changes takes the lock and settles what a killed predecessor left. */
#define VZ_SKIP_LOCK 1u /* somebody else holds it for us */

struct vz_create_opts {
	size_t size;
	const struct vz_cfg *cfg; /* options of the command line; stored all */
	unsigned flags;
	/* While an archive is unpacked, several times a second: bytes of it that are done, of all (0 = unknown).
	 * Not 0 gives up: what was made is removed. */
	int (*progress)(void *arg, uint64_t done, uint64_t total);
	void *progress_arg;
};
int vz_ct_create(struct vz *vz, uint32_t id, const struct vz_create_opts *o, struct vz_err *e);

#define VZ_START_FORCE 2u /* although DISABLED */
#define VZ_START_WAIT  4u /* until the VPS has booted */
#define VZ_START_SKIP_REMOUNT 8u /* one that is mounted already is started as it is */
int vz_ct_start(struct vz_ct *ct, unsigned flags, struct vz_err *e);
#define VZ_STOP_FAST 2u
#define VZ_STOP_SKIP_UMOUNT 4u
/* 1 when there was nothing to do, as for the next ones. */
int vz_ct_stop(struct vz_ct *ct, unsigned flags, struct vz_err *e);
int vz_ct_mount(struct vz_ct *ct, unsigned flags, struct vz_err *e);
int vz_ct_umount(struct vz_ct *ct, unsigned flags, struct vz_err *e);
#define VZ_DESTROY_SAFE 2u /* DEL_PRIVATE for an area that is a link, a mount or another VPS's as well */
int vz_ct_destroy(struct vz_ct *ct, unsigned flags, struct vz_err *e);

/* Dump to DUMPDIR/Dump.<id> (or dir) and unmount; and the way back. */
#define VZ_SUSPEND_KEEP	 2u /* the VPS stays, frozen */
#define VZ_RESUME_FROZEN 2u /* and is not thawed */
int vz_ct_suspend(struct vz_ct *ct, const char *dir, unsigned flags, struct vz_err *e);
int vz_ct_resume(struct vz_ct *ct, const char *dir, unsigned flags, struct vz_err *e);
int vz_ct_freeze(struct vz_ct *ct, bool on, unsigned flags, struct vz_err *e);

/* What the monitor calls when init has ended. how: "reboot" or "halt". */
int vz_ct_ended(struct vz_ct *ct, const char *how, struct vz_err *e);
/* What it calls when memory has run out in the VPS: a line to the log sink, if there is something new to say.
 * Returns ten seconds later, or when the VPS ends. */
void vz_ct_tell_oom(struct vz_ct *ct);

/* Store and apply. changed may be empty. */
#define VZ_SET_SAVE	     2u
#define VZ_SET_IGNORE	     4u  /* --setmode ignore: RUNNING when a restart would be needed */
#define VZ_SET_RESTART	     8u  /* --setmode restart */
#define VZ_SET_SKIP_ARPDETECT 16u /* do not look for other users of a new address */
#define VZ_SET_CRYPTED	     32u /* passwords are hashes already */
#define VZ_SET_MAP_NAME	     64u /* make the link of the stored name anew */
struct vz_set_result {
	bool running;	   /* it was applied, or would have been */
	bool saved;	   /* the file was written */
	bool unchanged;	   /* --save, but the file says so already */
	bool needs_restart; /* some of it takes effect at the next start only */
	/* Keys of what was given and is stored, but not enforced by this node, ", " between; whether any
	 * kernel could is told by VZ_PF_STORED. */
	char not_enforced[256];
};
int vz_ct_set(struct vz_ct *ct, const struct vz_cfg *change, unsigned flags,
	      struct vz_set_result *ret, struct vz_err *e);

/* Write every limit of a running VPS anew from its file. NOT_RUNNING. */
int vz_ct_reapply(struct vz_ct *ct, unsigned flags, struct vz_err *e);
/* What a sample says, behind what cfg has: all but name, description, addresses, template and folders of a
 * VPS; ORIGIN_SAMPLE becomes its name. APPLY_CONFIG: there is no such sample. */
int vz_cfg_sample(struct vz *vz, const char *name, struct vz_cfg *cfg, struct vz_err *e);

struct vz_exec_opts {
	size_t size;
	const char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH inside */
	bool shell;		 /* argv[0] is a script for bash -c, or sh -c */
	bool script_stdin;	 /* the script comes on standard input: bash -s, or sh -s */
	const char *const *env;	 /* NULL: HOME=/ TERM=linux PATH=... */
	int stdio[3];		 /* descriptors for it, only read when set_stdio */
	bool set_stdio;
	bool pty;		 /* a terminal of the VPS; its master is in *ret_master */
	int *ret_master;
};
/* Start a command in a running VPS; *ret_pidfd is a child of the caller: await it with
 * waitid(P_PIDFD). NOT_RUNNING, EXEC, SYS. */
int vz_ct_exec(struct vz_ct *ct, const struct vz_exec_opts *o, int *ret_pidfd, struct vz_err *e);
/* Run a script of the host in the VPS, mounting it for the time if it does not run.
 * *ret_status as of waitid: exit code, or 128 + signal. */
int vz_ct_runscript(struct vz_ct *ct, const char *path, unsigned flags, int *ret_status,
		    struct vz_err *e);
/* A SOCK_SEQPACKET connection to the console. What it printed is replayed first. Send 'D' + bytes to
 * type, 'W' + struct winsize to resize. */
int vz_ct_console(struct vz_ct *ct, int *ret_fd, struct vz_err *e);

#ifdef __cplusplus
}
#endif

#endif
