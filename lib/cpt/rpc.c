// SPDX-License-Identifier: LGPL-2.1-or-later
/* The conversation with a CRIU worker. */
#include "cpt/rpc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "cpt/pb.h"

#define MESSAGE_MAX 65536
#define WORKER_FD   3
#define BUSY_FD	    4

enum { REQ_TYPE = 1, REQ_OPTS = 2, REQ_NOTIFY_SUCCESS = 3, TYPE_NOTIFY = 6 };
enum { RESP_TYPE = 1, RESP_SUCCESS = 2, RESP_RESTORE = 4, RESP_NOTIFY = 5 };
enum { NOTIFY_SCRIPT = 1, NOTIFY_PID = 2, RESTORE_PID = 1 };

int rpc_pair(int *ret_ours, int *ret_criu)
{
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) < 0)
		return -errno;
	*ret_ours = sv[0];
	*ret_criu = sv[1];
	return 0;
}

static void worker(const char *criu, int sock, int busy) __attribute__((noreturn));
static void worker(const char *criu, int sock, int busy)
{
	static const char *const env[] = {
		"HOME=/", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL,
	};
	char number[] = { '0' + WORKER_FD, '\0' };
	char *argv[] = { (char *)(uintptr_t)criu, (char *)(uintptr_t)"swrk", number, NULL };
	sigset_t none;
	int fd;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	setsid();
	/* High, so that the standard three cannot land on it. */
	sock = fcntl(sock, F_DUPFD, 100);
	busy = busy < 0 ? -1 : fcntl(busy, F_DUPFD, 100);
	fd = open("/dev/null", O_RDWR);
	if (sock < 0 || fd < 0 || dup2(fd, 0) < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0 ||
	    dup2(sock, WORKER_FD) < 0)
		_exit(127);
	if (busy >= 0 && dup2(busy, BUSY_FD) < 0)
		_exit(127);
	syscall(SYS_close_range, busy >= 0 ? BUSY_FD + 1 : BUSY_FD, ~0u, 0);
	execve(criu, argv, (char *const *)(uintptr_t)env);
	_exit(127);
}

int rpc_spawn(const char *criu, int sock, int busy, pid_t *ret)
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0)
		worker(criu, sock, busy);
	*ret = pid;
	return 0;
}

static int send_message(int sock, const struct buf *b)
{
	ssize_t n;

	if (b->failed)
		return -ENOMEM;
	do
		n = send(sock, b->data, b->len, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

int rpc_request(int sock, int type, const struct buf *opts)
{
	_buf_ struct buf b = BUF_INIT;

	if (opts->failed)
		return -ENOMEM;
	pb_put_num(&b, REQ_TYPE, (uint64_t)type);
	pb_put_bytes(&b, REQ_OPTS, opts->data, opts->len);
	return send_message(sock, &b);
}

int rpc_answer(int sock, bool go_on)
{
	_buf_ struct buf b = BUF_INIT;

	pb_put_num(&b, REQ_TYPE, TYPE_NOTIFY);
	pb_put_num(&b, REQ_NOTIFY_SUCCESS, go_on);
	return send_message(sock, &b);
}

static int recv_message(int sock, uint64_t deadline, char *data, size_t size, int *ret_fd)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} c;
	struct iovec v = { .iov_base = data, .iov_len = size };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = &c,
			    .msg_controllen = sizeof(c) };
	struct pollfd p = { .fd = sock, .events = POLLIN };
	struct cmsghdr *h;
	ssize_t n;
	int r;

	do {
		r = poll(&p, 1, clock_left_ms(deadline));
		if (r == 0)
			return -ETIMEDOUT;
		n = r < 0 ? -1 : recvmsg(sock, &m, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == ECONNRESET ? -EPIPE : -errno;
	h = CMSG_FIRSTHDR(&m);
	if (h && h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS &&
	    h->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(ret_fd, CMSG_DATA(h), sizeof(int));
	if (n == 0 || m.msg_flags & MSG_TRUNC)
		return n == 0 ? -EPIPE : -EBADMSG;
	return (int)n;
}

static int parse(const char *data, size_t len, struct rpc_event *ev)
{
	struct pb_field f, g;
	bool notify;

	if (pb_find(data, len, RESP_TYPE, PB_NUM, &f) < 0)
		return -EBADMSG;
	notify = f.num == TYPE_NOTIFY;
	ev->done = !notify;
	ev->success = pb_find(data, len, RESP_SUCCESS, PB_NUM, &f) == 0 && f.num;
	if (pb_find(data, len, notify ? RESP_NOTIFY : RESP_RESTORE, PB_BYTES, &f) < 0)
		return notify ? -EBADMSG : 0;
	if (pb_find(f.data, f.len, notify ? NOTIFY_PID : RESTORE_PID, PB_NUM, &g) == 0)
		ev->pid = (pid_t)g.num;
	if (notify && pb_find(f.data, f.len, NOTIFY_SCRIPT, PB_BYTES, &g) == 0)
		snprintf(ev->script, sizeof(ev->script), "%.*s", (int)g.len, (const char *)g.data);
	return 0;
}

int rpc_recv(int sock, uint64_t deadline, struct rpc_event *ret)
{
	_free_ char *data = malloc(MESSAGE_MAX);
	struct rpc_event ev = { .fd = -1 };
	int n, r;

	if (!data)
		return -ENOMEM;
	n = recv_message(sock, deadline, data, MESSAGE_MAX, &ev.fd);
	r = n < 0 ? n : parse(data, (size_t)n, &ev);
	if (r < 0) {
		cleanup_fd(&ev.fd);
		return r;
	}
	*ret = ev;
	return 0;
}
