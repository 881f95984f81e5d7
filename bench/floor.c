// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The floor under `vzctl start` and `vzctl exec2`: the same namespaces, id maps, overlay, mounts, control
 * groups, network and rights, asked of the kernel in the shortest way that leads there. No configuration,
 * no state, no lock, no supervisor, no recovery. bench/run measures the tools as multiples of it.
 *
 *   floor start root=DIR lower=DIR area=DIR base=N id=N slice=NAME addr=A.B.C.D filter=FILE pidfile=FILE
 *               cg1=CONTROLLERS:MOUNT... cg2=CONTROLLERS:MOUNT
 *   floor exec pidfile=FILE COMMAND ARG...
 */
#include "floor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

void floor_die(const char *what)
{
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	_exit(1);
}

int floor_check(long r, const char *what)
{
	if (r < 0)
		floor_die(what);
	return (int)r;
}

static void send_fd(int sock, int fd)
{
	char byte = 0;
	struct iovec io = { &byte, 1 };
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(int))];
	} c = { .h = { .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS,
		       .cmsg_len = CMSG_LEN(sizeof(int)) } };
	struct msghdr m = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = c.room,
			    .msg_controllen = sizeof(c.room) };

	memcpy(CMSG_DATA(&c.h), &fd, sizeof(fd));
	floor_check(sendmsg(sock, &m, 0), "send");
}

static int recv_fd(int sock)
{
	char byte;
	struct iovec io = { &byte, 1 };
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(int))];
	} c = { 0 };
	struct msghdr m = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = c.room,
			    .msg_controllen = sizeof(c.room) };
	int fd = -1;

	if (recvmsg(sock, &m, MSG_CMSG_CLOEXEC) != 1 || c.h.cmsg_type != SCM_RIGHTS)
		floor_die("receive");
	memcpy(&fd, CMSG_DATA(&c.h), sizeof(fd));
	return fd;
}

static void poke(int pid, const char *file, const char *text)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	fd = floor_check(open(path, O_WRONLY | O_CLOEXEC), path);
	floor_check(write(fd, text, strlen(text)), path);
	close(fd);
}

static int proc_open(int pid, const char *file)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	return floor_check(open(path, O_RDONLY | O_CLOEXEC), path);
}

static void drop_rights(const struct sock_fprog *filter)
{
	static const uint8_t dropped[] = {
		CAP_SYS_MODULE,	 CAP_SYS_RAWIO,	     CAP_SYS_TIME,   CAP_SYS_PACCT, CAP_AUDIT_CONTROL,
		CAP_AUDIT_READ,	 CAP_MAC_OVERRIDE,   CAP_MAC_ADMIN,  CAP_SYSLOG,    CAP_WAKE_ALARM,
		CAP_PERFMON,	 CAP_BLOCK_SUSPEND,  CAP_BPF,
	};
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2];

	floor_check(syscall(SYS_capget, &h, d), "capget");
	for (size_t i = 0; i < sizeof(dropped); i++) {
		floor_check(prctl(PR_CAPBSET_DROP, dropped[i], 0, 0, 0), "bounding set");
		d[dropped[i] / 32].permitted &= ~(1u << dropped[i] % 32);
	}
	d[0].effective = d[0].permitted;
	d[1].effective = d[1].permitted;
	floor_check(syscall(SYS_capset, &h, d), "capset");
	floor_check(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, filter), "seccomp");
}

static void __attribute__((noreturn)) child(const struct floor *f, int sock, const int *nodes,
					    const struct sock_fprog *filter)
{
	char *argv[] = { (char *)"init", NULL }, *env[] = { (char *)"HOME=/", (char *)"TERM=linux", NULL };
	char byte = 0;
	int tree = recv_fd(sock);

	setsid();
	for (size_t i = 0; i < f->ncg; i++)
		if (f->cg[i].gen == 1)
			floor_check(write(f->cg[i].tasks, "0", 1), "tasks");
	floor_check(unshare(CLONE_NEWCGROUP), "cgroup namespace");
	floor_inside(f, tree, nodes);
	floor_check(write(sock, &byte, 1), "sync");
	floor_check(read(sock, &byte, 1), "sync");
	drop_rights(filter);
	execve("/sbin/init", argv, env);
	floor_die("/sbin/init");
}

static struct sock_fprog read_filter(const char *path)
{
	static struct sock_filter code[BPF_MAXINSNS];
	int fd = floor_check(open(path, O_RDONLY | O_CLOEXEC), path);
	int n = floor_check(read(fd, code, sizeof(code)), path);

	close(fd);
	return (struct sock_fprog){ .len = (unsigned short)((size_t)n / sizeof(code[0])),
				    .filter = code };
}

static int make_child(const struct floor *f, int sock, const int *nodes,
		      const struct sock_fprog *filter)
{
	struct clone_args a = { .flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET |
					 CLONE_NEWIPC | CLONE_NEWUTS };
	int pid;

	if (f->leaf >= 0) {
		a.flags |= CLONE_INTO_CGROUP;
		a.cgroup = (uint64_t)f->leaf;
	}
	pid = floor_check(syscall(SYS_clone3, &a, sizeof(a)), "clone3");
	if (pid == 0)
		child(f, sock, nodes, filter);
	return pid;
}

static void write_pid(const char *path, int pid)
{
	char text[16];
	int fd = floor_check(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), path);

	snprintf(text, sizeof(text), "%d\n", pid);
	floor_check(write(fd, text, strlen(text)), path);
	close(fd);
}

static void start(struct floor *f)
{
	struct sock_fprog filter = read_filter(f->filter);
	int sock[2], nodes[FLOOR_MAX], pid, userns, tree, n;
	char map[64], byte = 0;

	floor_cgroups(f);
	n = floor_nodes(nodes, FLOOR_MAX);
	floor_check(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock), "socket");
	pid = make_child(f, sock[1], nodes, &filter);
	close(sock[1]);
	while (n)
		close(nodes[--n]);
	snprintf(map, sizeof(map), "0 %u 65536\n", f->base);
	poke(pid, "uid_map", map);
	poke(pid, "gid_map", map);
	userns = proc_open(pid, "ns/user");
	tree = floor_overlay(f, userns);
	send_fd(sock[0], tree);
	floor_net(f, proc_open(pid, "ns/net"));
	write_pid(f->pidfile, pid);
	if (read(sock[0], &byte, 1) != 1)
		floor_die("the child ended early");
	floor_check(write(sock[0], &byte, 1), "sync");
	/* The other end closes with exec. */
	if (read(sock[0], &byte, 1) > 0)
		floor_die("the child speaks");
}

static int exec_inside(const char *pidfile, char **argv)
{
	int ns = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC |
		 CLONE_NEWUTS | CLONE_NEWCGROUP;
	int status = 0, fd = floor_check(open(pidfile, O_RDONLY | O_CLOEXEC), pidfile), pid;
	char text[16] = "";

	floor_check(read(fd, text, sizeof(text) - 1), pidfile);
	fd = floor_check(syscall(SYS_pidfd_open, (pid_t)strtol(text, NULL, 10), 0), "pidfd");
	floor_check(setns(fd, ns), "setns");
	pid = floor_check(fork(), "fork");
	if (pid == 0) {
		execve(argv[0], argv, environ);
		floor_die(argv[0]);
	}
	floor_check(waitpid(pid, &status, 0), "wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}

static void add_cg(struct floor *f, int gen, char *value)
{
	char *path = strchr(value, ':');

	if (!path || f->ncg == FLOOR_MAX)
		floor_die("bad group");
	*path++ = '\0';
	f->cg[f->ncg++] = (struct floor_cg){ .gen = gen, .ctls = value, .dir = -1, .tasks = -1,
		.root = floor_check(open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), path) };
}

static void set(struct floor *f, char *word)
{
	char *v = strchr(word, '=');

	if (!v)
		floor_die(word);
	*v++ = '\0';
	if (strcmp(word, "cg1") == 0)
		add_cg(f, 1, v);
	else if (strcmp(word, "cg2") == 0)
		add_cg(f, 2, v);
	else if (strcmp(word, "base") == 0)
		f->base = (uint32_t)strtoul(v, NULL, 10);
	else if (strcmp(word, "addr") == 0)
		inet_pton(AF_INET, v, &f->addr);
	else
		*(strcmp(word, "root") == 0 ? &f->root : strcmp(word, "lower") == 0 ? &f->lower :
		  strcmp(word, "area") == 0 ? &f->area : strcmp(word, "slice") == 0 ? &f->slice :
		  strcmp(word, "id") == 0 ? &f->id : strcmp(word, "filter") == 0 ? &f->filter :
		  &f->pidfile) = v;
}

int main(int argc, char **argv)
{
	struct floor f = { .leaf = -1 };
	int i = 2;

	for (; i < argc && argv[i][0] != '/'; i++)
		set(&f, argv[i]);
	if (argc > 3 && strcmp(argv[1], "exec") == 0 && i < argc)
		return exec_inside(f.pidfile, argv + i);
	if (argc < 10 || strcmp(argv[1], "start") != 0)
		floor_die("start KEY=VALUE... | exec pidfile=FILE /COMMAND ARG...");
	start(&f);
	return 0;
}
