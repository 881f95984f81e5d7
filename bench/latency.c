// SPDX-License-Identifier: GPL-2.0-or-later
/* What a process of a VPS feels of its neighbours: for so many milliseconds, in turns, a fork with its wait
 * and a write of 4 KiB with its fsync. Prints a line for each kind: its name and its times in microseconds. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 4096, PAUSE_MS = 5 };

static long long now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static int forked(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid < 0 || waitpid(pid, NULL, 0) < 0 ? -errno : 0;
}

static int synced(int fd)
{
	static char page[4096];

	return pwrite(fd, page, sizeof(page), 0) < 0 || fsync(fd) < 0 ? -errno : 0;
}

static void print(const char *name, const int *v, int n)
{
	printf("%s", name);
	for (int i = 0; i < n; i++)
		printf(" %d", v[i]);
	putchar('\n');
}

int main(int argc, char **argv)
{
	static int forks[MOST], syncs[MOST];
	long long end = now_us() + (argc > 2 ? strtoll(argv[2], NULL, 10) : 1000) * 1000;
	int n = 0, fd = argc > 1 ? open(argv[1], O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;

	if (fd < 0) {
		fputs("latency: FILE MILLISECONDS\n", stderr);
		return 1;
	}
	while (n < MOST && now_us() < end) {
		long long a = now_us(), b;

		if (forked() < 0)
			return 1;
		b = now_us();
		if (synced(fd) < 0)
			return 1;
		forks[n] = (int)(b - a);
		syncs[n++] = (int)(now_us() - b);
		poll(NULL, 0, PAUSE_MS);
	}
	print("fork", forks, n);
	print("fsync", syncs, n);
	return 0;
}
