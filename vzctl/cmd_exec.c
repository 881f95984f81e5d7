// SPDX-License-Identifier: GPL-2.0-or-later
/* exec, exec2, exec3, enter, console, runscript. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd.h"
#include "term.h"

static int await(int pidfd)
{
	siginfo_t si = { 0 };

	while (waitid(P_PIDFD, (id_t)pidfd, &si, WEXITED) < 0)
		if (errno != EINTR)
			return vz_code_exit(VZ_E_SYS);
	close(pidfd);
	return si.si_code == CLD_EXITED ? si.si_status : 128 + si.si_status;
}

/* One blank between words, unquoted, so that "a; b" is two commands; an empty word stays a word. */
static char *join_words(char **w)
{
	size_t size = 1;
	char *s;

	for (char **p = w; *p; p++)
		size += strlen(*p) + 3;
	s = malloc(size);
	if (!s)
		return NULL;
	s[0] = '\0';
	for (size_t at = 0; *w; w++)
		at += (size_t)snprintf(s + at, size - at, "%s%s", at ? " " : "", **w ? *w : "''");
	return s;
}

static int no_command(struct cli *c)
{
	out_msg(&c->out, -1, "no command was given for VPS %u", c->id);
	return vz_code_exit(VZ_E_SYNTAX);
}

static int run_shell(struct cli *c, struct vz_err *e)
{
	struct vz_exec_opts o = { .size = sizeof(o), .shell = true };
	const char *argv[2] = { NULL, NULL };
	char *line = NULL;
	int pidfd, r;

	if (!c->words[0])
		return no_command(c);
	if (strcmp(c->words[0], "-") == 0 && !c->words[1]) {
		o.script_stdin = true;
	} else {
		line = join_words(c->words);
		if (!line)
			return -ENOMEM;
		argv[0] = line;
		o.argv = argv;
	}
	r = vz_ct_exec(c->ct, &o, &pidfd, e);
	free(line);
	return r < 0 ? r : await(pidfd);
}

int cmd_exec(struct cli *c, struct vz_err *e)
{
	int r = run_shell(c, e);

	/* Whatever it was, for exec it is 8; the reason is on standard error. */
	if (r < 0) {
		e->code = e->code ? VZ_E_EXEC : 0;
		return r;
	}
	if (r && c->words[0])
		return vz_code_exit(VZ_E_EXEC);
	return r;
}

int cmd_exec2(struct cli *c, struct vz_err *e)
{
	return run_shell(c, e);
}

int cmd_exec3(struct cli *c, struct vz_err *e)
{
	struct vz_exec_opts o = { .size = sizeof(o), .argv = (const char *const *)c->words };
	int pidfd, r;

	if (!c->words[0])
		return no_command(c);
	r = vz_ct_exec(c->ct, &o, &pidfd, e);
	return r < 0 ? r : await(pidfd);
}

/* --exec only types the command into the shell. */
static char *command_line(char **words)
{
	char *line = join_words(words), *typed = NULL;

	if (line && asprintf(&typed, "%s\n", line) < 0)
		typed = NULL;
	free(line);
	return typed;
}

int cmd_enter(struct cli *c, struct vz_err *e)
{
	const char *term = getenv("TERM");
	char term_env[80];
	const char *env[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
			      term_env, "USER=root", "HOME=/root", "LOGNAME=root",
			      "HISTFILE=/dev/null", NULL };
	int master = -1, pidfd, r;
	struct vz_exec_opts o = { .size = sizeof(o), .env = env, .pty = true, .ret_master = &master };
	struct term_link l = { .shell = true };
	char *line = NULL;

	r = cmd_left_over(c);
	if (r)
		return r;
	if (c->opt.rest) {
		line = command_line(c->opt.rest);
		if (!line)
			return -ENOMEM;
	}
	snprintf(term_env, sizeof(term_env), "TERM=%.64s", term && *term ? term : "linux");
	r = vz_ct_exec(c->ct, &o, &pidfd, e);
	if (r < 0) {
		free(line);
		return r;
	}
	out_msg(&c->out, 0, "entered into CT %u", c->id);
	l.fd = master;
	l.until = pidfd;
	l.first = line;
	term_join(&l);
	free(line);
	close(master); /* hangs up on a shell that is still there */
	r = await(pidfd);
	out_msg(&c->out, 0, "exited from CT %u", c->id);
	return r;
}

/* One console, which is what init and the first terminal write to; 2 is what VZ7 says when it means it. */
static int console_number(struct cli *c)
{
	const char *n = c->opt.nwords ? c->opt.words[0] : "1";

	if (c->opt.nwords > 1)
		return cmd_refuse(c, VZ_E_SYNTAX, "console takes one number");
	if (strlen(n) > 3 || strspn(n, "0123456789") != strlen(n) || strcmp(n, "0") == 0)
		return cmd_refuse(c, VZ_E_PARAM, "console takes the number of a terminal");
	if (strcmp(n, "1") != 0 && strcmp(n, "2") != 0)
		return cmd_refuse(c, VZ_E_PARAM, "a VPS has one console, number 1");
	return 0;
}

int cmd_console(struct cli *c, struct vz_err *e)
{
	struct term_link l = { .packets = true, .until = -1, .escape = true };
	int fd, r = console_number(c);

	if (r)
		return r;
	if (opt_has(&c->opt, O_START) && !(vz_ct_status(c->ct) & VZ_ST_RUNNING))
		r = cmd_done(c, vz_ct_start(c->ct, c->flags, e), "was started", NULL);
	if (r < 0)
		return r;
	r = vz_ct_console(c->ct, &fd, e);
	if (r < 0)
		return r;
	out_msg(&c->out, 0, "attached to the console of CT %u (ESC . to detach)", c->id);
	l.fd = fd;
	r = term_join(&l);
	close(fd);
	out_msg(&c->out, 0, "%s", r == 1 ? "detached" : "the console was closed");
	return 0;
}

int cmd_runscript(struct cli *c, struct vz_err *e)
{
	int status = 0, r;

	if (c->opt.nwords != 1) {
		out_msg(&c->out, -1, "runscript takes one file");
		return vz_code_exit(VZ_E_SYNTAX);
	}
	r = vz_ct_runscript(c->ct, c->opt.words[0], c->flags, &status, e);
	return r < 0 ? r : status;
}
