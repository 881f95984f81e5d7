/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Traffic by month, as two marks in the file of accounts: "month": { "from": "2026-11-01", "base": sums at its
 * beginning }, and "prev", the one before. Pure: the clock is the caller's.
 */
#ifndef VZ_CT_LINK_TRAFFIC_MONTH_H
#define VZ_CT_LINK_TRAFFIC_MONTH_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/json.h"

struct strv;

#define MONTH_LEN sizeof("2026-11-01")

/* First day, local time, of the month that begins with that day (1 to 28; 0 is 1) and that `now` is in. Before
 * 2024 no clock is right: "". */
void month_from(time_t now, unsigned day, char out[MONTH_LEN]);
/* Accounts without months get one that begins with what they have. "" for from: nothing. */
int month_begin(json_t *file, const char *from);
/*
 * It is the month of `from` now: 1 when that is another than it was, 0, or -ENOMEM. What was counted belongs to the
 * old one. A clock that goes back finds the month before as it was.
 */
int month_turn(json_t *file, const char *from);
/* Bytes of the month so far, without those of classes in `without` (numbers as text; may be NULL). */
void month_use(const json_t *file, const struct strv *without, uint64_t *ret_in, uint64_t *ret_out);
/* The same of the whole month before; false when it is not known. */
bool month_use_prev(const json_t *file, const struct strv *without, uint64_t *ret_in,
		    uint64_t *ret_out);

#endif
