// SPDX-License-Identifier: LGPL-2.1-or-later
/* The file of counters: "before" is the sum of all groups but the last, "last" the last one. */
#include "ct/limit/acct.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sysinfo.h>
#include <time.h>
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

#define ACCT_ALL(X) ACCT_COUNTERS(X) ACCT_FLOWS(X) ACCT_TIMES(X)

struct record {
	char group[GROUP_SIZE]; /* whose counters `last` are: boot and number of the group */
	struct acct before, last;
	uint64_t mem_kib, limit_kib; /* when `last` was written */
};

static char *record_path(const struct ct *ct)
{
	return str_printf("%s/acct/%s.json", ct->vz->statedir, ct->idstr);
}

/* What is missing is 0: a later version may know more counters. */
static void get_counters(const json_t *o, struct acct *a)
{
#define ACCT_GET(name, from) (void)json_get_u64(o, #name, &a->name);
	ACCT_ALL(ACCT_GET)
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
	(void)json_get_u64(o, "mem_kib", &ret->mem_kib);
	(void)json_get_u64(o, "limit_kib", &ret->limit_kib);
}

static json_t *counters(const struct acct *a)
{
	json_t *o = json_object();

#define ACCT_PUT(name, from)                                                                       \
	if (o && json_object_set_new(o, #name, json_integer((json_int_t)a->name)) < 0) {           \
		json_decref(o);                                                                    \
		o = NULL;                                                                          \
	}
	ACCT_ALL(ACCT_PUT)
#undef ACCT_PUT
	return o;
}

static int record_write(const struct ct *ct, const struct record *rec)
{
	_free_ char *path = record_path(ct), *dir = str_printf("%s/acct", ct->vz->statedir);
	_json_ json_t *o = json_pack("{s:s,s:o,s:o,s:I,s:I}", "group", rec->group, "before",
				     counters(&rec->before), "last", counters(&rec->last), "mem_kib",
				     (json_int_t)rec->mem_kib, "limit_kib",
				     (json_int_t)rec->limit_kib);
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

static void from_stat(const struct cg_stat *s, const struct cg_flow *f, struct acct *a)
{
	*a = (struct acct){ 0 };
#define ACCT_FROM(name, from) a->name = s->from == UINT64_MAX ? 0 : s->from;
	ACCT_COUNTERS(ACCT_FROM)
#undef ACCT_FROM
#define ACCT_FLOW(name, from) a->name = f->from == UINT64_MAX ? 0 : f->from;
	if (f) {
		ACCT_FLOWS(ACCT_FLOW)
	}
#undef ACCT_FLOW
}

static uint64_t limit_of(const struct cg_stat *s)
{
	struct sysinfo node;
	uint64_t all = sysinfo(&node) == 0 ? (uint64_t)node.totalram * node.mem_unit : 0;

	return s->mem_max < all ? s->mem_max : all;
}

/* a KiB at the beginning, b at the end. */
static uint64_t kib_seconds(uint64_t a, uint64_t b, uint64_t ms)
{
	return (uint64_t)((double)(a + b) / 2 * (double)ms / 1000);
}

/*
 * Times of the group that the record is of by now. When the group is about to go its init has gone and is
 * forgotten; what was found under the lock still knows it.
 */
static void from_time(const struct ct *ct, const struct cg_stat *s, struct record *rec, struct acct *a)
{
	uint64_t start = ct->st.init.start ? ct->st.init.start : ct->found.init.start;
	uint64_t mem = s->mem == UINT64_MAX ? 0 : s->mem / 1024, limit = limit_of(s) / 1024;
	struct timespec t;
	uint64_t now, passed;

	clock_gettime(CLOCK_BOOTTIME, &t);
	now = (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
	a->uptime_ms = start && now > start * 10 ? now - start * 10 : 0;
	if (a->uptime_ms < rec->last.uptime_ms)
		a->uptime_ms = rec->last.uptime_ms;
	passed = a->uptime_ms - rec->last.uptime_ms;
	/* The first look has no other to go by; and at the end, when all have gone, memory is free already. */
	if (!rec->last.uptime_ms)
		rec->mem_kib = mem, rec->limit_kib = limit;
	if (!ct_is_running(ct))
		mem = rec->mem_kib;
	a->mem_kib_s = rec->last.mem_kib_s + kib_seconds(rec->mem_kib, mem, passed);
	/* A limit is changed at once; it was the old one for most of the time, or as good as. */
	a->limit_kib_s = rec->last.limit_kib_s + kib_seconds(rec->limit_kib, rec->limit_kib, passed);
	rec->mem_kib = mem;
	rec->limit_kib = limit;
}

static void add(struct acct *to, const struct acct *a)
{
#define ACCT_ADD(name, from)                                                                       \
	if (__builtin_add_overflow(to->name, a->name, &to->name) || to->name > INT64_MAX)          \
		to->name = INT64_MAX;
	ACCT_ALL(ACCT_ADD)
#undef ACCT_ADD
}

/* The record becomes one of this group, with nothing counted in it, unless it is. */
static void turn_to(struct record *rec, const char *group)
{
	if (strcmp(rec->group, group) == 0)
		return;
	add(&rec->before, &rec->last);
	rec->last = (struct acct){ 0 };
	rec->mem_kib = rec->limit_kib = 0;
	snprintf(rec->group, sizeof(rec->group), "%s", group);
}

static int bring_up(struct ct *ct, const char *group)
{
	static const struct acct none;
	struct record rec;
	struct cg_stat s;
	struct cg_flow f;
	struct acct now;

	cg_stat(ct->cg, &s);
	cg_flow(ct->cg, &f);
	from_stat(&s, &f, &now);
	/* A group in which nothing ran: a start that failed early. */
	if (memcmp(&now, &none, sizeof(now)) == 0)
		return 0;
	record_read(ct, &rec);
	turn_to(&rec, group);
	from_time(ct, &s, &rec, &now);
	rec.last = now;
	return record_write(ct, &rec);
}

/* Those that note a stop share it, since each has the lock of its VPS; who merely looks has it alone. */
static int open_shared(const struct ct *ct, int how, int *ret_fd)
{
	_free_ char *dir = str_printf("%s/acct", ct->vz->statedir);
	_fd_ int fd = -1;
	int r = dir ? path_mkdirs(dir, 0755) : -ENOMEM;

	if (r < 0)
		return r;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, how) < 0)
		return -errno;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

void ct_acct_note(struct ct *ct)
{
	char group[GROUP_SIZE];
	_fd_ int fd = -1;
	int r = group_name(ct, group);

	if (r == -ESRCH)
		return;
	if (r == 0)
		r = open_shared(ct, LOCK_SH, &fd);
	if (r == 0)
		r = bring_up(ct, group);
	if (r < 0)
		log_msg(&ct->vz->log, -1, "VPS %s: what it has used cannot be noted: %s", ct->idstr,
			strerror(-r));
}

int ct_acct_keep(struct ct *ct)
{
	char group[GROUP_SIZE];
	_fd_ int fd = -1;
	int r = ct_is_running(ct) ? open_shared(ct, LOCK_EX | LOCK_NB, &fd) : -ESRCH;

	if (r == 0)
		r = group_name(ct, group);
	return r < 0 ? r : bring_up(ct, group);
}

void ct_acct_read(struct ct *ct, struct acct *ret)
{
	char group[GROUP_SIZE];
	struct record rec;

	record_read(ct, &rec);
	/* Noted by a command that was killed before the group was gone, or kept meanwhile. */
	if (!rec.group[0] || group_name(ct, group) < 0 || strcmp(rec.group, group) != 0)
		add(&rec.before, &rec.last);
	*ret = rec.before;
}

void ct_acct_total(struct ct *ct, const struct cg_stat *now, const struct cg_flow *flow,
		   struct acct *ret)
{
	char group[GROUP_SIZE];
	struct record rec;
	struct acct live;

	record_read(ct, &rec);
	if (group_name(ct, group) < 0) {
		add(&rec.before, &rec.last);
	} else {
		turn_to(&rec, group);
		from_stat(now, flow, &live);
		if (flow) {
			struct record kept = rec;

			from_time(ct, now, &rec, &live);
			/* An estimate that a later look corrects could go back: only kept looks count. */
			live.mem_kib_s = kept.last.mem_kib_s;
			live.limit_kib_s = kept.last.limit_kib_s;
		}
		add(&rec.before, &live);
	}
	*ret = rec.before;
}

void ct_acct_drop(struct ct *ct)
{
	_free_ char *path = record_path(ct);

	if (path)
		unlink(path);
}
