/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vzubc: the counters of one VPS, where they come from and how they are shown. */
#ifndef VZUBC_INT_H
#define VZUBC_INT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <vz/ubc.h>

struct sheet { /* one VPS */
	uint32_t id;
	struct vz_ubc row[VZ_NUBC];
	bool has[VZ_NUBC];	  /* a file may lack rows */
	int64_t grown[VZ_NUBC];	  /* held, since the last run with -i */
	bool has_grown;
};

struct view {
	bool quiet, color, relative, incremental, verbose;
	double held, maxheld; /* thresholds of quiet and color, as parts of a limit */
};

/* ---- files ---- */

/* The classic table: version and header, or its rows. */
void raw_begin(FILE *out);
void raw_print(FILE *out, const struct sheet *s);
/* Read such a table, or that of /proc/bc/resources; 0, or -1 after a line on standard error. */
int raw_read(const char *path, struct sheet **ret, size_t *ret_n);
/* RUNDIR/user_beancounters: replaced as a whole. */
int raw_publish(const char *path, const struct sheet *s, size_t n);

/* A whole file or none: written beside its place, then renamed. 0 or -1 after a line on standard error. */
int put_file(int dirfd, const char *name, const char *text, size_t len, unsigned mode);

/* ---- what a run remembers for the next ---- */

enum store_kind { STORE_RELATIVE, STORE_INCREMENTAL };
/* A folder that nobody else can write to, made if need be; -1 after a line on standard error. */
int store_open(const char *dir);
/* relative: take the remembered failcnt away, remembering it the first time; incremental: fill `grown`, and
 * remember what is held now. */
int store_apply(int dirfd, enum store_kind kind, struct sheet *s);
int store_clear(int dirfd, enum store_kind kind, uint32_t id);

/* ---- tables ---- */

/* 'b', 'p' or '#': what one of it is. */
char row_unit(unsigned row);
void table_print(FILE *out, const struct sheet *s, const struct view *v);
void sheets_json(FILE *out, const struct sheet *s, size_t n);

#endif
