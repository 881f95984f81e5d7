/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two programs, one for each direction, on all links of a VPS. */
#ifndef VZ_NET_LINK_PROG_H
#define VZ_NET_LINK_PROG_H

#include "kern/nl.h"

struct strv;

enum { NET_OUT, NET_IN, NET_NDIRS }; /* as the VPS sees it */

struct net_link_prog {
	struct knl_filter place; /* name NULL in a question: any */
	int fd;			 /* -1: there is none, an earlier one is taken away */
};

/* Put them on all links that are there, in the place of earlier ones, in one step for each link. -errno */
int net_link_progs_put(struct knl *k, const struct strv *links,
		       const struct net_link_prog prog[NET_NDIRS]);
/* Has every link that is there those with fd >= 0, and not the others? What cannot be asked counts as yes. */
bool net_link_progs_are(struct knl *k, const struct strv *links,
			const struct net_link_prog prog[NET_NDIRS]);

#endif
