/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The spoof guard: one static nft table for all VPSs. Only vz-node is linked with libnftables. */
#ifndef VZ_NODE_GUARD_NFT_H
#define VZ_NODE_GUARD_NFT_H

struct vz_err;

/* Install the table in this network namespace, or replace what is there of it, in one transaction:
 * at no moment is there no guard. Fails with KERNEL. */
int node_guard_install(struct vz_err *e);
/* Carry out nft commands as one transaction; the words for a failure begin "cannot WHAT nft table". */
int node_nft_run(const char *what, const char *commands, struct vz_err *e);
/* Take it away; 0 when it is not there. */
int node_guard_remove(struct vz_err *e);

#endif
