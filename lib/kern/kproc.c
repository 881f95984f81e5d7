// SPDX-License-Identifier: LGPL-2.1-or-later
/* Processes as /proc tells of them. */
#include "kern/kproc.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/text.h"

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

/* Fields 4 to 24 of proc_pid_stat(5); a sign only says that there is none, but for priorities. */
enum { F_PPID = 4, F_PGRP = 5, F_SESSION = 6, F_TTY = 7, F_UTIME = 14, F_STIME = 15, F_PRIO = 18, F_NICE = 19,
       F_THREADS = 20, F_START = 22, F_VSIZE = 23, F_RSS = 24, F_END = 25 };

static bool get_fields(const char *p, int64_t field[F_END])
{
	for (int i = F_PPID; i < F_END; i++) {
		uint64_t v;
		bool minus;

		p += strspn(p, " ");
		minus = *p == '-';
		p += minus;
		/* The limits among them may be beyond what is signed. */
		if (!vz_scan_u64(&p, &v))
			return false;
		v = v > INT64_MAX ? INT64_MAX : v;
		field[i] = minus ? -(int64_t)v : (int64_t)v;
	}
	return true;
}

static uint64_t positive(int64_t v)
{
	return v > 0 ? (uint64_t)v : 0;
}

int kproc_stat(int fd, struct kproc_stat *ret)
{
	struct kproc_stat s = { 0 };
	char text[1024], *open, *close;
	int64_t field[F_END];
	const char *p = text;
	uint64_t pid;
	size_t len;
	ssize_t n = kproc_text(fd, "stat", text, sizeof(text));

	if (n < 0)
		return (int)n;
	/* The name is the process's own choice: blanks and parentheses are part of it. */
	open = strchr(text, '(');
	close = strrchr(text, ')');
	if (!open || !close || close < open || !vz_scan_u64(&p, &pid) || close[1] != ' ' || !close[2] ||
	    !get_fields(close + 3, field))
		return -ESRCH;
	len = (size_t)(close - open - 1);
	len = len < sizeof(s.comm) ? len : sizeof(s.comm) - 1;
	memcpy(s.comm, open + 1, len);
	s.pid = (pid_t)pid;
	s.state = close[2];
	s.ppid = (pid_t)field[F_PPID];
	s.pgrp = (pid_t)field[F_PGRP];
	s.session = (pid_t)field[F_SESSION];
	s.tty = (uint32_t)field[F_TTY];
	s.utime = positive(field[F_UTIME]);
	s.stime = positive(field[F_STIME]);
	s.prio = (int)field[F_PRIO];
	s.nice = (int)field[F_NICE];
	s.threads = (int)field[F_THREADS];
	s.start = positive(field[F_START]);
	s.vsize = positive(field[F_VSIZE]);
	s.rss = positive(field[F_RSS]);
	*ret = s;
	return 0;
}

int kproc_status(int fd, struct kproc_status *ret)
{
	struct kproc_status s = { 0 };
	char text[4096];
	const char *p;
	uint64_t v;
	ssize_t n = kproc_text(fd, "status", text, sizeof(text));

	if (n < 0)
		return (int)n;
	/* A newline in its name is escaped there, so that no line of these can be made up. */
	p = strstr(text, "\nUid:");
	p = p ? p + 5 : "";
	if (!vz_scan_skip_u64(&p, 1, &v))
		return -ESRCH;
	s.uid = (uid_t)v;
	p = strstr(text, "\nNSpid:");
	p = p ? p + 7 : "";
	for (int i = 0; i < 2 && vz_scan_u64(&p, &v); i++)
		s.nspid[i] = (pid_t)v;
	(void)vz_scan_key(text, "\nSigQ:", &s.sigq);
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
