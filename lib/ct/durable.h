/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a power cut may leave of create, destroy and set on disk, and how it is settled:
 *   .<id>.new          area of an unfinished create       removed
 *   <id>.conf.new      its configuration                  with an area in place: renamed, else removed
 *   .<id>.gone         area of an unfinished destroy      removed, and the destroy completed
 */
#ifndef VZ_CT_DURABLE_H
#define VZ_CT_DURABLE_H

#include <stdbool.h>

struct ct;
struct vz_err;

char *durable_area(const struct ct *ct, const char *what); /* beside the private area; malloced */
char *durable_conf_new(const struct ct *ct);
int durable_make_parent(const struct ct *ct, struct vz_err *e);

/* Rename the area into its place, which is the commit, then the configuration. */
int durable_commit_create(struct ct *ct, struct vz_err *e);
/* Remove what an earlier VPS of this number left as *.destroyed. */
void durable_forget_destroyed(const struct ct *ct);
/* Move the area aside, which is the commit, then finish. */
int durable_destroy(struct ct *ct, struct vz_err *e);
/* Configuration and scripts to *.destroyed; name, ids, state and folder of the root go. May be repeated. */
int durable_forget(struct ct *ct, struct vz_err *e);
/* With the lock held: settle all of the above. 1: the configuration came or went. */
int durable_recover(struct ct *ct, struct vz_err *e);
/* A create that failed, before or behind its commit: nothing of it stays but a configuration that was there
 * before. Never fails. */
void durable_undo_create(struct ct *ct, bool had_conf);

#endif
