/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Months of traffic: turns, time zones, leap years, clocks that jump; nothing lost, nothing counted twice. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/str.h"
#include "ct/link/traffic_month.h"
#include "tap.h"

static void zone(const char *name)
{
	setenv("TZ", name, 1);
	tzset();
}

static time_t at(int year, int month, int day, int hour, int minute, int second)
{
	struct tm t = { .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_hour = hour,
			.tm_min = minute, .tm_sec = second, .tm_isdst = -1 };

	return mktime(&t);
}

static const char *month(time_t t, unsigned day)
{
	static char out[MONTH_LEN];

	month_from(t, day, out);
	return out;
}

TEST("a month begins at local midnight")
{
	zone("UTC");
	STR_EQ(month(at(2026, 11, 30, 23, 59, 59), 1), "2026-11-01");
	STR_EQ(month(at(2026, 12, 1, 0, 0, 0), 1), "2026-12-01");
	STR_EQ(month(at(2026, 12, 31, 23, 59, 59), 1), "2026-12-01");
	STR_EQ(month(at(2027, 1, 1, 0, 0, 0), 1), "2027-01-01");
	zone("<+14>-14");
	STR_EQ(month(1796083200 - 14 * 3600, 1), "2026-12-01"); /* 2026-12-01 00:00 there */
	STR_EQ(month(1796083200 - 14 * 3600 - 1, 1), "2026-11-01");
	zone("<-12>12");
	STR_EQ(month(1796083200, 1), "2026-11-01");
}

TEST("also with another day than the first, over the year's end and in February")
{
	zone("UTC");
	STR_EQ(month(at(2026, 11, 14, 23, 59, 59), 15), "2026-10-15");
	STR_EQ(month(at(2026, 11, 15, 0, 0, 0), 15), "2026-11-15");
	STR_EQ(month(at(2027, 1, 14, 0, 0, 0), 15), "2026-12-15");
	STR_EQ(month(at(2028, 2, 28, 0, 0, 0), 28), "2028-02-28");
	STR_EQ(month(at(2028, 2, 29, 12, 0, 0), 28), "2028-02-28");
	STR_EQ(month(at(2028, 2, 29, 12, 0, 0), 1), "2028-02-01");
	STR_EQ(month(at(2028, 3, 1, 0, 0, 0), 1), "2028-03-01");
	STR_EQ(month(at(2027, 3, 1, 0, 0, 0), 28), "2027-02-28");
	STR_EQ(month(at(2026, 11, 22, 0, 0, 0), 0), "2026-11-01");
	STR_EQ(month(at(2026, 11, 30, 0, 0, 0), 99), "2026-11-28");
}

TEST("summer time begins and ends without a month of its own")
{
	zone("CET-1CEST,M3.5.0,M10.5.0/3");
	STR_EQ(month(at(2026, 3, 31, 23, 59, 59), 1), "2026-03-01");
	STR_EQ(month(at(2026, 4, 1, 0, 0, 0), 1), "2026-04-01");
	STR_EQ(month(at(2026, 10, 31, 23, 59, 59), 1), "2026-10-01");
	STR_EQ(month(at(2026, 11, 1, 0, 0, 0), 1), "2026-11-01");
	/* The hour of 2026-10-25 that comes twice, on the day that a month begins. */
	for (time_t t = at(2026, 10, 25, 0, 0, 0); t < at(2026, 10, 25, 5, 0, 0); t += 600)
		STR_EQ(month(t, 25), "2026-10-25");
	/* The one of 2026-03-29 that is missing. */
	STR_EQ(month(at(2026, 3, 29, 0, 0, 0) - 1, 28), "2026-03-28");
	/* Midnight itself is missing in some zones. */
	zone("<-04>4<-03>,M9.1.6/24,M4.1.6/24");
	STR_EQ(month(at(2026, 9, 5, 23, 59, 59), 6), "2026-08-06");
	STR_EQ(month(at(2026, 9, 5, 23, 59, 59) + 1, 6), "2026-09-06");
	zone("UTC");
}

TEST("a clock that was never set says nothing")
{
	STR_EQ(month(0, 1), "");
	STR_EQ(month(-1, 1), "");
	STR_EQ(month(1000000000, 1), "");
	STR_EQ(month((time_t)INT64_MAX, 1), "");
}

/* ---- accounts ---- */

static json_t *file(const char *text)
{
	json_t *o = NULL;

	json_parse(text, strlen(text), &o, NULL);
	return o;
}

static void sum(json_t *f, const char *set, json_int_t bytes)
{
	json_t *s = json_object_get(f, "sum");

	if (!s) {
		json_object_set_new(f, "sum", json_object());
		s = json_object_get(f, "sum");
	}
	json_object_set_new(s, set, json_pack("[I,I]", bytes, (json_int_t)1));
}

static uint64_t in, out;

static uint64_t both(json_t *f)
{
	month_use(f, NULL, &in, &out);
	return in + out;
}

static uint64_t before(json_t *f)
{
	in = out = 0;
	month_use_prev(f, NULL, &in, &out);
	return in + out;
}

TEST("what was there before the first month does not count; what comes does, by direction")
{
	_json_ json_t *f = file("{\"sum\":{\"i4_1\":[1000,9],\"o4_1\":[50,1]}}");

	EQ(month_begin(f, "2026-11-01"), 0);
	EQ(month_turn(f, "2026-11-01"), 0);
	EQ(both(f), 0);
	sum(f, "i4_1", 1100);
	sum(f, "o4_1", 55);
	sum(f, "o6_1", 7);
	month_use(f, NULL, &in, &out);
	EQ(in, 100);
	EQ(out, 12);
	EQ(month_begin(f, "2026-12-01"), 0);
	EQ(both(f), 112);
}

TEST("a turn begins at nothing, and the month before is known whole")
{
	_json_ json_t *f = file("{}");

	EQ(month_begin(f, "2026-11-01"), 0);
	sum(f, "i4_1", 500);
	EQ(month_turn(f, "2026-12-01"), 1);
	EQ(both(f), 0);
	EQ(before(f), 500);
	sum(f, "i4_1", 620);
	EQ(month_turn(f, "2026-12-01"), 0);
	EQ(both(f), 120);
	EQ(before(f), 500);
	/* Nobody looked for two months. */
	EQ(month_turn(f, "2027-02-01"), 1);
	EQ(both(f), 0);
	EQ(before(f), 120);
}

TEST("a clock that goes over a turn and back loses nothing")
{
	_json_ json_t *f = file("{}");

	EQ(month_begin(f, "2026-11-01"), 0);
	sum(f, "i4_1", 500);
	EQ(month_turn(f, "2099-01-01"), 1);
	sum(f, "i4_1", 600);
	EQ(month_turn(f, "2026-11-01"), 1);
	EQ(both(f), 600);
	EQ(month_turn(f, ""), 0); /* after a boot without a clock */
	EQ(both(f), 600);
	EQ(month_turn(f, "2026-12-01"), 1);
	EQ(both(f), 0);
	EQ(before(f), 600);
}

TEST("a month that has been called wrongly goes on under its right name")
{
	_json_ json_t *f = file("{}");

	EQ(month_begin(f, "2099-01-01"), 0);
	sum(f, "i4_1", 70);
	EQ(month_turn(f, "2026-11-01"), 1);
	EQ(both(f), 70);
	EQ(month_turn(f, "2026-12-01"), 1);
	EQ(both(f), 0);
}

TEST("classes can be left out; what does not look like accounts is nothing")
{
	_json_ json_t *f = file("{}");
	_json_ json_t *odd = file("{\"sum\":{\"\":[1,1],\"x\":7,\"i4_1\":\"9\",\"o4_1\":[-5,0]},"
				  "\"month\":[],\"prev\":3}");
	_strv_ struct strv without = { 0 };

	EQ(month_begin(f, "2026-11-01"), 0);
	sum(f, "i4_1", 1);
	sum(f, "i4_12", 20);
	sum(f, "o6_1", 300);
	strv_add(&without, "1");
	month_use(f, &without, &in, &out);
	EQ(in, 20);
	EQ(out, 0);
	EQ(both(odd), 0);
	EQ(before(odd), 0);
	EQ(month_turn(odd, "2026-11-01"), 1);
	EQ(both(odd), 0);
}
