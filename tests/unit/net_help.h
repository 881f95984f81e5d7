/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small world for the network tests: each test makes itself a "host" in a fresh network
 * namespace of its own, and guests in others. Nothing of the machine's network is touched.
 */
#ifndef VZ_TEST_NET_HELP_H
#define VZ_TEST_NET_HELP_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "kern/nl.h"
#include "net/net.h"
#include "net/net_priv.h"
#include "tap.h"

#define PORT 4711

static inline int ns_here(void)
{
	return open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
}

static inline void ns_enter(int fd)
{
	if (setns(fd, CLONE_NEWNET) < 0)
		abort();
}

/* Waiting a second for duplicates that cannot exist would only make the tests slow. */
static inline void no_dad(void)
{
	(void)net_conf_set("ipv6", "default", "dad_transmits", "0");
}

/* A fresh host with loopback; all that follows in this process lives there. False: no root. */
static inline bool host_new(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd;

	if (unshare(CLONE_NEWNET) < 0)
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	OK(fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &lo) == 0);
	close(fd);
	no_dad();
	return true;
}

static inline int ns_new(void)
{
	int home = ns_here(), fd;

	if (unshare(CLONE_NEWNET) < 0)
		abort();
	fd = ns_here();
	no_dad();
	ns_enter(home);
	close(home);
	return fd;
}

static inline struct cfg_addr addr(const char *text)
{
	struct cfg_addr a = { .family = strchr(text, ':') ? AF_INET6 : AF_INET };

	if (inet_pton(a.family, text, a.ip) != 1)
		abort();
	a.prefix = net_full(a.family);
	return a;
}

/* Addresses of a link by hand, as root in that namespace can. */
static inline int addr_change(int ns, const char *dev, const char *text, int prefix, bool take)
{
	struct cfg_addr a = addr(text);
	struct knl_ip ip;
	_knl_ struct knl *k = NULL;
	struct knl_link l;
	int r = knl_open_in(ns, &k);

	a.prefix = (uint8_t)prefix;
	ip = net_ip(&a);
	if (r == 0)
		r = knl_link_get(k, dev, &l);
	if (r < 0)
		return r;
	knl_q_link_flags(k, 0, l.index, IFF_UP, IFF_UP);
	if (take)
		knl_q_addr_del(k, 0, l.index, &ip);
	else
		knl_q_addr_add(k, 0, l.index, &ip);
	return knl_run(k, NULL);
}

static inline int addr_give(int ns, const char *dev, const char *text, int prefix)
{
	return addr_change(ns, dev, text, prefix, false);
}

/* An ordinary veth pair `dev` here, `peer` in ns; both up. */
static inline int wire(const char *dev, int ns, const char *peer)
{
	struct knl_veth v = { .name = dev, .peer_name = peer, .peer_netns = ns, .flags = IFF_UP,
			      .mac = { 2, 0, 0, 0, 0, 1 }, .peer_mac = { 2, 0, 0, 0, 0, 2 } };
	_knl_ struct knl *k = NULL;
	_knl_ struct knl *there = NULL;
	struct knl_link l;
	int r = knl_open(&k);

	if (r == 0)
		r = knl_open_in(ns, &there);
	if (r < 0)
		return r;
	v.mac[4] = v.peer_mac[4] = (uint8_t)dev[strlen(dev) - 1];
	knl_q_veth(k, 0, &v);
	r = knl_run(k, NULL);
	if (r == 0)
		r = knl_link_get(there, peer, &l);
	if (r < 0)
		return r;
	knl_q_link_flags(there, 0, l.index, IFF_UP, IFF_UP);
	return knl_run(there, NULL);
}

/* A default route in ns through dev, by a gateway that is not needed on a pair. */
static inline int route_give(int ns, const char *dev, int family)
{
	struct knl_route rt = { .dst = { .family = (uint8_t)family }, .link_scope = true };
	_knl_ struct knl *k = NULL;
	struct knl_link l;
	int r = knl_open_in(ns, &k);

	if (r == 0)
		r = knl_link_get(k, dev, &l);
	if (r < 0)
		return r;
	rt.oif = l.index;
	knl_q_route_add(k, 0, &rt);
	return knl_run(k, NULL);
}

/* The kernel takes up a new IPv6 address from a work queue, a moment after the call that adds it. */
static inline bool ready6(int ns, const char *text)
{
	struct cfg_addr a = addr(text);
	struct knl_ip ip = net_host(&a);
	_knl_ struct knl *k = NULL;
	struct knl_fib fib = { 0 };

	if (knl_open_in(ns, &k) < 0)
		return false;
	for (int i = 0; i < 1000; i++) {
		knl_q_fib_get(k, 0, &ip, &fib);
		if (knl_run(k, NULL) == 0 && fib.err == 0 && fib.type == RTN_LOCAL)
			return true;
		(void)poll(NULL, 0, 1);
	}
	return false;
}

static inline int udp_in(int ns, const char *ip, int port)
{
	struct sockaddr_in s4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct sockaddr_in6 s6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	const struct timeval wait = { .tv_sec = 1 };
	bool v6 = strchr(ip, ':') != NULL;
	int home = ns_here(), fd, r;

	ns_enter(ns);
	fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ns_enter(home);
	close(home);
	/* A packet that does not come must not hold the test. */
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	if (v6)
		inet_pton(AF_INET6, ip, &s6.sin6_addr);
	else
		inet_pton(AF_INET, ip, &s4.sin_addr);
	r = bind(fd, v6 ? (void *)&s6 : (void *)&s4, v6 ? sizeof(s6) : sizeof(s4));
	if (r < 0) {
		printf("# bind %s: %s\n", ip, strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

/* One datagram with that source arrives with that source within wait_ms. */
static inline bool passes(int from_ns, const char *from, int to_ns, const char *to, int wait_ms)
{
	bool v6 = strchr(to, ':') != NULL;
	_fd_ int in = udp_in(to_ns, v6 ? "::" : "0.0.0.0", PORT);
	_fd_ int out = udp_in(from_ns, from, 0);
	struct sockaddr_in s4 = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	struct sockaddr_in6 s6 = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) }, got = { 0 };
	struct pollfd p = { .fd = in, .events = POLLIN };
	socklen_t len = sizeof(got);
	char text[INET6_ADDRSTRLEN] = "", b[8];

	if (in < 0 || out < 0)
		return false;
	if (v6)
		inet_pton(AF_INET6, to, &s6.sin6_addr);
	else
		inet_pton(AF_INET, to, &s4.sin_addr);
	if (sendto(out, "hello", 5, 0, v6 ? (void *)&s6 : (void *)&s4,
		   v6 ? sizeof(s6) : sizeof(s4)) < 0)
		return false;
	if (poll(&p, 1, wait_ms) != 1)
		return false;
	if (recvfrom(in, b, sizeof(b), 0, (void *)&got, &len) != 5)
		return false;
	inet_ntop(v6 ? AF_INET6 : AF_INET,
		  v6 ? (void *)&got.sin6_addr : (void *)&((struct sockaddr_in *)(void *)&got)->sin_addr,
		  text, sizeof(text));
	return strcmp(text, from) == 0;
}

/* A socket that hears every frame of a link, both ways. */
static inline int sniff(int ns, const char *dev)
{
	int home = ns_here(), fd;
	struct sockaddr_ll ll = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };

	ns_enter(ns);
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	ll.sll_ifindex = (int)if_nametoindex(dev);
	if (fd < 0 || bind(fd, (void *)&ll, sizeof(ll)) < 0)
		abort();
	ns_enter(home);
	close(home);
	return fd;
}

static inline bool is_nd(const uint8_t *f, ssize_t n)
{
	return n >= 55 && f[12] == 0x86 && f[13] == 0xdd && f[20] == 58 && f[54] >= 133 &&
	       f[54] <= 137;
}

/* Frames heard so far: all of them, and those that are ARP or neighbour discovery. */
static inline void count(int fd, int *ret_all, int *ret_neigh)
{
	uint8_t f[256];
	ssize_t n;

	*ret_all = *ret_neigh = 0;
	while ((n = recv(fd, f, sizeof(f), 0)) > 0) {
		++*ret_all;
		if ((f[12] == 8 && f[13] == 6) || is_nd(f, n))
			++*ret_neigh;
	}
}

static inline bool link_exists(const char *name)
{
	return if_nametoindex(name) != 0;
}

#endif
