/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The Ethernet devices of a VPS: its bridged pairs (NETIF), and devices of the node that it has (NETDEV).
 * RUNDIR/<id>/links says what may be there, before it is: whoever takes down goes by it.
 */
#ifndef VZ_CT_LINK_NETIF_H
#define VZ_CT_LINK_NETIF_H

#include <stdbool.h>
#include <stddef.h>

struct ct;
struct cpt_link;
struct strv;
struct vz_cfg;
struct vz_err;

/* Make up what the entries of cfg leave open: outer names and MACs, the same for ever on this node. */
int ct_netif_complete(const struct ct *ct, struct vz_cfg *cfg, struct vz_err *e);
/* The network namespace of a running VPS, the caller's to close. Codes NOT_RUNNING when its init has ended, else `code`. */
int ct_netns_open(struct ct *ct, int code, int *ret_fd, struct vz_err *e);
/* Stage net: all of ct->cfg's, into the namespace of ct->up. Nothing to do costs nothing. */
int ct_netif_up(struct ct *ct, struct vz_err *e);
/* Whatever may be there; idempotent. */
int ct_netif_down(struct ct *ct, struct vz_err *e);
bool ct_netif_is_up(struct ct *ct);
/* A running VPS gets what `to` says. `from` helps to leave alone what stays as it is. */
int ct_netif_apply(struct ct *ct, const struct vz_cfg *from, const struct vz_cfg *to,
		   struct vz_err *e);
/* Has each pair that is there the guard that it should have, and does it lead where it should, if that is there? Put
 * them back, with their rates. */
bool ct_netif_is_guarded(struct ct *ct);
int ct_netif_again(struct ct *ct, struct vz_err *e);
/* A device has come up: the same for what is connected by a script, too. Nothing to do costs little. */
int ct_netif_reconnect(struct ct *ct, struct vz_err *e);
/* A bridge or parent that a pair should lead to and that is not there, the first; "": all are. */
void ct_netif_lost(struct ct *ct, char dev[16]);
/* The host's ends of all links that the VPS may have, venet's first. */
int ct_link_names(const struct ct *ct, struct strv *ret);
/* For each of these names the device that what comes from the VPS leaves by: a macvlan, or the same name. */
int ct_link_outlets(const struct ct *ct, const struct strv *names, struct strv *ret);

/* Resume: the pairs with their inner ends here under passing names, for CRIU to take. */
int ct_netif_passing(struct ct *ct, struct vz_err *e);
/* Afterwards: what CRIU had no use for goes in, too. */
int ct_netif_passed(struct ct *ct, int netns_fd, struct vz_err *e);
/* Names inside and passing names of all links, venet0 first; *ret is one allocation. */
int ct_netif_cpt_links(const struct ct *ct, struct cpt_link **ret, size_t *ret_n, struct vz_err *e);
/* SUSPEND, in words, when a device of the node is inside. */
int ct_netif_can_suspend(const struct ct *ct, struct vz_err *e);

#endif
