/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The uplinks: answering for VPSs, duplicates, announcements. On veth ends only. Needs root. */
#include <signal.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/str.h"
#include "net/announce.h"
#include "net_help.h"

#define HOST4 "192.0.2.2"
#define HOST6 "fd00::2"
#define OUT4  "192.0.2.1"
#define OUT6  "fd00::1"
#define A4    "192.0.2.101"
#define A6    "fd00::101"
#define NEED_ROOT                                                                                  \
	if (!host_new())                                                                           \
	SKIP("needs root and network namespaces")

/* A host with two uplinks to two outside machines. */
struct world {
	int here, out, out2, a;
	struct strv devs;
	struct cfg_addr ip[2];
	struct addrlist addrs;
	struct buf warn;
	struct net_venet v;
};

static void world_new(struct world *w)
{
	*w = (struct world){ .here = ns_here(), .out = ns_new(), .out2 = ns_new(), .a = ns_new(),
			     .ip = { addr(A4), addr(A6) } };
	EQ(wire("up0", w->out, "out0"), 0);
	EQ(wire("up1", w->out2, "out1"), 0);
	EQ(addr_give(w->here, "up0", HOST4, 24), 0);
	EQ(addr_give(w->here, "up0", HOST6, 64), 0);
	EQ(addr_give(w->out, "out0", OUT4, 24), 0);
	EQ(addr_give(w->out, "out0", OUT6, 64), 0);
	OK(ready6(w->here, HOST6) && ready6(w->out, OUT6));
	/* The kernel waits a random while before it answers for others; not here. */
	EQ(io_poke_at(AT_FDCWD, "/proc/sys/net/ipv4/neigh/up0/proxy_delay", "0"), 0);
	EQ(io_poke_at(AT_FDCWD, "/proc/sys/net/ipv6/neigh/up0/proxy_delay", "0"), 0);
	EQ(strv_add(&w->devs, "up0"), 0);
	EQ(strv_add(&w->devs, "up1"), 0);
	w->addrs = (struct addrlist){ w->ip, 2 };
	w->v = (struct net_venet){ .host_if = "venet101", .netns_fd = w->a, .addrs = &w->addrs,
				   .neigh_devs = &w->devs, .warn = &w->warn };
}

static void world_end(struct world *w)
{
	strv_done(&w->devs);
	buf_done(&w->warn);
	close(w->here);
	close(w->out);
	close(w->out2);
	close(w->a);
}

static size_t proxies(void)
{
	_knl_ struct knl *k = NULL;
	struct knl_list l = { 0 };

	EQ(knl_open(&k), 0);
	EQ(knl_proxies(k, &l), 0);
	free(l.v);
	return l.n;
}

TEST("from outside, a VPS is found and reached by its IPv4 address; its down ends that")
{
	struct world w;
	struct vz_err e = { 0 };

	NEED_ROOT;
	world_new(&w);
	OK(!passes(w.out, OUT4, w.a, A4, 50));
	w.v.skip_detect = true;
	EQ(net_venet_up(&w.v, &e), 0);
	STR_EQ(e.text, "");
	STR_EQ(buf_str(&w.warn), "");
	OK(passes(w.out, OUT4, w.a, A4, 3000));
	EQ(proxies(), 4);
	EQ(net_venet_down("venet101", NULL, &w.addrs, &e), 0);
	EQ(proxies(), 0);
	world_end(&w);
}

TEST("and by its IPv6 address, where the node's IPv6 forwarding is on; off is told")
{
	struct world w;
	_buf_ struct buf out = BUF_INIT;

	NEED_ROOT;
	world_new(&w);
	w.v.skip_detect = true;
	EQ(net_venet_up(&w.v, NULL), 0);
	OK(net_warn(&w.v, &out) >= 2);
	HAS(buf_str(&out), "net.ipv6.conf.up0.forwarding is off");
	EQ(net_conf_set("ipv6", "all", "forwarding", "1"), 0);
	EQ(net_warn(&w.v, &out), 0);
	OK(ready6(w.a, A6));
	OK(passes(w.out, OUT6, w.a, A6, 4000));
	world_end(&w);
}

TEST("proxy entries are found again without the list of addresses, and other ones are left")
{
	struct knl_ip other = { AF_INET, 32, { 192, 0, 2, 77 } };
	struct world w;
	_knl_ struct knl *k = NULL;

	NEED_ROOT;
	world_new(&w);
	w.v.skip_detect = true;
	EQ(net_venet_up(&w.v, NULL), 0);
	EQ(knl_open(&k), 0);
	knl_q_proxy_add(k, 0, (int)if_nametoindex("up0"), &other);
	EQ(knl_run(k, NULL), 0);
	EQ(proxies(), 5);
	EQ(net_venet_down("venet101", NULL, NULL, NULL), 0);
	EQ(proxies(), 1);
	world_end(&w);
}

TEST("live: an added address is answered for, a deleted one no longer")
{
	struct cfg_addr b = addr("192.0.2.103");
	struct world w;

	NEED_ROOT;
	world_new(&w);
	w.v.skip_detect = true;
	EQ(net_venet_up(&w.v, NULL), 0);
	EQ(net_venet_add(&w.v, &b, NULL), 0);
	EQ(proxies(), 6);
	OK(passes(w.out, OUT4, w.a, "192.0.2.103", 3000));
	EQ(net_venet_del(&w.v, &b, NULL), 0);
	EQ(proxies(), 4);
	world_end(&w);
}

TEST("a duplicate on any uplink is fatal or told, by IPv4 and IPv6, in less than a second")
{
	static const char *const dup[] = { A4, A6 };
	struct world w;

	for (int i = 0; i < 2; i++) {
		struct vz_err e = { 0 };
		uint64_t start;

		NEED_ROOT;
		world_new(&w);
		EQ(addr_give(w.out2, "out1", dup[i], i ? 64 : 24), 0);
		OK(!i || ready6(w.out2, dup[i]));
		w.v.detect_fatal = true;
		start = clock_ms();
		EQ(net_venet_up(&w.v, &e), -EADDRINUSE);
		OK(clock_ms() - start < 1000);
		EQ(e.code, VZ_E_IP_INUSE);
		HAS(e.text, dup[i]);
		HAS(e.text, "'up1'");
		OK(!link_exists("venet101"));
		EQ(proxies(), 0);
		w.v.detect_fatal = false;
		EQ(net_venet_up(&w.v, NULL), 0);
		HAS(buf_str(&w.warn), dup[i]);
		HAS(buf_str(&w.warn), "somebody answers for it on 'up1'\n");
		world_end(&w);
	}
}

TEST("without duplicates the question takes less than a second, for all uplinks together")
{
	struct world w;
	uint64_t start;

	NEED_ROOT;
	world_new(&w);
	w.v.detect_fatal = true;
	start = clock_ms();
	EQ(net_venet_up(&w.v, NULL), 0);
	OK(clock_ms() - start < 1000);
	STR_EQ(buf_str(&w.warn), "");
	world_end(&w);
}

/* How many frames of these have come? ARP that names ip4 as sender; advertisements of A6. */
static void claims(int ear, const char *ip4, int *ret4, int *ret6)
{
	struct cfg_addr a4 = addr(ip4), a6 = addr(A6);
	uint8_t f[256], ip[16], mac[6];
	ssize_t n;

	*ret4 = *ret6 = 0;
	while ((n = recv(ear, f, sizeof(f), 0)) > 0) {
		if (net_frame_claims(f, (size_t)n, AF_INET, ip, mac) && memcmp(ip, a4.ip, 4) == 0)
			++*ret4;
		if (net_frame_claims(f, (size_t)n, AF_INET6, ip, mac) &&
		    memcmp(ip, a6.ip, 16) == 0)
			++*ret6;
	}
}

TEST("at the end the addresses are announced on each uplink, with its MAC")
{
	struct world w;
	int got4, got6;

	NEED_ROOT;
	world_new(&w);
	w.v.skip_detect = true;
	_fd_ int ear0 = sniff(w.out, "out0");
	_fd_ int ear1 = sniff(w.out2, "out1");
	EQ(net_venet_up(&w.v, NULL), 0);
	(void)poll(NULL, 0, 20);
	claims(ear0, A4, &got4, &got6);
	EQ(got4, 2);
	EQ(got6, 1);
	claims(ear1, A4, &got4, &got6);
	EQ(got4, 2);
	EQ(got6, 1);
	world_end(&w);
}

TEST("an unknown uplink is told and does not keep the VPS down; no uplink, no word outside")
{
	struct world w;
	int all, neigh;

	NEED_ROOT;
	world_new(&w);
	strv_done(&w.devs);
	EQ(strv_add(&w.devs, "nosuch0"), 0);
	(void)poll(NULL, 0, 1200); /* the machines' own announcements are over */
	_fd_ int ear = sniff(w.out, "out0");
	EQ(net_venet_up(&w.v, NULL), 0);
	STR_EQ(buf_str(&w.warn), "uplink 'nosuch0': no such device\n");
	EQ(proxies(), 0);
	(void)poll(NULL, 0, 50);
	count(ear, &all, &neigh);
	EQ(neigh, 0);
	world_end(&w);
}

TEST("killed at any moment of up or down, a caller leaves nothing that the next down does not find")
{
	struct world w;

	NEED_ROOT;
	world_new(&w);
	w.v.skip_detect = true;
	srand(1);
	for (int i = 0; i < 40; i++) {
		const struct timespec nap = { .tv_nsec = rand() % 2000000 };
		pid_t pid = fork();

		if (pid == 0) {
			bool up = net_venet_up(&w.v, NULL) == 0;

			/* A mark says whole; the parent sees it only if it lives that long. */
			_exit(up && net_venet_down("venet101", NULL, NULL, NULL) == 0 ? 0 : 1);
		}
		(void)nanosleep(&nap, NULL);
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
		if (net_venet_is_up("venet101", NULL))
			EQ(proxies(), 4);
		EQ(net_venet_down("venet101", NULL, &w.addrs, NULL), 0);
		OK(!link_exists("venet101"));
		EQ(proxies(), 0);
	}
	EQ(net_venet_up(&w.v, NULL), 0);
	EQ(net_venet_down("venet101", NULL, NULL, NULL), 0);
	world_end(&w);
}

TEST("NEIGHBOUR_DEVS: none, list, all, detect, and nonsense")
{
	struct world w;
	struct vz_err e = { 0 };
	_strv_ struct strv none = { 0 }, list = { 0 }, all = { 0 }, found = { 0 }, bad = { 0 };

	NEED_ROOT;
	EQ(net_neigh_devs("detect", &none, &e), 0);
	world_new(&w);
	w.v.skip_detect = true;
	EQ(net_venet_up(&w.v, NULL), 0);
	EQ(net_neigh_devs(NULL, &none, &e), 0);
	EQ(net_neigh_devs("", &none, &e), 0);
	EQ(none.n, 0);
	EQ(net_neigh_devs("list:up1  up0", &list, &e), 0);
	NEED(EQ(list.n, 2));
	STR_EQ(list.v[0], "up1");
	EQ(addr_give(w.here, "up1", "198.51.100.1", 24), 0);
	EQ(net_neigh_devs("all", &all, &e), 0);
	EQ(all.n, 2);
	OK(strv_has(&all, "up0") && strv_has(&all, "up1"));
	EQ(route_give(w.here, "up1", AF_INET), 0);
	EQ(net_neigh_devs("detect", &found, &e), 0);
	NEED(EQ(found.n, 1));
	STR_EQ(found.v[0], "up1");
	STR_EQ(e.text, "");
	EQ(net_neigh_devs("eth0", &bad, &e), -EINVAL);
	EQ(e.code, VZ_E_PARAM);
	HAS(e.text, "eth0");
	world_end(&w);
}

TEST("net_arp_send: asks, is answered, gives up in time, and says when there is no such device")
{
	uint8_t out4[1][4] = { { 192, 0, 2, 1 } }, nobody[1][4] = { { 192, 0, 2, 200 } };
	struct vz_arp q = { .dev = "up0", .dst_ip = out4, .ndst = 1, .count = 2, .wait_ms = 100,
			     .listen = true };
	struct vz_arp_answer got = { 0 };
	struct vz_err e = { 0 };
	struct world w;
	uint64_t start;

	NEED_ROOT;
	world_new(&w);
	EQ(net_arp_send(&q, &got, &e), 1);
	EQ(memcmp(got.ip, out4[0], 4), 0);
	EQ(got.mac[5], 2);
	q.dst_ip = nobody;
	start = clock_ms();
	EQ(net_arp_send(&q, &got, &e), 0);
	OK(clock_ms() - start >= 200 && clock_ms() - start < 400);
	q.listen = false;
	q.reply = q.own_src = q.at_once = true;
	_fd_ int ear = sniff(w.out, "out0");
	int got4, got6;
	EQ(net_arp_send(&q, NULL, &e), 0);
	EQ(net_nd_send("up0", w.ip[1].ip, &e), 0);
	(void)poll(NULL, 0, 20);
	claims(ear, "192.0.2.200", &got4, &got6);
	EQ(got4, 2);
	EQ(got6, 1);
	STR_EQ(e.text, "");
	q.dev = "nosuch0";
	EQ(net_arp_send(&q, NULL, &e), -ENODEV);
	HAS(e.text, "nosuch0");
	world_end(&w);
}
