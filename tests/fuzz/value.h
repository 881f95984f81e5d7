/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For targets on values: as an option, as a line of a file, printed, read again, joined and compared. */
#ifndef VZ_FUZZ_VALUE_H
#define VZ_FUZZ_VALUE_H

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "param/param.h"

#include "fuzz.h"

/* What was taken can be printed, is one line, and means the same when it is read again. */
static inline void value_again(const struct vz_cfg *c, enum vz_param p)
{
	_cfg_ struct vz_cfg *back = cfg_new();
	_buf_ struct buf text = BUF_INIT;
	json_t *j = cfg_json_one(c, p);

	MUST(back && j);
	json_decref(j);
	MUST(cfg_print(c, p, &text) == 0);
	MUST(!strchr(buf_str(&text), '\n'));
	if (*param_get(p)->info.key) {
		MUST(cfg_set_text(back, p, buf_str(&text), NULL) == 0);
		MUST(cfg_equal(c, back, p));
	}
}

/* data: one byte that chooses among the groups' options, then the value. */
static inline int value_try(const uint8_t *data, size_t size, uint32_t groups)
{
	const struct vz_option_info *o = NULL, *rows[256];
	_cfg_ struct vz_cfg *c = cfg_new(), *conf = cfg_new();
	_free_ char *text = NULL;
	struct vz_err e = { 0 };
	struct pset changed = { 0 };
	enum vz_param p;
	size_t n = 0;

	while ((o = option_next(o)))
		if (groups >> param_get(param_of_option(o))->group & 1 && n < ARRAY_LEN(rows))
			rows[n++] = o;
	if (size < 1)
		return 0;
	o = rows[data[0] % n];
	p = param_of_option(o);
	text = fuzz_text(data + 1, size - 1);
	MUST(c && conf);
	if (cfg_set_option(c, o, text, &e) < 0)
		MUST(e.code != 0 && e.text[0] && !strchr(e.text, '\n'));
	else if (cfg_has(c, p))
		value_again(c, p);
	cfg_clear(c);
	e = (struct vz_err){ 0 };
	if (*param_get(p)->info.key && cfg_set_text_clamp(conf, p, text, &e) >= 0 && cfg_has(conf, p))
		value_again(conf, p);
	/* Added to what the file has, or taken from it. */
	if (cfg_set_option(c, o, text, NULL) == 0)
		(void)cfg_change(conf, c, &changed, NULL);
	return 0;
}

#endif
