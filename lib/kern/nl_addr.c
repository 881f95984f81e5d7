/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses of links, and addresses answered for on behalf of others (proxy neighbours). */
#include "kern/nl.h"

#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <stdlib.h>

#include "kern/nl_priv.h"

static void addr_request(struct knl *k, int note, int type, int index, const struct knl_ip *a)
{
	struct ifaddrmsg ifa = { .ifa_family = a->family, .ifa_prefixlen = a->prefix,
				 .ifa_index = (unsigned)index };
	int flags = type == RTM_NEWADDR ? NLM_F_CREATE | NLM_F_EXCL : 0;
	struct nl_msg *m = knl_begin(k, note, type, flags, &ifa, sizeof(ifa));

	knl_put(k, m, IFA_LOCAL, a->ip, knl_ip_len(a->family));
	knl_put(k, m, IFA_ADDRESS, a->ip, knl_ip_len(a->family));
	/* Nobody else lives on these links, there is no duplicate to wait for. */
	if (a->family == AF_INET6 && type == RTM_NEWADDR)
		knl_put_u32(k, m, IFA_FLAGS, IFA_F_NODAD);
}

void knl_q_addr_add(struct knl *k, int note, int index, const struct knl_ip *a)
{
	addr_request(k, note, RTM_NEWADDR, index, a);
}

void knl_q_addr_del(struct knl *k, int note, int index, const struct knl_ip *a)
{
	addr_request(k, note, RTM_DELADDR, index, a);
}

struct want {
	struct knl_list *list;
	int index;
};

static int take_addr(struct nlmsghdr *h, void *arg)
{
	const struct ifaddrmsg *ifa = nlmsg_data(h);
	struct want *w = arg;
	struct nlattr *tb[IFA_MAX + 1], *ip;

	if (nlmsg_parse(h, sizeof(*ifa), tb, IFA_MAX, NULL) < 0)
		return 0;
	ip = tb[IFA_LOCAL] ? tb[IFA_LOCAL] : tb[IFA_ADDRESS];
	if (!ip || (ifa->ifa_family != AF_INET && ifa->ifa_family != AF_INET6))
		return 0;
	if (ifa->ifa_scope >= RT_SCOPE_LINK || nla_len(ip) < (int)knl_ip_len(ifa->ifa_family))
		return 0;
	if (w->index && (int)ifa->ifa_index != w->index)
		return 0;
	return knl_list_add(w->list, ifa->ifa_family, ifa->ifa_prefixlen, nla_data(ip),
			    (int)ifa->ifa_index);
}

int knl_addrs(struct knl *k, int family, int index, struct knl_list *ret)
{
	struct ifaddrmsg ifa = { .ifa_family = (uint8_t)family, .ifa_index = (unsigned)index };
	struct knl_list l = { 0 };
	struct want w = { &l, index };
	int r = knl_dump(k, RTM_GETADDR, &ifa, sizeof(ifa), take_addr, &w);

	/* Asked for one interface that is not there, a strict kernel says ENODEV. */
	if (r < 0) {
		free(l.v);
		return r;
	}
	*ret = l;
	return 0;
}

static void proxy_request(struct knl *k, int note, int type, int index, const struct knl_ip *a)
{
	struct ndmsg nd = { .ndm_family = a->family, .ndm_ifindex = index,
			    .ndm_state = NUD_PERMANENT, .ndm_flags = NTF_PROXY };
	int flags = type == RTM_NEWNEIGH ? NLM_F_CREATE | NLM_F_REPLACE : 0;
	struct nl_msg *m = knl_begin(k, note, type, flags, &nd, sizeof(nd));

	knl_put(k, m, NDA_DST, a->ip, knl_ip_len(a->family));
}

void knl_q_proxy_add(struct knl *k, int note, int index, const struct knl_ip *a)
{
	proxy_request(k, note, RTM_NEWNEIGH, index, a);
}

void knl_q_proxy_del(struct knl *k, int note, int index, const struct knl_ip *a)
{
	proxy_request(k, note, RTM_DELNEIGH, index, a);
}

static int take_proxy(struct nlmsghdr *h, void *arg)
{
	const struct ndmsg *nd = nlmsg_data(h);
	struct knl_list *l = arg;
	struct nlattr *tb[NDA_DST + 1];

	if (!(nd->ndm_flags & NTF_PROXY) ||
	    (nd->ndm_family != AF_INET && nd->ndm_family != AF_INET6))
		return 0;
	if (nlmsg_parse(h, sizeof(*nd), tb, NDA_DST, NULL) < 0 || !tb[NDA_DST] ||
	    nla_len(tb[NDA_DST]) < (int)knl_ip_len(nd->ndm_family))
		return 0;
	return knl_list_add(l, nd->ndm_family, (int)knl_ip_len(nd->ndm_family) * 8,
			    nla_data(tb[NDA_DST]), nd->ndm_ifindex);
}

int knl_proxies(struct knl *k, struct knl_list *ret)
{
	struct ndmsg nd = { .ndm_family = AF_UNSPEC, .ndm_flags = NTF_PROXY };
	struct knl_list l = { 0 };
	int r = knl_dump(k, RTM_GETNEIGH, &nd, sizeof(nd), take_proxy, &l);

	if (r < 0) {
		free(l.v);
		return r;
	}
	*ret = l;
	return 0;
}
