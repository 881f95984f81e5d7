/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Disk quota of a VPS: what its private area uses, and what it may use. */
#ifndef VZ_QUOTA_H
#define VZ_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include <vz/codes.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vz_ct;

struct vz_quota_line {
	uint64_t usage;
	uint64_t soft, hard; /* what the file system enforces; 0: no limit */
	uint64_t grace;	     /* seconds that the soft limit of this file system may be exceeded */
	uint64_t expires;    /* seconds since 1970 when that ends; 0: the soft limit is kept */
};

struct vz_quota {
	struct vz_quota_line blocks; /* KiB */
	struct vz_quota_line inodes;
	bool enforced; /* false: use is counted, but the file system was mounted without limits */
};

/*
 * Fills *ret, whether the VPS runs or not. Codes: NO_PRIVATE (VE_PRIVATE is not set), PRIVATE_MISSING,
 * QUOTA_USAGE. Where the file system cannot count by project -EOPNOTSUPP is returned, with QUOTA_USAGE.
 */
int vz_ct_quota(struct vz_ct *ct, struct vz_quota *ret, struct vz_err *e);

#ifdef __cplusplus
}
#endif

#endif
