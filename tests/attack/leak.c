/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What tells a VPS about its node and its neighbours: "attack leaks SECRET... < leaks.tsv" reads what the table
 * names and prints a line for each row. A row is what may be found there and what to read:
 *
 *   nothing   absent, denied or empty
 *   own       the VPS's own: not one of the words SECRET, which the node's side of the test knows
 *   shared    one for all that the kernel runs, and told to all (SECURITY.md has the reasons); no SECRET
 *
 * and a file, a folder with all that is below it (its name and two asterisks), or a call ("call:syslog").
 */
#include "attack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>

#define SIZE   (4u << 20)
#define SMALL  16384
#define FILES  40000

static char text[SIZE];
static size_t len;
static unsigned int files;

static void add(const void *p, size_t n)
{
	if (n > SIZE - len)
		n = SIZE - len;
	memcpy(text + len, p, n);
	len += n;
}

/* -1 and errno when it cannot be read. Some files wait for news: those are read as far as they go. */
static int add_file(const char *path, size_t most)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), err;
	static char block[65536];
	ssize_t n = 0;

	if (fd < 0)
		return -1;
	while (most && (n = read(fd, block, most < sizeof(block) ? most : sizeof(block))) > 0) {
		add(block, (size_t)n);
		most -= (size_t)n;
	}
	err = errno;
	close(fd);
	errno = err;
	return n < 0 && err != EAGAIN ? -1 : 0;
}

/* Names, and what small files say; processes are the VPS's own and are read by their rows. */
static int add_tree(const char *dir, int depth)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	char path[1024];
	struct stat st;

	if (!d)
		return -1;
	while (depth < 12 && files < FILES && (e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (!strncmp(path, "/proc/", 6) && strspn(path + 6, "0123456789") > 0)
			continue;
		files++;
		add(e->d_name, strlen(e->d_name));
		add("\n", 1);
		if (lstat(path, &st) < 0)
			continue;
		if (S_ISDIR(st.st_mode))
			(void)add_tree(path, depth + 1);
		else if (S_ISREG(st.st_mode) && strcmp(e->d_name, "kmsg") && strcmp(e->d_name, "trace_pipe"))
			(void)add_file(path, SMALL);
	}
	closedir(d);
	return 0;
}

static int call_syslog(void)
{
	static char b[65536];
	long n = syscall(SYS_syslog, 3, b, sizeof(b));

	if (n > 0)
		add(b, (size_t)n);
	return n < 0 ? -1 : 0;
}

static int call_syslog_size(void)
{
	return syscall(SYS_syslog, 10, NULL, 0) < 0 ? -1 : (add("size", 4), 0);
}

static int call_uname(void)
{
	struct utsname u;

	if (uname(&u) < 0)
		return -1;
	add(&u, sizeof(u));
	return 0;
}

static int call_sysinfo(void)
{
	struct sysinfo s;

	if (sysinfo(&s) < 0)
		return -1;
	add(&s, sizeof(s));
	return 0;
}

static int call_perf(void)
{
	struct perf_event_attr at = { .type = PERF_TYPE_SOFTWARE, .size = sizeof(at) };

	return syscall(SYS_perf_event_open, &at, 0, -1, -1, 0) < 0 ? -1 : (add("perf", 4), 0);
}

static int bpf_walk(int cmd)
{
	union bpf_attr at = { .start_id = 0 };

	return syscall(SYS_bpf, cmd, &at, sizeof(at)) < 0 ? -1 : (add("bpf", 3), 0);
}

static int call_bpf_programs(void)
{
	return bpf_walk(BPF_PROG_GET_NEXT_ID);
}

static int call_bpf_maps(void)
{
	return bpf_walk(BPF_MAP_GET_NEXT_ID);
}

static int call_bpf_links(void)
{
	return bpf_walk(BPF_LINK_GET_NEXT_ID);
}

/* Ask a family for all that it has. */
static int dump(int family, unsigned int type, const void *body, size_t n)
{
	struct {
		struct nlmsghdr h;
		char body[128];
	} m = { .h = { .nlmsg_len = (uint32_t)(sizeof(m.h) + n), .nlmsg_type = (uint16_t)type,
		       .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP } };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, family), err;
	struct timeval tv = { .tv_sec = 1 };
	static char b[65536];
	ssize_t got = -1;
	bool more = true;

	memcpy(m.body, body, n);
	if (fd < 0 || send(fd, &m, m.h.nlmsg_len, 0) < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	while (more && (got = recv(fd, b, sizeof(b), 0)) > 0) {
		const struct nlmsghdr *h = (const struct nlmsghdr *)b;

		more = h->nlmsg_type != NLMSG_DONE && h->nlmsg_type != NLMSG_ERROR;
		if (more)
			add(b, (size_t)got);
	}
	err = errno;
	close(fd);
	errno = err;
	return got < 0 ? -1 : 0;
}

static int route_dump(unsigned int type)
{
	struct rtgenmsg g = { .rtgen_family = AF_UNSPEC };
	char body[64] = { 0 };

	memcpy(body, &g, sizeof(g));
	return dump(NETLINK_ROUTE, type, body, 24);
}

static int call_links(void)
{
	return route_dump(RTM_GETLINK);
}

static int call_addresses(void)
{
	return route_dump(RTM_GETADDR);
}

static int call_routes(void)
{
	return route_dump(RTM_GETROUTE);
}

static int call_neighbours(void)
{
	return route_dump(RTM_GETNEIGH);
}

static int call_rules(void)
{
	return route_dump(RTM_GETRULE);
}

static int call_nsids(void)
{
	return route_dump(RTM_GETNSID);
}

static int call_unix_sockets(void)
{
	struct unix_diag_req q = { .sdiag_family = AF_UNIX, .udiag_states = ~0u, .udiag_show = 1 };

	return dump(NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, &q, sizeof(q));
}

/* Processes that begin and end, of the whole node. */
static int call_process_events(void)
{
	struct {
		struct nlmsghdr h;
		uint32_t idx, val, seq, ack;
		uint16_t len, flags;
		uint32_t op;
	} m = { .h = { .nlmsg_len = sizeof(m), .nlmsg_type = NLMSG_DONE }, .idx = 1, .val = 1, .len = 4, .op = 1 };
	struct sockaddr_nl a = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_CONNECTOR);
	struct timeval tv = { .tv_sec = 1 };
	char b[4096];
	ssize_t n;

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || send(fd, &m, sizeof(m), 0) < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	n = recv(fd, b, sizeof(b), 0);
	if (n > 0)
		add(b, (size_t)n);
	return n < 0 ? -1 : 0;
}

static int call_parent(void)
{
	/* 0 would be we ourselves: it has no number here. */
	pid_t p = getppid() ? (pid_t)syscall(SYS_getsid, getppid()) : 0;

	return p <= 0 ? 0 : (add("its session", 11), 0);
}

/* Frame numbers of memory: what row hammering and the like begin with. */
static int call_pagemap(void)
{
	uint64_t e = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || pread(fd, &e, sizeof(e), (off_t)((uintptr_t)text / 4096 * 8)) != sizeof(e))
		return -1;
	if (e & ((UINT64_C(1) << 55) - 1))
		add(&e, sizeof(e));
	return 0;
}

static int call_kernel_addresses(void)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	char line[512];

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f))
		if (strspn(line, "0 ") < 17)
			add(line, strlen(line));
	fclose(f);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(void);
} calls[] = {
	{ "syslog", call_syslog },	   { "syslog-size", call_syslog_size },
	{ "uname", call_uname },	   { "sysinfo", call_sysinfo },
	{ "perf", call_perf },		   { "bpf-programs", call_bpf_programs },
	{ "bpf-maps", call_bpf_maps },	   { "bpf-links", call_bpf_links },
	{ "links", call_links },	   { "addresses", call_addresses },
	{ "routes", call_routes },	   { "neighbours", call_neighbours },
	{ "rules", call_rules },	   { "namespace-ids", call_nsids },
	{ "unix-sockets", call_unix_sockets }, { "process-events", call_process_events },
	{ "parent", call_parent },	   { "pagemap", call_pagemap },
	{ "kernel-addresses", call_kernel_addresses },
};

static int look(const char *what)
{
	size_t n = strlen(what);
	char dir[256];

	len = files = 0;
	if (!strncmp(what, "call:", 5)) {
		for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
			if (!strcmp(calls[i].name, what + 5))
				return calls[i].run();
		add("no such row", 11);
		return 0;
	}
	if (n > 3 && !strcmp(what + n - 3, "/**")) {
		(void)snprintf(dir, sizeof(dir), "%.*s", (int)(n - 3), what);
		return add_tree(dir, 0);
	}
	return add_file(what, SIZE);
}

static const char *secret_in(int n, char **secrets)
{
	for (int i = 0; i < n; i++)
		if (*secrets[i] && memmem(text, len, secrets[i], strlen(secrets[i])))
			return secrets[i];
	return NULL;
}

static void quote(char *out, size_t n)
{
	size_t i = 0;

	for (; i + 1 < n && i < len; i++)
		out[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '.';
	out[i] = '\0';
}

int leaks(int n, char **secrets)
{
	char line[512], said[60];
	int bad = 0;

	while (fgets(line, sizeof(line), stdin)) {
		char *what = strchr(line, '\t');
		const char *secret;
		bool leak;
		int r;

		if (line[0] == '#' || !what)
			continue;
		*what++ = '\0';
		what[strcspn(what, "\n")] = '\0';
		r = look(what);
		secret = secret_in(n, secrets);
		leak = secret || (!strcmp(line, "nothing") && len > 0);
		quote(said, sizeof(said));
		printf("%s\t%s\t%s\t%s\n", leak ? "LEAK" : "ok", line, what,
		       secret ? secret : len ? said : r < 0 ? strerror(errno) : "empty");
		bad += leak;
	}
	return bad > 0;
}
