// SPDX-License-Identifier: GPL-2.0-or-later
/* vzauth: is the password on standard input that of a user of a VPS? Exit: 0 granted, 1 not. */
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <vz/account.h>

#include "tool.h"

enum { EXIT_BAD = 1, PASSWORD_SIZE = 1024 };
enum { O_TYPE, O_GROUP, O_HELP };

static const struct opt_def options[] = {
	{ "type", OPT_ARG, O_TYPE, 't' },
	{ "gid", OPT_ARG, O_GROUP, 'g' },
	{ "help", OPT_FLAG, O_HELP, 'h' },
	{ NULL, OPT_FLAG, 0, 0 },
};

static const char usage_text[] = "Usage: vzauth [-t system] [-g GID] ID|NAME USER\n"
				 "The password is read from standard input.\n"
				 "  -t, --type system  accounts of the VPS's own system; there are no others\n"
				 "  -g, --gid GID      and the user has to be in this group\n";

/* A number of a group as ids are; -1: it is none. */
static int64_t group_id(const char *s)
{
	int64_t v = 0;
	const char *p = s;

	for (; *p >= '0' && *p <= '9' && v <= UINT32_MAX; p++)
		v = v * 10 + (*p - '0');
	return p == s || *p || v >= UINT32_MAX ? -1 : v;
}

/* The first line; from a terminal without showing it. False: none, or one that is too long. */
static bool read_password(char *out, size_t size)
{
	struct termios old, quiet;
	bool terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &old) == 0;
	bool ok;

	if (terminal) {
		quiet = old;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		fputs("Password: ", stderr);
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	}
	ok = fgets(out, (int)size, stdin) != NULL;
	if (terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
		fputc('\n', stderr);
	}
	if (!ok || (strlen(out) == size - 1 && out[size - 2] != '\n'))
		return false;
	out[strcspn(out, "\n")] = '\0';
	return true;
}

static int check(struct tool *t, int64_t gid)
{
	char password[PASSWORD_SIZE];
	struct vz_err e = { 0 };
	struct vz_ct *ct;
	int r = EXIT_BAD;

	if (tool_node(t, &e) < 0)
		return tool_fail(t, &e, EXIT_BAD);
	ct = tool_ct(t, t->opt.words[0]);
	if (!ct)
		return EXIT_BAD;
	if (!read_password(password, sizeof(password)))
		out_msg(&t->out, -1, "there is no password on standard input, or it is too long");
	else if (vz_ct_check_password(ct, t->opt.words[1], password, gid, &e) < 0)
		tool_fail(t, &e, EXIT_BAD);
	else
		r = 0;
	explicit_bzero(password, sizeof(password));
	vz_ct_free(ct);
	return r;
}

static int run(struct tool *t)
{
	const char *type = opt_value(&t->opt, O_TYPE), *group = opt_value(&t->opt, O_GROUP);
	int64_t gid = group ? group_id(group) : -1;

	if (type && strcmp(type, "system") != 0) {
		out_msg(&t->out, -1, "accounts of the type '%s' are not known here, only 'system'", type);
		return EXIT_BAD;
	}
	if (group && gid < 0) {
		out_msg(&t->out, -1, "'%s' is not the number of a group", group);
		return EXIT_BAD;
	}
	return check(t, gid);
}

int main(int argc, char **argv)
{
	static const struct tool_main m = { "vzauth", usage_text, options, O_HELP, 2, 2,
					    "a VPS and a user are needed", EXIT_BAD, run };

	return tool_run(&m, argc, argv);
}
