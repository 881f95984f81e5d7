/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Assemble the guard of one link. Every path ends at one of two exits; a frame too short for what it
 * claims to be is dropped. */
#include "net/guard.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kern/bpf.h"

/* Targets of jumps until the places of the exits are known. */
#define TO_DROP INT16_MIN
#define TO_PASS (INT16_MIN + 1)

/* Offsets in a frame. */
enum {
	MAC_SRC = 6,
	PROTO = 12,
	ARP_SHA = 22,
	ARP_SPA = 28,
	IP4_SRC = 26,
	IP6_NEXT = 20,
	IP6_SRC = 22,
	IP6_PAYLOAD = 54,
	ND_TARGET = 62,
};
enum { NEXT_HOPS = 0, NEXT_ROUTING = 43, NEXT_ICMP6 = 58, NEXT_DEST = 60, ND_ADVERT = 136 };

struct prog {
	struct bpf_insn *v;
	size_t n;
	bool full;
};

static void put(struct prog *p, struct bpf_insn i)
{
	if (p->n == NET_GUARD_MAX)
		p->full = true;
	else
		p->v[p->n++] = i;
}

static void put_mov_imm(struct prog *p, int reg, int32_t imm)
{
	put(p, (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = reg, .imm = imm });
}

static void put_mov(struct prog *p, int reg, int from)
{
	put(p, (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = reg,
				  .src_reg = from });
}

/* Copy len bytes of the frame to the stack, at -at bytes from its top. */
static void put_load(struct prog *p, int offset, int at, int len)
{
	put_mov(p, BPF_REG_1, BPF_REG_6);
	put_mov_imm(p, BPF_REG_2, offset);
	put_mov(p, BPF_REG_3, BPF_REG_10);
	put(p, (struct bpf_insn){ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_3,
				  .imm = -at });
	put_mov_imm(p, BPF_REG_4, len);
	put(p, (struct bpf_insn){ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_skb_load_bytes });
	put(p, (struct bpf_insn){ .code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = BPF_REG_0,
				  .off = TO_DROP });
}

/* Register 1 = what is at -at: 1, 2 or 4 bytes, aligned. */
static void put_get(struct prog *p, int at, int size)
{
	int width = size == 4 ? BPF_W : size == 2 ? BPF_H : BPF_B;

	put(p, (struct bpf_insn){ .code = BPF_LDX | BPF_MEM | width, .dst_reg = BPF_REG_1,
				  .src_reg = BPF_REG_10, .off = (int16_t)-at });
}

/* 32 bits wide, so that a constant with its highest bit set is not extended (Linux 5.1). */
static size_t put_jump(struct prog *p, int op, uint32_t imm, int16_t to)
{
	put(p, (struct bpf_insn){ .code = BPF_JMP32 | op | BPF_K, .dst_reg = BPF_REG_1, .off = to,
				  .imm = (int32_t)imm });
	return p->n - 1;
}

static void put_goto(struct prog *p, int16_t to)
{
	put(p, (struct bpf_insn){ .code = BPF_JMP | BPF_JA, .off = to });
}

/* Let the jump at that place come here. */
static void land(struct prog *p, size_t jump)
{
	if (!p->full)
		p->v[jump].off = (int16_t)(p->n - jump - 1);
}

static uint32_t word(const uint8_t *b)
{
	uint32_t v;

	memcpy(&v, b, sizeof(v));
	return v;
}

static uint16_t half(const uint8_t *b)
{
	uint16_t v;

	memcpy(&v, b, sizeof(v));
	return v;
}

/* The six bytes at -at, which is even but no multiple of 4 more: drop unless they are mac. */
static void put_mac(struct prog *p, int at, const uint8_t *mac)
{
	for (int i = 0; i < 6; i += 2) {
		put_get(p, at - i, 2);
		put_jump(p, BPF_JNE, half(mac + i), TO_DROP);
	}
}

/* The four bytes at -at: pass when they are one of the addresses or zero (a probe), else drop. */
static void put_is_own4(struct prog *p, int at, const struct addrlist *l)
{
	put_get(p, at, 4);
	put_jump(p, BPF_JEQ, 0, TO_PASS);
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].family == AF_INET)
			put_jump(p, BPF_JEQ, word(l->v[i].ip), TO_PASS);
	put_goto(p, TO_DROP);
}

/* The sixteen bytes at -at: when they are one of the addresses, link-local or zero, go on behind this. */
static void put_is_own6(struct prog *p, int at, const struct addrlist *l)
{
	static const uint8_t zero[16], local[2] = { 0xfe, 0x80 }, mask[2] = { 0xff, 0xc0 };
	size_t found[NET_GUARD_MAX], n = 0;

	put_get(p, at, 2);
	put(p, (struct bpf_insn){ .code = BPF_ALU64 | BPF_AND | BPF_K, .dst_reg = BPF_REG_1,
				  .imm = half(mask) });
	found[n++] = put_jump(p, BPF_JEQ, half(local), 0);
	for (size_t i = 0; i <= l->n && n < ARRAY_LEN(found); i++) {
		const uint8_t *ip = i < l->n ? l->v[i].ip : zero;
		size_t miss[3];

		if (i < l->n && l->v[i].family != AF_INET6)
			continue;
		for (int w = 0; w < 3; w++) {
			put_get(p, at - 4 * w, 4);
			miss[w] = put_jump(p, BPF_JNE, word(ip + 4 * w), 0);
		}
		put_get(p, at - 12, 4);
		found[n++] = put_jump(p, BPF_JEQ, word(ip + 12), 0);
		for (int w = 0; w < 3; w++)
			land(p, miss[w]);
	}
	put_goto(p, TO_DROP);
	while (n)
		land(p, found[--n]);
}

static void put_arp(struct prog *p, const struct net_guard *g)
{
	/* op, sender's MAC and address; the address comes to lie aligned */
	put_load(p, ARP_SHA - 2, 16, 12);
	if (g->mac)
		put_mac(p, 14, g->mac);
	put_is_own4(p, 8, g->addrs);
}

/* An advertisement speaks for the address that it names, so that must be an own one, too. Behind other
 * headers it would be hidden: a hop-by-hop header is let through for group reports, which need it. */
static void put_ip6(struct prog *p, const struct net_guard *g)
{
	size_t icmp, hops;

	put_load(p, IP6_SRC, 16, 16);
	put_is_own6(p, 16, g->addrs);
	put_load(p, IP6_NEXT, 8, 1);
	put_get(p, 8, 1);
	put_jump(p, BPF_JEQ, NEXT_ROUTING, TO_DROP);
	put_jump(p, BPF_JEQ, NEXT_DEST, TO_DROP);
	icmp = put_jump(p, BPF_JEQ, NEXT_ICMP6, 0);
	hops = put_jump(p, BPF_JEQ, NEXT_HOPS, 0);
	put_goto(p, TO_PASS);
	land(p, hops);
	put_load(p, IP6_PAYLOAD, 16, 9);
	put_get(p, 15, 1); /* length of the header beyond 8 bytes */
	put_jump(p, BPF_JNE, 0, TO_DROP);
	put_get(p, 16, 1);
	put_jump(p, BPF_JNE, NEXT_ICMP6, TO_DROP);
	put_get(p, 8, 1);
	put_jump(p, BPF_JEQ, ND_ADVERT, TO_DROP);
	put_goto(p, TO_PASS);
	land(p, icmp);
	put_load(p, IP6_PAYLOAD, 8, 1);
	put_get(p, 8, 1);
	put_jump(p, BPF_JNE, ND_ADVERT, TO_PASS);
	put_load(p, ND_TARGET, 16, 16);
	put_is_own6(p, 16, g->addrs);
	put_goto(p, TO_PASS);
}

static void put_addrs(struct prog *p, const struct net_guard *g)
{
	size_t arp, ip6;

	/* A tag that the device carries beside the frame would hide what is in it. */
	put(p, (struct bpf_insn){ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = BPF_REG_1,
				  .src_reg = BPF_REG_6,
				  .off = offsetof(struct __sk_buff, vlan_present) });
	put_jump(p, BPF_JNE, 0, TO_DROP);
	put_load(p, PROTO, 8, 2);
	put_get(p, 8, 2);
	arp = put_jump(p, BPF_JEQ, htons(ETH_P_ARP), 0);
	ip6 = put_jump(p, BPF_JEQ, htons(ETH_P_IPV6), 0);
	put_jump(p, BPF_JNE, htons(ETH_P_IP), TO_DROP);
	put_load(p, IP4_SRC, 8, 4);
	put_is_own4(p, 8, g->addrs);
	land(p, arp);
	put_arp(p, g);
	land(p, ip6);
	put_ip6(p, g);
}

static void put_exit(struct prog *p, int16_t target, int verdict)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].off == target)
			land(&(struct prog){ p->v, p->n, false }, i);
	put_mov_imm(p, BPF_REG_0, verdict);
	put(p, (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT });
}

int net_guard_build(const struct net_guard *g, struct bpf_insn *prog)
{
	struct prog p = { .v = prog };

	put_mov(&p, BPF_REG_6, BPF_REG_1);
	if (g->mac) {
		put_load(&p, MAC_SRC, 8, 6);
		put_mac(&p, 8, g->mac);
	}
	if (g->addrs)
		put_addrs(&p, g);
	put_exit(&p, TO_PASS, TC_ACT_UNSPEC);
	put_exit(&p, TO_DROP, TC_ACT_SHOT);
	return p.full ? -E2BIG : (int)p.n;
}

int net_guard_q(struct knl *k, int index, const struct net_guard *g, int *ret_fd)
{
	_free_ struct bpf_insn *prog = NULL;
	int n, r;

	if (!g->mac && !g->addrs) {
		knl_q_filter_del(k, 0, index);
		return 0;
	}
	prog = calloc(NET_GUARD_MAX, sizeof(*prog));
	if (!prog)
		return -ENOMEM;
	n = net_guard_build(g, prog);
	r = n < 0 ? n : kbpf_filter_load(prog, (size_t)n, NET_GUARD_NAME, ret_fd);
	if (r == 0)
		knl_q_filter_set(k, 0, index, *ret_fd, NET_GUARD_NAME);
	return r;
}
