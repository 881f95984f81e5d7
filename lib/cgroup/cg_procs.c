// SPDX-License-Identifier: LGPL-2.1-or-later
/* Whose is a process, and which ones has a VPS? */
#include "cgroup/cg_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "kern/cgfs.h"

enum { LIST_MAX = 1 << 22 };

/* The hierarchy that members are told by: what a VPS may move its processes about in keeps them below its own
 * group, and of the others it sees nothing. */
static int telling(const struct cg_host *h)
{
	if (h->unified >= 0)
		return h->unified;
	for (size_t c = 0; c < NCTL; c++)
		if (h->at[c] >= 0)
			return h->at[c];
	return -1;
}

const char *cg_path_in(const struct cg_hier *h, const char *line)
{
	const char *list = strchr(line, ':'), *path = list ? strchr(list + 1, ':') : NULL;

	if (!path)
		return NULL;
	if (h->gen == 2)
		return path == list + 1 ? path + 1 : NULL;
	if (!h->ctls) {
		size_t len = strlen(h->label);

		return len == (size_t)(path - list) - 1 && memcmp(list + 1, h->label, len) == 0 ? path + 1 : NULL;
	}
	for (unsigned c = 0; c < NCTL; c++) {
		const char *name = cg_ctl_name((enum ctl)c, 1);
		size_t len = strlen(name);

		if (!(h->ctls & 1u << c))
			continue;
		for (const char *p = list + 1; p < path; p += strcspn(p, ",:") + 1)
			if (strcspn(p, ",:") == len && memcmp(p, name, len) == 0)
				return path + 1;
	}
	return NULL;
}

bool cg_member(const struct cg_host *h, const char *text, char *ret_name, size_t size)
{
	size_t slice = strlen(h->slice), len;
	int at = telling(h);

	if (at < 0)
		return false;
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *p = cg_path_in(&h->h[at], line);

		if (!p)
			continue;
		if (p[0] != '/' || strncmp(p + 1, h->slice, slice) != 0 || p[slice + 1] != '/')
			return false;
		p += slice + 2;
		while (str_has_prefix(p, CG_POOL_PREFIX) && p[strcspn(p, "/\n")] == '/')
			p += strcspn(p, "/\n") + 1;
		/* " (deleted)" stands behind the path of a zombie whose group has gone. */
		len = strcspn(p, "/ \n");
		if (!len || len >= size)
			return false;
		memcpy(ret_name, p, len);
		ret_name[len] = '\0';
		return true;
	}
	return false;
}

struct pids {
	pid_t *v;
	size_t n, size;
};

static int add_pid(struct pids *l, pid_t pid)
{
	if (l->n == l->size) {
		size_t size = l->size ? l->size * 2 : 64;
		pid_t *v = reallocarray(l->v, size, sizeof(*v));

		if (!v)
			return -ENOMEM;
		l->v = v;
		l->size = size;
	}
	l->v[l->n++] = pid;
	return 0;
}

/* -EOPNOTSUPP: a threaded group, whose processes are listed further up. */
static int add_group(int fd, struct pids *l)
{
	_fd_ int file = openat(fd, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	_buf_ struct buf b = BUF_INIT;
	int r = file < 0 ? -errno : io_read_fd(file, LIST_MAX, &b);

	for (const char *p = buf_str(&b); r == 0 && *p; p += *p == '\n') {
		pid_t pid = 0;

		for (; *p >= '0' && *p <= '9'; p++)
			pid = pid * 10 + (*p - '0');
		if (pid > 0) /* 0: of another PID namespace than ours */
			r = add_pid(l, pid);
		p += strcspn(p, "\n");
	}
	return r == -EOPNOTSUPP || r == -ENOENT || r == -ENODEV ? 0 : r;
}

static int add_tree(int fd, int depth, struct pids *l)
{
	_dir_ DIR *d = NULL;
	struct dirent *de;
	int r = add_group(fd, l), dup;

	if (r < 0 || depth == CGFS_DEPTH_MAX)
		return r;
	dup = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = dup < 0 ? NULL : fdopendir(dup);
	if (!d) {
		cleanup_fd(&dup);
		return 0; /* it went meanwhile */
	}
	while (r == 0 && (de = readdir(d))) {
		_fd_ int child = -1;

		if (de->d_type == DT_DIR && de->d_name[0] != '.' &&
		    cgfs_open(fd, de->d_name, &child) == 0)
			r = add_tree(child, depth + 1, l);
	}
	return r;
}

static int by_pid(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

/* Where there is a first generation, its list is one file, and not in the VPS's hands. */
int cg_procs(struct cg *cg, pid_t **ret, size_t *ret_n)
{
	int pids = cg->host->at[CTL_PIDS];
	int at = pids >= 0 && cg->host->h[pids].gen == 1 ? pids : telling(cg->host);
	struct pids l = { 0 };
	int fd, r = at < 0 ? -EOPNOTSUPP : cg_fd(cg, (size_t)at, &fd);
	size_t n = 0;

	if (r == 0)
		r = add_tree(fd, 0, &l);
	if (r < 0) {
		free(l.v);
		return r == -ENOENT ? -ESRCH : r;
	}
	/* One that was moved while we looked may have been seen twice. */
	if (l.n)
		qsort(l.v, l.n, sizeof(*l.v), by_pid);
	for (size_t i = 0; i < l.n; i++)
		if (!n || l.v[n - 1] != l.v[i])
			l.v[n++] = l.v[i];
	*ret = l.v;
	*ret_n = n;
	return 0;
}

int cg_ident(struct cg *cg, uint64_t *ret)
{
	int at = telling(cg->host), fd, r = at < 0 ? -EOPNOTSUPP : cg_fd(cg, (size_t)at, &fd);
	struct stat st;

	if (r == 0 && fstat(fd, &st) < 0)
		r = -errno;
	if (r == 0)
		*ret = st.st_ino;
	return r;
}
