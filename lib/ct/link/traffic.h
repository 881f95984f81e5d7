/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Accounts of traffic. Programs on the links count into a map of the VPS's own; STATEDIR/net/<id>.json has the
 * sums, and how much of the map is in them already. So adding up may be repeated, and nothing is counted twice.
 */
#ifndef VZ_CT_LINK_TRAFFIC_H
#define VZ_CT_LINK_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>

struct ct;
struct vz_err;
struct vz_traffic;

/* See that all its links are counted, by the classes of today. Why they are not is said in the log: a VPS runs
 * without. A link that is counted already costs some questions. */
void ct_traffic_up(struct ct *ct);
/* Is it so? The VPS runs. True where nothing can count. */
bool ct_traffic_stands(struct ct *ct);
/* Bring the file up to date, before what is counted may be lost. Failures go to the log. */
void ct_traffic_keep(struct ct *ct);
/* The same when the links have gone; the counters go, too. */
void ct_traffic_down(struct ct *ct);
/* All accounts of the VPS go. */
int ct_traffic_drop(struct ct *ct, struct vz_err *e);
/* As vz_ct_traffic(). */
int ct_traffic_get(const struct ct *ct, struct vz_traffic **ret, size_t *ret_n, struct vz_err *e);

#endif
