/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Instructions, marks and exits. */
#include "net/prog.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/pkt_cls.h>
#include <stdlib.h>

int prog_begin(struct prog *p, size_t size)
{
	*p = (struct prog){ .size = size > PROG_MAX ? PROG_MAX : size };
	p->v = calloc(p->size, sizeof(*p->v));
	return p->v ? 0 : -ENOMEM;
}

void prog_done(struct prog *p)
{
	free(p->v);
	p->v = NULL;
}

void prog_put(struct prog *p, struct bpf_insn i)
{
	if (p->n == p->size)
		p->full = true;
	else
		p->v[p->n++] = i;
}

void prog_move_imm(struct prog *p, int reg, int32_t imm)
{
	prog_put(p, (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = reg & 15,
				       .imm = imm });
}

void prog_move(struct prog *p, int reg, int from)
{
	prog_put(p, (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = reg & 15,
				       .src_reg = from & 15 });
}

void prog_call(struct prog *p, int function)
{
	prog_put(p, (struct bpf_insn){ .code = BPF_JMP | BPF_CALL, .imm = function });
}

/* Register 2 has the offset. */
static void load(struct prog *p, int at, int len)
{
	prog_move(p, BPF_REG_1, BPF_REG_6);
	prog_move(p, BPF_REG_3, BPF_REG_10);
	prog_put(p, (struct bpf_insn){ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_3,
				       .imm = -at });
	prog_move_imm(p, BPF_REG_4, len);
	prog_call(p, BPF_FUNC_skb_load_bytes);
	prog_put(p, (struct bpf_insn){ .code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = BPF_REG_0,
				       .off = TO_DROP });
}

void prog_load(struct prog *p, int offset, int at, int len)
{
	prog_move_imm(p, BPF_REG_2, offset);
	load(p, at, len);
}

void prog_load_from(struct prog *p, int more, int at, int len)
{
	prog_move(p, BPF_REG_2, BPF_REG_7);
	if (more)
		prog_put(p, (struct bpf_insn){ .code = BPF_ALU64 | BPF_ADD | BPF_K,
					       .dst_reg = BPF_REG_2, .imm = more });
	load(p, at, len);
}

void prog_get(struct prog *p, int at, int size)
{
	int width = size == 4 ? BPF_W : size == 2 ? BPF_H : BPF_B;

	prog_put(p, (struct bpf_insn){ .code = (uint8_t)(BPF_LDX | BPF_MEM | width),
				       .dst_reg = BPF_REG_1, .src_reg = BPF_REG_10,
				       .off = (int16_t)-at });
}

void prog_and(struct prog *p, uint32_t mask)
{
	prog_put(p, (struct bpf_insn){ .code = BPF_ALU | BPF_AND | BPF_K, .dst_reg = BPF_REG_1,
				       .imm = (int32_t)mask });
}

void prog_zero(struct prog *p, int at, int len)
{
	for (int i = 0; i < len; i += 8)
		prog_put(p, (struct bpf_insn){ .code = BPF_ST | BPF_MEM | BPF_DW,
					       .dst_reg = BPF_REG_10, .off = (int16_t)(i - at) });
}

void prog_store(struct prog *p, int at, int size, int reg)
{
	int width = size == 8 ? BPF_DW : size == 4 ? BPF_W : size == 2 ? BPF_H : BPF_B;

	prog_put(p, (struct bpf_insn){ .code = (uint8_t)(BPF_STX | BPF_MEM | width),
				       .dst_reg = BPF_REG_10, .src_reg = reg & 15,
				       .off = (int16_t)-at });
}

void prog_alu(struct prog *p, int op, int reg, int32_t imm)
{
	prog_put(p, (struct bpf_insn){ .code = (uint8_t)(BPF_ALU64 | op | BPF_K),
				       .dst_reg = reg & 15, .imm = imm });
}

void prog_host16(struct prog *p)
{
	prog_put(p, (struct bpf_insn){ .code = BPF_ALU | BPF_END | BPF_TO_BE,
				       .dst_reg = BPF_REG_1, .imm = 16 });
}

void prog_map(struct prog *p, int reg, int map_fd)
{
	prog_put(p, (struct bpf_insn){ .code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = reg & 15,
				       .src_reg = BPF_PSEUDO_MAP_FD, .imm = map_fd });
	prog_put(p, (struct bpf_insn){ 0 });
}

void prog_value(struct prog *p, int reg, int map_fd, uint32_t offset)
{
	prog_put(p, (struct bpf_insn){ .code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = reg & 15,
				       .src_reg = BPF_PSEUDO_MAP_VALUE, .imm = map_fd });
	prog_put(p, (struct bpf_insn){ .imm = (int32_t)offset });
}

void prog_frame(struct prog *p, size_t member)
{
	prog_put(p, (struct bpf_insn){ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = BPF_REG_1,
				       .src_reg = BPF_REG_6, .off = (int16_t)member });
}

void prog_count(struct prog *p, int off)
{
	prog_put(p, (struct bpf_insn){ .code = BPF_STX | BPF_ATOMIC | BPF_DW,
				       .dst_reg = BPF_REG_2, .src_reg = BPF_REG_1,
				       .off = (int16_t)off, .imm = BPF_ADD });
}

void prog_here(struct prog *p, int reg, int at)
{
	prog_move(p, reg, BPF_REG_10);
	prog_alu(p, BPF_ADD, reg, -at);
}

/* 32 bits wide, so that a constant with its highest bit set is not extended (Linux 5.1). */
size_t prog_jump(struct prog *p, int op, uint32_t imm, int16_t to)
{
	prog_put(p, (struct bpf_insn){ .code = (uint8_t)(BPF_JMP32 | op | BPF_K),
				       .dst_reg = BPF_REG_1, .off = to, .imm = (int32_t)imm });
	return p->n - 1;
}

void prog_goto(struct prog *p, int16_t to)
{
	prog_put(p, (struct bpf_insn){ .code = BPF_JMP | BPF_JA, .off = to });
}

void prog_land(struct prog *p, size_t jump)
{
	if (!p->full)
		p->v[jump].off = (int16_t)(p->n - jump - 1);
}

static bool is_jump(const struct bpf_insn *i)
{
	return BPF_CLASS(i->code) == BPF_JMP || BPF_CLASS(i->code) == BPF_JMP32;
}

bool prog_place(struct prog *p, size_t from, int16_t mark)
{
	bool any = false;

	for (size_t i = from; i < p->n; i++)
		if (is_jump(&p->v[i]) && p->v[i].off == mark) {
			prog_land(p, i);
			any = true;
		}
	return any;
}

void prog_is6(struct prog *p, int at, const uint8_t *ip, unsigned prefix)
{
	size_t from = p->n;

	for (unsigned w = 0; w < 4; w++) {
		uint32_t mask = prog_mask(prefix, w);

		if (!mask)
			break;
		prog_get(p, at - 4 * (int)w, 4);
		if (mask != UINT32_MAX)
			prog_and(p, mask);
		prog_jump(p, BPF_JNE, prog_word(ip + 4 * w) & mask, TO_MISS);
	}
	prog_goto(p, TO_NEXT);
	(void)prog_place(p, from, TO_MISS);
}

void prog_exit(struct prog *p, int verdict)
{
	prog_move_imm(p, BPF_REG_0, verdict);
	prog_put(p, (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT });
}

void prog_head(struct prog *p)
{
	prog_move(p, BPF_REG_6, BPF_REG_1);
}

int prog_tail(struct prog *p)
{
	if (prog_place(p, 0, TO_PASS))
		prog_exit(p, TC_ACT_UNSPEC);
	if (prog_place(p, 0, TO_DROP))
		prog_exit(p, TC_ACT_SHOT);
	return p->full ? -E2BIG : (int)p->n;
}

uint32_t prog_mask(unsigned prefix, unsigned w)
{
	unsigned bits = prefix <= 32 * w ? 0 : prefix - 32 * w;

	return bits == 0 ? 0 : bits >= 32 ? UINT32_MAX : htonl(UINT32_MAX << (32 - bits));
}
