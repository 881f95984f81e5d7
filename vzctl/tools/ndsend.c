/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ndsend ADDRESS IFACE: tell everybody on an interface that an IPv6 address is there now. */
#include <vz/net.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "out.h"

int main(int argc, char **argv)
{
	struct vz_err e = { 0 };
	uint8_t ip[16];

	out_begin();
	if (argc == 2 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)) {
		puts("Usage: ndsend ADDRESS IFACE");
		return out_end("ndsend", 0, 2);
	}
	if (argc >= 2 && argv[1][0] == '-') {
		fprintf(stderr, "ndsend: unknown option '%.64s'\n", argv[1]);
		return 1;
	}
	if (argc != 3) {
		fputs("Usage: ndsend ADDRESS IFACE\n", stderr);
		return 1;
	}
	if (inet_pton(AF_INET6, argv[1], ip) != 1) {
		fprintf(stderr, "ndsend: bad IPv6 address '%s'\n", argv[1]);
		return 1;
	}
	if (vz_nd_send(argv[2], ip, &e) < 0) {
		fprintf(stderr, "ndsend: %s\n", e.text);
		return 2;
	}
	return 0;
}
