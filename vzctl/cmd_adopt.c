// SPDX-License-Identifier: GPL-2.0-or-later
/* register, unregister, reinstall; and words of later OpenVZ releases that have no counterpart. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vz/area.h>

#include "cmd.h"

static const struct {
	const char *verb, *text;
} no_such[] = {
	{ "unset", "there is no unset; give the value anew with set, or take its line out of the file" },
	{ "execaction", "there is no execaction; start and set run the distribution's scripts" },
	{ "monitor", "there is no monitor; vzlist tells what VPSs do" },
	{ "setrate", "there is no setrate; rates are set with set" },
};

int cmd_no_such(struct cli *c, struct vz_err *e)
{
	(void)e;
	for (size_t i = 0; i < sizeof(no_such) / sizeof(no_such[0]); i++)
		if (strcmp(no_such[i].verb, c->verb) == 0)
			return cmd_refuse(c, VZ_E_SYNTAX, no_such[i].text);
	return cmd_refuse(c, VZ_E_SYNTAX, "there is no such command");
}

/* The number behind the path: a VPS that is not there yet has no name. */
static bool number(const char *s, uint32_t *ret)
{
	uint64_t v = 0;

	if (!*s || strlen(s) > 10 || strspn(s, "0123456789") != strlen(s))
		return false;
	for (; *s; s++)
		v = v * 10 + (uint64_t)(*s - '0');
	*ret = v > UINT32_MAX ? 0 : (uint32_t)v;
	return *ret > 0;
}

int cmd_register(struct cli *c, struct vz_err *e)
{
	struct vz_register_opts o = { .size = sizeof(o), .name = opt_value(&c->opt, O_NAME),
				      .uuid = opt_value(&c->opt, O_UUID), .flags = c->flags };
	char id[12];
	int r;

	if (c->opt.nwords < 2)
		return cmd_refuse(c, VZ_E_PARAM, "register takes a folder and the ID of the VPS that it becomes");
	if (c->opt.nwords > 2)
		return cmd_refuse(c, VZ_E_SYNTAX, "register takes two words");
	if (!number(c->opt.words[1], &c->id))
		return cmd_refuse(c, VZ_E_PARAM, "the ID of a VPS is a number from 1 to 2147483644");
	c->out.id = c->id;
	o.flags |= opt_has(&c->opt, O_FORCE) ? VZ_REGISTER_FORCE : 0;
	o.flags |= opt_has(&c->opt, O_RENEW) ? VZ_REGISTER_RENEW : 0;
	r = cmd_done(c, vz_ct_register(c->vz, c->opt.words[0], c->id, &o, e), "was registered", NULL);
	if (r < 0 || !opt_has(&c->opt, O_START))
		return r;
	snprintf(id, sizeof(id), "%u", c->id);
	r = vz_ct_find(c->vz, id, 0, &c->ct, e);
	return r < 0 ? r : cmd_done(c, vz_ct_start(c->ct, c->flags, e), "was started", NULL);
}

int cmd_unregister(struct cli *c, struct vz_err *e)
{
	int r = cmd_left_over(c);

	return r ? r : cmd_done(c, vz_ct_unregister(c->ct, c->flags, e), "was unregistered", NULL);
}

static int list_kept(struct cli *c)
{
	for (const struct vz_kept *k = vz_reinstall_kept(); k->name; k++)
		if (opt_has(&c->opt, O_DESC))
			printf("%-10s %s\n", k->name, k->what);
		else
			puts(k->name);
	return 0;
}

/* What is kept, as words: those named, all, none; and without the accounts when they shall go. */
static void keep_words(struct cli *c, char *text, size_t size)
{
	const char *only = opt_value(&c->opt, O_SCRIPTS);
	size_t n = 0;

	text[0] = 0;
	if (opt_has(&c->opt, O_SKIPSCRIPTS))
		return;
	if (only) {
		snprintf(text, size, "%s", only);
		return;
	}
	for (const struct vz_kept *k = vz_reinstall_kept(); k->name && n < size; k++)
		if (!opt_has(&c->opt, O_RESETPWDB) || strcmp(k->name, "accounts") != 0)
			n += (size_t)snprintf(text + n, size - n, "%s%s", n ? "," : "", k->name);
}

int cmd_reinstall(struct cli *c, struct vz_err *e)
{
	struct vz_reinstall_opts o = { .size = sizeof(o), .ostemplate = opt_value(&c->opt, O_OSTEMPLATE),
				       .flags = c->flags };
	bool undo = opt_has(&c->opt, O_UNDO);
	char keep[256];
	int r = cmd_left_over(c);

	if (r)
		return r;
	if (opt_has(&c->opt, O_LISTSCRIPTS))
		return list_kept(c);
	if (undo && (o.ostemplate || opt_has(&c->opt, O_SCRIPTS) || opt_has(&c->opt, O_SKIPSCRIPTS) ||
		     opt_has(&c->opt, O_RESETPWDB)))
		return cmd_refuse(c, VZ_E_SYNTAX, "--undo brings back what was there: no other root can be named");
	if (opt_has(&c->opt, O_SCRIPTS) && (opt_has(&c->opt, O_SKIPSCRIPTS) || opt_has(&c->opt, O_RESETPWDB)))
		return cmd_refuse(c, VZ_E_SYNTAX, "--scripts says all that is kept; the others say what is not");
	keep_words(c, keep, sizeof(keep));
	o.keep = keep;
	o.flags |= (opt_has(&c->opt, O_SKIPBACKUP) ? VZ_REINSTALL_DROP : 0) |
		   (undo ? VZ_REINSTALL_UNDO : 0);
	return cmd_done(c, vz_ct_reinstall(c->ct, &o, e), undo ? "has its earlier root" : "was reinstalled",
			NULL);
}
