/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Distribution scripts of the administrator: ETC/dists/<NAME>.conf has lines ACTION=script, the scripts are in
 * ETC/dists/scripts. mainvz configures guests by itself, from outside (guestfiles.c, lib/net), so none is
 * needed; one that is there runs behind that, inside, and sees the finished state. Only SET_USERPASS replaces.
 */
#ifndef VZ_CT_INSIDE_DIST_H
#define VZ_CT_INSIDE_DIST_H

#include <stdbool.h>

struct ct;
struct vz_cfg;
struct vz_err;

enum dist_action {
	DIST_SET_CONSOLE,
	DIST_SET_HOSTNAME,
	DIST_SET_DNS,
	DIST_SET_UGID_QUOTA,
	DIST_ADD_IP,
	DIST_NETIF_ADD,
	DIST_PRE_START,
	DIST_DEL_IP,
	DIST_NETIF_DEL,
	DIST_SET_USERPASS,
	DIST_POST_CREATE,
	NDIST
};

struct dist {
	char *dir;	     /* ETC/dists; NULL: there is none, and nothing to do */
	char *script[NDIST]; /* names of files in dir/scripts; NULL: no such action */
	bool any;
};
#define _dist_ __attribute__((cleanup(dist_done)))

/* Find the file for this VPS: by DISTRIBUTION, by OSTEMPLATE without more and more of its parts, or the default.
 * No folder ETC/dists: 0 and nothing in it. Code NO_DIST: a folder, but nothing in it fits. */
int dist_open(const struct ct *ct, struct dist *ret, struct vz_err *e);
void dist_done(struct dist *d);

/* What follows never fails the verb: a script that is missing or does not end well is said in the log. */

/* All that belongs to a start; process 1 is there and waits. */
void dist_start(struct ct *ct, const struct dist *d);
/* Behind a change of a running VPS. */
void dist_changed(struct ct *ct, const struct vz_cfg *from, const struct vz_cfg *to);
/* On the node, with a private area that is not in place yet on VE_ROOT, owners as on disk. */
void dist_post_create(struct ct *ct, const char *area);

/* Passwords "user:password": 1 when a script has done it, 0 when there is none. Code PASSWD. The VPS runs. */
int dist_passwords(struct ct *ct, const struct dist *d, const struct vz_cfg *change, struct vz_err *e);

#endif
