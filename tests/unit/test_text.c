/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text that others wrote. */
#include "../tap.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

TEST("what plays with a terminal becomes question marks, the rest stays")
{
	static const char *const rows[][2] = {
		{ "", "" },
		{ "plain text~", "plain text~" },
		{ "\033[31mred\a\n", "?[31mred??" },
		{ "\x7f\t", "??" },
		{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80" },
		{ "\xc2\x9b" "2J", "?2J" },		   /* CSI in one character */
		{ "\xe2\x80\xae" "abc", "?abc" },	   /* right to left */
		{ "\xc0\xaf", "??" },			   /* overlong */
		{ "\xed\xa0\x80", "???" },		   /* half a surrogate */
		{ "\xf4\x90\x80\x80", "????" },	   /* beyond Unicode */
		{ "a\xe2\x82", "a??" },		   /* cut */
	};
	char out[64];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		vz_text_tame(rows[i][0], out, sizeof(out));
		STR_EQ(out, rows[i][1]);
	}
}

TEST("it is cut between characters, and never written beyond")
{
	char out[8];

	memset(out, 'x', sizeof(out));
	EQ(vz_text_tame("a\xe2\x82\xac" "b", out, 4), 1);
	STR_EQ(out, "a");
	OK(out[4] == 'x');
	EQ(vz_text_tame("abc", out, 1), 0);
	STR_EQ(out, "");
	out[0] = 'x';
	EQ(vz_text_tame("abc", out, 0), 0);
	OK(out[0] == 'x');
}

TEST("numbers are taken whole or not at all")
{
	const char *p = " \t42 18446744073709551615 18446744073709551616";
	uint64_t v = 7;

	OK(vz_scan_u64(&p, &v) && v == 42);
	OK(vz_scan_u64(&p, &v) && v == UINT64_MAX);
	OK(!vz_scan_u64(&p, &v) && v == UINT64_MAX && strcmp(p, " 18446744073709551616") == 0);
	p = "-1";
	OK(!vz_scan_u64(&p, &v));
	p = "\n1"; /* the next line is not this one */
	OK(!vz_scan_u64(&p, &v));
	p = "";
	OK(!vz_scan_u64(&p, &v));
	p = "1: POSIX ADVISORY WRITE 99 08:01";
	OK(vz_scan_skip_u64(&p, 4, &v) && v == 99);
	p = "one two";
	OK(!vz_scan_skip_u64(&p, 2, &v));
	OK(!vz_scan_skip_u64(&p, 9, &v));
	OK(vz_scan_key("TCP: inuse 5 orphan 0", "TCP: inuse ", &v) && v == 5);
	OK(!vz_scan_key("TCP: inuse", "UDP:", &v));
}
