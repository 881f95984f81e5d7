/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Command lines: options and words in any order, --name value and --name=value, -x value, -xvalue
 * and -xyz, short forms of long names while they are unambiguous, "--" before words. Options come
 * from two places: a small table of the verb's own, and the library's table of parameters.
 */
#ifndef VZCTL_OPT_H
#define VZCTL_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vz_cfg;
struct vz_err;

enum opt_kind {
	OPT_FLAG, /* no argument */
	OPT_ARG,  /* one argument */
	OPT_REST, /* all that follows belongs to it: "--exec CMD ARG..." */
};

struct opt_def {
	const char *name; /* without dashes; NULL: only a letter */
	enum opt_kind kind;
	int id;	     /* of the caller's choice; two names may share one */
	char letter; /* 0: none */
};

struct opt_spec {
	/* Ended by an entry with neither name nor letter; may be NULL. */
	const struct opt_def *defs;
	/* VZ_PF_SET, VZ_PF_CREATE: which parameters are options; 0: none. */
	uint32_t want;
	/* Where their values go; may be NULL when want is 0. */
	struct vz_cfg *cfg;
	/* The first word ends the options: for flags before a command. */
	bool stop_at_word;
};

struct opt_seen {
	int id;
	const char *value; /* NULL for a flag; the first of the rest for OPT_REST */
};

/* Strings are those of argv. Zero it to begin. */
struct opt_result {
	struct opt_seen *seen; /* the verb's own options in the order given */
	size_t nseen;
	char **words; /* what is no option */
	size_t nwords;
	char **rest; /* behind OPT_REST: the tail of argv, NULL-terminated; else NULL */
};
#define _opt_ __attribute__((cleanup(opt_done)))

/*
 * argv has argc entries and a NULL behind them; argv[0] is looked at, too. Fails with PARAM for an
 * unknown or ambiguous option and a missing or needless argument, and as vz_cfg_set_option() for a
 * bad value.
 */
int opt_parse(int argc, char **argv, const struct opt_spec *spec, struct opt_result *ret,
	      struct vz_err *e);
void opt_done(struct opt_result *r);

bool opt_has(const struct opt_result *r, int id);
size_t opt_count(const struct opt_result *r, int id);
/* Of an option given several times the first value counts; NULL when it was not given. */
const char *opt_value(const struct opt_result *r, int id);

#endif
