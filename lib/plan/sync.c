// SPDX-License-Identifier: LGPL-2.1-or-later
/* Messages of meeting points. Used between clone and exec, too: system calls only. */
#include "plan/run.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int sync_send(int sock, uint32_t kind, int32_t a, int32_t b, int fd)
{
	struct sync_msg m = { .kind = kind, .a = a, .b = b };
	struct iovec io = { .iov_base = &m, .iov_len = sizeof(m) };
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(int))];
	} c;
	struct msghdr h = { .msg_iov = &io, .msg_iovlen = 1 };

	if (fd >= 0) {
		h.msg_control = c.room;
		h.msg_controllen = sizeof(c.room);
		c.h.cmsg_level = SOL_SOCKET;
		c.h.cmsg_type = SCM_RIGHTS;
		c.h.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&c.h), &fd, sizeof(fd));
	}
	for (;;) {
		if (sendmsg(sock, &h, MSG_NOSIGNAL) >= 0)
			return 0;
		if (errno != EINTR)
			return -errno;
	}
}

int sync_recv(int sock, int timeout_ms, struct sync_msg *ret, int *ret_fd)
{
	struct iovec io = { .iov_base = ret, .iov_len = sizeof(*ret) };
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(int))];
	} c;
	struct msghdr h = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = c.room,
			    .msg_controllen = sizeof(c.room) };
	struct pollfd pf = { .fd = sock, .events = POLLIN };
	ssize_t n;
	int fd = -1;

	do {
		n = poll(&pf, 1, timeout_ms);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n == 0 ? -ETIMEDOUT : -errno;
	do {
		n = recvmsg(sock, &h, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == ECONNRESET ? -EPIPE : -errno;
	if (n == 0)
		return -EPIPE;
	if (h.msg_controllen >= CMSG_LEN(sizeof(int)) && c.h.cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(&c.h), sizeof(fd));
	if (n != (ssize_t)sizeof(*ret)) {
		if (fd >= 0)
			close(fd);
		return -EPROTO;
	}
	if (ret_fd)
		*ret_fd = fd;
	else if (fd >= 0)
		close(fd);
	return 0;
}
