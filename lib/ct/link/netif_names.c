/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names and MACs that the configuration leaves open: made from what does not change, so that they do not. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/num.h"
#include "base/str.h"
#include "ct/ct.h"
#include "ct/link/links.h"
#include "ct/link/netif.h"
#include "net/outlet.h"
#include "net/veth.h"
#include "param/param.h"

/* The vendor prefix that OpenVZ has always used. */
static const uint8_t oui[3] = { 0x00, 0x18, 0x51 };

static bool is_taken(const struct netiflist *l, const uint8_t mac[6])
{
	for (size_t i = 0; i < l->n; i++)
		if ((l->v[i].has_mac && memcmp(l->v[i].mac, mac, 6) == 0) ||
		    (l->v[i].has_host_mac && memcmp(l->v[i].host_mac, mac, 6) == 0))
			return true;
	return false;
}

static void make_mac(const struct netiflist *l, uint32_t id, const char *dev,
		     const uint8_t first[6], uint8_t mac[6])
{
	memcpy(mac, oui, sizeof(oui));
	for (uint8_t round = 0;; round++) {
		uint32_t h = hash_add(HASH_BEGIN, dev, strlen(dev));

		h = hash_add(h, &id, sizeof(id));
		h = hash_add(h, first, 6);
		h = hash_add(h, &round, 1);
		h ^= h >> 24;
		mac[3] = (uint8_t)(h >> 16);
		mac[4] = (uint8_t)(h >> 8);
		mac[5] = (uint8_t)h;
		if (!is_taken(l, mac) || round == 255)
			return;
	}
}

static bool has_host(const struct netiflist *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->v[i].host_ifname, name))
			return true;
	return false;
}

static void host_name(uint32_t id, unsigned unit, char out[CFG_IFNAMSIZ])
{
	int n = snprintf(out, CFG_IFNAMSIZ, "veth%u.%u", id, unit);

	/* The longest numbers do not fit in decimal. */
	if (n >= CFG_IFNAMSIZ)
		snprintf(out, CFG_IFNAMSIZ, "veth%x.%u", id, unit % 100);
}

/* N of ethN, else the first that is free. */
static void make_host_name(const struct netiflist *l, uint32_t id, struct netif *n)
{
	char name[CFG_IFNAMSIZ];
	uint32_t unit = 0;

	if (str_has_prefix(n->ifname, "eth") && num_u32(n->ifname + 3, &unit) == 0 && unit < 1000)
		host_name(id, unit, name);
	else
		for (unit = 0; host_name(id, unit, name), has_host(l, name) && unit < 99;)
			unit++;
	for (uint32_t i = 0; has_host(l, name) && i < 100; i++)
		host_name(id, i, name);
	memcpy(n->host_ifname, name, sizeof(name));
}

int ct_netif_complete(const struct ct *ct, struct vz_cfg *cfg, struct vz_err *e)
{
	struct netiflist *l = &cfg->netif;
	uint8_t first[6];
	bool asked = false;
	int r;

	for (size_t i = 0; cfg_has(cfg, VZ_P_NETIF) && i < l->n; i++) {
		struct netif *n = &l->v[i];

		if (!*n->host_ifname)
			make_host_name(l, ct->id, n);
		if (!n->has_mac && !asked) {
			r = net_first_mac(first);
			if (r < 0)
				return err_sys(e, VZ_E_VETH, r, "cannot look at the node's devices");
			asked = true;
		}
		if (!n->has_mac) {
			make_mac(l, ct->id, n->ifname, first, n->mac);
			n->has_mac = true;
			if (!n->has_host_mac)
				make_mac(l, ct->id, n->host_ifname, first, n->host_mac);
			n->has_host_mac = true;
		}
		/* One given, the other not: the same for both, as it always was. */
		if (!n->has_host_mac)
			memcpy(n->host_mac, n->mac, sizeof(n->mac));
		n->has_host_mac = true;
	}
	return 0;
}

int ct_link_names(const struct ct *ct, struct strv *ret)
{
	_links_ struct links l = { 0 };
	struct link_note *n;
	char name[CFG_IFNAMSIZ];
	int r = links_read(ct, &l);

	snprintf(name, sizeof(name), "venet%u", ct->id);
	if (r == 0)
		r = strv_add(ret, name);
	for (size_t i = 0; r == 0 && (n = links_next(&l, LINK_VETH, NULL, &i));)
		if (!strv_has(ret, n->host))
			r = strv_add(ret, n->host);
	return r;
}

int ct_link_outlets(const struct ct *ct, const struct strv *names, struct strv *ret)
{
	_links_ struct links l = { 0 };
	int r = links_read(ct, &l);

	for (size_t i = 0; r == 0 && i < names->n; i++) {
		char name[CFG_IFNAMSIZ];
		struct link_note *n;
		const char *out = names->v[i];

		for (size_t at = 0; (n = links_next(&l, LINK_VETH, NULL, &at));)
			if (n->outlet && str_eq(n->host, names->v[i])) {
				net_outlet_name(n->host, name);
				out = name;
			}
		r = strv_add(ret, out);
	}
	return r;
}
