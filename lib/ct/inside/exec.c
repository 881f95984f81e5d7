// SPDX-License-Identifier: LGPL-2.1-or-later
/* exec, enter: a process inside with init's rights and limits, and the caller's descriptors 0 to 2. */
#include "ct/inside/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vz/vz.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "ct/ct.h"
#include "ct/inside/inside.h"
#include "ct/start_plan.h"
#include "kern/pidfd.h"
#include "param/param.h"
#include "plan/plan.h"
#include "sec/sec.h"

#define FILTER_MAX (64u << 10)
#define FILTER_VERSION 3 /* raise when lib/sec changes what it compiles */

#define PATH_EQ	       "PATH="
#define KILLED_WAIT_MS 1000

static const char path_env[] = CT_PATH_ENV;

int ct_filter(struct ct *ct, struct buf *out, struct vz_err *e)
{
	_free_ char *cache = str_printf("%s/filter-%d-%u", ct->vz->rundir, FILTER_VERSION,
					sec_filter_kind(ct->cfg));
	int r;

	if (!cache)
		return err_nomem(e);
	/* Compiling takes longer than all else in exec. */
	if (io_read_at(AT_FDCWD, cache, FILTER_MAX, out) == 0 && out->len && out->len % 8 == 0)
		return 0;
	buf_clear(out);
	r = sec_filter(ct->cfg, out, e);
	if (r < 0)
		return r;
	/* Without the cache the next one only takes longer. */
	if (path_mkdirs(ct->vz->rundir, 0755) == 0)
		(void)io_replace_volatile_at(AT_FDCWD, cache, out->data, out->len, 0600);
	return 0;
}

static int strings(struct strv *l, const char *const *v)
{
	int r = 0;

	for (; v && *v && r == 0; v++)
		r = strv_add(l, *v);
	return r;
}

static int default_env(struct strv *env)
{
	int r = strv_split(env, "HOME=/ TERM=linux", " ");

	return r < 0 ? r : strv_add(env, path_env);
}

/* A command that no shell would read anything into, by its full name, needs none. Should it not be there,
 * the shell behind it says so in its own way. */
static int plan_plain(struct plan *p, const char *line, const struct strv *env)
{
	_strv_ struct strv argv = { 0 };
	int r;

	if (line[0] != '/' || strpbrk(line, "|&;<>()$`\\\"'*?[]#~=%!{}\n\t"))
		return 0;
	r = strv_split(&argv, line, " ");
	if (r == 0)
		plan_exec(p, argv.v[0], &argv, env, PLAN_OPTIONAL);
	return r;
}

/* bash if there is one, else sh, each with argv[0] as `as` says. */
static int plan_shell(struct plan *p, const struct vz_exec_opts *o, const struct strv *env)
{
	static const char *const shells[][2] = { { "/bin/bash", "bash" }, { "/bin/sh", "sh" } };
	int r = o->shell && !o->pty && o->argv ? plan_plain(p, o->argv[0], env) : 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(shells); i++) {
		_strv_ struct strv argv = { 0 };
		char login[8];

		snprintf(login, sizeof(login), "-%s", shells[i][1]);
		r = strv_add(&argv, o->pty ? login : shells[i][1]);
		if (r == 0 && o->script_stdin)
			r = strv_add(&argv, "-s");
		else if (r == 0 && o->shell && o->argv)
			r = strv_add(&argv, "-c") < 0 ? -ENOMEM : strings(&argv, o->argv);
		plan_exec(p, shells[i][0], &argv, env, i == 0 ? PLAN_OPTIONAL : 0);
	}
	return r;
}

/* As execvp(3) would, in the VPS's own root. */
static int plan_program(struct plan *p, const struct vz_exec_opts *o, const struct strv *env)
{
	_strv_ struct strv argv = { 0 }, dirs = { 0 };
	int r = strings(&argv, o->argv);

	if (r == 0 && strchr(o->argv[0], '/')) {
		plan_exec(p, o->argv[0], &argv, env, 0);
		return 0;
	}
	if (r == 0)
		r = strv_split(&dirs, path_env + strlen(PATH_EQ), ":");
	for (size_t i = 0; r == 0 && i < dirs.n; i++) {
		_free_ char *path = str_printf("%s/%s", dirs.v[i], o->argv[0]);

		if (!path)
			return -ENOMEM;
		plan_exec(p, path, &argv, env, i + 1 < dirs.n ? PLAN_OPTIONAL : 0);
	}
	return r;
}

static int plan_command(struct plan *p, struct ct *ct, const struct vz_exec_opts *o,
			struct vz_err *e)
{
	_buf_ struct buf filter = BUF_INIT;
	_strv_ struct strv env = { 0 };
	uint64_t caps;
	int r = sec_caps(ct->cfg, &caps, e);

	if (r == 0)
		r = ct_filter(ct, &filter, e);
	if (r < 0)
		return r;
	inside_plan_enter(p, ct, INSIDE_FULL);
	if (o->pty) {
		PLAN(p, PTY, .fd = ct->in.sock[1], .role = "terminal");
		PLAN(p, CTTY);
	} else {
		plan_keep_stdio(p);
	}
	ct_plan_rights(p, ct->cfg, caps, &filter);
	r = o->env ? strings(&env, o->env) : default_env(&env);
	if (r == 0)
		r = o->shell || o->script_stdin || o->pty ? plan_shell(p, o, &env) :
							    plan_program(p, o, &env);
	return r < 0 ? err_nomem(e) : 0;
}

int ct_exec(struct ct *ct, const struct vz_exec_opts *o, int *ret_pidfd, struct vz_err *e)
{
	_plan_ struct plan *p = plan_new();
	const int own[3] = { 0, 1, 2 };
	int r;

	if (!p)
		return err_nomem(e);
	if (!ct->st.init.pid)
		return err_set(e, VZ_E_NOT_RUNNING, -ESRCH, "VPS '%s' is not running", ct->idstr);
	r = plan_command(p, ct, o, e);
	if (r < 0)
		return r;
	return inside_spawn(ct, p, o->set_stdio ? o->stdio : own, ret_pidfd, o->ret_master, e);
}

int ct_await(int pidfd, int timeout_ms, int *ret_status)
{
	siginfo_t si = { 0 };
	int r = kpid_wait(pidfd, timeout_ms);

	if (r < 0)
		return r;
	while (waitid(P_PIDFD, (id_t)pidfd, &si, WEXITED) < 0)
		if (errno != EINTR)
			return -errno;
	*ret_status = si.si_code == CLD_EXITED ? si.si_status : 128 + si.si_status;
	return 0;
}

int ct_exec_line(struct ct *ct, const char *line, int timeout_ms, int *ret_status, struct vz_err *e)
{
	const char *argv[] = { line, NULL };
	_fd_ int null = open("/dev/null", O_RDWR | O_CLOEXEC), pidfd = -1;
	struct vz_exec_opts o = { .size = sizeof(o), .argv = argv, .shell = true, .set_stdio = true,
				  .stdio = { null, null, null } };
	int r = null < 0 ? -errno : ct_exec(ct, &o, &pidfd, e);

	if (r < 0)
		return r;
	r = ct_await(pidfd, timeout_ms, ret_status);
	if (r == -ETIMEDOUT) {
		/* Not for ever: a tracer inside can hold it at its end, ptrace(2), PTRACE_EVENT_EXIT. */
		kpid_signal(pidfd, SIGKILL);
		ct_await(pidfd, KILLED_WAIT_MS, ret_status);
		return err_set(e, VZ_E_EXEC_TIMEOUT, r, "VPS '%s': '%s' did not end in time", ct->idstr,
			       line);
	}
	return r < 0 ? err_sys(e, VZ_E_SYS, r, "cannot await a command in VPS '%s'", ct->idstr) : 0;
}
