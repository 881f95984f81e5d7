/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Add up what the kernel has counted for a VPS, now and before. */
#include "ct/link/traffic.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vz/traffic.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/json.h"
#include "base/num.h"
#include "base/path.h"
#include "base/str.h"
#include "ct/ct.h"
#include "ct/link/traffic_int.h"
#include "ct/link/traffic_month.h"
#include "host/netclasses.h"
#include "net/count.h"
#include "param/param.h"

#define FILE_MAX (4u << 20)

void accounts_done(struct accounts *a)
{
	json_decref(a->file);
}

static char *file_path(const struct ct *ct)
{
	return str_printf("%s/net/%s.json", ct->vz->statedir, ct->idstr);
}

/* ---- the file ---- */

static json_t *object_at(json_t *o, const char *key)
{
	json_t *v = json_object_get(o, key);

	if (!json_is_object(v)) {
		json_object_set_new(o, key, json_object());
		v = json_object_get(o, key);
	}
	return v;
}

static struct net_counter pair_get(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	json_int_t bytes = json_integer_value(json_array_get(v, 0));
	json_int_t packets = json_integer_value(json_array_get(v, 1));

	return (struct net_counter){ bytes > 0 ? (uint64_t)bytes : 0,
				     packets > 0 ? (uint64_t)packets : 0 };
}

static int pair_set(json_t *o, const char *key, const struct net_counter *c)
{
	return json_object_set_new(o, key, json_pack("[I,I]", (json_int_t)c->bytes,
						     (json_int_t)c->packets));
}

/* Counters begin anew with the kernel: what was seen of them before says nothing. */
static int check_boot(struct accounts *a)
{
	_buf_ struct buf boot = BUF_INIT;
	const char *was = "";
	int r = io_read_at(AT_FDCWD, "/proc/sys/kernel/random/boot_id", 128, &boot);

	if (r < 0)
		return r;
	boot.data[strcspn(boot.data, "\n")] = '\0';
	if (json_get_str(a->file, "boot", &was) == 0 && str_eq(was, buf_str(&boot)))
		return 0;
	json_object_del(a->file, "seen");
	return json_object_set_new(a->file, "boot", json_string(buf_str(&boot)));
}

static int load(struct accounts *a)
{
	_free_ char *path = file_path(a->ct);
	_buf_ struct buf text = BUF_INIT;
	int r = path ? io_read_at(AT_FDCWD, path, FILE_MAX, &text) : -ENOMEM;

	if (r == 0)
		r = json_parse(buf_str(&text), text.len, &a->file, NULL);
	if (r == 0 && !json_is_object(a->file))
		r = -EINVAL;
	if (r == -ENOENT) {
		a->file = json_object();
		r = a->file ? 0 : -ENOMEM;
	}
	return r;
}

int accounts_read(struct accounts *a, time_t now)
{
	char from[MONTH_LEN];
	int r = load(a);

	month_from(now, (unsigned)a->ct->cfg->traffic_day, from);
	return r < 0 ? r : month_begin(a->file, from);
}

int accounts_save(struct accounts *a)
{
	_free_ char *path = file_path(a->ct), *dir = str_printf("%s/net", a->ct->vz->statedir);
	_buf_ struct buf text = BUF_INIT;
	int r = path && dir ? 0 : -ENOMEM;

	if (r == 0 && json_object_set_new(a->file, "saved", json_integer(ct_traffic_now())) < 0)
		r = -ENOMEM;
	if (r == 0)
		r = json_print(a->file, &text);
	if (r == 0)
		r = path_mkdirs(dir, 0700);
	return r < 0 ? r : io_replace_at(AT_FDCWD, path, text.data, text.len, 0600);
}

#ifdef VZ_FAULT
/* VZ_NOW=1796083200 is what tests of months live in. */
time_t ct_traffic_now(void)
{
	const char *s = getenv("VZ_NOW");
	int64_t v;

	return s && num_i64(s, &v) == 0 ? (time_t)v : time(NULL);
}
#else
time_t ct_traffic_now(void)
{
	return time(NULL);
}
#endif

/* ---- adding up ---- */

/* "o4_1": direction, family, class. */
static int set_name_parse(const char *s, bool *ret_out, struct vz_traffic *ret)
{
	if ((s[0] != 'i' && s[0] != 'o') || (s[1] != '4' && s[1] != '6') || s[2] != '_')
		return -EINVAL;
	*ret_out = s[0] == 'o';
	*ret = (struct vz_traffic){ .family = (uint32_t)(s[1] - '0') };
	return num_u32(s + 3, &ret->net_class);
}

/* What one counter has now goes to the sum, less what is in it already. A counter that has become smaller has
 * begun anew. */
static int add_one(struct accounts *a, json_t *seen, const char *set, const struct net_counter *now)
{
	json_t *sum = object_at(a->file, "sum");
	struct net_counter was = pair_get(seen, set), total = pair_get(sum, set);

	if (now->bytes == was.bytes && now->packets == was.packets)
		return 0;
	if (now->bytes < was.bytes || now->packets < was.packets)
		was = (struct net_counter){ 0 };
	total.bytes += now->bytes - was.bytes;
	total.packets += now->packets - was.packets;
	a->changed = true;
	return pair_set(seen, set, now) < 0 || pair_set(sum, set, &total) < 0 ? -ENOMEM : 0;
}

/* All of one map; it begins at nothing, and what was seen of another says nothing of it. */
static int add_counted(struct accounts *a, const struct counted *c)
{
	static const char dirs[NET_NDIRS] = { [NET_OUT] = 'o', [NET_IN] = 'i' };
	char map[12], set[20];
	json_t *was, *seen;
	int r = 0;

	snprintf(map, sizeof(map), "%u", c->id);
	was = json_incref(object_at(object_at(a->file, "seen"), map));
	seen = json_object();
	json_object_set_new(seen, map, was);
	json_object_set_new(a->file, "seen", seen);
	for (uint32_t i = 0; r == 0 && i < c->n * 4; i++) {
		const struct net_counter *now = &c->v[i / 4].c[i / 2 % 2][i % 2];

		if (!now->packets)
			continue;
		snprintf(set, sizeof(set), "%c%c_%u", dirs[i / 2 % 2], i % 2 ? '6' : '4', i / 4);
		r = add_one(a, was, set, now);
	}
	return r;
}

int accounts_turn(struct accounts *a)
{
	char from[MONTH_LEN];
	int r;

	month_from(ct_traffic_now(), (unsigned)a->ct->cfg->traffic_day, from);
	r = month_turn(a->file, from);
	if (r > 0)
		a->changed = a->turned = true;
	return r < 0 ? r : 0;
}

/* What is counted first belongs to the month of the last look. */
int accounts_add_up(struct accounts *a)
{
	_cleanup_(counted_done) struct counted c = { 0 };
	int r = accounts_read(a, ct_traffic_now());

	if (r == 0)
		r = check_boot(a);
	if (r == 0)
		r = counted_read(a->ct, &c);
	if (r == 0)
		r = add_counted(a, &c);
	return r < 0 && r != -ENOENT ? r : accounts_turn(a);
}

static void tell(const struct ct *ct, int r)
{
	if (r < 0)
		log_msg(&ct->vz->log, -1, "VPS %s: traffic is not accounted: %s", ct->idstr,
			strerror(-r));
}

void ct_traffic_keep(struct ct *ct)
{
	_cleanup_(accounts_done) struct accounts a = { .ct = ct };
	int r = accounts_add_up(&a);

	tell(ct, r == 0 && a.changed ? accounts_save(&a) : r);
}

int ct_traffic_drop(struct ct *ct, struct vz_err *e)
{
	_free_ char *path = file_path(ct);

	counted_drop(ct);
	if (path && unlink(path) < 0 && errno != ENOENT)
		return err_sys(e, VZ_E_SYS, -errno, "cannot remove '%s'", path);
	return path ? 0 : err_nomem(e);
}

void ct_traffic_down(struct ct *ct)
{
	ct_traffic_keep(ct);
	/* Killed between the two, the next start goes on with these counters. */
	counted_drop(ct);
}

/* ---- the question ---- */

static int cmp_row(const void *a, const void *b)
{
	const struct vz_traffic *x = a, *y = b;

	if (x->net_class != y->net_class)
		return x->net_class < y->net_class ? -1 : 1;
	return (x->family > y->family) - (x->family < y->family);
}

static void add_row(struct vz_traffic *v, size_t *n, const char *set, const struct net_counter *c)
{
	struct vz_traffic row;
	bool out;
	size_t i = 0;

	if (set_name_parse(set, &out, &row) < 0)
		return;
	while (i < *n && cmp_row(&v[i], &row) != 0)
		i++;
	if (i == *n)
		v[(*n)++] = row;
	if (out) {
		v[i].out_bytes += c->bytes;
		v[i].out_packets += c->packets;
	} else {
		v[i].in_bytes += c->bytes;
		v[i].in_packets += c->packets;
	}
}

/* A class without traffic is a row, too. */
static void add_classes(const struct node_classes *c, struct vz_traffic *v, size_t *n)
{
	const struct net_counter none = { 0 };
	char set[20];

	for (size_t i = 0; i < c->n * 2; i++) {
		snprintf(set, sizeof(set), "o%c_%u", i % 2 ? '6' : '4', c->v[i / 2]);
		add_row(v, n, set, &none);
	}
}

int ct_traffic_get(const struct ct *ct, struct vz_traffic **ret, size_t *ret_n, struct vz_err *e)
{
	_cleanup_(accounts_done) struct accounts a = { .ct = ct };
	_classes_ struct node_classes classes = NODE_CLASSES_INIT;
	struct vz_traffic *v;
	const char *set;
	json_t *sum, *pair;
	size_t n = 0;
	int r = accounts_add_up(&a);

	if (r < 0)
		return err_sys(e, VZ_E_SYS, r, "cannot account the traffic of VPS '%s'", ct->idstr);
	sum = object_at(a.file, "sum");
	/* A file that is wrong is told by who looks for changes in it. */
	(void)node_classes(ct->vz, &classes, NULL);
	v = calloc(json_object_size(sum) + 2 * classes.n + 1, sizeof(*v));
	if (!v)
		return err_nomem(e);
	add_classes(&classes, v, &n);
	json_object_foreach(sum, set, pair) {
		struct net_counter c = pair_get(sum, set);

		add_row(v, &n, set, &c);
	}
	qsort(v, n, sizeof(*v), cmp_row);
	*ret = v;
	*ret_n = n;
	return 0;
}
