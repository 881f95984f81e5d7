// SPDX-License-Identifier: GPL-2.0-or-later
/* A raw terminal, window sizes, and a loop that copies. */
#include "term.h"

#include <errno.h>
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

struct join {
	const struct term_link *l;
	int sig;       /* SIGWINCH and what would end us */
	bool saw_esc;  /* the last byte typed was ESC */
	bool stdin_open;
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

static int pass_on(const struct term_link *l, const char *b, size_t n)
{
	char packet[ROOM + 1];

	if (!n)
		return 0;
	if (!l->packets)
		return write_all(l->fd, b, n);
	packet[0] = 'D';
	memcpy(packet + 1, b, n);
	return send(l->fd, packet, n + 1, MSG_NOSIGNAL) < 0 ? -errno : 0;
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
	char in[ROOM / 2], out[ROOM];
	ssize_t n = read(STDIN_FILENO, in, sizeof(in));
	size_t at = 0;

	if (n <= 0) {
		j->stdin_open = n < 0 && (errno == EINTR || errno == EAGAIN);
		return 0;
	}
	for (ssize_t i = 0; i < n; i++) {
		if (j->l->escape && j->saw_esc) {
			j->saw_esc = false;
			if (in[i] == '.')
				return 1;
			out[at++] = ESC;
		}
		if (j->l->escape && in[i] == ESC)
			j->saw_esc = true;
		else
			out[at++] = in[i];
	}
	return pass_on(j->l, out, at);
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

static int loop(struct join *j)
{
	for (;;) {
		struct pollfd p[] = {
			{ .fd = j->l->fd, .events = POLLIN },
			{ .fd = j->stdin_open ? STDIN_FILENO : -1, .events = POLLIN },
			{ .fd = j->sig, .events = POLLIN },
			{ .fd = j->l->until, .events = POLLIN },
		};
		struct signalfd_siginfo si;
		int r = 0;

		if (poll(p, 4, -1) < 0 && errno != EINTR)
			return -errno;
		if (p[0].revents && heard(j))
			return 0;
		if (p[1].revents)
			r = typed(j);
		if (r)
			return r == -EIO || r == -EPIPE ? 0 : r;
		if (p[2].revents && read(j->sig, &si, sizeof(si)) == sizeof(si)) {
			if (si.ssi_signo != SIGWINCH)
				return 1;
			pass_size(j->l);
		}
		if (p[3].revents) {
			drain(j);
			return 0;
		}
	}
}

int term_join(const struct term_link *l)
{
	struct join j = { .l = l, .stdin_open = true };
	struct termios saved, raw;
	bool tty = tcgetattr(STDIN_FILENO, &saved) == 0;
	sigset_t set, old;
	int r;

	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, &old);
	j.sig = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
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
	sigprocmask(SIG_SETMASK, &old, NULL);
	return r;
}
