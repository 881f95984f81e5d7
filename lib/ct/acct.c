// SPDX-License-Identifier: LGPL-2.1-or-later
/* The file of counters: "before" is the sum of all groups but the last, "last" the last one. */
#include "ct/acct.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/json.h"
#include "base/path.h"
#include "base/str.h"
#include "cgroup/cg.h"
#include "ct/ct.h"

enum { FILE_MAX = 4096, GROUP_SIZE = 64 };

struct record {
	char group[GROUP_SIZE]; /* whose counters `last` are: boot and number of the group */
	struct acct before, last;
};

static char *record_path(const struct ct *ct)
{
	return str_printf("%s/acct/%s.json", ct->vz->statedir, ct->idstr);
}

/* What is missing is 0: a later version may know more counters. */
static void get_counters(const json_t *o, struct acct *a)
{
#define ACCT_GET(name, from) (void)json_get_u64(o, #name, &a->name);
	ACCT_COUNTERS(ACCT_GET)
#undef ACCT_GET
}

/* A file that cannot be understood is none. */
static void record_read(const struct ct *ct, struct record *ret)
{
	_free_ char *path = record_path(ct);
	_buf_ struct buf text = BUF_INIT;
	_json_ json_t *o = NULL;
	const char *group;

	*ret = (struct record){ 0 };
	if (!path || io_read_at(AT_FDCWD, path, FILE_MAX, &text) < 0 ||
	    json_parse(buf_str(&text), text.len, &o, NULL) < 0 ||
	    json_get_str(o, "group", &group) < 0 || strlen(group) >= GROUP_SIZE)
		return;
	snprintf(ret->group, sizeof(ret->group), "%s", group);
	get_counters(json_object_get(o, "before"), &ret->before);
	get_counters(json_object_get(o, "last"), &ret->last);
}

static json_t *counters(const struct acct *a)
{
	json_t *o = json_object();

#define ACCT_PUT(name, from)                                                                       \
	if (o && json_object_set_new(o, #name, json_integer((json_int_t)a->name)) < 0) {           \
		json_decref(o);                                                                    \
		o = NULL;                                                                          \
	}
	ACCT_COUNTERS(ACCT_PUT)
#undef ACCT_PUT
	return o;
}

static int record_write(const struct ct *ct, const struct record *rec)
{
	_free_ char *path = record_path(ct), *dir = str_printf("%s/acct", ct->vz->statedir);
	_json_ json_t *o = json_pack("{s:s,s:o,s:o}", "group", rec->group, "before",
				     counters(&rec->before), "last", counters(&rec->last));
	_buf_ struct buf text = BUF_INIT;
	int r = o && path && dir ? json_print(o, &text) : -ENOMEM;

	if (r == 0)
		r = io_replace_at(AT_FDCWD, path, text.data, text.len, 0600);
	if (r == -ENOENT) {
		r = path_mkdirs(dir, 0755);
		if (r == 0)
			r = io_replace_at(AT_FDCWD, path, text.data, text.len, 0600);
	}
	return r;
}

/* Name of the present group that no other has, in this boot or another. -ESRCH: there is none. */
static int group_name(struct ct *ct, char *out)
{
	_buf_ struct buf boot = BUF_INIT;
	uint64_t ident;
	int r = ct_cgroup(ct, NULL);

	if (r == 0)
		r = cg_ident(ct->cg, &ident);
	if (r == 0)
		r = io_read_at(AT_FDCWD, "/proc/sys/kernel/random/boot_id", 128, &boot);
	if (r < 0)
		return r == -ENOENT ? -ESRCH : r;
	snprintf(out, GROUP_SIZE, "%.36s:%llx", buf_str(&boot), (unsigned long long)ident);
	return 0;
}

static void from_stat(const struct cg_stat *s, struct acct *a)
{
#define ACCT_FROM(name, from) a->name = s->from == UINT64_MAX ? 0 : s->from;
	ACCT_COUNTERS(ACCT_FROM)
#undef ACCT_FROM
}

static void add(struct acct *to, const struct acct *a)
{
#define ACCT_ADD(name, from)                                                                       \
	if (__builtin_add_overflow(to->name, a->name, &to->name) || to->name > INT64_MAX)          \
		to->name = INT64_MAX;
	ACCT_COUNTERS(ACCT_ADD)
#undef ACCT_ADD
}

void ct_acct_note(struct ct *ct)
{
	static const struct acct none;
	char group[GROUP_SIZE];
	struct record rec;
	struct cg_stat s;
	struct acct now;
	int r = group_name(ct, group);

	if (r == -ESRCH)
		return;
	if (r == 0) {
		cg_stat(ct->cg, &s);
		from_stat(&s, &now);
		/* A group in which nothing ran: a start that failed early. */
		if (memcmp(&now, &none, sizeof(now)) == 0)
			return;
		record_read(ct, &rec);
		if (strcmp(rec.group, group) != 0)
			add(&rec.before, &rec.last);
		snprintf(rec.group, sizeof(rec.group), "%s", group);
		rec.last = now;
		r = record_write(ct, &rec);
	}
	if (r < 0)
		log_msg(&ct->vz->log, -1, "VPS %s: what it has used cannot be noted: %s", ct->idstr,
			strerror(-r));
}

void ct_acct_read(struct ct *ct, struct acct *ret)
{
	char group[GROUP_SIZE];
	struct record rec;

	record_read(ct, &rec);
	/* Noted by a command that was killed before the group was gone. */
	if (!rec.group[0] || group_name(ct, group) < 0 || strcmp(rec.group, group) != 0)
		add(&rec.before, &rec.last);
	*ret = rec.before;
}

void ct_acct_total(struct ct *ct, const struct cg_stat *now, struct acct *ret)
{
	struct acct live;

	ct_acct_read(ct, ret);
	from_stat(now, &live);
	add(ret, &live);
}

void ct_acct_drop(struct ct *ct)
{
	_free_ char *path = record_path(ct);

	if (path)
		unlink(path);
}
