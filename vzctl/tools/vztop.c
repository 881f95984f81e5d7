// SPDX-License-Identifier: GPL-2.0-or-later
/* vztop: what VPSs use, now; on a screen, or in rounds for scripts. */
#include "vztop_int.h"

#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vz/text.h>

enum { O_BATCH, O_ROUNDS, O_DELAY, O_SORT, O_REVERSE, O_FILTER, O_CT, O_JSON, O_HELP };

static const struct opt_def options[] = {
	{ "batch", OPT_FLAG, O_BATCH, 'b' },	 { "iterations", OPT_ARG, O_ROUNDS, 'n' },
	{ "delay", OPT_ARG, O_DELAY, 'd' },	 { "sort", OPT_ARG, O_SORT, 's' },
	{ "reverse", OPT_FLAG, O_REVERSE, 'r' }, { "filter", OPT_ARG, O_FILTER, 'f' },
	{ "ctid", OPT_ARG, O_CT, 'E' },		 { "json", OPT_FLAG, O_JSON, 'j' },
	{ "help", OPT_FLAG, O_HELP, 'h' },	 { NULL, OPT_FLAG, 0, 0 },
};

static const char usage_text[] =
	"Usage: vztop [-b] [-n ROUNDS] [-d SECONDS] [-s FIELD] [-r] [-f TEXT] [-E ID|NAME[,...]] [-j]\n"
	"  -b, --batch           text in rounds, not a screen\n"
	"  -n, --iterations N    end after so many rounds\n"
	"  -d, --delay SECONDS   between two rounds (3)\n"
	"  -s, --sort FIELD      ctid cpu mem swap psi_cpu psi_mem psi_io io net procs fail name ... (cpu)\n"
	"  -r, --reverse         the other way round\n"
	"  -f, --filter TEXT     only VPSs with this in their number or name\n"
	"  -E, --ctid ID|NAME    only these VPSs\n"
	"  -j, --json            each round as one line of JSON; implies -b\n"
	"On the screen, h shows the keys.\n";

static int fail(const char *what, const char *value)
{
	char shown[64];

	vz_text_tame(value, shown, sizeof(shown));
	fprintf(stderr, "vztop: %s '%s'\n", what, shown);
	return 1;
}

static int number(const char *what, const char *s, uint64_t least, uint64_t most, uint64_t *ret)
{
	return tool_milli(s, least, most, ret) < 0 ? fail(what, s) : 0;
}

static int take_cts(struct top *t, const char *list)
{
	char *copy = strdup(list), *save = NULL;
	int status = copy ? 0 : 1;

	for (char *w = copy ? strtok_r(copy, ",", &save) : NULL; w && status == 0; w = strtok_r(NULL, ",", &save)) {
		uint32_t *v = reallocarray(t->only, t->nonly + 1, sizeof(*v));
		struct vz_ct *ct = v ? tool_ct(&t->t, w) : NULL;

		t->only = v ? v : t->only;
		if (ct)
			t->only[t->nonly++] = vz_ct_id(ct);
		else
			status = 1;
		vz_ct_free(ct);
	}
	free(copy);
	return status || t->nonly ? status : fail("bad VPS", list);
}

static int choose(struct top *t, uint64_t *rounds, uint64_t *delay)
{
	const struct opt_result *o = &t->t.opt;
	const char *s = opt_value(o, O_SORT);

	t->by = top_column(s ? s : "cpu", 0);
	if (!t->by)
		return fail("cannot sort by", s);
	t->reverse = opt_has(o, O_REVERSE);
	if (opt_value(o, O_FILTER))
		snprintf(t->filter, sizeof(t->filter), "%s", opt_value(o, O_FILTER));
	if (o->nwords)
		return fail("unknown word", o->words[0]);
	if (opt_value(o, O_ROUNDS) &&
	    (number("bad number of rounds", opt_value(o, O_ROUNDS), 1000, 1000000000000, rounds) || *rounds % 1000))
		return *rounds % 1000 ? fail("bad number of rounds", opt_value(o, O_ROUNDS)) : 1;
	*rounds /= 1000;
	if (opt_value(o, O_DELAY) && number("bad delay", opt_value(o, O_DELAY), 100, 86400000, delay))
		return 1;
	for (size_t i = 0; i < o->nseen; i++)
		if (o->seen[i].id == O_CT && take_cts(t, o->seen[i].value))
			return 1;
	return 0;
}

static int round_of(struct top *t)
{
	struct vz_err e = { 0 };

	if (top_begin(t, &e) < 0)
		return tool_fail(&t->t, &e, 1);
	return top_step(t, SIZE_MAX) < 0 ? tool_fail(&t->t, &e, 1) : 0;
}

/* The first look shows nothing: a rate takes two. */
static int batch(struct top *t, uint64_t rounds, uint64_t delay_ms)
{
	int status = round_of(t);

	for (uint64_t i = 0; status == 0 && (rounds == 0 || i < rounds); i++) {
		poll(NULL, 0, (int)delay_ms);
		status = round_of(t);
		if (status)
			break;
		if (opt_has(&t->t.opt, O_JSON)) {
			top_json(t, stdout);
		} else {
			if (i)
				putchar('\n');
			top_text(t, stdout);
		}
		if (fflush(stdout) != 0)
			break;
	}
	return status;
}

static int run(struct top *t)
{
	uint64_t rounds = 0, delay = 3000;
	struct vz_err e = { 0 };

	if (opt_has(&t->t.opt, O_HELP)) {
		fputs(usage_text, stdout);
		return 0;
	}
	if (tool_node(&t->t, &e) < 0)
		return tool_fail(&t->t, &e, 1);
	if (choose(t, &rounds, &delay))
		return 1;
	if (opt_has(&t->t.opt, O_BATCH) || opt_has(&t->t.opt, O_JSON))
		return batch(t, rounds, delay);
	if (!isatty(0) || !isatty(1)) {
		fputs("vztop: no terminal; -b is for files and pipes\n", stderr);
		return 1;
	}
	return top_screen(t, (double)delay / 1000);
}

int main(int argc, char **argv)
{
	struct top t = { 0 };
	int r;

	setlocale(LC_CTYPE, "");
	r = tool_begin(&t.t, "vztop", argc, argv, options, 1);
	r = r ? r : run(&t);
	top_done(&t);
	return tool_end(&t.t, r, 1);
}
