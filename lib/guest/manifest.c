/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Read and write a template's manifest.json. */
#include "guest/manifest.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/json.h"

#define MANIFEST_MAX (4u << 20)
#define SIGNAL_MAX   64

/* The members that are plain text. */
static const struct text_member {
	const char *key;
	size_t at, size;
	bool layer; /* only of a template that stands on another */
} text_members[] = {
#define TEXT(m, layer) { #m, offsetof(struct manifest, m), sizeof(((struct manifest *)0)->m), layer }
	TEXT(name, false),    TEXT(description, false),	 TEXT(distribution, false),
	TEXT(release, false), TEXT(architecture, false), TEXT(init, false),
	TEXT(created, false), TEXT(digest, false),	 TEXT(base, true),
	TEXT(base_digest, true),
#undef TEXT
};

#define NTEXT (sizeof(text_members) / sizeof(text_members[0]))

void manifest_done(struct manifest *m)
{
	strv_done(&m->packages);
}

bool manifest_name_ok(const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || n > 64 || !isalnum((unsigned char)name[0]))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr("._+-", name[i]))
			return false;
	return true;
}

static int refuse(struct vz_err *e, const char *what, const char *key, const char *why)
{
	return err_set(e, VZ_E_BAD_TEMPLATE, -EINVAL, "%s: '%s' %s", what, key, why);
}

static int get_text(const json_t *j, const struct text_member *t, const char *what,
		    struct manifest *m, struct vz_err *e)
{
	const char *s = NULL;
	char *at = (char *)m + t->at;

	if (t->layer && !json_object_get(j, t->key))
		return 0;
	if (json_get_str(j, t->key, &s) < 0)
		return refuse(e, what, t->key, "is missing or not a string");
	if (strlen(s) >= t->size)
		return refuse(e, what, t->key, "is too long");
	memcpy(at, s, strlen(s) + 1);
	return 0;
}

static int get_packages(const json_t *j, const char *what, struct manifest *m, struct vz_err *e)
{
	const json_t *list = json_object_get(j, "packages");

	if (!json_is_array(list))
		return refuse(e, what, "packages", "is missing or not a list");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *p = json_array_get(list, i);

		if (!json_is_string(p))
			return refuse(e, what, "packages", "holds something that is not a string");
		if (strv_add(&m->packages, json_string_value(p)) < 0)
			return err_nomem(e);
	}
	return 0;
}

static int get_numbers(const json_t *j, const char *what, struct manifest *m, struct vz_err *e)
{
	uint64_t sig;

	if (json_get_u64(j, "stop_signal", &sig) < 0 || sig < 1 || sig > SIGNAL_MAX)
		return refuse(e, what, "stop_signal", "is missing or not a signal");
	m->stop_signal = sig;
	if (json_get_u64(j, "entries", &m->entries) < 0)
		return refuse(e, what, "entries", "is missing or not a number");
	if (json_get_u64(j, "bytes", &m->bytes) < 0)
		return refuse(e, what, "bytes", "is missing or not a number");
	return 0;
}

int manifest_parse(const char *text, size_t len, const char *what, struct manifest *m,
		   struct vz_err *e)
{
	_json_ json_t *j = NULL;
	char why[160];
	int r = json_parse(text, len, &j, why);

	if (r == -ENOMEM)
		return err_nomem(e);
	if (r < 0 || !json_is_object(j))
		return err_set(e, VZ_E_BAD_TEMPLATE, -EINVAL, "%s: %s", what,
			       r < 0 ? why : "not a JSON object");
	for (size_t i = 0; i < NTEXT; i++) {
		r = get_text(j, &text_members[i], what, m, e);
		if (r < 0)
			return r;
	}
	if (!manifest_name_ok(m->name))
		return refuse(e, what, "name", "is not a template's name");
	if (!str_has_prefix(m->digest, "sha256:") || strlen(m->digest) != 71)
		return refuse(e, what, "digest", "is not a SHA-256 digest");
	if (m->base[0] ? !manifest_name_ok(m->base) || !m->base_digest[0] : m->base_digest[0])
		return refuse(e, what, "base", "needs a template's name and its digest");
	r = get_numbers(j, what, m, e);
	return r < 0 ? r : get_packages(j, what, m, e);
}

int manifest_print(const struct manifest *m, struct buf *out)
{
	_json_ json_t *j = json_object();
	json_t *list = json_array();
	int bad = 0;

	for (size_t i = 0; i < NTEXT; i++) {
		const char *s = (const char *)m + text_members[i].at;

		if (*s || !text_members[i].layer)
			bad |= json_object_set_new(j, text_members[i].key, json_string(s));
	}
	bad |= json_object_set_new(j, "stop_signal", json_integer(m->stop_signal));
	bad |= json_object_set_new(j, "entries", json_integer((json_int_t)m->entries));
	bad |= json_object_set_new(j, "bytes", json_integer((json_int_t)m->bytes));
	for (size_t i = 0; i < m->packages.n; i++)
		bad |= json_array_append_new(list, json_string(m->packages.v[i]));
	bad |= json_object_set_new(j, "packages", list);
	return bad ? -ENOMEM : json_print(j, out);
}

const char *manifest_text(const struct manifest *m, const char *member)
{
	for (size_t i = 0; i < NTEXT; i++)
		if (str_eq(text_members[i].key, member)) {
			const char *s = (const char *)m + text_members[i].at;

			return *s || !text_members[i].layer ? s : NULL;
		}
	return NULL;
}

int manifest_read(int dirfd, const char *name, struct manifest *m, struct vz_err *e)
{
	_buf_ struct buf text = BUF_INIT;
	char what[96];
	int r = io_read_at(dirfd, MANIFEST_FILE, MANIFEST_MAX, &text);

	if (r < 0)
		return err_sys(e, VZ_E_BAD_TEMPLATE, r, "cannot read the manifest of template '%s'",
			       name);
	(void)snprintf(what, sizeof(what), "manifest of template '%s'", name);
	r = manifest_parse(text.data ? text.data : "", text.len, what, m, e);
	if (r < 0)
		return r;
	if (!str_eq(m->name, name))
		return err_set(e, VZ_E_BAD_TEMPLATE, -EINVAL,
			       "the manifest of template '%s' is that of '%s'", name, m->name);
	return 0;
}
