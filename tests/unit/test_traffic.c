/* SPDX-License-Identifier: GPL-2.0-or-later */
/* networks_classes: lines, and nets that contain each other as disjoint ranges. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vz/codes.h>

#include "node/traffic_nft.h"
#include "tap.h"

/* "first-last=class ..." of one family. */
static char *flat(const char *text, int family)
{
	static char out[2048];
	struct traffic_net *nets = NULL;
	struct traffic_range *r = NULL;
	size_t n = 0, m = 0, at = 0;
	char a[INET6_ADDRSTRLEN], b[INET6_ADDRSTRLEN];

	out[0] = '\0';
	if (traffic_parse(text, &nets, &n, NULL) == 0 &&
	    traffic_flatten(nets, n, (uint8_t)family, &r, &m) == 0)
		for (size_t i = 0; i < m && at < sizeof(out) - 120; i++)
			at += (size_t)snprintf(out + at, sizeof(out) - at, "%s%s-%s=%u", i ? " " : "",
					       inet_ntop(family, r[i].first, a, sizeof(a)),
					       inet_ntop(family, r[i].last, b, sizeof(b)),
					       r[i].net_class);
	free(nets);
	free(r);
	return out;
}

TEST("one net is one range, whatever its host bits")
{
	STR_EQ(flat("1 10.1.2.3/8", AF_INET), "10.0.0.0-10.255.255.255=1");
	STR_EQ(flat("7 192.0.2.1", AF_INET), "192.0.2.1-192.0.2.1=7");
	STR_EQ(flat("1 0.0.0.0/0", AF_INET), "0.0.0.0-255.255.255.255=1");
	STR_EQ(flat("1 ::/0", AF_INET6), "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff=1");
}

TEST("the narrower net cuts the wider in two")
{
	STR_EQ(flat("1 10.0.0.0/8\n2 10.1.0.0/16\n", AF_INET),
	    "10.0.0.0-10.0.255.255=1 10.1.0.0-10.1.255.255=2 10.2.0.0-10.255.255.255=1");
	STR_EQ(flat("2 10.0.0.0/16\n1 10.0.0.0/8\n", AF_INET),
	    "10.0.0.0-10.0.255.255=2 10.1.0.0-10.255.255.255=1");
	STR_EQ(flat("1 0.0.0.0/0\n2 255.0.0.0/8\n3 255.255.255.255", AF_INET),
	    "0.0.0.0-254.255.255.255=1 255.0.0.0-255.255.255.254=2 255.255.255.255-255.255.255.255=3");
	STR_EQ(flat("1 2001:db8::/32\n2 2001:db8::/33", AF_INET6),
	    "2001:db8::-2001:db8:7fff:ffff:ffff:ffff:ffff:ffff=2 "
	    "2001:db8:8000::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff=1");
}

TEST("of equal nets the last line counts")
{
	STR_EQ(flat("1 10.0.0.0/8\n2 10.0.0.0/8\n3 10.0.0.0/9\n", AF_INET),
	    "10.0.0.0-10.127.255.255=3 10.128.0.0-10.255.255.255=2");
}

TEST("families do not mix, comments and blanks do not count")
{
	STR_EQ(flat("# a\n\n 1\t10.0.0.0/255.0.0.0 # b\n2 ::1\n", AF_INET), "10.0.0.0-10.255.255.255=1");
	STR_EQ(flat("", AF_INET), "");
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
