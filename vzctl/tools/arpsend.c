/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arpsend: announce, detect, ask and answer by ARP. Targets that are IPv6 addresses are announced
 * by neighbour advertisement. Exit: 0 done (-D: free, -Q: answered), 1 usage, 2 system, 3 -D:
 * somebody has it, 4 -Q: silence.
 */
#include <vz/net.h>

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "out.h"

#define MAX_TARGETS 256

enum { EXIT_USAGE = 1, EXIT_SYSTEM = 2, EXIT_TAKEN = 3, EXIT_SILENCE = 4 };

struct call {
	int what; /* 'U', 'D', 'Q', 'P' */
	struct vz_arp arp;
	uint8_t mac[4][6]; /* -s -t -S -T */
	uint8_t src[4];
	uint8_t dst[MAX_TARGETS][4], dst6[MAX_TARGETS][16];
	size_t n6;
	bool verbose;
};

static const struct option options[] = {
	{ "update", no_argument, NULL, 'U' },	   { "detect", no_argument, NULL, 'D' },
	{ "request", no_argument, NULL, 'Q' },	   { "reply", no_argument, NULL, 'P' },
	{ "count", required_argument, NULL, 'c' }, { "timeout", required_argument, NULL, 'w' },
	{ "src-hw", required_argument, NULL, 's' }, { "trg-hw", required_argument, NULL, 't' },
	{ "src-arp", required_argument, NULL, 'S' }, { "trg-arp", required_argument, NULL, 'T' },
	{ "src-ip", required_argument, NULL, 'i' }, { "trg-ip", required_argument, NULL, 'e' },
	{ "at-once", no_argument, NULL, 'o' },	   { "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },	   { NULL, 0, NULL, 0 },
};

static void usage(FILE *f)
{
	fputs("Usage: arpsend -U|-D|-Q|-P [options] IFACE\n"
	      "  -U, --update       tell everybody where an address is\n"
	      "  -D, --detect       does somebody have it? exit 3: yes, 0: no\n"
	      "  -Q, --request      ask for it; exit 0: answered, 4: silence\n"
	      "  -P, --reply        answer for it, unasked\n"
	      "  -i, --src-ip IP    sender; default: -U the target, -Q the interface's, -D none\n"
	      "  -e, --trg-ip IP    target, may be repeated; default: the sender\n"
	      "  -c, --count N      rounds (1; 3 for -D and -Q)\n"
	      "  -w, --timeout SEC  time between rounds and for the answer (1)\n"
	      "  -o, --at-once      no time between rounds\n"
	      "  -s, --src-hw MAC   -t, --trg-hw MAC    of the frame\n"
	      "  -S, --src-arp MAC  -T, --trg-arp MAC   in the packet\n"
	      "  -v, --verbose\n",
	      f);
}

static int bad(const char *what, const char *arg)
{
	fprintf(stderr, "arpsend: bad %s '%s'\n", what, arg);
	return EXIT_USAGE;
}

static int hex(char c)
{
	const char *digits = "0123456789abcdef0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) % 16 : -1;
}

/* Six pairs of digits with colons between. */
static bool read_mac(const char *s, uint8_t mac[6])
{
	if (strlen(s) != 17)
		return false;
	for (int i = 0; i < 6; i++, s += 3) {
		int hi = hex(s[0]), lo = hex(s[1]);

		if (hi < 0 || lo < 0 || s[2] != (i < 5 ? ':' : '\0'))
			return false;
		mac[i] = (uint8_t)(hi << 4 | lo);
	}
	return true;
}

static bool read_number(const char *s, unsigned max, unsigned *ret)
{
	unsigned v = 0;

	if (!s[0])
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return false;
		v = v * 10 + (unsigned)(*s - '0');
		if (v > max)
			return false;
	}
	*ret = v;
	return true;
}

static int add_target(struct call *c, const char *s)
{
	if (c->arp.ndst == MAX_TARGETS || c->n6 == MAX_TARGETS)
		return bad("target, there are too many:", s);
	if (inet_pton(AF_INET, s, c->dst[c->arp.ndst]) == 1)
		c->arp.ndst++;
	else if (inet_pton(AF_INET6, s, c->dst6[c->n6]) == 1)
		c->n6++;
	else
		return bad("address", s);
	return 0;
}

static int one_mac(struct call *c, int opt, const char *arg)
{
	static const char order[] = "stST";
	const uint8_t **field[] = { &c->arp.eth_src, &c->arp.eth_dst, &c->arp.arp_src,
				    &c->arp.arp_dst };
	size_t i = (size_t)(strchr(order, opt) - order);

	if (!read_mac(arg, c->mac[i]))
		return bad("MAC", arg);
	*field[i] = c->mac[i];
	return 0;
}

static int one_option(struct call *c, int opt, const char *arg)
{
	switch (opt) {
	case 'U':
	case 'D':
	case 'Q':
	case 'P':
		if (c->what && c->what != opt)
			return bad("command, only one of -U -D -Q -P is possible, not also",
				   (char[]){ '-', (char)opt, '\0' });
		c->what = opt;
		return 0;
	case 'c':
		if (!read_number(arg, 3600, &c->arp.count) || !c->arp.count)
			return bad("count", arg);
		return 0;
	case 'w':
		if (!read_number(arg, 3600, &c->arp.wait_ms))
			return bad("timeout", arg);
		c->arp.wait_ms *= 1000;
		return 0;
	case 'i':
		if (inet_pton(AF_INET, arg, c->src) != 1)
			return bad("address", arg);
		c->arp.src_ip = c->src;
		return 0;
	case 'e':
		return add_target(c, arg);
	case 'o':
		c->arp.at_once = true;
		return 0;
	case 'v':
		c->verbose = true;
		return 0;
	case 's':
	case 't':
	case 'S':
	case 'T':
		return one_mac(c, opt, arg);
	default: /* getopt has said why */
		return EXIT_USAGE;
	}
}

/* Who asks must say where the answer goes to. */
static void own_address(struct call *c)
{
	struct ifreq q = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)snprintf(q.ifr_name, sizeof(q.ifr_name), "%s", c->arp.dev);
	if (fd >= 0 && ioctl(fd, SIOCGIFADDR, &q) == 0) {
		memcpy(c->src, q.ifr_addr.sa_data + 2, 4);
		c->arp.src_ip = c->src;
	}
	if (fd >= 0)
		close(fd);
}

/* What the command means where the options are silent. */
static int complete(struct call *c)
{
	struct vz_arp *a = &c->arp;
	bool asks = c->what == 'D' || c->what == 'Q';

	if (a->ndst + c->n6 == 0 && a->src_ip && c->what != 'D')
		memcpy(c->dst[a->ndst++], c->src, 4);
	if (!c->what || a->ndst + c->n6 == 0) {
		fputs(c->what ? "arpsend: no target, give -e\n"
			      : "arpsend: one of -U, -D, -Q, -P is needed\n",
		      stderr);
		return EXIT_USAGE;
	}
	if (c->n6 && c->what != 'U') {
		fputs("arpsend: IPv6 addresses can only be announced (-U)\n", stderr);
		return EXIT_USAGE;
	}
	a->size = sizeof(*a);
	a->dst_ip = c->dst;
	a->reply = c->what == 'P';
	a->own_src = !asks;
	a->listen = asks;
	if (!a->count)
		a->count = asks ? 3 : 1;
	if (c->what == 'Q' && !a->src_ip)
		own_address(c);
	return 0;
}

static int run(const struct call *c)
{
	struct vz_arp_answer got = { 0 };
	struct vz_err e = { 0 };
	char text[INET_ADDRSTRLEN];
	int r = 0;

	for (size_t i = 0; i < c->n6 && r >= 0; i++)
		r = vz_nd_send(c->arp.dev, c->dst6[i], &e);
	if (r >= 0 && c->arp.ndst)
		r = vz_arp_send(&c->arp, &got, &e);
	if (r < 0) {
		fprintf(stderr, "arpsend: %s\n", e.text);
		return EXIT_SYSTEM;
	}
	if (r == 1 && (c->verbose || c->what == 'D')) {
		(void)inet_ntop(AF_INET, got.ip, text, sizeof(text));
		printf("%s is at %02x:%02x:%02x:%02x:%02x:%02x\n", text, got.mac[0], got.mac[1],
		       got.mac[2], got.mac[3], got.mac[4], got.mac[5]);
	}
	if (c->what == 'D')
		return r == 1 ? EXIT_TAKEN : 0;
	if (c->what == 'Q')
		return r == 1 ? 0 : EXIT_SILENCE;
	return 0;
}

int main(int argc, char **argv)
{
	static char name[] = "arpsend"; /* what getopt begins its words with */
	struct call c = { .arp.wait_ms = 1000 };
	int opt, r;

	out_begin();
	argv[0] = name;
	while ((opt = getopt_long(argc, argv, "UDQPc:w:s:t:S:T:i:e:ovh", options, NULL)) != -1) {
		if (opt == 'h') {
			usage(stdout);
			return out_end(name, 0, EXIT_SYSTEM);
		}
		r = one_option(&c, opt, optarg);
		if (r)
			return r;
	}
	if (optind + 1 != argc) {
		fputs("arpsend: exactly one interface is needed\n", stderr);
		return EXIT_USAGE;
	}
	c.arp.dev = argv[optind];
	r = complete(&c);
	return out_end(name, r ? r : run(&c), EXIT_SYSTEM);
}
