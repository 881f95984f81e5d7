// SPDX-License-Identifier: GPL-2.0-or-later
/* vzlist: which VPSs, which columns, in which order. Nothing is locked and nothing is changed. */
#include "vzlist.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "opt.h"
#include "out.h"

#define DEFAULT_FIELDS "ctid,numproc,status,ip,hostname"
#define NAMED_FIELDS   "smart_name,numproc,status,ip,hostname"
#define MAX_FIELDS     512

enum opt_id {
	O_ALL, O_STOPPED, O_NAME, O_NO_HEADER, O_NO_TRIM, O_JSON, O_OUTPUT, O_ONE, O_SORT,
	O_HOSTNAME, O_NAME_FILTER, O_DESCRIPTION, O_LIST, O_HELP,
};

static const struct opt_def options[] = {
	{ "all", OPT_FLAG, O_ALL, 'a' },
	{ "stopped", OPT_FLAG, O_STOPPED, 'S' },
	{ "name", OPT_FLAG, O_NAME, 'n' },
	{ "no-header", OPT_FLAG, O_NO_HEADER, 'H' },
	{ "no-trim", OPT_FLAG, O_NO_TRIM, 't' },
	{ "json", OPT_FLAG, O_JSON, 'j' },
	{ "output", OPT_ARG, O_OUTPUT, 'o' },
	{ NULL, OPT_FLAG, O_ONE, '1' },
	{ "sort", OPT_ARG, O_SORT, 's' },
	{ "hostname", OPT_ARG, O_HOSTNAME, 'h' },
	{ "name_filter", OPT_ARG, O_NAME_FILTER, 'N' },
	{ "description", OPT_ARG, O_DESCRIPTION, 'd' },
	{ "list", OPT_FLAG, O_LIST, 'L' },
	{ "help", OPT_FLAG, O_HELP, 'e' },
	{ NULL, OPT_FLAG, 0, 0 },
};

static const char usage_text[] =
	"Usage: vzlist [-a | -S] [-n] [-H] [-t] [-j] [-o FIELD[,FIELD...] | -1] [-s [-]FIELD]\n"
	"              [-h PATTERN] [-N PATTERN] [-d PATTERN] [ID | NAME]...\n"
	"       vzlist -L\n"
	"  -a, --all                  all VPSs, not only those that run\n"
	"  -S, --stopped              only those that do not run\n"
	"  -n, --name                 names in place of IDs\n"
	"  -H, --no-header            no line of headers\n"
	"  -t, --no-trim              do not cut values to their columns\n"
	"  -j, --json                 JSON\n"
	"  -o, --output FIELD,...     these fields\n"
	"  -1                         only IDs, the same as -H -o veid\n"
	"  -s, --sort [-]FIELD        sort by this field; - reverses\n"
	"  -h, --hostname PATTERN     only VPSs with such a host name\n"
	"  -N, --name_filter PATTERN  only VPSs with such a name\n"
	"  -d, --description PATTERN  only VPSs with such a description\n"
	"  -L, --list                 names and headers of all fields\n";

struct row {
	uint32_t id;
	size_t at, len; /* in the text of all */
	double number;	/* to sort by */
	char *word;
};

struct list {
	struct vz *vz;
	struct opt_result opt;
	bool json, header, reverse, by_word;
	struct style style;
	const char *filter[3]; /* patterns, in the order of filter_keys */
	struct field fields[MAX_FIELDS], sort; /* sort.col NULL: by ID */
	size_t nfields;
	unsigned need;
	struct text text;
	struct row *rows;
	size_t nrows, size;
};

static const struct {
	int option;
	const char *key;
} filters[] = {
	{ O_HOSTNAME, "HOSTNAME" }, { O_NAME_FILTER, "NAME" }, { O_DESCRIPTION, "DESCRIPTION" },
};
#define NFILTERS (sizeof(filters) / sizeof(filters[0]))

/* A message is one line, whatever was typed. Returns the exit status. */
static int fail(const char *before, const char *what, size_t len, const char *after)
{
	char shown[65];
	size_t n = 0;

	for (; n < len && what[n] && n < sizeof(shown) - 1; n++)
		shown[n] = (unsigned char)what[n] < ' ' || what[n] == 0x7f ? '?' : what[n];
	shown[n] = '\0';
	fprintf(stderr, "vzlist: %s%s%s\n", before, shown, after);
	return 1;
}

static int fail_with(const struct vz_err *e)
{
	fprintf(stderr, "vzlist: %s\n", e->code ? e->text : "out of memory");
	return 1;
}

/* Of an option given several times the last one counts. */
static const char *last_value(const struct list *l, int id)
{
	const char *value = NULL;

	for (size_t i = 0; i < l->opt.nseen; i++)
		if (l->opt.seen[i].id == id)
			value = l->opt.seen[i].value;
	return value;
}

static void print_fields(void)
{
	for (const struct column *c = column_next(NULL); c; c = column_next(c)) {
		printf("%-15s %s\n", c->name, c->header);
		for (const char *p = column_parts(c); *p; p++) {
			char name[32];

			(void)snprintf(name, sizeof(name), "%s.%c", c->name, *p);
			printf("%-15s %s.%c\n", name, c->header, *p - 'a' + 'A');
		}
	}
}

/* ---- what was asked for ---- */

static int add_field(struct list *l, const struct field *f)
{
	if (l->nfields == MAX_FIELDS)
		return fail("too many fields", "", 0, "");
	l->fields[l->nfields++] = *f;
	l->need |= field_need(f, l->json);
	return 0;
}

static int take_fields(struct list *l, const char *list)
{
	for (const char *p = list;; p++) {
		size_t len = strcspn(p, ",");
		struct field f;

		if (!field_find(p, len, &f))
			return fail("unknown field '", p, len, "'");
		if (l->json && f.part)
			return fail("Field ", p, len, " is not available in JSON output");
		if (add_field(l, &f) != 0)
			return 1;
		p += len;
		if (!*p)
			return 0;
	}
}

static int take_all_fields(struct list *l)
{
	int r = 0;

	for (const struct column *c = column_next(NULL); r == 0 && c; c = column_next(c))
		r = add_field(l, &(struct field){ c, 0 });
	return r;
}

static int choose_fields(struct list *l)
{
	const char *list = NULL;

	for (size_t i = 0; i < l->opt.nseen; i++) {
		if (l->opt.seen[i].id == O_OUTPUT)
			list = l->opt.seen[i].value;
		else if (l->opt.seen[i].id == O_ONE)
			list = "veid";
	}
	if (list)
		return take_fields(l, list);
	if (l->json)
		return take_all_fields(l);
	return take_fields(l, opt_has(&l->opt, O_NAME) ? NAMED_FIELDS : DEFAULT_FIELDS);
}

static int choose_order(struct list *l)
{
	const char *by = last_value(l, O_SORT);

	if (!by)
		return 0;
	l->reverse = *by == '-';
	by += l->reverse;
	if (!field_find(by, strlen(by), &l->sort))
		return fail("unknown field '", by, strlen(by), "'");
	l->by_word = !field_is_number(&l->sort);
	l->need |= field_need(&l->sort, false);
	return 0;
}

static int choose(struct list *l)
{
	int r;

	l->json = opt_has(&l->opt, O_JSON);
	l->header = !opt_has(&l->opt, O_NO_HEADER) && !opt_has(&l->opt, O_ONE);
	l->style.trim = !opt_has(&l->opt, O_NO_TRIM);
	for (size_t i = 0; i < NFILTERS; i++)
		l->filter[i] = last_value(l, filters[i].option);
	r = choose_fields(l);
	return r ? r : choose_order(l);
}

/* ---- one VPS ---- */

static bool is_wanted(const struct list *l, const struct subject *s)
{
	bool running = s->status & VZ_ST_RUNNING;

	/* One that runs is never hidden. */
	if (!running && !(s->status & VZ_ST_EXISTS))
		return false;
	if (!l->opt.nwords && opt_has(&l->opt, O_STOPPED) ? running :
	    !l->opt.nwords && !opt_has(&l->opt, O_ALL)	  ? !running :
							    false)
		return false;
	for (size_t i = 0; i < NFILTERS; i++) {
		char *text = NULL;
		bool match;

		if (!l->filter[i])
			continue;
		match = vz_cfg_get_text(vz_ct_cfg(s->ct), filters[i].key, &text, NULL) == 0 &&
			fnmatch(l->filter[i], text, 0) == 0;
		free(text);
		if (!match)
			return false;
	}
	return true;
}

static struct row *new_row(struct list *l)
{
	if (l->nrows == l->size) {
		size_t size = l->size ? l->size * 2 : 256;
		struct row *rows = reallocarray(l->rows, size, sizeof(*rows));

		if (!rows)
			return NULL;
		l->rows = rows;
		l->size = size;
	}
	l->rows[l->nrows] = (struct row){ 0 };
	return &l->rows[l->nrows++];
}

static void sort_key(const struct list *l, const struct subject *s, struct row *row)
{
	struct value v = { 0 };

	if (!l->sort.col)
		return;
	field_get(s, &l->sort, &v);
	row->number = value_number(&v);
	if (l->by_word && v.kind == VAL_TEXT) {
		row->word = v.text;
		v.text = NULL;
	}
	value_done(&v);
}

/* Its text is made while it is at hand: handles of very many would need as many descriptors. */
static int add_row(struct list *l, struct subject *s)
{
	struct row *row;

	if (l->need & ~(NEED_TASKS | NEED_UPTIME) &&
	    vz_ct_ubc(s->ct, l->need & (VZ_UBC_ALL | VZ_UBC_FAIL), s->ubc, NULL) < 0)
		return -ENOMEM;
	if (l->need & NEED_UPTIME) {
		struct vz_figures live;

		(void)vz_ct_figures(s->ct, true, &live);
		s->uptime = live.uptime;
	}
	row = new_row(l);
	if (!row)
		return -ENOMEM;
	row->id = s->id;
	row->at = l->text.len;
	if (l->json)
		print_object(&l->text, s, l->fields, l->nfields);
	else
		print_row(&l->text, s, l->fields, l->nfields, &l->style);
	row->len = l->text.len - row->at;
	sort_key(l, s, row);
	return l->text.failed ? -ENOMEM : 0;
}

/* A VPS may go while we look: what is not there is not listed. 1 tells that something was wrong. */
static int look_at(struct list *l, const char *word)
{
	struct subject s = { .tasks = UINT64_MAX };
	struct vz_err e = { 0 };
	int r = vz_ct_find(l->vz, word, 0, &s.ct, &e);

	if (r < 0 && (e.code == VZ_E_NO_CONF || e.code == VZ_E_PARAM))
		return 0;
	if (r < 0)
		return fail_with(&e);
	s.id = vz_ct_id(s.ct);
	s.status = vz_ct_glance(s.ct, l->need & NEED_TASKS ? &s.tasks : NULL);
	if (is_wanted(l, &s) && add_row(l, &s) < 0) {
		(void)fail_with(&(struct vz_err){ 0 });
		exit(1);
	}
	vz_ct_free(s.ct);
	return 0;
}

static int look_at_all(struct list *l)
{
	struct vz_err e = { 0 };
	uint32_t *ids = NULL;
	size_t n = 0;

	if (vz_ct_list(l->vz, &ids, &n, &e) < 0)
		return fail_with(&e);
	for (size_t i = 0; i < n; i++) {
		char word[12];

		(void)snprintf(word, sizeof(word), "%u", ids[i]);
		(void)look_at(l, word); /* one bad file must not hide the others */
	}
	free(ids);
	return 0;
}

/* ---- all of them ---- */

static int by_id(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static int by_number(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int r = (x->number > y->number) - (x->number < y->number);

	return r ? r : by_id(a, b);
}

/* What has no value comes first. */
static int by_word(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int r = strcmp(x->word ? x->word : "", y->word ? y->word : "");

	return r ? r : by_id(a, b);
}

/* The same VPS may have been named twice. */
static void drop_twins(struct list *l)
{
	size_t n = 0;

	qsort(l->rows, l->nrows, sizeof(*l->rows), by_id);
	for (size_t i = 0; i < l->nrows; i++) {
		if (n && l->rows[n - 1].id == l->rows[i].id)
			free(l->rows[i].word);
		else
			l->rows[n++] = l->rows[i];
	}
	l->nrows = n;
}

static void print_rows(const struct list *l)
{
	struct text header = { 0 };

	if (l->json)
		fputs("[", stdout);
	else if (l->header)
		print_header(&header, l->fields, l->nfields);
	fwrite(header.data ? header.data : "", 1, header.len, stdout);
	text_done(&header);
	for (size_t i = 0; i < l->nrows; i++) {
		const struct row *row = &l->rows[l->reverse ? l->nrows - 1 - i : i];

		if (l->json)
			fputs(i ? ",\n" : "\n", stdout);
		fwrite(l->text.data + row->at, 1, row->len, stdout);
	}
	if (l->json)
		fputs(l->nrows ? "\n]\n" : "]\n", stdout);
}

static int print_all(struct list *l)
{
	int status = 0;

	if (l->opt.nwords && l->nrows)
		drop_twins(l);
	if (l->sort.col && l->nrows)
		qsort(l->rows, l->nrows, sizeof(*l->rows), l->by_word ? by_word : by_number);
	if (l->nrows || l->json)
		print_rows(l);
	if (!l->nrows) {
		fputs("Container(s) not found\n", stderr);
		status = l->opt.nwords > 0;
	}
	if (fflush(stdout) != 0 || ferror(stdout))
		return fail("cannot write: ", strerror(errno), 64, "");
	return status;
}

static int list(struct list *l)
{
	struct vz_open_opts o = { .size = sizeof(o), .conf = getenv("VZ_CONF") };
	struct vz_err e = { 0 };
	int bad = 0;

	if (o.conf && !*o.conf)
		o.conf = NULL;
	if (geteuid() != 0)
		return fail("only root may list VPSs", "", 0, "");
	if (vz_open(&l->vz, &o, &e) < 0)
		return fail_with(&e);
	for (size_t i = 0; i < l->opt.nwords; i++)
		bad |= look_at(l, l->opt.words[i]);
	if (!l->opt.nwords && look_at_all(l) != 0)
		return 1;
	return print_all(l) || bad;
}

static int run(struct list *l, int argc, char **argv)
{
	struct opt_spec spec = { .defs = options };
	struct vz_err e = { 0 };

	if (opt_parse(argc - 1, argv + 1, &spec, &l->opt, &e) < 0)
		return fail_with(&e);
	if (opt_has(&l->opt, O_HELP)) {
		fputs(usage_text, stdout);
		return 1;
	}
	if (opt_has(&l->opt, O_LIST)) {
		print_fields();
		return out_end("vzlist", 0, 1);
	}
	return choose(l) || list(l);
}

int main(int argc, char **argv)
{
	struct list l = { 0 };
	int status;

	out_begin();
	status = run(&l, argc, argv);

	for (size_t i = 0; i < l.nrows; i++)
		free(l.rows[i].word);
	free(l.rows);
	text_done(&l.text);
	vz_close(l.vz);
	opt_done(&l.opt);
	return status;
}
