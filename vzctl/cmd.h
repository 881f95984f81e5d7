/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a verb is given. */
#ifndef VZCTL_CMD_H
#define VZCTL_CMD_H

#include <stdint.h>

#include <vz/vz.h>

#include "opt.h"
#include "out.h"

enum cmd_need {
	NEED_CONF = 1,	  /* <id>.conf must be there */
	NEED_NO_CONF = 2, /* it may be missing */
	NEED_WORDS = 4,	  /* all behind the ID belongs to the command inside */
	NEED_SILENCE = 8, /* only the verb's own line is printed */
};

struct cli {
	struct out out;
	struct vz *vz;
	struct vz_ct *ct;
	uint32_t id;
	unsigned flags; /* VZ_SKIP_LOCK */
	struct opt_result opt;
	struct vz_cfg *cfg; /* parameters given as options */
	char **words;	    /* NEED_WORDS: what follows the ID */
};

/* Each returns the exit status, or a negative errno with *e filled. */
#define CMD(name, fn, opts, want, need, synopsis, help) int fn(struct cli *c, struct vz_err *e);
#include "cmds.def"
#undef CMD

extern const struct opt_def opts_none[], opts_create[], opts_start[], opts_stop[], opts_restart[],
	opts_set[], opts_enter[], opts_suspend[], opts_resume[];

/* The usual end of a verb: 0 says done, > 0 says nothing, < 0 goes on to the caller. */
int cmd_done(struct cli *c, int r, const char *done, const char *nothing);

#endif
