/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Take all there is. Each says how much it got and what stopped it. */
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int a_fork_bomb(void)
{
	unsigned long n = 0;

	while (n < 200000) {
		pid_t p = fork();

		if (p < 0)
			break;
		if (p == 0) {
			sleep(3);
			_exit(0);
		}
		n++;
	}
	return n < 200000 ? say(HELD, "%lu processes, then %s", n, strerror(errno)) :
			    say(OUT, "%lu processes and no end", n);
}

int a_memory_bomb(void)
{
	pid_t p = fork();
	int status = 0;

	if (p < 0)
		return say(HELD, "no process to do it with: %s", strerror(errno));
	if (p == 0) {
		for (unsigned long n = 0; n < 1ul << 20; n++) {
			char *m = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

			if (m == MAP_FAILED)
				_exit(1);
			memset(m, (int)n | 1, 1 << 20);
			if (n > 8192)
				_exit(2);
		}
	}
	waitpid(p, &status, 0);
	if (WIFSIGNALED(status))
		return say(HELD, "ended by signal %d", WTERMSIG(status));
	return WEXITSTATUS(status) == 1 ? say(HELD, "mmap failed") : say(OUT, "8 GiB were given");
}

static int fill(const char *dir)
{
	char path[200], *block = calloc(1, 1 << 20);
	unsigned long n = 0;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/fill", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	while (fd >= 0 && n < 4096 && write(fd, block, 1 << 20) > 0)
		n++;
	unlink(path);
	return n < 4096 ? say(HELD, "%lu MiB in %s, then %s", n, dir, strerror(errno)) :
			  say(OUT, "4 GiB of memory by files in %s", dir);
}

int a_shm_bomb(void)
{
	pid_t p = fork();
	int status = 0;

	if (p < 0)
		return say(HELD, "no process to do it with: %s", strerror(errno));
	if (p == 0)
		_exit(fill("/dev/shm"));
	waitpid(p, &status, 0);
	return WIFSIGNALED(status) ? say(HELD, "ended by signal %d", WTERMSIG(status)) : WEXITSTATUS(status);
}

int a_sysv_shm_bomb(void)
{
	pid_t p = fork();
	int status = 0;

	if (p < 0)
		return say(HELD, "no process to do it with: %s", strerror(errno));
	if (p == 0) {
		unsigned long n = 0;

		for (; n < 4096; n++) {
			int id = shmget(IPC_PRIVATE, 1 << 20, 0600 | IPC_CREAT);
			char *m = id < 0 ? (char *)-1 : shmat(id, NULL, 0);

			if (m == (char *)-1)
				break;
			memset(m, 1, 1 << 20);
		}
		_exit(n == 4096);
	}
	waitpid(p, &status, 0);
	for (int i = 0; i < 8192; i++) /* what was left */
		if (shmctl(i, IPC_RMID, NULL) < 0 && i > 4200)
			break;
	if (WIFSIGNALED(status))
		return say(HELD, "ended by signal %d", WTERMSIG(status));
	return WEXITSTATUS(status) ? say(OUT, "4 GiB of shared memory") : say(HELD, "refused in time");
}

int a_fd_bomb(void)
{
	unsigned long n = 0;
	struct rlimit r = { 1 << 20, 1 << 20 };

	(void)setrlimit(RLIMIT_NOFILE, &r);
	while (n < 4000000 && open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0)
		n++;
	return n < 4000000 ? say(HELD, "%lu descriptors, then %s", n, strerror(errno)) :
			     say(OUT, "%lu descriptors", n);
}

int a_pty_bomb(void)
{
	unsigned long n = 0;
	struct rlimit r = { 1 << 20, 1 << 20 };

	(void)setrlimit(RLIMIT_NOFILE, &r);
	while (n < 100000 && open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC) >= 0)
		n++;
	return n < 100000 ? say(HELD, "%lu terminals, then %s", n, strerror(errno)) :
			    say(OUT, "%lu terminals", n);
}

int a_inotify_bomb(void)
{
	unsigned long n = 0;

	while (n < 100000 && syscall(SYS_inotify_init1, O_CLOEXEC) >= 0)
		n++;
	return n < 100000 ? say(HELD, "%lu instances, then %s", n, strerror(errno)) :
			    say(OUT, "%lu instances", n);
}

int a_key_bomb(void)
{
	unsigned long n = 0;
	char name[40];

	for (; n < 100000; n++) {
		(void)snprintf(name, sizeof(name), "k%lu", n);
		if (syscall(SYS_add_key, "user", name, "x", 1, KEY_SPEC_PROCESS_KEYRING) < 0)
			break;
	}
	return n < 100000 ? say(HELD, "%lu keys, then %s", n, strerror(errno)) : say(OUT, "%lu keys", n);
}

int a_socket_bomb(void)
{
	pid_t p = fork();
	int status = 0;

	if (p < 0)
		return say(HELD, "no process to do it with: %s", strerror(errno));
	if (p == 0) {
		struct rlimit r = { 1 << 20, 1 << 20 };
		static char block[65536];
		unsigned long n = 0, bytes = 0;
		int s[2];

		(void)setrlimit(RLIMIT_NOFILE, &r);
		for (; n < 100000 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s) == 0; n++)
			while (bytes < 8ul << 30) {
				ssize_t w = write(s[0], block, sizeof(block));

				if (w <= 0)
					break;
				bytes += (unsigned long)w;
			}
		_exit(bytes >= 8ul << 30 ? 1 : 0);
	}
	waitpid(p, &status, 0);
	if (WIFSIGNALED(status))
		return say(HELD, "ended by signal %d", WTERMSIG(status));
	return WEXITSTATUS(status) ? say(OUT, "8 GiB in socket buffers") : say(HELD, "refused in time");
}

int a_fsync_storm(void)
{
	time_t end = time(NULL) + 5;
	int fd = open("/root/storm", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	unsigned long n = 0;

	while (time(NULL) < end) {
		if (pwrite(fd, &n, sizeof(n), (off_t)(n % 1000) * 4096) < 0 || fsync(fd) < 0)
			break;
		n++;
	}
	unlink("/root/storm");
	return say(HELD, "%lu in five seconds", n);
}

int a_cache_thrash(void)
{
	time_t end = time(NULL) + 5;
	char *block = calloc(1, 1 << 20);
	unsigned long n = 0;
	int fd = open("/root/thrash", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	while (time(NULL) < end && n < 512 && write(fd, block, 1 << 20) > 0)
		n++;
	while (time(NULL) < end) {
		lseek(fd, 0, SEEK_SET);
		while (time(NULL) < end && read(fd, block, 1 << 20) > 0)
			;
	}
	unlink("/root/thrash");
	return say(HELD, "%lu MiB read again and again", n);
}

int a_inode_bomb(void)
{
	time_t end = time(NULL) + 5;
	unsigned long n = 0;
	char path[60];

	mkdir("/root/many", 0700);
	for (; time(NULL) < end; n++) {
		(void)snprintf(path, sizeof(path), "/root/many/%lu", n);
		if (mkdir(path, 0700) < 0)
			break;
	}
	return say(HELD, "%lu folders in five seconds", n);
}
