// SPDX-License-Identifier: GPL-2.0-or-later
/* suspend and resume, whole and in steps. */
#include "cmd.h"

enum { O_DUMPFILE = 1, O_SUSPEND, O_DUMP, O_RESUME, O_KILL, O_UNDUMP, O_NOTHING };

#define OLD_CPT_WORDS                                                                              \
	{ "flags", OPT_ARG, O_NOTHING, 0 }, { "context", OPT_ARG, O_NOTHING, 0 },                  \
		{ "skip_arpdetect", OPT_FLAG, O_NOTHING, 0 }

const struct opt_def opts_suspend[] = {
	{ "dumpfile", OPT_ARG, O_DUMPFILE, 0 }, { "suspend", OPT_FLAG, O_SUSPEND, 0 },
	{ "dump", OPT_FLAG, O_DUMP, 0 },	{ "resume", OPT_FLAG, O_RESUME, 0 },
	{ "kill", OPT_FLAG, O_KILL, 0 },	OLD_CPT_WORDS,
	{ NULL, OPT_FLAG, 0, 0 },
};
const struct opt_def opts_resume[] = {
	{ "dumpfile", OPT_ARG, O_DUMPFILE, 0 },	   { "undump", OPT_FLAG, O_UNDUMP, 0 },
	{ "resume", OPT_FLAG, O_RESUME, 0 },	   { "kill", OPT_FLAG, O_KILL, 0 },
	{ "skip-remount", OPT_FLAG, O_NOTHING, 0 }, { "skip-fsck", OPT_FLAG, O_NOTHING, 0 },
	OLD_CPT_WORDS,				   { NULL, OPT_FLAG, 0, 0 },
};

/* The one step that was named, 0 for the whole; -1 when two were. */
static int step(struct cli *c)
{
	static const int steps[] = { O_SUSPEND, O_DUMP, O_RESUME, O_KILL, O_UNDUMP };
	int one = 0;

	for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (opt_has(&c->opt, steps[i])) {
			if (one)
				return -1;
			one = steps[i];
		}
	return one;
}

static int bad_steps(struct cli *c)
{
	out_msg(&c->out, -1, "only one step can be named at a time");
	return vz_code_exit(VZ_E_SYNTAX);
}

int cmd_suspend(struct cli *c, struct vz_err *e)
{
	const char *dir = opt_value(&c->opt, O_DUMPFILE);

	switch (step(c)) {
	case -1:
		return bad_steps(c);
	case O_SUSPEND:
		return cmd_done(c, vz_ct_freeze(c->ct, true, c->flags, e), "was frozen", NULL);
	case O_RESUME:
		return cmd_done(c, vz_ct_freeze(c->ct, false, c->flags, e), "was thawed", NULL);
	case O_KILL:
		return cmd_done(c, vz_ct_stop(c->ct, c->flags | VZ_STOP_FAST, e), "was killed",
				"is not running");
	case O_DUMP:
		return cmd_done(c, vz_ct_suspend(c->ct, dir, c->flags | VZ_SUSPEND_KEEP, e),
				"was dumped", NULL);
	default:
		return cmd_done(c, vz_ct_suspend(c->ct, dir, c->flags, e), "was suspended", NULL);
	}
}

int cmd_resume(struct cli *c, struct vz_err *e)
{
	const char *dir = opt_value(&c->opt, O_DUMPFILE);

	switch (step(c)) {
	case -1:
		return bad_steps(c);
	case O_RESUME:
		return cmd_done(c, vz_ct_freeze(c->ct, false, c->flags, e), "was thawed", NULL);
	case O_KILL:
		return cmd_done(c, vz_ct_stop(c->ct, c->flags | VZ_STOP_FAST, e), "was killed",
				"is not running");
	case O_UNDUMP:
		return cmd_done(c, vz_ct_resume(c->ct, dir, c->flags | VZ_RESUME_FROZEN, e),
				"was undumped and is frozen", NULL);
	default:
		return cmd_done(c, vz_ct_resume(c->ct, dir, c->flags, e), "was resumed", NULL);
	}
}
