// SPDX-License-Identifier: LGPL-2.1-or-later
/* Processes as /proc tells of them. */
#include "kern/kproc.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"

int kproc_open(int procfd, pid_t pid, int *ret_fd)
{
	char name[16];
	int fd;

	snprintf(name, sizeof(name), "%d", pid);
	fd = openat(procfd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	*ret_fd = fd;
	return 0;
}

ssize_t kproc_text(int dirfd, const char *file, char *out, size_t size)
{
	_fd_ int fd = openat(dirfd, file, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	while (len + 1 < size) {
		n = read(fd, out + len, size - 1 - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	out[len] = '\0';
	return (ssize_t)len;
}

int kproc_stat(int fd, struct kproc_stat *ret)
{
	struct kproc_stat s = { 0 };
	char text[1024], *open, *close;
	int64_t rss;
	size_t len;
	ssize_t n = kproc_text(fd, "stat", text, sizeof(text));

	if (n < 0)
		return (int)n;
	/* The name is the process's own choice: blanks and parentheses are part of it. */
	open = strchr(text, '(');
	close = strrchr(text, ')');
	if (!open || !close || close < open || sscanf(text, "%d", &s.pid) != 1)
		return -ESRCH;
	len = (size_t)(close - open - 1);
	len = len < sizeof(s.comm) ? len : sizeof(s.comm) - 1;
	memcpy(s.comm, open + 1, len);
	if (sscanf(close + 1,
		   " %c %d %d %d %" SCNu32 " %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64
		   " %*d %*d %d %d %d %*d %" SCNu64 " %" SCNu64 " %" SCNd64,
		   &s.state, &s.ppid, &s.pgrp, &s.session, &s.tty, &s.utime, &s.stime, &s.prio, &s.nice,
		   &s.threads, &s.start, &s.vsize, &rss) != 13)
		return -ESRCH;
	s.rss = rss > 0 ? (uint64_t)rss : 0;
	*ret = s;
	return 0;
}

/* Behind "\nKEY:\t"; NULL when there is no such line. */
static const char *line_of(const char *text, const char *key)
{
	const char *p = strstr(text, key);

	return p ? p + strlen(key) : NULL;
}

int kproc_status(int fd, struct kproc_status *ret)
{
	struct kproc_status s = { 0 };
	char text[4096];
	const char *uid, *ns, *sig;
	ssize_t n = kproc_text(fd, "status", text, sizeof(text));

	if (n < 0)
		return (int)n;
	/* A newline in its name is escaped there, so that no line of these can be made up. */
	uid = line_of(text, "\nUid:\t");
	ns = line_of(text, "\nNSpid:\t");
	sig = line_of(text, "\nSigQ:\t");
	if (!uid || sscanf(uid, "%*u %u", &s.uid) != 1)
		return -ESRCH;
	if (ns)
		(void)sscanf(ns, "%d%*1[\t]%d", &s.nspid[0], &s.nspid[1]);
	if (sig)
		(void)sscanf(sig, "%" SCNu64, &s.sigq);
	*ret = s;
	return 0;
}

/* Since Linux 6.2 the size of the folder is their number. */
int kproc_nfiles(int dirfd, uint64_t *ret)
{
	_dir_ DIR *d = NULL;
	struct dirent *de;
	struct stat st;
	uint64_t n = 0;
	int fd;

	if (fstatat(dirfd, "fd", &st, 0) < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	if (st.st_size > 0) {
		*ret = (uint64_t)st.st_size;
		return 0;
	}
	fd = openat(dirfd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		int r = -errno;

		cleanup_fd(&fd);
		return r;
	}
	while ((de = readdir(d)))
		n += de->d_name[0] != '.';
	*ret = n;
	return 0;
}
