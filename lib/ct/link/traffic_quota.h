/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a month's traffic includes, and what happens beyond it. Whether it is used up follows from the accounts,
 * the configuration and the clock alone; noted is only what was done about it. docs/adr/0017-traffic-quota.md
 */
#ifndef VZ_CT_LINK_TRAFFIC_QUOTA_H
#define VZ_CT_LINK_TRAFFIC_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

struct ct;
struct vz_cfg;
struct vz_err;
struct vz_traffic_month;

/* Bits a second that cfg leaves the VPS, its month being used up as far as is on record; 0: no such limit. */
uint64_t ct_quota_throttle(const struct ct *ct, const struct vz_cfg *cfg);
/* DISABLED when its month is used up and it is to be stopped then; it will be started when a new one begins.
 * The lock is held. */
int ct_quota_check_start(struct ct *ct, struct vz_err *e);
/* Is there anything that ct_quota_enforce() would do? Takes no lock. */
bool ct_quota_is_due(const struct ct *ct);
/* Bring the VPS to where its month wants it; repeating does no harm. The lock is held. */
int ct_quota_enforce(struct ct *ct, struct vz_err *e);
/* As vz_ct_traffic_month(). */
int ct_quota_get(const struct ct *ct, struct vz_traffic_month *ret, struct vz_err *e);

#endif
