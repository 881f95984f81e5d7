// SPDX-License-Identifier: GPL-2.0-or-later
/* vzwho: which resource is short for a VPS, and who uses most of it. Exit: 0 pressure, 1 none, 2 error. */
#include "vzwho_int.h"

#include <stdlib.h>
#include <string.h>

#include <vz/text.h>

enum { O_NODE, O_DELAY, O_LEAST, O_VERBOSE, O_JSON, O_HELP };

static const struct opt_def options[] = {
	{ "node", OPT_FLAG, O_NODE, 0 },	{ "delay", OPT_ARG, O_DELAY, 'd' },
	{ "threshold", OPT_ARG, O_LEAST, 't' }, { "verbose", OPT_FLAG, O_VERBOSE, 'v' },
	{ "json", OPT_FLAG, O_JSON, 'j' },	{ "help", OPT_FLAG, O_HELP, 'h' },
	{ NULL, OPT_FLAG, 0, 0 },
};

static const char usage_text[] =
	"Usage: vzwho [-d SECONDS] [-t PERCENT] [-v | -j] ID|NAME | --node\n"
	"  -d, --delay SECONDS      look for so long (2)\n"
	"  -t, --threshold PERCENT  of the time that something waits is pressure (10)\n"
	"  -v, --verbose            with a table of all VPSs\n"
	"  -j, --json               JSON\n";

static int fail(const char *what, const char *value)
{
	char shown[64];

	vz_text_tame(value, shown, sizeof(shown));
	fprintf(stderr, "vzwho: %s '%s'\n", what, shown);
	return 2;
}

const char *who_resource(enum resource r)
{
	static const char *const names[] = { "CPU", "memory", "I/O", "network" };

	return names[r];
}

/* ---- forms ---- */

static void amount(enum resource r, double v, char *out, size_t size)
{
	static const char letters[] = "BKMGTPE";
	int k = 0;

	if (r == R_CPU) {
		snprintf(out, size, "%.0f%%", v);
		return;
	}
	for (; v >= 1000 && letters[k + 1]; k++)
		v /= 1024;
	snprintf(out, size, k && v < 9.95 ? "%.1f%c%s" : "%.0f%c%s", v, letters[k],
		 r == R_MEMORY ? "" : "/s");
}

static void called(const struct user *u, char *out, size_t size)
{
	if (!u->id)
		snprintf(out, size, "%s", u->name);
	else if (u->name[0])
		snprintf(out, size, "%u (%s)", u->id, u->name);
	else
		snprintf(out, size, "%u", u->id);
}

static void uses(const struct who *w, char *out, size_t size)
{
	const struct verdict *d = &w->verdict;
	char who[160], much[32];

	called(d->culprit, who, sizeof(who));
	amount(d->what, d->culprit->use[d->what], much, sizeof(much));
	if (d->own_limit && d->what == R_CPU)
		snprintf(out, size, "its own CPU limit of %llu%% holds it back",
			 (unsigned long long)d->culprit->now.cpu_limit);
	else if (d->own_limit)
		snprintf(out, size, "it is at its own memory limit, with %s", much);
	else if (d->what == R_CPU)
		snprintf(out, size, "%s uses %s of %.0f%%, its share by weight is %.0f%%",
			 d->culprit == w->about ? "itself it" : who, much, w->cpus * 100, d->culprit->share);
	else
		snprintf(out, size, "%s uses most, %s, %.0f%% of what all VPSs do",
			 d->culprit == w->about ? "itself it" : who, much, d->of_all * 100);
}

void who_sentence(const struct who *w, char *out, size_t size)
{
	const struct verdict *d = &w->verdict;
	char who[160] = "The node", why[320] = "nobody stands out";

	if (w->about)
		called(w->about, who, sizeof(who));
	if (d->wait < 0) {
		snprintf(out, size, "%s: this kernel does not tell what waits", who);
		return;
	}
	if (!d->pressure) {
		snprintf(out, size, "%s is short of nothing (it waits most for %s, %.0f%% of its time)", who,
			 who_resource(d->what), d->wait * 100);
		return;
	}
	if (d->culprit)
		uses(w, why, sizeof(why));
	snprintf(out, size, "%s waits for %s %.0f%% of its time; %s", who, who_resource(d->what),
		 d->wait * 100, why);
}

static void waits(double v)
{
	if (v < 0)
		printf(" %5s", "-");
	else
		printf(" %4.0f%%", v * 100);
}

void who_table(const struct who *w)
{
	static const char *const heads[] = { "CPU", "SHARE", "MEM", "IO", "NET" };

	printf("\n%10s", "CTID");
	for (size_t i = 0; i < 5; i++)
		printf(" %8s", heads[i]);
	printf(" %5s %5s %5s NAME\n", "wCPU", "wMEM", "wIO");
	for (size_t i = 0; i < w->n; i++) {
		const struct user *u = &w->v[i];
		char text[32];

		printf("%10u", u->id);
		for (enum resource r = 0; r < NRESOURCES; r++) {
			amount(r, u->use[r], text, sizeof(text));
			printf(" %8s", !u->id && r != R_CPU ? "-" : text);
			if (r == R_CPU)
				printf(" %7.0f%%", u->share);
		}
		waits(u->wait[R_CPU]);
		waits(u->wait[R_MEMORY]);
		waits(u->wait[R_IO]);
		printf(" %s\n", u->name[0] ? u->name : "-");
	}
}

static void part(struct json *j, const char *key, double v)
{
	if (v < 0)
		jw_str(j, key, NULL);
	else
		jw_fixed(j, key, v, 4);
}

static void json_user(struct json *j, const struct user *u)
{
	jw_open(j, NULL, '{');
	jw_num(j, "ctid", u->id);
	jw_str(j, "name", u->name);
	jw_fixed(j, "cpu", u->use[R_CPU], 2);
	jw_fixed(j, "cpu_share", u->share, 2);
	jw_num(j, "cpu_weight", u->now.cpu_weight);
	part(j, "throttled", u->throttled);
	if (u->id) {
		jw_fixed(j, "memory", u->use[R_MEMORY], 0);
		jw_fixed(j, "io", u->use[R_IO], 0);
		jw_fixed(j, "net", u->use[R_NET], 0);
	}
	part(j, "waits_cpu", u->wait[R_CPU]);
	part(j, "waits_memory", u->wait[R_MEMORY]);
	part(j, "waits_io", u->wait[R_IO]);
	jw_close(j);
}

bool who_json(const struct who *w)
{
	static const char *const words[] = { "cpu", "memory", "io", "net" };
	const struct verdict *d = &w->verdict;
	struct json j = { 0 };
	char text[600];
	bool good;

	who_sentence(w, text, sizeof(text));
	jw_open(&j, NULL, '{');
	jw_num(&j, "ctid", w->id);
	jw_bool(&j, "pressure", d->pressure);
	jw_str(&j, "resource", d->pressure ? words[d->what] : NULL);
	part(&j, "waits", d->wait);
	jw_bool(&j, "own_limit", d->own_limit);
	if (d->culprit)
		jw_num(&j, "culprit", d->culprit->id);
	else
		jw_str(&j, "culprit", NULL);
	jw_str(&j, "sentence", text);
	jw_fixed(&j, "seconds", w->seconds, 3);
	jw_open(&j, "vps", '[');
	for (size_t i = 0; i < w->n; i++)
		json_user(&j, &w->v[i]);
	jw_close(&j);
	jw_close(&j);
	good = jw_print(&j, stdout);
	jw_done(&j);
	return good;
}

/* ---- the call ---- */

static int number(const char *what, const char *s, uint64_t least, uint64_t most, uint64_t *ret)
{
	return tool_milli(s, least, most, ret) < 0 ? fail(what, s) : 0;
}

static int read_call(struct who *w, uint64_t *ms)
{
	const struct opt_result *o = &w->t.opt;
	const char *delay = opt_value(o, O_DELAY), *least = opt_value(o, O_LEAST);
	uint64_t v = 10000;
	struct vz_ct *ct;

	if (opt_has(o, O_NODE) ? o->nwords != 0 : o->nwords != 1) {
		fputs("vzwho: say one VPS, or --node\n", stderr);
		return 2;
	}
	if ((delay && number("bad delay", delay, 100, 3600000, ms)) ||
	    (least && number("bad threshold", least, 0, 100000, &v)))
		return 2;
	w->least = (double)v / 1e5;
	if (opt_has(o, O_NODE))
		return 0;
	ct = tool_ct(&w->t, o->words[0]);
	if (!ct)
		return 2;
	w->id = vz_ct_id(ct);
	vz_ct_free(ct);
	return 0;
}

static int run(struct who *w)
{
	struct vz_err e = { 0 };
	uint64_t ms = 2000;
	char text[600];
	int r;

	if (tool_node(&w->t, &e) < 0)
		return tool_fail(&w->t, &e, 2);
	r = read_call(w, &ms);
	if (r)
		return r;
	if (who_look(w, ms, &e) < 0)
		return tool_fail(&w->t, &e, 2);
	if (w->id && !w->about) {
		fprintf(stderr, "vzwho: VPS %u does not run\n", w->id);
		return 2;
	}
	who_judge(w);
	if (opt_has(&w->t.opt, O_JSON))
		return who_json(w) ? !w->verdict.pressure : 2;
	who_sentence(w, text, sizeof(text));
	printf("%s.\n", text);
	if (opt_has(&w->t.opt, O_VERBOSE))
		who_table(w);
	return !w->verdict.pressure;
}

int main(int argc, char **argv)
{
	struct who w = { 0 };
	int r = tool_begin(&w.t, "vzwho", argc, argv, options, 2);

	if (r == 0 && opt_has(&w.t.opt, O_HELP))
		fputs(usage_text, stdout);
	else if (r == 0)
		r = run(&w);
	free(w.v);
	/* A failed write counts for more than "none". */
	if (r == 1 && (fflush(stdout) != 0 || ferror(stdout)))
		r = 2;
	return tool_end(&w.t, r, 2);
}
