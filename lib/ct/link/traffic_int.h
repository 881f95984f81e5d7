/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The file of accounts and the counters of the kernel, for ct/link/traffic*.c alone. */
#ifndef VZ_CT_LINK_TRAFFIC_INT_H
#define VZ_CT_LINK_TRAFFIC_INT_H

#include <stdbool.h>
#include <time.h>

#include "base/json.h"
#include "base/str.h"

struct ct;
struct net_count_row;

/* What the kernel has counted for a VPS in its present map. */
struct counted {
	uint32_t id; /* of the map */
	struct net_count_row *v; /* the class is the index */
	uint32_t n;
};

void counted_done(struct counted *c);
/* -ENOENT: nothing counts for it. */
int counted_read(const struct ct *ct, struct counted *ret);
/* The counters go; what is in them should be in the file. */
void counted_drop(const struct ct *ct);

/*
 * { "boot", "saved": when, "seen": { number of the map: { set: [bytes, packets] } }, "sum": { set: [...] },
 *   "month", "prev": see traffic_month.h, "quota": see traffic_quota.c }
 * A set is direction, family and class: "o4_1".
 */
struct accounts {
	const struct ct *ct;
	json_t *file;
	bool changed, turned; /* since the file was read; turned: to another month */
};

void accounts_done(struct accounts *a);
/* What the file says; an empty one when there is none. */
int accounts_read(struct accounts *a, time_t now);
/* The same, and what has been counted since, up to the turn of a month. */
int accounts_add_up(struct accounts *a);
/* The month that it is now. */
int accounts_turn(struct accounts *a);
/* The lock of the VPS is held. */
int accounts_save(struct accounts *a);
/* Now; tests have their own. */
time_t ct_traffic_now(void);

#endif
