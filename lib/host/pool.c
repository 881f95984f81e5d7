// SPDX-License-Identifier: LGPL-2.1-or-later
/* Work on many VPSs in children, each with a deadline. A child tells how it went through a pipe: its words are
 * shorter than PIPE_BUF, so they come whole or not at all. */
#include "host/pool.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "kern/pidfd.h"
#include "kern/sys.h"

#define KILL_WAIT_MS 5000 /* for a child that does not even die: it waits in the kernel */
#define PARALLEL_MAX 1024

struct word {
	int result;
	struct vz_err err;
};
_Static_assert(sizeof(struct word) <= PIPE_BUF, "a word is written at once");

struct slot {
	struct pool_job *job; /* NULL: free */
	pid_t pid;
	int pidfd, from;
	uint64_t deadline; /* 0: none */
	bool killed;
};

struct work {
	const struct pool *p;
	struct slot *slot;
	struct pollfd *poll;
	unsigned nslots, going;
	bool cancelled;
};

static void in_child(const struct pool *p, struct pool_job *job, int to)
{
	struct word w = { 0 };
	sigset_t none;

	/* The caller may await signals by a descriptor; what we start must not be deaf to them. */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	w.result = p->run(p->arg, job, &w.err);
	_exit(write(to, &w, sizeof(w)) != sizeof(w));
}

static int begin(struct work *w, struct slot *s, struct pool_job *job)
{
	int ends[2], r;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		in_child(w->p, job, ends[1]);
	r = pid < 0 ? -errno : 0;
	close(ends[1]);
	if (r < 0) {
		close(ends[0]);
		return r;
	}
	*s = (struct slot){ .job = job, .pid = pid, .from = ends[0], .pidfd = ksys_pidfd_open(pid),
			    .deadline = job->timeout_ms ? clock_ms() + job->timeout_ms : 0 };
	job->begun = true;
	w->going++;
	return 0;
}

static void ended(struct work *w, struct slot *s)
{
	struct pool_job *job = s->job;

	cleanup_fd(&s->from);
	cleanup_fd(&s->pidfd);
	s->job = NULL;
	w->going--;
	if (w->p->step)
		w->p->step(w->p->arg, job, w->going);
}

static void too_late(struct pool_job *job)
{
	job->result = err_set(&job->err, VZ_E_SYS, -ETIMEDOUT,
			      "VPS '%u': the command did not end within %u s and was killed", job->id,
			      job->timeout_ms / 1000);
}

static void reap(struct work *w, struct slot *s)
{
	struct word word;
	int status = 0;
	pid_t pid = waitpid(s->pid, &status, WNOHANG);

	if (pid == 0)
		return;
	if (read(s->from, &word, sizeof(word)) == sizeof(word)) {
		s->job->result = word.result;
		s->job->err = word.err;
	} else if (s->killed) {
		too_late(s->job);
	} else {
		s->job->result = err_set(&s->job->err, VZ_E_SYS, -ECHILD,
					 "VPS '%u': the command ended without a word (%s %d)", s->job->id,
					 pid > 0 && WIFSIGNALED(status) ? "signal" : "status",
					 pid < 0	     ? -1 :
					 WIFSIGNALED(status) ? WTERMSIG(status) :
							       WEXITSTATUS(status));
	}
	ended(w, s);
}

static void overdue(struct work *w, struct slot *s)
{
	if (!s->killed) {
		(void)kill(s->pid, SIGKILL);
		s->killed = true;
		s->deadline = clock_ms() + KILL_WAIT_MS;
		return;
	}
	/* Not even SIGKILL: whoever inherits it will reap it. */
	too_late(s->job);
	ended(w, s);
}

static struct slot *free_slot(struct work *w)
{
	for (unsigned i = 0; i < w->nslots; i++) {
		if (!w->slot[i].job)
			return &w->slot[i];
	}
	return NULL;
}

/* Begin what may begin; the time after which to try again, -1: when one has ended. */
static int begin_some(struct work *w, struct pool_job *jobs, size_t n, size_t *next)
{
	while (*next < n && w->going < w->nslots && !w->cancelled) {
		unsigned wait = w->p->gate ? w->p->gate(w->p->arg, w->going) : 0;
		struct pool_job *job = &jobs[*next];
		int r;

		if (wait)
			return wait > INT_MAX ? INT_MAX : (int)wait;
		r = begin(w, free_slot(w), job);
		if (r < 0 && w->going)
			return 1000; /* no process to be had now: maybe when another has ended */
		++*next;
		if (r < 0) {
			job->begun = true;
			job->result = err_sys(&job->err, VZ_E_NORES, r, "VPS '%u': cannot fork", job->id);
		}
		if (w->p->step)
			w->p->step(w->p->arg, r < 0 ? job : NULL, w->going);
	}
	return -1;
}

static int until_deadline(const struct work *w, int wait)
{
	for (unsigned i = 0; i < w->nslots; i++) {
		if (w->slot[i].job && w->slot[i].deadline) {
			int left = clock_left_ms(w->slot[i].deadline);

			wait = wait < 0 || left < wait ? left : wait;
		}
	}
	return wait;
}

static int look(struct work *w, int wait)
{
	struct pollfd *pfd = w->poll;

	for (unsigned i = 0; i < w->nslots; i++)
		pfd[i] = (struct pollfd){ .fd = w->slot[i].job ? w->slot[i].pidfd : -1,
					  .events = POLLIN };
	pfd[w->nslots] = (struct pollfd){ .fd = w->cancelled ? -1 : w->p->cancel_fd,
					  .events = POLLIN };
	if (poll(pfd, w->nslots + 1, until_deadline(w, wait)) < 0)
		return errno == EINTR ? 0 : -errno;
	w->cancelled = w->cancelled || pfd[w->nslots].revents;
	for (unsigned i = 0; i < w->nslots; i++) {
		struct slot *s = &w->slot[i];

		if (s->job && pfd[i].revents)
			reap(w, s);
		if (s->job && s->deadline && clock_left_ms(s->deadline) == 0)
			overdue(w, s);
	}
	return 0;
}

int pool_run(const struct pool *p, struct pool_job *jobs, size_t n)
{
	unsigned size = p->parallel < 1 ? 1 : p->parallel > PARALLEL_MAX ? PARALLEL_MAX : p->parallel;
	_free_ struct slot *slot = calloc(size, sizeof(*slot));
	_free_ struct pollfd *pfd = calloc(size + 1, sizeof(*pfd));
	struct work w = { .p = p, .slot = slot, .poll = pfd, .nslots = size };
	size_t next = 0;
	int r = slot && pfd ? 0 : -ENOMEM;

	while (r == 0) {
		int wait = begin_some(&w, jobs, n, &next);

		if (w.going == 0 && (next == n || w.cancelled))
			break;
		r = look(&w, wait);
	}
	return r;
}
