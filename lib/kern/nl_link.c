/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Links: make a veth pair across namespaces, change, remove, look at one. */
#include "kern/nl.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/veth.h>
#include <stdlib.h>
#include <string.h>

#include "kern/nl_priv.h"

/* One queue each way: more would cost memory in every VPS and serve only XDP. */
static void put_queues(struct knl *k, struct nl_msg *m)
{
	knl_put_u32(k, m, IFLA_NUM_TX_QUEUES, 1);
	knl_put_u32(k, m, IFLA_NUM_RX_QUEUES, 1);
}

void knl_q_veth(struct knl *k, int note, const struct knl_veth *v)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC, .ifi_flags = v->flags,
				 .ifi_change = v->flags };
	struct ifinfomsg peer = { .ifi_family = AF_UNSPEC, .ifi_flags = v->peer_flags,
				  .ifi_change = v->peer_flags };
	struct nl_msg *m = knl_begin(k, note, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &ifi,
				     sizeof(ifi));
	struct nlattr *info, *data, *other;

	knl_put_name(k, m, IFLA_IFNAME, v->name);
	knl_put(k, m, IFLA_ADDRESS, v->mac, sizeof(v->mac));
	if (v->group)
		knl_put_u32(k, m, IFLA_GROUP, v->group);
	put_queues(k, m);
	info = knl_nest(k, m, IFLA_LINKINFO);
	knl_put(k, m, IFLA_INFO_KIND, "veth", 4);
	data = knl_nest(k, m, IFLA_INFO_DATA);
	other = knl_nest(k, m, VETH_INFO_PEER);
	if (m && nlmsg_append(m, &peer, sizeof(peer), NLMSG_ALIGNTO) < 0)
		knl_broken(k, -EMSGSIZE);
	knl_put_name(k, m, IFLA_IFNAME, v->peer_name);
	knl_put(k, m, IFLA_ADDRESS, v->peer_mac, sizeof(v->peer_mac));
	knl_put_u32(k, m, IFLA_NET_NS_FD, (uint32_t)v->peer_netns);
	put_queues(k, m);
	knl_nest_end(m, other);
	knl_nest_end(m, data);
	knl_nest_end(m, info);
}

static struct nl_msg *link_begin(struct knl *k, int note, int type, const char *name, int index)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC, .ifi_index = name ? 0 : index };
	struct nl_msg *m = knl_begin(k, note, type, 0, &ifi, sizeof(ifi));

	if (name)
		knl_put_name(k, m, IFLA_IFNAME, name);
	return m;
}

void knl_q_link_del(struct knl *k, int note, const char *name)
{
	(void)link_begin(k, note, RTM_DELLINK, name, 0);
}

void knl_q_link_flags(struct knl *k, int note, int index, unsigned flags, unsigned mask)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC, .ifi_index = index,
				 .ifi_flags = flags, .ifi_change = mask };

	(void)knl_begin(k, note, RTM_SETLINK, 0, &ifi, sizeof(ifi));
}

void knl_q_link_alias(struct knl *k, int note, const char *name, const char *alias)
{
	struct nl_msg *m = link_begin(k, note, RTM_SETLINK, name, 0);

	knl_put(k, m, IFLA_IFALIAS, alias, strlen(alias));
}

void knl_q_link_master(struct knl *k, int note, int index, int master)
{
	knl_put_u32(k, link_begin(k, note, RTM_SETLINK, NULL, index), IFLA_MASTER,
		    (uint32_t)master);
}

void knl_q_link_mac(struct knl *k, int note, int index, const uint8_t mac[6])
{
	knl_put(k, link_begin(k, note, RTM_SETLINK, NULL, index), IFLA_ADDRESS, mac, 6);
}

void knl_q_link_rename(struct knl *k, int note, int index, const char *name)
{
	struct nl_msg *m = link_begin(k, note, RTM_SETLINK, NULL, index);

	knl_put_name(k, m, IFLA_IFNAME, name);
}

void knl_q_link_move(struct knl *k, int note, int index, int netns_fd, const char *name)
{
	struct nl_msg *m = link_begin(k, note, RTM_SETLINK, NULL, index);

	knl_put_u32(k, m, IFLA_NET_NS_FD, (uint32_t)netns_fd);
	knl_put_name(k, m, IFLA_IFNAME, name);
}

void knl_q_link_conf4(struct knl *k, int note, const char *name, int index,
		      const int val[KNL_NCONF4])
{
	static const int attr[KNL_NCONF4] = {
		[KNL_FORWARDING] = IPV4_DEVCONF_FORWARDING,
		[KNL_RP_FILTER] = IPV4_DEVCONF_RP_FILTER,
		[KNL_SEND_REDIRECTS] = IPV4_DEVCONF_SEND_REDIRECTS,
		[KNL_ACCEPT_REDIRECTS] = IPV4_DEVCONF_ACCEPT_REDIRECTS,
		[KNL_PROMOTE_SECONDARIES] = IPV4_DEVCONF_PROMOTE_SECONDARIES,
	};
	struct nl_msg *m = link_begin(k, note, RTM_SETLINK, name, index);
	struct nlattr *spec = knl_nest(k, m, IFLA_AF_SPEC);
	struct nlattr *inet = knl_nest(k, m, AF_INET);
	struct nlattr *conf = knl_nest(k, m, IFLA_INET_CONF);

	for (int i = 0; i < KNL_NCONF4; i++) {
		if (val[i] >= 0)
			knl_put_u32(k, m, attr[i], (uint32_t)val[i]);
	}
	knl_nest_end(m, conf);
	knl_nest_end(m, inet);
	knl_nest_end(m, spec);
}

void knl_q_link_nolinklocal(struct knl *k, int note, const char *name, int index)
{
	struct nl_msg *m = link_begin(k, note, RTM_SETLINK, name, index);
	struct nlattr *spec = knl_nest(k, m, IFLA_AF_SPEC);
	struct nlattr *inet6 = knl_nest(k, m, AF_INET6);
	uint8_t mode = IN6_ADDR_GEN_MODE_NONE;

	knl_put(k, m, IFLA_INET6_ADDR_GEN_MODE, &mode, sizeof(mode));
	knl_nest_end(m, inet6);
	knl_nest_end(m, spec);
}

void knl_q_link_get(struct knl *k, int note, const char *name, int index, struct knl_link *out)
{
	struct nl_msg *m = link_begin(k, note, RTM_GETLINK, name, index);

	memset(out, 0, sizeof(*out));
	knl_put_u32(k, m, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	if (m)
		k->req[k->n - 1].link = out;
}

static void parse_kind(struct nlattr *info, struct knl_link *out)
{
	struct nlattr *tb[IFLA_INFO_DATA + 1];

	if (nla_parse_nested(tb, IFLA_INFO_DATA, info, NULL) < 0 || !tb[IFLA_INFO_KIND])
		return;
	nla_strlcpy(out->kind, tb[IFLA_INFO_KIND], sizeof(out->kind));
	if (tb[IFLA_INFO_DATA])
		knl_link_parse_over(out->kind, tb[IFLA_INFO_DATA], out);
}

void knl_link_parse(struct nlmsghdr *h, struct knl_link *out)
{
	const struct ifinfomsg *ifi = nlmsg_data(h);
	struct nlattr *tb[IFLA_GROUP + 1];

	if (nlmsg_parse(h, sizeof(*ifi), tb, IFLA_GROUP, NULL) < 0)
		return;
	*out = (struct knl_link){ .index = ifi->ifi_index, .flags = ifi->ifi_flags,
				  .type = ifi->ifi_type };
	if (tb[IFLA_IFNAME])
		nla_strlcpy(out->name, tb[IFLA_IFNAME], sizeof(out->name));
	if (tb[IFLA_LINK])
		out->peer = (int)nla_get_u32(tb[IFLA_LINK]);
	if (tb[IFLA_MASTER])
		out->master = (int)nla_get_u32(tb[IFLA_MASTER]);
	if (tb[IFLA_ADDRESS] && nla_len(tb[IFLA_ADDRESS]) == sizeof(out->mac))
		memcpy(out->mac, nla_data(tb[IFLA_ADDRESS]), sizeof(out->mac));
	if (tb[IFLA_LINKINFO])
		parse_kind(tb[IFLA_LINKINFO], out);
	if (tb[IFLA_GROUP])
		out->group = nla_get_u32(tb[IFLA_GROUP]);
	if (tb[IFLA_IFALIAS])
		nla_strlcpy(out->alias, tb[IFLA_IFALIAS], sizeof(out->alias));
}

int knl_link_get(struct knl *k, const char *name, struct knl_link *ret)
{
	struct knl_link l;
	int r;

	knl_q_link_get(k, 0, name, 0, &l);
	r = knl_run(k, NULL);
	if (r < 0)
		return r;
	if (l.index == 0)
		return -ENODEV;
	*ret = l;
	return 0;
}

struct link_list {
	struct knl_link *v;
	size_t n, size;
};

static int list_link(struct nlmsghdr *h, void *arg)
{
	struct link_list *l = arg;

	if (h->nlmsg_type != RTM_NEWLINK)
		return 0;
	if (l->n == l->size) {
		size_t size = l->size ? l->size * 2 : 32;
		struct knl_link *v = reallocarray(l->v, size, sizeof(*v));

		if (!v)
			return -ENOMEM;
		l->v = v;
		l->size = size;
	}
	knl_link_parse(h, &l->v[l->n++]);
	return 0;
}

int knl_links(struct knl *k, struct knl_link **ret, size_t *ret_n)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC };
	struct link_list l = { 0 };
	int r = knl_dump_by(k, RTM_GETLINK, &ifi, sizeof(ifi), IFLA_EXT_MASK,
			    RTEXT_FILTER_SKIP_STATS, list_link, &l);

	if (r < 0) {
		free(l.v);
		return r;
	}
	*ret = l.v;
	*ret_n = l.n;
	return 0;
}
