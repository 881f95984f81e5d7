/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a verb is given. */
#ifndef VZCTL_CMD_H
#define VZCTL_CMD_H

#include <stdint.h>

#include <vz/vz.h>

#include "opt.h"
#include "out.h"

enum cmd_need {
	NEED_CONF = 1,	   /* <id>.conf must be there */
	NEED_NO_CONF = 2,  /* it may be missing */
	NEED_WORDS = 4,	   /* all behind the ID belongs to the command inside */
	NEED_SILENCE = 8,  /* only the verb's own line is printed */
	NEED_HOST_OK = 16, /* ID 0 is the node itself */
	NEED_OUTPUT = 64,  /* what it prints is what was asked for: it has to get through */
	NEED_NO_CT = 32,   /* the first word is no ID: the verb looks for itself */
};

/* What the options of opts.def are to their verbs. */
enum {
	O_NOTHING = 1, /* taken, no effect */
	O_WAIT, O_FORCE, O_FAST, O_SKIP_UMOUNT, O_SKIP_REMOUNT, O_OSRELEASE, O_CLOUD_INIT, O_REPAIR, O_ENCRYPT, O_SAFE,
	O_SAVE, O_SETMODE, O_RESET_UB, O_APPLYCONFIG, O_APPLYCONFIG_MAP, O_SKIP_ARPDETECT, O_OFFLINE,
	O_CRYPTED, O_DEVICE, O_DEVICE_OPT, O_EXEC, O_START, O_DUMPFILE, O_SUSPEND, O_DUMP, O_RESUME,
	O_KILL, O_UNDUMP, O_HEX, O_SNAP_ID, O_SNAP_NAME, O_SNAP_DESC, O_SKIP_SUSPEND, O_SKIP_CONFIG,
	O_SKIP_RESUME, O_MUST_RESUME, O_TARGET, O_NO_HEADER, O_OUTPUT, O_LIST, O_HELP, O_LAYOUT,
	O_UUID, O_NAME, O_RENEW, O_OSTEMPLATE, O_SKIPBACKUP, O_RESETPWDB, O_UNDO, O_LISTSCRIPTS,
	O_SKIPSCRIPTS, O_SCRIPTS, O_DESC,
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
	const char *verb;
};

/* Each returns the exit status, or a negative errno with *e filled. */
#define CMD(name, fn, opts, want, need, synopsis, help) int fn(struct cli *c, struct vz_err *e);
#include "cmds.def"
#undef CMD

struct opt_doc {
	const char *name; /* NULL ends the table */
	const char *arg;  /* "": takes none */
	const char *help; /* "": not in usage texts */
	char letter;	  /* 0: none */
};
#define OPTS(t)	                                                                                   \
	extern const struct opt_def opts_##t[];                                                    \
	extern const struct opt_doc docs_##t[];
#define OPT(name, kind, id, letter, arg, help)
#define END_OPTS(t)
#include "opts.def"

/* The usual end of a verb: 0 says done, > 0 says nothing, < 0 goes on to the caller. */
int cmd_done(struct cli *c, int r, const char *done, const char *nothing);
/* Words behind the ID that the verb does not take: its exit status after a line, else 0. */
int cmd_left_over(struct cli *c);
/* One line, and the exit status of the code. */
int cmd_refuse(struct cli *c, int code, const char *text);

#endif
