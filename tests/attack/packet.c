/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames and addresses that are not the VPS's own. The test listens where they must not arrive. */
#include "attack.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int packet_socket(const char *dev, struct sockaddr_ll *a)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));

	*a = (struct sockaddr_ll){ .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_halen = 6,
				   .sll_ifindex = (int)if_nametoindex(dev) };
	return fd;
}

static const unsigned char everyone[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

/* Both ends of the link have one address: what is sent to it is taken in and routed. */
static void gateway(unsigned char mac[6])
{
	struct ifreq r = { .ifr_name = "venet0" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(mac, everyone, 6);
	if (fd >= 0 && ioctl(fd, SIOCGIFHWADDR, &r) == 0)
		memcpy(mac, r.ifr_hwaddr.sa_data, 6);
	if (fd >= 0)
		close(fd);
}

/* Send a frame a hundred times; the test listens outside. */
static int send_frames(uint16_t type, const unsigned char *payload, size_t len, bool to_all,
		       const char *what)
{
	unsigned char frame[200] = { 0, 0, 0, 0, 0, 0, 2, 0, 0, 0xba, 0xad, 1 };
	struct sockaddr_ll a;
	int fd = packet_socket("venet0", &a), sent = 0;

	if (fd < 0)
		return say(HELD, "%s: %s", what, strerror(errno));
	gateway(frame);
	if (to_all)
		memcpy(frame, everyone, 6);
	frame[12] = (unsigned char)(type >> 8);
	frame[13] = (unsigned char)type;
	memcpy(frame + 14, payload, len);
	for (int i = 0; i < 100; i++)
		sent += sendto(fd, frame, len + 14, 0, (struct sockaddr *)&a, sizeof(a)) > 0;
	return say(HELD, "%s: %d frames sent; the test looks where they arrive", what, sent);
}

int a_arp_spoof(void)
{
	static const unsigned char arp[28] = { 0, 1, 8, 0, 6, 4, 0, 2, 2, 0, 0, 0xba, 0xad, 1, 203, 0, 113, 2,
					       0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 203, 0, 113, 2 };

	return send_frames(ETH_P_ARP, arp, sizeof(arp), true, "ARP for a neighbour's address");
}

static uint16_t checksum(const unsigned char *p, size_t n)
{
	uint32_t s = 0;

	for (size_t i = 0; i + 1 < n; i += 2)
		s += (uint32_t)p[i] << 8 | p[i + 1];
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)~s;
}

/* IPv4, UDP from `sport` to `dport`. */
static size_t udp4(unsigned char *p, uint32_t src, uint32_t dst, uint16_t sport, uint16_t dport)
{
	static const char text[8] = "VZATTACK";
	uint16_t sum;

	memset(p, 0, 36);
	p[0] = 0x45;
	p[3] = 36;
	p[8] = 64;
	p[9] = 17;
	for (int i = 0; i < 4; i++) {
		p[12 + i] = (unsigned char)(src >> (24 - 8 * i));
		p[16 + i] = (unsigned char)(dst >> (24 - 8 * i));
	}
	sum = checksum(p, 20);
	p[10] = (unsigned char)(sum >> 8);
	p[11] = (unsigned char)sum;
	p[20] = (unsigned char)(sport >> 8);
	p[21] = (unsigned char)sport;
	p[22] = (unsigned char)(dport >> 8);
	p[23] = (unsigned char)dport;
	p[25] = 16;
	memcpy(p + 28, text, 8);
	return 36;
}

#define NEIGHBOUR 0xcb007102u /* 203.0.113.2 */

int a_foreign_source(void)
{
	unsigned char p[40];
	size_t n = udp4(p, 0xc6336407u, NEIGHBOUR, 5353, 9999);

	return send_frames(ETH_P_IP, p, n, false, "a source address that is nobody's");
}

int a_neighbour_source(void)
{
	unsigned char p[40];
	size_t n = udp4(p, 0xcb007103u, NEIGHBOUR, 5353, 9999);

	return send_frames(ETH_P_IP, p, n, false, "another VPS's source address");
}

/* No attack: the same packet with its own address, to see that the test would see the others. */
int a_own_source(void)
{
	unsigned char p[40];
	size_t n = udp4(p, 0xcb007101u, NEIGHBOUR, 5353, 9999);

	return send_frames(ETH_P_IP, p, n, false, "its own source address");
}

/* Count what arrives of the frames above, until a line or the end comes on standard input. */
int listen_frames(const char *dev)
{
	struct sockaddr_ll a;
	int fd = packet_socket(dev, &a), frames = 0, arp = 0, ra = 0;
	struct pollfd p[2] = { { fd, POLLIN, 0 }, { 0, POLLIN, 0 } };
	unsigned char b[2048];

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		return say(OUT, "cannot listen on %s: %s", dev, strerror(errno));
	puts("listening");
	while (poll(p, 2, -1) > 0 && !(p[1].revents & (POLLIN | POLLHUP))) {
		ssize_t n = recv(fd, b, sizeof(b), 0);

		frames += n > 14 && memmem(b, (size_t)n, "VZATTACK", 8) != NULL;
		arp += n > 14 && b[12] == 8 && b[13] == 6;
		ra += n > 55 && b[12] == 0x86 && b[13] == 0xdd && b[54] == 134;
	}
	printf("%d packets %d arp %d ra\n", frames, arp, ra);
	return 0;
}

int a_rogue_dhcp(void)
{
	unsigned char p[40];
	size_t n = udp4(p, 0xcb007101u, 0xffffffffu, 67, 68);

	return send_frames(ETH_P_IP, p, n, true, "a DHCP answer to all");
}

int a_router_advertisement(void)
{
	unsigned char p[56] = { 0x60, 0, 0, 0, 0, 16, 58, 255, 0xfe, 0x80 };

	p[23] = 0xba; /* fe80::ba */
	p[24] = 0xff;
	p[25] = 2;
	p[39] = 1; /* ff02::1 */
	p[40] = 134;
	return send_frames(ETH_P_IPV6, p, sizeof(p), true, "a router advertisement");
}

int a_take_address(void)
{
	struct ifreq r = { .ifr_name = "venet0:9" };
	struct sockaddr_in *in = (struct sockaddr_in *)&r.ifr_addr;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(NEIGHBOUR);
	if (ioctl(fd, SIOCSIFADDR, &r) < 0)
		return say(HELD, "the address could not be taken: %s", strerror(errno));
	return say(HELD, "the address is on the device; the test looks who answers");
}

int a_conntrack_bomb(void)
{
	unsigned char p[40];
	struct sockaddr_ll a;
	unsigned char frame[60] = { 0 };
	int fd = packet_socket("venet0", &a);
	unsigned long sent = 0;

	if (fd < 0)
		return say(HELD, "no packet socket: %s", strerror(errno));
	gateway(frame);
	for (unsigned int i = 0; i < 200000; i++) {
		size_t n = udp4(p, 0xcb007101u, NEIGHBOUR, (uint16_t)(1024 + i % 60000), (uint16_t)(9 + i / 60000));

		frame[12] = 8;
		memcpy(frame + 14, p, n);
		sent += sendto(fd, frame, n + 14, MSG_DONTWAIT, (struct sockaddr *)&a, sizeof(a)) > 0;
	}
	return say(HELD, "%lu flows", sent);
}

/* The same without a frame of its own: the kernel makes it, from an address that we write. */
int a_raw_socket(void)
{
	unsigned char p[40];
	size_t n = udp4(p, 0xc6336408u, NEIGHBOUR, 5353, 9999);
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(NEIGHBOUR) };
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW), sent = 0;

	if (fd < 0)
		return say(HELD, "a raw socket: %s", strerror(errno));
	for (int i = 0; i < 100; i++)
		sent += sendto(fd, p, n, 0, (struct sockaddr *)&to, sizeof(to)) > 0;
	return say(HELD, "a source address by a raw socket: %d packets sent; the test looks where they arrive", sent);
}
