/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One VPS: what is configured, where it lives, what is true now. */
#ifndef VZ_CT_CT_H
#define VZ_CT_CT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/lock.h"
#include "ct/state.h"
#include "host/node.h"

struct cg;
struct strv;
struct vz_cfg;
struct vz_err;

struct ct {
	struct vz *vz;
	uint32_t id;
	char idstr[12], lockname[16];
	struct vz_cfg *own; /* what <id>.conf says */
	struct vz_cfg *cfg; /* vz.conf overlaid with it */
	bool has_conf;
	struct ct_seen { /* the file that was read; no padding, it is compared as bytes */
		uint64_t dev, ino, size;
		int64_t sec, nsec;
	} seen;
	char *conf, *private, *root; /* expanded paths; private and root NULL when not configured */
	char *rundir;		     /* RUNDIR/<id> */
	uint32_t base;		     /* first host id of its range, 0 = none yet */
	struct lock lock;
	struct ct_state st;
	struct ct_state found; /* what it was under the lock, before anything was settled */
	struct cg *cg; /* by ct_cgroup() */
	bool up_dump;	  /* there is a dump, which is worth nothing once init begins */
	const char *into; /* pool that a resume enters, whatever the file says; NULL: that one */
	bool keep_root;   /* start, or resume in, what is mounted as it is */
	struct ct_up *up; /* an operation's handles, while it runs */
	const char *const *action_env; /* for a script on the node, beside what it gets always; or NULL */
	struct strv *unheld; /* during set: keys that this node cannot enforce; the caller's */
	struct {	  /* handles of a plan that runs inside, see ct/inside/inside.h */
		int pidfd, sock[2];
		int cg[24]; /* tasks files, or the root folder */
		size_t ncg;
		struct cg_host *cgh; /* groups as cached, where nobody has looked them up */
		struct cg *group;
		struct vz_err err; /* what is told when the plan is run */
		int wait_ms; /* for one step at most; 0: as long as a busy disk may take */
	} in;
};

#define CT_ID_MAX 2147483644u

/* Number or name to CTID, by the names directory. PARAM when it is neither. */
int ct_resolve(struct vz *vz, const char *word, uint32_t *ret, struct vz_err *e);

#define CT_NO_CONF_OK  1u /* create, status, set: the file may be missing */
#define CT_BAD_CONF_OK 2u /* status: or unreadable */
int ct_open(struct vz *vz, uint32_t id, unsigned flags, struct ct **ret, struct vz_err *e);
void ct_close(struct ct *ct); /* drops the lock, too */

#define CT_LOCK_ENDED "ended" /* what the lock file says while a monitor's last call has it */
/* Take the lock and settle what an interrupted operation left. skip: somebody else holds it for us. */
int ct_lock(struct ct *ct, const char *status, bool skip, struct vz_err *e);
/* Read its file again, which this handle's own `set` has changed. */
int ct_reload(struct ct *ct, struct vz_err *e);
int ct_cgroup(struct ct *ct, struct vz_err *e);

bool ct_is_running(const struct ct *ct);   /* init lives and is the one that we started */
bool ct_is_mounted(const struct ct *ct);
uint32_t ct_base_hint(const struct ct *ct); /* first id in use, or what the file says, or 0 */
bool ct_has_private(const struct ct *ct);
bool ct_is_suspended(const struct ct *ct); /* a dump is there */
char *ct_dump_path(const struct ct *ct);   /* DUMPDIR/Dump.<id>; malloced */

/* Own, disjoint id ranges: the folder `ids` has a link <first id> -> <CTID> for each. */
/* Fills ct->base; finds the old one again. exact: LOCAL_UID or none; else another if that is taken. */
int ct_range_take(struct ct *ct, bool exact, struct vz_err *e);
int ct_range_drop(struct ct *ct, struct vz_err *e);

/* What lib/net needs to know: filled from configuration; devs and name (16 bytes) stay the caller's. */
struct net_venet;
int ct_net_want(struct ct *ct, struct net_venet *v, struct strv *devs, char *name, size_t size,
		struct vz_err *e);


/* BAD_TEMPLATE: the private area belongs to a user that no VPS can have. */
int ct_check_owner(const struct ct *ct, struct vz_err *e);
/* What the private area is, if VE_LAYOUT does not say so already; else, and where it cannot be read, NULL. */
const char *ct_look_layout(const struct ct *ct);
/* Store it. Never fails; nothing to do for NULL. */
void ct_note_layout(struct ct *ct, const char *layout);
/* Noted as a plain tree: the VPS writes everything in its private area, so no file there says anything of it. */
bool ct_is_tree(const struct ct *ct);
/* What the private area is: fs_area_read(), but a tree is not asked. */
struct fs_area;
int ct_area_read(const struct ct *ct, struct fs_area *ret, struct vz_err *e);
/* A device of the node has come up: the VPS's addresses are routed and announced again. */
int ct_uplink_up(struct ct *ct, const char *dev, struct vz_err *e);

/* Are paths configured and the private area there, and its owner right? */
int ct_check_startable(struct ct *ct, struct vz_err *e);

/* Verbs. All but the marked ones want the lock held. */
int ct_mount(struct ct *ct, struct vz_err *e);
int ct_umount(struct ct *ct, struct vz_err *e);
int ct_start(struct ct *ct, struct vz_err *e);
int ct_start_line(struct ct *ct, const char *line, struct vz_err *e); /* sh -c line in init's place */
/* For scripts in a VPS that does not run: it runs, with nothing but a shell that waits in init's place. */
int ct_park(struct ct *ct, struct vz_err *e);
int ct_unpark(struct ct *ct, struct vz_err *e); /* ends and unmounts it */
int ct_runscript(struct ct *ct, const char *path, bool skip_lock, int *ret_status,
		 struct vz_err *e); /* takes the lock itself */
int ct_wait_up(struct ct *ct, unsigned timeout_s, struct vz_err *e); /* without the lock */
int ct_stop(struct ct *ct, bool fast, struct vz_err *e);
int ct_end(struct ct *ct, bool fast, struct vz_err *e); /* the same without the administrator's script */
int ct_destroy(struct ct *ct, struct vz_err *e);
/* DEL_PRIVATE for a private area that is a link, a mount point, or named by another VPS's file. */
int ct_check_own_area(struct ct *ct, struct vz_err *e);

#endif
