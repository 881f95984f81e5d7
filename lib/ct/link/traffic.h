/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Accounts of traffic. The kernel counts by name of link; STATEDIR/net/<id>.json has the sums and, for each
 * counter, how much of it is in them already. So adding up may be repeated, and nothing is counted twice.
 */
#ifndef VZ_CT_LINK_TRAFFIC_H
#define VZ_CT_LINK_TRAFFIC_H

#include <stddef.h>

struct ct;
struct vz_err;
struct vz_traffic;

/* See that counters are there. Why they are not is said in the log: a VPS runs without them. */
void ct_traffic_ready(struct ct *ct);
/* Bring the file up to date, before what is counted may be lost. Failures go to the log. */
void ct_traffic_keep(struct ct *ct);
/* The same, and forget the counters of one link: another VPS may have one of that name. */
void ct_traffic_forget(struct ct *ct, const char *link);
/* All accounts of the VPS go. */
int ct_traffic_drop(struct ct *ct, struct vz_err *e);
/* As vz_ct_traffic(). */
int ct_traffic_get(const struct ct *ct, struct vz_traffic **ret, size_t *ret_n, struct vz_err *e);

#endif
