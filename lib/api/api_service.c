// SPDX-License-Identifier: LGPL-2.1-or-later
/* Services of a VPS: which init it has, its words, and what they print. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vz/service.h>
#include <vz/vz.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "ct/ct.h"
#include "ct/inside/exec.h"
#include "guest/service.h"
#include "kern/pidfd.h"

#define ASK_MS	30000  /* a question */
#define WORK_MS 300000 /* start, stop */

/*
 * Read what a program prints until it ends, not until its pipe closes: what it started in the background may keep
 * that open for ever. Beyond SERVICE_OUT bytes the rest is dropped, so that it does not wait for us.
 */
static int collect(int pidfd, int fd, uint64_t deadline, struct buf *out)
{
	struct pollfd p[2] = { { .fd = fd, .events = POLLIN }, { .fd = pidfd, .events = POLLIN } };
	char data[4096];

	for (;;) {
		ssize_t n;
		int r = poll(p, 2, clock_left_ms(deadline));

		if (r == 0)
			return -ETIMEDOUT;
		if (r < 0 && errno != EINTR)
			return -errno;
		n = read(fd, data, sizeof(data));
		if (n > 0) {
			size_t room = out->len < SERVICE_OUT ? SERVICE_OUT - out->len : 0;

			(void)buf_add(out, data, (size_t)n < room ? (size_t)n : room);
			continue;
		}
		if (n == 0)
			p[0].fd = -1; /* closed; wait for the end */
		if (r > 0 && p[1].revents)
			return out->failed ? -ENOMEM : 0;
	}
}

/* Run one command; -ENOENT: there is no such program. */
static int ask(struct ct *ct, const char *const *argv, int timeout_ms, struct buf *out, int *ret_status,
	       struct vz_err *e)
{
	_fd_ int null = open("/dev/null", O_RDWR | O_CLOEXEC), from = -1, to = -1, pidfd = -1;
	struct vz_exec_opts o = { .size = sizeof(o), .argv = argv, .set_stdio = true };
	int p[2], r;

	if (null < 0 || pipe2(p, O_CLOEXEC) < 0)
		return err_sys(e, VZ_E_SYS, -errno, "cannot make a pipe");
	from = p[0];
	to = p[1];
	(void)fcntl(from, F_SETFL, O_NONBLOCK);
	o.stdio[0] = null;
	o.stdio[1] = o.stdio[2] = to;
	r = ct_exec(ct, &o, &pidfd, e);
	if (r < 0)
		return r;
	cleanup_fd(&to);
	r = collect(pidfd, from, clock_ms() + (uint64_t)timeout_ms, out);
	if (r < 0)
		(void)kpid_signal(pidfd, SIGKILL);
	(void)ct_await(pidfd, -1, ret_status);
	if (r == -ETIMEDOUT)
		return err_set(e, VZ_E_EXEC_TIMEOUT, r, "VPS '%s': '%s' did not end in time", ct->idstr,
			       argv[0]);
	return r < 0 ? err_sys(e, VZ_E_SYS, r, "VPS '%s': cannot read from '%s'", ct->idstr, argv[0]) : 0;
}

static int find_init(struct ct *ct, const struct service_init **ret, struct vz_err *e)
{
	if (!ct_is_running(ct))
		return err_set(e, VZ_E_NOT_RUNNING, -ESRCH, "VPS '%s' is not running", ct->idstr);
	for (const struct service_init *i = service_next(NULL); i; i = service_next(i)) {
		_buf_ struct buf out = BUF_INIT;
		int status = 0, r = i->probe[0] ? ask(ct, i->probe, ASK_MS, &out, &status, e) : 0;

		if (r < 0)
			return r;
		if (status == 0) {
			*ret = i;
			return 0;
		}
	}
	return err_set(e, VZ_E_EXEC, -ENOENT, "VPS '%s' has no service manager", ct->idstr);
}

int vz_service_manager(struct vz_ct *ct, const char **ret, struct vz_err *e)
{
	const struct service_init *i;
	int r = find_init((struct ct *)ct, &i, e);

	if (r == 0)
		*ret = i->name;
	return r;
}

/* Both lists of an init. */
static int read_lists(struct ct *ct, const struct service_init *i, struct service_table *t, struct vz_err *e)
{
	int r = 0;

	for (size_t k = 0; k < ARRAY_LEN(i->list) && r == 0; k++) {
		_buf_ struct buf out = BUF_INIT;
		int status;

		r = ask(ct, i->list[k].argv, ASK_MS, &out, &status, e);
		if (r == 0 && i->list[k].read(&out, t) < 0)
			r = err_nomem(e);
	}
	return r;
}

/* ---- one command ---- */

struct command {
	const char *argv[SERVICE_WORDS];
	char *made; /* the word that the service is in */
};

static void command_done(struct command *c)
{
	free(c->made);
}

/* The first % of a word becomes the service. */
static int make(const char *const *words, const char *service, struct command *c)
{
	for (size_t i = 0; i < SERVICE_WORDS && words[i]; i++) {
		const char *at = strchr(words[i], '%');

		c->argv[i] = words[i];
		if (!at)
			continue;
		c->made = str_printf("%.*s%s%s", (int)(at - words[i]), words[i], service, at + 1);
		if (!c->made)
			return -ENOMEM;
		c->argv[i] = c->made;
	}
	return 0;
}

/* -ENOENT and an empty *e: none of the programs is there. */
static int run_verb(struct ct *ct, const struct service_init *i, enum vz_service_verb verb,
		    const char *service, struct buf *out, int *ret_status, struct vz_err *e)
{
	int r = -ENOENT, timeout = verb == VZ_SERVICE_STATUS ? ASK_MS : WORK_MS;

	for (size_t k = 0; k < SERVICE_WAYS && i->verb[verb][k][0] && r == -ENOENT; k++) {
		_cleanup_(command_done) struct command c = { .made = NULL };
		struct vz_err why = { 0 };

		if (make(i->verb[verb][k], service, &c) < 0)
			return err_nomem(e);
		r = ask(ct, c.argv, timeout, out, ret_status, &why);
		if (r < 0 && r != -ENOENT && e)
			*e = why;
	}
	if (r == 0 && verb == VZ_SERVICE_STATUS && i->status)
		*ret_status = i->status(out, *ret_status);
	return r;
}

/* The file "S20name" for "name". -ENOENT and an empty *e: there is none. */
static int number_of(struct ct *ct, const struct service_init *i, const char *service, char **ret,
		     struct vz_err *e)
{
	_cleanup_(service_table_done) struct service_table t = { 0 };
	const char *found = NULL;
	int r = read_lists(ct, i, &t, e);

	if (r < 0)
		return r;
	for (size_t k = 0; k < t.n; k++)
		if (str_eq(t.v[k].name, service) || str_eq(t.v[k].name + 3, service))
			found = t.v[k].name;
	if (!found)
		return -ENOENT;
	*ret = strdup(found);
	return *ret ? 0 : err_nomem(e);
}

int vz_service_do(struct vz_ct *handle, enum vz_service_verb verb, const char *service, char **ret_output,
		  int *ret_status, struct vz_err *e)
{
	struct ct *ct = (struct ct *)handle;
	const struct service_init *i;
	_buf_ struct buf out = BUF_INIT;
	_free_ char *file = NULL;
	int status = 0, r;

	if ((unsigned)verb >= VZ_SERVICE_NVERBS || !service_name_ok(service, strlen(service)))
		return err_set(e, VZ_E_PARAM, -EINVAL, "'%.60s' is not the name of a service", service);
	r = find_init(ct, &i, e);
	if (r < 0)
		return r;
	if (i->numbered)
		r = number_of(ct, i, service, &file, e);
	if (r == 0)
		r = run_verb(ct, i, verb, file ? file : service, &out, &status, e);
	if (r == -ENOENT && (!e || !e->code)) {
		r = 0;
		status = verb == VZ_SERVICE_STATUS ? 4 : 5;
		(void)buf_printf(&out, "there is no service '%s'\n", service);
	}
	if (r < 0)
		return r;
	*ret_output = out.len ? buf_take(&out) : strdup("");
	if (!*ret_output)
		return err_nomem(e);
	*ret_status = status;
	return 0;
}

int vz_service_list(struct vz_ct *handle, void (*fn)(void *arg, const struct vz_service *s), void *arg,
		    struct vz_err *e)
{
	static const char *const states[] = { "unknown", "running", "stopped", "failed" };
	_cleanup_(service_table_done) struct service_table t = { 0 };
	struct ct *ct = (struct ct *)handle;
	const struct service_init *i;
	int r = find_init(ct, &i, e);

	if (r == 0)
		r = read_lists(ct, i, &t, e);
	for (size_t k = 0; r == 0 && i->each && k < t.n; k++) {
		_buf_ struct buf out = BUF_INIT;
		int status = 4;

		/* A service that does not answer is no reason to know nothing about the others. */
		if (run_verb(ct, i, VZ_SERVICE_STATUS, t.v[k].name, &out, &status, NULL) == 0)
			t.v[k].state = service_state(status);
	}
	if (r < 0)
		return r;
	service_sort(&t);
	for (size_t k = 0; k < t.n; k++) {
		struct vz_service s = { .name = t.v[k].name + (i->numbered ? 3 : 0),
					.state = states[t.v[k].state], .enabled = t.v[k].enabled };

		fn(arg, &s);
	}
	return 0;
}
