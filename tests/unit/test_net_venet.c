/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The routed pair of a VPS: what passes, what is in use, what is left behind. Needs root. */
#include <sys/stat.h>

#include "net_help.h"

#define HOST4 "192.0.2.2"
#define HOST6 "fd00::2"
#define A4    "192.0.2.101"
#define A6    "fd00::101"
#define B4    "192.0.2.102"
#define B6    "fd00::102"
#define NEED_ROOT                                                                                  \
	if (!host_new())                                                                           \
	SKIP("needs root and network namespaces")

/* A host with an Ethernet whose network the VPSs' addresses are taken from. */
static int outside;

static void host_up(void)
{
	outside = ns_new();
	int here = ns_here();

	EQ(wire("up0", outside, "out0"), 0);
	EQ(addr_give(here, "up0", HOST4, 24), 0);
	EQ(addr_give(here, "up0", HOST6, 64), 0);
	OK(ready6(here, HOST6));
	(void)net_conf_set("ipv6", "all", "forwarding", "1");
	close(here);
}

static int vps_up(const char *host_if, int ns, struct cfg_addr *v, size_t n, struct vz_err *e)
{
	struct addrlist l = { v, n };
	struct net_venet w = { .host_if = host_if, .netns_fd = ns, .addrs = &l };
	char text[NET_TEXT];
	int r = net_venet_up(&w, e);

	for (size_t i = 0; i < n && r == 0; i++)
		OK(v[i].family == AF_INET || ready6(ns, net_text(&v[i], text)));
	return r;
}

TEST("VPS to host, host to VPS, VPS to VPS: the first packet passes, IPv4 and IPv6")
{
	struct cfg_addr a[] = { addr(A4), addr(A6) }, b[] = { addr(B4), addr(B6) };
	struct vz_err e = { 0 };

	NEED_ROOT;
	host_up();
	for (int i = 0; i < 20; i++) {
		_fd_ int here = ns_here();
		_fd_ int na = ns_new();
		_fd_ int nb = ns_new();

		EQ(vps_up("venet101", na, a, 2, &e), 0);
		EQ(vps_up("venet102", nb, b, 2, &e), 0);
		STR_EQ(e.text, "");
		OK(passes(na, A4, nb, B4, 200));
		OK(passes(na, A6, nb, B6, 200));
		OK(passes(na, A4, here, HOST4, 200));
		OK(passes(here, HOST4, na, A4, 200));
		OK(passes(na, A6, here, HOST6, 200));
		OK(passes(here, HOST6, na, A6, 200));
		EQ(net_venet_down("venet101", NULL, NULL, &e), 0);
		EQ(net_venet_down("venet102", NULL, NULL, &e), 0);
		NEED(tap_failed == 0);
	}
	close(outside);
}

TEST("no ARP and no neighbour discovery is ever seen on the pair")
{
	struct cfg_addr a[] = { addr(A4), addr(A6) };
	int all, neigh;

	NEED_ROOT;
	host_up();
	/* A router would tell its group on the pair. */
	(void)net_conf_set("ipv6", "all", "forwarding", "0");
	_fd_ int here = ns_here();
	_fd_ int na = ns_new();
	EQ(vps_up("venet101", na, a, 2, NULL), 0);
	_fd_ int ear = sniff(here, "venet101");
	for (int i = 0; i < 3; i++) {
		OK(passes(na, A4, here, HOST4, 200));
		OK(passes(here, HOST4, na, A4, 200));
		OK(passes(na, A6, here, HOST6, 200));
		OK(passes(here, HOST6, na, A6, 200));
	}
	/* Room for what would come late: router solicitations, reports. */
	(void)poll(NULL, 0, 1500);
	count(ear, &all, &neigh);
	EQ(neigh, 0);
	EQ(all, 12);
}

TEST("inside: lo is up, the prefix is as given, the default route has the first address")
{
	struct cfg_addr a[] = { addr(A4), addr("198.51.100.5"), addr(A6) };
	struct knl_link lo, guest;
	struct knl_list l = { 0 };
	_knl_ struct knl *k = NULL;

	NEED_ROOT;
	host_up();
	_fd_ int here = ns_here();
	_fd_ int na = ns_new();
	a[1].prefix = 24;
	EQ(vps_up("venet101", na, a, 3, NULL), 0);
	NEED(EQ(knl_open_in(na, &k), 0));
	EQ(knl_link_get(k, "lo", &lo), 0);
	OK(lo.flags & IFF_UP);
	NEED(EQ(knl_link_get(k, "venet0", &guest), 0));
	OK((guest.flags & (IFF_UP | IFF_NOARP)) == (IFF_UP | IFF_NOARP));
	EQ(knl_addrs(k, AF_UNSPEC, guest.index, &l), 0);
	NEED(EQ(l.n, 3));
	EQ(l.v[0].ip.prefix, 32);
	EQ(l.v[1].ip.prefix, 24);
	EQ(l.v[2].ip.prefix, 128);
	free(l.v);
	/* Unbound, the kernel chooses the source: the first address. */
	_fd_ int in = udp_in(here, "0.0.0.0", PORT);
	_fd_ int out = udp_in(na, "0.0.0.0", 0);
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT) }, from = { 0 };
	socklen_t len = sizeof(from);
	char b[4];

	inet_pton(AF_INET, HOST4, &to.sin_addr);
	EQ(sendto(out, "x", 1, 0, (void *)&to, sizeof(to)), 1);
	EQ(recvfrom(in, b, sizeof(b), 0, (void *)&from, &len), 1);
	STR_EQ(inet_ntoa(from.sin_addr), A4);
}

TEST("an address of the node itself is refused, and nothing is left")
{
	struct cfg_addr a[] = { addr(A4), addr(HOST4) }, b[] = { addr(HOST6) };
	struct vz_err e = { 0 }, e6 = { 0 };

	NEED_ROOT;
	host_up();
	_fd_ int na = ns_new();
	EQ(vps_up("venet101", na, a, 2, &e), -EADDRINUSE);
	EQ(e.code, VZ_E_IP_INUSE);
	STR_EQ(e.text, "address '" HOST4 "' belongs to this node");
	EQ(vps_up("venet101", na, b, 1, &e6), -EADDRINUSE);
	EQ(e6.code, VZ_E_IP_INUSE);
	OK(!link_exists("venet101"));
}

TEST("an address routed to another VPS is refused, unless the route is forced")
{
	struct cfg_addr a[] = { addr(A4) }, a6[] = { addr(A6) }, both[] = { addr(A4), addr(A6) };
	struct addrlist l = { a, 1 };
	struct vz_err e = { 0 }, e6 = { 0 };

	NEED_ROOT;
	host_up();
	_fd_ int here = ns_here();
	_fd_ int na = ns_new();
	_fd_ int nb = ns_new();
	EQ(vps_up("venet101", na, both, 2, NULL), 0);
	EQ(vps_up("venet102", nb, a, 1, &e), -EADDRINUSE);
	EQ(e.code, VZ_E_IP_INUSE);
	STR_EQ(e.text, "address '" A4 "' is in use: it is routed to 'venet101' already");
	EQ(vps_up("venet102", nb, a6, 1, &e6), -EADDRINUSE);
	OK(!link_exists("venet102"));

	struct net_venet force = { .host_if = "venet102", .netns_fd = nb, .addrs = &l,
				   .force_route = true };
	EQ(net_venet_up(&force, NULL), 0);
	OK(passes(here, HOST4, nb, A4, 200));
}

TEST("broadcast and multicast addresses are refused in words")
{
	static const char *const bad[] = { "192.0.2.255", "224.0.0.5", "ff02::5", "fe80::5", "0.0.0.9" };

	NEED_ROOT;
	host_up();
	_fd_ int na = ns_new();
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct cfg_addr a[] = { addr(bad[i]) };
		struct vz_err e = { 0 };

		OK(vps_up("venet101", na, a, 1, &e) < 0);
		EQ(e.code, VZ_E_ADD_IP);
		HAS(e.text, bad[i]);
		OK(!link_exists("venet101"));
	}
}

TEST("a pair left by a dead caller is replaced; is_up tells it from a whole one")
{
	struct knl_veth half = { .name = "venet101", .peer_name = "venet0", .flags = IFF_UP,
				 .mac = { 2 }, .peer_mac = { 2 } };
	struct cfg_addr a[] = { addr(A4) };
	_knl_ struct knl *k = NULL;

	NEED_ROOT;
	host_up();
	_fd_ int here = ns_here();
	_fd_ int na = ns_new();
	half.peer_netns = na;
	EQ(net_venet_is_up("venet101", NULL), false);
	EQ(knl_open(&k), 0);
	knl_q_veth(k, 0, &half);
	EQ(knl_run(k, NULL), 0);
	EQ(net_venet_is_up("venet101", NULL), false);
	EQ(vps_up("venet101", na, a, 1, NULL), 0);
	EQ(net_venet_is_up("venet101", NULL), true);
	/* And once more, over a whole one. */
	EQ(vps_up("venet101", na, a, 1, NULL), 0);
	OK(passes(na, A4, here, HOST4, 200));
	EQ(net_venet_down("venet101", NULL, NULL, NULL), 0);
	EQ(net_venet_is_up("venet101", NULL), false);
	OK(!link_exists("venet101"));
	EQ(net_venet_down("venet101", NULL, NULL, NULL), 0);
}

TEST("the caller is where it was, also after a failure, and a bad namespace is an error")
{
	struct cfg_addr a[] = { addr(A4) };
	struct stat before, after;
	struct vz_err e = { 0 };

	NEED_ROOT;
	_fd_ int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	_fd_ int na = ns_new();
	EQ(stat("/proc/thread-self/ns/net", &before), 0);
	EQ(vps_up("venet101", na, a, 1, &e), 0);
	OK(vps_up("venet102", null, a, 1, &e) < 0);
	OK(e.code != 0 && !link_exists("venet102"));
	EQ(stat("/proc/thread-self/ns/net", &after), 0);
	EQ(before.st_ino, after.st_ino);
}

TEST("addresses come and go on a running VPS, the first of them too")
{
	struct cfg_addr a[] = { addr(A4), addr(A6) }, b4 = addr(B4), b6 = addr(B6);
	struct net_venet v = { .host_if = "venet101" };
	struct vz_err e = { 0 };

	NEED_ROOT;
	host_up();
	_fd_ int here = ns_here();
	_fd_ int na = ns_new();
	v.netns_fd = na;
	EQ(vps_up("venet101", na, a, 2, NULL), 0);
	EQ(net_venet_add(&v, &b4, &e), 0);
	EQ(net_venet_add(&v, &b6, &e), 0);
	OK(ready6(na, B6));
	OK(passes(na, B4, here, HOST4, 200));
	OK(passes(na, B6, here, HOST6, 200));
	EQ(net_venet_del(&v, &a[0], &e), 0);
	EQ(net_venet_del(&v, &a[1], &e), 0);
	EQ(net_venet_del(&v, &a[1], &e), 0);
	/* The default route was made anew with what is left. */
	OK(passes(na, B4, here, HOST4, 200));
	OK(passes(na, B6, here, HOST6, 200));
	OK(!passes(here, HOST4, na, A4, 100));
	/* Another prefix replaces. */
	b4.prefix = 24;
	EQ(net_venet_add(&v, &b4, &e), 0);
	OK(passes(na, B4, here, HOST4, 200));
	EQ(net_venet_del(&v, &b4, &e), 0);
	EQ(net_venet_del(&v, &b6, &e), 0);
	STR_EQ(e.text, "");

	_knl_ struct knl *k = NULL;
	struct knl_list l = { 0 };
	EQ(knl_open_in(na, &k), 0);
	EQ(knl_addrs(k, AF_UNSPEC, 0, &l), 0);
	EQ(l.n, 0);
	free(l.v);
}

TEST("the first address of a VPS that had none makes the pair")
{
	struct cfg_addr a = addr(A4), taken = addr(HOST4);
	struct net_venet v = { .host_if = "venet101" };
	struct vz_err e = { 0 };

	NEED_ROOT;
	host_up();
	_fd_ int here = ns_here();
	_fd_ int na = ns_new();
	v.netns_fd = na;
	EQ(net_venet_add(&v, &a, NULL), 0);
	OK(passes(na, A4, here, HOST4, 200));
	EQ(net_venet_add(&v, &taken, &e), -EADDRINUSE);
	EQ(e.code, VZ_E_IP_INUSE);
	OK(passes(na, A4, here, HOST4, 200));
}

TEST("a source device gives host routes its address; an unknown one is named")
{
	struct cfg_addr a[] = { addr(A4) };
	struct addrlist l = { a, 1 };
	struct net_venet v = { .host_if = "venet101", .addrs = &l, .src_dev = "src0" };
	struct vz_err e = { 0 };

	NEED_ROOT;
	host_up();
	_fd_ int here = ns_here();
	_fd_ int other = ns_new();
	_fd_ int na = ns_new();
	v.netns_fd = na;
	OK(net_venet_up(&v, &e) < 0);
	HAS(e.text, "src0");
	EQ(wire("src0", other, "x0"), 0);
	EQ(addr_give(here, "src0", "198.51.100.9", 24), 0);
	EQ(net_venet_up(&v, NULL), 0);

	_fd_ int out = udp_in(here, "0.0.0.0", 0);
	struct sockaddr_in s = { .sin_family = AF_INET, .sin_port = htons(1) };
	socklen_t len = sizeof(s);
	inet_pton(AF_INET, A4, &s.sin_addr);
	EQ(connect(out, (void *)&s, sizeof(s)), 0);
	EQ(getsockname(out, (void *)&s, &len), 0);
	STR_EQ(inet_ntoa(s.sin_addr), "198.51.100.9");
}

TEST("a list of 200 addresses, with repetitions, is set up whole")
{
	static struct cfg_addr a[202];
	char text[32];

	NEED_ROOT;
	host_up();
	_fd_ int here = ns_here();
	_fd_ int na = ns_new();
	for (int i = 0; i < 200; i++) {
		(void)snprintf(text, sizeof(text), i % 2 ? "192.0.2.%d" : "fd00::%d", i + 10);
		a[i] = addr(text);
	}
	a[200] = a[7];
	a[201] = a[8];
	EQ(vps_up("venet101", na, a, 202, NULL), 0);
	OK(passes(na, "192.0.2.209", here, HOST4, 200));
	OK(passes(na, "fd00::208", here, HOST6, 200));
}

TEST("a name that does not fit an interface is refused, not cut")
{
	struct cfg_addr a[] = { addr(A4) };
	struct vz_err e = { 0 };

	NEED_ROOT;
	_fd_ int na = ns_new();
	OK(vps_up("venet123456789012", na, a, 1, &e) < 0);
	HAS(e.text, "venet123456789012");
	OK(!link_exists("venet1234567890"));
}

TEST("IPv6 forwarding that is off is told in words, and only when there is an IPv6 address")
{
	struct cfg_addr a[] = { addr(A6) }, b[] = { addr(A4) };
	struct addrlist l6 = { a, 1 }, l4 = { b, 1 };
	struct net_venet v = { .host_if = "venet101", .addrs = &l6 };
	_buf_ struct buf out = BUF_INIT;

	NEED_ROOT;
	(void)net_conf_set("ipv6", "all", "forwarding", "0");
	EQ(net_warn(&v, &out), 1);
	HAS(buf_str(&out), "net.ipv6.conf.all.forwarding is off\n");
	v.addrs = &l4;
	EQ(net_warn(&v, &out), 0);
	v.addrs = &l6;
	(void)net_conf_set("ipv6", "all", "forwarding", "1");
	EQ(net_warn(&v, &out), 0);
}

TEST("where the kernel can force it, IPv6 from VPS to VPS needs no switch of the whole node")
{
	struct cfg_addr a[] = { addr(A6) }, b[] = { addr(B6) };
	int on;

	NEED_ROOT;
	if (net_conf_get("ipv6", "lo", "force_forwarding", &on) < 0)
		SKIP("kernel has no net.ipv6.conf.*.force_forwarding");
	host_up();
	(void)net_conf_set("ipv6", "all", "forwarding", "0");
	_fd_ int na = ns_new();
	_fd_ int nb = ns_new();
	EQ(vps_up("venet101", na, a, 1, NULL), 0);
	EQ(vps_up("venet102", nb, b, 1, NULL), 0);
	OK(passes(na, A6, nb, B6, 200));
	OK(passes(nb, B6, na, A6, 200));
}
