// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vz: bring the node's VPSs up at boot and down at shutdown. Called by the unit vz.service and by the init
 * script of the same name; exit statuses are those of LSB init scripts.
 */
#include <vz/node.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "tool.h"

enum { /* LSB Core, "Init Script Actions" */
	EX_OK = 0,
	EX_SOME = 1,	 /* not all VPSs came up, or went down */
	EX_USAGE = 2,
	EX_RIGHTS = 4,
	EX_NO_CONF = 6,	 /* not configured; historic: not a kernel that can */
	ST_STOPPED = 3,
	ST_NO_KERNEL = 6,
};

enum { O_QUIET, O_VERBOSE, O_HELP, O_MODE, O_PARALLEL, O_TIMEOUT, O_PRESSURE };

static const struct opt_def defs[] = {
	{ "quiet", OPT_FLAG, O_QUIET, 'q' },	   { "verbose", OPT_FLAG, O_VERBOSE, 'v' },
	{ "help", OPT_FLAG, O_HELP, 'h' },	   { "stop-mode", OPT_ARG, O_MODE, 0 },
	{ "parallel", OPT_ARG, O_PARALLEL, 0 },	   { "timeout", OPT_ARG, O_TIMEOUT, 0 },
	{ "pressure", OPT_ARG, O_PRESSURE, 0 }, /* for tests */
	{ NULL, OPT_FLAG, 0, 0 },
};

static const char usage_text[] =
	"Usage: vz start|stop|restart|status [OPTION...]\n"
	"  --stop-mode MODE   suspend or stop, instead of VE_STOP_MODE\n"
	"  --parallel N       VPSs at a time, instead of VE_PARALLEL\n"
	"  --timeout SECONDS  for one VPS\n"
	"  -q, --quiet        nothing but failures\n"
	"  -v, --verbose      a line for each VPS\n"
	"  -h, --help\n";

struct call {
	struct tool t;
	struct vz_node_opts o;
	bool live; /* a line is on the terminal that will be written over */
};

static void wipe(struct call *c)
{
	if (c->live)
		fputs("\r\033[K", stderr);
	c->live = false;
}

static void on_progress(void *arg, const struct vz_node_progress *p)
{
	struct call *c = arg;

	wipe(c);
	if (p->done == p->total)
		return;
	fprintf(stderr, "%s: %u of %u done, %u going on%s%s", p->verb, p->done, p->total, p->going,
		p->held ? ", slowly because of pressure: " : "", p->held ? p->held : "");
	c->live = true;
}

/* A number of the command line; 0 is none. Returns false after one line. */
static bool number(struct call *c, int id, const char *name, unsigned *ret)
{
	const char *s = opt_value(&c->t.opt, id);
	unsigned long v = 0;

	for (const char *p = s; p && *p; p++) {
		v = *p < '0' || *p > '9' ? 0 : v * 10 + (unsigned long)(*p - '0');
		if (v == 0 || v > 1000000) {
			v = 0;
			break;
		}
	}
	if (s && v == 0) {
		out_msg(&c->t.out, -1, "bad value for --%s: '%.64s'", name, s);
		return false;
	}
	*ret = (unsigned)v;
	return true;
}

static char *conf(struct call *c, const char *key)
{
	char *text = NULL;

	return vz_cfg_get_text(vz_node_cfg(c->t.vz), key, &text, NULL) == 0 ? text : NULL;
}

/* As vzctl logs. The file's name lives as long as we do. */
static void set_log(struct call *c)
{
	char *on = conf(c, "LOGGING"), *level = conf(c, "LOG_LEVEL");

	if (on && strcmp(on, "yes") == 0)
		c->t.out.logfile = conf(c, "LOGFILE");
	c->t.out.log_level = level && *level >= '1' && *level <= '9' ? *level - '0' : 1;
	free(on);
	free(level);
}

/* SIGTERM and SIGINT: begin no more, let those that go on come to their end. */
static int await_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int ended(struct call *c, int r, const struct vz_node_result *res, const char *what,
		 const struct vz_err *e)
{
	wipe(c);
	if (r < 0) {
		tool_fail(&c->t, e, 0);
		return e->code == VZ_E_KERNEL ? EX_NO_CONF : EX_SOME;
	}
	if (res->suspended)
		out_msg(&c->t.out, 0, "%u of %u VPSs were %s, %u of them suspended", res->done,
			res->total, what, res->suspended);
	else if (res->total)
		out_msg(&c->t.out, 0, "%u of %u VPSs were %s", res->done, res->total, what);
	return res->failed || res->left ? EX_SOME : EX_OK;
}

static int do_start(struct call *c)
{
	struct vz_node_result res = { 0 };
	struct vz_err e = { 0 };
	int r;

	if (!vz_node_is_wanted(c->t.vz)) {
		out_msg(&c->t.out, 0, "VIRTUOZZO is not yes in vz.conf: nothing is started");
		return EX_OK;
	}
	r = vz_node_ready(c->t.vz, &e);
	if (r == 0)
		r = vz_node_up(c->t.vz, &c->o, &res, &e);
	return ended(c, r, &res, "started", &e);
}

static int do_stop(struct call *c)
{
	struct vz_node_result res = { 0 };
	struct vz_err e = { 0 };
	int r = vz_node_down(c->t.vz, &c->o, &res, &e);

	return ended(c, r, &res, "stopped", &e);
}

static int do_restart(struct call *c)
{
	int r = do_stop(c);

	return r ? r : do_start(c);
}

static void count_failures(void *arg, const struct vz_check *check)
{
	*(unsigned *)arg += check->level == VZ_CHECK_FAIL;
}

static int do_status(struct call *c)
{
	const struct vz_check_opts o = { .size = sizeof(o), .quick = true };
	struct vz_err e = { 0 };
	unsigned failures = 0;

	if (vz_node_is_up(c->t.vz)) {
		out_msg(&c->t.out, 0, "vz is running");
		return EX_OK;
	}
	if (vz_node_check(c->t.vz, &o, count_failures, &failures, &e) < 0 || failures) {
		out_msg(&c->t.out, 0, "vz is stopped, and this machine cannot run VPSs: see vzcheck");
		return ST_NO_KERNEL;
	}
	out_msg(&c->t.out, 0, "vz is stopped");
	return ST_STOPPED;
}

static const struct {
	const char *word;
	int (*run)(struct call *c);
	bool root;
} words[] = {
	{ "start", do_start, true },
	{ "stop", do_stop, true },
	{ "restart", do_restart, true },
	{ "force-reload", do_restart, true },
	{ "status", do_status, false },
};

static int run(struct call *c, size_t i)
{
	struct vz_err e = { 0 };

	if (words[i].root && geteuid() != 0) {
		out_msg(&c->t.out, -1, "%s needs root", words[i].word);
		return EX_RIGHTS;
	}
	if (tool_node(&c->t, &e) < 0)
		return tool_fail(&c->t, &e, EX_NO_CONF);
	set_log(c);
	c->o.cancel_fd = words[i].root ? await_signals() : -1;
	return words[i].run(c);
}

static int usage(struct call *c, const char *word)
{
	if (word)
		out_msg(&c->t.out, -1, "'%.64s' is not a command", word);
	else
		fputs(usage_text, stderr);
	return EX_USAGE;
}

static int read_options(struct call *c)
{
	struct opt_result *opt = &c->t.opt;

	c->t.out.quiet = false;
	c->t.out.verbose = opt_has(opt, O_QUIET) ? -1 : (int)opt_count(opt, O_VERBOSE);
	c->o = (struct vz_node_opts){ .size = sizeof(c->o), .stop_mode = opt_value(opt, O_MODE),
				      .pressure = opt_value(opt, O_PRESSURE) };
	if (isatty(STDERR_FILENO) && !opt_has(opt, O_QUIET)) {
		c->o.progress = on_progress;
		c->o.progress_arg = c;
	}
	return number(c, O_PARALLEL, "parallel", &c->o.parallel) &&
			       number(c, O_TIMEOUT, "timeout", &c->o.timeout_s) ?
		       0 :
		       EX_USAGE;
}

int main(int argc, char **argv)
{
	struct call c = { 0 };
	int r = tool_begin(&c.t, "vz", argc, argv, defs, EX_USAGE);
	const char *word = c.t.opt.nwords ? c.t.opt.words[0] : NULL;

	if (r == 0)
		r = read_options(&c);
	if (r)
		return tool_end(&c.t, r, EX_SOME);
	if (opt_has(&c.t.opt, O_HELP)) {
		fputs(usage_text, stdout);
		return tool_end(&c.t, EX_OK, EX_SOME);
	}
	if (c.t.opt.nwords > 1)
		return tool_end(&c.t, usage(&c, c.t.opt.words[1]), EX_SOME);
	for (size_t i = 0; word && i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i].word, word) == 0)
			return tool_end(&c.t, run(&c, i), EX_SOME);
	}
	return tool_end(&c.t, usage(&c, word), EX_SOME);
}
