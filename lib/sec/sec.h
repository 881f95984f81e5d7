/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a VPS may do to the kernel: capability bounding set, system call filter. */
#ifndef VZ_SEC_SEC_H
#define VZ_SEC_SEC_H

#include <stdint.h>

struct buf;
struct vz_cfg;
struct vz_err;

/* Capabilities that stay in init's bounding set, as a bit set, from the defaults and CAPABILITY. */
int sec_caps(const struct vz_cfg *cfg, uint64_t *ret_set, struct vz_err *e);
/* What the configuration allows of that which the filter refuses otherwise; filters differ by this and by the
 * machine alone. */
enum {
	SEC_NESTING = 1,     /* FEATURES: nesting */
	SEC_RINGS = 2,	     /* CAPABILITY: net_raw by name */
	SEC_DISCIPLINES = 4, /* FEATURES: ppp */
};
unsigned int sec_filter_kind(const struct vz_cfg *cfg);
/* The compiled system call filter: an array of struct sock_filter as bytes, for PR_SET_SECCOMP. */
int sec_filter(const struct vz_cfg *cfg, struct buf *out, struct vz_err *e);

#endif
