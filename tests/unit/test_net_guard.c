/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guard of a routed link: a VPS speaks with its own addresses or not at all. Needs root. */
#include "net/guard.h"
#include "net_help.h"

#define HOST4	 "192.0.2.2"
#define HOST6	 "fd00::2"
#define OUT4	 "192.0.2.1"
#define OUT6	 "fd00::1"
#define A4	 "192.0.2.101"
#define A6	 "fd00::101"
#define B4	 "192.0.2.102"
#define B6	 "fd00::102"
#define FOREIGN4 "203.0.113.7"
#define FOREIGN6 "fd77::7"
#define NEED_ROOT                                                                                  \
	if (!host_new())                                                                           \
	SKIP("needs root and network namespaces")

struct world {
	int here, out, a, b;
};

/* Host with an uplink and a default route over it, and two VPSs. */
static void world_new(struct world *w)
{
	struct cfg_addr a[] = { addr(A4), addr(A6) }, b[] = { addr(B4), addr(B6) };
	struct addrlist la = { a, 2 }, lb = { b, 2 };
	struct net_venet v = { .host_if = "venet101", .addrs = &la };

	w->here = ns_here();
	w->out = ns_new();
	w->a = ns_new();
	w->b = ns_new();
	EQ(wire("up0", w->out, "out0"), 0);
	EQ(addr_give(w->here, "up0", HOST4, 24), 0);
	EQ(addr_give(w->here, "up0", HOST6, 64), 0);
	EQ(addr_give(w->out, "out0", OUT4, 24), 0);
	EQ(addr_give(w->out, "out0", OUT6, 64), 0);
	EQ(route_give(w->here, "up0", AF_INET), 0);
	EQ(route_give(w->here, "up0", AF_INET6), 0);
	EQ(net_conf_set("ipv6", "all", "forwarding", "1"), 0);
	v.netns_fd = w->a;
	EQ(net_venet_up(&v, NULL), 0);
	v = (struct net_venet){ .host_if = "venet102", .addrs = &lb, .netns_fd = w->b };
	EQ(net_venet_up(&v, NULL), 0);
	OK(ready6(w->here, HOST6) && ready6(w->a, A6) && ready6(w->b, B6) && ready6(w->out, OUT6));
	/* The kernel's own check would hide what the guard does. */
	EQ(net_conf_set("ipv4", "venet101", "rp_filter", "0"), 0);
	EQ(net_conf_set("ipv4", "venet101", "accept_local", "1"), 0);
}

static void world_end(struct world *w)
{
	close(w->here);
	close(w->out);
	close(w->a);
	close(w->b);
}

static void unguard(const char *link)
{
	_knl_ struct knl *k = NULL;
	struct knl_link l = { 0 };

	EQ(knl_open(&k), 0);
	EQ(knl_link_get(k, link, &l), 0);
	knl_q_filter_del(k, 0, l.index, &net_guard_place);
	EQ(knl_run(k, NULL), 0);
}

TEST("a pair has its guard; who takes it away is found out, and it is put back as it was")
{
	struct vz_err e = { 0 };
	struct world w;

	NEED_ROOT;
	world_new(&w);
	OK(net_link_is_guarded("venet101"));
	unguard("venet101");
	OK(!net_link_is_guarded("venet101"));
	OK(net_link_is_guarded("venet102"));
	EQ(net_venet_guard("venet101", NULL, &e), 0);
	OK(net_link_is_guarded("venet101"));
	OK(passes(w.a, A4, w.here, HOST4, 300));
	OK(passes(w.a, A6, w.b, B6, 300));
	EQ(net_venet_guard("venet101", NULL, &e), 0);
	EQ(net_venet_guard("venet109", NULL, &e), 0);
	OK(net_link_is_guarded("venet109"));
	STR_EQ(e.text, "");
	world_end(&w);
}

TEST("the rules of before are taken away, those of others stay")
{
	NEED_ROOT;
	net_drop_old_guard();
	EQ(knl_nft_table_del("nobodys"), 0);
}

TEST("with the guard, every honest way is open")
{
	struct world w;

	NEED_ROOT;
	world_new(&w);
	OK(passes(w.a, A4, w.here, HOST4, 300));
	OK(passes(w.a, A6, w.here, HOST6, 300));
	OK(passes(w.here, HOST4, w.a, A4, 300));
	OK(passes(w.here, HOST6, w.a, A6, 300));
	OK(passes(w.a, A4, w.b, B4, 300));
	OK(passes(w.a, A6, w.b, B6, 300));
	OK(passes(w.b, B4, w.a, A4, 300));
	OK(passes(w.b, B6, w.a, A6, 300));
	OK(passes(w.a, A4, w.out, OUT4, 300));
	/* The host's own question for the neighbour may have to be repeated after a second. */
	OK(passes(w.a, A6, w.out, OUT6, 3000));
	world_end(&w);
}

static const struct lie {
	const char *says, *src, *dst;
} lies[] = {
	{ "the neighbour VPS's, to the host", B4, HOST4 },
	{ "the neighbour VPS's, to the host", B6, HOST6 },
	{ "the host's, to another VPS", HOST4, B4 },
	{ "the host's, to another VPS", HOST6, B6 },
	{ "an outside machine's, to the host", OUT4, HOST4 },
	{ "an outside machine's, to the host", OUT6, HOST6 },
	{ "a foreign network's, to another VPS", FOREIGN4, B4 },
	{ "a foreign network's, to another VPS", FOREIGN6, B6 },
};

static bool lie_passes(const struct world *w, const struct lie *l)
{
	bool v6 = strchr(l->src, ':') != NULL;
	int to = strcmp(l->dst, HOST4) == 0 || strcmp(l->dst, HOST6) == 0 ? w->here : w->b;
	int prefix = v6 ? 128 : 32;
	bool passed;

	OK(addr_give(w->a, "venet0", l->src, prefix) == 0);
	OK(!v6 || ready6(w->a, l->src));
	passed = passes(w->a, l->src, to, l->dst, 100);
	OK(addr_change(w->a, "venet0", l->src, prefix, true) == 0);
	return passed;
}

TEST("without the guard, lies would arrive: these tests can fail")
{
	struct world w;

	NEED_ROOT;
	world_new(&w);
	unguard("venet101");
	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		if (!OK(lie_passes(&w, &lies[i])))
			printf("# %s: %s to %s\n", lies[i].says, lies[i].src, lies[i].dst);
	}
	world_end(&w);
}

TEST("with the guard, none of them does, and the honest address still passes")
{
	struct world w;

	NEED_ROOT;
	world_new(&w);
	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		if (!OK(!lie_passes(&w, &lies[i])))
			printf("# %s: %s to %s\n", lies[i].says, lies[i].src, lies[i].dst);
	}
	OK(passes(w.a, A4, w.here, HOST4, 300));
	OK(passes(w.a, A6, w.b, B6, 300));
	world_end(&w);
}

TEST("without the guard, the kernel's own check catches the IPv4 ones")
{
	struct world w;

	NEED_ROOT;
	world_new(&w);
	unguard("venet101");
	EQ(net_conf_set("ipv4", "venet101", "rp_filter", "1"), 0);
	EQ(net_conf_set("ipv4", "venet101", "accept_local", "0"), 0);
	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		if (!strchr(lies[i].src, ':'))
			OK(!lie_passes(&w, &lies[i]));
	}
	world_end(&w);
}

/* "I am your default router", from a link-local address. */
static size_t ra_frame(uint8_t *f)
{
	static const uint8_t mac[] = { 2, 0x76, 0x65, 0x6e, 0x65, 0x74 };
	static const uint8_t head[] = { 0x33, 0x33, 0, 0, 0, 1, 2, 0x76, 0x65, 0x6e, 0x65, 0x74, 0x86,
					0xdd, 0x60, 0, 0, 0, 0, 24, 58, 255 };
	uint8_t *icmp = f + 54;
	uint32_t sum = 24 + 58;

	memset(f, 0, NET_FRAME_MAX);
	memcpy(f, head, sizeof(head));
	f[22] = 0xfe, f[23] = 0x80, f[37] = 1;
	f[38] = 0xff, f[39] = 2, f[53] = 1;
	icmp[0] = 134;
	icmp[6] = 7, icmp[7] = 8;     /* for half an hour */
	icmp[16] = 1, icmp[17] = 1;   /* my MAC */
	memcpy(icmp + 18, mac, 6);
	for (int i = 22; i < 78; i += 2)
		sum += (uint32_t)(f[i] << 8 | f[i + 1]);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~((sum & 0xffff) + (sum >> 16));
	icmp[2] = (uint8_t)(sum >> 8);
	icmp[3] = (uint8_t)sum;
	return 78;
}

/* Does a VPS that says so become the host's way to the world? */
static bool ra_works(int a)
{
	struct knl_ip far = { AF_INET6, 128, { 0x20, 0x01, 0x0d, 0xb8, [15] = 9 } };
	uint8_t frame[NET_FRAME_MAX];
	int home = ns_here(), fd;
	_knl_ struct knl *k = NULL;
	struct knl_fib fib;

	ns_enter(a);
	fd = net_frame_socket((int)if_nametoindex("venet0"), false);
	ns_enter(home);
	close(home);
	OK(send(fd, frame, ra_frame(frame), 0) == 78);
	close(fd);
	(void)poll(NULL, 0, 50);
	EQ(knl_open(&k), 0);
	knl_q_fib_get(k, 0, &far, &fib);
	EQ(knl_run(k, NULL), 0);
	return fib.err == 0 && fib.oif == (int)if_nametoindex("venet101");
}

TEST("a VPS that advertises itself as a router is not believed, guard or not")
{
	struct cfg_addr a[] = { addr(A6) };
	struct addrlist l = { a, 1 };
	struct net_venet v = { .host_if = "venet101", .addrs = &l };

	NEED_ROOT;
	_fd_ int na = ns_new();
	v.netns_fd = na;
	EQ(net_venet_up(&v, NULL), 0);
	OK(!ra_works(na));
	/* The switch of net_venet_up() would do, too, without the guard ... */
	unguard("venet101");
	OK(!ra_works(na));
	EQ(net_conf_set("ipv6", "venet101", "accept_ra", "1"), 0);
	OK(ra_works(na));
	EQ(net_venet_up(&v, NULL), 0);
	/* ... and the guard without the switch. */
	EQ(net_conf_set("ipv6", "venet101", "accept_ra", "1"), 0);
	OK(!ra_works(na));
}

TEST("addresses that come are let out at once, those that go are not; nets routed by hand count")
{
	struct cfg_addr b4 = addr(FOREIGN4), b6 = addr(FOREIGN6);
	struct net_venet v = { .host_if = "venet101" };
	struct knl_ip net = { AF_INET, 24, { 198, 51, 100, 0 } };
	struct knl_route rt = { .dst = net, .link_scope = true };
	_knl_ struct knl *k = NULL;
	struct world w;

	NEED_ROOT;
	world_new(&w);
	v.netns_fd = w.a;
	EQ(net_venet_add(&v, &b4, NULL), 0);
	EQ(net_venet_add(&v, &b6, NULL), 0);
	OK(ready6(w.a, FOREIGN6));
	OK(passes(w.a, FOREIGN4, w.here, HOST4, 300));
	OK(passes(w.a, FOREIGN6, w.here, HOST6, 300));
	EQ(net_venet_del(&v, &b4, NULL), 0);
	EQ(net_venet_del(&v, &b6, NULL), 0);
	EQ(addr_give(w.a, "venet0", FOREIGN4, 32), 0);
	EQ(addr_give(w.a, "venet0", FOREIGN6, 128), 0);
	OK(!passes(w.a, FOREIGN4, w.here, HOST4, 100));
	OK(!passes(w.a, FOREIGN6, w.here, HOST6, 100));
	EQ(addr_give(w.a, "venet0", "198.51.100.77", 32), 0);
	OK(!passes(w.a, "198.51.100.77", w.here, HOST4, 100));
	EQ(knl_open(&k), 0);
	rt.oif = (int)if_nametoindex("venet101");
	knl_q_route_add(k, 0, &rt);
	EQ(knl_run(k, NULL), 0);
	EQ(net_venet_guard("venet101", NULL, NULL), 0);
	OK(passes(w.a, "198.51.100.77", w.here, HOST4, 300));
	OK(passes(w.a, A4, w.here, HOST4, 300));
	world_end(&w);
}
