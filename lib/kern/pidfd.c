// SPDX-License-Identifier: LGPL-2.1-or-later
/* Processes by pid and start time, held by a descriptor. */
#include "kern/pidfd.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/num.h"
#include "kern/sys.h"

int kpid_start_time(pid_t pid, uint64_t *ret)
{
	_buf_ struct buf b = BUF_INIT;
	char path[32], *at, *end;
	int r;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	r = io_read_at(AT_FDCWD, path, 4096, &b);
	if (r < 0)
		return r == -ENOENT ? -ESRCH : r;
	/* The name in field 2 may hold blanks and parentheses: count from the last one. */
	at = b.data ? strrchr(b.data, ')') : NULL;
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (!at)
		return -ESRCH;
	at++;
	end = strchr(at, ' ');
	if (end)
		*end = '\0';
	return num_u64(at, ret);
}

int kpid_open(pid_t pid, uint64_t start, int *ret_fd)
{
	_fd_ int fd = ksys_pidfd_open(pid);
	uint64_t now;
	int r;

	if (fd < 0)
		return fd == -EINVAL ? -ESRCH : fd;
	r = kpid_start_time(pid, &now);
	if (r < 0)
		return r;
	if (now != start || kpid_wait(fd, 0) == 0)
		return -ESRCH;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int kpid_wait(int pidfd, int timeout_ms)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	uint64_t deadline = timeout_ms < 0 ? 0 : clock_ms() + (uint64_t)timeout_ms;
	int r;

	do {
		r = poll(&p, 1, timeout_ms == 0 ? 0 : clock_left_ms(deadline));
	} while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	return r == 0 ? -ETIMEDOUT : 0;
}

int kpid_signal(int pidfd, int sig)
{
	return ksys_pidfd_signal(pidfd, sig);
}
