/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Does a user belong to a group, by the texts of passwd and group, which are hostile. */
#include "guest/user.h"

#include <stdio.h>

#include "guest/line.h"

/* Field n of a line with colons; false when it has fewer. */
static bool field(const struct line *l, unsigned n, struct line *ret)
{
	const char *at = l->at, *end = l->at + l->len;

	for (; n; n--) {
		at = memchr(at, ':', (size_t)(end - at));
		if (!at)
			return false;
		at++;
	}
	ret->at = at;
	at = memchr(at, ':', (size_t)(end - at));
	ret->len = (size_t)((at ? at : end) - ret->at);
	return true;
}

static bool is(const struct line *f, const char *s)
{
	return f->len == strlen(s) && memcmp(f->at, s, f->len) == 0;
}

/* "a,b,c" has the name. */
static bool lists(const struct line *f, const char *name)
{
	const char *at = f->at, *end = f->at + f->len;

	while (at < end) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		struct line word = { .at = at, .len = (size_t)((comma ? comma : end) - at) };

		if (is(&word, name))
			return true;
		at = comma ? comma + 1 : end;
	}
	return false;
}

bool guest_user_in_group(const struct buf *passwd, const struct buf *group, const char *user, gid_t gid)
{
	struct line l, f;
	size_t pos = 0;
	char id[16];

	if (!*user)
		return false;
	(void)snprintf(id, sizeof(id), "%u", (unsigned)gid);
	while (line_next(passwd, &pos, &l))
		if (field(&l, 0, &f) && is(&f, user)) {
			if (field(&l, 3, &f) && is(&f, id))
				return true;
			break; /* the first one counts */
		}
	pos = 0;
	while (line_next(group, &pos, &l))
		if (field(&l, 2, &f) && is(&f, id) && field(&l, 3, &f) && lists(&f, user))
			return true;
	return false;
}
