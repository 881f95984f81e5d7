/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Does the node's own packet filter drop what it forwards? Asked of nf_tables, where the rules of iptables-nft are,
 * too. */
#include "kern/forward.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "base/str.h"
#include "kern/nl_priv.h"

struct look {
	const char *link;
	struct kforward *v;
	size_t n, max;
	bool docker[NFPROTO_NUMPROTO]; /* by family: there is a chain for the administrator before docker's */
};

static const char *family_word(int family)
{
	return family == NFPROTO_IPV4 ? "ip" : family == NFPROTO_IPV6 ? "ip6" : family == NFPROTO_INET ? "inet" : NULL;
}

static uint32_t get_be32(const struct nlattr *a)
{
	uint32_t v = UINT32_MAX;

	if (a && nla_len(a) == sizeof(v))
		memcpy(&v, nla_data(a), sizeof(v));
	return ntohl(v);
}

static bool drops_forwarded(struct nlattr **tb)
{
	struct nlattr *hook[NFTA_HOOK_MAX + 1];

	return tb[NFTA_CHAIN_HOOK] && nla_parse_nested(hook, NFTA_HOOK_MAX, tb[NFTA_CHAIN_HOOK], NULL) == 0 &&
	       get_be32(hook[NFTA_HOOK_HOOKNUM]) == NF_INET_FORWARD &&
	       get_be32(tb[NFTA_CHAIN_POLICY]) == NF_DROP;
}

static int family_of(struct nlmsghdr *h)
{
	const struct nfgenmsg *nf = nlmsg_data(h);
	int family = nf->nfgen_family;

	return family < NFPROTO_NUMPROTO && family_word(family) ? family : -1;
}

static int take_chain(struct nlmsghdr *h, void *arg)
{
	struct nlattr *tb[NFTA_CHAIN_MAX + 1];
	struct look *l = arg;
	struct kforward *f;
	int family = family_of(h);

	if (family < 0 || nlmsg_parse(h, sizeof(struct nfgenmsg), tb, NFTA_CHAIN_MAX, NULL) < 0 ||
	    !tb[NFTA_CHAIN_TABLE] || !tb[NFTA_CHAIN_NAME])
		return 0;
	if (str_eq(nla_get_string(tb[NFTA_CHAIN_NAME]), KFORWARD_DOCKER))
		l->docker[family] = true;
	if (!drops_forwarded(tb) || l->n == l->max)
		return 0;
	f = &l->v[l->n++];
	*f = (struct kforward){ .nfproto = family, .family = family_word(family), .variant = "" };
	nla_strlcpy(f->table, tb[NFTA_CHAIN_TABLE], sizeof(f->table));
	nla_strlcpy(f->chain, tb[NFTA_CHAIN_NAME], sizeof(f->chain));
	return 0;
}

/* A rule holds the name that it asks for as it stands, of "venet*" the part before the star. */
static int take_rule(struct nlmsghdr *h, void *arg)
{
	struct nlattr *tb[NFTA_RULE_MAX + 1];
	struct look *l = arg;
	int family = family_of(h);

	if (family < 0 || nlmsg_parse(h, sizeof(struct nfgenmsg), tb, NFTA_RULE_MAX, NULL) < 0 ||
	    !tb[NFTA_RULE_TABLE] || !tb[NFTA_RULE_EXPRESSIONS] ||
	    !memmem(nla_data(tb[NFTA_RULE_EXPRESSIONS]), (size_t)nla_len(tb[NFTA_RULE_EXPRESSIONS]), l->link,
		    strlen(l->link)))
		return 0;
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].nfproto == family && str_eq(l->v[i].table, nla_get_string(tb[NFTA_RULE_TABLE])))
			l->v[i].named = true;
	return 0;
}

int kforward_drops(const char *link, struct kforward *ret, size_t max)
{
	struct look l = { .link = link, .v = ret, .max = max };
	struct nfgenmsg nf = { .nfgen_family = NFPROTO_UNSPEC, .version = NFNETLINK_V0 };
	_knl_ struct knl *k = NULL;
	size_t left = 0;
	int r = knl_open_proto(NETLINK_NETFILTER, &k);

	if (r == 0)
		r = knl_dump(k, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETCHAIN, &nf, sizeof(nf), take_chain, &l);
	if (r == 0 && l.n)
		r = knl_dump(k, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETRULE, &nf, sizeof(nf), take_rule, &l);
	if (r < 0)
		return r;
	for (size_t i = 0; i < l.n; i++) {
		if (l.v[i].named)
			continue;
		l.v[left] = l.v[i];
		l.v[left].docker = l.docker[l.v[left].nfproto];
		left++;
	}
	return (int)(left + kforward_ipt(link, ret + left, max - left));
}
