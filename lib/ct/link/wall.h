/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The wall around the network of a VPS: what guards its links. It stands from before the VPS runs until the
 * links go; should somebody tear it down, it is noticed and put up again.
 */
#ifndef VZ_CT_LINK_WALL_H
#define VZ_CT_LINK_WALL_H

#include <stdbool.h>

struct buf;
struct ct;
struct vz;
struct vz_err;

struct strv;

/* Are these firewall sets there, and do they say what can be understood? PARAM */
int ct_wall_check_sets(struct vz *vz, const struct strv *sets, struct vz_err *e);
/* Stage net: the firewall, when all links are there and nothing of the VPS runs. Nothing to do costs nothing. */
int ct_wall_up(struct ct *ct, struct vz_err *e);
/* Is all of it there? The VPS runs. Asks a few questions per link, takes no lock. */
bool ct_wall_stands(struct ct *ct);
/* Put up what is missing; all of it anew when somebody may have been killed in the middle. Lock held. */
int ct_wall_mend(struct ct *ct, bool anew, struct vz_err *e);

/* What VE_CONNTRACK asks for is there. Why it is not is said in the log. */
void ct_tracking_up(struct ct *ct);

/* All running VPSs of the node: mend what is missing. A VPS that somebody is at is left to him. The first failure
 * counts, the others are tried all the same. */
int node_walls_mend(struct vz *vz, struct vz_err *e);
/* Append the IDs of running VPSs whose wall is not whole; how many. */
unsigned node_walls_torn(struct vz *vz, struct buf *ids);

#endif
