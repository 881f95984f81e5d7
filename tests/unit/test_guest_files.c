/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guest/files: the text of hostname, hosts and resolv.conf, whatever was there before. */
#include "../tap.h"

#include <errno.h>

#include "base/buf.h"
#include "base/str.h"
#include "guest/files.h"

#define TEXT(name, s)                                                                              \
	_buf_ struct buf name = BUF_INIT;                                                          \
	NEED(EQ(buf_add(&name, s, sizeof(s) - 1), 0))

TEST("good host names pass, and bad ones do not")
{
	static const char *const good[] = { "a", "vps101", "www.example.com", "a_b", "7", "A-b.c" };
	static const char *const bad[] = {
		"", ".", "a.", ".a", "a..b", "-a", "a b", "a\nb", "a/b", "a:b", "b\303\266se",
		"a#b", "a.-b", "$(x)",
	};
	char big[80];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!guest_hostname_ok(good[i]))
			TAP_BAD("'%s' was refused", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (guest_hostname_ok(bad[i]))
			TAP_BAD("'%s' was not refused", bad[i]);
	memset(big, 'a', sizeof(big));
	big[40] = '.';
	big[64] = 0;
	OK(guest_hostname_ok(big));
	big[64] = 'a';
	big[65] = 0;
	OK(!guest_hostname_ok(big));
}

TEST("/etc/hostname is the name and a newline; a newline in the name is refused")
{
	_buf_ struct buf b = BUF_INIT, none = BUF_INIT;

	EQ(guest_hostname("www.example.com", &b), 0);
	STR_EQ(buf_str(&b), "www.example.com\n");
	EQ(guest_hostname("www\nroot", &none), -EINVAL);
	STR_EQ(buf_str(&none), "");
}

TEST("no hosts file: localhost and our line")
{
	_buf_ struct buf b = BUF_INIT, c = BUF_INIT, empty = BUF_INIT;

	EQ(guest_hosts(NULL, "www.example.com", "192.0.2.7", &b), 0);
	STR_EQ(buf_str(&b), "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
			    "192.0.2.7\twww.example.com www\t# set by vzctl\n");
	EQ(guest_hosts(&empty, "www.example.com", "192.0.2.7", &c), 0);
	STR_EQ(buf_str(&c), buf_str(&b));
}

TEST("without an address the name is at 127.0.1.1, with an IPv6 one there")
{
	_buf_ struct buf b = BUF_INIT, c = BUF_INIT;
	TEXT(old, "127.0.0.1 localhost\n");

	EQ(guest_hosts(&old, "vps", NULL, &b), 0);
	STR_EQ(buf_str(&b), "127.0.0.1 localhost\n127.0.1.1\tvps\t# set by vzctl\n");
	EQ(guest_hosts(&b, "vps", "2001:db8::7", &c), 0);
	STR_EQ(buf_str(&c), "127.0.0.1 localhost\n2001:db8::7\tvps\t# set by vzctl\n");
}

TEST("a second call changes no byte; a new name takes the old line's place; others stay")
{
	_buf_ struct buf a = BUF_INIT, b = BUF_INIT, c = BUF_INIT, d = BUF_INIT;
	TEXT(old, "# mine\n\n127.0.0.1 localhost\r\n10.0.0.1 db # set by me\n");

	EQ(guest_hosts(&old, "one", "192.0.2.1", &a), 0);
	EQ(buf_puts(&a, "10.0.0.2 later\n"), 0);
	EQ(guest_hosts(&a, "one", "192.0.2.1", &b), 0);
	STR_EQ(buf_str(&b), buf_str(&a));
	EQ(guest_hosts(&b, "two.x", "192.0.2.2", &c), 0);
	STR_EQ(buf_str(&c), "# mine\n\n127.0.0.1 localhost\r\n10.0.0.1 db # set by me\n"
			    "192.0.2.2\ttwo.x two\t# set by vzctl\n10.0.0.2 later\n");
	EQ(guest_hosts(&c, NULL, NULL, &d), 0);
	STR_EQ(buf_str(&d), "# mine\n\n127.0.0.1 localhost\r\n10.0.0.1 db # set by me\n"
			    "10.0.0.2 later\n");
}

TEST("a doubled line of ours becomes one, and localhost needs none")
{
	_buf_ struct buf b = BUF_INIT, c = BUF_INIT;
	TEXT(old, "1.1.1.1\ta\t# set by vzctl\nx\n2.2.2.2\tb\t# set by vzctl");

	EQ(guest_hosts(&old, "c", "192.0.2.3", &b), 0);
	STR_EQ(buf_str(&b), "192.0.2.3\tc\t# set by vzctl\nx\n");
	EQ(guest_hosts(&old, "localhost", "192.0.2.3", &c), 0);
	STR_EQ(buf_str(&c), "x\n");
}

TEST("no final newline, NUL bytes and a line of a megabyte are kept as they are")
{
	enum { BIG = 1 << 20 };
	_buf_ struct buf old = BUF_INIT, b = BUF_INIT, c = BUF_INIT;
	TEXT(nul, "a\0b\n\0");

	EQ(guest_hosts(&nul, "h", NULL, &c), 0);
	EQ(c.len, nul.len + 1 + strlen("127.0.1.1\th\t# set by vzctl\n"));
	OK(memcmp(c.data, "a\0b\n\0\n127.0.1.1", 15) == 0);
	for (int i = 0; i < BIG; i++)
		(void)buf_putc(&old, 'x');
	EQ(guest_hosts(&old, "h", NULL, &b), 0);
	OK(memcmp(b.data, old.data, BIG) == 0);
	STR_EQ(b.data + BIG, "\n127.0.1.1\th\t# set by vzctl\n");
}

TEST("a file beyond the limit, a bad name or address are refused")
{
	_buf_ struct buf old = BUF_INIT, b = BUF_INIT;

	for (int i = 0; i < 66; i++) {
		static char block[1 << 16];

		(void)buf_add(&old, block, sizeof(block));
	}
	EQ(guest_hosts(&old, "h", NULL, &b), -E2BIG);
	EQ(guest_hosts(NULL, "h\n6.6.6.6 bank.example", NULL, &b), -EINVAL);
	EQ(guest_hosts(NULL, "h", "192.0.2.1/24", &b), -EINVAL);
	EQ(guest_hosts(NULL, "h", "192.0.2.1\nx", &b), -EINVAL);
	EQ(guest_hosts(NULL, "h", "", &b), -EINVAL);
}

TEST("resolv.conf has search first, then one line per server")
{
	_buf_ struct buf b = BUF_INIT, none = BUF_INIT;
	_strv_ struct strv ns = { 0 }, sd = { 0 }, no = { 0 };

	EQ(strv_split(&ns, "192.0.2.53 2001:db8::53", " "), 0);
	EQ(strv_split(&sd, "example.com sub.example.org.", " "), 0);
	EQ(guest_resolv(&ns, &sd, &b), 0);
	STR_EQ(buf_str(&b), "search example.com sub.example.org.\nnameserver 192.0.2.53\n"
			    "nameserver 2001:db8::53\n");
	EQ(guest_resolv(&no, &no, &none), 0);
	STR_EQ(buf_str(&none), "");
}

TEST("resolv.conf: what is not an address or a domain is refused")
{
	static const char *const bad_ns[] = {
		"", "ns1", "1.2.3", "1.2.3.4/8", "1.2.3.4\nx", "inherit",
	};
	static const char *const bad_sd[] = {
		"", "a b", "a\nnameserver 6.6.6.6", "-x", "a..b", "..",
	};
	_strv_ struct strv no = { 0 };

	for (size_t i = 0; i < 6; i++) {
		_strv_ struct strv ns = { 0 }, sd = { 0 };
		_buf_ struct buf b = BUF_INIT;

		EQ(strv_add(&ns, bad_ns[i]), 0);
		EQ(strv_add(&sd, bad_sd[i]), 0);
		if (guest_resolv(&ns, &no, &b) != -EINVAL)
			TAP_BAD("server '%s' was not refused", bad_ns[i]);
		if (guest_resolv(&no, &sd, &b) != -EINVAL)
			TAP_BAD("domain '%s' was not refused", bad_sd[i]);
		STR_EQ(buf_str(&b), "");
	}
}
