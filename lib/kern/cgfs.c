/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Control group file systems by folder descriptor: make, read, wait, kill, remove. */
#include "kern/cgfs.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/num.h"
#include "base/str.h"
#include "kern/sys.h"

enum { PIDS_ROUND = 128, LIST_MAX = 1 << 22, EVENTS_SIZE = 256, RETRY_MS = 2, NOTIFY_MS = 16 };

int cgfs_open(int dirfd, const char *path, int *ret_fd)
{
	int fd = openat(dirfd, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

int cgfs_make(int dirfd, const char *name, int *ret_fd)
{
	if (mkdirat(dirfd, name, 0755) < 0 && errno != EEXIST)
		return -errno;
	return cgfs_open(dirfd, name, ret_fd);
}

static ssize_t read_all(int fd, char *out, size_t size)
{
	ssize_t n;

	do {
		n = pread(fd, out, size, 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if ((size_t)n >= size)
		return -E2BIG;
	if (n > 0 && out[n - 1] == '\n')
		n--;
	out[n] = 0;
	return n;
}

int cgfs_get(int dirfd, const char *file, char *out, size_t size)
{
	_fd_ int fd = openat(dirfd, file, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read_all(fd, out, size);
	return n < 0 ? (int)n : 0;
}

int cgfs_get_u64(int dirfd, const char *file, uint64_t *ret)
{
	char text[64];
	uint64_t v;
	int r = cgfs_get(dirfd, file, text, sizeof(text));

	if (r < 0)
		return r;
	if (str_eq(text, "max") || str_eq(text, "-1")) {
		*ret = UINT64_MAX;
		return 0;
	}
	r = num_u64(text, &v);
	if (r < 0)
		return r;
	/* "No limit" of the first generation is LONG_MAX rounded down to a page of any size. */
	*ret = v >= (uint64_t)INT64_MAX - 0xffff ? UINT64_MAX : v;
	return 0;
}

int cgfs_find_key(const char *text, const char *key, uint64_t *ret)
{
	size_t len = strlen(key);

	for (const char *p = text; p && *p; p = strchr(p, '\n'), p += p ? 1 : 0) {
		char number[32];
		size_t n;

		if (strncmp(p, key, len) != 0 || p[len] != ' ')
			continue;
		n = strcspn(p + len + 1, "\n");
		if (n >= sizeof(number))
			return -EINVAL;
		memcpy(number, p + len + 1, n);
		number[n] = 0;
		return num_u64(number, ret);
	}
	return -ENODATA;
}

int cgfs_get_key(int dirfd, const char *file, const char *key, uint64_t *ret)
{
	char text[8192];
	int r = cgfs_get(dirfd, file, text, sizeof(text));

	return r < 0 ? r : cgfs_find_key(text, key, ret);
}

int cgfs_put(int dirfd, const char *file, const char *value)
{
	return io_poke_at(dirfd, file, *value ? value : "\n");
}

int cgfs_put_u64(int dirfd, const char *file, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	return io_poke_at(dirfd, file, text);
}

int cgfs_wait_key(int dirfd, const char *file, const char *key, uint64_t want,
		  uint64_t deadline_ms)
{
	_fd_ int fd = openat(dirfd, file, O_RDONLY | O_CLOEXEC);
	int step = 1;

	if (fd < 0)
		return -errno;
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLPRI };
		char text[EVENTS_SIZE];
		uint64_t v;
		ssize_t n = read_all(fd, text, sizeof(text));
		int left, r = n < 0 ? (int)n : cgfs_find_key(text, key, &v);

		if (r < 0)
			return r;
		if (v == want)
			return 0;
		left = clock_left_ms(deadline_ms);
		if (left == 0)
			return -ETIMEDOUT;
		/* A change after the read above wakes us: kernfs remembers what we have seen. But a
		 * second change within 10 ms is told at the end of these only, so look by ourselves
		 * until then (CGROUP_FILE_NOTIFY_MIN_INTV in kernel/cgroup/cgroup.c). */
		if (step <= NOTIFY_MS && (left < 0 || step < left))
			left = step;
		step = step > NOTIFY_MS ? step : 2 * step;
		if (poll(&p, 1, left) < 0 && errno != EINTR)
			return -errno;
	}
}

/* One open process handle per listed process, so that a number reused meanwhile is not hit. */
struct victims {
	struct pollfd p[PIDS_ROUND];
	pid_t pid[PIDS_ROUND];
	size_t n;
};

static void victims_done(struct victims *v)
{
	for (size_t i = 0; i < v->n; i++)
		close(v->p[i].fd);
	v->n = 0;
}

/* Call fn for each number in the list of processes, until it returns other than 0. */
static int each_pid(int dirfd, int (*fn)(pid_t pid, void *arg), void *arg)
{
	_buf_ struct buf list = BUF_INIT;
	int r = io_read_at(dirfd, "cgroup.procs", LIST_MAX, &list);

	for (char *p = list.data; r == 0 && p && *p;) {
		char *end = strchrnul(p, '\n');
		bool last = !*end;
		pid_t pid;

		*end = 0;
		/* 0 stands for a process of a foreign PID namespace; it has no name here. */
		if (num_pid(p, &pid) == 0)
			r = fn(pid, arg);
		p = last ? end : end + 1;
	}
	return r;
}

static int victim_add(pid_t pid, void *arg)
{
	struct victims *v = arg;
	int fd;

	if (v->n == PIDS_ROUND)
		return 1;
	fd = ksys_pidfd_open(pid);
	if (fd < 0)
		return fd == -ESRCH || fd == -EINVAL ? 0 : fd;
	v->p[v->n] = (struct pollfd){ .fd = fd, .events = POLLIN };
	v->pid[v->n++] = pid;
	return 0;
}

static int victim_hit(pid_t pid, void *arg)
{
	struct victims *v = arg;

	for (size_t i = 0; i < v->n; i++) {
		if (v->pid[i] == pid)
			(void)ksys_pidfd_signal(v->p[i].fd, SIGKILL);
	}
	return 0;
}

static int victims_wait(struct victims *v, uint64_t deadline_ms)
{
	for (size_t i = 0; i < v->n; i++) {
		int r;

		do {
			int left = clock_left_ms(deadline_ms);

			r = poll(&v->p[i], 1, left);
			if (r == 0 && left == 0)
				return -ETIMEDOUT;
		} while (r == 0 || (r < 0 && errno == EINTR));
		if (r < 0)
			return -errno;
	}
	return 0;
}

/* One round in one group: list, open, list again, signal those still there. deadline 0: no wait. */
static int kill_round(int dirfd, uint64_t deadline_ms, size_t *n)
{
	struct victims v;
	int r;

	v.n = 0;
	r = each_pid(dirfd, victim_add, &v);
	if (r >= 0 && v.n > 0)
		r = each_pid(dirfd, victim_hit, &v);
	*n += v.n;
	if (r >= 0 && deadline_ms)
		r = victims_wait(&v, deadline_ms);
	victims_done(&v);
	return r < 0 ? r : 0;
}

/* The folders below: open one after another. *d is opened at the first call; -ENOENT ends. */
static int next_child(int dirfd, DIR **d, const char **ret_name)
{
	const struct dirent *de;

	if (!*d) {
		int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd < 0)
			return -errno;
		*d = fdopendir(fd);
		if (!*d) {
			close(fd);
			return -ENOMEM;
		}
	}
	while ((de = readdir(*d))) {
		if (de->d_type == DT_DIR && !str_eq(de->d_name, ".") && !str_eq(de->d_name, "..")) {
			*ret_name = de->d_name;
			return 0;
		}
	}
	return -ENOENT;
}

static int kill_below(int dirfd, uint64_t deadline_ms, unsigned int depth, size_t *n)
{
	_dir_ DIR *d = NULL;
	const char *name = NULL;
	int r = kill_round(dirfd, deadline_ms, n);

	if (depth >= CGFS_DEPTH_MAX)
		return -ELOOP;
	while (r == 0 && next_child(dirfd, &d, &name) == 0) {
		_fd_ int fd = -1;

		if (cgfs_open(dirfd, name, &fd) == 0)
			r = kill_below(fd, deadline_ms, depth + 1, n);
	}
	return r == -ENOENT || r == -ENODEV ? 0 : r; /* removed under our hands */
}

static int each_below(int dirfd, int (*fn)(pid_t pid, void *arg), void *arg, unsigned int depth)
{
	_dir_ DIR *d = NULL;
	const char *name = NULL;
	int r = each_pid(dirfd, fn, arg);

	if (depth >= CGFS_DEPTH_MAX)
		return -ELOOP;
	while (r == 0 && next_child(dirfd, &d, &name) == 0) {
		_fd_ int fd = -1;

		if (cgfs_open(dirfd, name, &fd) == 0)
			r = each_below(fd, fn, arg, depth + 1);
	}
	return r == -ENOENT || r == -ENODEV ? 0 : r;
}

int cgfs_each_pid(int dirfd, int (*fn)(pid_t pid, void *arg), void *arg)
{
	return each_below(dirfd, fn, arg, 0);
}

int cgfs_kill(int dirfd, size_t *ret_n)
{
	size_t n = 0;
	int r = io_poke_at(dirfd, "cgroup.kill", "1");

	if (r == -ENOENT) /* before Linux 5.14, or the first generation */
		r = kill_below(dirfd, 0, 0, &n);
	if (r == 0 && ret_n)
		*ret_n = n;
	return r;
}

int cgfs_kill_wait(int dirfd, uint64_t deadline_ms)
{
	for (;;) {
		size_t n = 0;
		int r = kill_below(dirfd, deadline_ms, 0, &n);

		if (r < 0 || n == 0)
			return r;
		if (clock_left_ms(deadline_ms) == 0)
			return -ETIMEDOUT;
	}
}

static int remove_below(int dirfd, unsigned int depth)
{
	_dir_ DIR *d = NULL;
	const char *name = NULL;
	int r = 0;

	if (depth >= CGFS_DEPTH_MAX)
		return -ELOOP;
	while (r == 0 && next_child(dirfd, &d, &name) == 0) {
		_fd_ int fd = -1;

		if (unlinkat(dirfd, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
			continue;
		r = cgfs_open(dirfd, name, &fd);
		if (r == 0)
			r = remove_below(fd, depth + 1);
		if (r == 0 && unlinkat(dirfd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
			r = -errno;
	}
	return r;
}

int cgfs_remove(int dirfd, const char *name, uint64_t deadline_ms)
{
	_fd_ int fd = -1;
	int r;

	if (unlinkat(dirfd, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	if (errno != EBUSY)
		return -errno;
	r = cgfs_open(dirfd, name, &fd);
	while (r == 0) {
		r = remove_below(fd, 0);
		if (r == 0 && (unlinkat(dirfd, name, AT_REMOVEDIR) == 0 || errno == ENOENT))
			return 0;
		if (r < 0 && r != -EBUSY)
			return r;
		r = cgfs_kill_wait(fd, deadline_ms);
		if (r == 0 && clock_left_ms(deadline_ms) == 0)
			return -EBUSY;
		/* A process that has ended leaves the list a moment before the group counts as
		 * empty, and the first generation has no event for that. */
		(void)poll(NULL, 0, RETRY_MS);
	}
	return r == -ENOENT ? 0 : r;
}

int cgfs_generation(int fd)
{
	struct statfs st;

	if (fstatfs(fd, &st) < 0)
		return 0;
	return st.f_type == CGROUP2_SUPER_MAGIC ? 2 : st.f_type == CGROUP_SUPER_MAGIC ? 1 : 0;
}

int cgfs_tree(int *ret_fd)
{
	_buf_ struct buf table = BUF_INIT;
	_strv_ struct strv lines = { 0 };
	int r = io_read_at(AT_FDCWD, "/proc/self/mountinfo", LIST_MAX, &table);

	if (r == 0)
		r = strv_split(&lines, buf_str(&table), "\n");
	if (r < 0)
		return r;
	for (size_t i = 0; i < lines.n; i++) {
		_strv_ struct strv w = { 0 };

		if (!strstr(lines.v[i], " - cgroup2 "))
			continue;
		/* 31 23 0:28 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw */
		if (strv_split(&w, lines.v[i], " ") == 0 && w.n > 5 && str_eq(w.v[3], "/") &&
		    cgfs_open(AT_FDCWD, w.v[4], ret_fd) == 0)
			return 0;
	}
	return -EOPNOTSUPP;
}
