// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A console for a restored VPS. CRIU restores terminals that somebody has open; when at the dump nobody
 * had the console, there is none afterwards. Then a new one is made inside while the VPS still stands.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cpt/cpt_int.h"

#define PTMX_DEV makedev(5, 2)

static int enter(pid_t init)
{
	static const char *const kinds[] = { "user", "mnt" };
	int fd[ARRAY_LEN(kinds)];

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		char path[40];

		snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)init, kinds[i]);
		fd[i] = open(path, O_RDONLY | O_CLOEXEC);
		if (fd[i] < 0)
			return -errno;
	}
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (setns(fd[i], 0) < 0)
			return -errno;
	return setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0 ? -errno : 0;
}

/* Everything here is the VPS's: it may have put anything at these names. */
static int open_master(int *ret)
{
	struct stat st;
	char name[24];
	unsigned int index;
	int unlock = 0, fd = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK |
							   O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISCHR(st.st_mode) || st.st_rdev != PTMX_DEV ||
	    ioctl(fd, TIOCSPTLCK, &unlock) < 0 || ioctl(fd, TIOCGPTN, &index) < 0)
		return -ENOTTY;
	snprintf(name, sizeof(name), "pts/%u", index);
	unlink("/dev/.console");
	if (symlink(name, "/dev/.console") < 0 || rename("/dev/.console", "/dev/console") < 0)
		return -errno;
	*ret = fd;
	return 0;
}

static void send_fd(int sock, int fd)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} c = { .room = { 0 } };
	char byte = 0;
	struct iovec v = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = &c,
			    .msg_controllen = sizeof(c) };
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);

	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(h), &fd, sizeof(fd));
	sendmsg(sock, &m, MSG_NOSIGNAL);
}

static int recv_fd(int sock, int *ret)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} c;
	char byte;
	struct iovec v = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = &c,
			    .msg_controllen = sizeof(c) };
	const struct cmsghdr *h;
	ssize_t n;

	do
		n = recvmsg(sock, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	h = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
	if (!h || h->cmsg_type != SCM_RIGHTS || h->cmsg_len != CMSG_LEN(sizeof(int)))
		return -ENOTTY;
	memcpy(ret, CMSG_DATA(h), sizeof(int));
	return 0;
}

int cpt_console_make(pid_t init, int *ret_master)
{
	int sv[2], r, fd = -1;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_DUMPABLE, 0);
		if (enter(init) < 0 || open_master(&fd) < 0)
			_exit(1);
		send_fd(sv[1], fd);
		_exit(0);
	}
	r = pid < 0 ? -errno : 0;
	close(sv[1]);
	if (r == 0)
		r = recv_fd(sv[0], ret_master);
	close(sv[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return r;
}
