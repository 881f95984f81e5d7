/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Questions to nf_tables: is a chain there, what has been counted. Rules are made elsewhere. */
#include "kern/nl.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>
#include <sys/socket.h>

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

int knl_nft_open(struct knl **ret)
{
	return knl_open_proto(NETLINK_NETFILTER, ret);
}

struct want_sets {
	const char *table;
	struct strv *ret;
};

static int take_set(struct nlmsghdr *h, void *arg)
{
	const struct want_sets *w = arg;
	struct nlattr *tb[NFTA_SET_NAME + 1];

	if (nlmsg_parse(h, sizeof(struct nfgenmsg), tb, NFTA_SET_NAME, NULL) < 0 ||
	    !tb[NFTA_SET_TABLE] || !tb[NFTA_SET_NAME] ||
	    !str_eq(nla_get_string(tb[NFTA_SET_TABLE]), w->table))
		return 0;
	return strv_add(w->ret, nla_get_string(tb[NFTA_SET_NAME]));
}

int knl_nft_sets(struct knl *k, int family, const char *table, struct strv *ret)
{
	struct nfgenmsg nf = { .nfgen_family = (uint8_t)family, .version = NFNETLINK_V0 };
	struct want_sets w = { table, ret };
	int r = knl_dump(k, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETSET, &nf, sizeof(nf), take_set, &w);

	return r == -ENOENT ? 0 : r;
}

/* Names of links are as long as the kernel has them, filled with zeros. */
static void put_element(struct knl *k, struct nl_msg *m, const char *table, const char *set,
			const char *link)
{
	struct nlattr *list, *elem, *key;
	char name[IFNAMSIZ] = "";

	strncpy(name, link, sizeof(name) - 1);
	put_text(k, m, NFTA_SET_ELEM_LIST_TABLE, table);
	put_text(k, m, NFTA_SET_ELEM_LIST_SET, set);
	list = knl_nest(k, m, NFTA_SET_ELEM_LIST_ELEMENTS | NLA_F_NESTED);
	elem = knl_nest(k, m, NFTA_LIST_ELEM | NLA_F_NESTED);
	key = knl_nest(k, m, NFTA_SET_ELEM_KEY | NLA_F_NESTED);
	knl_put(k, m, NFTA_DATA_VALUE, name, sizeof(name));
	knl_nest_end(m, key);
	knl_nest_end(m, elem);
	knl_nest_end(m, list);
}

void knl_q_nft_counter(struct knl *k, int family, const char *table, const char *set,
		       const char *link, struct knl_counter *out)
{
	struct nl_msg *m = nft_begin(k, NFT_MSG_GETSETELEM, 0, family);

	*out = (struct knl_counter){ 0 };
	put_element(k, m, table, set, link);
	if (m)
		k->req[k->n - 1].counter = out;
}

static uint64_t get_be64(const struct nlattr *a)
{
	uint64_t v = 0;

	if (a && nla_len(a) == sizeof(v))
		memcpy(&v, nla_data(a), sizeof(v));
	return be64toh(v);
}

/* list, element, expression, its data */
void knl_counter_parse(struct nlmsghdr *h, struct knl_counter *out)
{
	struct nlattr *tb[NFTA_SET_ELEM_LIST_ELEMENTS + 1], *el[NFTA_SET_ELEM_EXPR + 1];
	struct nlattr *ex[NFTA_EXPR_DATA + 1], *co[NFTA_COUNTER_PACKETS + 1], *first;

	if (h->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWSETELEM) ||
	    nlmsg_parse(h, sizeof(struct nfgenmsg), tb, NFTA_SET_ELEM_LIST_ELEMENTS, NULL) < 0 ||
	    !tb[NFTA_SET_ELEM_LIST_ELEMENTS])
		return;
	first = nla_data(tb[NFTA_SET_ELEM_LIST_ELEMENTS]);
	if (!nla_ok(first, nla_len(tb[NFTA_SET_ELEM_LIST_ELEMENTS])) ||
	    nla_parse_nested(el, NFTA_SET_ELEM_EXPR, first, NULL) < 0 || !el[NFTA_SET_ELEM_EXPR] ||
	    nla_parse_nested(ex, NFTA_EXPR_DATA, el[NFTA_SET_ELEM_EXPR], NULL) < 0 ||
	    !ex[NFTA_EXPR_DATA] ||
	    nla_parse_nested(co, NFTA_COUNTER_PACKETS, ex[NFTA_EXPR_DATA], NULL) < 0)
		return;
	out->bytes = get_be64(co[NFTA_COUNTER_BYTES]);
	out->packets = get_be64(co[NFTA_COUNTER_PACKETS]);
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

int knl_nft_counter_del(struct knl *k, int family, const char *table, const char *set,
			const char *link)
{
	struct nl_msg *m = nft_begin(k, NFT_MSG_DELSETELEM, 0, family);

	put_element(k, m, table, set, link);
	return drop_one(k, m);
}

int knl_nft_table_del(const char *table)
{
	_knl_ struct knl *k = NULL;
	struct nl_msg *m;
	int r = knl_open_proto(NETLINK_NETFILTER, &k);

	if (r < 0)
		return r;
	m = nft_begin(k, NFT_MSG_DELTABLE, 0, NFPROTO_INET);
	put_text(k, m, NFTA_TABLE_NAME, table);
	return drop_one(k, m);
}
