// SPDX-License-Identifier: GPL-2.0-or-later
/* suspend and resume, whole and in steps. */
#include <string.h>

#include "cmd.h"

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

/* --flags and --context told the historic kernel something; a wrong number is wrong all the same. */
static bool good_hex(struct cli *c)
{
	for (size_t i = 0; i < c->opt.nseen; i++) {
		const char *s = c->opt.seen[i].value;

		if (c->opt.seen[i].id != O_HEX)
			continue;
		if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
			s += 2;
		if (!*s || strlen(s) > 16 || strspn(s, "0123456789abcdefABCDEF") != strlen(s))
			return false;
	}
	return true;
}

static int check(struct cli *c)
{
	if (step(c) < 0)
		return cmd_refuse(c, VZ_E_SYNTAX, "only one step can be named at a time");
	if (!good_hex(c))
		return cmd_refuse(c, VZ_E_PARAM, "--flags and --context take a hexadecimal number");
	return cmd_left_over(c);
}

int cmd_pause(struct cli *c, struct vz_err *e)
{
	int r = cmd_left_over(c);

	return r ? r : cmd_done(c, vz_ct_freeze(c->ct, true, c->flags, e), "was frozen", NULL);
}

int cmd_suspend(struct cli *c, struct vz_err *e)
{
	const char *dir = opt_value(&c->opt, O_DUMPFILE);
	int bad = check(c);

	if (bad)
		return bad;
	switch (step(c)) {
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
	int bad = check(c);

	if (bad)
		return bad;
	switch (step(c)) {
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
