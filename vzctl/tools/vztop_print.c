// SPDX-License-Identifier: GPL-2.0-or-later
/* vztop: the columns, lines of text and JSON. */
#include "vztop_int.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

void top_size(double bytes, char *out, size_t size)
{
	static const char letters[] = "BKMGTPE";
	int k = 0;

	if (bytes < 0) {
		snprintf(out, size, "-");
		return;
	}
	for (; bytes >= 1000 && letters[k + 1]; k++)
		bytes /= 1024;
	snprintf(out, size, k && bytes < 9.95 ? "%.1f%c" : "%.0f%c", bytes, letters[k]);
}

static double figure(uint64_t v)
{
	return v == UINT64_MAX ? -1 : (double)v;
}

/* ---- columns ---- */

#define NUMBER(name, expression)                                                                   \
	static double n_##name(const struct top_ct *c)                                             \
	{                                                                                          \
		return expression;                                                                 \
	}
#define SIZE(name)                                                                                 \
	static void t_##name(const struct top_ct *c, char *out, size_t size)                       \
	{                                                                                          \
		top_size(n_##name(c), out, size);                                                  \
	}
#define PERCENT(name)                                                                              \
	static void t_##name(const struct top_ct *c, char *out, size_t size)                       \
	{                                                                                          \
		if (n_##name(c) < 0)                                                               \
			snprintf(out, size, "-");                                                  \
		else                                                                               \
			snprintf(out, size, "%.1f", n_##name(c));                                  \
	}
#define COUNT(name)                                                                                \
	static void t_##name(const struct top_ct *c, char *out, size_t size)                       \
	{                                                                                          \
		if (n_##name(c) < 0)                                                               \
			snprintf(out, size, "-");                                                  \
		else                                                                               \
			snprintf(out, size, "%.0f", n_##name(c));                                  \
	}

static double both(double a, double b)
{
	return a < 0 || b < 0 ? -1 : a + b;
}

NUMBER(ctid, c->id)
COUNT(ctid)
NUMBER(cpu, c->cpu)
PERCENT(cpu)
NUMBER(mem, figure(c->now.mem))
SIZE(mem)
NUMBER(limit, figure(c->now.mem_max))
SIZE(limit)
NUMBER(swap, figure(c->now.swap))
SIZE(swap)
NUMBER(psi_cpu, c->psi_cpu)
PERCENT(psi_cpu)
NUMBER(psi_mem, c->psi_mem)
PERCENT(psi_mem)
NUMBER(psi_io, c->psi_io)
PERCENT(psi_io)
NUMBER(io_read, c->io_read)
SIZE(io_read)
NUMBER(io_write, c->io_write)
SIZE(io_write)
NUMBER(net_in, c->net_in)
SIZE(net_in)
NUMBER(net_out, c->net_out)
SIZE(net_out)
NUMBER(procs, figure(c->now.tasks))
COUNT(procs)
NUMBER(fail, (double)c->fail)
COUNT(fail)
NUMBER(io, both(c->io_read, c->io_write))
NUMBER(net, both(c->net_in, c->net_out))

const struct top_column top_columns[] = {
	{ "ctid", "CTID", 10, 'N', n_ctid, t_ctid },
	{ "cpu", "CPU%", 6, 'c', n_cpu, t_cpu },
	{ "mem", "MEM", 5, 'm', n_mem, t_mem },
	{ "limit", "LIMIT", 5, 0, n_limit, t_limit },
	{ "swap", "SWAP", 5, 'w', n_swap, t_swap },
	{ "psi_cpu", "pCPU", 5, 'C', n_psi_cpu, t_psi_cpu },
	{ "psi_mem", "pMEM", 5, 'M', n_psi_mem, t_psi_mem },
	{ "psi_io", "pIO", 5, 'I', n_psi_io, t_psi_io },
	{ "io_read", "IO-R", 5, 0, n_io_read, t_io_read },
	{ "io_write", "IO-W", 5, 0, n_io_write, t_io_write },
	{ "net_in", "NETIN", 5, 0, n_net_in, t_net_in },
	{ "net_out", "NETOUT", 6, 0, n_net_out, t_net_out },
	{ "procs", "PROCS", 5, 'p', n_procs, t_procs },
	{ "fail", "FAIL", 5, 'x', n_fail, t_fail },
	{ "io", "", 0, 'i', n_io, NULL },
	{ "net", "", 0, 'n', n_net, NULL },
	{ "name", "", 0, 'a', NULL, NULL },
};
const size_t top_ncolumns = sizeof(top_columns) / sizeof(top_columns[0]);

const struct top_column *top_column(const char *key, char letter)
{
	for (size_t i = 0; i < top_ncolumns; i++)
		if (key ? strcmp(top_columns[i].key, key) == 0 : top_columns[i].letter == letter)
			return &top_columns[i];
	return NULL;
}

/* ---- lines ---- */

static void append(char *out, size_t size, const char *text, int width)
{
	size_t len = strlen(out);

	if (len + 1 < size)
		snprintf(out + len, size - len, "%s%*s", len ? " " : "", width, text);
}

void top_header(char *out, size_t size)
{
	*out = '\0';
	for (size_t i = 0; i < top_ncolumns; i++)
		if (top_columns[i].text)
			append(out, size, top_columns[i].header, top_columns[i].width);
	append(out, size, "NAME", 0);
}

void top_line(const struct top_ct *c, char *out, size_t size)
{
	char cell[32];

	*out = '\0';
	for (size_t i = 0; i < top_ncolumns; i++) {
		if (!top_columns[i].text)
			continue;
		top_columns[i].text(c, cell, sizeof(cell));
		append(out, size, cell, top_columns[i].width);
	}
}

void top_node_lines(const struct top *t, char *first, char *second, size_t size)
{
	const struct vz_node_stat *s = &t->node;
	char when[16], cpu[16] = "-", m[4][16];
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	strftime(when, sizeof(when), "%H:%M:%S", &tm);
	if (t->node_cpu >= 0)
		snprintf(cpu, sizeof(cpu), "%.1f%%", t->node_cpu);
	top_size((double)(s->mem - (s->mem_free < s->mem ? s->mem_free : s->mem)), m[0], sizeof(m[0]));
	top_size((double)s->mem, m[1], sizeof(m[1]));
	top_size((double)(s->swap - (s->swap_free < s->swap ? s->swap_free : s->swap)), m[2], sizeof(m[2]));
	top_size((double)s->swap, m[3], sizeof(m[3]));
	snprintf(first, size, "vztop %s  up %.0f days %02.0f:%02.0f  load %.2f %.2f %.2f  %zu VPSs running", when,
		 (double)(int64_t)(s->when / 86400), (double)((int64_t)s->when / 3600 % 24),
		 (double)((int64_t)s->when / 60 % 60), s->load[0], s->load[1], s->load[2], t->n);
	snprintf(second, size, "CPU %s of %" PRIu64 "  memory %s of %s  swap %s of %s  pressure cpu %.1f mem %.1f io %.1f",
		 cpu, s->cpus, m[0], m[1], m[2], m[3], figure(s->pressure.cpu) / 100, figure(s->pressure.mem) / 100,
		 figure(s->pressure.io) / 100);
}

void top_text(const struct top *t, FILE *out)
{
	char a[512], b[512];

	top_node_lines(t, a, b, sizeof(a));
	fprintf(out, "%s\n%s\n", a, b);
	top_header(a, sizeof(a));
	fprintf(out, "%s\n", a);
	for (size_t i = 0; i < t->n; i++) {
		if (!t->ct[i]->matches)
			continue;
		top_line(t->ct[i], a, sizeof(a));
		fprintf(out, "%s%s%s\n", a, *t->ct[i]->name ? " " : "", t->ct[i]->name);
	}
}

/* ---- JSON ---- */

static void put_string(FILE *out, const char *s)
{
	putc('"', out);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			putc('\\', out);
		putc(*s, out);
	}
	putc('"', out);
}

static void put_number(FILE *out, const char *key, double v, const char *before)
{
	if (v < 0)
		fprintf(out, "%s\"%s\": null", before, key);
	else if (v >= 1e6 || v == (double)(int64_t)v)
		fprintf(out, "%s\"%s\": %.0f", before, key, v);
	else
		fprintf(out, "%s\"%s\": %.2f", before, key, v);
}

static void put_ct(FILE *out, const struct top_ct *c)
{
	const char *before = "{";

	for (size_t i = 0; i < top_ncolumns; i++) {
		if (!top_columns[i].text)
			continue;
		put_number(out, top_columns[i].key, top_columns[i].value(c), before);
		before = ", ";
	}
	put_number(out, "swap_limit", figure(c->now.swap_max), ", ");
	put_number(out, "procs_limit", figure(c->now.tasks_max), ", ");
	put_number(out, "uptime", c->now.uptime, ", ");
	put_number(out, "cpu_usec", figure(c->now.cpu_usec), ", ");
	put_number(out, "io_read_bytes", figure(c->now.io_read), ", ");
	put_number(out, "io_write_bytes", figure(c->now.io_write), ", ");
	put_number(out, "net_in_bytes", figure(c->now.net_in), ", ");
	put_number(out, "net_out_bytes", figure(c->now.net_out), ", ");
	fputs(", \"name\": ", out);
	put_string(out, c->name);
	fputs("}", out);
}

/* One line for each round: a reader need not know where one ends. */
void top_json(const struct top *t, FILE *out)
{
	const struct vz_node_stat *s = &t->node;
	bool first = true;

	fprintf(out, "{\"node\": {\"load\": [%.2f, %.2f, %.2f]", s->load[0], s->load[1], s->load[2]);
	put_number(out, "cpus", (double)s->cpus, ", ");
	put_number(out, "cpu", t->node_cpu, ", ");
	put_number(out, "mem", (double)s->mem, ", ");
	put_number(out, "mem_free", (double)s->mem_free, ", ");
	put_number(out, "swap", (double)s->swap, ", ");
	put_number(out, "swap_free", (double)s->swap_free, ", ");
	put_number(out, "psi_cpu", figure(s->pressure.cpu) / 100, ", ");
	put_number(out, "psi_mem", figure(s->pressure.mem) / 100, ", ");
	put_number(out, "psi_io", figure(s->pressure.io) / 100, ", ");
	fputs("}, \"vps\": [", out);
	for (size_t i = 0; i < t->n; i++) {
		if (!t->ct[i]->matches)
			continue;
		fputs(first ? "" : ", ", out);
		put_ct(out, t->ct[i]);
		first = false;
	}
	fputs("]}\n", out);
}
