/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ARP and neighbour discovery as bytes. */
#include "net/net_priv.h"
#include "tap.h"

static const uint8_t mac[6] = { 2, 1, 2, 3, 4, 5 }, peer[6] = { 2, 9, 9, 9, 9, 9 };
static const uint8_t ip4[4] = { 192, 0, 2, 101 }, gw4[4] = { 192, 0, 2, 1 };
static const uint8_t ip6[16] = { 0xfd, [13] = 0xaa, 0xbb, 0xcc };

TEST("an announcement by ARP is a question of the address for itself, to everybody")
{
	static const uint8_t want[42] = { 255, 255, 255, 255, 255, 255, 2, 1, 2, 3, 4, 5, 8, 6, 0, 1,
					  8,   0,   6,	 4,   0,   1,	2, 1, 2, 3, 4, 5, 192, 0, 2,
					  101, 0,   0,	 0,   0,   0,	0, 192, 0, 2, 101 };
	struct net_arp_frame f = { .eth_src = mac, .src_ip = ip4, .dst_ip = ip4 };
	uint8_t out[NET_FRAME_MAX];

	EQ(net_frame_arp(out, &f), 42);
	EQ(memcmp(out, want, 42), 0);
}

TEST("every field of an ARP packet can be chosen")
{
	struct net_arp_frame f = { .eth_src = mac, .eth_dst = peer, .arp_src = peer, .arp_dst = mac,
				   .src_ip = gw4, .dst_ip = ip4, .reply = true };
	uint8_t out[NET_FRAME_MAX];

	EQ(net_frame_arp(out, &f), 42);
	EQ(memcmp(out, peer, 6), 0);
	EQ(memcmp(out + 6, mac, 6), 0);
	EQ(out[21], 2);
	EQ(memcmp(out + 22, peer, 6), 0);
	EQ(memcmp(out + 28, gw4, 4), 0);
	EQ(memcmp(out + 32, mac, 6), 0);
	EQ(memcmp(out + 38, ip4, 4), 0);
}

TEST("who claims what: an answer and a probe do, a mere question claims the asker's address")
{
	struct net_arp_frame f = { .eth_src = mac, .dst_ip = ip4 };
	uint8_t out[NET_FRAME_MAX], ip[16], who[6];

	OK(net_frame_claims(out, net_frame_arp(out, &f), AF_INET, ip, who));
	EQ(memcmp(ip, ip4, 4), 0);
	f.src_ip = gw4;
	OK(net_frame_claims(out, net_frame_arp(out, &f), AF_INET, ip, who));
	EQ(memcmp(ip, gw4, 4), 0);
	EQ(memcmp(who, mac, 6), 0);
	f.reply = true;
	OK(net_frame_claims(out, net_frame_arp(out, &f), AF_INET, ip, who));
	EQ(memcmp(ip, gw4, 4), 0);
	OK(net_frame_claims(out, net_frame_ns(out, mac, ip6), AF_INET6, ip, who));
	EQ(memcmp(ip, ip6, 16), 0);
	OK(net_frame_claims(out, net_frame_na(out, mac, ip6), AF_INET6, ip, who));
	EQ(memcmp(ip, ip6, 16), 0);
	EQ(memcmp(who, mac, 6), 0);
}

TEST("frames that are too short, or of something else, claim nothing")
{
	struct net_arp_frame f = { .eth_src = mac, .dst_ip = ip4 };
	uint8_t out[NET_FRAME_MAX], ip[16], who[6];
	size_t n = net_frame_arp(out, &f);

	for (size_t i = 0; i < n; i++)
		OK(!net_frame_claims(out, i, AF_INET, ip, who));
	OK(!net_frame_claims(out, n, AF_INET6, ip, who));
	n = net_frame_na(out, mac, ip6);
	for (size_t i = 0; i < 78; i++)
		OK(!net_frame_claims(out, i, AF_INET6, ip, who));
	OK(!net_frame_claims(out, n, AF_INET, ip, who));
	out[21] = 64; /* a router was on the way: not from this link */
	OK(!net_frame_claims(out, n, AF_INET6, ip, who));
	out[21] = 255;
	out[54] = 128; /* an echo request */
	OK(!net_frame_claims(out, n, AF_INET6, ip, who));
}

/* The checksum of a right message, summed with its own checksum, is all ones. */
static unsigned sum_of(const uint8_t *f, size_t n)
{
	unsigned long sum = (unsigned long)(n - 54) + 58;

	for (size_t i = 22; i < n; i += 2)
		sum += (unsigned long)(f[i] << 8 | f[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (unsigned)sum;
}

TEST("neighbour discovery goes to the right groups with a right checksum and hop limit 255")
{
	static const uint8_t all[6] = { 0x33, 0x33, 0, 0, 0, 1 };
	static const uint8_t solicited[6] = { 0x33, 0x33, 0xff, 0xaa, 0xbb, 0xcc };
	uint8_t out[NET_FRAME_MAX];
	size_t n = net_frame_ns(out, mac, ip6);

	EQ(n, 78);
	EQ(memcmp(out, solicited, 6), 0);
	EQ(out[21], 255);
	EQ(sum_of(out, n), 0xffff);
	n = net_frame_na(out, mac, ip6);
	EQ(n, 86);
	EQ(memcmp(out, all, 6), 0);
	EQ(out[58], 0x20);
	EQ(memcmp(out + 80, mac, 6), 0);
	EQ(sum_of(out, n), 0xffff);
}
