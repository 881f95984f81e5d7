/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guard of a link as a program: it fits, ends, jumps only inside itself; the kernel takes it. */
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kern/bpf.h"
#include "net/guard.h"
#include "tap.h"

static const uint8_t mac[6] = { 0x00, 0x18, 0x51, 0xff, 0x80, 0x01 };

static struct cfg_addr addr(int i)
{
	struct cfg_addr a = { .family = i % 2 ? AF_INET6 : AF_INET, .prefix = i % 2 ? 64 : 24 };

	a.ip[0] = i % 2 ? 0x20 : 203;
	a.ip[3] = (uint8_t)i;
	a.ip[15] = i % 2 ? (uint8_t)(i >> 8 | 0x80) : 0;
	return a;
}

/* Length of a guard with n addresses, after a look at each of its jumps. */
static int check(bool with_mac, bool routed, int n, bool load)
{
	_prog_ struct prog p = { 0 };
	struct addrlist l = { calloc((size_t)n + 1, sizeof(*l.v)), (size_t)(n < 0 ? 0 : n) };
	struct net_guard g = { .mac = with_mac ? mac : NULL, .addrs = n < 0 ? NULL : &l,
			       .routed = routed };
	const struct bpf_insn *prog;
	int len, fd = -1;

	for (int i = 0; i < n; i++)
		l.v[i] = addr(i);
	len = net_guard_build(&g, &p);
	prog = p.v;
	for (int i = 0; i < len; i++) {
		int class = BPF_CLASS(prog[i].code), to = i + 1 + prog[i].off;

		if (class != BPF_JMP && class != BPF_JMP32)
			continue;
		if (to <= i || to >= len)
			OK(BPF_OP(prog[i].code) == BPF_EXIT || BPF_OP(prog[i].code) == BPF_CALL);
	}
	if (len > 0)
		EQ(prog[len - 1].code, BPF_JMP | BPF_EXIT);
	if (len > 0 && load) {
		EQ(kbpf_filter_load(prog, (size_t)len, NET_GUARD_NAME, &fd), 0);
		if (fd >= 0)
			close(fd);
	}
	free(l.v);
	return len;
}

TEST("guards of every kind are built")
{
	OK(check(true, false, -1, false) > 0);
	OK(check(false, false, 0, false) > 0);
	OK(check(true, false, 1, false) > check(true, false, 0, false));
	OK(check(true, false, 64, false) > 0);
	OK(check(false, true, 0, false) > 0);
	OK(check(false, true, 2, false) < check(false, false, 2, false));
}

TEST("one that would not fit is refused, not cut")
{
	EQ(check(true, false, 6000, false), -E2BIG);
}

TEST("the kernel's verifier takes them")
{
	if (geteuid() != 0)
		SKIP("needs root");
	OK(check(true, false, -1, true) > 0);
	OK(check(false, false, 1, true) > 0);
	OK(check(true, false, 2, true) > 0);
	OK(check(true, false, 1000, true) > 0);
	OK(check(false, true, 0, true) > 0);
	OK(check(false, true, 3, true) > 0);
	OK(check(false, true, 1000, true) > 0);
}
