/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vztop: samples become rates; rates become lines, JSON or a screen. */
#ifndef VZTOP_INT_H
#define VZTOP_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <vz/proc.h>
#include <vz/stat.h>

#include "tool.h"

enum { TOP_HISTORY = 32, TOP_NAME = 128 };

struct top_proc {
	struct vz_proc p;
	double cpu; /* per cent of one CPU, -1: not known yet */
};

struct top_ct { /* one VPS that runs */
	uint32_t id;
	char name[TOP_NAME]; /* tame: host name, or name, or "" */
	struct vz_stat now;
	unsigned samples; /* of this start */
	bool seen;	  /* in this round */
	bool matches;	  /* the filter */
	/* Rates; -1: not known yet. */
	double cpu; /* per cent of one CPU */
	double io_read, io_write, net_in, net_out; /* bytes a second */
	double psi_cpu, psi_mem, psi_io;	   /* per cent, -1: unknown */
	uint64_t fail_base, fail;		   /* since vztop began */
	float history[TOP_HISTORY];		   /* of cpu, the last is the newest */
	bool open;				   /* its processes are shown */
	struct top_proc *procs;
	size_t nprocs;
};

struct top_column {
	const char *key;    /* to sort by, and in JSON */
	const char *header;
	int width;
	char letter;	    /* chooses it on the screen */
	double (*value)(const struct top_ct *c); /* NULL: by name */
	void (*text)(const struct top_ct *c, char *out, size_t size); /* NULL: not a column */
};
extern const struct top_column top_columns[];
extern const size_t top_ncolumns;

struct top {
	struct tool t;
	struct vz_node_stat node, node_was;
	double node_cpu; /* per cent of all CPUs, -1: not known yet */
	struct top_ct **ct; /* all, in the order of the last sort */
	size_t n, size;
	const struct top_column *by;
	bool reverse;
	char filter[64];
	uint32_t *only; /* these VPSs */
	size_t nonly;
	uint64_t rounds;
	/* A round that is under way. */
	struct vz_look *look;
	uint32_t *ids;
	size_t nids, at;
};

/* One round in pieces, so that a screen stays alive with very many VPSs. step: 1 more to do, 0 done, -1 failed. */
int top_begin(struct top *t, struct vz_err *e);
int top_step(struct top *t, size_t most);
void top_sort(struct top *t);
void top_match(struct top *t);
/* Processes of one, with the share of CPU since the last time. */
void top_read_procs(struct top *t, struct top_ct *c);
void top_done(struct top *t);
const struct top_column *top_column(const char *key, char letter);
bool top_is_busy(const struct top *t);

/* "1.2G"; 5 columns at most. */
void top_size(double bytes, char *out, size_t size);
void top_node_lines(const struct top *t, char *first, char *second, size_t size);
void top_header(char *out, size_t size);
/* All columns but the name; its place is at the end. */
void top_line(const struct top_ct *c, char *out, size_t size);
void top_text(const struct top *t, FILE *out);
void top_json(const struct top *t, FILE *out);

/* Until the user ends it. */
int top_screen(struct top *t, double delay);

#endif
