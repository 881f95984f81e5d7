/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vzlist: columns, how their values are found, and the two ways to print them. */
#ifndef VZCTL_VZLIST_H
#define VZCTL_VZLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vz/ubc.h>
#include <vz/vz.h>

/* What no limit is written as. */
#define LIST_UNLIMITED VZ_UBC_UNLIMITED

/* ---- text that grows ---- */

struct text {
	char *data; /* NUL behind it; NULL while empty */
	size_t len, size;
	bool failed; /* out of memory at some time: the content is not whole */
};

void text_add(struct text *t, const char *s, size_t len);
void text_puts(struct text *t, const char *s);
void text_putc(struct text *t, char c);
void text_number(struct text *t, uint64_t v);
void text_done(struct text *t);

/* ---- columns ---- */

/* What kind of value a column has: whether text cuts it, and what JSON makes of it. */
enum shape {
	SHAPE_ID,     /* number, always there */
	SHAPE_NUM,    /* number or null */
	SHAPE_COUNT,  /* number, 0 for unknown */
	SHAPE_STR,    /* string or null; cut to its column */
	SHAPE_WORD,   /* string or null; never cut */
	SHAPE_LIST,   /* array; in text the first one stands for all where there is no room */
	SHAPE_ONOFF,  /* object of booleans or null; in text as a list */
	SHAPE_YESNO,  /* true, false, null */
	SHAPE_BOOL,   /* true, false */
	SHAPE_UBC,    /* family: held, and parts m b l f */
	SHAPE_DISK,   /* family: usage, and parts s h */
	SHAPE_LOAD,   /* array of three, or null */
	SHAPE_UPTIME, /* seconds with three decimals */
};

/* What has to be found out about a VPS, as a set: beside these, VZ_UBC_BIT of the beancounters that are wanted, and
 * VZ_UBC_FAIL. */
#define NEED_TASKS  (1u << 28) /* how many: by far the cheapest figure */
#define NEED_UPTIME (1u << 29)
#define NEED_LIMITS (1u << 30) /* barriers and limits */

struct value {
	enum { VAL_NONE, VAL_NUM, VAL_TEXT } kind;
	uint64_t num;
	char *text; /* owned */
};

struct subject { /* the VPS that is looked at */
	struct vz_ct *ct;
	uint32_t id;
	unsigned status;	/* VZ_ST_ */
	uint64_t tasks;		/* UINT64_MAX: unknown, or not needed */
	double uptime;
	struct vz_ubc ubc[VZ_NUBC];
};

struct column;
struct field { /* a column, or one part of a family */
	const struct column *col;
	char part; /* 0: the column itself */
};

struct column {
	const char *name, *header;
	int width; /* negative: to the left */
	enum shape shape;
	unsigned need; /* of a column that is no family */
	void (*get)(const struct subject *s, const struct field *f, struct value *ret);
	const char *key; /* parameter behind it, NULL: none */
	unsigned row; /* of a family of beancounters: enum vz_ubc_id */
};

/* Walk over all columns: NULL gives the first, NULL comes after the last. */
const struct column *column_next(const struct column *prev);
/* Letters of the parts of a family, "" for what is none. */
const char *column_parts(const struct column *c);
/* "kmemsize.m" to column and part. */
bool field_find(const char *name, size_t len, struct field *ret);
unsigned field_need(const struct field *f, bool json);
void field_get(const struct subject *s, const struct field *f, struct value *ret);
void value_done(struct value *v);
/* A number to sort by; unknown is less than all. Words of a configuration are read as numbers. */
double value_number(const struct value *v);
/* Is it sorted by number? */
bool field_is_number(const struct field *f);

const char *status_word(unsigned status);

/* ---- printing ---- */

struct style {
	bool trim; /* cut to the width of the column */
};
void print_header(struct text *out, const struct field *f, size_t n);
void print_row(struct text *out, const struct subject *s, const struct field *f, size_t n,
	       const struct style *how);
/* One object, without a comma. */
void print_object(struct text *out, const struct subject *s, const struct field *f, size_t n);

/* How many bytes s begins with that are plain ASCII and need no thought in text nor in JSON. */
size_t text_plain(const char *s);

#endif
