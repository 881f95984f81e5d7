// SPDX-License-Identifier: GPL-2.0-or-later
/* set: parameters, live and stored. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

static int setmode(struct cli *c, unsigned *flags)
{
	const char *mode = opt_value(&c->opt, O_SETMODE);

	if (!mode)
		return 0;
	if (strcmp(mode, "restart") == 0)
		*flags |= VZ_SET_RESTART;
	else if (strcmp(mode, "ignore") == 0)
		*flags |= VZ_SET_IGNORE;
	else
		return cmd_refuse(c, VZ_E_PARAM, "--setmode is restart or ignore");
	return 0;
}

static int flags_of(struct cli *c, unsigned *ret)
{
	static const struct {
		int option;
		unsigned flag;
	} rows[] = {
		{ O_SAVE, VZ_SET_SAVE },
		{ O_SKIP_ARPDETECT, VZ_SET_SKIP_ARPDETECT },
		{ O_CRYPTED, VZ_SET_CRYPTED },
		{ O_APPLYCONFIG_MAP, VZ_SET_MAP_NAME },
	};

	*ret = c->flags;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (opt_has(&c->opt, rows[i].option))
			*ret |= rows[i].flag;
	return setmode(c, ret);
}

static bool has_key(struct cli *c, const char *key)
{
	char *text = NULL;
	bool has = vz_cfg_get_text(c->cfg, key, &text, NULL) == 0;

	free(text);
	return has;
}

/* Disks beyond the root are a matter of images. */
static int check_devices(struct cli *c)
{
	if (opt_has(&c->opt, O_DEVICE))
		return cmd_refuse(c, VZ_E_LAYOUT_UNSUPPORTED, "a VPS has no further disks here");
	if (opt_has(&c->opt, O_DEVICE_OPT))
		return cmd_refuse(c, VZ_E_SYNTAX, "this option needs --device-add, --device-set or "
						  "--device-del");
	return 0;
}

static int check_offline(struct cli *c)
{
	if (!opt_has(&c->opt, O_OFFLINE))
		return 0;
	if (!has_key(c, "DISKSPACE"))
		return cmd_refuse(c, VZ_E_SYNTAX, "--offline-resize needs --diskspace");
	if (vz_ct_status(c->ct) & VZ_ST_MOUNTED)
		return cmd_refuse(c, VZ_E_PARAM, "--offline-resize is for a VPS that is not mounted");
	out_msg(&c->out, -1, "--offline-resize has no meaning for VPS %u, which is kept in a folder", c->id);
	return 0;
}

static int check_words(struct cli *c)
{
	const char *map = opt_value(&c->opt, O_APPLYCONFIG_MAP);
	int r;

	if (c->opt.nwords)
		return cmd_left_over(c);
	if (opt_has(&c->opt, O_FORCE) && !opt_has(&c->opt, O_SAVE))
		return cmd_refuse(c, VZ_E_SYNTAX, "--force needs --save");
	if (map && strcmp(map, "name") != 0)
		return cmd_refuse(c, VZ_E_PARAM, "--applyconfig_map takes the word name");
	if (opt_has(&c->opt, O_CRYPTED) && !vz_cfg_is_set(c->cfg, "userpasswd"))
		return cmd_refuse(c, VZ_E_SYNTAX, "--crypted needs --userpasswd");
	r = check_devices(c);
	return r ? r : check_offline(c);
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

/* Several values in one call make one line, as callers pass twenty at once. What this node cannot do is said with what no kernel of today can. */
static void say(struct cli *c, uint32_t flag, int level, const char *what, const char *more)
{
	char *names = NULL;


	if (vz_cfg_said(c->cfg, flag, &names, NULL) < 0)
		return;
	if (*names || *more)
		out_msg(&c->out, level, "%s: %s%s%.600s", what, more, *names && *more ? ", " : "", names);
	free(names);
}

/* The node has no group of its own that its limits could be written to. */
static int set_host(struct cli *c, unsigned flags, struct vz_err *e)
{
	struct vz_set_result s = { 0 };
	int r = vz_ct_set(c->ct, c->cfg, flags, &s, e);

	if (r < 0)
		return r;
	out_msg(&c->out, -1, "values of the node are stored, not enforced by this kernel");
	tell(c, flags, &s);
	return 0;
}

static int take_sample(struct cli *c, struct vz_err *e)
{
	const char *name = opt_value(&c->opt, O_APPLYCONFIG);

	return name ? vz_cfg_sample(c->vz, name, c->cfg, e) : 0;
}

/* Only this, or it would not be clear which values are meant. */
static int reset_ub(struct cli *c, struct vz_err *e)
{
	int r = cmd_left_over(c);

	if (r == 0 && (c->opt.nseen != 1 || vz_cfg_count(c->cfg)))
		return cmd_refuse(c, VZ_E_SYNTAX, "--reset_ub stands alone");
	return r ? r : cmd_done(c, vz_ct_reapply(c->ct, c->flags, e), "has its limits as stored", NULL);
}

int cmd_set(struct cli *c, struct vz_err *e)
{
	struct vz_set_result s = { 0 };
	unsigned flags = 0;
	int r;

	if (opt_has(&c->opt, O_RESET_UB))
		return reset_ub(c, e);
	r = check_words(c);
	if (r == 0)
		r = flags_of(c, &flags);
	if (r == 0)
		r = take_sample(c, e);
	if (r)
		return r;
	if (c->id == 0)
		return set_host(c, flags, e);
	r = vz_ct_set(c->ct, c->cfg, flags, &s, e);
	if (r < 0)
		return r;
	say(c, VZ_PF_STORED, -1, "stored, not enforced by this kernel", s.not_enforced);
	say(c, VZ_PF_APPROX, 1, "approximated on this kernel", "");
	tell(c, flags, &s);
	return 0;
}
