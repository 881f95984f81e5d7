/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Steps that starting a VPS's network and changing it live have in common. */
#ifndef VZ_NET_VENET_H
#define VZ_NET_VENET_H

#include "net/net_priv.h"

struct venet {
	const struct net_venet *v;
	struct knl *host, *guest;
	struct net_uplinks up;
	struct knl_link link;	      /* the host's end; index 0: there is none */
	struct knl_ip src4, src6;     /* from VE_ROUTE_SRC_DEV; family 0: none */
	struct knl_ip guest4, guest6; /* the VPS's first address of each family; family 0: none */
};

void venet_done(struct venet *c);
/* Host socket, host's end, route source, uplinks. */
int venet_open(struct venet *c, struct vz_err *e);
/* Guest socket. */
int venet_enter(struct venet *c, struct vz_err *e);
/* Ask the uplinks for duplicates, as v wants it. */
int venet_detect(struct venet *c, const struct addrlist *l, struct vz_err *e);
/* Queue default routes for the families the VPS has an address in. */
void venet_q_default(struct venet *c, int index);
/* Keep the VPS to these sources from now on: what is going to be routed to it, or what is (NULL). */
int venet_guard(struct venet *c, const struct addrlist *l, struct vz_err *e);
/* Host routes; the kernel refuses the address when somebody else has it routed. */
int venet_host_routes(struct venet *c, const struct addrlist *l, bool replace, struct vz_err *e);

#endif
