// SPDX-License-Identifier: GPL-2.0-or-later
/* vzstat: text, JSON, OpenMetrics. */
#include "vzstat_int.h"

#include <stdlib.h>
#include <string.h>

static const struct look *find(const struct round *r, uint32_t id)
{
	size_t from = 0, to = r ? r->n : 0;

	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (r->v[mid].id == id)
			return &r->v[mid];
		if (r->v[mid].id < id)
			from = mid + 1;
		else
			to = mid;
	}
	return NULL;
}

/* ---- text ---- */

static void size_text(double bytes, char *out, size_t size)
{
	static const char letters[] = "BKMGTPE";
	int k = 0;

	for (; bytes >= 1000 && letters[k + 1]; k++)
		bytes /= 1024;
	snprintf(out, size, k && bytes < 9.95 ? "%.1f%c" : "%.0f%c", bytes, letters[k]);
}

static void cell(const struct metric *m, const struct look *l, const struct look *was, bool rates,
		 char *out, size_t size)
{
	bool rate = rates && m->kind == COUNTER;
	double v = rate ? vzstat_rate(m, l, was) : m->get(l);

	if (v < 0)
		snprintf(out, size, "-");
	else if (m->form == SIZE)
		size_text(v, out, size);
	else if (m->form == PERCENT || (rate && m->form == TIME))
		snprintf(out, size, "%.1f%%", v * 100);
	else if (m->form == TIME)
		snprintf(out, size, "%.0fs", v);
	else
		snprintf(out, size, "%.*f", m->digits, v);
}

void vzstat_text(const struct round *now, const struct round *was, FILE *to)
{
	char text[32];

	for (size_t i = 0; i < vzstat_nmetrics; i++) {
		const struct metric *m = &vzstat_metrics[i];

		if (m->scope != NODE || !m->head)
			continue;
		cell(m, &now->node, was ? &was->node : NULL, was, text, sizeof(text));
		fprintf(to, "%s%s %s", i ? "  " : "", m->head, text);
	}
	fprintf(to, "\n\n%10s %-9s", "CTID", "STATE");
	for (size_t i = 0; i < vzstat_nmetrics; i++)
		if (vzstat_metrics[i].scope == VPS && vzstat_metrics[i].head)
			fprintf(to, " %7s", vzstat_metrics[i].head);
	fprintf(to, " NAME\n");
	for (size_t k = 0; k < now->n; k++) {
		const struct look *l = &now->v[k], *before = find(was, l->id);

		fprintf(to, "%10u %-9s", l->id, l->state);
		for (size_t i = 0; i < vzstat_nmetrics; i++) {
			const struct metric *m = &vzstat_metrics[i];

			if (m->scope != VPS || !m->head)
				continue;
			cell(m, l, before, was, text, sizeof(text));
			fprintf(to, " %7s", text);
		}
		fprintf(to, " %s\n", l->name[0] ? l->name : "-");
	}
}

/* ---- JSON ---- */

static void number(struct json *j, const char *key, double v, int digits)
{
	if (v < 0)
		jw_str(j, key, NULL);
	else
		jw_fixed(j, key, v, digits);
}

static void object(struct json *j, enum scope scope, const struct look *l, const struct look *was,
		   bool rates)
{
	for (size_t i = 0; i < vzstat_nmetrics; i++)
		if (vzstat_metrics[i].scope == scope)
			number(j, vzstat_metrics[i].key, vzstat_metrics[i].get(l), vzstat_metrics[i].digits);
	if (!rates)
		return;
	jw_open(j, "rates", '{');
	for (size_t i = 0; i < vzstat_nmetrics; i++)
		if (vzstat_metrics[i].scope == scope && vzstat_metrics[i].kind == COUNTER)
			number(j, vzstat_metrics[i].key, vzstat_rate(&vzstat_metrics[i], l, was), 4);
	jw_close(j);
}

static void traffic(struct json *j, const struct look *l)
{
	jw_open(j, "traffic", '[');
	for (size_t i = 0; i < l->ntraffic; i++) {
		const struct vz_traffic *t = &l->traffic[i];

		jw_open(j, NULL, '{');
		jw_num(j, "class", t->net_class);
		jw_num(j, "family", t->family);
		jw_num(j, "in_bytes", t->in_bytes);
		jw_num(j, "in_packets", t->in_packets);
		jw_num(j, "out_bytes", t->out_bytes);
		jw_num(j, "out_packets", t->out_packets);
		jw_close(j);
	}
	jw_close(j);
}

bool vzstat_json(const struct round *now, const struct round *was, FILE *to)
{
	struct json j = { 0 };
	bool good;

	jw_open(&j, NULL, '{');
	jw_open(&j, "node", '{');
	object(&j, NODE, &now->node, was ? &was->node : NULL, was);
	jw_close(&j);
	jw_open(&j, "vps", '[');
	for (size_t i = 0; i < now->n; i++) {
		jw_open(&j, NULL, '{');
		jw_num(&j, "ctid", now->v[i].id);
		jw_str(&j, "name", now->v[i].name);
		jw_str(&j, "state", now->v[i].state);
		object(&j, VPS, &now->v[i], find(was, now->v[i].id), was);
		traffic(&j, &now->v[i]);
		jw_close(&j);
	}
	jw_close(&j);
	jw_close(&j);
	good = jw_print(&j, to);
	jw_done(&j);
	return good;
}

/* ---- OpenMetrics ---- */

/* Value of a label: backslash, quote and newline are escaped. */
static void label(const char *s, FILE *to)
{
	for (; *s; s++) {
		if (*s == '\\' || *s == '"')
			putc('\\', to);
		if (*s == '\n')
			fputs("\\n", to);
		else
			putc(*s, to);
	}
}

static void who(const struct look *l, FILE *to)
{
	fprintf(to, "ctid=\"%u\",name=\"", l->id);
	label(l->name, to);
	putc('"', to);
}

static void head(const char *prefix, const char *family, const char *type, const char *unit,
		 const char *help, FILE *to)
{
	fprintf(to, "# TYPE mainvz_%s_%s %s\n", prefix, family, type);
	if (*unit)
		fprintf(to, "# UNIT mainvz_%s_%s %s\n", prefix, family, unit);
	fprintf(to, "# HELP mainvz_%s_%s %s\n", prefix, family, help);
}

static void sample(const struct metric *m, const struct look *l, FILE *to)
{
	double v = m->get(l);
	bool braces = m->scope == VPS || *m->labels;

	if (v < 0)
		return;
	fprintf(to, "mainvz_%s_%s%s%s", m->scope == VPS ? "vps" : "node", m->family,
		m->kind == COUNTER ? "_total" : "", braces ? "{" : "");
	if (m->scope == VPS)
		who(l, to);
	fprintf(to, "%s%s%s %.*f\n", m->scope == VPS && *m->labels ? "," : "", m->labels,
		braces ? "}" : "", m->digits, v);
}

/* Bytes, then packets: a family may not be interrupted. */
static void traffic_family(const struct round *now, bool packets, FILE *to)
{
	const char *unit = packets ? "packets" : "bytes", *family = packets ? "traffic_packets" : "traffic_bytes";

	head("vps", family, "counter", unit,
	     "Traffic by class of the peer's network, over all starts, as the VPS sees it.", to);
	for (size_t i = 0; i < now->n; i++) {
		for (size_t k = 0; k < now->v[i].ntraffic * 2; k++) {
			const struct vz_traffic *t = &now->v[i].traffic[k / 2];
			uint64_t in = packets ? t->in_packets : t->in_bytes;
			uint64_t out = packets ? t->out_packets : t->out_bytes;

			fprintf(to, "mainvz_vps_%s_total{", family);
			who(&now->v[i], to);
			fprintf(to, ",class=\"%u\",family=\"ipv%u\",direction=\"%s\"} %llu\n", t->net_class,
				t->family, k % 2 ? "out" : "in", (unsigned long long)(k % 2 ? out : in));
		}
	}
}

static bool same_family(const struct metric *a, const struct metric *b)
{
	return a->scope == b->scope && strcmp(a->family, b->family) == 0;
}

void vzstat_openmetrics(const struct round *now, FILE *to)
{
	for (size_t i = 0, next; i < vzstat_nmetrics; i = next) {
		const struct metric *m = &vzstat_metrics[i];

		for (next = i + 1; next < vzstat_nmetrics && same_family(m, &vzstat_metrics[next]); next++)
			;
		head(m->scope == VPS ? "vps" : "node", m->family, m->kind == COUNTER ? "counter" : "gauge",
		     m->unit, m->help, to);
		for (size_t k = 0; k < (m->scope == VPS ? now->n : 1); k++)
			for (size_t row = i; row < next; row++)
				sample(&vzstat_metrics[row], m->scope == VPS ? &now->v[k] : &now->node, to);
	}
	traffic_family(now, false, to);
	traffic_family(now, true, to);
	fprintf(to, "# EOF\n");
}
