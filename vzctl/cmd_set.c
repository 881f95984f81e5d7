// SPDX-License-Identifier: GPL-2.0-or-later
/* set: parameters, live and stored. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

enum { O_SAVE = 1, O_FORCE, O_SETMODE, O_NOTHING };

const struct opt_def opts_set[] = {
	{ "save", OPT_FLAG, O_SAVE, 0 },
	{ "force", OPT_FLAG, O_FORCE, 0 },
	{ "setmode", OPT_ARG, O_SETMODE, 0 },
	{ NULL, OPT_FLAG, 0, 0 },
};

static int syntax(struct cli *c, const char *text)
{
	out_msg(&c->out, -1, "%s", text);
	return vz_code_exit(VZ_E_SYNTAX);
}

static int flags_of(struct cli *c, unsigned *ret)
{
	const char *mode = opt_value(&c->opt, O_SETMODE);

	*ret = c->flags | (opt_has(&c->opt, O_SAVE) ? VZ_SET_SAVE : 0);
	if (!mode)
		return 0;
	if (strcmp(mode, "restart") == 0)
		*ret |= VZ_SET_RESTART;
	else if (strcmp(mode, "ignore") == 0)
		*ret |= VZ_SET_IGNORE;
	else
		return vz_code_exit(VZ_E_PARAM);
	return 0;
}

static void tell(struct cli *c, unsigned flags, const struct vz_set_result *s)
{
	if (s->needs_restart && !(flags & VZ_SET_RESTART))
		out_msg(&c->out, -1, "some of this takes effect when VPS %u is restarted", c->id);
	if (s->saved)
		out_msg(&c->out, 0, "CT configuration saved to %s", vz_ct_conf_path(c->ct));
	else if (s->unchanged)
		out_msg(&c->out, 0, "CT configuration %s says so already", vz_ct_conf_path(c->ct));
	else if (s->running)
		out_msg(&c->out, -1, "the settings are not saved and are lost at the next start "
				     "(use --save)");
}

/* Several values in one call make one line, as callers pass twenty at once. */
static void warn_stored(struct cli *c, const struct vz_set_result *s)
{
	char text[900] = "";
	size_t n = (size_t)snprintf(text, sizeof(text), "%s", s->not_enforced);

	for (const struct vz_param_info *p = vz_param_next(NULL); p; p = vz_param_next(p)) {
		char *value = NULL;

		if (!(p->flags & VZ_PF_STORED) || !*p->key ||
		    vz_cfg_get_text(c->cfg, p->key, &value, NULL) < 0)
			continue;
		free(value);
		if (n + strlen(p->key) + 3 < sizeof(text))
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", n ? ", " : "",
					      p->key);
	}
	if (n)
		out_msg(&c->out, -1, "stored, not enforced by this kernel: %s", text);
}

int cmd_set(struct cli *c, struct vz_err *e)
{
	struct vz_set_result s = { 0 };
	unsigned flags;
	int r;

	if (c->opt.nwords)
		return syntax(c, "set takes options only");
	if (opt_has(&c->opt, O_FORCE) && !opt_has(&c->opt, O_SAVE))
		return syntax(c, "--force needs --save");
	r = flags_of(c, &flags);
	if (r) {
		out_msg(&c->out, -1, "--setmode is restart or ignore");
		return r;
	}
	r = vz_ct_set(c->ct, c->cfg, flags, &s, e);
	if (r < 0)
		return r;
	warn_stored(c, &s);
	tell(c, flags, &s);
	return 0;
}
