/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guest/user: passwords and users on the texts of the four files. */
#include "../tap.h"

#include <errno.h>
#include <stdarg.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "guest/user.h"

/* Five thousand rounds a hash are too slow for so many; the kind is what matters. */
#define CHEAP "$1$"

struct files {
	struct buf text[GUEST_NTABLES];
	const struct buf *old[GUEST_NTABLES];
};

static void files_done(struct files *f)
{
	for (int i = 0; i < GUEST_NTABLES; i++)
		buf_done(&f->text[i]);
}

#define FILES(f, ...)                                                                              \
	_cleanup_(files_done) struct files f = { 0 };                                              \
	files_set(&f, (const char *const[GUEST_NTABLES]){ __VA_ARGS__ })

static void files_set(struct files *f, const char *const text[GUEST_NTABLES])
{
	for (int i = 0; i < GUEST_NTABLES; i++)
		if (text[i]) {
			(void)buf_puts(&f->text[i], text[i]);
			f->old[i] = &f->text[i];
		}
}

#define SET(s) _cleanup_(guest_user_set_done) struct guest_user_set s = GUEST_USER_SET_INIT

static const char *text(const struct guest_user_set *s, enum guest_table t)
{
	return buf_str(&s->text[t]);
}

TEST("a password of a user who is there goes into shadow only, and is then right")
{
	struct guest_user_want w = { "root", "se:cret pass", .prefix = CHEAP, .today = 20000 };
	FILES(f, "root:x:0:0:root:/root:/bin/bash\nd:x:1:1::/:/n\n",
	      "root:*:1:0:99999:7:::\nd:*:1::::::\n", "root:x:0:\n", "root:*::\n");
	SET(s);

	NEED(EQ(guest_password_set(f.old, &w, &s), 0));
	OK(!s.changed[GUEST_PASSWD] && s.changed[GUEST_SHADOW]);
	OK(!s.changed[GUEST_GROUP] && !s.changed[GUEST_GSHADOW] && !s.created);
	OK(str_has_prefix(text(&s, GUEST_SHADOW), "root:$1$"));
	OK(str_has_suffix(text(&s, GUEST_SHADOW), ":20000:0:99999:7:::\nd:*:1::::::\n"));
	EQ(guest_password_check(&s.text[GUEST_SHADOW], "root", "se:cret pass"), 0);
	EQ(guest_password_check(&s.text[GUEST_SHADOW], "root", "se:cret"), -EACCES);
	EQ(guest_password_check(&s.text[GUEST_SHADOW], "root", ""), -EACCES);
	EQ(guest_password_check(&s.text[GUEST_SHADOW], "d", ""), -EACCES);
	EQ(guest_password_check(&s.text[GUEST_SHADOW], "roo", "se:cret pass"), -ENOENT);
}

TEST("the usual kinds of hash are made and checked: SHA-512 and yescrypt")
{
	static const char *const kinds[] = { NULL, "$y$" };

	for (int i = 0; i < 2; i++) {
		struct guest_user_want w = { "root", "x", .prefix = kinds[i] };
		FILES(f, "root:x:0:0::/root:/bin/sh\n", "root:!:1::::::\n", NULL, NULL);
		SET(s);

		NEED(EQ(guest_password_set(f.old, &w, &s), 0));
		HAS(text(&s, GUEST_SHADOW), i ? "root:$y$" : "root:$6$");
		EQ(guest_password_check(&s.text[GUEST_SHADOW], "root", "x"), 0);
		EQ(guest_password_check(&s.text[GUEST_SHADOW], "root", "y"), -EACCES);
	}
}

TEST("two times the same password are two hashes")
{
	struct guest_user_want w = { "root", "x", .prefix = CHEAP };
	FILES(f, "root:x:0:0::/root:/bin/sh\n", "root:!:1::::::\n", NULL, NULL);
	SET(a);
	SET(b);

	EQ(guest_password_set(f.old, &w, &a), 0);
	EQ(guest_password_set(f.old, &w, &b), 0);
	OK(!str_eq(text(&a, GUEST_SHADOW), text(&b, GUEST_SHADOW)));
}

TEST("a user not there is made with a group of its own, above all ids in use")
{
	struct guest_user_want w = { "anna", "$6$salt$hash", .crypted = true, .today = 7 };
	FILES(f, "root:x:0:0::/root:/bin/sh\nold:x:1003:100::/h/old:/bin/sh\nnobody:x:65534:4::/:/",
	      "root:*:1::::::", "root:x:0:\nstaff:x:1010:old", "root:*::");
	SET(s);

	NEED(EQ(guest_password_set(f.old, &w, &s), 0));
	OK(s.created);
	EQ(s.uid, 1011);
	EQ(s.gid, 1011);
	STR_EQ(s.home, "/home/anna");
	STR_EQ(text(&s, GUEST_PASSWD),
	       "root:x:0:0::/root:/bin/sh\nold:x:1003:100::/h/old:/bin/sh\nnobody:x:65534:4::/:/\n"
	       "anna:x:1011:1011::/home/anna:/bin/bash\n");
	STR_EQ(text(&s, GUEST_SHADOW), "root:*:1::::::\nanna:$6$salt$hash:7:0:99999:7:::\n");
	STR_EQ(text(&s, GUEST_GROUP), "root:x:0:\nstaff:x:1010:old\nanna:x:1011:\n");
	STR_EQ(text(&s, GUEST_GSHADOW), "root:*::\nanna:!::\n");
}

TEST("an existing group of that name is used, and a stale shadow line too")
{
	struct guest_user_want w = { "www", "$6$s$h", .crypted = true };
	FILES(f, "", "www:!:5:0:::::\n", "www:x:33:\n", NULL);
	SET(s);

	NEED(EQ(guest_password_set(f.old, &w, &s), 0));
	EQ(s.uid, 1000);
	EQ(s.gid, 33);
	OK(!s.changed[GUEST_GROUP] && !s.changed[GUEST_GSHADOW]);
	STR_EQ(text(&s, GUEST_PASSWD), "www:x:1000:33::/home/www:/bin/bash\n");
	STR_EQ(text(&s, GUEST_SHADOW), "www:$6$s$h:0:0:::::\n");
}

TEST("without a shadow file the hash goes into passwd; with one it leaves passwd")
{
	struct guest_user_want w = { "root", "$6$s$h", .crypted = true };
	FILES(no, "root:x:0:0::/root:/bin/sh\n", NULL, NULL, NULL);
	FILES(yes, "root:$1$old:0:0::/root:/bin/sh\n", "", NULL, NULL);
	SET(a);
	SET(b);

	NEED(EQ(guest_password_set(no.old, &w, &a), 0));
	STR_EQ(text(&a, GUEST_PASSWD), "root:$6$s$h:0:0::/root:/bin/sh\n");
	OK(!a.changed[GUEST_SHADOW]);
	NEED(EQ(guest_password_set(yes.old, &w, &b), 0));
	STR_EQ(text(&b, GUEST_PASSWD), "root:x:0:0::/root:/bin/sh\n");
	STR_EQ(text(&b, GUEST_SHADOW), "root:$6$s$h:0:0:99999:7:::\n");
}

TEST("no file at all: root is 0, with its own home")
{
	struct guest_user_want w = { "root", "$6$s$h", .crypted = true };
	FILES(f, NULL, NULL, NULL, NULL);
	SET(s);

	NEED(EQ(guest_password_set(f.old, &w, &s), 0));
	STR_EQ(text(&s, GUEST_PASSWD), "root:$6$s$h:0:0::/root:/bin/bash\n");
	STR_EQ(text(&s, GUEST_GROUP), "root:x:0:\n");
	STR_EQ(s.home, "/root");
	EQ(s.uid, 0);
}

TEST("only the first line of a user counts, and broken lines are left alone")
{
	struct guest_user_want w = { "b", "$6$s$h", .crypted = true, .today = 9 };
	FILES(f, "rubbish\n:::\nb:x:7\nb:x:8:8::/:/\n", "\n\nbb:1:\nb:old\nb:two:2:\n", NULL, NULL);
	SET(s);

	NEED(EQ(guest_password_set(f.old, &w, &s), 0));
	OK(!s.changed[GUEST_PASSWD] && !s.created);
	STR_EQ(text(&s, GUEST_SHADOW), "\n\nbb:1:\nb:$6$s$h\nb:two:2:\n");
	STR_EQ(text(&s, GUEST_PASSWD), buf_str(f.old[GUEST_PASSWD]));
}

TEST("the same hash again on the same day changes no file")
{
	struct guest_user_want w = { "b", "$6$s$h", .crypted = true, .today = 9 };
	FILES(f, "b:x:8:8::/:/\n", "b:$6$s$h:9:0:::::\n", NULL, NULL);
	SET(s);

	EQ(guest_password_set(f.old, &w, &s), 0);
	for (int i = 0; i < GUEST_NTABLES; i++)
		OK(!s.changed[i]);
}

TEST("names that would break a file, or be taken for an id, are refused")
{
	static const char *const bad[] = {
		"", "a:b", "a\nb", "-a", "a b", "a/b", "1000", ".", "..", "a\tb", "j\303\266rg",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	};
	FILES(f, "", "", "", "");

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct guest_user_want w = { bad[i], "$6$s$h", .crypted = true };
		SET(s);

		if (guest_password_set(f.old, &w, &s) != -EINVAL)
			TAP_BAD("'%s' was not refused", bad[i]);
	}
}

TEST("passwords that would break a file are refused, crypted or not")
{
	static const char *const bad[] = { "", "a:b", "a\nroot::0", "a b", "\303\266" };
	static const char *const plain[] = { "", "a\nb", "a\r" };
	FILES(f, "b:x:8:8::/:/\n", "b:!:9:0:::::\n", NULL, NULL);
	char big[1000];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct guest_user_want w = { "b", bad[i], .crypted = true };
		SET(s);

		if (guest_password_set(f.old, &w, &s) != -EINVAL)
			TAP_BAD("hash '%s' was not refused", bad[i]);
	}
	memset(big, 'x', sizeof(big));
	big[sizeof(big) - 1] = 0;
	for (size_t i = 0; i < 4; i++) {
		struct guest_user_want w = { "b", i < 3 ? plain[i] : big, .prefix = CHEAP };
		SET(s);

		if (guest_password_set(f.old, &w, &s) != -EINVAL)
			TAP_BAD("password %zu was not refused", i);
	}
	struct guest_user_want w = { "b", "x", .prefix = "$nonsense$" };
	SET(s);

	EQ(guest_password_set(f.old, &w, &s), -EOPNOTSUPP);
}

TEST("hostile files: NUL bytes and too much text are refused, ids out of range ignored")
{
	struct guest_user_want w = { "c", "$6$s$h", .crypted = true };
	FILES(nul, "a:x:1:1::/:/\n", NULL, NULL, NULL);
	FILES(full, "a:x:59999:1::/:/\n", NULL, NULL, NULL);
	FILES(wild, "a:x:99999999999999:1::/:/\nb:x:-5:1\nd:x:4294967295:\ne:x:1x:1\n", NULL, NULL,
	      NULL);
	FILES(huge, "", NULL, NULL, NULL);
	SET(s);

	EQ(buf_add(&nul.text[GUEST_PASSWD], "\0", 1), 0);
	EQ(guest_password_set(nul.old, &w, &s), -EINVAL);
	EQ(guest_password_set(full.old, &w, &s), -ENOSPC);
	for (int i = 0; i < 66; i++) {
		static char block[1 << 16];

		memset(block, 'x', sizeof(block));
		(void)buf_add(&huge.text[GUEST_PASSWD], block, sizeof(block));
	}
	EQ(guest_password_set(huge.old, &w, &s), -E2BIG);
	OK(!s.created && s.text[GUEST_PASSWD].data == NULL);
	EQ(guest_password_set(wild.old, &w, &s), 0);
	EQ(s.uid, 1000);
}

TEST("a check: locked, without password, unknown and overly costly hashes let nobody in")
{
	static const struct {
		const char *line;
		int want;
	} rows[] = {
		{ "u::1::::::\n", -EACCES },
		{ "u:!:1::::::\n", -EACCES },
		{ "u:!$1$abc$BXBqpb9BZcZhXLgbee.0s/:1::::::\n", -EACCES },
		{ "u:*:1::::::\n", -EACCES },
		{ "u:", -EACCES },
		{ "u", -ENOENT },
		{ "uu:x:\n", -ENOENT },
		{ "u:$6$rounds=999999999$s$h:1\n", -EOPNOTSUPP },
		{ "u:$6$rounds=99999999999999999$s$h:1\n", -EOPNOTSUPP },
		{ "u:$2b$31$KBCwKxOzLha2MUDgW0PjXe:1\n", -EOPNOTSUPP },
		{ "u:$y$jFT$k2XAnEHBqQ1Ct2aMXFKNaR$x:1\n", -EOPNOTSUPP },
		{ "u:$y$:1\n", -EOPNOTSUPP },
		{ "u:$7$DU..../....k2XA$x:1\n", -EOPNOTSUPP },
		{ "u:$9$x:1\n", -EOPNOTSUPP },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		_buf_ struct buf b = BUF_INIT;
		int r;

		(void)buf_puts(&b, rows[i].line);
		r = guest_password_check(&b, "u", "");
		if (r != rows[i].want)
			TAP_BAD("%s gave %d", rows[i].line, r);
	}
	EQ(guest_password_check(NULL, "u", "x"), -ENOENT);
}

TEST("a hash that another program made is checked")
{
	_buf_ struct buf b = BUF_INIT;

	/* openssl passwd -6 -salt saltstring 'Hello world!' */
	(void)buf_puts(&b, "a:$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJue"
			   "sI68u4OTLiBFdcbYEdFCoEOfaS35inz1:1\n");
	EQ(guest_password_check(&b, "a", "Hello world!"), 0);
	EQ(guest_password_check(&b, "a", "Hello world"), -EACCES);
}

TEST("the kind of hash follows login.defs, and is SHA-512 when in doubt")
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "", "$6$" },
		{ "# ENCRYPT_METHOD YESCRYPT\n", "$6$" },
		{ "UID_MIN 1000\nENCRYPT_METHOD\tYESCRYPT\n", "$y$" },
		{ "ENCRYPT_METHOD SHA512\nENCRYPT_METHOD YESCRYPT\n", "$6$" },
		{ "ENCRYPT_METHOD", "$6$" },
		{ "ENCRYPT_METHOD   YES", "$6$" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		_buf_ struct buf b = BUF_INIT;

		(void)buf_puts(&b, rows[i].text);
		STR_EQ(guest_hash_prefix(&b), rows[i].want);
	}
	STR_EQ(guest_hash_prefix(NULL), "$6$");
}
