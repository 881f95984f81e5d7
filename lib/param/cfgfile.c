/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Configuration files: read with warnings, rewrite in place. */
#include "param/cfgfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "param/cfgline.h"
#include "param/param.h"

/* Where the value of each parameter came from: a line number, 0 = from nowhere. */
struct origin {
	unsigned line[VZ_NPARAMS];
};

struct reader {
	const struct cfgfile *f;
	struct vz_cfg *c;
	struct origin *origin; /* may be NULL */
	struct buf value;      /* of the present line */
	unsigned line;
	int warnings;
};

static void warn(struct reader *r, const char *text)
{
	r->warnings++;
	log_msg(&r->f->log, -1, "%s:%u: %s", r->f->path, r->line, text);
}

static void set_value(struct reader *r, enum vz_param p)
{
	struct vz_err e = { 0 };
	int s = cfg_set_text_clamp(r->c, p, buf_str(&r->value), &e);

	if (s != 0)
		warn(r, e.text);
	if (s >= 0 && r->origin)
		r->origin->line[p] = r->line;
}

/* Was p set by this text already? Values from before it stay silently. */
static void repeated(struct reader *r, enum vz_param p)
{
	char text[160];

	if (r->origin && !r->origin->line[p])
		return;
	(void)snprintf(text, sizeof(text), "%s is set again; the first value counts",
		       param_get(p)->info.key);
	warn(r, text);
}

static int read_line(struct reader *r, const struct cfgline *l)
{
	int p, e;

	if (l->len > CFG_LINE_MAX)
		return -E2BIG;
	if (l->blank)
		return 0;
	if (!l->key) {
		warn(r, "a line without '=' is skipped");
		return 0;
	}
	p = param_by_key(l->key, l->key_len);
	if (p < 0) {
		log_msg(&r->f->log, 1, "%s:%u: unknown parameter %.*s", r->f->path, r->line,
			(int)(l->key_len < 80 ? l->key_len : 80), l->key);
		return 0;
	}
	buf_clear(&r->value);
	e = cfgline_value(l, &r->value);
	/* NAME="" is as good as no line. */
	if (e < 0 || r->value.len == 0)
		return e;
	if (cfg_has(r->c, p))
		repeated(r, p);
	else
		set_value(r, p);
	return 0;
}

static int read_text(struct reader *r, const char *text, size_t len, struct vz_err *e)
{
	const char *path = r->f->path, *end = text + len;
	struct cfgline l;

	if (len > CFG_FILE_MAX)
		return err_set(e, VZ_E_BAD_CONF, -E2BIG, "'%s' is longer than %d bytes", path,
			       CFG_FILE_MAX);
	if (len && memchr(text, 0, len))
		return err_set(e, VZ_E_BAD_CONF, -EINVAL, "'%s' has NUL bytes in it", path);
	while (cfgline_next(&text, end, &l)) {
		int s;

		r->line++;
		s = read_line(r, &l);
		if (s == -E2BIG)
			return err_set(e, VZ_E_BAD_CONF, s, "'%s' line %u: longer than %d bytes",
				       path, r->line, CFG_LINE_MAX);
		if (s < 0)
			return err_nomem(e);
	}
	return r->warnings;
}

int cfgfile_parse(const struct cfgfile *f, const char *text, size_t len, struct vz_cfg *c,
		  struct vz_err *e)
{
	struct origin origin = { 0 };
	struct reader r = { .f = f, .c = c, .origin = &origin, .value = BUF_INIT };
	int s = read_text(&r, text, len, e);

	buf_done(&r.value);
	return s;
}

static int read_file(const struct cfgfile *f, struct buf *out, struct vz_err *e)
{
	int r = io_read_at(f->dirfd, f->path, CFG_FILE_MAX, out);

	if (r == -E2BIG)
		return err_set(e, VZ_E_BAD_CONF, r, "'%s' is longer than %d bytes", f->path,
			       CFG_FILE_MAX);
	/* A folder, a link to itself, a pipe, or what may not be read is no file that one could find. */
	return r < 0 ? err_sys(e, f->missing && r != -ENOMEM && r != -EIO ? f->missing : VZ_E_SYS, r,
			       "cannot read '%s'", f->path) :
		       0;
}

int cfgfile_read(const struct cfgfile *f, struct vz_cfg *c, struct vz_err *e)
{
	_buf_ struct buf text = BUF_INIT;
	int r = read_file(f, &text, e);

	return r < 0 ? r : cfgfile_parse(f, buf_str(&text), text.len, c, e);
}

/* ---- rewriting ---- */

struct writer {
	const struct vz_cfg *c;
	struct pset todo;     /* still to be written or removed */
	struct origin origin; /* what a reader of the old text takes */
	struct buf *out;
};

/* The parameter of a line, -1 for a line that is none of ours. */
static int line_param(const struct cfgline *l)
{
	return l->key ? param_by_key(l->key, l->key_len) : -1;
}

/*
 * What to do with a line of a parameter that is to change. Lines after the first one of the name
 * stay, as they have no effect. An indented line is not replaced either; but where it stands before
 * every other one, the new line must come before it, or the change would have no effect.
 */
static int write_line(struct writer *w, const struct cfgline *l, unsigned line)
{
	int p = line_param(l), r;
	bool col0 = l->key == l->start;

	if (p < 0 || !pset_has(&w->todo, p))
		return buf_add(w->out, l->start, l->len);
	if (!cfg_has(w->c, p))
		return 0; /* unset: every line of it goes, lest a later one counts */
	if (!col0 && w->origin.line[p] != line)
		return buf_add(w->out, l->start, l->len);
	pset_del(&w->todo, p);
	r = cfgline_print(w->c, p, w->out);
	return r < 0 || col0 ? r : buf_add(w->out, l->start, l->len);
}

static int write_rest(struct writer *w)
{
	int r = 0;

	for (unsigned p = 0; r >= 0 && p < VZ_NPARAMS; p++) {
		if (!pset_has(&w->todo, p) || !cfg_has(w->c, p))
			continue;
		if (w->out->len && w->out->data[w->out->len - 1] != '\n')
			(void)buf_putc(w->out, '\n');
		r = cfgline_print(w->c, p, w->out);
	}
	return r;
}

/* Leave alone what has the right value already, and what is never stored. */
static void find_todo(struct writer *w, const struct vz_cfg *was, const struct pset *changed)
{
	for (unsigned p = 0; p < VZ_NPARAMS; p++)
		if (pset_has(changed, p) && !(param_get(p)->info.flags & P_NOSAVE) &&
		    !cfg_equal(was, w->c, p))
			pset_add(&w->todo, p);
}

int cfgfile_render(const char *old, size_t len, const struct vz_cfg *c, const struct pset *changed,
		   struct buf *out, struct vz_err *e)
{
	struct cfgfile f = { .path = "configuration" };
	_cfg_ struct vz_cfg *was = cfg_new();
	struct writer w = { .c = c, .out = out };
	struct reader r = { .f = &f, .c = was, .origin = &w.origin, .value = BUF_INIT };
	const char *text = old;
	struct cfgline l;
	size_t had = out->len;
	int s;

	if (!was)
		return err_nomem(e);
	s = read_text(&r, old, len, e);
	buf_done(&r.value);
	if (s < 0)
		return s;
	find_todo(&w, was, changed);
	s = 0;
	for (unsigned line = 1; s >= 0 && cfgline_next(&text, old + len, &l); line++)
		s = write_line(&w, &l, line);
	if (s >= 0)
		s = write_rest(&w);
	if (s == -E2BIG)
		return err_set(e, VZ_E_SAVE, s, "a value is too long for a line of %d bytes",
			       CFG_LINE_MAX);
	if (s < 0)
		return err_nomem(e);
	if (out->len - had > CFG_FILE_MAX)
		return err_set(e, VZ_E_SAVE, -E2BIG, "the file would be longer than %d bytes",
			       CFG_FILE_MAX);
	return out->len - had != len || (len && memcmp(out->data + had, old, len) != 0);
}

/* The new file is in place, and only its folder could not be synced: that is no failure to store it. */
static bool is_there(const struct cfgfile *f, const struct buf *text)
{
	_buf_ struct buf now = BUF_INIT;

	return io_read_at(f->dirfd, f->path, CFG_FILE_MAX, &now) == 0 && now.len == text->len &&
	       memcmp(now.data, text->data, now.len) == 0;
}

int cfgfile_update(const struct cfgfile *f, const struct vz_cfg *c, const struct pset *changed,
		   struct vz_err *e)
{
	_buf_ struct buf old = BUF_INIT;
	_buf_ struct buf text = BUF_INIT;
	struct stat st = { .st_mode = 0644 };
	int r;

	if (fstatat(f->dirfd, f->path, &st, 0) == 0 || errno != ENOENT) {
		r = read_file(f, &old, e);
		if (r < 0)
			return r;
	}
	r = cfgfile_render(buf_str(&old), old.len, c, changed, &text, e);
	if (r < 0)
		return err_prefix(e, r, "'%s'", f->path);
	if (r == 0)
		return 0;
	r = io_replace_at(f->dirfd, f->path, buf_str(&text), text.len, st.st_mode & 0777);
	if (r < 0 && is_there(f, &text)) {
		log_msg(&f->log, -1, "'%s' is written, but may not survive a power failure: %s", f->path,
			strerror(-r));
		r = 0;
	}
	return r < 0 ? err_sys(e, VZ_E_SAVE, r, "cannot write '%s'", f->path) : 1;
}

void cfgfile_all(const struct vz_cfg *c, struct pset *ret)
{
	struct pset set = { 0 };

	for (unsigned p = 0; p < VZ_NPARAMS; p++)
		if (cfg_has(c, p) && !(param_get(p)->info.flags & P_NOSAVE))
			pset_add(&set, p);
	*ret = set;
}

char *cfgfile_expand(const char *path, const char *id)
{
	_buf_ struct buf b = BUF_INIT;
	const char *plain = strstr(path, "$VEID"), *braced = strstr(path, "${VEID}");
	const char *at = plain && (!braced || plain < braced) ? plain : braced;
	size_t skip = at == plain ? sizeof("$VEID") - 1 : sizeof("${VEID}") - 1;

	if (at) {
		(void)buf_add(&b, path, (size_t)(at - path));
		(void)buf_puts(&b, id);
		path = at + skip;
	}
	(void)buf_puts(&b, path);
	while (!b.failed && b.len > 1 && b.data[b.len - 1] == '/')
		b.data[--b.len] = 0;
	return buf_take(&b);
}
