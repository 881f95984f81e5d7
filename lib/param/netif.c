/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Meaning of the NETIF keys that are stored as text. */
#include "param/netif.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "param/ptype.h"

#define VALUE_MAX 128
#define EXTRA_MAX 4096

/* Next "key=value" of the extra text; *len is its whole length, *key that of its key. */
static const char *next_field(const char **s, size_t *len, size_t *key)
{
	const char *field = type_next(s, ",", len);

	if (field) {
		const char *eq = memchr(field, '=', *len);

		*key = eq ? (size_t)(eq - field) : *len;
	}
	return field;
}

static bool is_key(const char *field, size_t len, const char *key)
{
	return strlen(key) == len && strncmp(field, key, len) == 0;
}

const char *netif_extra(const struct netif *n, const char *key, size_t *ret_len)
{
	const char *s = n->extra, *field;
	size_t len, klen;

	while (s && (field = next_field(&s, &len, &klen)))
		if (is_key(field, klen, key) && klen < len) {
			*ret_len = len - klen - 1;
			return field + klen + 1;
		}
	return NULL;
}

/* Without the fields of that key, or of that one value. */
static int drop_fields(struct netif *n, const char *key, const char *value)
{
	_buf_ struct buf b = BUF_INIT;
	const char *s = n->extra, *field;
	size_t len, klen;

	while (s && (field = next_field(&s, &len, &klen))) {
		bool match = is_key(field, klen, key);

		if (match && value)
			match = klen < len && is_key(field + klen + 1, len - klen - 1, value);
		if (match)
			continue;
		if (b.len)
			buf_putc(&b, ',');
		buf_add(&b, field, len);
	}
	if (b.failed)
		return -ENOMEM;
	free(n->extra);
	n->extra = b.len ? buf_take(&b) : NULL;
	return 0;
}

static int add_field(struct netif *n, const char *key, const char *value)
{
	char *extra;

	if (n->extra && strlen(n->extra) > EXTRA_MAX)
		return -E2BIG;
	if (asprintf(&extra, "%s%s%s=%s", n->extra ? n->extra : "", n->extra ? "," : "", key,
		     value) < 0)
		return -ENOMEM;
	free(n->extra);
	n->extra = extra;
	return 0;
}

int netif_extra_set(struct netif *n, const char *key, const char *value)
{
	int r = drop_fields(n, key, NULL);

	return r < 0 || !value || !*value ? r : add_field(n, key, value);
}

/* The text of one address, as files have it. */
static int one_text(const struct cfg_addr *a, struct buf *out)
{
	struct cfg_addr one = *a;
	const struct addrlist l = { &one, 1 };

	return type_addrs.print(&l, out);
}

/* Take away the fields whose address is a, whatever mask they have. */
static int drop_addr(struct netif *n, const struct cfg_addr *a)
{
	struct netif_net net = { 0 };
	int r = netif_net(n, &net, NULL);

	if (r < 0)
		return r;
	r = drop_fields(n, "ip", NULL);
	for (size_t i = 0; r == 0 && i < net.addrs.n; i++) {
		_buf_ struct buf b = BUF_INIT;

		if (net.addrs.v[i].family == a->family &&
		    memcmp(net.addrs.v[i].ip, a->ip, sizeof(a->ip)) == 0)
			continue;
		r = one_text(&net.addrs.v[i], &b);
		if (r == 0)
			r = add_field(n, "ip", buf_str(&b));
	}
	netif_net_done(&net);
	return r;
}

int netif_addr_add(struct netif *n, const struct addrlist *l)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < l->n; i++) {
		_buf_ struct buf b = BUF_INIT;

		r = drop_addr(n, &l->v[i]);
		if (r == 0)
			r = one_text(&l->v[i], &b);
		if (r == 0)
			r = add_field(n, "ip", buf_str(&b));
	}
	return r;
}

int netif_addr_del(struct netif *n, const struct addrdel *del)
{
	int r = del->all ? drop_fields(n, "ip", NULL) : 0;

	for (size_t i = 0; r == 0 && i < del->list.n; i++)
		r = drop_addr(n, &del->list.v[i]);
	return r;
}

/* ---- reading ---- */

static int bad_key(struct vz_err *e, const struct netif *n, const char *field, size_t len)
{
	return err_set(e, VZ_E_VETH, -EINVAL, "NETIF '%s': '%.*s' is not understood", n->ifname,
		       len > 100 ? 100 : (int)len, field);
}

static int add_addrs(struct netif_net *ret, const char *value)
{
	struct addrlist l = { 0 };
	int r = type_addrs.parse(&l, value, NULL);

	if (r == 0)
		r = type_addrs.join(&ret->addrs, &l);
	type_addrs.done(&l);
	return r;
}

/* A gateway; "removed" and none are no gateway. */
static int one_gw(struct cfg_addr *gw, uint8_t family, const char *value)
{
	memset(gw, 0, sizeof(*gw));
	if (str_eq(value, "removed") || str_eq(value, "none"))
		return 0;
	if (inet_pton(family, value, gw->ip) != 1)
		return -EINVAL;
	gw->family = family;
	gw->prefix = family == AF_INET ? 32 : 128;
	return 0;
}

static int one_vlan(uint16_t *ret, const char *value)
{
	uint32_t v;
	int r = num_u32(value, &v);

	if (r < 0 || v < 1 || v > 4094)
		return -EINVAL;
	*ret = (uint16_t)v;
	return 0;
}

static int one_mode(enum netif_mode *ret, const char *value)
{
	static const char *const names[] = { [NETIF_MODE_BRIDGE] = "bridge",
					     [NETIF_MODE_PRIVATE] = "private",
					     [NETIF_MODE_VEPA] = "vepa" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eq(names[i], value)) {
			*ret = (enum netif_mode)i;
			return 0;
		}
	return -EINVAL;
}

static int one_name(char *dst, const char *value)
{
	if (!type_is_ifname(value, strlen(value)))
		return -EINVAL;
	memcpy(dst, value, strlen(value) + 1);
	return 0;
}

/* What the field says about where the outer end leads. */
static int one_place(struct netif_net *ret, const char *key, const char *value, bool *macvlan)
{
	if (str_eq(key, "type"))
		*macvlan = str_eq(value, "macvlan"); /* every other kind has always been a pair */
	if (str_eq(key, "parent"))
		return one_name(ret->parent, value);
	if (str_eq(key, "vlan"))
		return one_vlan(&ret->vlan, value);
	if (str_eq(key, "mode"))
		return one_mode(&ret->mode, value);
	return 0;
}

static int one_field(struct netif_net *ret, const char *key, const char *value, int *filter)
{
	if (str_eq(key, "ip") || str_eq(key, "ip6"))
		return add_addrs(ret, value);
	if (str_eq(key, "gw"))
		return one_gw(&ret->gw4, AF_INET, value);
	if (str_eq(key, "gw6"))
		return one_gw(&ret->gw6, AF_INET6, value);
	if (str_eq(key, "ip_filter")) {
		*filter = str_eq(value, "on") || str_eq(value, "yes");
		return *filter || str_eq(value, "off") || str_eq(value, "no") ? 0 : -EINVAL;
	}
	if (str_eq(key, "network") && !*ret->bridge && type_is_ifname(value, strlen(value)))
		memcpy(ret->bridge, value, strlen(value) + 1);
	return 0;
}

/* The kernel takes no route to a gateway on a link without an address of its family. Link-local ones need none:
 * that of a router that announces the network, for a VPS that gives itself an address. */
static bool gw_counts(const struct addrlist *l, const struct cfg_addr *gw)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].family == gw->family)
			return true;
	return l->n && gw->family == AF_INET6 && gw->ip[0] == 0xfe && (gw->ip[1] & 0xc0) == 0x80;
}

static bool drop_lone(const struct addrlist *l, struct cfg_addr *gw)
{
	if (!gw->family || gw_counts(l, gw))
		return false;
	memset(gw, 0, sizeof(*gw));
	return true;
}

/* A macvlan has a parent and no bridge, anything else has no parent. */
static int settle_place(const struct netif *n, struct netif_net *ret, bool macvlan, struct vz_err *e)
{
	if (macvlan && !*ret->parent)
		return err_set(e, VZ_E_VETH, -EINVAL, "NETIF '%s': type=macvlan needs parent=DEV",
			       n->ifname);
	if (!macvlan && ret->vlan && !*ret->bridge)
		return err_set(e, VZ_E_VETH, -EINVAL, "NETIF '%s': vlan=%u needs a bridge, or "
			       "type=macvlan and parent=DEV", n->ifname, ret->vlan);
	memset(macvlan ? ret->bridge : ret->parent, 0, CFG_IFNAMSIZ);
	return 0;
}

bool netif_key_ok(const char *key, const char *value)
{
	static const char *const words[] = { "dhcp", "dhcp6", "configure", "vport" };
	static const char *const known[] = { "ip", "ip6", "gw", "gw6", "ip_filter", "network", "type",
					     "parent", "vlan", "mode" };
	struct netif_net net = { 0 };
	bool macvlan, ok = false;
	int filter;

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_eq(words[i], key))
			return true;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		ok |= str_eq(known[i], key);
	if (str_eq(key, "network"))
		ok = type_is_ifname(value, strlen(value));
	ok = ok && *value && one_field(&net, key, value, &filter) == 0 &&
	     one_place(&net, key, value, &macvlan) == 0;
	netif_net_done(&net);
	return ok;
}

int netif_net(const struct netif *n, struct netif_net *ret, struct vz_err *e)
{
	const char *s = n->extra, *field;
	bool macvlan = false;
	int filter = -1;
	size_t len, klen;

	*ret = (struct netif_net){ 0 };
	memcpy(ret->bridge, n->bridge, sizeof(ret->bridge));
	while (s && (field = next_field(&s, &len, &klen))) {
		char key[VALUE_MAX] = "", value[VALUE_MAX] = "";

		if (len >= VALUE_MAX)
			continue;
		memcpy(key, field, klen);
		if (klen < len)
			memcpy(value, field + klen + 1, len - klen - 1);
		if (*value && (one_field(ret, key, value, &filter) < 0 ||
			       one_place(ret, key, value, &macvlan) < 0)) {
			netif_net_done(ret);
			return bad_key(e, n, field, len);
		}
	}
	ret->lone4 = drop_lone(&ret->addrs, &ret->gw4);
	ret->lone6 = drop_lone(&ret->addrs, &ret->gw6);
	if (settle_place(n, ret, macvlan, e) < 0) {
		netif_net_done(ret);
		return -EINVAL;
	}
	ret->ip_filter = filter < 0 ? ret->addrs.n > 0 : filter && ret->addrs.n;
	return 0;
}

void netif_net_done(struct netif_net *n)
{
	type_addrs.done(&n->addrs);
}
