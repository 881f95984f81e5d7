/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* User namespaces and their id maps. Silent: -errno. */
#ifndef VZ_KERN_IDMAP_H
#define VZ_KERN_IDMAP_H

#include <stdint.h>
#include <sys/types.h>

#define KIDMAP_COUNT 65536u /* ids of one VPS: what a 16-bit uid could say, as each distribution expects */

/* Give the user namespace of pid the map 0 -> base, KIDMAP_COUNT ids, for users and groups. */
int kidmap_write(pid_t pid, uint32_t base);

/* A user namespace with that map and nobody in it; it lives as long as the descriptor or a mount that
 * uses it. */
int kidmap_userns(uint32_t base, int *ret_fd);

#endif
