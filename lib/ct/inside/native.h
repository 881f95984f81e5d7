/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Folders for container engines in a VPS with nesting:on, docs/adr/0024-nesting.md. */
#ifndef VZ_CT_INSIDE_NATIVE_H
#define VZ_CT_INSIDE_NATIVE_H

#include <stddef.h>

struct ct;
struct fs_bind;
struct vz_err;

#define NATIVE_MAX 2

/* Folders of the private area to be mounted, made if they are missing; none where the root of the VPS is no
 * overlay. src of each is malloced. Code MOUNT. */
int native_list(struct ct *ct, struct fs_bind *ret, size_t *ret_n, struct vz_err *e);

#endif
