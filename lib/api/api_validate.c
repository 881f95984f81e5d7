// SPDX-License-Identifier: LGPL-2.1-or-later
/* Configuration files for those who look at the files themselves: panels, vzcfgvalidate, vzcfgscale. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <vz/account.h>
#include <vz/validate.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "base/str.h"
#include "param/cfgfile.h"
#include "param/check.h"
#include "param/param.h"
#include "param/validate.h"

#define FACTOR_MAX UINT64_C(10000)

const char *vz_line_word(enum vz_line_class cls)
{
	static const char *const words[VZ_LINE_NCLASSES] = {
#define LINE_WORD(id, word) [VZ_LINE_##id] = word,
		VZ_LINE_CLASSES(LINE_WORD)
#undef LINE_WORD
	};

	return (unsigned)cls < VZ_LINE_NCLASSES ? words[cls] : "";
}

static int read_file(const char *path, struct buf *out, struct vz_err *e)
{
	int r = io_read_at(AT_FDCWD, path, CFG_FILE_MAX, out);

	if (r == -E2BIG)
		return err_set(e, VZ_E_BAD_CONF, r, "'%s' is longer than %d bytes", path,
			       CFG_FILE_MAX);
	return r < 0 ? err_sys(e, VZ_E_SYS, r, "cannot read '%s'", path) : 0;
}

int vz_cfg_file_read(const char *path, struct vz_cfg *cfg,
		     void (*fn)(void *arg, const struct vz_cfg_line *l), void *arg, struct vz_err *e)
{
	_buf_ struct buf text = BUF_INIT;
	int r = read_file(path, &text, e);

	return r < 0 ? r : cfg_lines(path, buf_str(&text), text.len, cfg, fn, arg, e);
}

bool vz_cfg_is_vswap(const struct vz_cfg *cfg)
{
	return cfg_is_vswap(cfg);
}

int vz_cfg_validate(struct vz_cfg *cfg, const struct vz_validate_opts *o,
		    bool (*fn)(void *arg, const struct vz_finding *f), void *arg, struct vz_err *e)
{
	struct vz_validate_opts all = { .size = sizeof(all) };
	struct vz_node_figures node = { .size = sizeof(node) };
	int r;

	if (o)
		memcpy(&all, o, o->size < sizeof(all) ? o->size : sizeof(all));
	if (!all.ram || !all.swap) {
		r = vz_node_figures(&node, e);
		if (r < 0)
			return r;
		all.ram = all.ram ? all.ram : node.ram;
		all.swap = all.swap ? all.swap : node.swap;
	}
	return cfg_validate(cfg, &all, fn, arg);
}

int vz_parse_size(const char *s, uint64_t *ret, struct vz_err *e)
{
	int r = num_bytes(s, 1, ret);

	return r < 0 ? err_set(e, VZ_E_PARAM, r, "'%.60s' is not a size", s) : 0;
}

int vz_parse_factor(const char *s, uint64_t *ret, struct vz_err *e)
{
	uint64_t v = 0, unit = VZ_SCALE_ONE;
	const char *p = s;

	for (; *p >= '0' && *p <= '9' && v <= FACTOR_MAX; p++)
		v = v * 10 + (uint64_t)(*p - '0');
	v *= VZ_SCALE_ONE;
	if (*p == '.' && (p > s || p[1]))
		for (p++; *p >= '0' && *p <= '9'; p++) {
			unit /= 10;
			v += unit * (uint64_t)(*p - '0');
		}
	if (p == s || *p || v == 0 || v > FACTOR_MAX * VZ_SCALE_ONE)
		return err_set(e, VZ_E_PARAM, -EINVAL, "'%.60s' is not a factor, as 0.5 or 2 are", s);
	*ret = v;
	return 0;
}

int vz_cfg_scale(struct vz_cfg *cfg, unsigned what, uint64_t ppm, struct vz_err *e)
{
	return cfg_scale(cfg, what, ppm, e);
}

/* ---- text ---- */

/* One word of RATE="DEVICE:CLASS:KBITS ...": its last number times the factor. Not a number: as it is. */
static void rate_word(const char *word, size_t len, uint64_t ppm, struct buf *out)
{
	const char *colon = memrchr(word, ':', len);
	size_t head = colon ? (size_t)(colon + 1 - word) : 0;
	_free_ char *digits = strndup(word + head, len - head);
	uint64_t v;

	if (colon && digits && num_u64(digits, &v) == 0 && v < UINT64_MAX / ppm) {
		v = (v * ppm + VZ_SCALE_ONE / 2) / VZ_SCALE_ONE;
		(void)buf_add(out, word, head);
		(void)buf_printf(out, "%ju", (uintmax_t)v);
	} else {
		(void)buf_add(out, word, len);
	}
}

/* RATE is no parameter here; scripts that shape traffic read it from the file. */
static int scale_rates(struct buf *text, uint64_t ppm)
{
	_buf_ struct buf out = BUF_INIT;
	const char *at = buf_str(text), *end = at + text->len;

	while (at < end) {
		const char *nl = memchr(at, '\n', (size_t)(end - at)), *stop = nl ? nl + 1 : end;

		if (stop - at > 5 && memcmp(at, "RATE=", 5) == 0) {
			(void)buf_add(&out, at, 5);
			at += 5;
			while (at < stop) {
				size_t n = strcspn(at, " \t\"\n");

				n = n > (size_t)(stop - at) ? (size_t)(stop - at) : n;
				rate_word(at, n, ppm, &out);
				at += n;
				if (at < stop)
					(void)buf_putc(&out, *at++);
			}
		} else {
			(void)buf_add(&out, at, (size_t)(stop - at));
			at = stop;
		}
	}
	if (out.failed)
		return -ENOMEM;
	buf_clear(text);
	return buf_add(text, out.data, out.len);
}

int vz_cfg_render(const struct vz_render_opts *o, char **ret, struct vz_err *e)
{
	struct vz_render_opts all = { .size = sizeof(all) };
	_buf_ struct buf old = BUF_INIT, text = BUF_INIT;
	_cfg_ struct vz_cfg *cfg = NULL;
	struct pset set;
	int r;

	memcpy(&all, o, o->size < sizeof(all) ? o->size : sizeof(all));
	if (cfg_copy(all.cfg, &cfg) < 0)
		return err_nomem(e);
	r = all.old ? read_file(all.old, &old, e) : 0;
	if (r < 0)
		return r;
	for (const char *const *d = all.drop; d && *d; d++) {
		int p = param_by_key(*d, strlen(*d));

		if (p < 0)
			return err_set(e, VZ_E_PARAM, -EINVAL, "unknown parameter '%.60s'", *d);
		cfg_unset(cfg, p);
	}
	cfgfile_all(cfg, &set);
	for (const char *const *d = all.drop; d && *d; d++)
		pset_add(&set, param_by_key(*d, strlen(*d)));
	r = cfgfile_render(buf_str(&old), old.len, cfg, &set, &text, e);
	if (r < 0)
		return r;
	if (all.rate_ppm && scale_rates(&text, all.rate_ppm) < 0)
		return err_nomem(e);
	*ret = text.len ? buf_take(&text) : strdup("");
	return *ret ? 0 : err_nomem(e);
}

int vz_cfg_file_write(const char *path, const char *text, bool exclusive, struct vz_err *e)
{
	struct stat st = { .st_mode = 0644 };
	int r;

	if (exclusive) {
		r = io_create_at(AT_FDCWD, path, text, strlen(text), 0644);
	} else {
		(void)stat(path, &st);
		r = io_replace_at(AT_FDCWD, path, text, strlen(text), st.st_mode & 0777);
	}
	return r < 0 ? err_sys(e, VZ_E_SAVE, r, "cannot write '%s'", path) : 0;
}
