/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* VLANs: devices of one, macvlans, and the one VLAN of a bridge's port. ip-link(8), bridge(8), Linux 3.9. */
#include "kern/nl.h"

#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/if_vlan.h>
#include <string.h>

#include "kern/nl_priv.h"

static struct nl_msg *over(struct knl *k, int note, const char *name, int lower, uint32_t group)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC };
	struct nl_msg *m = knl_begin(k, note, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &ifi,
				     sizeof(ifi));

	knl_put_name(k, m, IFLA_IFNAME, name);
	knl_put_u32(k, m, IFLA_LINK, (uint32_t)lower);
	knl_put_u32(k, m, IFLA_GROUP, group);
	return m;
}

void knl_q_vlan(struct knl *k, int note, const struct knl_vlan *v)
{
	/* It may be up while what is below is down, so that it need not be thought of again. */
	struct ifla_vlan_flags flags = { .flags = VLAN_FLAG_REORDER_HDR | VLAN_FLAG_LOOSE_BINDING,
					 .mask = VLAN_FLAG_REORDER_HDR | VLAN_FLAG_LOOSE_BINDING };
	struct nl_msg *m = over(k, note, v->name, v->lower, v->group);
	struct nlattr *info = knl_nest(k, m, IFLA_LINKINFO), *data;

	knl_put(k, m, IFLA_INFO_KIND, "vlan", 4);
	data = knl_nest(k, m, IFLA_INFO_DATA);
	knl_put(k, m, IFLA_VLAN_ID, &v->id, sizeof(v->id));
	knl_put(k, m, IFLA_VLAN_FLAGS, &flags, sizeof(flags));
	knl_nest_end(m, data);
	knl_nest_end(m, info);
}

void knl_q_macvlan(struct knl *k, int note, const struct knl_macvlan *v)
{
	struct nl_msg *m = over(k, note, v->name, v->lower, v->group);
	struct nlattr *info, *data;

	knl_put(k, m, IFLA_ADDRESS, v->mac, sizeof(v->mac));
	info = knl_nest(k, m, IFLA_LINKINFO);
	knl_put(k, m, IFLA_INFO_KIND, "macvlan", 7);
	data = knl_nest(k, m, IFLA_INFO_DATA);
	knl_put_u32(k, m, IFLA_MACVLAN_MODE, v->mode);
	knl_nest_end(m, data);
	knl_nest_end(m, info);
}

static void port_vlan(struct knl *k, int note, int type, int index, struct bridge_vlan_info vlan)
{
	struct ifinfomsg ifi = { .ifi_family = AF_BRIDGE, .ifi_index = index };
	struct nl_msg *m = knl_begin(k, note, type, 0, &ifi, sizeof(ifi));
	struct nlattr *spec = knl_nest(k, m, IFLA_AF_SPEC);

	knl_put(k, m, IFLA_BRIDGE_VLAN_INFO, &vlan, sizeof(vlan));
	knl_nest_end(m, spec);
}

void knl_q_port_vlan(struct knl *k, int note, int index, uint16_t vlan, uint16_t instead_of)
{
	port_vlan(k, note, RTM_SETLINK, index,
		  (struct bridge_vlan_info){ .vid = vlan, .flags = BRIDGE_VLAN_INFO_PVID |
								   BRIDGE_VLAN_INFO_UNTAGGED });
	if (instead_of && instead_of != vlan)
		port_vlan(k, note, RTM_DELLINK, index,
			  (struct bridge_vlan_info){ .vid = instead_of });
}

void knl_link_parse_over(const char *kind, struct nlattr *data, struct knl_link *out)
{
	struct nlattr *tb[IFLA_BR_VLAN_DEFAULT_PVID + 1];

	if (!strcmp(kind, "vlan") && nla_parse_nested(tb, IFLA_VLAN_ID, data, NULL) == 0 &&
	    tb[IFLA_VLAN_ID])
		out->vlan = nla_get_u16(tb[IFLA_VLAN_ID]);
	if (!strcmp(kind, "macvlan") && nla_parse_nested(tb, IFLA_MACVLAN_MODE, data, NULL) == 0 &&
	    tb[IFLA_MACVLAN_MODE])
		out->mode = nla_get_u32(tb[IFLA_MACVLAN_MODE]);
	if (strcmp(kind, "bridge") != 0 ||
	    nla_parse_nested(tb, IFLA_BR_VLAN_DEFAULT_PVID, data, NULL) < 0)
		return;
	if (tb[IFLA_BR_VLAN_FILTERING])
		out->filters_vlans = nla_get_u8(tb[IFLA_BR_VLAN_FILTERING]) != 0;
	if (tb[IFLA_BR_VLAN_DEFAULT_PVID])
		out->vlan = nla_get_u16(tb[IFLA_BR_VLAN_DEFAULT_PVID]);
}
