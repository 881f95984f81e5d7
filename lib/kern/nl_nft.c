/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One cheap question to nf_tables: is that chain there? Rules are made elsewhere. */
#include "kern/nl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "kern/nl_priv.h"

int knl_nft_has_chain(const char *table, const char *chain)
{
	struct nfgenmsg nf = { .nfgen_family = NFPROTO_INET, .version = NFNETLINK_V0 };
	_knl_ struct knl *k = NULL;
	struct nl_msg *m;
	int r = knl_open_proto(NETLINK_NETFILTER, &k);

	if (r < 0)
		return r;
	m = knl_begin(k, 0, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETCHAIN, 0, &nf, sizeof(nf));
	knl_put(k, m, NFTA_CHAIN_TABLE, table, strlen(table) + 1);
	knl_put(k, m, NFTA_CHAIN_NAME, chain, strlen(chain) + 1);
	r = knl_run(k, NULL);
	if (r == -ENOENT)
		return 0;
	return r < 0 ? r : 1;
}
