/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Only vz-node is linked with libnftables. */
#ifndef VZ_NODE_NFT_H
#define VZ_NODE_NFT_H

struct vz_err;

/* Carry out nft commands as one transaction; the words for a failure begin "cannot WHAT nft table". KERNEL */
int node_nft_run(const char *what, const char *commands, struct vz_err *e);

#endif
