/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Assemble the firewall of a VPS, and put it on its links. */
#include "net/fw.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <netinet/in.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "kern/bpf.h"
#include "net/link_prog.h"
#include "net/net_priv.h"
#include "net/prog.h"

/* The stack, counted down from its top. */
enum {
	KEY = 24,	/* of the table: the other side's address, its port, ours, protocol */
	KEY_RPORT = 8,
	KEY_LPORT = 6,
	KEY_PROTO = 4,
	KEY_FAMILY = 3,
	NOW = 32,	/* value of the table */
	L4 = 48,	/* what follows IP: ports, or type; flags of TCP */
	L4_DPORT = 46,
	L4_FLAGS = 35,
	PROTO = 49,	/* one byte */
	SMALL = 64,	/* eight bytes for a moment */
	IP = 112,	/* 40 bytes of it */
	IP4_FRAG = IP - 6,
	IP4_PROTO = IP - 9,
	IP4_SRC = IP - 12,
	IP4_DST = IP - 16,
	IP6_NEXT = IP - 6,
	IP6_SRC = IP - 8,
	IP6_DST = IP - 24,
};

#define FLOW_LIFE 180000000000ll /* ns; as long as a router keeps what was answered */
#define FLAG_SYN  0x02		 /* of TCP */
#define FLAG_ACK  0x10

static bool is_stateless(int proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6;
}

static bool is_filtered(const struct fw *fw, bool in)
{
	if ((in ? fw->policy_in : fw->policy_out) == FW_DROP)
		return true;
	for (size_t i = 0; i < fw->n; i++)
		if (fw->v[i].in == in && !fw->v[i].accept)
			return true;
	return false;
}

/* What one direction lets through the other has to know of, if it might drop the answer. */
static bool remembers(const struct fw *fw, bool in)
{
	if ((in ? fw->policy_out : fw->policy_in) == FW_DROP)
		return true;
	for (size_t i = 0; i < fw->n; i++)
		if (fw->v[i].in != in && !fw->v[i].accept && !is_stateless(fw->v[i].proto))
			return true;
	return false;
}

/* ---- rules ---- */

/* Is one of them the net of all addresses? */
static bool has_any(const struct addrlist *l, uint8_t family)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].family == family && l->v[i].prefix == 0)
			return true;
	return false;
}

static void put_addrs(struct prog *p, const struct addrlist *l, int at, uint8_t family)
{
	size_t from = p->n;

	if (!l->n || has_any(l, family))
		return;
	for (size_t i = 0; i < l->n; i++) {
		const struct cfg_addr *a = &l->v[i];
		uint32_t mask = prog_mask(a->prefix, 0);

		if (a->family != family)
			continue;
		if (family == AF_INET6) {
			prog_is6(p, at, a->ip, a->prefix);
			continue;
		}
		prog_get(p, at, 4);
		prog_and(p, mask);
		prog_jump(p, BPF_JEQ, prog_word(a->ip) & mask, TO_NEXT);
	}
	prog_goto(p, TO_MISS);
	(void)prog_place(p, from, TO_NEXT);
}

static void put_ports(struct prog *p, const struct fw_ports *v, size_t n, int at)
{
	size_t from = p->n;

	if (!n)
		return;
	prog_get(p, at, 2);
	prog_host16(p);
	for (size_t i = 0; i < n; i++) {
		if (v[i].first == v[i].last) {
			prog_jump(p, BPF_JEQ, v[i].first, TO_NEXT);
		} else {
			size_t below = prog_jump(p, BPF_JLT, v[i].first, 0);

			prog_jump(p, BPF_JLE, v[i].last, TO_NEXT);
			prog_land(p, below);
		}
	}
	prog_goto(p, TO_MISS);
	(void)prog_place(p, from, TO_NEXT);
}

static bool has_family(const struct addrlist *l, uint8_t family)
{
	return !l->n || net_has_family(l, family);
}

/* False when it fits everything, and no further rule comes into play. */
static bool put_rule(struct prog *p, const struct fw_rule *r, uint8_t family)
{
	size_t from = p->n;

	if (!has_family(&r->source, family) || !has_family(&r->dest, family))
		return true;
	if (r->proto >= 0) {
		prog_get(p, PROTO, 1);
		prog_jump(p, BPF_JNE, (uint32_t)r->proto, TO_MISS);
	}
	put_addrs(p, &r->source, family == AF_INET ? IP4_SRC : IP6_SRC, family);
	put_addrs(p, &r->dest, family == AF_INET ? IP4_DST : IP6_DST, family);
	put_ports(p, r->sport, r->nsport, L4);
	put_ports(p, r->dport, r->ndport, L4_DPORT);
	prog_goto(p, r->accept ? TO_OTHER : TO_DROP);
	return prog_place(p, from, TO_MISS);
}

static void put_rules(struct prog *p, const struct fw *fw, bool in, uint8_t family)
{
	for (size_t i = 0; i < fw->n; i++)
		if (fw->v[i].in == in && !put_rule(p, &fw->v[i], family))
			return;
	prog_goto(p, (in ? fw->policy_in : fw->policy_out) == FW_DROP ? TO_DROP : TO_OTHER);
}

/* ---- the frame ---- */

/* Of a packet in pieces only the first has ports; the others are nothing without it. A second piece that
 * would write over the flags of TCP is no accident (RFC 1858). */
static void put_ip4(struct prog *p, bool in)
{
	prog_load(p, AT_IP, IP, 20);
	prog_get(p, IP4_FRAG, 2);
	prog_host16(p);
	prog_and(p, 0x1fff);
	prog_jump(p, BPF_JEQ, 1, TO_DROP);
	prog_jump(p, BPF_JNE, 0, TO_PASS);
	prog_get(p, IP4_PROTO, 1);
	prog_store(p, PROTO, 1, BPF_REG_1);
	prog_get(p, IP, 1);
	prog_and(p, 15);
	prog_alu(p, BPF_LSH, BPF_REG_1, 2);
	prog_alu(p, BPF_ADD, BPF_REG_1, AT_IP);
	prog_move(p, BPF_REG_7, BPF_REG_1);
	prog_get(p, in ? IP4_SRC : IP4_DST, 4);
	prog_store(p, KEY, 4, BPF_REG_1);
	prog_move_imm(p, BPF_REG_1, 4);
	prog_store(p, KEY_FAMILY, 1, BPF_REG_1);
}

/* One header between IPv6 and what it carries, if there is one: so long is the chain at most, and what is
 * hidden behind more is dropped. */
static void put_ip6_extra(struct prog *p)
{
	size_t from = p->n;
	size_t fragment;

	prog_get(p, PROTO, 1);
	fragment = prog_jump(p, BPF_JEQ, NEXT_FRAGMENT, 0);
	prog_jump(p, BPF_JEQ, NEXT_HOPS, TO_NEXT);
	prog_jump(p, BPF_JEQ, NEXT_ROUTING, TO_NEXT);
	prog_jump(p, BPF_JEQ, NEXT_DEST, TO_NEXT);
	prog_goto(p, TO_MISS);
	prog_land(p, fragment);
	prog_load_from(p, 0, SMALL, 8);
	prog_get(p, SMALL - 2, 2);
	prog_host16(p);
	prog_and(p, 0xfff8);
	prog_jump(p, BPF_JNE, 0, TO_PASS);
	prog_get(p, SMALL, 1);
	prog_store(p, PROTO, 1, BPF_REG_1);
	prog_alu(p, BPF_ADD, BPF_REG_7, 8);
	prog_goto(p, TO_MISS);
	(void)prog_place(p, from, TO_NEXT);
	prog_load_from(p, 0, SMALL, 2);
	prog_get(p, SMALL, 1);
	prog_store(p, PROTO, 1, BPF_REG_1);
	prog_get(p, SMALL - 1, 1);
	prog_alu(p, BPF_ADD, BPF_REG_1, 1);
	prog_alu(p, BPF_LSH, BPF_REG_1, 3);
	prog_put(p, (struct bpf_insn){ .code = BPF_ALU64 | BPF_ADD | BPF_X, .dst_reg = BPF_REG_7,
				       .src_reg = BPF_REG_1 });
	(void)prog_place(p, from, TO_MISS);
}

static void put_ip6(struct prog *p, bool in)
{
	static const uint8_t hidden[] = { NEXT_HOPS, NEXT_ROUTING, NEXT_FRAGMENT, NEXT_DEST };

	prog_load(p, AT_IP, IP, 40);
	prog_get(p, IP6_NEXT, 1);
	prog_store(p, PROTO, 1, BPF_REG_1);
	prog_move_imm(p, BPF_REG_7, AT_IP6_PAYLOAD);
	for (int i = 0; i < 3; i++)
		put_ip6_extra(p);
	prog_get(p, PROTO, 1);
	for (size_t i = 0; i < ARRAY_LEN(hidden); i++)
		prog_jump(p, BPF_JEQ, hidden[i], TO_DROP);
	for (int i = 0; i < 16; i += 4) {
		prog_get(p, (in ? IP6_SRC : IP6_DST) - i, 4);
		prog_store(p, KEY - i, 4, BPF_REG_1);
	}
	prog_move_imm(p, BPF_REG_1, 6);
	prog_store(p, KEY_FAMILY, 1, BPF_REG_1);
}

/* Answers and reports of trouble pass, what begins something is looked at. */
static void put_icmp(struct prog *p)
{
	static const uint8_t pass4[] = { 0, 3, 11, 12, 14 };
	static const uint8_t pass6[] = { 1, 2, 3, 4, 129, 130, 131, 132, 133, 134, 135, 136, 137, 143 };
	size_t not4, six, not6;

	prog_get(p, PROTO, 1);
	not4 = prog_jump(p, BPF_JNE, IPPROTO_ICMP, 0);
	prog_load_from(p, 0, L4, 1);
	prog_get(p, L4, 1);
	for (size_t i = 0; i < ARRAY_LEN(pass4); i++)
		prog_jump(p, BPF_JEQ, pass4[i], TO_PASS);
	prog_goto(p, TO_NEXT);
	prog_land(p, not4);
	not6 = prog_jump(p, BPF_JNE, IPPROTO_ICMPV6, 0);
	prog_load_from(p, 0, L4, 1);
	prog_get(p, L4, 1);
	for (six = 0; six < ARRAY_LEN(pass6); six++)
		prog_jump(p, BPF_JEQ, pass6[six], TO_PASS);
	prog_goto(p, TO_NEXT);
	prog_land(p, not6);
}

/* Is it the first packet of a connection? Others pass: without the first there is nobody to take them. */
static void put_tcp(struct prog *p)
{
	size_t other, ack;

	prog_get(p, PROTO, 1);
	other = prog_jump(p, BPF_JNE, IPPROTO_TCP, 0);
	prog_load_from(p, 0, L4, 14);
	prog_get(p, L4_FLAGS, 1);
	ack = prog_jump(p, BPF_JSET, FLAG_ACK, 0);
	prog_jump(p, BPF_JSET, FLAG_SYN, TO_NEXT);
	prog_land(p, ack);
	prog_goto(p, TO_PASS);
	prog_land(p, other);
}

/* What passed lately in either direction passes, and has passed lately from now on. */
static void put_recent(struct prog *p, bool in, int flows)
{
	static const uint8_t with_ports[] = { IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_DCCP, 136 };
	size_t has[ARRAY_LEN(with_ports)], none, miss, old;

	prog_get(p, PROTO, 1);
	prog_store(p, KEY_PROTO, 1, BPF_REG_1);
	for (size_t i = 0; i < ARRAY_LEN(with_ports); i++)
		has[i] = prog_jump(p, BPF_JEQ, with_ports[i], 0);
	none = p->n;
	prog_goto(p, 0);
	for (size_t i = 0; i < ARRAY_LEN(with_ports); i++)
		prog_land(p, has[i]);
	prog_load_from(p, 0, L4, 4);
	prog_get(p, in ? L4 : L4_DPORT, 2);
	prog_store(p, KEY_RPORT, 2, BPF_REG_1);
	prog_get(p, in ? L4_DPORT : L4, 2);
	prog_store(p, KEY_LPORT, 2, BPF_REG_1);
	/* Who answers a question to all for an address is somebody that was not asked. */
	prog_get(p, L4, 4);
	prog_jump(p, BPF_JEQ, htonl(in ? 67u << 16 | 68 : 68u << 16 | 67), TO_PASS);
	prog_jump(p, BPF_JEQ, htonl(in ? 547u << 16 | 546 : 546u << 16 | 547), TO_PASS);
	prog_land(p, none);
	if (flows < 0)
		return;
	prog_call(p, BPF_FUNC_ktime_get_ns);
	prog_move(p, BPF_REG_8, BPF_REG_0);
	prog_map(p, BPF_REG_1, flows);
	prog_here(p, BPF_REG_2, KEY);
	prog_call(p, BPF_FUNC_map_lookup_elem);
	miss = p->n;
	prog_put(p, (struct bpf_insn){ .code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = BPF_REG_0 });
	prog_put(p, (struct bpf_insn){ .code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_1,
				       .src_reg = BPF_REG_0 });
	prog_move(p, BPF_REG_2, BPF_REG_8);
	prog_put(p, (struct bpf_insn){ .code = BPF_ALU64 | BPF_SUB | BPF_X, .dst_reg = BPF_REG_2,
				       .src_reg = BPF_REG_1 });
	prog_alu(p, BPF_RSH, BPF_REG_2, 30); /* about seconds */
	old = p->n;
	prog_put(p, (struct bpf_insn){ .code = BPF_JMP | BPF_JGT | BPF_K, .dst_reg = BPF_REG_2,
				       .imm = (int32_t)(FLOW_LIFE >> 30) });
	prog_put(p, (struct bpf_insn){ .code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_0,
				       .src_reg = BPF_REG_8 });
	prog_goto(p, TO_PASS);
	prog_land(p, miss);
	prog_land(p, old);
}

/* Let through by a rule: TCP and ICMP need no memory. */
static void put_remember(struct prog *p, int flows)
{
	prog_get(p, PROTO, 1);
	prog_jump(p, BPF_JEQ, IPPROTO_TCP, TO_PASS);
	prog_jump(p, BPF_JEQ, IPPROTO_ICMP, TO_PASS);
	prog_jump(p, BPF_JEQ, IPPROTO_ICMPV6, TO_PASS);
	prog_store(p, NOW, 8, BPF_REG_8);
	prog_map(p, BPF_REG_1, flows);
	prog_here(p, BPF_REG_2, KEY);
	prog_here(p, BPF_REG_3, NOW);
	prog_move_imm(p, BPF_REG_4, BPF_ANY);
	prog_call(p, BPF_FUNC_map_update_elem);
	prog_goto(p, TO_PASS);
}

static size_t room(const struct fw *fw)
{
	size_t n = 512;

	for (size_t i = 0; i < fw->n; i++)
		n += 2 * (8 + 3 * (fw->v[i].nsport + fw->v[i].ndport) +
			  14 * (fw->v[i].source.n + fw->v[i].dest.n));
	return n;
}

static void build(const struct fw *fw, bool in, int flows, struct prog *p)
{
	size_t six, four, is6;

	prog_head(p);
	/* A tag would hide what is behind it. */
	prog_frame(p, offsetof(struct __sk_buff, vlan_present));
	prog_jump(p, BPF_JNE, 0, TO_DROP);
	prog_zero(p, KEY, 24);
	prog_zero(p, L4, 16);
	prog_move_imm(p, BPF_REG_8, 0);
	prog_load(p, AT_PROTO, SMALL, 2);
	prog_get(p, SMALL, 2);
	six = prog_jump(p, BPF_JEQ, htons(ETH_P_IPV6), 0);
	prog_jump(p, BPF_JEQ, htons(ETH_P_8021Q), TO_DROP);
	prog_jump(p, BPF_JEQ, htons(ETH_P_8021AD), TO_DROP);
	prog_jump(p, BPF_JNE, htons(ETH_P_IP), TO_PASS);
	put_ip4(p, in);
	four = p->n;
	prog_goto(p, 0);
	prog_land(p, six);
	put_ip6(p, in);
	prog_land(p, four);
	put_tcp(p);
	put_icmp(p);
	put_recent(p, in, flows);
	(void)prog_place(p, 0, TO_NEXT);
	prog_get(p, KEY_FAMILY, 1);
	is6 = prog_jump(p, BPF_JEQ, 6, 0);
	put_rules(p, fw, in, AF_INET);
	prog_land(p, is6);
	put_rules(p, fw, in, AF_INET6);
	if (!prog_place(p, 0, TO_OTHER))
		return;
	if (flows >= 0 && remembers(fw, in))
		put_remember(p, flows);
	else
		prog_goto(p, TO_PASS);
}

int net_fw_build(const struct fw *fw, bool in, int flows, struct prog *ret)
{
	int r;

	*ret = (struct prog){ 0 };
	if (!is_filtered(fw, in) && !remembers(fw, in))
		return 0;
	r = prog_begin(ret, room(fw));
	if (r < 0)
		return r;
	build(fw, in, flows, ret);
	return prog_tail(ret);
}

/* ---- links ---- */

static struct knl_filter place(int dir, const char *name)
{
	return (struct knl_filter){ .name = name, .in = dir == NET_OUT, .handle = 2 };
}

static int load(const struct fw *fw, const char *name, struct net_link_prog prog[NET_NDIRS])
{
	_fd_ int flows = -1;
	int r = 0;

	if (remembers(fw, true) || remembers(fw, false))
		r = kbpf_recent_new(24, 8, NET_FW_FLOWS, "vz_flows", &flows);

	for (int d = 0; r == 0 && d < NET_NDIRS; d++) {
		_prog_ struct prog p = { 0 };
		int n = net_fw_build(fw, d == NET_IN, flows, &p);

		r = n <= 0 ? n : kbpf_filter_load(p.v, (size_t)n, name, &prog[d].fd);
	}
	return r;
}

int net_fw_set(const struct strv *links, const struct fw *fw, const char *name, struct vz_err *e)
{
	_knl_ struct knl *k = NULL;
	struct net_link_prog prog[NET_NDIRS];
	int r = knl_open(&k);

	for (int d = 0; d < NET_NDIRS; d++)
		prog[d] = (struct net_link_prog){ place(d, name ? name : ""), -1 };
	if (r == 0 && fw)
		r = load(fw, name, prog);
	if (r == 0)
		r = net_link_progs_put(k, links, prog);
	for (int d = 0; d < NET_NDIRS; d++)
		cleanup_fd(&prog[d].fd);
	if (r == -E2BIG)
		return err_set(e, VZ_E_PARAM, r, "the firewall sets have too many rules and addresses together");
	if (r == 0)
		return 0;
	return net_fail(e, r == -EOPNOTSUPP || r == -ENOENT || r == -ENOSYS ? VZ_E_KERNEL : VZ_E_ADD_IP,
			r, k, "cannot set up the firewall");
}

bool net_fw_is_set(const struct strv *links, const struct fw *fw, const char *name)
{
	_knl_ struct knl *k = NULL;
	struct net_link_prog prog[NET_NDIRS];

	for (int d = 0; d < NET_NDIRS; d++) {
		bool wanted = fw && (is_filtered(fw, d == NET_IN) || remembers(fw, d == NET_IN));

		prog[d] = (struct net_link_prog){ place(d, wanted ? name : NULL), wanted ? 0 : -1 };
	}
	return knl_open(&k) == 0 && net_link_progs_are(k, links, prog);
}
