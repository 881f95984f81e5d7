/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The node without its VPSs: made ready, and whether it was brought up since the last boot. */
#ifndef VZ_CT_NODEUP_H
#define VZ_CT_NODEUP_H

#include <stdbool.h>

struct vz;
struct vz_err;

/* As vz_node_ready(). */
int nodeup_ready(struct vz *vz, struct vz_err *e);
/* Going down is what the processor is for now. Never fails. */
void nodeup_hurry(struct vz *vz);
int nodeup_mark(struct vz *vz, bool up, struct vz_err *e);
bool nodeup_is_marked(const struct vz *vz);

#endif
