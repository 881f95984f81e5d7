/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The node's own devices: which ones carry the VPSs' traffic to the world, what must be switched on
 * there, and the proxy entries by which the node answers for its VPSs.
 */
#include "net/net_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/str.h"

/* "/proc/sys/net/ipv4/conf/" + device + "/" + name */
#define CONF_PATH_MAX 128

static int conf_path(char *path, const char *proto, const char *dev, const char *name)
{
	int n = snprintf(path, CONF_PATH_MAX, "/proc/sys/net/%s/conf/%s/%s", proto, dev, name);

	return n > 0 && n < CONF_PATH_MAX ? 0 : -ENAMETOOLONG;
}

int net_conf_set(const char *proto, const char *dev, const char *name, const char *val)
{
	char path[CONF_PATH_MAX];
	int r = conf_path(path, proto, dev, name);

	return r < 0 ? r : io_poke_at(AT_FDCWD, path, val);
}

int net_conf_get(const char *proto, const char *dev, const char *name, int *ret)
{
	char path[CONF_PATH_MAX], text[16] = "";
	int r = conf_path(path, proto, dev, name);
	ssize_t n;

	if (r < 0)
		return r;
	_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	/* These files hold small numbers; -1 occurs and is not "off". */
	*ret = text[0] == '-' ? -1 : text[0] - '0';
	return 0;
}

int net_uplinks(struct knl *k, const struct net_venet *v, struct net_uplinks *ret,
		struct vz_err *e)
{
	size_t n = v->neigh_devs ? v->neigh_devs->n : 0;
	_free_ struct knl_link *link = calloc(n + 1, sizeof(*link));
	_free_ struct net_uplink *up = calloc(n + 1, sizeof(*up));
	size_t m = 0;
	int r;

	if (!link || !up)
		return err_nomem(e);
	for (size_t i = 0; i < n; i++)
		knl_q_link_get(k, (int)i, v->neigh_devs->v[i], 0, &link[i]);
	r = knl_run(k, NULL);
	if (r < 0)
		return net_fail(e, VZ_E_ADD_IP, r, k, "cannot look at the uplinks");
	for (size_t i = 0; i < n; i++) {
		if (link[i].index == 0 || link[i].type != ARPHRD_ETHER) {
			if (v->warn)
				(void)buf_printf(v->warn, "uplink '%s': %s\n", v->neigh_devs->v[i],
						 link[i].index ? "not an Ethernet device"
							       : "no such device");
			continue;
		}
		up[m].index = link[i].index;
		memcpy(up[m].name, link[i].name, sizeof(up[m].name));
		memcpy(up[m].mac, link[i].mac, sizeof(up[m].mac));
		m++;
	}
	*ret = (struct net_uplinks){ .v = TAKE_PTR(up), .n = m };
	return 0;
}

/* A device answers for others only where it forwards. For IPv6 the switch that says so also stops
 * the device from taking router advertisements: it stays the administrator's, see net_warn(). */
static void uplink_conf(const struct net_uplink *u, const struct addrlist *l)
{
	int on = 1;

	if (net_has_family(l, AF_INET) && net_conf_get("ipv4", u->name, "forwarding", &on) == 0 &&
	    on == 0)
		(void)net_conf_set("ipv4", u->name, "forwarding", "1");
	if (net_has_family(l, AF_INET6)) {
		(void)net_conf_set("ipv6", u->name, "proxy_ndp", "1");
		(void)net_conf_set("ipv6", u->name, "force_forwarding", "1");
	}
}

int net_proxies_add(struct knl *k, const struct net_uplinks *up, const struct addrlist *l,
		    struct vz_err *e)
{
	char text[NET_TEXT];
	int note = 0, r;

	for (size_t u = 0; u < up->n; u++) {
		uplink_conf(&up->v[u], l);
		for (size_t i = 0; i < l->n; i++) {
			struct knl_ip ip = net_host(&l->v[i]);

			knl_q_proxy_add(k, (int)i, up->v[u].index, &ip);
		}
	}
	r = knl_run(k, &note);
	if (r < 0 && note >= 0)
		return net_fail(e, VZ_E_ADD_IP, r, k, "cannot answer for '%s' on the uplinks",
				net_text(&l->v[note], text));
	return r < 0 ? net_fail(e, VZ_E_ADD_IP, r, k, "cannot add proxy entries") : 0;
}

static bool is_ours(const struct knl_ip *ip, const struct addrlist *l, const struct knl_list *via)
{
	for (size_t i = 0; i < l->n; i++) {
		struct knl_ip a = net_host(&l->v[i]);

		if (net_same_ip(ip, &a))
			return true;
	}
	for (size_t i = 0; i < via->n; i++) {
		if (net_same_ip(ip, &via->v[i].ip))
			return true;
	}
	return false;
}

int net_proxies_del(struct knl *k, const struct addrlist *l, int own, struct vz_err *e)
{
	struct knl_list proxies = { 0 }, via4 = { 0 }, via6 = { 0 };
	int r = knl_proxies(k, &proxies);

	/* Usually there are none at all and this is the end of it. */
	if (r == 0 && proxies.n && own) {
		r = knl_routes_via(k, AF_INET, own, &via4);
		/* A kernel without IPv6 has no such routes. */
		(void)knl_routes_via(k, AF_INET6, own, &via6);
	}
	/* The link goes with the namespace of a VPS that has just ended, and its routes with it. */
	if (r == -ENODEV)
		r = 0;
	for (size_t i = 0; i < proxies.n; i++) {
		const struct knl_entry *p = &proxies.v[i];

		if (!is_ours(&p->ip, l, p->ip.family == AF_INET ? &via4 : &via6))
			continue;
		knl_q_proxy_del(k, (int)i, p->index, &p->ip);
		knl_q_ignore(k, ENOENT);
	}
	if (r == 0)
		r = knl_run(k, NULL);
	if (r == -ENODEV)
		r = 0;
	free(proxies.v);
	free(via4.v);
	free(via6.v);
	return r < 0 ? net_fail(e, VZ_E_ADD_IP, r, k, "cannot remove proxy entries") : 0;
}

int net_warn(const struct net_venet *v, struct buf *out)
{
	int all = 1, forced = 0, lines = 0, on;

	if (!v->addrs || !net_has_family(v->addrs, AF_INET6))
		return 0;
	(void)net_conf_get("ipv6", "all", "forwarding", &all);
	(void)net_conf_get("ipv6", v->host_if, "force_forwarding", &forced);
	if (all == 0 && forced == 0) {
		lines++;
		(void)buf_printf(out, "IPv6 reaches this node only: "
				      "net.ipv6.conf.all.forwarding is off\n");
	}
	for (size_t i = 0; v->neigh_devs && i < v->neigh_devs->n; i++) {
		on = 1;
		(void)net_conf_get("ipv6", v->neigh_devs->v[i], "forwarding", &on);
		if (on != 0)
			continue;
		lines++;
		(void)buf_printf(out, "'%s' does not answer for IPv6 addresses of VPSs: "
				      "net.ipv6.conf.%s.forwarding is off\n",
				 v->neigh_devs->v[i], v->neigh_devs->v[i]);
	}
	return lines;
}

/* The way to the root name servers is the default route, whatever more special routes there are.
 * Only asked for, nothing is sent. */
static const struct knl_ip far_away[] = {
	{ AF_INET, 32, { 198, 41, 0, 4 } },
	{ AF_INET6, 128, { 0x20, 0x01, 0x05, 0x03, 0xba, 0x3e, [13] = 0x02, [15] = 0x30 } },
};

/* Indices of candidate devices into idx, without repetition. */
static void add_index(int *idx, size_t *n, int index)
{
	for (size_t i = 0; i < *n; i++) {
		if (idx[i] == index)
			return;
	}
	idx[(*n)++] = index;
}

static int names(struct knl *k, const int *idx, size_t n, bool pick, struct strv *ret)
{
	_free_ struct knl_link *link = calloc(n + 1, sizeof(*link));
	int r;

	if (!link)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		knl_q_link_get(k, (int)i, NULL, idx[i], &link[i]);
	r = knl_run(k, NULL);
	for (size_t i = 0; i < n && r == 0; i++) {
		const struct knl_link *l = &link[i];

		if (l->index == 0 || strv_has(ret, l->name))
			continue;
		if (pick && (!(l->flags & IFF_UP) || (l->flags & (IFF_NOARP | IFF_LOOPBACK)) ||
			     l->master || l->type != ARPHRD_ETHER))
			continue;
		r = strv_add(ret, l->name);
	}
	return r;
}

static int devs_detect(struct knl *k, struct strv *ret)
{
	struct knl_fib fib[ARRAY_LEN(far_away)];
	int idx[ARRAY_LEN(far_away)];
	size_t n = 0;
	int r;

	for (size_t i = 0; i < ARRAY_LEN(far_away); i++)
		knl_q_fib_get(k, (int)i, &far_away[i], &fib[i]);
	r = knl_run(k, NULL);
	for (size_t i = 0; i < ARRAY_LEN(far_away) && r == 0; i++) {
		if (fib[i].err == 0 && fib[i].type == RTN_UNICAST && fib[i].oif)
			add_index(idx, &n, fib[i].oif);
	}
	return r < 0 ? r : names(k, idx, n, false, ret);
}

/* By way of the addresses: a node has a thousand links of VPSs, and none of them has an address. */
static int devs_all(struct knl *k, struct strv *ret)
{
	struct knl_list l = { 0 };
	int r = knl_addrs(k, AF_UNSPEC, 0, &l);
	_free_ int *idx = calloc(l.n + 1, sizeof(*idx));
	size_t n = 0;

	for (size_t i = 0; idx && i < l.n; i++)
		add_index(idx, &n, l.v[i].index);
	free(l.v);
	if (!idx)
		return -ENOMEM;
	return r < 0 ? r : names(k, idx, n, true, ret);
}

int net_neigh_devs(const char *conf, struct strv *ret, struct vz_err *e)
{
	_knl_ struct knl *k = NULL;
	int r;

	if (!conf || !conf[0])
		return 0;
	if (str_has_prefix(conf, "list:")) {
		r = strv_split(ret, conf + 5, " \t,");
		return r < 0 ? err_nomem(e) : 0;
	}
	if (!str_eq(conf, "detect") && !str_eq(conf, "all"))
		return err_set(e, VZ_E_PARAM, -EINVAL,
			       "NEIGHBOUR_DEVS '%s': neither 'list:...' nor 'detect' nor 'all'",
			       conf);
	r = knl_open(&k);
	if (r == 0)
		r = str_eq(conf, "all") ? devs_all(k, ret) : devs_detect(k, ret);
	return r < 0 ? net_fail(e, VZ_E_SYS, r, k, "cannot find the uplinks") : 0;
}
