/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Assemble the guard of one link. */
#include "net/guard.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "kern/bpf.h"

/* Offsets in a frame that are the guard's alone. */
enum {
	ARP_SHA = 22,
	ND_TARGET = 62,
};
enum { ND_ADVERT = 136 };

const struct knl_filter net_guard_place = { .name = NET_GUARD_NAME, .in = true, .handle = 1 };

/* The six bytes at -at, which is even but no multiple of 4 more: drop unless they are mac. */
static void put_mac(struct prog *p, int at, const uint8_t *mac)
{
	for (int i = 0; i < 6; i += 2) {
		prog_get(p, at - i, 2);
		prog_jump(p, BPF_JNE, prog_half(mac + i), TO_DROP);
	}
}

/* The four bytes at -at: pass when they are one of the addresses, or zero (a probe), else drop. What is routed
 * to the VPS may be whole nets, and there is no probe. */
static void put_own4(struct prog *p, int at, const struct net_guard *g)
{
	prog_get(p, at, 4);
	if (!g->routed)
		prog_jump(p, BPF_JEQ, 0, TO_PASS);
	for (size_t i = 0; i < g->addrs->n; i++) {
		const struct cfg_addr *a = &g->addrs->v[i];
		uint32_t mask = g->routed ? prog_mask(a->prefix, 0) : UINT32_MAX;

		if (a->family != AF_INET || !mask)
			continue;
		if (mask != UINT32_MAX)
			prog_and(p, mask);
		prog_jump(p, BPF_JEQ, prog_word(a->ip) & mask, TO_PASS);
		if (mask != UINT32_MAX)
			prog_get(p, at, 4);
	}
	prog_goto(p, TO_DROP);
}

/* The sixteen bytes at -at: when they are one of the addresses go on behind this; on an Ethernet also when they
 * are link-local or zero, as nothing works without. */
static void put_own6(struct prog *p, int at, const struct net_guard *g)
{
	static const uint8_t zero[16], local[16] = { 0xfe, 0x80 };
	size_t from = p->n;

	if (!g->routed) {
		prog_is6(p, at, local, 10);
		prog_is6(p, at, zero, 128);
	}
	for (size_t i = 0; i < g->addrs->n; i++) {
		const struct cfg_addr *a = &g->addrs->v[i];

		if (a->family == AF_INET6 && a->prefix)
			prog_is6(p, at, a->ip, g->routed ? a->prefix : 128);
	}
	prog_goto(p, TO_DROP);
	(void)prog_place(p, from, TO_NEXT);
}

static void put_arp(struct prog *p, const struct net_guard *g)
{
	/* op, sender's MAC and address; the address comes to lie aligned */
	prog_load(p, ARP_SHA - 2, 16, 12);
	if (g->mac)
		put_mac(p, 14, g->mac);
	put_own4(p, 8, g);
}

/* An advertisement speaks for the address that it names, so that must be an own one, too. Behind other
 * headers it would be hidden: a hop-by-hop header is let through for group reports, which need it. */
static void put_ip6(struct prog *p, const struct net_guard *g)
{
	size_t icmp, hops;

	prog_load(p, AT_IP6_SRC, 16, 16);
	put_own6(p, 16, g);
	/* There are no neighbours on a routed link, and nobody listens to what is said about them. */
	if (g->routed) {
		prog_goto(p, TO_PASS);
		return;
	}
	prog_load(p, AT_IP6_NEXT, 8, 1);
	prog_get(p, 8, 1);
	prog_jump(p, BPF_JEQ, NEXT_ROUTING, TO_DROP);
	prog_jump(p, BPF_JEQ, NEXT_DEST, TO_DROP);
	icmp = prog_jump(p, BPF_JEQ, NEXT_ICMP6, 0);
	hops = prog_jump(p, BPF_JEQ, NEXT_HOPS, 0);
	prog_goto(p, TO_PASS);
	prog_land(p, hops);
	prog_load(p, AT_IP6_PAYLOAD, 16, 9);
	prog_get(p, 15, 1); /* length of the header beyond 8 bytes */
	prog_jump(p, BPF_JNE, 0, TO_DROP);
	prog_get(p, 16, 1);
	prog_jump(p, BPF_JNE, NEXT_ICMP6, TO_DROP);
	prog_get(p, 8, 1);
	prog_jump(p, BPF_JEQ, ND_ADVERT, TO_DROP);
	prog_goto(p, TO_PASS);
	prog_land(p, icmp);
	prog_load(p, AT_IP6_PAYLOAD, 8, 1);
	prog_get(p, 8, 1);
	prog_jump(p, BPF_JNE, ND_ADVERT, TO_PASS);
	prog_load(p, ND_TARGET, 16, 16);
	put_own6(p, 16, g);
	prog_goto(p, TO_PASS);
}

static void put_addrs(struct prog *p, const struct net_guard *g)
{
	bool six = !g->routed || net_has_family(g->addrs, AF_INET6);
	size_t arp = 0, ip6;

	/* A tag that the device carries beside the frame would hide what is in it. */
	prog_frame(p, offsetof(struct __sk_buff, vlan_present));
	prog_jump(p, BPF_JNE, 0, TO_DROP);
	prog_load(p, AT_PROTO, 8, 2);
	prog_get(p, 8, 2);
	if (!g->routed)
		arp = prog_jump(p, BPF_JEQ, htons(ETH_P_ARP), 0);
	ip6 = prog_jump(p, BPF_JEQ, htons(ETH_P_IPV6), six ? 0 : TO_DROP);
	prog_jump(p, BPF_JNE, htons(ETH_P_IP), TO_DROP);
	prog_load(p, AT_IP4_SRC, 8, 4);
	put_own4(p, 8, g);
	if (!g->routed) {
		prog_land(p, arp);
		put_arp(p, g);
	}
	if (six) {
		prog_land(p, ip6);
		put_ip6(p, g);
	}
}

int net_guard_build(const struct net_guard *g, struct prog *ret)
{
	/* At most ten instructions for an address, twice, and what looks at the frame. */
	int r = prog_begin(ret, 128 + 20 * (g->addrs ? g->addrs->n : 0));

	if (r < 0)
		return r;
	prog_head(ret);
	if (g->mac) {
		prog_load(ret, AT_MAC_SRC, 8, 6);
		put_mac(ret, 8, g->mac);
	}
	if (g->addrs)
		put_addrs(ret, g);
	else
		prog_goto(ret, TO_PASS);
	return prog_tail(ret);
}

int net_guard_q(struct knl *k, int index, const struct net_guard *g, int *ret_fd)
{
	_prog_ struct prog p = { 0 };
	int n, r;

	if (!g->mac && !g->addrs) {
		knl_q_filter_del(k, 0, index, &net_guard_place);
		return 0;
	}
	n = net_guard_build(g, &p);
	r = n < 0 ? n : kbpf_filter_load(p.v, (size_t)n, NET_GUARD_NAME, ret_fd);
	if (r == 0)
		knl_q_filter_set(k, 0, index, &net_guard_place, *ret_fd);
	return r;
}
