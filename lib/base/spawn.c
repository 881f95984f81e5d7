/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Run a program with a clean environment, a deadline and captured output. The input is a memory
 * file, so it can neither block us nor raise SIGPIPE. We wait for the program, not for the end of
 * its output: a daemon it leaves behind may keep the pipe open for ever.
 */
#include "base/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/close_range.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"

enum {
	OUTPUT_MAX = 65536,
	DRAIN_MAX = 32, /* chunks in one go: more than a pipe holds, yet an endless writer cannot
			 * keep us from the clock */
	KILL_WAIT_MS = 5000,
};

static const char *const default_env[] = {
	"HOME=/",
	"TERM=linux",
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	NULL,
};

/* The descriptors of one run, all above 2. */
struct ends {
	int in, out;	  /* for the child; out -1: inherit */
	int read_out;	  /* our end of the output, -1: none */
	int err_r, err_w; /* errno of a failed exec; closed by a successful one */
	int pidfd;
	pid_t parent;	  /* us */
};

static void ends_done(struct ends *x)
{
	cleanup_fd(&x->in);
	cleanup_fd(&x->out);
	cleanup_fd(&x->read_out);
	cleanup_fd(&x->err_r);
	cleanup_fd(&x->err_w);
	cleanup_fd(&x->pidfd);
}

/* Away from 0, 1, 2, which the child is going to overwrite. */
static int lift(int *fd)
{
	int high;

	if (*fd > 2)
		return 0;
	high = fcntl(*fd, F_DUPFD_CLOEXEC, 3);
	if (high < 0)
		return -errno;
	close(*fd);
	*fd = high;
	return 0;
}

static int make_pipe(int *ret_r, int *ret_w)
{
	int p[2], r;

	if (pipe2(p, O_CLOEXEC) < 0)
		return -errno;
	*ret_r = p[0];
	*ret_w = p[1];
	r = lift(ret_r);
	return r < 0 ? r : lift(ret_w);
}

static int open_input(const struct spawn *s, int *ret_fd)
{
	int r;

	*ret_fd = s->input ? memfd_create("input", MFD_CLOEXEC)
			   : open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (*ret_fd < 0)
		return -errno;
	r = lift(ret_fd);
	if (r < 0 || !s->input)
		return r;
	r = io_write_fd(*ret_fd, s->input, s->input_len);
	if (r == 0 && lseek(*ret_fd, 0, SEEK_SET) < 0)
		r = -errno;
	return r;
}

static int open_output(const struct spawn *s, struct ends *x)
{
	int r;

	if (s->inherit_output)
		return 0;
	if (!s->output) {
		x->out = open("/dev/null", O_WRONLY | O_CLOEXEC);
		return x->out < 0 ? -errno : lift(&x->out);
	}
	r = make_pipe(&x->read_out, &x->out);
	if (r == 0 && fcntl(x->read_out, F_SETFL, O_NONBLOCK) < 0)
		r = -errno;
	return r;
}

/* From here to exec: system calls only. */
static int child_setup(const struct spawn *s, const struct ends *x)
{
	sigset_t none;

	if (setsid() < 0)
		return errno;
	/* Lost only should we die before this line; then getppid() has changed. */
	if (s->die_with_us && (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != x->parent))
		return ECHILD;
	(void)umask(022);
	if (chdir("/") < 0)
		return errno;
	/* Handlers go with exec, but what is ignored or blocked would stay so. */
	for (int sig = 1; sig < NSIG; sig++)
		(void)signal(sig, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(x->in, 0) < 0)
		return errno;
	if (x->out >= 0 && (dup2(x->out, 1) < 0 || dup2(x->out, 2) < 0))
		return errno;
	/* Marked, not closed: the error pipe must live until exec. */
	if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		return errno;
	for (const int *k = s->keep; k && *k >= 0; k++)
		if (fcntl(*k, F_SETFD, 0) < 0)
			return errno;
	return 0;
}

static void __attribute__((noreturn)) child(const struct spawn *s, const struct ends *x)
{
	const char *const *env = s->env ? s->env : default_env;
	int err = child_setup(s, x);

	if (err == 0 && s->before_exec)
		err = -s->before_exec(s->before_arg);
	if (err == 0) {
		(void)execve(s->argv[0], (char *const *)s->argv, (char *const *)env);
		err = errno;
	}
	(void)!write(x->err_w, &err, sizeof(err));
	_exit(127);
}

/* Take what is there now; what is beyond the limit is read and dropped, so that the program does
 * not block. False when the pipe has ended. */
static bool drain(int fd, struct buf *out, size_t *kept)
{
	char chunk[4096];

	for (int i = 0; i < DRAIN_MAX; i++) {
		ssize_t n = read(fd, chunk, sizeof(chunk));
		size_t keep;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 && errno == EAGAIN;
		keep = OUTPUT_MAX - *kept < (size_t)n ? OUTPUT_MAX - *kept : (size_t)n;
		(void)buf_add(out, chunk, keep); /* failure is sticky in out */
		*kept += keep;
	}
	return true;
}

int spawn_collect(int pidfd, int read_fd, struct buf *out, unsigned timeout_ms)
{
	uint64_t deadline = timeout_ms ? clock_ms() + timeout_ms : 0;
	struct pollfd p[2] = {
		{ .fd = pidfd, .events = POLLIN },
		{ .fd = read_fd, .events = POLLIN },
	};
	size_t kept = 0;

	for (;;) {
		int n = poll(p, ARRAY_LEN(p), clock_left_ms(deadline));

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n <= 0) {
			if (deadline && clock_left_ms(deadline) == 0)
				return -ETIMEDOUT;
			continue;
		}
		if (p[1].fd >= 0 && (p[1].revents || p[0].revents))
			if (!drain(p[1].fd, out, &kept))
				p[1].fd = -1;
		if (p[0].revents)
			return 0;
		if (deadline && clock_left_ms(deadline) == 0)
			return -ETIMEDOUT;
	}
}

static int reap(pid_t pid, int *ret_status)
{
	while (waitpid(pid, ret_status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

/* The whole group; the leader may not have made its session yet, so it is also hit by itself. */
static void kill_group(pid_t pid, int pidfd)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	uint64_t deadline = clock_ms() + KILL_WAIT_MS;
	int status;

	(void)kill(-pid, SIGKILL);
	(void)kill(pid, SIGKILL);
	/* A process stuck in the kernel cannot be waited for; it stays our zombie. */
	while (pidfd >= 0 && poll(&p, 1, clock_left_ms(deadline)) < 0 && errno == EINTR)
		;
	if (pidfd < 0 || p.revents)
		(void)reap(pid, &status);
}

static int supervise(const struct spawn *s, pid_t pid, struct ends *x, int *ret_status)
{
	int err = 0, r, status = 0;
	ssize_t n;

	cleanup_fd(&x->err_w);
	cleanup_fd(&x->out);
	x->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	r = x->pidfd < 0 ? -errno :
			   spawn_collect(x->pidfd, x->read_out, s->output, s->timeout_ms);
	if (r < 0) {
		kill_group(pid, x->pidfd);
		return r;
	}
	r = reap(pid, &status);
	if (r < 0)
		return r;
	do {
		n = read(x->err_r, &err, sizeof(err));
	} while (n < 0 && errno == EINTR);
	if (n == (ssize_t)sizeof(err))
		return -err;
	*ret_status = status;
	return 0;
}

int spawn_run(const struct spawn *s, int *ret_status)
{
	_cleanup_(ends_done) struct ends x = { -1, -1, -1, -1, -1, -1, getpid() };
	pid_t pid;
	int r = open_input(s, &x.in);

	if (r == 0)
		r = open_output(s, &x);
	if (r == 0)
		r = make_pipe(&x.err_r, &x.err_w);
	if (r < 0)
		return r;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		child(s, &x);
	return supervise(s, pid, &x, ret_status);
}
