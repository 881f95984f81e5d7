/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vzstat, its own: one table of figures, and the three forms in which they are told. */
#ifndef VZSTAT_INT_H
#define VZSTAT_INT_H

#include "json.h"
#include "tool.h"

#include <vz/stat.h>
#include <vz/traffic.h>
#include <vz/ubc.h>

struct look { /* at one VPS, or at the node */
	uint32_t id; /* 0: the node */
	char name[128];
	const char *state;
	bool running;
	double when; /* seconds after boot */
	struct vz_stat s; /* while it runs */
	struct vz_usage u;
	struct vz_traffic *traffic;
	size_t ntraffic;
	struct vz_node_stat node; /* of the node only */
	uint64_t vps, vps_running;
};

struct round {
	struct look node, *v; /* v: by id */
	size_t n;
};

enum kind { GAUGE, COUNTER };
enum scope { NODE, VPS };
enum form { PLAIN, SIZE, TIME, PERCENT }; /* in columns */

/* Rows of one family stand together and differ in labels. */
struct metric {
	enum scope scope;
	const char *key;    /* in JSON */
	const char *family; /* behind mainvz_node_ or mainvz_vps_, without _total */
	enum kind kind;
	const char *unit;   /* the end of the family's name; "": none */
	const char *labels; /* "" or 'a="b",c="d"' */
	const char *head;   /* of the column; NULL: none */
	const char *help;
	int digits; /* behind the point */
	enum form form;
	double (*get)(const struct look *l); /* < 0: not known */
};

extern const struct metric vzstat_metrics[];
extern const size_t vzstat_nmetrics;

/* Per second since the round before; < 0: not known. */
double vzstat_rate(const struct metric *m, const struct look *now, const struct look *was);
/* was: NULL in the first round; so below. */
void vzstat_text(const struct round *now, const struct round *was, FILE *to);
bool vzstat_json(const struct round *now, const struct round *was, FILE *to);
void vzstat_openmetrics(const struct round *now, FILE *to);

#endif
