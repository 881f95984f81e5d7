/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words for people: standard output, standard error, log file. */
#ifndef VZCTL_OUT_H
#define VZCTL_OUT_H

#include <stdbool.h>
#include <stdint.h>

struct out {
	const char *tool;    /* "vzctl" */
	bool quiet;	     /* nothing on the terminal */
	int verbose;	     /* levels up to this one are shown */
	int log_level;	     /* levels up to this one go to the file */
	const char *logfile; /* NULL: none */
	uint32_t id;	     /* 0: no VPS is meant */
};

/* Level < 0 to standard error, else to standard output; and to the log file. */
void out_msg(struct out *o, int level, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/*
 * First of all: a standard descriptor that the caller has closed becomes one that reads as empty and cannot be
 * written to, so that no file of ours gets its number and our words.
 */
void out_begin(void);
/* Last of all: flush. Output that could not be written is said, and makes 0 `bad`; else returns r. */
int out_end(const char *tool, int r, int bad);
/* As the library's log sink; arg is a struct out. */
void out_sink(void *arg, int level, const char *text);

#endif
