/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which class a frame belongs to. The tag travels in tc_index, which nothing else of today's kernels looks at. */
#include "net/rate_int.h"

#include <arpa/inet.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <string.h>

#include "kern/bpf.h"
#include "kern/nl.h"
#include "net/classes.h"

enum { IP4_SRC = 26, IP4_DST = 30, IP6_SRC = 22, IP6_DST = 38 }; /* in a frame */

enum { KEY_AT = -(int)sizeof(struct net_class_key), FAMILY_AT = KEY_AT + 4, IP_AT = KEY_AT + 8 };

#define INSN(c, d, s, o, i)                                                                        \
	((struct bpf_insn){ .code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) })
#define SET(reg, i)	INSN(BPF_ALU64 | BPF_MOV | BPF_K, reg, 0, 0, i)
#define MOVE(reg, from) INSN(BPF_ALU64 | BPF_MOV | BPF_X, reg, from, 0, 0)
#define ADD(reg, i)	INSN(BPF_ALU64 | BPF_ADD | BPF_K, reg, 0, 0, i)
#define PUT(at, i)	INSN(BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, at, i)
#define GET(reg, s, at) INSN(BPF_LDX | BPF_MEM | BPF_W, reg, s, at, 0)
#define GO(n)		INSN(BPF_JMP | BPF_JA, 0, 0, n, 0)
#define IF_IS(reg, i, n) INSN(BPF_JMP | BPF_JEQ | BPF_K, reg, 0, n, i)
#define IF_NOT(reg, i, n) INSN(BPF_JMP | BPF_JNE | BPF_K, reg, 0, n, i)
#define CALL(f)		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, f)
#define END		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

int rate_pick(int map_fd, uint32_t net_class, bool out, bool rest, uint16_t tag, int *ret_fd)
{
	enum { YES = 33 }; /* where the last six instructions begin */
	const struct bpf_insn prog[] = {
		/* 0 */ MOVE(BPF_REG_6, BPF_REG_1),
		/* 1 */ PUT(IP_AT + 4, 0),
		/* 2 */ PUT(IP_AT + 8, 0),
		/* 3 */ PUT(IP_AT + 12, 0),
		/* 4 */ GET(BPF_REG_7, BPF_REG_6, offsetof(struct __sk_buff, protocol)),
		/* 5 */ IF_IS(BPF_REG_7, htons(ETH_P_IP), 2),
		/* 6 */ IF_IS(BPF_REG_7, htons(ETH_P_IPV6), 6),
		/* 7 */ GO(24), /* to 32 */
		/* 8 */ PUT(KEY_AT, 32 + 32),
		/* 9 */ PUT(FAMILY_AT, 4),
		/* 10 */ SET(BPF_REG_2, out ? IP4_DST : IP4_SRC),
		/* 11 */ SET(BPF_REG_4, 4),
		/* 12 */ GO(4), /* to 17 */
		/* 13 */ PUT(KEY_AT, 32 + 128),
		/* 14 */ PUT(FAMILY_AT, 6),
		/* 15 */ SET(BPF_REG_2, out ? IP6_DST : IP6_SRC),
		/* 16 */ SET(BPF_REG_4, 16),
		/* 17 */ MOVE(BPF_REG_1, BPF_REG_6),
		/* 18 */ MOVE(BPF_REG_3, BPF_REG_10),
		/* 19 */ ADD(BPF_REG_3, IP_AT),
		/* 20 */ CALL(BPF_FUNC_skb_load_bytes),
		/* 21 */ IF_NOT(BPF_REG_0, 0, 10), /* to 32 */
		/* 22 */ INSN(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, map_fd),
		/* 23 */ INSN(0, 0, 0, 0, 0),
		/* 24 */ MOVE(BPF_REG_2, BPF_REG_10),
		/* 25 */ ADD(BPF_REG_2, KEY_AT),
		/* 26 */ CALL(BPF_FUNC_map_lookup_elem),
		/* 27 */ SET(BPF_REG_1, 0),
		/* 28 */ IF_IS(BPF_REG_0, 0, 1),
		/* 29 */ GET(BPF_REG_1, BPF_REG_0, 0),
		/* 30 */ IF_IS(BPF_REG_1, (int32_t)net_class, 2), /* to 33 */
		/* 31 */ GO(5), /* to 37 */
		/* 32 */ GO(rest ? 0 : 4),
		/* 33 */ SET(BPF_REG_1, tag),
		/* 34 */ INSN(BPF_STX | BPF_MEM | BPF_W, BPF_REG_6, BPF_REG_1,
			      offsetof(struct __sk_buff, tc_index), 0),
		/* 35 */ SET(BPF_REG_0, -1),
		/* 36 */ END,
		/* 37 */ SET(BPF_REG_0, 0),
		/* 38 */ END,
	};
	struct bpf_insn all[5] = { prog[0] };

	if (map_fd >= 0)
		return kbpf_filter_load(prog, sizeof(prog) / sizeof(prog[0]), "vz_class", ret_fd);
	memcpy(all + 1, prog + YES, 4 * sizeof(prog[0]));
	return kbpf_filter_load(all, 5, "vz_class", ret_fd);
}

int rate_sort(int *ret_fd)
{
	const struct bpf_insn prog[] = {
		GET(BPF_REG_0, BPF_REG_1, offsetof(struct __sk_buff, tc_index)),
		INSN(BPF_ALU64 | BPF_AND | BPF_K, BPF_REG_0, 0, 0, UINT16_MAX),
		IF_IS(BPF_REG_0, 0, 1),
		INSN(BPF_ALU64 | BPF_OR | BPF_K, BPF_REG_0, 0, 0, KNL_HTB_MAJOR << 16),
		END,
	};

	return kbpf_filter_load(prog, sizeof(prog) / sizeof(prog[0]), "vz_share", ret_fd);
}
