/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counting what links carry: classes of networks, and the programs, on frames made here. Running them needs root. */
#include <arpa/inet.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vz/codes.h>

#include "base/cleanup.h"
#include "kern/bpf.h"
#include "net/classes.h"
#include "net/count.h"
#include "param/netclass.h"
#include "tap.h"

#define NEED_ROOT                                                                                  \
	if (geteuid() != 0)                                                                        \
	SKIP("needs root")

struct world {
	struct net_count c;
	int prog[NET_NDIRS];
	struct net_count_row *rows;
};

/* classes NULL: there is no file of them. */
static bool world_new(struct world *w, const char *classes)
{
	struct traffic_net *nets = NULL;
	uint32_t most = 1;
	size_t n = 0;
	bool good = true;

	*w = (struct world){ .c = { .rows_fd = -1, .classes = -1 }, .prog = { -1, -1 } };
	if (classes)
		good = traffic_parse(classes, &nets, &n, NULL) == 0 &&
		       net_classes_map(nets, n, &w->c.classes) == 0;
	for (size_t i = 0; i < n; i++)
		most = nets[i].net_class > most ? nets[i].net_class : most;
	free(nets);
	w->c.rows = net_count_rows(most);
	w->rows = calloc(w->c.rows, sizeof(*w->rows));
	good = good && kbpf_value_new("t_rows", w->c.rows * sizeof(*w->rows), &w->c.rows_fd) == 0;
	for (int d = 0; good && d < NET_NDIRS; d++) {
		_prog_ struct prog p = { 0 };
		int len = net_count_build(&w->c, d, &p);

		good = len > 0 && kbpf_filter_load(p.v, (size_t)len, "t_count", &w->prog[d]) == 0;
	}
	return good;
}

static void world_end(struct world *w)
{
	for (int d = 0; d < NET_NDIRS; d++)
		cleanup_fd(&w->prog[d]);
	cleanup_fd(&w->c.rows_fd);
	cleanup_fd(&w->c.classes);
	free(w->rows);
}

/* One frame; it has to pass. */
static bool sent(struct world *w, int dir, const uint8_t *frame, size_t len)
{
	uint8_t out[256];
	union bpf_attr a;

	memset(&a, 0, sizeof(a));
	a.test.prog_fd = (uint32_t)w->prog[dir];
	a.test.data_in = (uintptr_t)frame;
	a.test.data_size_in = (uint32_t)len;
	a.test.data_out = (uintptr_t)out;
	a.test.data_size_out = sizeof(out);
	if (syscall(SYS_bpf, BPF_PROG_TEST_RUN, &a, sizeof(a)) < 0)
		return false;
	return a.test.retval == (uint32_t)TC_ACT_UNSPEC &&
	       kbpf_map_get(w->c.rows_fd, &(uint32_t){ 0 }, w->rows) == 0;
}

static bool sent_ip(struct world *w, int dir, const char *src, const char *dst, size_t len)
{
	bool six = strchr(src, ':');
	uint8_t f[256] = { 0 };

	f[12] = six ? 0x86 : 0x08;
	f[13] = six ? 0xdd : 0x00;
	f[14] = six ? 0x60 : 0x45;
	inet_pton(six ? AF_INET6 : AF_INET, src, f + (six ? 22 : 26));
	inet_pton(six ? AF_INET6 : AF_INET, dst, f + (six ? 38 : 30));
	return sent(w, dir, f, ETH_HLEN + len);
}

static bool is(const struct world *w, uint32_t net_class, int dir, bool six, uint64_t bytes,
	       uint64_t packets)
{
	const struct net_counter *c = &w->rows[net_class].c[dir][six];

	return c->bytes == bytes && c->packets == packets;
}

static uint64_t all(const struct world *w)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < w->c.rows * 4; i++)
		n += w->rows[i / 4].c[i / 2 % 2][i % 2].packets;
	return n;
}

#define ME   "203.0.113.1"
#define ME6  "2001:db8::1"
#define YOU  "198.51.100.7"
#define YOU6 "2001:db8:5::7"

TEST("without classes everything is class 1, by direction and family, without the link layer")
{
	struct world w;

	NEED_ROOT;
	NEED(world_new(&w, NULL));
	OK(sent_ip(&w, NET_OUT, ME, YOU, 100));
	OK(sent_ip(&w, NET_OUT, ME, YOU, 50));
	OK(sent_ip(&w, NET_IN, YOU, ME, 60));
	OK(sent_ip(&w, NET_OUT, ME6, YOU6, 80));
	OK(sent_ip(&w, NET_IN, YOU6, ME6, 90));
	OK(is(&w, 1, NET_OUT, false, 150, 2));
	OK(is(&w, 1, NET_IN, false, 60, 1));
	OK(is(&w, 1, NET_OUT, true, 80, 1));
	OK(is(&w, 1, NET_IN, true, 90, 1));
	EQ(all(&w), 5);
	world_end(&w);
}

TEST("neighbours, groups that are looked for, and what is no IP do not count; all of it passes")
{
	struct world w;
	uint8_t arp[60] = { [12] = 0x08, [13] = 0x06 };

	NEED_ROOT;
	NEED(world_new(&w, NULL));
	OK(sent_ip(&w, NET_OUT, ME, "224.0.0.22", 60));
	OK(sent_ip(&w, NET_OUT, "fe80::1", "ff02::1", 60));
	OK(sent_ip(&w, NET_IN, "fe80::1", ME6, 60));
	OK(sent_ip(&w, NET_IN, YOU6, "fe80::2", 60));
	OK(sent_ip(&w, NET_OUT, ME6, "ff02::16", 60));
	OK(sent(&w, NET_OUT, arp, sizeof(arp)));
	EQ(all(&w), 0);
	OK(sent_ip(&w, NET_OUT, ME, "224.0.1.1", 60));
	OK(sent_ip(&w, NET_OUT, ME6, "ff05::2", 60));
	EQ(all(&w), 2);
	world_end(&w);
}

TEST("the peer's address decides, the narrower net counts, of equal ones the last line")
{
	struct world w;

	NEED_ROOT;
	NEED(world_new(&w, "1 0.0.0.0/0\n2 198.51.100.0/24\n3 198.51.100.128/255.255.255.128\n"
			   "9 10.0.0.0/8\n4 10.1.2.3/8\n40 2001:db8:5::/48\n"));
	EQ(w.c.rows, 64);
	OK(sent_ip(&w, NET_OUT, ME, YOU, 100));
	OK(sent_ip(&w, NET_OUT, ME, "198.51.100.200", 100));
	OK(sent_ip(&w, NET_OUT, ME, "8.8.8.8", 100));
	OK(sent_ip(&w, NET_IN, "10.255.255.255", YOU, 100));
	OK(sent_ip(&w, NET_IN, YOU6, ME6, 100));
	OK(sent_ip(&w, NET_OUT, YOU6, "2001:db9::1", 100));
	OK(is(&w, 2, NET_OUT, false, 100, 1));
	OK(is(&w, 3, NET_OUT, false, 100, 1));
	OK(is(&w, 1, NET_OUT, false, 100, 1));
	OK(is(&w, 4, NET_IN, false, 100, 1));
	OK(is(&w, 40, NET_IN, true, 100, 1));
	OK(is(&w, 0, NET_OUT, true, 100, 1));
	EQ(all(&w), 6);
	world_end(&w);
}

TEST("there is a row for each class, and the largest fits")
{
	struct world w;

	EQ(net_count_rows(0), 16);
	EQ(net_count_rows(15), 16);
	EQ(net_count_rows(16), 32);
	EQ(net_count_rows(TRAFFIC_CLASS_MAX), 65536);
	NEED_ROOT;
	NEED(world_new(&w, "65535 ::/0"));
	OK(sent_ip(&w, NET_IN, YOU6, ME6, 100));
	OK(is(&w, 65535, NET_IN, true, 100, 1));
	world_end(&w);
}

TEST("a line that is none is refused, with its number")
{
	static const char *const bad[] = { "1", "x 10.0.0.0/8", "1 10.0.0.0/33", "1 10.0.0.0/255.0.255.0",
					   "1 ::/129", "-1 ::/0", "65536 ::/0", "1 10.0.0.0/8 x", "1 /8" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct traffic_net *nets = NULL;
		struct vz_err e = { 0 };
		char text[64];
		size_t n = 0;

		snprintf(text, sizeof(text), "1 ::/0\n%s\n", bad[i]);
		OK(traffic_parse(text, &nets, &n, &e) < 0);
		EQ(e.code, VZ_E_BAD_CONF);
		HAS(e.text, "line 2");
		free(nets);
	}
}
