/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Accounts of an old root in a fresh one. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "guest/accounts.h"
#include "guest/files.h"
#include "tap.h"

struct tables {
	struct buf text[GUEST_NTABLES];
	const struct buf *has[GUEST_NTABLES];
};

static void put(struct tables *t, enum guest_table i, const char *text)
{
	(void)buf_puts(&t->text[i], text);
	t->has[i] = &t->text[i];
}

static void done(struct tables *t)
{
	for (int i = 0; i < GUEST_NTABLES; i++)
		buf_done(&t->text[i]);
}
#define _tables_ __attribute__((cleanup(done)))

static void fresh_root(struct tables *t)
{
	put(t, GUEST_PASSWD, "root:x:0:0::/root:/bin/sh\ndaemon:x:1:1::/:/bin/false\n");
	put(t, GUEST_SHADOW, "root:*:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\n");
	put(t, GUEST_GROUP, "root:x:0:\nsudo:x:27:\nadm:x:4:syslog\n");
}

static int merge(const struct tables *old, const struct tables *fresh, struct tables *out)
{
	return guest_accounts_merge(old->has, fresh->has, out->text);
}

TEST("ordinary users and groups go over, with root's password and their memberships")
{
	_tables_ struct tables old = { 0 }, fresh = { 0 }, out = { 0 };

	fresh_root(&fresh);
	put(&old, GUEST_PASSWD, "root:x:0:0::/root:/bin/sh\nold:x:105:105::/:/bin/false\n"
				"alice:x:1000:1000:A,,,:/home/alice:/bin/bash\nnobody:x:65534:65534::/:/bin/false\n");
	put(&old, GUEST_SHADOW, "root:$6$s$rh:1:0:99999:7:::\nalice:$6$s$ah:2:0:99999:7:::\nold:!:1::::::\n");
	put(&old, GUEST_GROUP, "root:x:0:\nsudo:x:27:alice,bob\nadm:x:4:alice\nalice:x:1000:\nteam:x:1001:alice\n");
	EQ(merge(&old, &fresh, &out), 0);
	STR_EQ(buf_str(&out.text[GUEST_PASSWD]),
	       "root:x:0:0::/root:/bin/sh\ndaemon:x:1:1::/:/bin/false\n"
	       "alice:x:1000:1000:A,,,:/home/alice:/bin/bash\n");
	STR_EQ(buf_str(&out.text[GUEST_SHADOW]),
	       "root:$6$s$rh:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\nalice:$6$s$ah:2:0:99999:7:::\n");
	STR_EQ(buf_str(&out.text[GUEST_GROUP]),
	       "root:x:0:\nsudo:x:27:alice\nadm:x:4:syslog,alice\nalice:x:1000:\nteam:x:1001:alice\n");
	EQ(out.text[GUEST_GSHADOW].len, 0);
}

TEST("a name or an id that the fresh root has is not taken, nor is a second root")
{
	_tables_ struct tables old = { 0 }, fresh = { 0 }, out = { 0 };

	fresh_root(&fresh);
	(void)buf_puts(&fresh.text[GUEST_PASSWD], "www:x:1005:1005::/:/bin/sh\n");
	put(&old, GUEST_PASSWD, "daemon:x:1000:0::/:/bin/sh\nx:x:1005:5::/:/bin/sh\ntoor:x:0:0::/:/bin/sh\n"
				"z:x:00:0::/:/bin/sh\nneg:x:-1:0::/:/bin/sh\nbig:x:4294968296:0::/:/bin/sh\n"
				"a:x:1001:1::/:/bin/sh\na:x:1002:1::/:/bin/sh\nb:x:1001:1::/:/bin/sh\n");
	EQ(merge(&old, &fresh, &out), 0);
	HAS(buf_str(&out.text[GUEST_PASSWD]), "a:x:1001:1::/:/bin/sh\n");
	OK(!strstr(buf_str(&out.text[GUEST_PASSWD]), "toor"));
	OK(!strstr(buf_str(&out.text[GUEST_PASSWD]), "1002"));
	OK(!strstr(buf_str(&out.text[GUEST_PASSWD]), "b:x"));
	OK(!strstr(buf_str(&out.text[GUEST_PASSWD]), "daemon:x:1000"));
	OK(!strstr(buf_str(&out.text[GUEST_PASSWD]), "\nx:x"));
	OK(!strstr(buf_str(&out.text[GUEST_PASSWD]), "z:x") && !strstr(buf_str(&out.text[GUEST_PASSWD]), "big"));
}

TEST("lines that no tool writes are left out")
{
	_tables_ struct tables old = { 0 }, fresh = { 0 }, out = { 0 };
	const char *was;

	fresh_root(&fresh);
	was = buf_str(&fresh.text[GUEST_PASSWD]);
	put(&old, GUEST_PASSWD, "a:x:1000\nb:x:1001:1::/:/bin/sh:more\n:x:1002:1::/:/bin/sh\nc d:x:1003:1::/:/bin/sh\n"
				"e\033:x:1004:1::/:/bin/sh\n../f:x:1005:1::/:/bin/sh\n+::::::\n1000:x:1006:1::/:/bin/sh\n");
	put(&old, GUEST_SHADOW, "root:a b:1:0:99999:7:::\n");
	EQ(merge(&old, &fresh, &out), 0);
	STR_EQ(buf_str(&out.text[GUEST_PASSWD]), was);
	STR_EQ(buf_str(&out.text[GUEST_SHADOW]), buf_str(&fresh.text[GUEST_SHADOW]));
}

TEST("tables may be missing, empty, or end without a newline")
{
	_tables_ struct tables old = { 0 }, fresh = { 0 }, out = { 0 };

	EQ(merge(&old, &fresh, &out), 0);
	EQ(out.text[GUEST_PASSWD].len, 0);
	put(&fresh, GUEST_PASSWD, "root:x:0:0::/:/bin/sh");
	put(&old, GUEST_PASSWD, "a:x:1000:1::/:/bin/sh");
	put(&old, GUEST_SHADOW, "");
	EQ(merge(&old, &fresh, &out), 0);
	STR_EQ(buf_str(&out.text[GUEST_PASSWD]), "root:x:0:0::/:/bin/sh\na:x:1000:1::/:/bin/sh\n");
}

TEST("a zero byte and a text that is too long are refused")
{
	_tables_ struct tables old = { 0 }, fresh = { 0 }, out = { 0 };

	fresh_root(&fresh);
	put(&old, GUEST_PASSWD, "a:x:1000:1::/:/bin/sh\n");
	(void)buf_add(&old.text[GUEST_PASSWD], "b\0c\n", 4);
	EQ(merge(&old, &fresh, &out), -EINVAL);
	buf_clear(&old.text[GUEST_PASSWD]);
	for (size_t i = 0; i <= GUEST_FILE_MAX / 1024; i++) {
		char line[1024];

		memset(line, 'x', sizeof(line));
		(void)buf_add(&old.text[GUEST_PASSWD], line, sizeof(line));
	}
	EQ(merge(&old, &fresh, &out), -E2BIG);
}

TEST("gshadow follows group where the fresh root has one")
{
	_tables_ struct tables old = { 0 }, fresh = { 0 }, out = { 0 };

	fresh_root(&fresh);
	put(&fresh, GUEST_GSHADOW, "root:*::\nsudo:*::\n");
	put(&old, GUEST_PASSWD, "alice:x:1000:1000::/:/bin/sh\n");
	put(&old, GUEST_GROUP, "sudo:x:27:alice\nalice:x:1000:\n");
	put(&old, GUEST_GSHADOW, "sudo:*::alice\nalice:!::\nghost:!::\n");
	EQ(merge(&old, &fresh, &out), 0);
	STR_EQ(buf_str(&out.text[GUEST_GSHADOW]), "root:*::\nsudo:*::alice\nalice:!::\n");
}

