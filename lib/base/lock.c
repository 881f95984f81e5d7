/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One lock file per VPS. A new file is complete and flocked before link(2) gives it its name, so
 * nobody ever sees an empty or an unlocked one of ours. A stale file is only unlinked by the
 * process that has an flock on that very inode and has seen that the name still leads to it: of
 * any number of takers one wins, and a lock just taken can never be mistaken for the stale one.
 */
#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/num.h"
#include "base/path.h"

enum {
	TRIES = 200,   /* each lost try means that somebody else took or dropped the lock */
	TAKEOVER = 20, /* ms that another process may need to replace a stale file */
};

/* Our file while it has no name or a temporary one. */
struct fresh {
	int dirfd;
	int fd;
	char temp[40]; /* "" when made with O_TMPFILE */
};

static void fresh_done(struct fresh *f)
{
	if (f->temp[0])
		(void)unlinkat(f->dirfd, f->temp, 0);
	cleanup_fd(&f->fd);
}

/* The pid in the first line; 0 when there is none. */
static pid_t read_pid(int fd)
{
	char text[24];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	pid_t pid;

	if (n <= 0)
		return 0;
	text[n] = 0;
	text[strcspn(text, " \t\r\n")] = 0;
	return num_pid(text, &pid) == 0 ? pid : 0;
}

/* A zombie holds nothing: whoever should reap it must not decide over our lock. */
static bool is_alive(pid_t pid)
{
	struct pollfd p = { .events = POLLIN };
	_fd_ int fd = -1;

	if (pid <= 0)
		return false;
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd < 0) /* no such process; anything else says nothing about it */
		return errno != ESRCH && (kill(pid, 0) == 0 || errno == EPERM);
	p.fd = fd;
	return poll(&p, 1, 0) == 0;
}

static bool is_named(int dirfd, const char *name, int fd)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && fstatat(dirfd, name, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static int make_fresh(struct fresh *f, const char *text)
{
	uint64_t rnd = 0;
	int r;

	f->fd = openat(f->dirfd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0644);
	if (f->fd < 0) { /* a file system without O_TMPFILE */
		(void)getrandom(&rnd, sizeof(rnd), GRND_NONBLOCK);
		(void)snprintf(f->temp, sizeof(f->temp), ".%d.%016llx", (int)getpid(),
			       (unsigned long long)rnd);
		f->fd = openat(f->dirfd, f->temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	}
	if (f->fd < 0) {
		r = -errno;
		f->temp[0] = 0;
		return r;
	}
	r = io_write_fd(f->fd, text, strlen(text));
	if (r == 0 && flock(f->fd, LOCK_EX | LOCK_NB) < 0)
		r = -errno;
	return r;
}

static int give_name(const struct fresh *f, const char *name)
{
	char self[40];

	if (f->temp[0])
		return linkat(f->dirfd, f->temp, f->dirfd, name, 0) < 0 ? -errno : 0;
	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", f->fd);
	return linkat(AT_FDCWD, self, f->dirfd, name, AT_SYMLINK_FOLLOW) < 0 ? -errno : 0;
}

/* Look at the file that has the name. 0: it is gone or was stale and is gone now, try again. */
static int clear_stale(int dirfd, const char *name, unsigned *patience, pid_t *ret_holder)
{
	_fd_ int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	bool flocked;
	pid_t pid;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	flocked = flock(fd, LOCK_EX | LOCK_NB) == 0;
	if (!flocked && errno != EWOULDBLOCK)
		return -errno;
	if (!is_named(dirfd, name, fd))
		return 0;
	pid = read_pid(fd);
	if (is_alive(pid) && !(flocked && pid == getpid())) {
		*ret_holder = pid;
		return -EBUSY;
	}
	if (flocked) /* our own pid without an flock: a number used again */
		return unlinkat(dirfd, name, 0) < 0 && errno != ENOENT ? -errno : 0;
	/* A dead pid and an flock: somebody is replacing it just now, or a child that the dead
	 * holder left behind is still at work. The first is a matter of microseconds. */
	if (*patience == 0) {
		*ret_holder = 0;
		return -EBUSY;
	}
	(*patience)--;
	(void)poll(NULL, 0, 1);
	return 0;
}

static int take_in(struct fresh *f, const char *name, pid_t *ret_holder)
{
	unsigned patience = TAKEOVER;

	for (int i = 0; i < TRIES; i++) {
		int r = give_name(f, name);

		if (r != -EEXIST)
			return r;
		r = clear_stale(f->dirfd, name, &patience, ret_holder);
		if (r < 0)
			return r;
	}
	*ret_holder = 0;
	return -EBUSY;
}

static bool is_file_name(const char *name)
{
	return name[0] && name[0] != '.' && !strchr(name, '/') &&
	       strlen(name) < sizeof(((struct lock *)0)->name);
}

static int open_dir(const char *lockdir, int *ret_fd)
{
	int fd = open(lockdir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT) {
		int r = path_mkdirs(lockdir, 0755);

		if (r < 0)
			return r;
		fd = open(lockdir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

int lock_take(struct lock *l, const char *lockdir, const char *name, const char *status,
	      pid_t *ret_holder)
{
	_cleanup_(fresh_done) struct fresh f = { .dirfd = -1, .fd = -1 };
	_fd_ int dirfd = -1;
	pid_t holder = 0;
	char text[128];
	int r;

	if (l->fd >= 0 || !is_file_name(name) || strchr(status, '\n'))
		return -EINVAL;
	if (snprintf(text, sizeof(text), "%d\n%s\n", (int)getpid(), status) >= (int)sizeof(text))
		return -EINVAL;
	r = open_dir(lockdir, &dirfd);
	if (r < 0)
		return r;
	f.dirfd = dirfd;
	r = make_fresh(&f, text);
	if (r == 0)
		r = take_in(&f, name, &holder);
	if (r < 0) {
		if (r == -EBUSY && ret_holder)
			*ret_holder = holder;
		return r;
	}
	memcpy(l->name, name, strlen(name) + 1);
	l->fd = TAKE_FD(f.fd);
	if (f.temp[0]) {
		(void)unlinkat(dirfd, f.temp, 0);
		f.temp[0] = 0;
	}
	l->dirfd = TAKE_FD(dirfd);
	return 0;
}

void lock_drop(struct lock *l)
{
	/* Somebody may have removed our file by hand and another process made its own. */
	if (l->fd >= 0 && is_named(l->dirfd, l->name, l->fd))
		(void)unlinkat(l->dirfd, l->name, 0);
	cleanup_fd(&l->fd);
	cleanup_fd(&l->dirfd);
}

void lock_status(const char *lockdir, const char *name, char *out, size_t size)
{
	_fd_ int dirfd = open(lockdir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	_fd_ int fd = -1;
	char text[128];
	ssize_t n = 0;
	const char *at;

	*out = 0;
	if (dirfd >= 0)
		fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0)
		n = pread(fd, text, sizeof(text) - 1, 0);
	if (n <= 0)
		return;
	text[n] = 0;
	at = strchr(text, '\n');
	if (at)
		(void)snprintf(out, size, "%.*s", (int)strcspn(at + 1, "\n"), at + 1);
}
