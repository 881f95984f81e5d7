// SPDX-License-Identifier: GPL-2.0-or-later
/* vzps: ps with a column for the VPS. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tool.h"
#include "vzps_int.h"

#include <vz/text.h>

enum {
	O_ALL, O_FULL, O_FORMAT, O_CT, O_SORT, O_NO_HEADER, O_JSON, O_PID, O_COMM, O_USER, O_WIDE, O_FIELDS,
	O_HELP,
};

static const struct opt_def options[] = {
	{ "all", OPT_FLAG, O_ALL, 'e' },	 { NULL, OPT_FLAG, O_ALL, 'A' },
	{ "full", OPT_FLAG, O_FULL, 'f' },	 { "format", OPT_ARG, O_FORMAT, 'o' },
	{ "ctid", OPT_ARG, O_CT, 'E' },		 { "sort", OPT_ARG, O_SORT, 0 },
	{ "no-headers", OPT_FLAG, O_NO_HEADER, 0 }, { "json", OPT_FLAG, O_JSON, 'j' },
	{ "pid", OPT_ARG, O_PID, 'p' },		 { NULL, OPT_ARG, O_COMM, 'C' },
	{ "user", OPT_ARG, O_USER, 'u' },	 { "wide", OPT_FLAG, O_WIDE, 'w' },
	{ "list", OPT_FLAG, O_FIELDS, 'L' },	 { "help", OPT_FLAG, O_HELP, 0 },
	{ NULL, OPT_FLAG, 0, 0 },
};

static const char usage_text[] =
	"Usage: vzps [-e | -E ID|NAME[,...] | -p PID[,...] | -C NAME | -u USER] [-f] [-o FIELD[,...]]\n"
	"            [--sort [-]FIELD[,...]] [--no-headers] [-w] [-j]\n"
	"       vzps [aux] [ww] ...\n"
	"       vzps -L\n"
	"  -e, -A, --all    all processes of the node and its VPSs\n"
	"  -E, --ctid ID|NAME,...  all processes of these VPSs; 0 is the node itself\n"
	"  -p, --pid PID,...  these processes\n"
	"  -C NAME          processes with that name\n"
	"  -u, --user USER  processes of a user, by name inside its VPS or by number\n"
	"  -f, --full       more fields\n"
	"  -o, --format FIELD,...  these fields; FIELD=TEXT gives one another header\n"
	"  -L, --list       names of all fields\n"
	"  --sort FIELD,... sort; - before a field reverses\n"
	"  --no-headers     no line of headers\n"
	"  -w, --wide       whole lines, on a terminal, too\n"
	"  -j, --json       JSON\n"
	"Letters without a dash, as in \"vzps aux\": a, x all processes, u fields for people, w wide, h no header.\n"
	"Without any choice: the processes of this terminal and user.\n";

enum { FIELDS_MAX = 64, IDS_MAX = 1024, CELL = 4200 };

struct field {
	const struct ps_column *c;
	char header[64];
};

struct ps {
	struct tool t;
	struct field f[FIELDS_MAX];
	size_t nf;
	const struct ps_column *by[8];
	bool reverse[8];
	size_t nby;
	uint32_t ct[IDS_MAX], pid[IDS_MAX];
	size_t nct, npid;
	bool all, user_style, no_header, wide;
	unsigned need;
	struct ps_node node;
	struct vz_proc *p;
	size_t n, size;
};

/* ---- what was asked for ---- */

static int fail(const char *what, const char *word, size_t len)
{
	char cut[64], shown[64];

	len = len < sizeof(cut) - 1 ? len : sizeof(cut) - 1;
	memcpy(cut, word, len);
	cut[len] = '\0';
	vz_text_tame(cut, shown, sizeof(shown));
	fprintf(stderr, "vzps: %s '%s'\n", what, shown);
	return 1;
}

static int add_field(struct ps *ps, const char *name, size_t len, const char *header)
{
	const struct ps_column *c = ps_column_find(name, len);

	if (!c)
		return fail("unknown field", name, len);
	if (ps->nf == FIELDS_MAX)
		return fail("too many fields", name, len);
	ps->f[ps->nf].c = c;
	vz_text_tame(header ? header : c->header, ps->f[ps->nf].header, sizeof(ps->f[0].header));
	ps->nf++;
	ps->need |= ps_column_need(c);
	return 0;
}

/* "pid,user,args", "pid=NUMBER,comm=" */
static int take_format(struct ps *ps, const char *list)
{
	for (const char *p = list; *p; p += strspn(p, ", ")) {
		size_t len = strcspn(p, ", ="), more = p[len] == '=' ? strcspn(p + len + 1, ",") : 0;
		char header[64];

		if (more >= sizeof(header))
			return fail("too long a header", p, len);
		memcpy(header, more ? p + len + 1 : "", more);
		header[more] = '\0';
		if (add_field(ps, p, len, p[len] == '=' ? header : NULL))
			return 1;
		p += len + (p[len] == '=') + more;
	}
	return *list ? 0 : fail("no field in", "", 0);
}

static int choose_fields(struct ps *ps)
{
	const struct opt_result *o = &ps->t.opt;
	bool some = false;

	for (size_t i = 0; i < o->nseen; i++) {
		if (o->seen[i].id != O_FORMAT)
			continue;
		some = true;
		if (take_format(ps, o->seen[i].value))
			return 1;
	}
	if (some)
		return 0;
	if (ps->user_style)
		return take_format(ps, "ctid,user,pid,pcpu,pmem,vsz,rss,tty,stat,start,bsdtime,args");
	if (opt_has(o, O_FULL))
		return take_format(ps, "ctid,user,pid,ppid,c,stime,tty,time,args");
	if (opt_has(o, O_JSON)) {
		int r = 0;

		for (const struct ps_column *c = NULL; r == 0 && (c = ps_column_next(c));)
			r = add_field(ps, c->name, strlen(c->name), NULL);
		return r;
	}
	return take_format(ps, "ctid,pid,tty,time,comm");
}

static int choose_order(struct ps *ps)
{
	const char *p = opt_value(&ps->t.opt, O_SORT);

	for (; p && *p; p += strspn(p, ",")) {
		bool reverse = *p == '-';
		size_t len;

		p += reverse || *p == '+';
		len = strcspn(p, ",");
		if (ps->nby == 8 || !(ps->by[ps->nby] = ps_column_find(p, len)))
			return fail("cannot sort by", p, len);
		ps->need |= ps_column_need(ps->by[ps->nby]);
		ps->reverse[ps->nby++] = reverse;
		p += len;
	}
	return 0;
}

static int take_pids(struct ps *ps, const char *list)
{
	for (const char *p = list; *p; p += strspn(p, ", ")) {
		size_t len = strcspn(p, ", ");
		uint64_t v = 0;

		for (size_t i = 0; i < len; i++)
			v = p[i] < '0' || p[i] > '9' || v > UINT32_MAX ? UINT64_MAX >> 8 : v * 10 + (uint64_t)(p[i] - '0');
		if (!len || v > INT32_MAX || v == 0 || ps->npid == IDS_MAX)
			return fail("bad process number", p, len);
		ps->pid[ps->npid++] = (uint32_t)v;
		p += len;
	}
	return 0;
}

static int take_cts(struct ps *ps, const char *list)
{
	for (const char *p = list; *p; p += strspn(p, ",")) {
		size_t len = strcspn(p, ",");
		struct vz_ct *ct;
		char word[256];

		if (len >= sizeof(word) || ps->nct == IDS_MAX)
			return fail("bad VPS", p, len);
		memcpy(word, p, len);
		word[len] = '\0';
		p += len;
		if (strcmp(word, "0") == 0) {
			ps->ct[ps->nct++] = 0;
			continue;
		}
		ct = tool_ct(&ps->t, word);
		if (!ct)
			return 1;
		ps->ct[ps->nct++] = vz_ct_id(ct);
		vz_ct_free(ct);
	}
	return 0;
}

static int choose(struct ps *ps)
{
	const struct opt_result *o = &ps->t.opt;

	for (size_t i = 0; i < o->nwords; i++) {
		const char *w = o->words[i];

		if (strspn(w, "0123456789,") == strlen(w)) {
			if (take_pids(ps, w))
				return 1;
			continue;
		}
		for (; *w; w++) {
			if (!strchr("auxwh", *w))
				return fail("unknown word", o->words[i], strlen(o->words[i]));
			ps->all |= *w == 'a' || *w == 'x';
			ps->user_style |= *w == 'u';
			ps->wide |= *w == 'w';
			ps->no_header |= *w == 'h';
		}
	}
	ps->all |= opt_has(o, O_ALL);
	ps->wide |= opt_has(o, O_WIDE) || !isatty(1);
	ps->no_header |= opt_has(o, O_NO_HEADER);
	for (size_t i = 0; i < o->nseen; i++) {
		if (o->seen[i].id == O_PID && take_pids(ps, o->seen[i].value))
			return 1;
		if (o->seen[i].id == O_CT && take_cts(ps, o->seen[i].value))
			return 1;
	}
	if (opt_value(o, O_USER))
		ps->need |= VZ_PROC_USER;
	return choose_fields(ps) || choose_order(ps);
}

/* ---- the processes ---- */

static bool is_user(const struct vz_proc *p, const char *user)
{
	char number[16];

	snprintf(number, sizeof(number), "%u", p->uid);
	if (strcmp(p->user, user) == 0 || strcmp(number, user) == 0)
		return true;
	snprintf(number, sizeof(number), "%u", p->vuid);
	return p->vuid != UINT32_MAX && strcmp(number, user) == 0;
}

static bool is_mine(const struct ps *ps, const struct vz_proc *p, const struct vz_proc *me)
{
	const struct opt_result *o = &ps->t.opt;
	const char *comm = opt_value(o, O_COMM), *user = opt_value(o, O_USER);
	bool one = false;

	for (size_t i = 0; i < ps->npid; i++)
		one |= ps->pid[i] == (uint32_t)p->pid;
	if (ps->npid && !one)
		return false;
	if (comm && strcmp(comm, p->comm) != 0)
		return false;
	if (user && !is_user(p, user))
		return false;
	if (ps->all || ps->nct || ps->npid || comm || user)
		return true;
	return me && p->ctid == 0 && p->uid == me->uid && strcmp(p->tty, me->tty) == 0;
}

/* Takes the wanted ones over, releases the others. */
static int keep(struct ps *ps, struct vz_proc *p, size_t n)
{
	struct vz_proc *v = reallocarray(ps->p, ps->n + n + 1, sizeof(*v));
	const struct vz_proc *me = NULL;

	if (!v) {
		vz_procs_free(p, n);
		return tool_fail(&ps->t, &(struct vz_err){ 0 }, 1);
	}
	ps->p = v;
	for (size_t i = 0; i < n; i++)
		me = p[i].pid == getpid() ? &p[i] : me;
	for (size_t i = 0; i < n; i++) {
		if (is_mine(ps, &p[i], me))
			ps->p[ps->n++] = p[i];
		else
			free(p[i].args);
	}
	free(p);
	return 0;
}

static int look(struct ps *ps)
{
	size_t rounds = ps->nct ? ps->nct : 1;
	int status = 0;

	for (size_t i = 0; status == 0 && i < rounds; i++) {
		struct vz_err e = { 0 };
		struct vz_proc *p = NULL;
		size_t n = 0;

		if (vz_procs(ps->t.vz, ps->nct ? ps->ct[i] : VZ_PROC_NODE, ps->need, &p, &n, &e) < 0)
			return tool_fail(&ps->t, &e, 1);
		status = keep(ps, p, n);
	}
	return status;
}

static int compare(const void *a, const void *b, void *arg)
{
	const struct ps *ps = arg;
	const struct vz_proc *p = a, *q = b;

	for (size_t i = 0; i < ps->nby; i++) {
		const struct ps_column *c = ps->by[i];
		char x[CELL], y[CELL];
		int r;

		if (c->value) {
			double d = c->value(p, &ps->node), f = c->value(q, &ps->node);

			r = (d > f) - (d < f);
		} else {
			c->text(p, &ps->node, x, sizeof(x));
			c->text(q, &ps->node, y, sizeof(y));
			r = strcmp(x, y);
		}
		if (r)
			return ps->reverse[i] ? -r : r;
	}
	return (p->pid > q->pid) - (p->pid < q->pid);
}

/* ---- printing ---- */

static void cell(const struct ps *ps, const struct vz_proc *p, const struct ps_column *c, char *out, size_t size)
{
	if (c->text)
		c->text(p, &ps->node, out, size);
	else
		snprintf(out, size, "%.0f", c->value(p, &ps->node));
}

static size_t columns_of(const char *s)
{
	size_t n = 0;

	while (*s) {
		vz_utf8_next(&s);
		n++;
	}
	return n;
}

static void add_cell(char *line, size_t size, const char *text, int width, bool last)
{
	size_t len = strlen(line), have = columns_of(text), room = (size_t)abs(width);
	int pad = have < room ? (int)(room - have) : 0;

	if (width < 0 && last)
		pad = 0;
	if (len + 1 < size)
		snprintf(line + len, size - len, "%s%*s%s%*s", len ? " " : "", width < 0 ? 0 : pad, "", text,
			 width < 0 ? pad : 0, "");
}

/* On a terminal no line is longer than its width. */
static size_t line_width(const struct ps *ps)
{
	struct winsize w;

	if (ps->wide || ioctl(1, TIOCGWINSZ, &w) < 0 || w.ws_col < 20)
		return SIZE_MAX;
	return w.ws_col;
}

static void put_line(const char *line, size_t width)
{
	const char *p = line;

	for (size_t n = 0; *p && n < width; n++)
		vz_utf8_next(&p);
	while (p > line && p[-1] == ' ')
		p--;
	printf("%.*s\n", (int)(p - line), line);
}

static void print_table(const struct ps *ps)
{
	size_t width = line_width(ps);
	char line[FIELDS_MAX * 64 + CELL] = "", text[CELL];
	bool any = false;

	for (size_t i = 0; i < ps->nf; i++) {
		any |= ps->f[i].header[0] != '\0';
		add_cell(line, sizeof(line), ps->f[i].header, ps->f[i].c->width, i + 1 == ps->nf);
	}
	if (any && !ps->no_header)
		put_line(line, width);
	for (size_t k = 0; k < ps->n; k++) {
		line[0] = '\0';
		for (size_t i = 0; i < ps->nf; i++) {
			cell(ps, &ps->p[k], ps->f[i].c, text, sizeof(text));
			add_cell(line, sizeof(line), text, ps->f[i].c->width, i + 1 == ps->nf);
		}
		put_line(line, width);
	}
}

/* All texts are UTF-8 without control characters. */
static void put_string(const char *s)
{
	putchar('"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			putchar('\\');
		putchar(*s);
	}
	putchar('"');
}

static bool is_repeated(const struct ps *ps, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (ps->f[k].c == ps->f[i].c)
			return true;
	return false;
}

static void print_json(const struct ps *ps)
{
	char text[CELL];

	fputs("[", stdout);
	for (size_t k = 0; k < ps->n; k++) {
		fputs(k ? ",\n  {" : "\n  {", stdout);
		for (size_t i = 0; i < ps->nf; i++) {
			if (is_repeated(ps, i))
				continue;
			printf("%s\"%s\": ", i ? ", " : "", ps->f[i].c->name);
			cell(ps, &ps->p[k], ps->f[i].c, text, sizeof(text));
			if (!ps->f[i].c->number)
				put_string(text);
			else
				fputs(strcmp(text, "-") == 0 ? "null" : text, stdout);
		}
		fputs("}", stdout);
	}
	fputs(ps->n ? "\n]\n" : "]\n", stdout);
}

static int run(struct ps *ps)
{
	struct vz_err e = { 0 };
	int status;

	if (opt_has(&ps->t.opt, O_HELP)) {
		fputs(usage_text, stdout);
		return 0;
	}
	if (opt_has(&ps->t.opt, O_FIELDS)) {
		for (const struct ps_column *c = NULL; (c = ps_column_next(c));)
			printf("%-10s %s\n", c->name, c->header);
		return 0;
	}
	if (tool_node(&ps->t, &e) < 0)
		return tool_fail(&ps->t, &e, 1);
	status = choose(ps);
	if (status == 0)
		status = look(ps);
	if (status)
		return status;
	ps_node_read(&ps->node);
	if (ps->n && (ps->nby || ps->nct > 1))
		qsort_r(ps->p, ps->n, sizeof(*ps->p), compare, ps);
	if (opt_has(&ps->t.opt, O_JSON))
		print_json(ps);
	else
		print_table(ps);
	return ps->n ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct ps *ps = calloc(1, sizeof(*ps));
	int r;

	if (!ps)
		return 1;
	/* "-aux" is what everybody types. */
	for (int i = 1; i < argc; i++)
		if (argv[i][0] == '-' && argv[i][1] && strspn(argv[i] + 1, "auxw") == strlen(argv[i] + 1) &&
		    strchr(argv[i], 'a'))
			argv[i]++;
	r = tool_begin(&ps->t, "vzps", argc, argv, options, 1);
	r = tool_end(&ps->t, r ? r : run(ps), 1);
	vz_procs_free(ps->p, ps->n);
	free(ps);
	return r;
}
