/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A configuration file line by line, for those who look at the file itself; and values multiplied. */
#include "param/validate.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "param/cfgfile.h"
#include "param/cfgline.h"
#include "param/param.h"
#include "param/ptype.h"

struct walk {
	struct vz_cfg *cfg;
	struct pset seen; /* in this text */
	struct buf value;
	struct vz_err why;
	struct vz_cfg_line line;
	char key[128];
};

/* The types that are a barrier and a limit. */
static bool is_pair(enum vz_param p)
{
	static const struct ptype *const pairs[] = { &type_pages, &type_bytes, &type_items, &type_kib,
						     &type_inodes };

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		if (param_get(p)->type == pairs[i])
			return true;
	return false;
}

/* Barrier above limit is refused by the type. Here it is what has to be seen: each half by itself. */
static int set_halves(struct vz_cfg *cfg, enum vz_param p, const char *text)
{
	const char *colon = strchr(text, ':');
	_free_ char *first = colon ? strndup(text, (size_t)(colon - text)) : NULL;
	struct ubc *v = (struct ubc *)((char *)cfg + param_get(p)->offset), both;

	if (!colon || !is_pair(p))
		return -EINVAL;
	if (!first)
		return -ENOMEM;
	if (cfg_set_text(cfg, p, first, NULL) < 0)
		return -EINVAL;
	both.bar = v->bar;
	if (cfg_set_text(cfg, p, colon + 1, NULL) < 0) {
		cfg_unset(cfg, p);
		return -EINVAL;
	}
	both.lim = v->lim;
	*v = both;
	return 0;
}

static int set_value(struct walk *w, enum vz_param p)
{
	int r = cfg_set_text_clamp(w->cfg, p, buf_str(&w->value), &w->why);

	if (r < 0 && set_halves(w->cfg, p, buf_str(&w->value)) == 0) {
		w->why = (struct vz_err){ 0 };
		return 0;
	}
	return r;
}

static enum vz_line_class class_of(const struct param *p)
{
	if (p->info.flags & (VZ_PF_STORED | VZ_PF_IGNORED))
		return VZ_LINE_ADVISORY;
	return p->info.flags & VZ_PF_APPROX ? VZ_LINE_APPROX : VZ_LINE_MAPPED;
}

static int one_line(struct walk *w, const struct cfgline *l)
{
	size_t len = l->key_len < sizeof(w->key) ? l->key_len : sizeof(w->key) - 1;
	int p = l->key ? param_by_key(l->key, l->key_len) : -1, r;

	w->line.cls = VZ_LINE_UNKNOWN; /* other programs keep lines of their own here */
	w->line.param = p < 0 ? NULL : &param_get(p)->info;
	w->line.text = l->key ? "" : "there is no '=' in it";
	w->why = (struct vz_err){ 0 };
	if (l->key)
		memcpy(w->key, l->key, len);
	w->key[l->key ? len : 0] = '\0';
	if (p < 0)
		return 0;
	w->line.cls = class_of(param_get(p));
	buf_clear(&w->value);
	r = cfgline_value(l, &w->value);
	if (r < 0 || w->value.len == 0)
		return r;
	if (pset_has(&w->seen, p)) {
		w->line.cls = VZ_LINE_REPEATED;
		w->line.text = "the first value counts";
		return 0;
	}
	r = set_value(w, p);
	if (r < 0)
		w->line.cls = VZ_LINE_BAD;
	else
		pset_add(&w->seen, p);
	w->line.text = w->why.text;
	return r == -ENOMEM ? r : 0;
}

int cfg_lines(const char *path, const char *text, size_t len, struct vz_cfg *cfg,
	      void (*fn)(void *arg, const struct vz_cfg_line *l), void *arg, struct vz_err *e)
{
	struct walk w = { .cfg = cfg, .value = BUF_INIT };
	const char *end = text + len;
	struct cfgline l;
	int r = 0;

	if (len && memchr(text, 0, len))
		return err_set(e, VZ_E_BAD_CONF, -EINVAL, "'%s' has NUL bytes in it", path);
	w.line.key = w.key;
	while (r == 0 && cfgline_next(&text, end, &l)) {
		w.line.line++;
		if (l.len > CFG_LINE_MAX)
			r = err_set(e, VZ_E_BAD_CONF, -E2BIG, "'%s' line %u: longer than %d bytes",
				    path, w.line.line, CFG_LINE_MAX);
		else if (!l.blank)
			r = one_line(&w, &l) < 0 ? err_nomem(e) : 0;
		if (r == 0 && !l.blank && fn)
			fn(arg, &w.line);
	}
	buf_done(&w.value);
	return r;
}

/* ---- multiplied ---- */

enum shape { PAIR, NUMBER };

static const struct scaled {
	enum vz_param p;
	unsigned what;
	enum shape shape;
	uint64_t min, max; /* of NUMBER */
} scaled[] = {
#define UBC(p) { VZ_P_##p, VZ_SCALE_UBC, PAIR, 0, 0 }
	UBC(KMEMSIZE), UBC(LOCKEDPAGES), UBC(PRIVVMPAGES), UBC(SHMPAGES), UBC(NUMPROC),
	UBC(PHYSPAGES), UBC(VMGUARPAGES), UBC(OOMGUARPAGES), UBC(NUMTCPSOCK), UBC(NUMFLOCK),
	UBC(NUMPTY), UBC(NUMSIGINFO), UBC(TCPSNDBUF), UBC(TCPRCVBUF), UBC(OTHERSOCKBUF),
	UBC(DGRAMRCVBUF), UBC(NUMOTHERSOCK), UBC(NUMFILE), UBC(DCACHESIZE), UBC(NUMIPTENT),
	UBC(AVNUMPROC), UBC(SWAPPAGES),
#undef UBC
	{ VZ_P_DISKSPACE, VZ_SCALE_DISK, PAIR, 0, 0 },
	{ VZ_P_DISKINODES, VZ_SCALE_DISK, PAIR, 0, 0 },
	{ VZ_P_IOLIMIT, VZ_SCALE_DISK, NUMBER, 1, INT32_MAX },
	{ VZ_P_IOPSLIMIT, VZ_SCALE_DISK, NUMBER, 1, INT32_MAX },
	{ VZ_P_CPUUNITS, VZ_SCALE_CPU, NUMBER, 8, 500000 },
	{ VZ_P_CPULIMIT, VZ_SCALE_CPU, NUMBER, 1, INT32_MAX },
};

/* To the nearest; what has no limit keeps none. */
static uint64_t times(uint64_t v, uint64_t ppm, uint64_t max)
{
	unsigned __int128 n = ((unsigned __int128)v * ppm + VZ_SCALE_ONE / 2) / VZ_SCALE_ONE;

	return v == VZ_UNLIMITED ? v : n > max ? max : (uint64_t)n;
}

int cfg_scale(struct vz_cfg *cfg, unsigned what, uint64_t ppm, struct vz_err *e)
{
	if (ppm == 0)
		return err_set(e, VZ_E_PARAM, -EINVAL, "a factor must be greater than 0");
	for (size_t i = 0; i < ARRAY_LEN(scaled); i++) {
		const struct scaled *s = &scaled[i];
		void *at = (char *)cfg + param_get(s->p)->offset;
		struct ubc *pair = at;
		uint64_t *number = at;

		if (!(s->what & what) || !cfg_has(cfg, s->p))
			continue;
		if (s->shape == PAIR) {
			pair->bar = times(pair->bar, ppm, INT64_MAX - 1);
			pair->lim = times(pair->lim, ppm, INT64_MAX - 1);
		} else if (*number) { /* 0 is no limit */
			*number = times(*number, ppm, s->max);
			*number = *number < s->min ? s->min : *number;
		}
	}
	return 0;
}
