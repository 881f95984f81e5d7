/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The file of accounts, for ct/traffic*.c alone. */
#ifndef VZ_CT_LINK_TRAFFIC_INT_H
#define VZ_CT_LINK_TRAFFIC_INT_H

#include <stdbool.h>
#include <time.h>

#include "base/json.h"
#include "base/str.h"

struct ct;
struct knl;

/*
 * { "boot", "saved": when, "seen": { link: { set: [bytes, packets] } }, "sum": { set: [...] },
 *   "month", "prev": see traffic_month.h, "quota": see traffic_quota.c }
 */
struct accounts {
	const struct ct *ct;
	struct knl *k;
	struct strv links;
	struct strv sets[2]; /* of routed links, of the others */
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
