/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Programs of the administrator that have their say in a VPS's network. None costs next to nothing. */
#ifndef VZ_CT_LINK_NETSCRIPT_H
#define VZ_CT_LINK_NETSCRIPT_H

#include <stdbool.h>

struct addrlist;
struct ct;
struct vz_err;

/* Does vznet.conf beside vz.conf name an EXTERNAL_SCRIPT? */
bool ct_veth_has_script(const struct ct *ct);
/* `vznetcfg init veth DEV` with VEID, which runs the script. Its failure is VETH. */
int ct_veth_script(const struct ct *ct, const char *dev, struct vz_err *e);

/* Is there a hook of that name (vps-net_add, vps-net_del) to be run? */
bool ct_net_has_hook(const struct ct *ct, const char *name);
/* Run it for these addresses; nothing when there is none, or no address. Its failure is ADD_IP. */
int ct_net_hook(const struct ct *ct, const char *name, const char *state,
		const struct addrlist *addrs, struct vz_err *e);

/* Remember that a hook was told of addresses, so that it hears of their end. */
int ct_net_hook_note(struct ct *ct, struct vz_err *e);
/* The stage's sides of it: up notes before it runs vps-net_add; down runs vps-net_del when that was noted. A
 * vps-net_del that fails is said in the log: the VPS is down all the same. */
int ct_net_hook_up(struct ct *ct, const char *state, struct vz_err *e);
int ct_net_hook_down(struct ct *ct, struct vz_err *e);

#endif
