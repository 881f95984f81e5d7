// SPDX-License-Identifier: GPL-2.0-or-later
/* vzubc: tables for people, and JSON. */
#include "vzubc_int.h"

#include <inttypes.h>
#include <string.h>

#define RED    "\033[31;1m"
#define YELLOW "\033[33m"
#define PLAIN  "\033[0m"

char row_unit(unsigned row)
{
	static const char units[VZ_NUBC] = {
#define UBC_UNIT(id, word, unit) unit,
		VZ_UBCS(UBC_UNIT)
#undef UBC_UNIT
	};

	return units[row];
}

/* Four or five columns; pages and bytes as a size. */
static const char *human(unsigned row, uint64_t v, char *out, size_t size)
{
	static const char letters[] = " KMGTPE";
	double d = (double)v;
	int k = 0;
	char unit = row_unit(row);

	if (v == VZ_UBC_UNKNOWN || v >= VZ_UBC_UNLIMITED || v == 0)
		return "-";
	if (unit == 'p')
		d *= 4096;
	for (; d >= (unit == '#' ? 100000 : 1000) && letters[k + 1]; k++)
		d /= unit == '#' ? 1000 : 1024;
	if (k == 0)
		snprintf(out, size, "%.0f", d);
	else if (d < 10)
		snprintf(out, size, "%.2f%c", d, letters[k]);
	else if (d < 100)
		snprintf(out, size, "%.1f%c", d, letters[k]);
	else
		snprintf(out, size, "%.0f%c", d, letters[k]);
	return out;
}

/* -1: there is no such part. */
static double part(uint64_t of, uint64_t all)
{
	if (of == VZ_UBC_UNKNOWN || all == VZ_UBC_UNKNOWN || all >= VZ_UBC_UNLIMITED || all == 0)
		return -1;
	return (double)of / (double)all;
}

static const char *percent(double d, char *out, size_t size)
{
	if (d < 0)
		return "-";
	snprintf(out, size, d < 0.1 && d > 0 ? "%.1f%%" : "%.0f%%", d > 99.99 ? 9999 : d * 100);
	return out;
}

/* A barrier that guarantees is reached by design. */
static double worst(unsigned row, const struct vz_ubc *u, uint64_t v)
{
	double lim = part(v, u->limit), bar = part(v, u->barrier);

	if (row == VZ_UBC_OOMGUARPAGES || row == VZ_UBC_VMGUARPAGES)
		return lim;
	return lim > bar ? lim : bar;
}

static bool has_failed(const struct vz_ubc *u)
{
	return u->failcnt && u->failcnt != VZ_UBC_UNKNOWN;
}

static bool is_close(unsigned row, const struct vz_ubc *u, const struct view *v)
{
	return worst(row, u, u->held) >= v->held || worst(row, u, u->maxheld) >= v->maxheld;
}

static void header(FILE *out, const struct sheet *s, const struct view *v)
{
	const char *grown = v->incremental ? " +HELD|" : "", *line = v->incremental ? "-------+" : "";
	char who[16];

	snprintf(who, sizeof(who), "CT %u", s->id);
	fprintf(out, "----------------------------------------------------------------%s\n",
		v->incremental ? "--------" : "");
	fprintf(out, "%-13s| HELD Bar%% Lim%%|%s MAXH Bar%% Lim%%| BAR | LIM |%s\n", who, grown,
		v->relative ? " +FAIL" : " FAIL");
	fprintf(out, "-------------+---------------+%s---------------+-----+-----+------\n", line);
}

static void grown_cell(FILE *out, unsigned row, const struct sheet *s)
{
	char num[16], text[16];
	int64_t g = s->grown[row];

	snprintf(text, sizeof(text), "%s%s", g > 0 ? "+" : g < 0 ? "-" : "",
		 human(row, (uint64_t)(g < 0 ? -g : g), num, sizeof(num)));
	fprintf(out, "%7s|", g ? text : "-");
}

static void row_print(FILE *out, unsigned i, const struct sheet *s, const struct view *v)
{
	const struct vz_ubc *u = &s->row[i];
	char a[16], b[16], c[16];
	const char *color = !v->color ? "" : has_failed(u) ? RED : is_close(i, u, v) ? YELLOW : "";

	fprintf(out, "%s%13s|%5s %4s %4s|", color, u->name, human(i, u->held, a, sizeof(a)),
		percent(part(u->held, u->barrier), b, sizeof(b)), percent(part(u->held, u->limit), c, sizeof(c)));
	if (v->incremental)
		grown_cell(out, i, s);
	fprintf(out, "%5s %4s %4s|", human(i, u->maxheld, a, sizeof(a)),
		percent(part(u->maxheld, u->barrier), b, sizeof(b)),
		percent(part(u->maxheld, u->limit), c, sizeof(c)));
	fprintf(out, "%5s|%5s|", human(i, u->barrier, a, sizeof(a)), human(i, u->limit, b, sizeof(b)));
	if (has_failed(u))
		fprintf(out, "%6" PRIu64, u->failcnt);
	else
		fprintf(out, "%6s", "-");
	fprintf(out, "%s\n", *color ? PLAIN : "");
}

void table_print(FILE *out, const struct sheet *s, const struct view *v)
{
	bool begun = false;

	for (unsigned i = 0; i < VZ_NUBC; i++) {
		const struct vz_ubc *u = &s->row[i];

		if (!s->has[i] || (v->quiet && !has_failed(u) && !is_close(i, u, v)))
			continue;
		/* What nobody knows and nobody limits fills the screen only when asked for. */
		if (!v->verbose && u->held == VZ_UBC_UNKNOWN && !has_failed(u) &&
		    (u->limit >= VZ_UBC_UNLIMITED && u->barrier >= VZ_UBC_UNLIMITED))
			continue;
		if (!begun)
			header(out, s, v);
		begun = true;
		row_print(out, i, s, v);
	}
	if (begun)
		fputs("\n", out);
}

static void json_number(FILE *out, const char *key, uint64_t v, const char *behind)
{
	if (v == VZ_UBC_UNKNOWN)
		fprintf(out, "\"%s\": null%s", key, behind);
	else
		fprintf(out, "\"%s\": %" PRIu64 "%s", key, v, behind);
}

void sheets_json(FILE *out, const struct sheet *s, size_t n)
{
	fputs("[", out);
	for (size_t k = 0; k < n; k++) {
		bool first = true;

		fprintf(out, "%s\n  {\n    \"ctid\": %u", k ? "," : "", s[k].id);
		for (unsigned i = 0; i < VZ_NUBC; i++) {
			const struct vz_ubc *u = &s[k].row[i];

			if (!s[k].has[i])
				continue;
			fprintf(out, ",\n    \"%s\": {", u->name);
			json_number(out, "held", u->held, ", ");
			json_number(out, "maxheld", u->maxheld, ", ");
			json_number(out, "barrier", u->barrier, ", ");
			json_number(out, "limit", u->limit, ", ");
			json_number(out, "failcnt", u->failcnt, "}");
			first = false;
		}
		fputs(first ? "}" : "\n  }", out);
	}
	fputs(n ? "\n]\n" : "]\n", out);
}
