// SPDX-License-Identifier: GPL-2.0-or-later
/* create, start, stop, restart, mount, umount, destroy, status. */
#include <stdio.h>

#include "cmd.h"

enum { O_WAIT = 1, O_FORCE, O_FAST, O_SKIP_UMOUNT, O_NOTHING };

/* Words of older versions that have nothing to do any more are taken and change nothing. */
#define OLD_START_WORDS                                                                            \
	{ "skip-fsck", OPT_FLAG, O_NOTHING, 0 }, { "skip-remount", OPT_FLAG, O_NOTHING, 0 },       \
		{ "skip_ve_setup", OPT_FLAG, O_NOTHING, 0 }

const struct opt_def opts_create[] = { { "force", OPT_FLAG, O_NOTHING, 0 }, { NULL, OPT_FLAG, 0, 0 } };
const struct opt_def opts_start[] = {
	{ "wait", OPT_FLAG, O_WAIT, 0 }, { "force", OPT_FLAG, O_FORCE, 0 }, OLD_START_WORDS,
	{ NULL, OPT_FLAG, 0, 0 },
};
const struct opt_def opts_stop[] = {
	{ "fast", OPT_FLAG, O_FAST, 0 },
	{ "skip-umount", OPT_FLAG, O_SKIP_UMOUNT, 0 },
	{ NULL, OPT_FLAG, 0, 0 },
};
const struct opt_def opts_restart[] = {
	{ "wait", OPT_FLAG, O_WAIT, 0 }, { "force", OPT_FLAG, O_FORCE, 0 },
	{ "fast", OPT_FLAG, O_FAST, 0 }, OLD_START_WORDS, { NULL, OPT_FLAG, 0, 0 },
};

static int left_over(struct cli *c)
{
	if (!c->opt.nwords)
		return 0;
	out_msg(&c->out, -1, "'%.64s' is one word too many", c->opt.words[0]);
	return vz_code_exit(VZ_E_SYNTAX);
}

int cmd_create(struct cli *c, struct vz_err *e)
{
	struct vz_create_opts o = { .size = sizeof(o), .cfg = c->cfg, .flags = c->flags };
	int r = left_over(c);

	return r ? r : cmd_done(c, vz_ct_create(c->vz, c->id, &o, e), "was created", NULL);
}

static unsigned start_flags(struct cli *c)
{
	return c->flags | (opt_has(&c->opt, O_WAIT) ? VZ_START_WAIT : 0) |
	       (opt_has(&c->opt, O_FORCE) ? VZ_START_FORCE : 0);
}

static unsigned stop_flags(struct cli *c)
{
	return c->flags | (opt_has(&c->opt, O_FAST) ? VZ_STOP_FAST : 0) |
	       (opt_has(&c->opt, O_SKIP_UMOUNT) ? VZ_STOP_SKIP_UMOUNT : 0);
}

int cmd_start(struct cli *c, struct vz_err *e)
{
	int r = left_over(c);

	return r ? r : cmd_done(c, vz_ct_start(c->ct, start_flags(c), e), "was started", NULL);
}

int cmd_stop(struct cli *c, struct vz_err *e)
{
	int r = left_over(c);

	return r ? r :
		   cmd_done(c, vz_ct_stop(c->ct, stop_flags(c), e), "was stopped", "is not running");
}

int cmd_restart(struct cli *c, struct vz_err *e)
{
	int r = left_over(c);

	if (r)
		return r;
	r = vz_ct_stop(c->ct, stop_flags(c) & ~VZ_STOP_SKIP_UMOUNT, e);
	if (r == 0)
		out_msg(&c->out, 0, "VPS %u was stopped", c->id);
	return r < 0 ? r : cmd_start(c, e);
}

int cmd_mount(struct cli *c, struct vz_err *e)
{
	int r = left_over(c);

	return r ? r : cmd_done(c, vz_ct_mount(c->ct, c->flags, e), "was mounted", "is mounted already");
}

int cmd_umount(struct cli *c, struct vz_err *e)
{
	int r = left_over(c);

	return r ? r : cmd_done(c, vz_ct_umount(c->ct, c->flags, e), "was unmounted", NULL);
}

int cmd_destroy(struct cli *c, struct vz_err *e)
{
	int r = left_over(c);

	return r ? r : cmd_done(c, vz_ct_destroy(c->ct, c->flags, e), "was destroyed", NULL);
}

/* Five words that scripts have parsed for fifteen years; "CTID" is the first of them. */
int cmd_status(struct cli *c, struct vz_err *e)
{
	unsigned s = vz_ct_status(c->ct);

	(void)e;
	printf("CTID %u %s %s %s%s\n", c->id, s & VZ_ST_EXISTS ? "exist" : "deleted",
	       s & VZ_ST_MOUNTED ? "mounted" : "unmounted", s & VZ_ST_RUNNING ? "running" : "down",
	       s & VZ_ST_SUSPENDED ? " suspended" : "");
	return 0;
}

int cmd_ended(struct cli *c, struct vz_err *e)
{
	if (c->opt.nwords != 1)
		return vz_code_exit(VZ_E_SYNTAX);
	return vz_ct_ended(c->ct, c->opt.words[0], e);
}
