/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How much of a disk a private area may take: the area is a project of its file system, with the CTID as
 * its number. Where the file system has no project quota everything here is -EOPNOTSUPP.
 */
#ifndef VZ_FS_QUOTA_H
#define VZ_FS_QUOTA_H

#include <stdint.h>

#include "kern/prjquota.h"

struct vz_err;

#define FS_QUOTA_GRACE_KEEP UINT64_MAX

/* Would limits hold here? Also when that cannot be found out, because there is no such folder. */
bool fs_quota_holds(const char *private);
/* Put the area into its project, if it is not: with one look at a new one, file by file when it came from
 * elsewhere. Silent; -ELOOP as kprj_put_tree(). */
int fs_quota_tag(const char *private, uint32_t id);
/* Limits, and the file system's grace time in seconds. Code QUOTA_SET. */
int fs_quota_set(const char *private, uint32_t id, const struct kprj *limits, uint64_t grace,
		 struct vz_err *e);
/* Use and limits. Code QUOTA_USAGE. ret_grace: the file system's times, may be NULL. */
int fs_quota_get(const char *private, uint32_t id, struct kprj *ret, uint64_t ret_grace[2],
		 struct vz_err *e);

#endif
