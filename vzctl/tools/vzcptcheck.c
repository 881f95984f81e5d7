// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vzcptcheck: could a dump of another node be resumed here? Exit: 0 yes, or what was asked for was printed;
 * 1 error; 2 no.
 */
#include <stdio.h>
#include <string.h>

#include <vz/account.h>

#include "tool.h"

enum { EXIT_BAD = 1, EXIT_NO = 2 };
enum { O_VERBOSE, O_HELP };

static const struct opt_def options[] = {
	{ "verbose", OPT_FLAG, O_VERBOSE, 'v' },
	{ "help", OPT_FLAG, O_HELP, 'h' },
	{ NULL, OPT_FLAG, 0, 0 },
};

static const char usage_text[] =
	"Usage: vzcptcheck version [NUM]      print the version of CRIU, or: can it resume a dump of NUM?\n"
	"       vzcptcheck caps [[ID] NUM]    print what the CPU can, or: has it all that is in NUM?\n"
	"       vzcptcheck help\n"
	"  -v, --verbose  caps: with names\n"
	"Exit: 0 yes or printed, 1 error, 2 no.\n";

static bool digit(char c, unsigned base, unsigned *ret)
{
	*ret = c >= '0' && c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a') + 10;
	return ((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')) && *ret < base;
}

static bool number(const char *s, uint64_t *ret)
{
	unsigned base = 10, d;
	uint64_t v = 0;

	if (s[0] == '0' && (s[1] | 0x20) == 'x') {
		base = 16;
		s += 2;
	}
	if (!*s)
		return false;
	for (; *s; s++)
		if (!digit(*s, base, &d) || __builtin_mul_overflow(v, base, &v) ||
		    __builtin_add_overflow(v, d, &v))
			return false;
	*ret = v;
	return true;
}

static int no_number(struct tool *t, const char *s)
{
	out_msg(&t->out, -1, "'%s' is not a number", s);
	return EXIT_BAD;
}

static int version(struct tool *t)
{
	const char *arg = t->opt.nwords > 1 ? t->opt.words[1] : NULL;
	struct vz_err e = { 0 };
	uint64_t want = 0;
	uint32_t have;

	if (t->opt.nwords > 2) {
		out_msg(&t->out, -1, "version takes one number");
		return EXIT_BAD;
	}
	if (arg && !number(arg, &want))
		return no_number(t, arg);
	if (tool_node(t, &e) < 0 || vz_criu_version(t->vz, &have, &e) < 0)
		return tool_fail(t, &e, EXIT_BAD);
	if (!arg) {
		printf("%u\n", have);
	} else if (want > have) {
		out_msg(&t->out, -1, "a dump of version %ju is too new for %u", (uintmax_t)want, have);
		return EXIT_NO;
	}
	return 0;
}

static void print_names(uint64_t bits, FILE *to)
{
	for (unsigned i = 0; i < 64; i++)
		if (bits >> i & 1)
			fprintf(to, " %s", vz_cpu_cap_name(i) ? vz_cpu_cap_name(i) : "?");
	fputc('\n', to);
}

static int caps(struct tool *t)
{
	const char *arg = t->opt.nwords > 1 ? t->opt.words[t->opt.nwords - 1] : NULL;
	struct vz_err e = { 0 };
	struct vz_ct *ct = NULL;
	uint64_t want = 0, have;

	if (arg && !number(arg, &want))
		return no_number(t, arg);
	if (t->opt.nwords == 3) {
		if (tool_node(t, &e) < 0)
			return tool_fail(t, &e, EXIT_BAD);
		ct = tool_ct(t, t->opt.words[1]);
		if (!ct)
			return EXIT_BAD;
		vz_ct_free(ct);
	}
	if (vz_cpu_caps(&have, &e) < 0)
		return tool_fail(t, &e, EXIT_BAD);
	if (!arg) {
		printf("0x%jx", (uintmax_t)have);
		print_names(opt_has(&t->opt, O_VERBOSE) ? have : 0, stdout);
	} else if (want & ~have) {
		fputs("vzcptcheck: this CPU lacks", stderr);
		print_names(want & ~have, stderr);
		return EXIT_NO;
	}
	return 0;
}

static int run(struct tool *t)
{
	const char *what = t->opt.words[0];

	if (strcmp(what, "version") == 0)
		return version(t);
	if (strcmp(what, "caps") == 0)
		return caps(t);
	if (strcmp(what, "help") == 0) {
		fputs(usage_text, stdout);
		return 0;
	}
	out_msg(&t->out, -1, "'%s' is none of version, caps, help", what);
	return EXIT_BAD;
}

int main(int argc, char **argv)
{
	static const struct tool_main m = { "vzcptcheck", usage_text, options, O_HELP, 1, 3,
					    "version, caps or help is needed", EXIT_BAD, run };

	return tool_run(&m, argc, argv);
}
