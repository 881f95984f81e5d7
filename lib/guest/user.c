/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Passwords and users of a VPS, on the texts of passwd, shadow, group and gshadow. Only the first
 * line of a user counts, as for getpwnam(3); all other lines stay byte by byte.
 */
#include "guest/user.h"

#include <crypt.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "base/str.h"
#include "guest/fields.h"
#include "guest/files.h"
#include "guest/line.h"

enum { ID_FIRST = 1000, ID_LAST = 59999, USER_MAX = 32, HASH_MAX = CRYPT_OUTPUT_SIZE };

const struct guest_table_row guest_tables[GUEST_NTABLES] = {
	[GUEST_PASSWD] = { "/etc/passwd", 0644 },
	[GUEST_SHADOW] = { "/etc/shadow", 0600 },
	[GUEST_GROUP] = { "/etc/group", 0644 },
	[GUEST_GSHADOW] = { "/etc/gshadow", 0600 },
};

void guest_user_set_done(struct guest_user_set *s)
{
	for (int i = 0; i < GUEST_NTABLES; i++) {
		if (s->text[i].data)
			explicit_bzero(s->text[i].data, s->text[i].size);
		buf_done(&s->text[i]);
	}
}

/* What useradd takes, with upper case and dots; a number alone would be mistaken for an id. */
bool guest_user_name_ok(const char *s)
{
	size_t n = strnlen(s, USER_MAX + 1), digits = strspn(s, "0123456789");

	if (n == 0 || n > USER_MAX || digits == n || *s == '-' || *s == '.')
		return false;
	return strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-$") == n;
}

/* crypt(3) hashes are printable ASCII without these; "!" and "*" lock. */
bool guest_hash_ok(const char *s)
{
	if (!*s || strlen(s) >= HASH_MAX)
		return false;
	for (; *s; s++)
		if (*s <= ' ' || *s > '~' || strchr(":;\\", *s))
			return false;
	return true;
}

static bool is_line_of(const struct line *l, const char *user)
{
	size_t n = strlen(user);

	return l->len > n && memcmp(l->at, user, n) == 0 && l->at[n] == ':';
}

static bool find(const struct buf *t, const char *user, struct line *ret)
{
	size_t pos = 0;

	while (line_next(t, &pos, ret))
		if (is_line_of(ret, user))
			return true;
	return false;
}

/* Field i of the line, counted from 0; false when there are fewer. */
bool guest_field(const struct line *l, unsigned i, struct line *ret)
{
	const char *at = l->at, *end = l->at + l->len;

	for (;; i--) {
		const char *colon = memchr(at, ':', (size_t)(end - at));

		if (i == 0) {
			ret->at = at;
			ret->len = (size_t)((colon ? colon : end) - at);
			return true;
		}
		if (!colon)
			return false;
		at = colon + 1;
	}
}

bool guest_field_id(const struct line *l, unsigned i, uint32_t *ret)
{
	char text[16];
	struct line f;

	if (!guest_field(l, i, &f) || f.len >= sizeof(text))
		return false;
	memcpy(text, f.at, f.len);
	text[f.len] = 0;
	return num_u32(text, ret) == 0;
}

/* Set field i of the first line of user; the line and the field are there. */
static int set_field(struct buf *t, const char *user, unsigned i, const char *value, bool *changed)
{
	_buf_ struct buf out = BUF_INIT;
	struct line l, f;
	size_t before;

	if (!find(t, user, &l) || !guest_field(&l, i, &f))
		return -EINVAL;
	if (f.len == strlen(value) && memcmp(f.at, value, f.len) == 0)
		return 0;
	before = (size_t)(f.at - t->data);
	(void)buf_add(&out, t->data, before);
	(void)buf_puts(&out, value);
	(void)buf_add(&out, f.at + f.len, t->len - before - f.len);
	if (out.failed)
		return -ENOMEM;
	buf_done(t);
	*t = out;
	out = (struct buf)BUF_INIT;
	*changed = true;
	return 0;
}

__attribute__((format(printf, 3, 4))) static int append(struct buf *t, bool *changed,
							const char *fmt, ...)
{
	va_list ap;
	int r;

	if (t->len && t->data[t->len - 1] != '\n')
		(void)buf_putc(t, '\n');
	va_start(ap, fmt);
	r = buf_vprintf(t, fmt, ap);
	va_end(ap);
	*changed = true;
	return r;
}

/* One above the highest id of ordinary users and groups, so that the files of a user removed
 * earlier do not fall to the new one. */
static int free_id(const struct guest_user_set *s, uint32_t *ret)
{
	static const enum guest_table both[] = { GUEST_PASSWD, GUEST_GROUP };
	uint32_t next = ID_FIRST, id;

	for (size_t i = 0; i < ARRAY_LEN(both); i++) {
		size_t pos = 0;
		struct line l;

		while (line_next(&s->text[both[i]], &pos, &l))
			if (guest_field_id(&l, 2, &id) && id >= next && id <= ID_LAST)
				next = id + 1;
	}
	if (next > ID_LAST)
		return -ENOSPC;
	*ret = next;
	return 0;
}

static int create_group(struct guest_user_set *s, const struct buf *const old[GUEST_NTABLES],
			const char *user)
{
	struct line l;
	uint32_t gid;
	int r;

	if (find(&s->text[GUEST_GROUP], user, &l)) {
		if (!guest_field_id(&l, 2, &gid))
			return -EINVAL;
		s->gid = gid;
		return 0;
	}
	s->gid = s->uid;
	r = append(&s->text[GUEST_GROUP], &s->changed[GUEST_GROUP], "%s:x:%u:\n", user, s->gid);
	if (r < 0 || !old[GUEST_GSHADOW] || find(&s->text[GUEST_GSHADOW], user, &l))
		return r;
	return append(&s->text[GUEST_GSHADOW], &s->changed[GUEST_GSHADOW], "%s:!::\n", user);
}

static int create_user(struct guest_user_set *s, const struct buf *const old[GUEST_NTABLES],
		       const char *user)
{
	bool root = str_eq(user, "root");
	uint32_t id = 0;
	int r = root ? 0 : free_id(s, &id);

	if (r < 0)
		return r;
	s->created = true;
	s->uid = id;
	(void)snprintf(s->home, sizeof(s->home), "%s%s", root ? "/" : "/home/", user);
	r = create_group(s, old, user);
	if (r < 0)
		return r;
	return append(&s->text[GUEST_PASSWD], &s->changed[GUEST_PASSWD],
		      "%s:x:%u:%u::%s:/bin/bash\n", user, s->uid, s->gid, s->home);
}

/* The hash where login looks for it: in shadow if that exists, else in passwd. */
static int store(struct guest_user_set *s, bool shadow, const char *user, const char *hash,
		 int64_t today)
{
	struct buf *t = &s->text[GUEST_SHADOW];
	bool *changed = &s->changed[GUEST_SHADOW];
	struct line l, f;
	char day[24];
	int r;

	if (!shadow)
		return set_field(&s->text[GUEST_PASSWD], user, 1, hash, &s->changed[GUEST_PASSWD]);
	r = set_field(&s->text[GUEST_PASSWD], user, 1, "x", &s->changed[GUEST_PASSWD]);
	if (r < 0)
		return r;
	(void)snprintf(day, sizeof(day), "%" PRId64, today);
	if (!find(t, user, &l))
		return append(t, changed, "%s:%s:%s:0:99999:7:::\n", user, hash, day);
	r = set_field(t, user, 1, hash, changed);
	if (r < 0 || !find(t, user, &l) || !guest_field(&l, 2, &f))
		return r;
	return set_field(t, user, 2, day, changed);
}

static int copy_tables(const struct buf *const old[GUEST_NTABLES], struct guest_user_set *s)
{
	for (int i = 0; i < GUEST_NTABLES; i++) {
		if (!old[i] || old[i]->len == 0)
			continue;
		if (old[i]->len > GUEST_FILE_MAX)
			return -E2BIG;
		if (memchr(old[i]->data, 0, old[i]->len))
			return -EINVAL;
		if (buf_add(&s->text[i], old[i]->data, old[i]->len) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int hash_with(const char *password, const char *setting, char hash[HASH_MAX])
{
	struct crypt_data *data = calloc(1, sizeof(*data)); /* 32 KiB */
	const char *h;
	int r = 0;

	if (!data)
		return -ENOMEM;
	h = crypt_r(password, setting, data);
	if (!h || *h == '*' || strlen(h) >= HASH_MAX)
		r = -EOPNOTSUPP;
	else
		memcpy(hash, h, strlen(h) + 1);
	explicit_bzero(data, sizeof(*data));
	free(data);
	return r;
}

static int make_hash(const struct guest_user_want *w, char hash[HASH_MAX])
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];

	if (w->crypted) {
		if (!guest_hash_ok(w->password))
			return -EINVAL;
		memcpy(hash, w->password, strlen(w->password) + 1);
		return 0;
	}
	if (!*w->password || strpbrk(w->password, "\r\n") ||
	    strlen(w->password) > CRYPT_MAX_PASSPHRASE_SIZE)
		return -EINVAL;
	if (!crypt_gensalt_rn(w->prefix ? w->prefix : guest_hash_prefix(NULL), 0, NULL, 0, setting,
			      sizeof(setting)))
		return -EOPNOTSUPP;
	return hash_with(w->password, setting, hash);
}

int guest_password_set(const struct buf *const old[GUEST_NTABLES],
		       const struct guest_user_want *want, struct guest_user_set *ret)
{
	_cleanup_(guest_user_set_done) struct guest_user_set s = GUEST_USER_SET_INIT;
	char hash[HASH_MAX];
	struct line l;
	int r;

	if (!guest_user_name_ok(want->user))
		return -EINVAL;
	r = make_hash(want, hash);
	if (r == 0)
		r = copy_tables(old, &s);
	if (r == 0 && !find(&s.text[GUEST_PASSWD], want->user, &l))
		r = create_user(&s, old, want->user);
	if (r == 0)
		r = store(&s, old[GUEST_SHADOW] != NULL, want->user, hash, want->today);
	explicit_bzero(hash, sizeof(hash));
	if (r < 0)
		return r;
	*ret = s;
	s = (struct guest_user_set)GUEST_USER_SET_INIT;
	return 0;
}

/* A VPS chooses the cost of its hashes and we pay for it: only what a sane system writes. */
static bool is_bearable(const char *hash)
{
	uint32_t cost = 0;
	char digits[12] = "";

	if (str_has_prefix(hash, "$y$") || str_has_prefix(hash, "$gy$")) {
		const char *p = hash + (hash[1] == 'g' ? 4 : 3);

		return p[0] == 'j' && p[1] && strchr("789AB", p[1]) && p[2] &&
		       strchr("5T", p[2]) && p[3] == '$';
	}
	if (str_has_prefix(hash, "$5$rounds=") || str_has_prefix(hash, "$6$rounds=")) {
		size_t n = strspn(hash + 10, "0123456789");

		if (n >= sizeof(digits))
			return false;
		memcpy(digits, hash + 10, n);
		return num_u32(digits, &cost) == 0 && cost <= 500000;
	}
	if (str_has_prefix(hash, "$2a$") || str_has_prefix(hash, "$2b$") ||
	    str_has_prefix(hash, "$2y$")) {
		memcpy(digits, hash + 4, strnlen(hash + 4, 2));
		return num_u32(digits, &cost) == 0 && cost <= 12;
	}
	return str_has_prefix(hash, "$5$") || str_has_prefix(hash, "$6$") ||
	       str_has_prefix(hash, "$1$");
}

static bool same(const char *a, const char *b)
{
	size_t n = strlen(a);
	unsigned char diff = 0;

	if (n != strlen(b))
		return false;
	for (size_t i = 0; i < n; i++) /* all of it, so that the time tells nothing */
		diff |= (unsigned char)(a[i] ^ b[i]);
	return diff == 0;
}

int guest_password_check(const struct buf *shadow, const char *user, const char *password)
{
	char want[HASH_MAX], have[HASH_MAX];
	struct line l, f;
	int r;

	if (!guest_user_name_ok(user) || !find(shadow, user, &l))
		return -ENOENT;
	if (!guest_field(&l, 1, &f) || f.len == 0 || f.len >= sizeof(want) || memchr(f.at, 0, f.len))
		return -EACCES;
	memcpy(want, f.at, f.len);
	want[f.len] = 0;
	if (!guest_hash_ok(want) || *want != '$')
		return -EACCES;
	if (!is_bearable(want))
		return -EOPNOTSUPP;
	r = hash_with(password, want, have);
	if (r == 0 && !same(have, want))
		r = -EACCES;
	explicit_bzero(have, sizeof(have));
	return r;
}

const char *guest_hash_prefix(const struct buf *login_defs)
{
	static const char key[] = "ENCRYPT_METHOD";
	size_t pos = 0;
	struct line l;

	while (line_next(login_defs, &pos, &l)) {
		const char *at = l.at + sizeof(key) - 1, *end = l.at + l.len;

		if (l.len < sizeof(key) || memcmp(l.at, key, sizeof(key) - 1) != 0)
			continue;
		while (at < end && (*at == ' ' || *at == '\t'))
			at++;
		return end - at >= 8 && memcmp(at, "YESCRYPT", 8) == 0 ? "$y$" : "$6$";
	}
	return "$6$";
}
