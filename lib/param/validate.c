/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The rules between parameters, one row each. Rows are checked from top to bottom, and no row that puts
 * something right breaks one above it: sums come before the parameters that they are part of, limits only
 * grow, and barriers are set against limits at the end.
 */
#include "param/validate.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "param/check.h"
#include "param/param.h"

#define KIB UINT64_C(1024)

/* The kinds of rule, with the word that programs see. */
#define KINDS(X)                                                                                   \
	X(SET, "set")		       /* has to be there */                                       \
	X(EQUAL, "equal")	       /* barrier = limit */                                       \
	X(ORDER, "order")	       /* barrier <= limit */                                      \
	X(ZERO, "zero")		       /* barrier = 0 */                                           \
	X(LIMITED, "limited")	       /* limit is neither 0 nor unlimited */                      \
	X(UNLIMITED, "unlimited")      /* limit is unlimited */                                    \
	X(BARRIER, "barrier")	       /* barrier >= terms */                                      \
	X(LIMIT, "limit")	       /* limit >= terms */                                        \
	X(GAP, "gap")		       /* limit - barrier >= terms */                              \
	X(NODE, "node")		       /* limit <= what the node has */

enum kind {
#define KIND_ENUM(id, word) KIND_##id,
	KINDS(KIND_ENUM)
#undef KIND_ENUM
	NKINDS
};

static const char *const kind_words[NKINDS] = {
#define KIND_WORD(id, word) [KIND_##id] = word,
	KINDS(KIND_WORD)
#undef KIND_WORD
};

enum when { IN_VSWAP = 1, IN_UBC = 2, WITH_QUOTA = 4, ADVICE = 8 };
enum half { NONE, CONST, BAR, LIM, AVERAGE };

#define MAXTERMS 3
struct rule {
	enum vz_param p;
	enum kind kind;
	unsigned when;
	struct term { /* factor times half of p; CONST: factor alone; AVERAGE: expected processes */
		enum half half;
		enum vz_param p;
		uint64_t factor;
	} term[MAXTERMS];
	const char *why; /* in words; NULL: the kind says it */
};

#define MUST(p)	 { VZ_P_##p, KIND_SET, IN_UBC, { { 0 } }, NULL }
#define SAME(p)	 { VZ_P_##p, KIND_EQUAL, IN_UBC, { { 0 } }, NULL }
#define GROWS(p) { VZ_P_##p, KIND_ORDER, IN_UBC, { { 0 } }, NULL }

static const struct rule rules[] = {
	/* VSwap: memory and swap are all that counts. */
	{ VZ_P_PHYSPAGES, KIND_SET, IN_VSWAP, { { 0 } }, NULL },
	{ VZ_P_SWAPPAGES, KIND_SET, IN_VSWAP, { { 0 } }, NULL },
	{ VZ_P_PHYSPAGES, KIND_LIMITED, IN_VSWAP, { { 0 } }, NULL },
	{ VZ_P_PHYSPAGES, KIND_ZERO, IN_VSWAP, { { 0 } }, NULL },
	{ VZ_P_SWAPPAGES, KIND_ZERO, IN_VSWAP, { { 0 } }, NULL },
	{ VZ_P_PHYSPAGES, KIND_NODE, IN_VSWAP, { { 0 } }, "the memory of the node" },
	{ VZ_P_SWAPPAGES, KIND_NODE, IN_VSWAP, { { 0 } }, "the swap of the node" },

	/* Beancounters: primary, secondary and auxiliary parameters are all there. */
	MUST(NUMPROC), MUST(NUMTCPSOCK), MUST(NUMOTHERSOCK), MUST(VMGUARPAGES),
	MUST(KMEMSIZE), MUST(TCPSNDBUF), MUST(TCPRCVBUF), MUST(OTHERSOCKBUF), MUST(DGRAMRCVBUF),
	MUST(OOMGUARPAGES), MUST(PRIVVMPAGES),
	MUST(LOCKEDPAGES), MUST(SHMPAGES), MUST(NUMFILE), MUST(NUMFLOCK), MUST(NUMPTY),
	MUST(NUMSIGINFO), MUST(DCACHESIZE), MUST(NUMIPTENT), MUST(PHYSPAGES),

	SAME(NUMPROC), SAME(NUMTCPSOCK), SAME(NUMOTHERSOCK), SAME(SHMPAGES), SAME(NUMPTY),
	SAME(NUMSIGINFO), SAME(NUMIPTENT),
	{ VZ_P_VMGUARPAGES, KIND_UNLIMITED, IN_UBC, { { 0 } }, NULL },
	{ VZ_P_OOMGUARPAGES, KIND_UNLIMITED, IN_UBC, { { 0 } }, NULL },
	{ VZ_P_PHYSPAGES, KIND_UNLIMITED, IN_UBC, { { 0 } }, NULL },
	{ VZ_P_PHYSPAGES, KIND_ZERO, IN_UBC, { { 0 } }, NULL },

	{ VZ_P_NUMFILE, KIND_LIMIT, IN_UBC, { { AVERAGE, 0, 32 } },
	  "32 for each expected process" },
	{ VZ_P_NUMFILE, KIND_LIMIT, IN_UBC,
	  { { LIM, VZ_P_NUMTCPSOCK, 1 }, { LIM, VZ_P_NUMOTHERSOCK, 1 }, { LIM, VZ_P_NUMPTY, 1 } },
	  "NUMTCPSOCK, NUMOTHERSOCK and NUMPTY together" },
	SAME(NUMFILE),
	{ VZ_P_DCACHESIZE, KIND_LIMIT, IN_UBC, { { LIM, VZ_P_NUMFILE, 384 } },
	  "384 bytes for each open file" },
	{ VZ_P_KMEMSIZE, KIND_BARRIER, IN_UBC,
	  { { AVERAGE, 0, 40 * KIB }, { LIM, VZ_P_DCACHESIZE, 1 } },
	  "40 KiB for each expected process, and DCACHESIZE" },
	{ VZ_P_PRIVVMPAGES, KIND_BARRIER, IN_UBC, { { BAR, VZ_P_VMGUARPAGES, 1 } },
	  "what VMGUARPAGES guarantees" },

	{ VZ_P_TCPSNDBUF, KIND_BARRIER, IN_UBC, { { CONST, 0, 64 * KIB } }, "64 KiB" },
	{ VZ_P_TCPRCVBUF, KIND_BARRIER, IN_UBC, { { CONST, 0, 64 * KIB } }, "64 KiB" },
	{ VZ_P_DGRAMRCVBUF, KIND_BARRIER, IN_UBC, { { CONST, 0, 32 * KIB } }, "32 KiB" },
	{ VZ_P_OTHERSOCKBUF, KIND_BARRIER, IN_UBC, { { CONST, 0, 32 * KIB } }, "32 KiB" },
	{ VZ_P_TCPSNDBUF, KIND_GAP, IN_UBC, { { LIM, VZ_P_NUMTCPSOCK, 2560 } },
	  "2.5 KiB for each TCP socket" },
	{ VZ_P_TCPRCVBUF, KIND_GAP, IN_UBC, { { LIM, VZ_P_NUMTCPSOCK, 2560 } },
	  "2.5 KiB for each TCP socket" },
	{ VZ_P_OTHERSOCKBUF, KIND_GAP, IN_UBC, { { LIM, VZ_P_NUMOTHERSOCK, 2560 } },
	  "2.5 KiB for each other socket" },

	GROWS(KMEMSIZE), GROWS(TCPSNDBUF), GROWS(TCPRCVBUF), GROWS(OTHERSOCKBUF),
	GROWS(DGRAMRCVBUF), GROWS(PRIVVMPAGES), GROWS(LOCKEDPAGES), GROWS(NUMFLOCK),
	GROWS(DCACHESIZE),
	{ VZ_P_DGRAMRCVBUF, KIND_BARRIER, IN_UBC | ADVICE, { { CONST, 0, 129 * KIB } }, "129 KiB" },
	{ VZ_P_OTHERSOCKBUF, KIND_BARRIER, IN_UBC | ADVICE, { { CONST, 0, 129 * KIB } }, "129 KiB" },
	{ VZ_P_DISKSPACE, KIND_ORDER, IN_UBC | IN_VSWAP | WITH_QUOTA, { { 0 } }, NULL },
	{ VZ_P_DISKINODES, KIND_ORDER, IN_UBC | IN_VSWAP | WITH_QUOTA, { { 0 } }, NULL },
};

struct check {
	struct vz_cfg *cfg;
	uint64_t ram, swap; /* pages */
	unsigned when;
	bool (*fn)(void *arg, const struct vz_finding *f);
	void *arg;
	int broken;
};

static struct ubc *value(struct vz_cfg *cfg, enum vz_param p)
{
	return (struct ubc *)((char *)cfg + param_get(p)->offset);
}

static uint64_t average_processes(struct vz_cfg *cfg)
{
	if (cfg_has(cfg, VZ_P_AVNUMPROC))
		return cfg->avnumproc.lim;
	if (!cfg_has(cfg, VZ_P_NUMPROC) || cfg->numproc.lim == VZ_UNLIMITED)
		return 0;
	return cfg->numproc.lim / 2;
}

/* Sum of the terms; VZ_UNLIMITED when one is. */
static uint64_t sum(struct vz_cfg *cfg, const struct rule *r)
{
	uint64_t all = 0;

	for (size_t i = 0; i < MAXTERMS && r->term[i].half != NONE; i++) {
		const struct term *t = &r->term[i];
		uint64_t v = 1;

		if (t->half == AVERAGE)
			v = average_processes(cfg);
		else if (t->half != CONST)
			v = !cfg_has(cfg, t->p) ? 0 :
			    t->half == BAR    ? value(cfg, t->p)->bar :
						value(cfg, t->p)->lim;
		if (v == VZ_UNLIMITED || __builtin_mul_overflow(v, t->factor, &v) ||
		    __builtin_add_overflow(all, v, &all))
			return VZ_UNLIMITED;
	}
	return all;
}

static uint64_t add(uint64_t a, uint64_t b)
{
	return a > VZ_UNLIMITED - b ? VZ_UNLIMITED : a + b;
}

/* Is the rule kept? *want becomes the value that would keep it, which may be the one that is. */
static bool kept(const struct check *c, const struct rule *r, struct ubc *want)
{
	uint64_t need = sum(c->cfg, r), node = r->p == VZ_P_SWAPPAGES ? c->swap : c->ram;

	switch (r->kind) {
	case KIND_EQUAL:
		want->bar = want->lim;
		break;
	case KIND_ORDER:
		want->lim = want->bar > want->lim ? want->bar : want->lim;
		break;
	case KIND_ZERO:
		want->bar = 0;
		break;
	case KIND_LIMITED:
		return want->lim != 0 && want->lim != VZ_UNLIMITED;
	case KIND_UNLIMITED:
		want->lim = VZ_UNLIMITED;
		break;
	case KIND_BARRIER:
		want->bar = want->bar < need ? need : want->bar;
		want->lim = want->lim < want->bar ? want->bar : want->lim;
		return want->bar == value(c->cfg, r->p)->bar;
	case KIND_LIMIT:
		want->lim = want->lim < need ? need : want->lim;
		break;
	case KIND_GAP:
		want->lim = want->lim < add(want->bar, need) ? add(want->bar, need) : want->lim;
		break;
	case KIND_NODE: /* swap may be unlimited: that is as much as there is */
		if (want->lim != VZ_UNLIMITED && want->lim > node)
			want->lim = node;
		break;
	case KIND_SET:
	case NKINDS:
	default:
		return true;
	}
	return memcmp(want, value(c->cfg, r->p), sizeof(*want)) == 0;
}

/* What a parameter that is not there means, spelled out. */
static struct ubc unset_value(enum vz_param p)
{
	struct ubc v = { VZ_UNLIMITED, VZ_UNLIMITED };

	if (p == VZ_P_PHYSPAGES || p == VZ_P_VMGUARPAGES || p == VZ_P_OOMGUARPAGES)
		v.bar = 0;
	else if (p == VZ_P_SWAPPAGES)
		v = (struct ubc){ 0, 0 };
	return v;
}

static void print_half(uint64_t v, char *out, size_t size)
{
	if (v == VZ_UNLIMITED)
		(void)snprintf(out, size, "unlimited");
	else
		(void)snprintf(out, size, "%ju", (uintmax_t)v);
}

static void print_pair(const struct ubc *v, char *out, size_t size)
{
	char bar[24], lim[24];

	print_half(v->bar, bar, sizeof(bar));
	print_half(v->lim, lim, sizeof(lim));
	(void)snprintf(out, size, "%s:%s", bar, lim);
}

static void describe(const struct check *c, const struct rule *r, struct vz_finding *f)
{
	static const char *const forms[NKINDS] = {
		[KIND_SET] = "not set",
		[KIND_EQUAL] = "have a barrier equal to its limit",
		[KIND_ORDER] = "not have a barrier above its limit",
		[KIND_ZERO] = "have the barrier 0",
		[KIND_LIMITED] = "have a limit that leaves memory",
		[KIND_UNLIMITED] = "have no limit",
		[KIND_BARRIER] = "have a barrier of at least ",
		[KIND_LIMIT] = "have a limit of at least ",
		[KIND_GAP] = "have a limit above its barrier by at least ",
		[KIND_NODE] = "not have a limit above ",
	};
	const char *verb = r->kind == KIND_SET ? "is" : f->advice ? "should" : "must";
	uint64_t n = r->kind != KIND_NODE   ? sum(c->cfg, r) :
		     r->p == VZ_P_SWAPPAGES ? c->swap :
					      c->ram;
	char need[24], extra[96] = "";

	if (r->why) {
		print_half(n, need, sizeof(need));
		(void)snprintf(extra, sizeof(extra), "%s (%s)", need, r->why);
	}
	(void)snprintf(f->text, sizeof(f->text), "%s %s %s%s", f->key, verb, forms[r->kind], extra);
}

/* Tell of one broken rule and put it right if that is wanted. */
static void tell(struct check *c, const struct rule *r, const struct ubc *want)
{
	struct vz_finding f = { .key = param_get(r->p)->info.key, .rule = kind_words[r->kind],
				.advice = r->when & ADVICE, .fixable = r->kind != KIND_LIMITED };

	/* A node without swap: promising some is worth a word, and what every usual sample does. */
	if (r->kind == KIND_NODE && r->p == VZ_P_SWAPPAGES && c->swap == 0)
		f.advice = true;
	/* Nobody but the administrator knows what was sold. */
	if (r->p == VZ_P_PHYSPAGES && r->kind == KIND_SET && c->when & IN_VSWAP)
		f.fixable = false;
	if (cfg_has(c->cfg, r->p))
		print_pair(value(c->cfg, r->p), f.is, sizeof(f.is));
	if (f.fixable)
		print_pair(want, f.should, sizeof(f.should));
	describe(c, r, &f);
	if (c->fn && c->fn(c->arg, &f) && f.fixable) {
		*value(c->cfg, r->p) = *want;
		cfg_mark(c->cfg, r->p);
		return;
	}
	c->broken += !f.advice;
}

static void check_rule(struct check *c, const struct rule *r)
{
	struct ubc want = unset_value(r->p);

	if (!(r->when & c->when & (IN_VSWAP | IN_UBC)))
		return;
	if (r->when & WITH_QUOTA && !(c->when & WITH_QUOTA))
		return;
	if (!cfg_has(c->cfg, r->p)) {
		if (r->kind == KIND_SET)
			tell(c, r, &want);
		return;
	}
	want = *value(c->cfg, r->p);
	if (!kept(c, r, &want))
		tell(c, r, &want);
}

int cfg_validate(struct vz_cfg *cfg, const struct vz_validate_opts *o,
		 bool (*fn)(void *arg, const struct vz_finding *f), void *arg)
{
	bool vswap = o->vswap == VZ_VSWAP_AUTO ? cfg_is_vswap(cfg) : o->vswap == VZ_VSWAP_YES;
	struct check c = { .cfg = cfg, .ram = o->ram / VZ_PAGE, .swap = o->swap / VZ_PAGE,
			   .when = vswap ? IN_VSWAP : IN_UBC, .fn = fn, .arg = arg };

	if (!cfg_has(cfg, VZ_P_DISK_QUOTA) || cfg->disk_quota)
		c.when |= WITH_QUOTA;
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		check_rule(&c, &rules[i]);
	return c.broken;
}
