/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Questions to nf_tables: is a chain there. Rules are made elsewhere. */
#include "kern/nl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "base/num.h"
#include "base/str.h"
#include "kern/nl_priv.h"

static struct nl_msg *nft_begin(struct knl *k, int type, int flags, int family)
{
	struct nfgenmsg nf = { .nfgen_family = (uint8_t)family, .version = NFNETLINK_V0 };

	return knl_begin(k, 0, NFNL_SUBSYS_NFTABLES << 8 | type, flags, &nf, sizeof(nf));
}

static void put_text(struct knl *k, struct nl_msg *m, int type, const char *text)
{
	knl_put(k, m, type, text, strlen(text) + 1);
}

int knl_nft_has_chain(const char *table, const char *chain)
{
	_knl_ struct knl *k = NULL;
	struct nl_msg *m;
	int r = knl_open_proto(NETLINK_NETFILTER, &k);

	if (r < 0)
		return r;
	m = nft_begin(k, NFT_MSG_GETCHAIN, 0, NFPROTO_INET);
	put_text(k, m, NFTA_CHAIN_TABLE, table);
	put_text(k, m, NFTA_CHAIN_NAME, chain);
	r = knl_run(k, NULL);
	if (r == -ENOENT)
		return 0;
	return r < 0 ? r : 1;
}

/* Changes come as a batch between two marks; newer kernels acknowledge these, too, older ones never. So
 * the answer to the change itself is what is waited for. */
static int batch_one(struct knl *k, struct nl_msg *m)
{
	struct {
		struct nlmsghdr h;
		struct nfgenmsg nf;
	} mark[2] = { 0 };
	struct nlmsghdr *h = nlmsg_hdr(m);
	struct iovec iov[3] = { { &mark[0], sizeof(mark[0]) }, { h, NLMSG_ALIGN(h->nlmsg_len) },
				{ &mark[1], sizeof(mark[1]) } };
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct msghdr msg = { .msg_name = &kernel, .msg_namelen = sizeof(kernel), .msg_iov = iov,
			      .msg_iovlen = 3 };
	char rx[4096];

	for (int i = 0; i < 2; i++) {
		mark[i].h = (struct nlmsghdr){ .nlmsg_len = sizeof(mark[i]),
					       .nlmsg_type = i ? NFNL_MSG_BATCH_END : NFNL_MSG_BATCH_BEGIN,
					       .nlmsg_flags = NLM_F_REQUEST };
		mark[i].nf = (struct nfgenmsg){ .version = NFNETLINK_V0,
						.res_id = htons(NFNL_SUBSYS_NFTABLES) };
	}
	h->nlmsg_seq = ++k->seq;
	h->nlmsg_flags |= NLM_F_ACK;
	if (sendmsg(nl_socket_get_fd(k->sock), &msg, 0) < 0)
		return -errno;
	for (;;) {
		ssize_t n = recv(nl_socket_get_fd(k->sock), rx, sizeof(rx), 0);
		int len = (int)n;

		if (n < 0)
			return -errno;
		for (struct nlmsghdr *a = (void *)rx; nlmsg_ok(a, len); a = nlmsg_next(a, &len))
			if (a->nlmsg_type == NLMSG_ERROR && a->nlmsg_seq == k->seq)
				return ((struct nlmsgerr *)nlmsg_data(a))->error;
	}
}

/* Remove what m names; 0 also when it is not there. */
static int drop_one(struct knl *k, struct nl_msg *m)
{
	int r;

	if (!m || k->failed)
		return knl_run(k, NULL);
	r = batch_one(k, m);
	nlmsg_free(m);
	k->n = 0;
	return r == -ENOENT ? 0 : r;
}

static int del_table(struct knl *k, const char *table)
{
	struct nl_msg *m = nft_begin(k, NFT_MSG_DELTABLE, 0, NFPROTO_INET);

	put_text(k, m, NFTA_TABLE_NAME, table);
	return drop_one(k, m);
}

int knl_nft_table_del(const char *table)
{
	_knl_ struct knl *k = NULL;
	int r = knl_open_proto(NETLINK_NETFILTER, &k);

	return r < 0 ? r : del_table(k, table);
}

struct want_tables {
	const char *prefix;
	struct strv found;
};

static int take_table(struct nlmsghdr *h, void *arg)
{
	struct nlattr *tb[NFTA_TABLE_NAME + 1];
	struct want_tables *w = arg;
	const char *name;
	uint32_t n;

	if (nlmsg_parse(h, sizeof(struct nfgenmsg), tb, NFTA_TABLE_NAME, NULL) < 0 || !tb[NFTA_TABLE_NAME])
		return 0;
	name = nla_get_string(tb[NFTA_TABLE_NAME]);
	if (!str_has_prefix(name, w->prefix) || num_u32(name + strlen(w->prefix), &n) < 0)
		return 0;
	return strv_add(&w->found, name);
}

int knl_nft_tables_drop(int netns_fd, const char *prefix)
{
	struct nfgenmsg nf = { .nfgen_family = NFPROTO_INET, .version = NFNETLINK_V0 };
	struct want_tables w = { .prefix = prefix };
	_knl_ struct knl *k = NULL;
	int r = knl_open_proto_in(netns_fd, NETLINK_NETFILTER, &k);

	if (r == 0)
		r = knl_dump(k, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETTABLE, &nf, sizeof(nf), take_table, &w);
	for (size_t i = 0; r == 0 && i < w.found.n; i++)
		r = del_table(k, w.found.v[i]);
	strv_done(&w.found);
	return r;
}
