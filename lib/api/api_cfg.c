/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The public face of parameters and their values. */
#include <vz/cfg.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "param/check.h"
#include "param/param.h"

const struct vz_param_info *vz_param_next(const struct vz_param_info *prev)
{
	/* The public face is the first member of a row. */
	const struct param *p = param_next((const struct param *)prev);

	return p ? &p->info : NULL;
}

const struct vz_option_info *vz_option_next(const struct vz_option_info *prev)
{
	return option_next(prev);
}

int vz_option_find(const char *name, size_t len, uint32_t want, const struct vz_option_info **ret,
		   int *ret_exact, struct vz_err *e)
{
	int r = option_find(name, len, want, ret, e);

	if (r < 0)
		return r;
	if (ret_exact)
		*ret_exact = r;
	return 0;
}

int vz_cfg_new(struct vz_cfg **ret, struct vz_err *e)
{
	struct vz_cfg *c = cfg_new();

	if (!c)
		return err_nomem(e);
	*ret = c;
	return 0;
}

void vz_cfg_free(struct vz_cfg *cfg)
{
	cfg_free(cfg);
}

static int find_key(const char *key, struct vz_err *e)
{
	int p = param_by_key(key, strlen(key));

	return p < 0 ? err_set(e, VZ_E_PARAM, -EINVAL, "unknown parameter '%.60s'", key) : p;
}

int vz_cfg_set(struct vz_cfg *cfg, const char *key, const char *value, struct vz_err *e)
{
	int p = find_key(key, e);

	return p < 0 ? p : cfg_set_text(cfg, p, value, e);
}

int vz_cfg_unset(struct vz_cfg *cfg, const char *key, struct vz_err *e)
{
	int p = find_key(key, e);

	if (p < 0)
		return p;
	cfg_unset(cfg, p);
	return 0;
}

int vz_cfg_set_option(struct vz_cfg *cfg, const char *option, const char *value, struct vz_err *e)
{
	const struct vz_option_info *o;
	int r = option_find(option, strlen(option), VZ_PF_SET | VZ_PF_CREATE, &o, e);

	if (r == -ENOENT)
		return err_set(e, VZ_E_PARAM, -EINVAL, "unknown option '--%.60s'", option);
	return r < 0 ? r : cfg_set_option(cfg, o, value, e);
}

int vz_cfg_get_text(const struct vz_cfg *cfg, const char *key, char **ret, struct vz_err *e)
{
	_buf_ struct buf b = BUF_INIT;
	int p = find_key(key, e);
	char *text;

	if (p < 0)
		return p;
	if (!cfg_has(cfg, p))
		return -ENOENT;
	text = cfg_print(cfg, p, &b) < 0 ? NULL : buf_take(&b);
	if (!text)
		return err_nomem(e);
	*ret = text;
	return 0;
}

int vz_cfg_get_json(const struct vz_cfg *cfg, char **ret, struct vz_err *e)
{
	json_t *o = cfg_json(cfg);
	char *text = o ? json_dumps(o, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;

	json_decref(o);
	if (!text)
		return err_nomem(e);
	*ret = text;
	return 0;
}

size_t vz_cfg_count(const struct vz_cfg *cfg)
{
	size_t n = 0;

	for (unsigned p = 0; p < VZ_NPARAMS; p++)
		n += cfg_has(cfg, p);
	return n;
}

int vz_cfg_is_set(const struct vz_cfg *cfg, const char *name)
{
	for (unsigned p = 0; p < VZ_NPARAMS; p++)
		if (str_eq(param_get(p)->info.name, name))
			return cfg_has(cfg, p);
	return 0;
}

int vz_cfg_said(const struct vz_cfg *cfg, uint32_t flag, char **ret, struct vz_err *e)
{
	_buf_ struct buf b = BUF_INIT;
	char *text;

	(void)buf_puts(&b, "");
	for (unsigned p = 0; p < VZ_NPARAMS; p++) {
		const struct vz_param_info *info = &param_get(p)->info;

		if (cfg_has(cfg, p) && cfg_says(cfg, p) & flag)
			(void)buf_printf(&b, "%s%s", b.len ? ", " : "",
					 *info->key ? info->key : info->option);
	}
	text = buf_take(&b);
	if (!text)
		return err_nomem(e);
	*ret = text;
	return 0;
}
