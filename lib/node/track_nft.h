/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keep flows of VPSs out of the node's table of connections. */
#ifndef VZ_NODE_TRACK_NFT_H
#define VZ_NODE_TRACK_NFT_H

struct vz_err;

/* mode: "no" flow of a VPS is tracked, or only those of "private" addresses. It is also the name of the chain by
 * which the table is known again. Replaces what is there. KERNEL */
int node_track_install(const char *mode, struct vz_err *e);

#endif
