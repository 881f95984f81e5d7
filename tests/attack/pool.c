/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel has one of for the whole node, or one for each of its users: a VPS takes all of it and keeps
 * it, while its neighbour wants one. "attack hold NAME" takes, says how many, and keeps them until its standard
 * input ends; "attack one NAME" takes one; "attack pools" prints the names.
 */
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/keyctl.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* One more of it, or -1 and errno. */
static int one_inotify(unsigned long n)
{
	(void)n;
	return (int)syscall(SYS_inotify_init1, O_CLOEXEC);
}

static int one_watch(unsigned long n)
{
	static int fd = -1;
	char path[60];

	if (fd < 0)
		fd = (int)syscall(SYS_inotify_init1, O_CLOEXEC);
	(void)snprintf(path, sizeof(path), "/dev/shm/w%lu", n);
	mkdir(path, 0700);
	return (int)syscall(SYS_inotify_add_watch, fd, path, 0x100);
}

static int one_mqueue(unsigned long n)
{
	struct mq_attr a = { .mq_maxmsg = 10, .mq_msgsize = 8192 };
	char name[40];

	(void)snprintf(name, sizeof(name), "/vz-%d-%lu", getpid(), n);
	return (int)mq_open(name, O_CREAT | O_RDWR, 0600, &a);
}

static int one_locked(unsigned long n)
{
	(void)n;
	return mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0) ==
			       MAP_FAILED ? -1 : 0;
}

static int one_signal(unsigned long n)
{
	union sigval v = { .sival_int = (int)n };
	sigset_t s;

	sigemptyset(&s);
	sigaddset(&s, SIGRTMIN + 1);
	sigprocmask(SIG_BLOCK, &s, NULL);
	return sigqueue(getpid(), SIGRTMIN + 1, v);
}

static int one_pty(unsigned long n)
{
	(void)n;
	return open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
}

static int one_aio(unsigned long n)
{
	aio_context_t c = 0;

	(void)n;
	return (int)syscall(SYS_io_setup, 32, &c);
}

static int one_key(unsigned long n)
{
	char name[40];

	(void)snprintf(name, sizeof(name), "k%d-%lu", getpid(), n);
	return (int)syscall(SYS_add_key, "user", name, "x", 1, KEY_SPEC_PROCESS_KEYRING);
}

static int keep_ns(const char *name, int flag)
{
	char path[40];

	if (unshare(flag) < 0)
		return -1;
	(void)snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static int one_netns(unsigned long n)
{
	(void)n;
	return keep_ns("net", CLONE_NEWNET);
}

static int one_mntns(unsigned long n)
{
	(void)n;
	return keep_ns("mnt", CLONE_NEWNS);
}

static int one_file(unsigned long n)
{
	(void)n;
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static const struct {
	const char *name, *held_by;
	int (*one)(unsigned long n);
	unsigned long most; /* more than any node gives to one */
} pools[] = {
	{ "inotify", "namespaces of a VPS belong to an id of its own", one_inotify, 15000 },
	{ "watches", "namespaces of a VPS belong to an id of its own", one_watch, 30000 },
	{ "mqueue", "namespaces of a VPS belong to an id of its own", one_mqueue, 15000 },
	{ "locked", "namespaces of a VPS belong to an id of its own", one_locked, 200 },
	{ "signals", "namespaces of a VPS belong to an id of its own", one_signal, 300000 },
	{ "netns", "namespaces of a VPS belong to an id of its own", one_netns, 300 },
	{ "mntns", "namespaces of a VPS belong to an id of its own", one_mntns, 2000 },
	{ "pty", "limit of the own devpts", one_pty, 15000 },
	{ "aio", "fs.aio-max-nr, which vzcheck raises", one_aio, 60000 },
	{ "keys", "limit per user, and users are the VPS's own", one_key, 15000 },
	{ "files", "fs.file-max, which vzcheck raises", one_file, 60000 },
};
#define NPOOLS (sizeof(pools) / sizeof(*pools))

int pool_names(void)
{
	for (size_t i = 0; i < NPOOLS; i++)
		printf("%s\t%s\n", pools[i].name, pools[i].held_by);
	return 0;
}

int pool(const char *how, const char *name)
{
	struct rlimit r;
	unsigned long n = 0;
	size_t i = 0;
	char c;

	while (i < NPOOLS && strcmp(pools[i].name, name) != 0)
		i++;
	if (i == NPOOLS)
		return 2;
	if (strcmp(how, "one") == 0)
		return pools[i].one(0) < 0 ? say(OUT, "not one %s: %s", name, strerror(errno)) :
					     say(HELD, "one %s", name);
	if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
		r.rlim_cur = r.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &r);
	}
	while (n < pools[i].most && pools[i].one(n) >= 0)
		n++;
	printf("%lu, then %s\n", n, n < pools[i].most ? strerror(errno) : "enough");
	while (read(0, &c, 1) > 0)
		;
	return 0;
}
