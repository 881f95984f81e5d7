// SPDX-License-Identifier: GPL-2.0-or-later
/* vzubc: what VPSs hold of each resource, for people, for scripts, once or again and again. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tool.h"
#include "vzubc_int.h"

enum {
	O_WATCH, O_WDIFF, O_WTITLE, O_WINTR, O_WCOUNT, O_QUIET, O_QHELD, O_QMAXHELD, O_VERBOSE, O_RELATIVE,
	O_RDIR, O_RCLEAR, O_INCREMENTAL, O_IDIR, O_ICLEAR, O_COLOR, O_FILE, O_RAW, O_PUBLISH, O_JSON, O_HELP,
};

static const struct opt_def options[] = {
	{ "watch", OPT_FLAG, O_WATCH, 'w' },	       { "wdiff", OPT_FLAG, O_WDIFF, 0 },
	{ "wtitle", OPT_FLAG, O_WTITLE, 0 },	       { "wintr", OPT_ARG, O_WINTR, 0 },
	{ "wcount", OPT_ARG, O_WCOUNT, 0 },	       { "quiet", OPT_FLAG, O_QUIET, 'q' },
	{ "qheld", OPT_ARG, O_QHELD, 0 },	       { "qmaxheld", OPT_ARG, O_QMAXHELD, 0 },
	{ "verbose", OPT_FLAG, O_VERBOSE, 'v' },       { "relative", OPT_FLAG, O_RELATIVE, 'r' },
	{ "rdir", OPT_ARG, O_RDIR, 0 },		       { "rclear", OPT_FLAG, O_RCLEAR, 0 },
	{ "incremental", OPT_FLAG, O_INCREMENTAL, 'i' }, { "idir", OPT_ARG, O_IDIR, 0 },
	{ "iclear", OPT_FLAG, O_ICLEAR, 0 },	       { "color", OPT_FLAG, O_COLOR, 'c' },
	{ "file", OPT_ARG, O_FILE, 'f' },	       { "raw", OPT_FLAG, O_RAW, 0 },
	{ "publish", OPT_FLAG, O_PUBLISH, 0 },	       { "json", OPT_FLAG, O_JSON, 'j' },
	{ "help", OPT_FLAG, O_HELP, 'h' },	       { NULL, OPT_FLAG, 0, 0 },
};

/* Words of two letters that begin with one dash: no option parser's custom, but this tool's. */
static const char *const pairs[][2] = {
	{ "-wd", "--wdiff" }, { "-wt", "--wtitle" }, { "-wn", "--wintr" }, { "-wc", "--wcount" },
	{ "-qh", "--qheld" }, { "-qm", "--qmaxheld" }, { "-rd", "--rdir" }, { "-rc", "--rclear" },
	{ "-id", "--idir" },  { "-ic", "--iclear" },
};

static const char usage_text[] =
	"Usage: vzubc [OPTION...] [ID | NAME]...\n"
	"  -w, --watch           show again and again\n"
	"  -wd, --wdiff          and mark what has changed\n"
	"  -wt, --wtitle         without a title\n"
	"  -wn, --wintr SECONDS  how often (2)\n"
	"  -wc, --wcount N       end after so many times\n"
	"  -q, --quiet           only what failed or is close to a limit\n"
	"  -qh, --qheld PART     close is: this part of it is held (0.5)\n"
	"  -qm, --qmaxheld PART  or was held at some time (0.8)\n"
	"  -v, --verbose         what is neither known nor limited, too\n"
	"  -r, --relative        failures since the first time with -r\n"
	"  -rc, --rclear         forget that time\n"
	"  -rd, --rdir DIR       where it is remembered\n"
	"  -i, --incremental     what is held more than the last time with -i\n"
	"  -ic, --iclear         forget that time\n"
	"  -id, --idir DIR       where it is remembered\n"
	"  -c, --color           failures in red, what is close in yellow\n"
	"  -f, --file FILE       a table as of --raw; -: standard input\n"
	"      --raw             the table that /proc/user_beancounters was\n"
	"      --publish         put that table into RUNDIR/user_beancounters\n"
	"  -j, --json            JSON\n";

struct job {
	struct tool t;
	struct view view;
	int relative, incremental; /* folder descriptors, -1: not used */
	double interval;
	uint64_t rounds; /* 0: for ever */
	struct sheet *sheets;
	size_t n;
	char *before; /* of --wdiff: the last text */
};

static int fail(const char *what, const char *value)
{
	fprintf(stderr, "vzubc: %s '%.40s'\n", what, value);
	return 1;
}

/* "2", "0.5": not negative, nothing behind it. */
static int decimal(const char *what, const char *s, double least, double most, double *ret)
{
	double v = 0, scale = 1;
	const char *p = s;

	for (; *p >= '0' && *p <= '9'; p++)
		v = v * 10 + (*p - '0');
	if (*p == '.' && p[1])
		for (p++; *p >= '0' && *p <= '9'; p++) {
			scale /= 10;
			v += scale * (*p - '0');
		}
	if (p == s || *p || strlen(s) > 15 || v < least || v > most)
		return fail(what, s);
	*ret = v;
	return 0;
}

/* ---- what there is ---- */

static int add_ct(struct job *j, struct vz_ct *ct)
{
	struct sheet *s = reallocarray(j->sheets, j->n + 1, sizeof(*s));
	struct vz_err e = { 0 };

	if (!s)
		return tool_fail(&j->t, &e, 1);
	j->sheets = s;
	s += j->n;
	*s = (struct sheet){ .id = vz_ct_id(ct) };
	if (vz_ct_ubc(ct, VZ_UBC_ALL | VZ_UBC_FAIL, s->row, &e) < 0)
		return tool_fail(&j->t, &e, 1);
	memset(s->has, true, sizeof(s->has));
	j->n++;
	return 0;
}

static int add_word(struct job *j, const char *word)
{
	struct vz_ct *ct = tool_ct(&j->t, word);
	int status;

	if (!ct)
		return 1;
	if (!(vz_ct_status(ct) & VZ_ST_RUNNING)) {
		fprintf(stderr, "vzubc: VPS %u is not running\n", vz_ct_id(ct));
		status = 1;
	} else {
		status = add_ct(j, ct);
	}
	vz_ct_free(ct);
	return status;
}

/* All that run. One bad file must not hide the others. */
static int add_all(struct job *j)
{
	struct vz_err e = { 0 };
	uint32_t *ids = NULL;
	size_t n = 0;
	int status = 0;

	if (vz_ct_list(j->t.vz, &ids, &n, &e) < 0)
		return tool_fail(&j->t, &e, 1);
	for (size_t i = 0; status == 0 && i < n; i++) {
		struct vz_ct *ct = NULL;
		char word[16];

		snprintf(word, sizeof(word), "%u", ids[i]);
		if (vz_ct_find(j->t.vz, word, 0, &ct, NULL) < 0)
			continue;
		if (vz_ct_glance(ct, NULL) & VZ_ST_RUNNING)
			status = add_ct(j, ct);
		vz_ct_free(ct);
	}
	free(ids);
	return status;
}

/* Of a file, only those that are asked for. */
static int from_file(struct job *j, const char *path)
{
	size_t n = 0;

	if (raw_read(path, &j->sheets, &j->n) < 0)
		return 1;
	for (size_t i = 0; i < j->n && j->t.opt.nwords; i++) {
		bool wanted = false;
		char word[16];

		snprintf(word, sizeof(word), "%u", j->sheets[i].id);
		for (size_t k = 0; k < j->t.opt.nwords; k++)
			wanted |= strcmp(j->t.opt.words[k], word) == 0;
		if (wanted)
			j->sheets[n++] = j->sheets[i];
	}
	if (j->t.opt.nwords)
		j->n = n;
	return 0;
}

static int collect(struct job *j)
{
	const char *file = opt_value(&j->t.opt, O_FILE);
	int status = 0;

	free(j->sheets);
	j->sheets = NULL;
	j->n = 0;
	if (file)
		status = from_file(j, file);
	else if (!j->t.opt.nwords)
		status = add_all(j);
	for (size_t i = 0; !file && i < j->t.opt.nwords; i++)
		status |= add_word(j, j->t.opt.words[i]);
	for (size_t i = 0; i < j->n; i++) {
		if ((j->relative >= 0 && store_apply(j->relative, STORE_RELATIVE, &j->sheets[i]) < 0) ||
		    (j->incremental >= 0 && store_apply(j->incremental, STORE_INCREMENTAL, &j->sheets[i]) < 0))
			return 1;
	}
	return status;
}

/* ---- showing ---- */

static void print(struct job *j, FILE *out)
{
	if (opt_has(&j->t.opt, O_JSON)) {
		sheets_json(out, j->sheets, j->n);
		return;
	}
	if (opt_has(&j->t.opt, O_RAW))
		raw_begin(out);
	for (size_t i = 0; i < j->n; i++) {
		if (opt_has(&j->t.opt, O_RAW))
			raw_print(out, &j->sheets[i]);
		else
			table_print(out, &j->sheets[i], &j->view);
	}
}

static int publish(struct job *j)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/user_beancounters", vz_node_dir(j->t.vz, "run"));
	return raw_publish(path, j->sheets, j->n) < 0;
}

/* What differs from the last text stands out. Escapes in it would be cut in two: no color then. */
static void put_diff(const char *before, const char *now)
{
	bool on = false;

	for (; *now; now++) {
		bool differs = before && *before != *now && *now != '\n';

		if (differs != on)
			fputs(differs ? "\033[7m" : "\033[0m", stdout);
		on = differs;
		putchar(*now);
		before = before && *before ? before + 1 : before;
	}
	if (on)
		fputs("\033[0m", stdout);
}

static int show_watched(struct job *j)
{
	char *text = NULL, when[40];
	size_t len = 0;
	time_t now = time(NULL);
	struct tm tm;
	FILE *f;
	int status = collect(j);

	f = open_memstream(&text, &len);
	if (!f)
		return 1;
	print(j, f);
	if (fclose(f) != 0 || !text) {
		free(text);
		return 1;
	}
	localtime_r(&now, &tm);
	strftime(when, sizeof(when), "%F %T", &tm);
	fputs("\033[H\033[2J", stdout);
	if (!opt_has(&j->t.opt, O_WTITLE))
		printf("Every %.1f s: vzubc    %s\n\n", j->interval, when);
	put_diff(opt_has(&j->t.opt, O_WDIFF) ? j->before : NULL, text);
	free(j->before);
	j->before = text;
	return fflush(stdout) != 0 ? 1 : status;
}

/* Ends by a signal, when nobody reads on, or after --wcount. */
static int watch(struct job *j)
{
	int status = 0;

	for (uint64_t i = 0; j->rounds == 0 || i < j->rounds; i++) {
		if (i)
			poll(NULL, 0, (int)(j->interval * 1000));
		if (opt_has(&j->t.opt, O_PUBLISH))
			status = collect(j) | publish(j);
		else
			status = show_watched(j);
		if (ferror(stdout))
			break;
	}
	return status;
}

/* ---- what was asked for ---- */

static int open_store(struct job *j, int given, const char *name, int *ret)
{
	const char *dir = opt_value(&j->t.opt, given);
	char path[4096];

	if (!dir) {
		snprintf(path, sizeof(path), "%s/%s", vz_node_dir(j->t.vz, "state"), name);
		dir = path;
	}
	*ret = store_open(dir);
	return *ret < 0;
}

/* Of the VPSs that are named, or of all that have a configuration. */
static int clear(struct job *j, int dirfd, enum store_kind kind)
{
	struct vz_err e = { 0 };
	uint32_t *ids = NULL;
	size_t n = 0;
	int status = 0;

	if (!j->t.opt.nwords && vz_ct_list(j->t.vz, &ids, &n, &e) < 0)
		return tool_fail(&j->t, &e, 1);
	for (size_t i = 0; i < n; i++)
		status |= store_clear(dirfd, kind, ids[i]) < 0;
	for (size_t i = 0; i < j->t.opt.nwords; i++) {
		struct vz_ct *ct = tool_ct(&j->t, j->t.opt.words[i]);

		status |= !ct || store_clear(dirfd, kind, vz_ct_id(ct)) < 0;
		vz_ct_free(ct);
	}
	free(ids);
	return status;
}

static int stores(struct job *j)
{
	const struct opt_result *o = &j->t.opt;
	int status = 0, dir = -1;

	if (j->view.relative || opt_has(o, O_RCLEAR))
		status = open_store(j, O_RDIR, "vzubc", &dir);
	if (status == 0 && opt_has(o, O_RCLEAR))
		status = clear(j, dir, STORE_RELATIVE);
	j->relative = j->view.relative ? dir : -1;
	dir = -1;
	if (status == 0 && (j->view.incremental || opt_has(o, O_ICLEAR)))
		status = open_store(j, O_IDIR, "vzubc", &dir);
	if (status == 0 && opt_has(o, O_ICLEAR))
		status = clear(j, dir, STORE_INCREMENTAL);
	j->incremental = j->view.incremental ? dir : -1;
	return status;
}

static int numbers(struct job *j)
{
	const struct opt_result *o = &j->t.opt;
	const char *held = opt_value(o, O_QHELD), *max = opt_value(o, O_QMAXHELD);
	const char *every = opt_value(o, O_WINTR), *count = opt_value(o, O_WCOUNT);
	double n = 0;

	j->view = (struct view){ .held = 0.5, .maxheld = 0.8, .quiet = opt_has(o, O_QUIET) || held || max,
				 .color = opt_has(o, O_COLOR), .verbose = opt_has(o, O_VERBOSE),
				 .relative = opt_has(o, O_RELATIVE), .incremental = opt_has(o, O_INCREMENTAL) };
	j->interval = 2;
	if ((held && decimal("bad part of a limit", held, 0, 1000, &j->view.held)) ||
	    (max && decimal("bad part of a limit", max, 0, 1000, &j->view.maxheld)) ||
	    (every && decimal("bad number of seconds", every, 0.1, 86400, &j->interval)) ||
	    (count && decimal("bad number of times", count, 1, 1e9, &n)))
		return 1;
	j->rounds = (uint64_t)n;
	if (opt_has(o, O_WDIFF))
		j->view.color = false;
	return 0;
}

static int run(struct job *j)
{
	const struct opt_result *o = &j->t.opt;
	struct vz_err e = { 0 };
	int status;

	if (opt_has(o, O_HELP)) {
		fputs(usage_text, stdout);
		return 0;
	}
	if (numbers(j))
		return 1;
	if (tool_node(&j->t, &e) < 0)
		return tool_fail(&j->t, &e, 1);
	status = stores(j);
	if (status)
		return status;
	/* "Forget" alone is an order of its own. */
	if ((opt_has(o, O_RCLEAR) && !j->view.relative) || (opt_has(o, O_ICLEAR) && !j->view.incremental))
		return 0;
	if (opt_has(o, O_WATCH) || opt_has(o, O_WDIFF) || opt_has(o, O_WTITLE) || opt_value(o, O_WINTR) ||
	    opt_value(o, O_WCOUNT))
		return watch(j);
	status = collect(j);
	if (opt_has(o, O_PUBLISH))
		return status | publish(j);
	print(j, stdout);
	return status;
}

int main(int argc, char **argv)
{
	struct job j = { .relative = -1, .incremental = -1 };
	int r;

	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		for (size_t k = 0; k < sizeof(pairs) / sizeof(pairs[0]); k++)
			if (strcmp(argv[i], pairs[k][0]) == 0)
				argv[i] = (char *)(uintptr_t)pairs[k][1];
	r = tool_begin(&j.t, "vzubc", argc, argv, options, 1);
	r = r ? r : run(&j);
	free(j.sheets);
	free(j.before);
	if (j.relative >= 0)
		close(j.relative);
	if (j.incremental >= 0)
		close(j.incremental);
	return tool_end(&j.t, r, 1);
}
