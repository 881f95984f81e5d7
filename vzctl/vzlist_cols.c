// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The columns of vzlist: one row for each field or family of fields. Names, headers and widths are
 * what scripts know; where the figures come from is this system's.
 */
#include "vzlist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vz/quota.h>

static void set_num(struct value *v, uint64_t num)
{
	v->kind = VAL_NUM;
	v->num = num;
}

/* Takes the text over; NULL and "" are no value. */
static void set_text(struct value *v, char *text)
{
	if (!text || !*text) {
		free(text);
		return;
	}
	v->kind = VAL_TEXT;
	v->text = text;
}

void value_done(struct value *v)
{
	free(v->text);
	*v = (struct value){ 0 };
}

static char *conf_text(const struct subject *s, const char *key)
{
	char *text = NULL;

	return vz_cfg_get_text(vz_ct_cfg(s->ct), key, &text, NULL) == 0 ? text : NULL;
}

static bool is_running(const struct subject *s)
{
	return s->status & VZ_ST_RUNNING;
}

/* ---- where values come from ---- */

static void from_id(const struct subject *s, const struct field *f, struct value *ret)
{
	(void)f;
	set_num(ret, s->id);
}

static void from_conf(const struct subject *s, const struct field *f, struct value *ret)
{
	set_text(ret, conf_text(s, f->col->key));
}

static void from_private(const struct subject *s, const struct field *f, struct value *ret)
{
	const char *path = vz_ct_private(s->ct);

	(void)f;
	set_text(ret, path ? strdup(path) : NULL);
}

static void from_root(const struct subject *s, const struct field *f, struct value *ret)
{
	const char *path = vz_ct_root(s->ct);

	(void)f;
	set_text(ret, path ? strdup(path) : NULL);
}

/* The name, or the number for a VPS without one. */
static void from_name(const struct subject *s, const struct field *f, struct value *ret)
{
	char *text = NULL;

	from_conf(s, f, ret);
	if (ret->kind == VAL_NONE && asprintf(&text, "%u", s->id) >= 0)
		set_text(ret, text);
}

const char *status_word(unsigned status)
{
	return status & VZ_ST_RUNNING	? "running" :
	       status & VZ_ST_MOUNTED	? "mounted" :
	       status & VZ_ST_SUSPENDED ? "suspended" :
					  "stopped";
}

static void from_status(const struct subject *s, const struct field *f, struct value *ret)
{
	(void)f;
	set_text(ret, strdup(status_word(s->status)));
}

/* Addresses without their masks, as they are known inside. */
static void from_addresses(const struct subject *s, const struct field *f, struct value *ret)
{
	char *to;

	from_conf(s, f, ret);
	if (ret->kind != VAL_TEXT)
		return;
	to = ret->text;
	for (const char *p = to; *p;) {
		p += *p == '/' ? strcspn(p, " ") : 0;
		if (*p)
			*to++ = *p++;
	}
	*to = '\0';
}

/* "mode" of "layout:mode" is a detail of its storage. */
static void from_layout(const struct subject *s, const struct field *f, struct value *ret)
{
	from_conf(s, f, ret);
	if (ret->kind == VAL_TEXT)
		ret->text[strcspn(ret->text, ":")] = '\0';
}

/* The third state, "auto", is that nothing was said. */
static void from_onboot(const struct subject *s, const struct field *f, struct value *ret)
{
	from_conf(s, f, ret);
	if (ret->kind == VAL_TEXT && strcmp(ret->text, "auto") == 0)
		value_done(ret);
}

static void from_yesno(const struct subject *s, const struct field *f, struct value *ret)
{
	from_conf(s, f, ret);
	if (ret->kind == VAL_NONE)
		set_text(ret, strdup("no"));
}

static void from_uptime(const struct subject *s, const struct field *f, struct value *ret)
{
	(void)f;
	if (is_running(s))
		set_num(ret, s->uptime > 0 ? (uint64_t)(s->uptime * 1000) : 0);
}

/* This kernel keeps no load average of a group, and the node's would be a lie. */
static void from_nowhere(const struct subject *s, const struct field *f, struct value *ret)
{
	(void)s;
	(void)f;
	*ret = (struct value){ 0 };
}

/* ---- pairs of numbers ---- */

static uint64_t whole(const char *s)
{
	uint64_t v = 0;

	if (*s == 'u')
		return LIST_UNLIMITED;
	for (; *s >= '0' && *s <= '9'; s++) {
		if (v > LIST_UNLIMITED / 10)
			return LIST_UNLIMITED;
		v = v * 10 + (uint64_t)(*s - '0');
	}
	return v > LIST_UNLIMITED ? LIST_UNLIMITED : v;
}

/* "FIRST:SECOND", or one number for both. */
static void half_of(const struct subject *s, const char *key, bool second, struct value *ret)
{
	char *text = conf_text(s, key);
	const char *colon = text ? strchr(text, ':') : NULL;

	if (text && *text)
		set_num(ret, whole(second && colon ? colon + 1 : text));
	free(text);
}

/* A VPS is of that kind when its memory has a limit; without PHYSPAGES it is not. */
static void from_vswap(const struct subject *s, const struct field *f, struct value *ret)
{
	struct value limit = { 0 };

	half_of(s, f->col->key, true, &limit);
	set_text(ret, strdup(limit.kind == VAL_NUM && limit.num < LIST_UNLIMITED ? "yes" : "no"));
}

/* Use is known where the file system counts it; the limits are those of the configuration, which hold
 * for a stopped VPS, too. */
static void from_disk(const struct subject *s, const struct field *f, struct value *ret)
{
	struct vz_quota q;

	if (f->part)
		half_of(s, f->col->key, f->part == 'h', ret);
	else if (vz_ct_quota(s->ct, &q, NULL) == 0)
		set_num(ret, strcmp(f->col->name, "diskspace") == 0 ? q.blocks.usage : q.inodes.usage);
}

static void from_ubc(const struct subject *s, const struct field *f, struct value *ret)
{
	const struct vz_ubc *u = &s->ubc[f->col->row];
	uint64_t v = f->part == 'm' ? u->maxheld :
		     f->part == 'b' ? u->barrier :
		     f->part == 'l' ? u->limit :
		     f->part == 'f' ? u->failcnt :
				      u->held;

	/* The number of tasks alone is found with less. */
	if (f->part == 0 && f->col->row == VZ_UBC_NUMPROC && (!u->name || v == VZ_UBC_UNKNOWN))
		v = s->tasks;
	if (v != VZ_UBC_UNKNOWN)
		set_num(ret, v);
}

/* ---- the table ---- */

#define COL(name, header, width, shape, source, key)                                               \
	{ name, header, width, SHAPE_##shape, 0, from_##source, key, 0 }
/* What they are and how they are counted is the library's. */
#define UBC(name, header, id) { name, header, 10, SHAPE_UBC, 0, from_ubc, #id, VZ_UBC_##id }

static const struct column columns[] = {
	COL("ctid", "CTID", 10, ID, id, NULL),
	COL("veid", "CTID", 10, ID, id, NULL),
	COL("vpsid", "CTID", 10, ID, id, NULL),
	COL("private", "PRIVATE", -32, STR, private, NULL),
	COL("root", "ROOT", -32, STR, root, NULL),
	COL("mount_opts", "MOUNT_OPTS", -16, STR, conf, "MOUNT_OPTS"),
	COL("origin_sample", "ORIGIN_SAMPLE", 32, STR, conf, "ORIGIN_SAMPLE"),
	COL("hostname", "HOSTNAME", -32, STR, conf, "HOSTNAME"),
	COL("name", "NAME", -32, STR, conf, "NAME"),
	COL("smart_name", "SMARTNAME", 10, STR, name, "NAME"),
	COL("description", "DESCRIPTION", -32, STR, conf, "DESCRIPTION"),
	COL("ostemplate", "OSTEMPLATE", -32, STR, conf, "OSTEMPLATE"),
	COL("ip", "IP_ADDR", -15, LIST, addresses, "IP_ADDRESS"),
	COL("nameserver", "NAMESERVER", -15, LIST, conf, "NAMESERVER"),
	COL("searchdomain", "SEARCHDOMAIN", -15, LIST, conf, "SEARCHDOMAIN"),
	COL("status", "STATUS", -9, WORD, status, NULL),
	UBC("kmemsize", "KMEMSIZE", KMEMSIZE),
	UBC("lockedpages", "LOCKEDP", LOCKEDPAGES),
	UBC("privvmpages", "PRIVVMP", PRIVVMPAGES),
	UBC("shmpages", "SHMP", SHMPAGES),
	UBC("numproc", "NPROC", NUMPROC),
	UBC("physpages", "PHYSP", PHYSPAGES),
	UBC("vmguarpages", "VMGUARP", VMGUARPAGES),
	UBC("oomguarpages", "OOMGUARP", OOMGUARPAGES),
	UBC("numtcpsock", "NTCPSOCK", NUMTCPSOCK),
	UBC("numflock", "NFLOCK", NUMFLOCK),
	UBC("numpty", "NPTY", NUMPTY),
	UBC("numsiginfo", "NSIGINFO", NUMSIGINFO),
	UBC("tcpsndbuf", "TCPSNDB", TCPSNDBUF),
	UBC("tcprcvbuf", "TCPRCVB", TCPRCVBUF),
	UBC("othersockbuf", "OTHSOCKB", OTHERSOCKBUF),
	UBC("dgramrcvbuf", "DGRAMRB", DGRAMRCVBUF),
	UBC("numothersock", "NOTHSOCK", NUMOTHERSOCK),
	UBC("dcachesize", "DCACHESZ", DCACHESIZE),
	UBC("numfile", "NFILE", NUMFILE),
	UBC("numiptent", "NIPTENT", NUMIPTENT),
	UBC("swappages", "SWAPP", SWAPPAGES),
	COL("diskspace", "DSPACE", 10, DISK, disk, "DISKSPACE"),
	COL("diskinodes", "DINODES", 10, DISK, disk, "DISKINODES"),
	COL("laverage", "LAVERAGE", 14, LOAD, nowhere, NULL),
	{ "uptime", "UPTIME", 15, SHAPE_UPTIME, NEED_UPTIME, from_uptime, NULL, 0 },
	COL("cpulimit", "CPULIM", 7, NUM, conf, "CPULIMIT"),
	COL("cpuunits", "CPUUNI", 7, NUM, conf, "CPUUNITS"),
	COL("cpus", "CPUS", 5, COUNT, conf, "CPUS"),
	COL("ioprio", "IOP", 3, COUNT, conf, "IOPRIO"),
	COL("iolimit", "IOLIMIT", 10, COUNT, conf, "IOLIMIT"),
	COL("iopslimit", "IOPS", 4, COUNT, conf, "IOPSLIMIT"),
	COL("onboot", "ONBOOT", 6, YESNO, onboot, "ONBOOT"),
	COL("bootorder", "BOOTORDER", 10, NUM, conf, "BOOTORDER"),
	COL("layout", "LAYOUT", 6, WORD, layout, "VE_LAYOUT"),
	COL("features", "FEATURES", -15, ONOFF, conf, "FEATURES"),
	COL("vswap", "VSWAP", 5, BOOL, vswap, "PHYSPAGES"),
	COL("disabled", "DISABL", 6, BOOL, yesno, "DISABLED"),
	COL("vm_overcommit", "VM_OVC", 6, COUNT, conf, "VM_OVERCOMMIT"),
	COL("netfilter", "NETFILTER", -9, WORD, conf, "NETFILTER"),
	COL("capability", "CAPABILITY", -15, ONOFF, conf, "CAPABILITY"),
};
#define NCOLUMNS (sizeof(columns) / sizeof(columns[0]))

const struct column *column_next(const struct column *prev)
{
	const struct column *c = prev ? prev + 1 : columns;

	return c < columns + NCOLUMNS ? c : NULL;
}

const char *column_parts(const struct column *c)
{
	return c->shape == SHAPE_UBC ? "mblf" : c->shape == SHAPE_DISK ? "sh" : "";
}

bool field_find(const char *name, size_t len, struct field *ret)
{
	const char *dot = memchr(name, '.', len);
	size_t base = dot ? (size_t)(dot - name) : len;

	for (const struct column *c = column_next(NULL); c; c = column_next(c)) {
		if (strlen(c->name) != base || memcmp(c->name, name, base) != 0)
			continue;
		*ret = (struct field){ c, dot && base + 2 == len ? dot[1] : 0 };
		return !dot || (ret->part && strchr(column_parts(c), ret->part));
	}
	return false;
}

unsigned field_need(const struct field *f, bool json)
{
	unsigned row = 1u << f->col->row;

	if (f->col->shape != SHAPE_UBC)
		return f->col->need;
	if (json)
		return row | VZ_UBC_FAIL;
	switch (f->part) {
	case 'm':
		return row;
	case 'f':
		return row | VZ_UBC_FAIL;
	case 'b':
		return NEED_LIMITS;
	case 'l': /* what the kernel limits it says itself, with the rest of its figures */
		return row;
	default:
		return f->col->row == VZ_UBC_NUMPROC ? NEED_TASKS : row;
	}
}

void field_get(const struct subject *s, const struct field *f, struct value *ret)
{
	f->col->get(s, f, ret);
}

bool field_is_number(const struct field *f)
{
	switch (f->col->shape) {
	case SHAPE_ID:
	case SHAPE_NUM:
	case SHAPE_COUNT:
	case SHAPE_UBC:
	case SHAPE_DISK:
	case SHAPE_LOAD:
	case SHAPE_UPTIME:
		return true;
	case SHAPE_STR:
	case SHAPE_WORD:
	case SHAPE_LIST:
	case SHAPE_ONOFF:
	case SHAPE_YESNO:
	case SHAPE_BOOL:
	default:
		return false;
	}
}

double value_number(const struct value *v)
{
	const char *dot;
	double n, digit = 1;

	if (v->kind != VAL_TEXT)
		return v->kind == VAL_NUM ? (double)v->num : -1;
	n = (double)whole(v->text);
	dot = strchr(v->text, '.');
	for (const char *p = dot ? dot + 1 : ""; *p >= '0' && *p <= '9'; p++) {
		digit /= 10;
		n += digit * (*p - '0');
	}
	return n;
}
