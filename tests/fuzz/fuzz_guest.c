/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that a guest wrote and that the node reads: /etc/hosts and the four files of accounts. */
#include <errno.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "guest/files.h"
#include "guest/user.h"

#include "fuzz.h"

static void hosts(const struct buf *old)
{
	_buf_ struct buf once = BUF_INIT, twice = BUF_INIT;

	if (guest_hosts(old, "web.example.org", "192.0.2.1", &once) < 0)
		return;
	MUST(guest_hosts(&once, "web.example.org", "192.0.2.1", &twice) == 0);
	MUST(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
}

/* The first byte says which file is given; the others are missing. */
static void accounts(unsigned which, const struct buf *text)
{
	const struct buf *old[GUEST_NTABLES] = { NULL };
	struct guest_user_want want = { .user = "joe", .password = "$6$a$b", .crypted = true,
					.today = 20000 };
	struct guest_user_set set = GUEST_USER_SET_INIT;

	old[which % GUEST_NTABLES] = text;
	if (guest_password_set(old, &want, &set) == 0)
		for (int i = 0; i < GUEST_NTABLES; i++)
			MUST(!set.changed[i] || set.text[i].len > 0);
	guest_user_set_done(&set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_free_ char *copy = NULL;
	struct buf text = BUF_INIT;

	if (size < 1)
		return 0;
	copy = fuzz_text(data + 1, size - 1);
	text.data = copy;
	text.len = size - 1;
	hosts(&text);
	accounts(data[0], &text);
	/* No real hash is computed: the password is none that the file could have. */
	(void)guest_hash_prefix(&text);
	return 0;
}
