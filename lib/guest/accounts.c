// SPDX-License-Identifier: LGPL-2.1-or-later
/* Accounts of an old root in a fresh one. */
#include "guest/accounts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "guest/fields.h"
#include "guest/files.h"
#include "guest/line.h"

enum { ID_FIRST = 1000, ID_LAST = 65533, LINE_LONGEST = 4096, NAME_LEN = 33, USERS_MAX = 4096 };

struct merge {
	const struct buf *const *old, *const *fresh;
	struct buf *out;
	struct strv users; /* those taken over */
};

static bool name_of(const struct line *l, char name[NAME_LEN])
{
	struct line f;

	if (!guest_field(l, 0, &f) || f.len == 0 || f.len >= NAME_LEN)
		return false;
	memcpy(name, f.at, f.len);
	name[f.len] = 0;
	return guest_user_name_ok(name);
}

/* One line of text with so many fields, as the tools write them. */
static bool is_sane(const struct line *l, unsigned fields)
{
	struct line f;

	if (l->len > LINE_LONGEST || !guest_field(l, fields - 1, &f) || guest_field(l, fields, &f))
		return false;
	for (size_t i = 0; i < l->len; i++)
		if ((unsigned char)l->at[i] < 0x20 || l->at[i] == 0x7f)
			return false;
	return true;
}

static bool has_name(const struct buf *t, const char *name)
{
	size_t pos = 0, n = strlen(name);
	struct line l;

	while (line_next(t, &pos, &l))
		if (l.len > n && memcmp(l.at, name, n) == 0 && l.at[n] == ':')
			return true;
	return false;
}

static bool has_id(const struct buf *t, uint32_t id)
{
	size_t pos = 0;
	struct line l;
	uint32_t v;

	while (line_next(t, &pos, &l))
		if (guest_field_id(&l, 2, &v) && v == id)
			return true;
	return false;
}

static int add_line(struct buf *t, const struct line *l)
{
	if (t->len && t->data[t->len - 1] != '\n')
		(void)buf_putc(t, '\n');
	(void)buf_add(t, l->at, l->len);
	return buf_putc(t, '\n');
}

/* Users or groups with ordinary ids; the names of users are kept for the other tables. */
static int take_ids(struct merge *m, enum guest_table which, unsigned fields)
{
	size_t pos = 0;
	struct line l;
	int r = 0;

	while (r == 0 && line_next(m->old[which], &pos, &l)) {
		char name[NAME_LEN];
		uint32_t id;

		if (!is_sane(&l, fields) || !name_of(&l, name) || !guest_field_id(&l, 2, &id) ||
		    id < ID_FIRST || id > ID_LAST || has_name(&m->out[which], name) ||
		    has_id(&m->out[which], id))
			continue;
		if (which == GUEST_PASSWD && m->users.n >= USERS_MAX)
			return -E2BIG;
		r = add_line(&m->out[which], &l);
		if (r == 0 && which == GUEST_PASSWD)
			r = strv_add(&m->users, name);
	}
	return r;
}

/* The shadow lines of users taken over. */
static int take_shadow(struct merge *m)
{
	size_t pos = 0;
	struct line l;
	int r = 0;

	while (r == 0 && line_next(m->old[GUEST_SHADOW], &pos, &l)) {
		char name[NAME_LEN];

		if (is_sane(&l, 9) && name_of(&l, name) && strv_has(&m->users, name) &&
		    !has_name(&m->out[GUEST_SHADOW], name))
			r = add_line(&m->out[GUEST_SHADOW], &l);
	}
	return r;
}

/* The second field of root's line: in shadow, or in passwd when there is no shadow. */
static bool root_hash(const struct buf *t, struct line *ret_line, struct line *ret)
{
	size_t pos = 0;

	while (line_next(t, &pos, ret_line))
		if (ret_line->len > 5 && memcmp(ret_line->at, "root:", 5) == 0)
			return guest_field(ret_line, 1, ret);
	return false;
}

static int take_root(struct merge *m)
{
	_buf_ struct buf text = BUF_INIT;
	struct buf *t = &m->out[GUEST_SHADOW];
	struct line l, was, now;
	char hash[512];
	size_t at;

	if (!root_hash(m->old[GUEST_SHADOW], &l, &was) || was.len == 0 || was.len >= sizeof(hash))
		return 0;
	memcpy(hash, was.at, was.len);
	hash[was.len] = 0;
	if (!guest_hash_ok(hash) || !root_hash(t, &l, &now))
		return 0;
	at = (size_t)(now.at - t->data);
	(void)buf_add(&text, t->data, at);
	(void)buf_puts(&text, hash);
	(void)buf_add(&text, now.at + now.len, t->len - at - now.len);
	if (text.failed)
		return -ENOMEM;
	buf_done(t);
	*t = text;
	text = (struct buf)BUF_INIT;
	return 0;
}

/* Was the user in the group of that name? */
static bool was_member(const struct buf *groups, const struct line *group, const char *user)
{
	size_t pos = 0, n, len;
	struct line l, name, f;

	if (!guest_field(group, 0, &name))
		return false;
	while (line_next(groups, &pos, &l)) {
		if (l.len <= name.len || memcmp(l.at, name.at, name.len) != 0 || l.at[name.len] != ':' ||
		    !guest_field(&l, 3, &f))
			continue;
		for (n = strlen(user), len = f.len; len >= n; f.at++, len--)
			if (memcmp(f.at, user, n) == 0 && (len == n || f.at[n] == ',') &&
			    (f.at[-1] == ',' || f.at[-1] == ':'))
				return true;
		return false;
	}
	return false;
}

/* Each line of the fresh text, with the users that were in that group at its end. */
static int take_members(struct merge *m, enum guest_table which)
{
	_buf_ struct buf text = BUF_INIT;
	size_t pos = 0;
	struct line l, f;

	while (line_next(m->fresh[which], &pos, &l)) {
		bool any = guest_field(&l, 3, &f) && f.len > 0;

		(void)buf_add(&text, l.at, l.len);
		for (size_t i = 0; i < m->users.n && guest_field(&l, 3, &f); i++) {
			if (was_member(m->fresh[which], &l, m->users.v[i]) ||
			    !was_member(m->old[which], &l, m->users.v[i]))
				continue;
			(void)buf_printf(&text, "%s%s", any ? "," : "", m->users.v[i]);
			any = true;
		}
		(void)buf_putc(&text, '\n');
	}
	if (text.failed)
		return -ENOMEM;
	buf_done(&m->out[which]);
	m->out[which] = text;
	text = (struct buf)BUF_INIT;
	return 0;
}

/* Lines of gshadow for groups that group has now. */
static int take_gshadow(struct merge *m)
{
	size_t pos = 0;
	struct line l;
	int r = 0;

	while (r == 0 && line_next(m->old[GUEST_GSHADOW], &pos, &l)) {
		char name[NAME_LEN];

		if (is_sane(&l, 4) && name_of(&l, name) && has_name(&m->out[GUEST_GROUP], name) &&
		    !has_name(&m->out[GUEST_GSHADOW], name))
			r = add_line(&m->out[GUEST_GSHADOW], &l);
	}
	return r;
}

static int check(const struct buf *t)
{
	if (!t || !t->len)
		return 0;
	if (t->len > GUEST_FILE_MAX)
		return -E2BIG;
	return memchr(t->data, 0, t->len) ? -EINVAL : 0;
}

int guest_accounts_merge(const struct buf *const old[GUEST_NTABLES],
			 const struct buf *const fresh[GUEST_NTABLES],
			 struct buf out[GUEST_NTABLES])
{
	struct merge m = { .old = old, .fresh = fresh, .out = out };
	int r = 0;

	for (int i = 0; r == 0 && i < GUEST_NTABLES; i++) {
		r = check(old[i]);
		if (r == 0)
			r = check(fresh[i]);
		if (r == 0 && fresh[i] && fresh[i]->len)
			r = buf_add(&out[i], fresh[i]->data, fresh[i]->len);
	}
	if (r == 0)
		r = take_ids(&m, GUEST_PASSWD, 7);
	if (r == 0)
		r = take_shadow(&m);
	if (r == 0)
		r = take_root(&m);
	if (r == 0 && m.users.n)
		r = take_members(&m, GUEST_GROUP);
	if (r == 0)
		r = take_ids(&m, GUEST_GROUP, 4);
	if (r == 0 && fresh[GUEST_GSHADOW] && m.users.n)
		r = take_members(&m, GUEST_GSHADOW);
	if (r == 0 && fresh[GUEST_GSHADOW])
		r = take_gshadow(&m);
	strv_done(&m.users);
	return r;
}
