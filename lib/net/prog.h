/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Assemble a small program that looks at one frame. Every
 * path ends at one of two exits; a frame too short for what it claims to be is dropped. Nothing here fails
 * at once: a program that became too long says so at its end.
 */
#ifndef VZ_NET_PROG_H
#define VZ_NET_PROG_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct prog {
	struct bpf_insn *v;
	size_t n, size; /* instructions there are, and there is room for */
	bool full;
};

/* Targets of jumps whose places are not known yet; prog_place() gives them one. No jump goes so far. */
enum { TO_DROP = INT16_MIN, TO_PASS, TO_NEXT, TO_MISS, TO_OTHER };

/* Offsets in a frame. */
enum {
	AT_MAC_SRC = 6,
	AT_PROTO = 12,
	AT_IP = 14,
	AT_IP4_SRC = 26,
	AT_IP6_NEXT = 20,
	AT_IP6_SRC = 22,
	AT_IP6_PAYLOAD = 54,
};
enum { NEXT_HOPS = 0, NEXT_ROUTING = 43, NEXT_FRAGMENT = 44, NEXT_ICMP6 = 58, NEXT_DEST = 60 };

#define PROG_MAX 32000 /* instructions; jumps reach no further */

/* Room for size instructions, PROG_MAX at most. -ENOMEM */
int prog_begin(struct prog *p, size_t size);
void prog_done(struct prog *p);
#define _prog_ __attribute__((cleanup(prog_done)))

void prog_put(struct prog *p, struct bpf_insn i);
void prog_move_imm(struct prog *p, int reg, int32_t imm);
void prog_move(struct prog *p, int reg, int from);
void prog_call(struct prog *p, int function);
/* Copy len bytes of the frame from that offset to the stack, at -at bytes from its top; a frame that has
 * not so many is dropped. */
void prog_load(struct prog *p, int offset, int at, int len);
/* The same from the offset that register 7 holds, and so many bytes more. */
void prog_load_from(struct prog *p, int more, int at, int len);
/* Register 1 = what is at -at: 1, 2 or 4 bytes, aligned. */
void prog_get(struct prog *p, int at, int size);
void prog_and(struct prog *p, uint32_t mask); /* register 1 */
void prog_zero(struct prog *p, int at, int len); /* the stack; multiples of 8 */
void prog_store(struct prog *p, int at, int size, int reg);
void prog_alu(struct prog *p, int op, int reg, int32_t imm); /* 64 bits wide */
void prog_host16(struct prog *p);			     /* register 1, from network order */
void prog_map(struct prog *p, int reg, int map_fd);	     /* reg = that map */
void prog_here(struct prog *p, int reg, int at);	     /* reg = address of the stack at -at */
/* reg = address in the value of a map of kbpf_value_new() */
void prog_value(struct prog *p, int reg, int map_fd, uint32_t offset);
/* Register 1 = what the kernel says of the frame: the member at that offset of struct __sk_buff. */
void prog_frame(struct prog *p, size_t member);
/* The 64-bit number off bytes behind register 2 grows by register 1, in one step for all processors. */
void prog_count(struct prog *p, int off);
/* Compare register 1, 32 bits of it; the place of the jump, for prog_land(). */
size_t prog_jump(struct prog *p, int op, uint32_t imm, int16_t to);
void prog_goto(struct prog *p, int16_t to);
/* Let the jump at that place come here. */
void prog_land(struct prog *p, size_t jump);
/* Let all jumps to a mark since `from` come here; false when there are none, and what would stand here is never
 * reached. The kernel does not take programs with such parts. */
bool prog_place(struct prog *p, size_t from, int16_t mark);
/* Jump to TO_NEXT when the sixteen bytes at -at are this address or in this net, else go on. */
void prog_is6(struct prog *p, int at, const uint8_t *ip, unsigned prefix);
void prog_exit(struct prog *p, int verdict);
/* Begin: registers 6 and 1 are the frame. End: TO_PASS is TC_ACT_UNSPEC, so that the filters of others have
 * their say, TO_DROP is TC_ACT_SHOT, which the kernel counts. Length, or -E2BIG. */
void prog_head(struct prog *p);
int prog_tail(struct prog *p);

static inline uint32_t prog_word(const uint8_t *b)
{
	uint32_t v;

	memcpy(&v, b, sizeof(v));
	return v;
}

static inline uint16_t prog_half(const uint8_t *b)
{
	uint16_t v;

	memcpy(&v, b, sizeof(v));
	return v;
}

/* Bits of the 32-bit word number w of an address that a prefix covers, in network order. */
uint32_t prog_mask(unsigned prefix, unsigned w);

#endif
