/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Frames of ARP and neighbour discovery, as bytes: made, read, and the sockets they travel by. */
#include "net/net_priv.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"

static const uint8_t zero[16], everybody[6] = { 255, 255, 255, 255, 255, 255 };

/* Offsets within the frame. */
enum {
	ARP_OP = 20,
	ARP_SRC_MAC = 22,
	ARP_SRC_IP = 28,
	ARP_DST_MAC = 32,
	ARP_DST_IP = 38,
	ARP_LEN = 42,
	IP6 = 14,
	IP6_SRC = IP6 + 8,
	IP6_DST = IP6 + 24,
	ICMP6 = IP6 + 40,
	ND_TARGET = ICMP6 + 8,
	ND_OPTION = ICMP6 + 24,
	ND_SOLICIT = 135,
	ND_ADVERT = 136,
};

static size_t eth_head(uint8_t *out, const uint8_t *dst, const uint8_t *src, unsigned type)
{
	memcpy(out, dst, 6);
	memcpy(out + 6, src, 6);
	out[12] = (uint8_t)(type >> 8);
	out[13] = (uint8_t)type;
	return 14;
}

size_t net_frame_arp(uint8_t *out, const struct net_arp_frame *f)
{
	/* Ethernet, IPv4, address lengths 6 and 4 */
	static const uint8_t kind[] = { 0, 1, 8, 0, 6, 4, 0 };
	const uint8_t *target = f->arp_dst ? f->arp_dst : f->reply ? everybody : zero;
	size_t n = eth_head(out, f->eth_dst ? f->eth_dst : everybody, f->eth_src, ETH_P_ARP);

	memcpy(out + n, kind, sizeof(kind));
	out[ARP_OP + 1] = f->reply ? 2 : 1;
	memcpy(out + ARP_SRC_MAC, f->arp_src ? f->arp_src : f->eth_src, 6);
	memcpy(out + ARP_SRC_IP, f->src_ip ? f->src_ip : zero, 4);
	memcpy(out + ARP_DST_MAC, target, 6);
	memcpy(out + ARP_DST_IP, f->dst_ip, 4);
	return ARP_LEN;
}

/* Internet checksum over the pseudo header and the ICMPv6 message. */
static void icmp6_sum(uint8_t *frame, size_t len)
{
	uint32_t sum = (uint32_t)len + 58;

	for (size_t i = 0; i < 32; i += 2)
		sum += (uint32_t)(frame[IP6_SRC + i] << 8 | frame[IP6_SRC + i + 1]);
	for (size_t i = 0; i < len; i += 2)
		sum += (uint32_t)(frame[ICMP6 + i] << 8 | frame[ICMP6 + i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	sum = ~sum & 0xffff;
	frame[ICMP6 + 2] = (uint8_t)(sum >> 8);
	frame[ICMP6 + 3] = (uint8_t)sum;
}

static size_t nd_frame(uint8_t *out, const uint8_t *mac, const uint8_t *src, const uint8_t *group,
		       uint8_t type)
{
	uint8_t dst_mac[6] = { 0x33, 0x33, group[12], group[13], group[14], group[15] };
	size_t len = type == ND_ADVERT ? 32 : 24;

	memset(out, 0, NET_FRAME_MAX);
	(void)eth_head(out, dst_mac, mac, ETH_P_IPV6);
	out[IP6] = 0x60;
	out[IP6 + 5] = (uint8_t)len;
	out[IP6 + 6] = 58; /* ICMPv6 */
	out[IP6 + 7] = 255; /* receivers insist: it proves that no router was on the way */
	memcpy(out + IP6_SRC, src, 16);
	memcpy(out + IP6_DST, group, 16);
	out[ICMP6] = type;
	return ICMP6 + len;
}

size_t net_frame_ns(uint8_t *out, const uint8_t *mac, const uint8_t *ip)
{
	/* The group that the owner of the address must have joined. */
	uint8_t group[16] = { 0xff, 0x02, [11] = 1, 0xff, ip[13], ip[14], ip[15] };
	size_t n = nd_frame(out, mac, zero, group, ND_SOLICIT);

	memcpy(out + ND_TARGET, ip, 16);
	icmp6_sum(out, n - ICMP6);
	return n;
}

size_t net_frame_na(uint8_t *out, const uint8_t *mac, const uint8_t *ip)
{
	static const uint8_t all_nodes[16] = { 0xff, 0x02, [15] = 1 };
	size_t n = nd_frame(out, mac, ip, all_nodes, ND_ADVERT);

	out[ICMP6 + 4] = 0x20; /* override: forget the MAC you knew */
	memcpy(out + ND_TARGET, ip, 16);
	out[ND_OPTION] = 2; /* target link-layer address, one unit of 8 bytes */
	out[ND_OPTION + 1] = 1;
	memcpy(out + ND_OPTION + 2, mac, 6);
	icmp6_sum(out, n - ICMP6);
	return n;
}

static bool arp_claims(const uint8_t *f, size_t len, uint8_t *ret_ip, uint8_t *ret_mac)
{
	if (len < ARP_LEN || f[12] != 8 || f[13] != 6)
		return false;
	memcpy(ret_mac, f + ARP_SRC_MAC, 6);
	/* No sender address: a probe by somebody who wants the address himself (RFC 5227). */
	if (memcmp(f + ARP_SRC_IP, zero, 4) == 0 && f[ARP_OP + 1] == 1)
		memcpy(ret_ip, f + ARP_DST_IP, 4);
	else
		memcpy(ret_ip, f + ARP_SRC_IP, 4);
	return true;
}

static bool nd_claims(const uint8_t *f, size_t len, uint8_t *ret_ip, uint8_t *ret_mac)
{
	bool probe;

	if (len < ND_TARGET + 16 || f[12] != 0x86 || f[13] != 0xdd || f[IP6 + 6] != 58 ||
	    f[IP6 + 7] != 255)
		return false;
	probe = f[ICMP6] == ND_SOLICIT && memcmp(f + IP6_SRC, zero, 16) == 0;
	if (f[ICMP6] != ND_ADVERT && !probe)
		return false;
	memcpy(ret_ip, f + ND_TARGET, 16);
	memcpy(ret_mac, f + 6, 6);
	return true;
}

bool net_frame_claims(const uint8_t *frame, size_t len, uint8_t family, uint8_t *ret_ip,
		      uint8_t *ret_mac)
{
	return family == AF_INET ? arp_claims(frame, len, ret_ip, ret_mac)
				 : nd_claims(frame, len, ret_ip, ret_mac);
}

/* A busy uplink carries much; wake up for ARP and neighbour discovery only. */
static int only_neighbours(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_ARP, 6, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IPV6, 0, 6),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, IP6 + 6),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 58, 0, 4),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ICMP6),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ND_SOLICIT, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ND_ADVERT, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = { .len = ARRAY_LEN(code), .filter = code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) < 0 ? -errno : 0;
}

int net_frame_socket(int ifindex, bool listen)
{
	struct sockaddr_ll ll = { .sll_family = AF_PACKET, .sll_ifindex = ifindex,
				  .sll_protocol = htons(listen ? ETH_P_ALL : 0) };
	/* Protocol 0 hears nothing until bind() names the device, so nothing strays in. */
	_fd_ int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r;

	if (fd < 0)
		return -errno;
	if (listen) {
		r = only_neighbours(fd);
		if (r < 0)
			return r;
	}
	if (bind(fd, (struct sockaddr *)&ll, sizeof(ll)) < 0)
		return -errno;
	return TAKE_FD(fd);
}
