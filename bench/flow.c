/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two ends of a measurement. "flow serve PORT" answers for ever; "flow KIND ADDRESS PORT MS" sends as fast as goes and
 * prints what has come, a second: stream: bytes by TCP; back: the same in the other direction; small: datagrams of
 * 64 bytes with their headers (no CRC); turn: one byte there and back by TCP.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SMALL	   22 /* 14 + 20 + 8 + 22 */
#define BATCH	   32
#define CHUNK	   (128 << 10)
#define QUESTION   1  /* a datagram so short asks how many have come */

enum { STREAM, BACK, TURN, SMALLS, NKINDS };
static const char *const kinds[NKINDS] = { "stream", "back", "turn", "small" };
static char chunk[CHUNK];

static void die(const char *what)
{
	fprintf(stderr, "flow: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int sock(int type, const char *address, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, type, 0), one = 1, large = 8 << 20;
	struct timeval patience = { .tv_sec = 5 };

	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (type == SOCK_STREAM)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	else
		setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &large, sizeof(large));
	if (!address) {
		if (bind(fd, (void *)&a, sizeof(a)) < 0 || (type == SOCK_STREAM && listen(fd, 8) < 0))
			die("listen");
		return fd;
	}
	if (inet_pton(AF_INET, address, &a.sin_addr) != 1)
		die(address);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (void *)&a, sizeof(a)) < 0)
		die("connect");
	return fd;
}

/* ---- who answers ---- */

static void answer(int fd, int kind)
{
	char b;

	if (kind == BACK)
		while (send(fd, chunk, CHUNK, MSG_NOSIGNAL) > 0)
			;
	else if (kind == STREAM)
		while (recv(fd, chunk, CHUNK, MSG_TRUNC) > 0)
			;
	else
		while (recv(fd, &b, 1, 0) == 1 && send(fd, &b, 1, MSG_NOSIGNAL) == 1)
			;
}

static void serve_tcp(int port, int kind)
{
	int listener = sock(SOCK_STREAM, NULL, port), one = 1;

	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			die("accept");
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		answer(fd, kind);
		close(fd);
	}
}

static void serve_udp(int port)
{
	int fd = sock(SOCK_DGRAM, NULL, port);
	struct mmsghdr m[BATCH];
	struct iovec v[BATCH];
	struct sockaddr_in from[BATCH];
	uint64_t n = 0;

	for (;;) {
		int got;

		for (int i = 0; i < BATCH; i++) {
			v[i] = (struct iovec){ chunk + i * 64, 64 };
			m[i].msg_hdr = (struct msghdr){ .msg_iov = &v[i], .msg_iovlen = 1, .msg_name = &from[i],
							.msg_namelen = sizeof(from[i]) };
		}
		got = recvmmsg(fd, m, BATCH, MSG_WAITFORONE, NULL);
		if (got < 0)
			die("recvmmsg");
		for (int i = 0; i < got; i++) {
			if (m[i].msg_len != QUESTION) {
				n++;
				continue;
			}
			sendto(fd, &n, sizeof(n), 0, (void *)&from[i], sizeof(from[i]));
			n = 0;
		}
	}
}

static int serve(int port)
{
	for (int kind = 0; kind < NKINDS; kind++) {
		if (fork() != 0)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (kind == SMALLS)
			serve_udp(port + kind);
		serve_tcp(port + kind, kind);
	}
	printf("ready\n");
	fflush(stdout);
	pause();
	return 0;
}

/* ---- who asks ---- */

static double stream(int fd, double seconds)
{
	struct tcp_info t = { 0 };
	socklen_t len = sizeof(t);
	double begin = now(), end = begin + seconds, took;

	while (now() < end)
		if (send(fd, chunk, CHUNK, MSG_NOSIGNAL) < 0)
			die("send");
	took = now() - begin;
	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &t, &len);
	return (double)t.tcpi_bytes_acked / took;
}

static double back(int fd, double seconds)
{
	double begin = now(), end = begin + seconds, at = begin;
	uint64_t bytes = 0;

	while (at < end) {
		ssize_t n = recv(fd, chunk, CHUNK, MSG_TRUNC);

		if (n <= 0)
			die("recv");
		bytes += (uint64_t)n;
		at = now();
	}
	return (double)bytes / (at - begin);
}

static double turn(int fd, double seconds)
{
	double begin = now(), end = begin + seconds, at = begin;
	uint64_t n = 0;
	char b = 0;

	for (; at < end; n++, at = now())
		if (send(fd, &b, 1, MSG_NOSIGNAL) != 1 || recv(fd, &b, 1, 0) != 1)
			die("turn");
	return (double)n / (at - begin);
}

static uint64_t ask(int fd)
{
	struct timeval patience = { .tv_usec = 300000 };
	uint64_t n;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	for (int i = 0; i < 20; i++)
		if (send(fd, chunk, QUESTION, 0) == QUESTION && recv(fd, &n, sizeof(n), 0) == sizeof(n))
			return n;
	errno = ETIMEDOUT;
	die("no answer");
	return 0;
}

static double small(int fd, double seconds)
{
	struct iovec v = { chunk, SMALL };
	struct mmsghdr m[BATCH];
	double begin, end, took;

	for (int i = 0; i < BATCH; i++)
		m[i].msg_hdr = (struct msghdr){ .msg_iov = &v, .msg_iovlen = 1 };
	ask(fd);
	begin = now();
	end = begin + seconds;
	while (now() < end)
		sendmmsg(fd, m, BATCH, 0);
	took = now() - begin;
	return (double)ask(fd) / took;
}

int main(int argc, char **argv)
{
	static double (*const run[NKINDS])(int, double) = { stream, back, turn, small };

	if (argc == 3 && strcmp(argv[1], "serve") == 0)
		return serve(atoi(argv[2]));
	for (int k = 0; argc == 5 && k < NKINDS; k++) {
		if (strcmp(argv[1], kinds[k]) != 0)
			continue;
		printf("%.0f\n", run[k](sock(k == SMALLS ? SOCK_DGRAM : SOCK_STREAM, argv[2],
					     atoi(argv[3]) + k), atoi(argv[4]) / 1000.0));
		return 0;
	}
	fprintf(stderr, "usage: flow serve PORT | flow stream|back|turn|small ADDRESS PORT MS\n");
	return 2;
}
