/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The node: one vz.conf and all that follows from it. Several nodes may live on one machine; nothing
 * of one is found in another's folders, control groups or id ranges.
 */
#ifndef VZ_HOST_NODE_H
#define VZ_HOST_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"

#define NODE_CONF	  "/etc/vz/vz.conf"
#define NODE_FIRST_ID	  0x70000000u /* above what systemd-nspawn takes, below 2^31 */
#define NODE_OTHER_ID	  0x78000000u /* of a node with another vz.conf that names no LOCAL_UID */
#define NODE_ID_SLOTS	  2048u	      /* VPSs with a range of their own */

struct cg_host;
struct strv;
struct vz_cfg;
struct vz_err;
struct vz_open_opts;

struct vz {
	char *conf;	    /* path of vz.conf */
	struct vz_cfg *cfg; /* what it says */
	char *confdir;	    /* <id>.conf, action scripts, samples */
	char *etcdir;	    /* what vz.conf lies in: dists/, scripts/, names/ */
	char *namesdir, *idsdir;
	char *statedir;	    /* what has to outlive a reboot of the node and is no configuration */
	char *lockdir, *dumpdir, *template, *rundir, *slice;
	char *libexec; /* vz-monitor, vz-node */
	char *vzctl;   /* what the monitor runs when init ends */
	uint32_t first_id;
	struct log log;
	struct cg_host *cgh; /* opened by node_cgroups() */
};

int node_open(const struct vz_open_opts *o, struct vz **ret, struct vz_err *e);
void node_close(struct vz *vz);

/* The host's control groups; runs the once-per-boot helper when its cache is missing or
 * no longer true. Codes KERNEL, SYS. */
int node_cgroups(struct vz *vz, struct vz_err *e);
/* The same by what the cache says, which is right for a VPS that runs already; to be freed by the caller. */
int node_cgroups_as_cached(const struct vz *vz, struct cg_host **ret, struct vz_err *e);

/* What VE_CONNTRACK asks for is there. looked: take away what it does not ask for, too. Code KERNEL. */
int node_tracking(struct vz *vz, bool looked, struct vz_err *e);

/* CTIDs that have a configuration file, ascending; *ret is malloced. */
int node_list(struct vz *vz, uint32_t **ret, size_t *ret_n, struct vz_err *e);

#endif
