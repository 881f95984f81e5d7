/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Routes of the main table, and what the routing tables say about one destination. */
#include "kern/nl.h"

#include <stdlib.h>

#include "kern/nl_priv.h"

static void route_request(struct knl *k, int note, int type, int flags, const struct knl_route *r)
{
	struct rtmsg rt = {
		.rtm_family = r->dst.family,
		.rtm_dst_len = r->dst.prefix,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC,
		.rtm_scope = r->link_scope && r->dst.family == AF_INET ? RT_SCOPE_LINK
								       : RT_SCOPE_UNIVERSE,
		.rtm_type = RTN_UNICAST,
	};
	struct nl_msg *m = knl_begin(k, note, type, flags, &rt, sizeof(rt));

	if (r->dst.prefix)
		knl_put(k, m, RTA_DST, r->dst.ip, knl_ip_len(r->dst.family));
	knl_put_u32(k, m, RTA_OIF, (uint32_t)r->oif);
	if (r->via)
		knl_put(k, m, RTA_GATEWAY, r->via->ip, knl_ip_len(r->dst.family));
	if (r->src)
		knl_put(k, m, RTA_PREFSRC, r->src->ip, knl_ip_len(r->dst.family));
}

void knl_q_route_add(struct knl *k, int note, const struct knl_route *r)
{
	int how = r->replace ? NLM_F_REPLACE : NLM_F_EXCL;

	route_request(k, note, RTM_NEWROUTE, NLM_F_CREATE | how, r);
}

void knl_q_route_del(struct knl *k, int note, const struct knl_route *r)
{
	route_request(k, note, RTM_DELROUTE, 0, r);
}

void knl_q_fib_get(struct knl *k, int note, const struct knl_ip *dst, struct knl_fib *out)
{
	/* The route itself, not the cached host entry made from it (Linux 4.13). */
	struct rtmsg rt = { .rtm_family = dst->family,
			    .rtm_dst_len = (uint8_t)(knl_ip_len(dst->family) * 8),
			    .rtm_flags = RTM_F_FIB_MATCH };
	struct nl_msg *m = knl_begin(k, note, RTM_GETROUTE, 0, &rt, sizeof(rt));

	*out = (struct knl_fib){ 0 };
	knl_put(k, m, RTA_DST, dst->ip, knl_ip_len(dst->family));
	if (m)
		k->req[k->n - 1].fib = out;
}

void knl_fib_parse(struct nlmsghdr *h, struct knl_fib *out)
{
	const struct rtmsg *rt = nlmsg_data(h);
	struct nlattr *tb[RTA_MAX + 1];

	if (nlmsg_parse(h, sizeof(*rt), tb, RTA_MAX, NULL) < 0)
		return;
	*out = (struct knl_fib){ .type = rt->rtm_type, .prefix = rt->rtm_dst_len };
	if (tb[RTA_OIF])
		out->oif = (int)nla_get_u32(tb[RTA_OIF]);
	else if (tb[RTA_MULTIPATH] &&
		 nla_len(tb[RTA_MULTIPATH]) >= (int)sizeof(struct rtnexthop))
		out->oif = ((struct rtnexthop *)nla_data(tb[RTA_MULTIPATH]))->rtnh_ifindex;
}

struct want {
	struct knl_list *list;
	int index;
};

static int take_route(struct nlmsghdr *h, void *arg)
{
	const struct rtmsg *rt = nlmsg_data(h);
	struct want *w = arg;
	struct nlattr *tb[RTA_MAX + 1];

	if (nlmsg_parse(h, sizeof(*rt), tb, RTA_MAX, NULL) < 0 || !tb[RTA_DST] || !tb[RTA_OIF])
		return 0;
	if ((int)nla_get_u32(tb[RTA_OIF]) != w->index || rt->rtm_type != RTN_UNICAST)
		return 0;
	if (nla_len(tb[RTA_DST]) < (int)knl_ip_len(rt->rtm_family))
		return 0;
	return knl_list_add(w->list, rt->rtm_family, rt->rtm_dst_len, nla_data(tb[RTA_DST]),
			    w->index);
}

int knl_routes_via(struct knl *k, int family, int index, struct knl_list *ret)
{
	struct rtmsg rt = { .rtm_family = (uint8_t)family, .rtm_table = RT_TABLE_MAIN };
	struct knl_list l = { 0 };
	struct want w = { &l, index };
	int r = knl_dump_by(k, RTM_GETROUTE, &rt, sizeof(rt), RTA_OIF, (uint32_t)index, take_route,
			    &w);

	if (r < 0) {
		free(l.v);
		return r;
	}
	*ret = l;
	return 0;
}
