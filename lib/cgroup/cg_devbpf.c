/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Device policy of the second generation: a program made from the rules. */
#include "cgroup/cg_int.h"

#include <errno.h>
#include <linux/bpf.h>

#include "base/cleanup.h"
#include "kern/bpf.h"

#define PROG_NAME "vz_devices"

enum { ACCESS_ALL = BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE };

/* What each register holds while the rules are tried. */
enum { R_RESULT = BPF_REG_0, R_TMP = BPF_REG_1, R_TYPE = BPF_REG_2, R_ACCESS = BPF_REG_3,
       R_MAJOR = BPF_REG_4, R_MINOR = BPF_REG_5 };

struct prog {
	struct bpf_insn *v;
	size_t n, max;
	bool full;
};

static void emit(struct prog *p, uint8_t code, uint8_t dst, uint8_t src, int16_t off, int32_t imm)
{
	if (p->n == p->max) {
		p->full = true;
		return;
	}
	p->v[p->n++] = (struct bpf_insn){
		.code = code, .dst_reg = dst, .src_reg = src, .off = off, .imm = imm };
}

static void emit_load(struct prog *p, uint8_t dst, size_t offset)
{
	emit(p, BPF_LDX | BPF_MEM | BPF_W, dst, BPF_REG_1, offset, 0);
}

static void emit_return(struct prog *p, int32_t value)
{
	emit(p, BPF_ALU64 | BPF_MOV | BPF_K, R_RESULT, 0, 0, value);
	emit(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* "If the register is another, go on with the next rule": the target is filled in later. */
static void emit_unless(struct prog *p, uint8_t reg, int64_t value)
{
	emit(p, BPF_JMP32 | BPF_JNE | BPF_K, reg, 0, 0, (int32_t)value);
}

static void emit_rule(struct prog *p, const struct dev_rule *r)
{
	size_t from = p->n;

	if (r->type != 'a')
		emit_unless(p, R_TYPE, r->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
	if (r->access != ACCESS_ALL) {
		emit(p, BPF_ALU64 | BPF_MOV | BPF_X, R_TMP, R_ACCESS, 0, 0);
		emit(p, BPF_ALU64 | BPF_AND | BPF_K, R_TMP, 0, 0, ACCESS_ALL & ~r->access);
		emit_unless(p, R_TMP, 0);
	}
	if (r->major >= 0)
		emit_unless(p, R_MAJOR, r->major);
	if (r->minor >= 0)
		emit_unless(p, R_MINOR, r->minor);
	emit_return(p, 1);
	for (size_t i = from; i < p->n; i++) {
		if (p->v[i].code == (BPF_JMP32 | BPF_JNE | BPF_K))
			p->v[i].off = p->n - i - 1;
	}
}

int cg_devbpf_make(const struct dev_rule *r, size_t n, struct bpf_insn *out, size_t max)
{
	struct prog p = { .v = out, .max = max };

	emit_load(&p, R_TYPE, offsetof(struct bpf_cgroup_dev_ctx, access_type));
	emit_load(&p, R_MAJOR, offsetof(struct bpf_cgroup_dev_ctx, major));
	emit_load(&p, R_MINOR, offsetof(struct bpf_cgroup_dev_ctx, minor));
	/* access_type is (access << 16) | type */
	emit(&p, BPF_ALU64 | BPF_MOV | BPF_X, R_ACCESS, R_TYPE, 0, 0);
	emit(&p, BPF_ALU64 | BPF_RSH | BPF_K, R_ACCESS, 0, 0, 16);
	emit(&p, BPF_ALU64 | BPF_AND | BPF_K, R_TYPE, 0, 0, 0xffff);
	for (size_t i = 0; i < n && !p.full; i++) {
		emit_rule(&p, &r[i]);
		/* The verifier refuses what can never be reached. */
		if (r[i].type == 'a' && r[i].major < 0 && r[i].minor < 0 &&
		    r[i].access == ACCESS_ALL)
			return p.full ? -E2BIG : (int)p.n;
	}
	emit_return(&p, 0);
	return p.full ? -E2BIG : (int)p.n;
}

int cg_devbpf_apply(int fd, const struct dev_rule *r, size_t n)
{
	_free_ struct bpf_insn *prog = calloc(CG_DEVBPF_MAX, sizeof(*prog));
	_fd_ int prog_fd = -1;
	int len;

	if (!prog)
		return -ENOMEM;
	len = cg_devbpf_make(r, n, prog, CG_DEVBPF_MAX);
	if (len >= 0)
		len = kbpf_device_load(prog, len, PROG_NAME, &prog_fd);
	return len < 0 ? len : kbpf_device_put(fd, prog_fd, PROG_NAME);
}
