/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Assemble the programs that count. */
#include "net/count.h"

#include <arpa/inet.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "kern/bpf.h"
#include "net/classes.h"
#include "net/net_priv.h"

/* The stack, counted down from its top. */
enum {
	IP4_PEERS = 8, /* source and destination */
	IP6_PEERS = 32,
	KEY = 32 + (int)sizeof(struct net_class_key),
	KEY_FAMILY = KEY - 4,
	KEY_IP = KEY - 8,
};
enum { ROWS_MIN = 16, ROW_SHIFT = 6 };

_Static_assert(sizeof(struct net_count_row) == 1 << ROW_SHIFT, "programs shift by it");

uint32_t net_count_rows(uint32_t max_class)
{
	uint32_t n = ROWS_MIN;

	while (n <= max_class)
		n *= 2;
	return n;
}

static uint32_t offset_of(int dir, bool six)
{
	return (uint32_t)(offsetof(struct net_count_row, c) +
			  (size_t)(dir * 2 + six) * sizeof(struct net_counter));
}

/* Register 1 = class of the address at KEY_IP, 0 when it has none. */
static void put_look_up(struct prog *p, const struct net_count *c, bool six)
{
	size_t none;

	prog_move_imm(p, BPF_REG_1, 32 + (six ? 128 : 32));
	prog_store(p, KEY, 4, BPF_REG_1);
	prog_move_imm(p, BPF_REG_1, six ? 6 : 4);
	prog_store(p, KEY_FAMILY, 4, BPF_REG_1);
	prog_map(p, BPF_REG_1, c->classes);
	prog_here(p, BPF_REG_2, KEY);
	prog_call(p, BPF_FUNC_map_lookup_elem);
	prog_move_imm(p, BPF_REG_1, 0);
	none = p->n;
	prog_put(p, (struct bpf_insn){ .code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = BPF_REG_0 });
	prog_put(p, (struct bpf_insn){ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = BPF_REG_1,
				       .src_reg = BPF_REG_0 });
	prog_land(p, none);
	prog_and(p, c->rows - 1); /* never more; the kernel wants to see it */
}

/* Register 2 = the counter; count. Without its link layer, which is not the same everywhere. What the kernel sends
 * as one and cuts up later is so many packets. */
static void put_count(struct prog *p, const struct net_count *c, int dir, bool six)
{
	size_t some;

	if (c->classes >= 0) {
		prog_alu(p, BPF_LSH, BPF_REG_1, ROW_SHIFT);
		prog_value(p, BPF_REG_2, c->rows_fd, offset_of(dir, six));
		prog_put(p, (struct bpf_insn){ .code = BPF_ALU64 | BPF_ADD | BPF_X,
					       .dst_reg = BPF_REG_2, .src_reg = BPF_REG_1 });
	} else {
		prog_value(p, BPF_REG_2, c->rows_fd, (1 << ROW_SHIFT) + offset_of(dir, six));
	}
	prog_frame(p, offsetof(struct __sk_buff, len));
	prog_alu(p, BPF_SUB, BPF_REG_1, ETH_HLEN);
	prog_count(p, offsetof(struct net_counter, bytes));
	prog_frame(p, offsetof(struct __sk_buff, gso_segs));
	some = prog_jump(p, BPF_JNE, 0, 0);
	prog_move_imm(p, BPF_REG_1, 1);
	prog_land(p, some);
	prog_count(p, offsetof(struct net_counter, packets));
	prog_goto(p, TO_PASS);
}

/* What never leaves a link is no traffic: neighbours and groups that are looked for. */
static void put_ip4(struct prog *p, const struct net_count *c, int dir)
{
	prog_load(p, AT_IP4_SRC, IP4_PEERS, 8);
	prog_get(p, IP4_PEERS - 4, 4);
	prog_and(p, htonl(0xffffff00));
	prog_jump(p, BPF_JEQ, htonl(0xe0000000), TO_PASS); /* 224.0.0.0/24 */
	if (c->classes >= 0) {
		prog_zero(p, KEY, sizeof(struct net_class_key));
		prog_get(p, dir == NET_OUT ? IP4_PEERS - 4 : IP4_PEERS, 4);
		prog_store(p, KEY_IP, 4, BPF_REG_1);
		put_look_up(p, c, false);
	}
	put_count(p, c, dir, false);
}

static void put_ip6(struct prog *p, const struct net_count *c, int dir)
{
	prog_load(p, AT_IP6_SRC, IP6_PEERS, 32);
	for (int at = IP6_PEERS; at > 0; at -= 16) {
		prog_get(p, at, 4);
		prog_and(p, htonl(0xffc00000));
		prog_jump(p, BPF_JEQ, htonl(0xfe800000), TO_PASS); /* fe80::/10 */
	}
	prog_get(p, IP6_PEERS - 16, 4);
	prog_and(p, htonl(0xffff0000));
	prog_jump(p, BPF_JEQ, htonl(0xff020000), TO_PASS); /* ff02::/16 */
	if (c->classes >= 0) {
		prog_load(p, dir == NET_OUT ? AT_IP6_SRC + 16 : AT_IP6_SRC, KEY_IP, 16);
		put_look_up(p, c, true);
	}
	put_count(p, c, dir, true);
}

int net_count_build(const struct net_count *c, int dir, struct prog *ret)
{
	size_t six;
	int r = prog_begin(ret, 256);

	if (r < 0)
		return r;
	prog_head(ret);
	prog_frame(ret, offsetof(struct __sk_buff, protocol));
	six = prog_jump(ret, BPF_JEQ, htons(ETH_P_IPV6), 0);
	prog_jump(ret, BPF_JNE, htons(ETH_P_IP), TO_PASS);
	put_ip4(ret, c, dir);
	prog_land(ret, six);
	put_ip6(ret, c, dir);
	/* Others may have a word about what is too short. */
	(void)prog_place(ret, 0, TO_DROP);
	prog_goto(ret, TO_PASS);
	return prog_tail(ret);
}

static struct knl_filter place(int dir, const char *name)
{
	return (struct knl_filter){ .name = name, .in = dir == NET_OUT, .handle = 1, .looks = true };
}

int net_count_set(const struct strv *links, const struct net_count *c, const char *name,
		  struct vz_err *e)
{
	_knl_ struct knl *k = NULL;
	struct net_link_prog prog[NET_NDIRS] = { { .fd = -1 }, { .fd = -1 } };
	int r = knl_open(&k);

	for (int d = 0; r == 0 && d < NET_NDIRS; d++) {
		_prog_ struct prog p = { 0 };
		int n = net_count_build(c, d, &p);

		prog[d].place = place(d, name);
		r = n < 0 ? n : kbpf_filter_load(p.v, (size_t)n, name, &prog[d].fd);
	}
	if (r == 0)
		r = net_link_progs_put(k, links, prog);
	for (int d = 0; d < NET_NDIRS; d++)
		cleanup_fd(&prog[d].fd);
	return r == 0 ? 0 : net_fail(e, VZ_E_KERNEL, r, k, "cannot count on its links");
}

bool net_count_is_set(const struct strv *links, const char *name)
{
	_knl_ struct knl *k = NULL;
	struct net_link_prog prog[NET_NDIRS];

	for (int d = 0; d < NET_NDIRS; d++)
		prog[d] = (struct net_link_prog){ place(d, name), 0 };
	return knl_open(&k) == 0 && net_link_progs_are(k, links, prog);
}
