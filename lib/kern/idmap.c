// SPDX-License-Identifier: LGPL-2.1-or-later
/* Write id maps; make a namespace that exists only to carry a map. */
#include "kern/idmap.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "kern/sys.h"

static int poke(pid_t pid, const char *file, uint32_t base)
{
	char path[64], map[64];
	int n;
	_fd_ int fd = -1;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	n = snprintf(map, sizeof(map), "0 %u %u\n", base, KIDMAP_COUNT);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return write(fd, map, (size_t)n) == n ? 0 : -errno;
}

int kidmap_write(pid_t pid, uint32_t base)
{
	int r = poke(pid, "uid_map", base);

	return r < 0 ? r : poke(pid, "gid_map", base);
}

static int wait_to_be_killed(void *arg)
{
	(void)arg;
	for (;;)
		syscall(SYS_pause);
	return 0;
}

int kidmap_userns(uint32_t base, int *ret_fd)
{
	char stack[4096] __attribute__((aligned(16))), path[64];
	int fd = -1, r;
	pid_t pid;

	/* Shares our memory, so nothing is copied; without an exit signal, so that a caller's
	 * SIGCHLD handler does not see it. */
	pid = clone(wait_to_be_killed, stack + sizeof(stack), CLONE_NEWUSER | CLONE_VM, NULL);
	if (pid < 0)
		return -errno;
	r = kidmap_write(pid, base);
	if (r == 0) {
		snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		r = fd < 0 ? -errno : 0;
	}
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		;
	if (r == 0)
		*ret_fd = fd;
	return r;
}
