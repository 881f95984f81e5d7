// SPDX-License-Identifier: GPL-2.0-or-later
/* A raw terminal, window sizes, and a loop that copies. */
#include "term.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#define ROOM 4096
#define ESC  27
#define EOT  4 /* what a user types to say that there is no more: Ctrl-D */

#define NAG_MS	   100
#define NAG_MAX_MS 30000

struct join {
	const struct term_link *l;
	int sig;       /* SIGWINCH and what would end us */
	bool saw_esc;  /* the last byte typed was ESC */
	bool stdin_open;
	bool open_line; /* what was typed last does not end a line */
	char typed[ROOM];
	const char *rest; /* not taken yet by the other terminal */
	size_t nrest;
	pid_t reader;	/* process group that reads there, as last seen */
	int nag, wait;	/* ms between two EOTs, and until the next */
};

static int write_all(int fd, const char *b, size_t n)
{
	while (n) {
		ssize_t w = write(fd, b, n);

		if (w < 0 && errno == EAGAIN) {
			poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, -1);
			continue;
		}
		if (w < 0 && errno != EINTR)
			return -errno;
		if (w > 0) {
			b += w;
			n -= (size_t)w;
		}
	}
	return 0;
}

/* Who types faster than is read waits, and what is said is heard meanwhile: else both would wait for us. */
static int push(struct join *j)
{
	ssize_t w = write(j->l->fd, j->rest, j->nrest);

	if (w < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	j->rest += w;
	j->nrest -= (size_t)w;
	return 0;
}

static int pass_on(struct join *j, size_t n)
{
	char packet[ROOM + 1];

	if (!n)
		return 0;
	j->open_line = j->typed[n - 1] != '\n' && j->typed[n - 1] != '\r';
	if (!j->l->packets) {
		j->rest = j->typed;
		j->nrest = n;
		return push(j);
	}
	packet[0] = 'D';
	memcpy(packet + 1, j->typed, n);
	return send(j->l->fd, packet, n + 1, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/*
 * Our input has ended, which a terminal has no word for: Ctrl-D is read by whoever reads next, once, and is lost
 * where the terminal is switched to another mode meanwhile, as line editors do (n_tty keeps it as a zero byte).
 * So it is said again, soon after another process group has come to the front, rarely to one that does not listen.
 */
static int nag(struct join *j)
{
	struct pollfd room = { .fd = j->l->fd, .events = POLLOUT };
	pid_t now = -1;
	size_t n = 0;
	int r;

	if (ioctl(j->l->fd, TIOCGPGRP, &now) < 0 || now != j->reader) {
		j->reader = now;
		j->nag = j->wait = NAG_MS;
	}
	j->wait -= NAG_MS;
	if (j->wait > 0 || poll(&room, 1, 0) < 1 || !(room.revents & POLLOUT))
		return 0;
	j->nag = j->nag < NAG_MAX_MS ? j->nag * 2 : NAG_MAX_MS;
	j->wait = j->nag;
	if (j->open_line)
		j->typed[n++] = '\n';
	j->typed[n++] = EOT;
	r = pass_on(j, n);
	j->open_line = false;
	return r;
}

static void pass_size(const struct term_link *l)
{
	char packet[1 + sizeof(struct winsize)] = "W";
	struct winsize w;

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &w) < 0)
		return;
	memcpy(packet + 1, &w, sizeof(w));
	if (!l->packets)
		ioctl(l->fd, TIOCSWINSZ, &w);
	else if (send(l->fd, packet, sizeof(packet), MSG_NOSIGNAL) < 0)
		return;
}

/* 1: detach. An ESC is held back until the next byte tells what it means. */
static int typed(struct join *j)
{
	char in[ROOM / 2];
	ssize_t n = read(STDIN_FILENO, in, sizeof(in));
	size_t at = 0;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n <= 0) {
		j->stdin_open = false;
		/* Our own terminal is gone: the one inside goes, too. */
		return n < 0 && errno == EIO && j->l->shell ? -EIO : 0;
	}
	for (ssize_t i = 0; i < n; i++) {
		if (j->l->escape && j->saw_esc) {
			j->saw_esc = false;
			if (in[i] == '.')
				return 1;
			j->typed[at++] = ESC;
		}
		if (j->l->escape && in[i] == ESC)
			j->saw_esc = true;
		else
			j->typed[at++] = in[i];
	}
	return pass_on(j, at);
}

/* 0: go on; 1: the other side has ended. */
static int heard(struct join *j)
{
	char b[ROOM];
	ssize_t n = read(j->l->fd, b, sizeof(b));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	return n <= 0 || write_all(STDOUT_FILENO, b, (size_t)n) < 0;
}

/* What the terminal still holds when the process behind it has ended. */
static void drain(struct join *j)
{
	struct pollfd p = { .fd = j->l->fd, .events = POLLIN };

	while (poll(&p, 1, 0) > 0 && p.revents & POLLIN && heard(j) == 0)
		;
}

/* 0: go on; 1: it ends, *ret says how. */
static int signalled(struct join *j, int *ret)
{
	struct signalfd_siginfo si;

	if (read(j->sig, &si, sizeof(si)) != sizeof(si))
		return 0;
	*ret = 1;
	if (si.ssi_signo != SIGWINCH)
		return 1;
	pass_size(j->l);
	return 0;
}

static int loop(struct join *j)
{
	for (;;) {
		struct pollfd p[] = {
			{ .fd = j->l->fd, .events = j->nrest ? POLLIN | POLLOUT : POLLIN },
			{ .fd = j->stdin_open && !j->nrest ? STDIN_FILENO : -1, .events = POLLIN },
			{ .fd = j->sig, .events = POLLIN },
			{ .fd = j->l->until, .events = POLLIN },
		};
		bool ended = j->l->shell && !j->stdin_open && !j->nrest;
		int n = poll(p, 4, ended ? NAG_MS : -1), r = 0;

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n <= 0) {
			r = n == 0 ? nag(j) : 0;
			if (r < 0)
				return 0;
			continue;
		}
		if (p[0].revents & ~POLLOUT && heard(j))
			return 0;
		if (p[0].revents & POLLOUT)
			r = push(j);
		if (p[1].revents)
			r = typed(j);
		if (r)
			return r == -EIO || r == -EPIPE ? 0 : r;
		if (p[2].revents && signalled(j, &r))
			return r;
		if (p[3].revents) {
			drain(j);
			return 0;
		}
	}
}

static void begin(struct join *j, sigset_t *old, struct sigaction *old_pipe)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	int flags = fcntl(j->l->fd, F_GETFL);
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, old);
	/* A reader that has gone must not end us while the terminal is raw. */
	sigaction(SIGPIPE, &ignore, old_pipe);
	j->sig = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (!j->l->packets && flags >= 0)
		(void)fcntl(j->l->fd, F_SETFL, flags | O_NONBLOCK);
	if (j->l->first) {
		j->rest = j->l->first;
		j->nrest = strlen(j->l->first);
	}
}

int term_join(const struct term_link *l)
{
	struct join j = { .l = l, .stdin_open = true, .reader = -1 };
	struct termios saved, raw;
	bool tty = tcgetattr(STDIN_FILENO, &saved) == 0;
	struct sigaction old_pipe;
	sigset_t old;
	int r;

	begin(&j, &old, &old_pipe);
	if (tty) {
		raw = saved;
		cfmakeraw(&raw);
		tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	}
	pass_size(l);
	r = loop(&j);
	if (tty)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &saved);
	if (j.sig >= 0)
		close(j.sig);
	sigaction(SIGPIPE, &old_pipe, NULL);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return r;
}
