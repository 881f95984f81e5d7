/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Find the host's control group hierarchies, once per boot, and write them down for lib/cgroup:
 * { "version": 1, "hierarchies": [ { "mount", "generation", "controllers", "name", "dev" } ] }
 * libcgroup is used here alone: its tables belong to the whole process, and filling them takes
 * longer than making all the groups of a VPS.
 */
#ifndef VZ_NODE_CG_LAYOUT_H
#define VZ_NODE_CG_LAYOUT_H

#include "base/json.h"

struct buf;
struct strv;
struct vz_err;

/* Look at this host and replace the file `cache`. Lines for a human about what is odd are added to
 * *notes, which may be NULL. Fails with KERNEL when the host has no control groups. */
int node_cg_layout_save(const char *cache, struct buf *notes, struct vz_err *e);

/* The part without libcgroup: the layout that a mount table means. controllers: names of all that
 * the kernel has; rootfd: what mount points are relative to. */
int node_cg_layout_parse(int rootfd, const char *mountinfo, const struct strv *controllers,
			 json_t **ret);

#endif
