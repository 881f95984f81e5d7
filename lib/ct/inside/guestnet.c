// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * systemd-networkd (and netplan, which writes its files) takes the first file by name that matches a link:
 * ours keeps what is set and begins nothing, and counts the link as online, so that nobody waits for it.
 * NetworkManager leaves links alone that are unmanaged. ifupdown, Debian's and busybox's, skips what its list
 * says is up: a stanza that an image brought along for eth0 neither waits for DHCP nor sets a second address.
 */
#include "ct/inside/guestnet.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/path.h"
#include "ct/ct.h"
#include "ct/init.h"
#include "param/netif.h"
#include "param/param.h"
#include "plan/plan.h"

#define HEAD "# made by mainvz at each start: these links are set up from outside\n"

void guestnet_done(struct guestnet *g)
{
	strv_done(&g->names);
}

static bool has(int root, const char *path)
{
	_fd_ int fd = -1;

	return path_open_in(root, path, O_PATH, 0, &fd) == 0;
}

int guestnet_make(struct ct *ct, const struct vz_cfg *cfg, struct guestnet *ret)
{
	_fd_ int root = open(ct->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool systemd = ct_init_kind(ct) == INIT_SYSTEMD;
	int r = strv_add(&ret->names, "venet0");

	for (size_t i = 0; r == 0 && i < cfg->netif.n; i++) {
		struct netif_net net = { 0 };

		if (netif_net(&cfg->netif.v[i], &net, NULL) == 0 && net.addrs.n)
			r = strv_add(&ret->names, cfg->netif.v[i].ifname);
		netif_net_done(&net);
	}
	ret->networkd = systemd;
	ret->manager = has(root, "/etc/NetworkManager");
	ret->ifupdown = has(root, "/etc/network/interfaces");
	ret->busybox = ret->ifupdown && !systemd;
	return r;
}

static void put(struct plan *p, const char *path, const struct buf *text)
{
	if (text->failed)
		return;
	/* A guest with something strange in /run still starts. */
	PLAN(p, FILE, .s1 = path, .s2 = buf_str(text), .num = 0644, .flags = PLAN_OPTIONAL);
}

static void put_names(struct buf *b, const struct guestnet *g, const char *before, const char *between)
{
	for (size_t i = 0; i < g->names.n; i++)
		buf_printf(b, "%s%s%s", i ? between : "", before, g->names.v[i]);
}

static void put_networkd(struct plan *p, const struct guestnet *g)
{
	_buf_ struct buf b = BUF_INIT;

	buf_printf(&b, HEAD "[Match]\nName=");
	put_names(&b, g, "", " ");
	buf_printf(&b, "\n[Network]\nKeepConfiguration=yes\nDHCP=no\nIPv6AcceptRA=no\nLinkLocalAddressing=no\n");
	PLAN(p, MKDIR, .s1 = "/run/systemd", .num = 0755);
	PLAN(p, MKDIR, .s1 = "/run/systemd/network", .num = 0755);
	put(p, "/run/systemd/network/00-vz.network", &b);
}

static void put_manager(struct plan *p, const struct guestnet *g)
{
	_buf_ struct buf b = BUF_INIT;

	buf_printf(&b, HEAD "[keyfile]\nunmanaged-devices+=");
	put_names(&b, g, "interface-name:", ";");
	buf_printf(&b, "\n");
	PLAN(p, MKDIR, .s1 = "/run/NetworkManager", .num = 0755);
	PLAN(p, MKDIR, .s1 = "/run/NetworkManager/conf.d", .num = 0755);
	put(p, "/run/NetworkManager/conf.d/00-vz.conf", &b);
}

static void put_ifupdown(struct plan *p, const struct guestnet *g, bool start)
{
	_buf_ struct buf all = BUF_INIT;

	PLAN(p, MKDIR, .s1 = "/run/network", .num = 0755);
	for (size_t i = 0; i < g->names.n; i++) {
		_buf_ struct buf one = BUF_INIT, path = BUF_INIT;

		buf_printf(&one, "%s\n", g->names.v[i]);
		buf_printf(&path, "/run/network/ifstate.%s", g->names.v[i]);
		buf_printf(&all, "%s=%s\n", g->names.v[i], g->names.v[i]);
		if (!path.failed)
			put(p, buf_str(&path), &one);
	}
	if (start)
		put(p, g->busybox ? "/run/ifstate" : "/run/network/ifstate", &all);
}

void guestnet_plan(struct plan *p, const struct guestnet *g, bool start)
{
	if (g->networkd)
		put_networkd(p, g);
	if (g->manager)
		put_manager(p, g);
	if (g->ifupdown)
		put_ifupdown(p, g, start);
}
