// SPDX-License-Identifier: GPL-2.0-or-later
/* Time one command from outside: nanoseconds from before its start to after its end, on the monotonic
 * clock. Its output goes to /dev/null, so that nobody waits for what it leaves running. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv)
{
	posix_spawn_file_actions_t fa;
	long long begin;
	int status = 0, r;
	pid_t pid;

	if (argc < 2)
		return 2;
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&fa, 1, "/dev/null", O_WRONLY, 0);
	begin = now_ns();
	r = posix_spawnp(&pid, argv[1], &fa, NULL, argv + 1, environ);
	if (r != 0) {
		fprintf(stderr, "timeit: %s: error %d\n", argv[1], r);
		return 127;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	printf("%lld\n", now_ns() - begin);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}
