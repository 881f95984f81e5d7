/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What manages the network inside is told which links are set up from outside: their names, in files below
 * /run, where each such program looks. No file of the guest changes, and a boot without us has none of it.
 */
#ifndef VZ_CT_INSIDE_GUESTNET_H
#define VZ_CT_INSIDE_GUESTNET_H

#include <stdbool.h>

#include "base/str.h"

struct ct;
struct plan;
struct vz_cfg;

struct guestnet {
	struct strv names; /* venet0, and links of NETIF that have an address there */
	bool networkd, manager, ifupdown, busybox; /* who may be there */
};

/* From the mounted root and cfg. -ENOMEM; a guest that has none of them gets no files. */
int guestnet_make(struct ct *ct, const struct vz_cfg *cfg, struct guestnet *ret);
void guestnet_done(struct guestnet *g);
#define _guestnet_ __attribute__((cleanup(guestnet_done)))

/* start: init has not begun. Else what keeps a state of its own there is left alone. */
void guestnet_plan(struct plan *p, const struct guestnet *g, bool start);

#endif
