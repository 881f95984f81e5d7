/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The firewall of a VPS: what a set may say, what packets the programs let through. Running them needs root. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "kern/bpf.h"
#include "net/fw.h"
#include "net/prog.h"
#include "tap.h"

static struct vz_err err;

static int parse(struct fw *fw, const char *text)
{
	int r;

	*fw = (struct fw){ 0 };
	err = (struct vz_err){ 0 };
	r = fw_parse(fw, "web.fw", text, &err);
	fw_end(fw);
	return r;
}

TEST("rules are understood as people write them")
{
	_fw_ struct fw fw;

	EQ(parse(&fw, "# the web\n\nIN ACCEPT -p tcp -dport 80,443,8000:8100   # pages\r\n"
		      "\tIN DROP -source 192.0.2.0/24,2001:db8::/32 --proto udp --sport 53\n"
		      "OUT DROP -p 47 -dest 198.51.100.1\npolicy_out: ACCEPT"), 0);
	NEED(EQ(fw.n, 3));
	EQ(fw.v[0].in, true);
	EQ(fw.v[0].accept, true);
	EQ(fw.v[0].proto, 6);
	NEED(EQ(fw.v[0].ndport, 3));
	EQ(fw.v[0].dport[2].first, 8000);
	EQ(fw.v[0].dport[2].last, 8100);
	NEED(EQ(fw.v[1].source.n, 2));
	EQ(fw.v[1].source.v[1].prefix, 32);
	EQ(fw.v[1].nsport, 1);
	EQ(fw.v[2].in, false);
	EQ(fw.v[2].proto, 47);
	EQ(fw.policy_in, FW_DROP);
	EQ(fw.policy_out, FW_ACCEPT);
}

TEST("what is let in closes the rest; what is said outright counts more, and strictness most")
{
	static const struct {
		const char *text;
		enum fw_policy in, out;
	} cases[] = {
		{ "", FW_ACCEPT, FW_ACCEPT },
		{ "IN ACCEPT -p icmp", FW_DROP, FW_ACCEPT },
		{ "OUT DROP -p tcp -dport 25", FW_ACCEPT, FW_ACCEPT },
		{ "OUT ACCEPT -p tcp", FW_ACCEPT, FW_DROP },
		{ "IN ACCEPT -p tcp\npolicy_in: ACCEPT", FW_ACCEPT, FW_ACCEPT },
		{ "policy_in: DROP\npolicy_in: ACCEPT", FW_DROP, FW_ACCEPT },
		{ "policy_in: ACCEPT\npolicy_in: DROP", FW_DROP, FW_ACCEPT },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		_fw_ struct fw fw;

		EQ(parse(&fw, cases[i].text), 0);
		EQ(fw.policy_in, cases[i].in);
		EQ(fw.policy_out, cases[i].out);
	}
}

TEST("what is no rule is refused with its line")
{
	static const char *const bad[] = {
		"ACCEPT", "IN", "IN accept", "IN REJECT", "IN ACCEPT -p", "IN ACCEPT -p tpc",
		"IN ACCEPT -p 256", "IN ACCEPT -p -1", "IN ACCEPT -dport 80", "IN ACCEPT -p icmp -dport 1",
		"IN ACCEPT -p tcp -dport 0", "IN ACCEPT -p tcp -dport 65536", "IN ACCEPT -p tcp -dport 9:8",
		"IN ACCEPT -p tcp -dport 80,,81", "IN ACCEPT -p tcp -dport http", "IN ACCEPT -p tcp -p udp",
		"IN ACCEPT -p tcp -dport 80 -dport 81", "IN ACCEPT -source 1.2.3", "IN ACCEPT -source 1.2.3.4/33",
		"IN ACCEPT -source ::/129", "IN ACCEPT -source 1.2.3.4/", "IN ACCEPT -source example.org",
		"IN ACCEPT -source 1.2.3.4 -dest ::1", "IN ACCEPT -i eth0", "IN ACCEPT drop all",
		"policy_in:", "policy_in: NO", "policy_in: DROP now", "[RULES]",
		"IN ACCEPT -p tcp -dport 99999999999999999999", "IN ACCEPT; drop table",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		_fw_ struct fw fw;
		char text[128];

		(void)snprintf(text, sizeof(text), "# one\n%s\n", bad[i]);
		if (!EQ(parse(&fw, text), -EINVAL))
			printf("# %s\n", bad[i]);
		EQ(err.code, VZ_E_PARAM);
		HAS(err.text, "'web.fw', line 2:");
	}
}

TEST("more rules than are held are refused, not cut")
{
	static const char rule[] = "IN DROP -p tcp\n";
	static char text[(FW_RULES_MAX + 1) * sizeof(rule)];
	struct fw fw;

	for (size_t i = 0; i <= FW_RULES_MAX; i++) {
		EQ(i == FW_RULES_MAX ? parse(&fw, text) : 0, 0);
		memcpy(text + i * (sizeof(rule) - 1), rule, sizeof(rule));
	}
	EQ(fw.n, FW_RULES_MAX);
	fw_done(&fw);
	EQ(parse(&fw, text), -EINVAL);
	HAS(err.text, "more rules");
	fw_done(&fw);
}

/* ---- packets ---- */

struct packet {
	uint8_t b[128];
	size_t n;
};

static struct packet ip4(int proto, const char *src, const char *dst, int sport, int dport, int flags)
{
	struct packet p = { .n = 14 + 20 + 20 };
	uint16_t port;

	p.b[12] = 8;
	p.b[14] = 0x45;
	p.b[17] = 40;
	p.b[22] = 64;
	p.b[23] = (uint8_t)proto;
	inet_pton(AF_INET, src, p.b + 26);
	inet_pton(AF_INET, dst, p.b + 30);
	port = htons((uint16_t)sport), memcpy(p.b + 34, &port, 2);
	port = htons((uint16_t)dport), memcpy(p.b + 36, &port, 2);
	if (proto == 6)
		p.b[47] = (uint8_t)flags;
	else if (proto == 1)
		p.b[34] = (uint8_t)sport;
	return p;
}

/* extra: so many headers of destination options before what it carries. */
static struct packet ip6(int proto, const char *src, const char *dst, int sport, int dport, int flags,
			 int extra)
{
	struct packet p = { .n = 14 + 40 + 20 + 8 * (size_t)extra };
	uint8_t *l4 = p.b + 54 + 8 * extra;
	uint16_t port;

	p.b[12] = 0x86, p.b[13] = 0xdd;
	p.b[14] = 0x60;
	p.b[20] = (uint8_t)(extra ? 60 : proto);
	for (int i = 0; i < extra; i++)
		p.b[54 + 8 * i] = (uint8_t)(i + 1 < extra ? 60 : proto);
	inet_pton(AF_INET6, src, p.b + 22);
	inet_pton(AF_INET6, dst, p.b + 38);
	port = htons((uint16_t)sport), memcpy(l4, &port, 2);
	port = htons((uint16_t)dport), memcpy(l4 + 2, &port, 2);
	if (proto == 6)
		l4[13] = (uint8_t)flags;
	else if (proto == 58)
		l4[0] = (uint8_t)sport;
	return p;
}

/* Both programs over one table, as on a link. -1: no program in that direction. */
struct wall {
	int prog[2], flows;
};

static bool wall_new(struct wall *w, const char *text)
{
	struct fw fw;

	w->prog[0] = w->prog[1] = w->flows = -1;
	EQ(parse(&fw, text), 0);
	EQ(kbpf_recent_new(24, 8, 64, "test", &w->flows), 0);
	for (int d = 0; d < 2; d++) {
		_prog_ struct prog p = { 0 };
		int n = net_fw_build(&fw, d, w->flows, &p);

		OK(n >= 0);
		if (n > 0 && !EQ(kbpf_filter_load(p.v, (size_t)n, "test", &w->prog[d]), 0)) {
			fw_done(&fw);
			return false;
		}
	}
	fw_done(&fw);
	return true;
}

static void wall_end(struct wall *w)
{
	for (int d = 0; d < 2; d++)
		if (w->prog[d] >= 0)
			close(w->prog[d]);
	close(w->flows);
}

static bool lets(const struct wall *w, bool in, struct packet p)
{
	union bpf_attr a;
	uint8_t out[256];

	if (w->prog[in] < 0)
		return true;
	memset(&a, 0, sizeof(a));
	a.test.prog_fd = (uint32_t)w->prog[in];
	a.test.data_in = (uintptr_t)p.b;
	a.test.data_size_in = (uint32_t)p.n;
	a.test.data_out = (uintptr_t)out;
	a.test.data_size_out = sizeof(out);
	a.test.repeat = 1;
	if (syscall(SYS_bpf, BPF_PROG_TEST_RUN, &a, sizeof(a)) < 0) {
		OK(!"the kernel runs the program");
		return false;
	}
	return a.test.retval != TC_ACT_SHOT;
}

#define SYN 2
#define ACK 16
#define ME  "203.0.113.1"
#define YOU "198.51.100.7"
#define ME6 "2001:db8::1"
#define YOU6 "2001:db8:5::7"
#define NEED_ROOT                                                                                  \
	if (geteuid() != 0)                                                                        \
	SKIP("needs root")

TEST("a set that lets in two ports lets in these, answers, and nothing else")
{
	struct wall w;

	NEED_ROOT;
	NEED(wall_new(&w, "IN ACCEPT -p tcp -dport 80,443"));
	OK(lets(&w, true, ip4(6, YOU, ME, 5000, 80, SYN)));
	OK(lets(&w, true, ip4(6, YOU, ME, 5000, 443, SYN)));
	OK(!lets(&w, true, ip4(6, YOU, ME, 5000, 22, SYN)));
	OK(!lets(&w, true, ip4(6, YOU, ME, 80, 22, SYN)));
	OK(lets(&w, true, ip4(6, YOU, ME, 25, 40000, SYN | ACK)));
	OK(lets(&w, true, ip4(6, YOU, ME, 25, 40000, ACK)));
	OK(lets(&w, true, ip6(6, YOU6, ME6, 5000, 80, SYN, 0)));
	OK(!lets(&w, true, ip6(6, YOU6, ME6, 5000, 22, SYN, 0)));
	OK(lets(&w, true, ip6(6, YOU6, ME6, 5000, 80, SYN, 2)));
	OK(!lets(&w, true, ip6(6, YOU6, ME6, 5000, 22, SYN, 2)));
	OK(!lets(&w, true, ip6(6, YOU6, ME6, 5000, 80, SYN, 4)));
	OK(!lets(&w, true, ip4(17, YOU, ME, 5000, 80, 0)));
	OK(!lets(&w, true, ip4(1, YOU, ME, 8, 0, 0)));
	OK(lets(&w, true, ip4(1, YOU, ME, 0, 0, 0)));
	OK(lets(&w, true, ip4(1, YOU, ME, 3, 0, 0)));
	OK(lets(&w, true, ip6(58, YOU6, ME6, 135, 0, 0, 0)));
	OK(!lets(&w, true, ip4(47, YOU, ME, 0, 0, 0)));
	wall_end(&w);
}

TEST("what the VPS asks by UDP is answered, and only to it")
{
	struct wall w;

	NEED_ROOT;
	NEED(wall_new(&w, "IN ACCEPT -p tcp -dport 80"));
	OK(!lets(&w, true, ip4(17, YOU, ME, 53, 40000, 0)));
	OK(lets(&w, false, ip4(17, ME, YOU, 40000, 53, 0)));
	OK(lets(&w, true, ip4(17, YOU, ME, 53, 40000, 0)));
	OK(!lets(&w, true, ip4(17, YOU, ME, 53, 40001, 0)));
	OK(!lets(&w, true, ip4(17, YOU, ME, 54, 40000, 0)));
	OK(!lets(&w, true, ip4(17, "198.51.100.8", ME, 53, 40000, 0)));
	OK(!lets(&w, true, ip6(17, YOU6, ME6, 53, 40000, 0, 0)));
	OK(lets(&w, false, ip6(17, ME6, YOU6, 40000, 53, 0, 0)));
	OK(lets(&w, true, ip6(17, YOU6, ME6, 53, 40000, 0, 0)));
	OK(lets(&w, false, ip4(47, ME, YOU, 0, 0, 0)));
	OK(lets(&w, true, ip4(47, YOU, ME, 0, 0, 0)));
	OK(lets(&w, true, ip4(17, YOU, ME, 67, 68, 0)));
	wall_end(&w);
}

TEST("a set that forbids mail forbids mail, however it is wrapped, and nothing else")
{
	struct wall w;

	NEED_ROOT;
	NEED(wall_new(&w, "OUT DROP -p tcp -dport 25"));
	OK(!lets(&w, false, ip4(6, ME, YOU, 40000, 25, SYN)));
	OK(lets(&w, false, ip4(6, ME, YOU, 40000, 26, SYN)));
	OK(lets(&w, false, ip4(17, ME, YOU, 40000, 25, 0)));
	OK(lets(&w, true, ip4(6, YOU, ME, 40000, 25, SYN)));
	OK(lets(&w, false, ip4(6, ME, YOU, 25, 40000, SYN | ACK)));
	OK(!lets(&w, false, ip6(6, ME6, YOU6, 40000, 25, SYN, 0)));
	OK(!lets(&w, false, ip6(6, ME6, YOU6, 40000, 25, SYN, 1)));
	OK(!lets(&w, false, ip6(6, ME6, YOU6, 40000, 25, SYN, 3)));
	struct packet tiny = ip4(6, ME, YOU, 40000, 25, SYN);
	tiny.n = 14 + 20 + 8;
	OK(!lets(&w, false, tiny));
	struct packet tag = ip4(6, ME, YOU, 40000, 25, SYN);
	memmove(tag.b + 16, tag.b + 12, tag.n - 12);
	tag.n += 4;
	tag.b[12] = 0x81, tag.b[13] = 0, tag.b[14] = 0, tag.b[15] = 5;
	OK(!lets(&w, false, tag));
	wall_end(&w);
}

TEST("addresses, nets and ranges; the first rule that fits decides")
{
	struct wall w;

	NEED_ROOT;
	NEED(wall_new(&w, "IN DROP -source 198.51.100.64/26\n"
			  "IN ACCEPT -p tcp -dport 22 -source 198.51.100.0/24,2001:db8:5::/48\n"
			  "IN ACCEPT -p udp -dport 1000:2000 -dest " ME "\n"
			  "IN ACCEPT -p icmp"));
	OK(lets(&w, true, ip4(6, YOU, ME, 1, 22, SYN)));
	OK(!lets(&w, true, ip4(6, "198.51.100.65", ME, 1, 22, SYN)));
	OK(!lets(&w, true, ip4(6, "198.51.101.7", ME, 1, 22, SYN)));
	OK(lets(&w, true, ip6(6, YOU6, ME6, 1, 22, SYN, 0)));
	OK(!lets(&w, true, ip6(6, "2001:db8:6::7", ME6, 1, 22, SYN, 0)));
	OK(lets(&w, true, ip4(17, YOU, ME, 1, 1000, 0)));
	OK(lets(&w, true, ip4(17, YOU, ME, 1, 2000, 0)));
	OK(!lets(&w, true, ip4(17, YOU, ME, 1, 999, 0)));
	OK(!lets(&w, true, ip4(17, YOU, ME, 1, 2001, 0)));
	OK(!lets(&w, true, ip4(17, YOU, "203.0.113.2", 1, 1500, 0)));
	OK(lets(&w, true, ip4(1, YOU, ME, 8, 0, 0)));
	OK(!lets(&w, true, ip6(58, YOU6, ME6, 128, 0, 0, 0)));
	wall_end(&w);
}

TEST("nothing out but what is let out, and answers to what is let in")
{
	struct wall w;

	NEED_ROOT;
	NEED(wall_new(&w, "OUT ACCEPT -p tcp -dport 443\nIN ACCEPT -p udp -dport 53"));
	OK(lets(&w, false, ip4(6, ME, YOU, 40000, 443, SYN)));
	OK(!lets(&w, false, ip4(6, ME, YOU, 40000, 80, SYN)));
	OK(!lets(&w, false, ip4(17, ME, YOU, 53, 5000, 0)));
	OK(lets(&w, true, ip4(17, YOU, ME, 5000, 53, 0)));
	OK(lets(&w, false, ip4(17, ME, YOU, 53, 5000, 0)));
	OK(!lets(&w, false, ip4(17, ME, YOU, 53, 5001, 0)));
	wall_end(&w);
}

TEST("sets of every kind are programs that the kernel takes")
{
	static const char *const texts[] = {
		"policy_in: DROP", "policy_out: DROP", "policy_in: DROP\npolicy_out: DROP",
		"IN DROP", "IN ACCEPT", "OUT DROP\nOUT ACCEPT -p tcp", "IN ACCEPT -source 0.0.0.0/0",
		"IN ACCEPT -source ::/0", "IN ACCEPT -source ::/0,0.0.0.0/0\nIN DROP",
		"IN DROP -p tcp -source 10.0.0.0/8\nOUT DROP -p udp", "OUT DROP -p udp -dport 123",
		"IN ACCEPT -p sctp -sport 1:65535 -dport 1",
	};
	static char big[40000];
	struct wall w;
	size_t n = 0;

	NEED_ROOT;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		if (!wall_new(&w, texts[i]))
			printf("# %s\n", texts[i]);
		wall_end(&w);
	}
	for (int i = 0; i < 400; i++)
		n += (size_t)snprintf(big + n, sizeof(big) - n,
				      "IN ACCEPT -p tcp -dport %d,%d -source 10.%d.0.0/16,2001:db8:%x::/48\n",
				      i + 1, i + 1000, i % 256, i);
	OK(wall_new(&w, big));
	OK(lets(&w, true, ip4(6, "10.143.1.1", ME, 1, 400, SYN)));
	OK(!lets(&w, true, ip4(6, "10.142.1.1", ME, 1, 400, SYN)));
	wall_end(&w);
}
