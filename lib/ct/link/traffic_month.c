/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Months of accounts: marks of what the sums were when each began. */
#include "ct/link/traffic_month.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define EPOCH 1704067200 /* 2024-01-01: a clock that says less was never set */

void month_from(time_t now, unsigned day, char out[MONTH_LEN])
{
	struct tm t;
	int year, month;

	out[0] = '\0';
	if (now < EPOCH || !localtime_r(&now, &t) || t.tm_year > 8000)
		return;
	day = day < 1 ? 1 : day > 28 ? 28 : day;
	year = t.tm_year + 1900;
	month = t.tm_mon + 1;
	if (t.tm_mday < (int)day && --month == 0) {
		month = 12;
		year--;
	}
	snprintf(out, MONTH_LEN, "%04u-%02u-%02u", (unsigned)year % 10000, (unsigned)month % 100, day);
}

static const char *begins(const json_t *file, const char *which)
{
	const char *from = json_string_value(json_object_get(json_object_get(file, which), "from"));

	return from ? from : "";
}

static int mark(json_t *file, const char *from)
{
	json_t *sum = json_object_get(file, "sum");
	json_t *base = sum ? json_deep_copy(sum) : json_object();
	json_t *month = json_pack("{s:s,s:o}", "from", from, "base", base);

	return month && json_object_set_new(file, "month", month) == 0 ? 0 : -ENOMEM;
}

int month_begin(json_t *file, const char *from)
{
	return !*from || *begins(file, "month") ? 0 : mark(file, from);
}

/* Back to the month before, when that is where the clock is now; else the month has been called wrongly. */
static int go_back(json_t *file, const char *from)
{
	json_t *month = json_object_get(file, "month");
	int r;

	if (strcmp(begins(file, "prev"), from) == 0) {
		r = json_object_set(file, "month", json_object_get(file, "prev"));
		json_object_del(file, "prev");
	} else {
		r = json_object_set_new(month, "from", json_string(from));
	}
	return r < 0 ? -ENOMEM : 1;
}

int month_turn(json_t *file, const char *from)
{
	int way = strcmp(from, begins(file, "month")), r;

	if (!*from || way == 0)
		return 0;
	if (!*begins(file, "month"))
		return mark(file, from) < 0 ? -ENOMEM : 1;
	if (way < 0)
		return go_back(file, from);
	r = json_object_set(file, "prev", json_object_get(file, "month"));
	return r < 0 || mark(file, from) < 0 ? -ENOMEM : 1;
}

static uint64_t bytes_of(const json_t *sums, const char *set)
{
	json_int_t v = json_integer_value(json_array_get(json_object_get(sums, set), 0));

	return v > 0 ? (uint64_t)v : 0;
}

/* "o4_1": direction, family, class. */
static void difference(const json_t *sum, const json_t *base, const struct strv *without,
		       uint64_t *ret_in, uint64_t *ret_out)
{
	const char *set;
	json_t *v;

	*ret_in = *ret_out = 0;
	json_object_foreach((json_t *)sum, set, v) {
		uint64_t now = bytes_of(sum, set), was = bytes_of(base, set);

		if (strlen(set) < 4 || (without && strv_has(without, set + 3)) || now < was)
			continue;
		*(set[0] == 'o' ? ret_out : ret_in) += now - was;
	}
}

void month_use(const json_t *file, const struct strv *without, uint64_t *ret_in, uint64_t *ret_out)
{
	difference(json_object_get(file, "sum"),
		   json_object_get(json_object_get(file, "month"), "base"), without, ret_in, ret_out);
}

bool month_use_prev(const json_t *file, const struct strv *without, uint64_t *ret_in,
		    uint64_t *ret_out)
{
	difference(json_object_get(json_object_get(file, "month"), "base"),
		   json_object_get(json_object_get(file, "prev"), "base"), without, ret_in, ret_out);
	return *begins(file, "prev");
}
