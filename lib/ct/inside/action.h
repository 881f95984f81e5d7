/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Scripts of the administrator, CONFDIR/vps.<name> and CONFDIR/<id>.<name>, at fixed points of a VPS's life.
 * action.c has the table: which exist, in which order, where they run.
 */
#ifndef VZ_CT_INSIDE_ACTION_H
#define VZ_CT_INSIDE_ACTION_H

struct ct;
struct vz_err;

enum ct_action_id {
	ACTION_PREMOUNT,
	ACTION_MOUNT,
	ACTION_START,
	ACTION_STOP,
	ACTION_STOP_FAST, /* the same scripts in a hurry */
	ACTION_UMOUNT,
	ACTION_POSTUMOUNT,
	ACTION_CREATE,
	ACTION_TRAFFIC, /* a month's traffic is used up, or there is some again; ct->action_env says which */
	NACTIONS
};

#define ACTION_FAILED (-ECANCELED) /* a script was there and did not end well */

/*
 * Run the scripts of one point; none there: 0, for the price of looking. What they print goes to the log sink.
 * Code ACTION and ACTION_FAILED when one did not end with 0: those behind it are not run.
 */
int ct_action(struct ct *ct, enum ct_action_id id, struct vz_err *e);
/* The same where nothing can stop for it, on the way down of a failure or after a crash: every script is run,
 * what fails is said and forgotten. */
void ct_action_anyway(struct ct *ct, enum ct_action_id id);

/* The n-th name of a script of this VPS alone ("premount"), for who moves or removes them; NULL at the end. */
const char *ct_action_name(unsigned n);

#endif
