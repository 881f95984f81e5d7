/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command lines. The rules are those of getopt_long, because scripts rely on them. */
#include "opt.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vz/cfg.h>

struct parser {
	const struct opt_spec *spec;
	struct opt_result *ret;
	struct vz_err *e;
	char **argv;
	int argc, at; /* at: the next one to look at */
};

/* What an option turned out to be: one of the verb's own, or a parameter. */
struct found {
	const struct opt_def *def;
	const struct vz_option_info *param;
	bool whole; /* its whole name was given */
};

__attribute__((format(printf, 2, 3))) static int refuse(struct parser *p, const char *fmt, ...)
{
	va_list ap;

	if (p->e && !p->e->code) {
		p->e->code = VZ_E_PARAM;
		p->e->sys = EINVAL;
		va_start(ap, fmt);
		(void)vsnprintf(p->e->text, sizeof(p->e->text), fmt, ap);
		va_end(ap);
		/* A message is one line, whatever was typed. */
		for (char *c = p->e->text; *c; c++)
			if ((unsigned char)*c < 0x20 || *c == 0x7f)
				*c = '?';
	}
	return -EINVAL;
}

static const struct opt_def *next_def(const struct opt_spec *spec, const struct opt_def *prev)
{
	const struct opt_def *d = prev ? prev + 1 : spec->defs;

	return d && (d->name || d->letter) ? d : NULL;
}

/* The verb's own: a whole name wins; two short forms of one id are no ambiguity. */
static int find_def(struct parser *p, const char *name, size_t len, struct found *f)
{
	const struct opt_def *d = NULL;

	while ((d = next_def(p->spec, d))) {
		if (!d->name || strncmp(d->name, name, len) != 0)
			continue;
		if (!d->name[len]) {
			*f = (struct found){ .def = d, .whole = true };
			return 0;
		}
		if (f->def && f->def->id != d->id)
			return refuse(p, "option '--%.*s' is ambiguous: --%s, --%s", (int)len, name,
				      f->def->name, d->name);
		f->def = f->def ? f->def : d;
	}
	return 0;
}

static int find_long(struct parser *p, const char *name, size_t len, struct found *f)
{
	int whole = 0, r;

	*f = (struct found){ 0 };
	r = find_def(p, name, len, f);
	if (r < 0 || f->whole)
		return r;
	if (p->spec->want)
		r = vz_option_find(name, len, p->spec->want, &f->param, &whole, p->e);
	if (r < 0 && r != -ENOENT)
		return r;
	if (f->param && whole) {
		f->def = NULL;
		return 0;
	}
	if (f->param && f->def)
		return refuse(p, "option '--%.*s' is ambiguous: --%s, --%s", (int)len, name,
			      f->def->name, f->param->option);
	if (!f->param && !f->def)
		return refuse(p, "unknown option '--%.*s'", (int)(len < 60 ? len : 60), name);
	return 0;
}

static int find_short(struct parser *p, char letter, struct found *f)
{
	const struct vz_option_info *o = NULL;
	const struct opt_def *d = NULL;

	while ((d = next_def(p->spec, d)))
		if (d->letter == letter) {
			*f = (struct found){ .def = d };
			return 0;
		}
	while (p->spec->want && (o = vz_option_next(o)))
		if (o->letter == letter && o->flags & p->spec->want) {
			*f = (struct found){ .param = o };
			return 0;
		}
	return refuse(p, "unknown option '-%c'", letter);
}

static enum opt_kind kind_of(const struct found *f)
{
	return f->def ? f->def->kind : f->param->arg ? OPT_ARG : OPT_FLAG;
}

static int keep(struct parser *p, const struct found *f, const char *value)
{
	struct opt_result *r = p->ret;

	if (f->param)
		return vz_cfg_set_option(p->spec->cfg, f->param->option, value, p->e);
	/* Room for all was made at the start: there are no more options than characters in argv. */
	r->seen[r->nseen++] = (struct opt_seen){ f->def->id, value };
	return 0;
}

/* shown: the option as it was typed, for words. value: what hangs on it, or NULL. */
static int take(struct parser *p, const struct found *f, const char *shown, const char *value)
{
	enum opt_kind kind = kind_of(f);

	if (kind == OPT_FLAG)
		return value ? refuse(p, "option '%s' takes no argument", shown) : keep(p, f, NULL);
	if (kind == OPT_REST) {
		if (value || p->at >= p->argc)
			return refuse(p, "option '%s' needs a command behind it", shown);
		p->ret->rest = p->argv + p->at;
		p->at = p->argc;
		return keep(p, f, p->ret->rest[0]);
	}
	if (!value && p->at >= p->argc)
		return refuse(p, "option '%s' needs an argument", shown);
	return keep(p, f, value ? value : p->argv[p->at++]);
}

static int parse_long(struct parser *p, const char *arg)
{
	const char *name = arg + 2;
	size_t len = strcspn(name, "=");
	struct found f;
	char shown[64];
	int r = find_long(p, name, len, &f);

	if (r < 0)
		return r;
	(void)snprintf(shown, sizeof(shown), "--%s", f.def ? f.def->name : f.param->option);
	return take(p, &f, shown, name[len] ? name + len + 1 : NULL);
}

/* "-aH1", "-o FIELD", "-oFIELD": flags up to the first one with an argument. */
static int parse_short(struct parser *p, const char *arg)
{
	for (arg++; *arg; arg++) {
		char shown[3] = { '-', *arg, 0 };
		struct found f = { 0 };
		int r = find_short(p, *arg, &f);

		if (r < 0)
			return r;
		if (kind_of(&f) != OPT_FLAG)
			return take(p, &f, shown, arg[1] ? arg + 1 : NULL);
		r = take(p, &f, shown, NULL);
		if (r < 0)
			return r;
	}
	return 0;
}

static int make_room(struct parser *p)
{
	size_t chars = 1;

	for (int i = 0; i < p->argc; i++)
		chars += strlen(p->argv[i]);
	p->ret->words = calloc((size_t)p->argc + 1, sizeof(*p->ret->words));
	p->ret->seen = calloc(chars, sizeof(*p->ret->seen));
	if (p->ret->words && p->ret->seen)
		return 0;
	(void)refuse(p, "out of memory");
	return -ENOMEM;
}

int opt_parse(int argc, char **argv, const struct opt_spec *spec, struct opt_result *ret,
	      struct vz_err *e)
{
	struct parser p = { spec, ret, e, argv, argc, 0 };
	bool only_words = false;
	int r = make_room(&p);

	while (r == 0 && p.at < argc) {
		char *arg = argv[p.at++];

		if (only_words || arg[0] != '-' || !arg[1]) {
			ret->words[ret->nwords++] = arg;
			only_words |= spec->stop_at_word;
		} else if (strcmp(arg, "--") == 0) {
			only_words = true;
		} else if (arg[1] == '-') {
			r = parse_long(&p, arg);
		} else {
			r = parse_short(&p, arg);
		}
	}
	return r;
}

void opt_done(struct opt_result *r)
{
	free(r->seen);
	free(r->words);
	*r = (struct opt_result){ 0 };
}

bool opt_has(const struct opt_result *r, int id)
{
	return opt_count(r, id) > 0;
}

size_t opt_count(const struct opt_result *r, int id)
{
	size_t n = 0;

	for (size_t i = 0; i < r->nseen; i++)
		n += r->seen[i].id == id;
	return n;
}

const char *opt_value(const struct opt_result *r, int id)
{
	for (size_t i = 0; i < r->nseen; i++)
		if (r->seen[i].id == id)
			return r->seen[i].value;
	return NULL;
}
