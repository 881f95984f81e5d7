/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The node, its other VPSs, and the limits that are not the guest's to change. */
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

int a_kill_all(void)
{
	signal(SIGUSR1, SIG_IGN);
	for (pid_t p = 2; p < 70000; p++)
		if (p != getpid() && p != getppid() && kill(p, 0) == 0) {
			char path[40];

			(void)snprintf(path, sizeof(path), "/proc/%d/ns/pid", p);
			if (access(path, F_OK) < 0)
				return say(OUT, "process %d is not ours", p);
		}
	return say(HELD, "all processes that can be named are the VPS's own");
}

int a_ptrace_init(void)
{
	/* The parent of process 1 is the monitor, on the node. */
	if (ptrace(PTRACE_ATTACH, 0, 0, 0) == 0)
		return say(OUT, "attached to the parent");
	return must_fail(syscall(SYS_pidfd_open, 0, 0), "the process outside");
}

int a_read_memory(void)
{
	char buf[16];
	struct iovec l = { buf, sizeof(buf) }, r = { (void *)0x400000, sizeof(buf) };

	for (pid_t p = 2; p < 40000; p++) {
		char path[40];

		(void)snprintf(path, sizeof(path), "/proc/%d", p);
		if (access(path, F_OK) < 0 && process_vm_readv(p, &l, 1, &r, 1, 0) > 0)
			return say(OUT, "memory of process %d", p);
	}
	return say(HELD, "no process outside has a number here");
}

/* An entering process is still the node's program for a moment. */
int a_entering_exe(void)
{
	time_t end = time(NULL) + 4;
	unsigned long closed = 0;
	char path[40], to[256];

	while (time(NULL) < end)
		for (pid_t p = 2; p < 400; p++) {
			ssize_t n;
			int fd;

			(void)snprintf(path, sizeof(path), "/proc/%d/exe", p);
			n = readlink(path, to, sizeof(to) - 1);
			closed += n < 0 && errno == EACCES;
			if (n < 0)
				continue;
			to[n] = '\0';
			if (!strstr(to, "vzctl") && !strstr(to, "vz-monitor"))
				continue;
			fd = open(path, O_WRONLY | O_CLOEXEC);
			if (fd >= 0 || errno == ETXTBSY)
				return say(OUT, "%s could be opened for writing", to);
			fd = open(path, O_RDONLY | O_CLOEXEC);
			if (fd >= 0)
				return say(OUT, "%s could be opened", to);
		}
	return say(HELD, "the node's program was there %lu times, and closed", closed);
}

int a_entering_fds(void)
{
	time_t end = time(NULL) + 4;
	char path[60];

	while (time(NULL) < end)
		for (pid_t p = 2; p < 400; p++)
			for (int n = 3; n < 12; n++) {
				struct stat st;
				int fd;

				if (p == getpid())
					continue;
				(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", p, n);
				fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
				if (fd >= 0 && fstatat(fd, "outside", &st, 0) == 0)
					return say(OUT, "a folder of the node by %s", path);
				if (fd >= 0)
					close(fd);
			}
	return say(HELD, "no descriptor of the node could be taken over");
}

int a_abstract_socket(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "\0vz-attack-outside" };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return must_fail(connect(fd, (struct sockaddr *)&a, offsetof(struct sockaddr_un, sun_path) + 18),
			 "the node's abstract socket");
}

int a_shared_memory(void)
{
	/* The test makes a segment with this key on the node and in the neighbour. */
	return must_fail(shmget(0x765a6174, 0, 0), "the node's shared memory");
}

int a_keys(void)
{
	char buf[4096];
	long n;
	int fd = open("/proc/keys", O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && (n = read(fd, buf, sizeof(buf) - 1)) > 0) {
		buf[n] = '\0';
		if (strstr(buf, "vz-attack-outside"))
			return say(OUT, "the node's key is listed");
	}
	return must_fail(syscall(SYS_request_key, "user", "vz-attack-outside", NULL, 0), "the node's key");
}

int a_uevents(void)
{
	struct sockaddr_nl a = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	struct timeval tv = { .tv_sec = 2 };
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	char buf[4096];

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		return say(HELD, "device events: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	return must_fail(recv(fd, buf, sizeof(buf), 0), "device events of the node");
}

int a_audit(void)
{
	struct {
		struct nlmsghdr h;
		char text[16];
	} m = { .h = { .nlmsg_len = sizeof(m), .nlmsg_type = 1000, .nlmsg_flags = 5 } }, back;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
	struct timeval tv = { .tv_sec = 1 };

	if (fd < 0 || send(fd, &m, sizeof(m), 0) < 0)
		return say(HELD, "audit: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	if (recv(fd, &back, sizeof(back), 0) < 0)
		return say(HELD, "audit: no answer");
	errno = EPERM;
	return must_fail(back.h.nlmsg_type == 1000 ? 0 : -1, "the audit subsystem");
}

int a_own_limits(void)
{
	static const char *const files[] = { "memory.max", "memory.high", "pids.max", "cpu.max", "cpu.weight",
					     "memory.swap.max", "io.max" };
	char path[80];

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		(void)snprintf(path, sizeof(path), "/sys/fs/cgroup/%s", files[i]);
		if (write_file(path, "max") == 0)
			return say(OUT, "%s was written", path);
	}
	return must_fail(-1, "limits at the root of its groups");
}

int a_group_above(void)
{
	int fd = open("/sys/fs/cgroup", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstatat(fd, "../../../cgroup.procs", &st, 0) < 0)
		return say(HELD, "nothing above: %s", strerror(errno));
	mkdir("/tmp/c2", 0700);
	if (mount("none", "/tmp/c2", "cgroup2", 0, NULL) == 0 && access("/tmp/c2/ve", F_OK) == 0)
		return say(OUT, "the group above is mounted");
	return say(HELD, "the root of the groups is the VPS's own");
}

int a_clone_into_group(void)
{
	struct clone_args a = { .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD };

	a.cgroup = (uint64_t)open("/proc/1/root/sys/fs/cgroup/..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return must_fail(syscall(SYS_clone3, &a, sizeof(a)), "a child in a group of the node");
}

/* A link of the node brought down, or one of its own put into the node, by the number of a process or a name. */
int a_host_netlink(void)
{
	struct {
		struct nlmsghdr h;
		struct ifinfomsg i;
		struct rtattr a;
		uint32_t v;
	} m = { .h = { .nlmsg_len = sizeof(m), .nlmsg_type = RTM_NEWLINK, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
		.i = { .ifi_index = 1 },
		.a = { .rta_len = sizeof(m.a) + sizeof(m.v), .rta_type = IFLA_NET_NS_PID } };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
		char more[256];
	} back;

	/* The monitor is the parent of process 1, 0 here; 40000 and up are the node's alone. */
	for (uint32_t pid = 0; pid < 70000; pid += pid < 3 ? 1 : 9999) {
		m.v = pid;
		/* Our own have our own network. */
		if (pid && (kill((pid_t)pid, 0) == 0 || errno == EPERM))
			continue;
		if (send(fd, &m, sizeof(m), 0) < 0 || recv(fd, &back, sizeof(back), 0) < 0)
			return say(HELD, "no answer: %s", strerror(errno));
		if (back.h.nlmsg_type == NLMSG_ERROR && back.e.error == 0)
			return say(OUT, "a link was moved to process %u", pid);
	}
	return say(HELD, "it reaches the links of its own namespace");
}
