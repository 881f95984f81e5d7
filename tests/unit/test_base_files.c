/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base/io and base/path, in a folder of their own that is gone afterwards. */
#include "../tap.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"

struct place {
	char path[64];
	int fd;
};

static int place_make(struct place *p)
{
	(void)snprintf(p->path, sizeof(p->path), "/tmp/base-files.XXXXXX");
	p->fd = -1;
	if (mkdtemp(p->path))
		p->fd = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return p->fd;
}

static void place_done(struct place *p)
{
	if (p->fd < 0)
		return;
	EQ(path_remove_tree_at(AT_FDCWD, p->path), 0);
	OK(!path_exists_at(AT_FDCWD, p->path));
	cleanup_fd(&p->fd);
}

#define PLACE(p)                                                                                   \
	_cleanup_(place_done) struct place p = { .fd = -1 };                                       \
	NEED(OK(place_make(&p) >= 0))

static int put(int dirfd, const char *name, const char *text)
{
	_fd_ int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	return fd < 0 ? -errno : io_write_fd(fd, text, strlen(text));
}

static int holds(int dirfd, const char *name, const char *text)
{
	_buf_ struct buf b = BUF_INIT;

	return io_read_at(dirfd, name, 1 << 20, &b) == 0 && str_eq(buf_str(&b), text);
}

static int count(int dirfd)
{
	_dir_ DIR *d = fdopendir(openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	int n = 0;

	while (d && readdir(d))
		n++;
	return n - 2;
}

TEST("a file is read whole up to the limit and not a byte beyond")
{
	_buf_ struct buf b = BUF_INIT;
	PLACE(p);

	EQ(put(p.fd, "f", "12345678"), 0);
	EQ(buf_puts(&b, "<"), 0);
	EQ(io_read_at(p.fd, "f", 7, &b), -E2BIG);
	STR_EQ(buf_str(&b), "<");
	EQ(io_read_at(p.fd, "f", 8, &b), 0);
	STR_EQ(buf_str(&b), "<12345678");
	EQ(put(p.fd, "empty", ""), 0);
	buf_done(&b);
	EQ(io_read_at(p.fd, "empty", 0, &b), 0);
	OK(b.data != NULL);
}

TEST("what is not a regular file is refused, a FIFO does not block, proc files are read")
{
	_buf_ struct buf b = BUF_INIT;
	PLACE(p);

	EQ(mkfifoat(p.fd, "fifo", 0600), 0);
	EQ(io_read_at(p.fd, "fifo", 100, &b), -EINVAL);
	EQ(io_read_at(p.fd, ".", 100, &b), -EISDIR);
	EQ(io_read_at(p.fd, "none", 100, &b), -ENOENT);
	EQ(io_read_at(AT_FDCWD, "/dev/null", 100, &b), -EINVAL);
	EQ(io_read_at(AT_FDCWD, "/proc/self/status", 1 << 16, &b), 0);
	HAS(buf_str(&b), "Pid:");
}

TEST("a replaced file has the content, the exact mode, and no temporary file beside it")
{
	mode_t old = umask(077);
	struct stat st;
	PLACE(p);

	EQ(io_replace_at(p.fd, "101.conf", "one\n", 4, 0644), 0);
	OK(holds(p.fd, "101.conf", "one\n"));
	EQ(fstatat(p.fd, "101.conf", &st, 0), 0);
	EQ(st.st_mode & 07777, 0644);
	EQ(io_replace_volatile_at(p.fd, "101.conf", "two\n", 4, 0600), 0);
	OK(holds(p.fd, "101.conf", "two\n"));
	EQ(io_replace_at(p.fd, "101.conf", "", 0, 0600), 0);
	OK(holds(p.fd, "101.conf", ""));
	EQ(count(p.fd), 1);
	umask(old);
}

TEST("a replaced file is a new inode, so that a reader of the old one sees it whole")
{
	_buf_ struct buf b = BUF_INIT;
	_fd_ int fd = -1;
	PLACE(p);

	EQ(put(p.fd, "f", "old"), 0);
	fd = openat(p.fd, "f", O_RDONLY | O_CLOEXEC);
	EQ(io_replace_at(p.fd, "f", "new", 3, 0644), 0);
	EQ(io_read_fd(fd, 100, &b), 0);
	STR_EQ(buf_str(&b), "old");
}

TEST("a symlink survives its replacement: relative, absolute, in a chain, dangling")
{
	struct stat st;
	char to[100];
	PLACE(p);

	EQ(mkdirat(p.fd, "real", 0755), 0);
	EQ(put(p.fd, "real/f", "old"), 0);
	EQ(symlinkat("real/f", p.fd, "rel"), 0);
	EQ(symlinkat("rel", p.fd, "chain"), 0);
	(void)snprintf(to, sizeof(to), "%s/real/f", p.path);
	EQ(symlinkat(to, p.fd, "abs"), 0);
	EQ(symlinkat("../real/g", p.fd, "real/up"), 0);
	EQ(io_replace_at(p.fd, "chain", "1", 1, 0644), 0);
	OK(holds(p.fd, "real/f", "1"));
	EQ(io_replace_at(p.fd, "abs", "2", 1, 0644), 0);
	OK(holds(p.fd, "real/f", "2"));
	EQ(io_replace_at(p.fd, "real/up", "3", 1, 0644), 0);
	OK(holds(p.fd, "real/g", "3"));
	EQ(fstatat(p.fd, "chain", &st, AT_SYMLINK_NOFOLLOW), 0);
	OK(S_ISLNK(st.st_mode));
	EQ(fstatat(p.fd, "real/up", &st, AT_SYMLINK_NOFOLLOW), 0);
	OK(S_ISLNK(st.st_mode));
	EQ(count(p.fd), 4);
}

TEST("a replacement that cannot be is an error and leaves nothing")
{
	struct stat st;
	PLACE(p);

	EQ(symlinkat("loop", p.fd, "loop"), 0);
	EQ(io_replace_at(p.fd, "loop", "x", 1, 0644), -ELOOP);
	EQ(io_replace_at(p.fd, "none/f", "x", 1, 0644), -ENOENT);
	EQ(mkdirat(p.fd, "d", 0755), 0);
	EQ(io_replace_at(p.fd, "d", "x", 1, 0644), -EISDIR);
	EQ(io_replace_at(p.fd, "d/", "x", 1, 0644), -EISDIR);
	EQ(io_replace_at(p.fd, "", "x", 1, 0644), -ENOENT);
	EQ(symlinkat("/dev/null", p.fd, "null"), 0);
	EQ(io_replace_at(p.fd, "null", "x", 1, 0644), -EINVAL);
	EQ(stat("/dev/null", &st), 0);
	OK(S_ISCHR(st.st_mode));
	EQ(count(p.fd), 3);
}

TEST("two writers never mix: the file is always one of theirs, whole")
{
	enum { LEN = 20000, ROUNDS = 40 };
	static char a[LEN], b[LEN];
	PLACE(p);
	pid_t pid;

	memset(a, 'a', LEN);
	memset(b, 'b', LEN);
	EQ(io_replace_volatile_at(p.fd, "f", a, LEN, 0644), 0);
	pid = fork();
	if (pid == 0) {
		int bad = 0;

		for (int i = 0; i < ROUNDS; i++)
			bad |= io_replace_volatile_at(p.fd, "f", b, LEN, 0644);
		_exit(bad != 0);
	}
	for (int i = 0; i < ROUNDS; i++) {
		_buf_ struct buf out = BUF_INIT;

		EQ(io_replace_volatile_at(p.fd, "f", a, LEN, 0644), 0);
		EQ(io_read_at(p.fd, "f", 1 << 20, &out), 0);
		EQ(out.len, LEN);
		OK(memcmp(out.data, out.data[0] == 'a' ? a : b, LEN) == 0);
	}
	int status = -1;

	EQ(waitpid(pid, &status, 0), pid);
	EQ(status, 0);
	EQ(count(p.fd), 1);
}

TEST("a poke writes once into a file that is there and makes none")
{
	PLACE(p);

	EQ(io_poke_at(p.fd, "none", "1"), -ENOENT);
	EQ(put(p.fd, "knob", "9999"), 0);
	EQ(io_poke_at(p.fd, "knob", "12"), 0);
	OK(holds(p.fd, "knob", "1299"));
}

TEST("a path in the VPS never leaves its root")
{
	_buf_ struct buf b = BUF_INIT;
	_fd_ int root = -1, fd = -1, f2 = -1, f3 = -1, f4 = -1;
	PLACE(p);

	EQ(put(p.fd, "secret", "host"), 0);
	EQ(mkdirat(p.fd, "r", 0755), 0);
	EQ(mkdirat(p.fd, "r/etc", 0755), 0);
	EQ(put(p.fd, "r/secret", "guest"), 0);
	EQ(symlinkat("/secret", p.fd, "r/etc/abs"), 0);
	EQ(symlinkat("../../../secret", p.fd, "r/etc/rel"), 0);
	EQ(symlinkat("/proc/self/root/etc/passwd", p.fd, "r/etc/magic"), 0);
	root = openat(p.fd, "r", O_PATH | O_DIRECTORY | O_CLOEXEC);
	EQ(path_open_in(root, "/etc/abs", O_RDONLY, 0, &fd), 0);
	EQ(io_read_fd(fd, 100, &b), 0);
	EQ(path_open_in(root, "etc/rel", O_RDONLY, 0, &f2), 0);
	EQ(io_read_fd(f2, 100, &b), 0);
	STR_EQ(buf_str(&b), "guestguest");
	EQ(path_open_in(root, "etc/magic", O_RDONLY, 0, &f3), -ENOENT);
	EQ(path_open_in(root, "/etc/abs", O_RDONLY | O_NOFOLLOW, 0, &f3), -ELOOP);
	EQ(f3, -1);
	EQ(path_open_in(root, "../../new", O_WRONLY | O_CREAT | O_EXCL, 0640, &f3), 0);
	OK(path_exists_at(p.fd, "r/new"));
	OK(!path_exists_at(p.fd, "new"));
	EQ(path_open_in(root, "/", O_PATH | O_DIRECTORY, 0, &f4), 0);
}

TEST("magic links of proc are not followed")
{
	_fd_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -1;

	EQ(path_open_in(root, "/proc/self/cwd", O_PATH | O_DIRECTORY, 0, &fd), -ELOOP);
}

TEST("a FIFO in the VPS cannot hold us, and what is opened is closed on exec")
{
	_fd_ int fd = -1;
	PLACE(p);

	EQ(mkfifoat(p.fd, "f", 0600), 0);
	EQ(path_open_in(p.fd, "f", O_WRONLY, 0, &fd), -ENXIO);
	EQ(path_open_in(p.fd, "f", O_RDONLY, 0, &fd), 0);
	EQ(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

TEST("folders are made with their parents, at the exact mode, and may be there")
{
	mode_t old = umask(077);
	char path[200];
	struct stat st;
	PLACE(p);

	(void)snprintf(path, sizeof(path), "%s/a//b/c/", p.path);
	EQ(path_mkdirs(path, 0755), 0);
	EQ(path_mkdirs(path, 0700), 0);
	EQ(fstatat(p.fd, "a/b", &st, 0), 0);
	EQ(st.st_mode & 07777, 0755);
	EQ(put(p.fd, "a/f", ""), 0);
	(void)snprintf(path, sizeof(path), "%s/a/f", p.path);
	EQ(path_mkdirs(path, 0755), -ENOTDIR);
	(void)snprintf(path, sizeof(path), "%s/a/f/g", p.path);
	EQ(path_mkdirs(path, 0755), -ENOTDIR);
	EQ(path_mkdirs("", 0755), -ENOENT);
	EQ(path_mkdirs("/", 0755), 0);
	umask(old);
}

TEST("a tree is removed without following links out of it")
{
	PLACE(p);

	EQ(mkdirat(p.fd, "keep", 0755), 0);
	EQ(put(p.fd, "keep/f", "x"), 0);
	EQ(mkdirat(p.fd, "t", 0755), 0);
	EQ(mkdirat(p.fd, "t/d", 0755), 0);
	EQ(put(p.fd, "t/d/f", "x"), 0);
	EQ(symlinkat("../keep", p.fd, "t/link"), 0);
	EQ(mkfifoat(p.fd, "t/d/fifo", 0600), 0);
	EQ(symlinkat("keep", p.fd, "toplink"), 0);
	EQ(path_remove_tree_at(p.fd, "t"), 0);
	OK(!path_exists_at(p.fd, "t"));
	EQ(path_remove_tree_at(p.fd, "t"), 0);
	EQ(path_remove_tree_at(p.fd, "toplink"), 0);
	OK(!path_exists_at(p.fd, "toplink"));
	OK(path_exists_at(p.fd, "keep/f"));
	EQ(path_remove_tree_at(p.fd, "keep/f"), 0);
	EQ(path_remove_tree_at(p.fd, "keep/.."), -EINVAL);
	EQ(path_remove_tree_at(p.fd, "."), -EINVAL);
	EQ(path_remove_tree_at(p.fd, "keep/"), -EINVAL);
	OK(path_exists_at(p.fd, "keep"));
}

TEST("a tree far deeper than descriptors or a path name reach is removed")
{
	enum { DEPTH = 6000 };
	_fd_ int at = -1;
	int made = 0;
	PLACE(p);

	EQ(mkdirat(p.fd, "deep", 0755), 0);
	at = openat(p.fd, "deep", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (; made < DEPTH && at >= 0; made++) {
		int next;

		if (mkdirat(at, "a-rather-long-name-for-a-folder", 0755) < 0)
			break;
		if (made % 100 == 0) {
			EQ(put(at, "file", "x"), 0);
			EQ(mkdirat(at, ".removed.1", 0755), 0); /* a name we use ourselves */
			EQ(put(at, ".removed.1/f", "x"), 0);
		}
		next = openat(at, "a-rather-long-name-for-a-folder",
			      O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		close(at);
		at = next;
	}
	EQ(made, DEPTH);
	EQ(path_remove_tree_at(p.fd, "deep"), 0);
	OK(!path_exists_at(p.fd, "deep"));
}

TEST("a wide tree is removed")
{
	char name[40];
	PLACE(p);

	EQ(mkdirat(p.fd, "w", 0755), 0);
	for (int i = 0; i < 3000; i++) {
		(void)snprintf(name, sizeof(name), "w/file-number-%d", i);
		if (i % 3 ? put(p.fd, name, "") < 0 : mkdirat(p.fd, name, 0) < 0)
			TAP_BAD("%s", name);
	}
	EQ(path_remove_tree_at(p.fd, "w"), 0);
	OK(!path_exists_at(p.fd, "w"));
}

TEST("removal stops at a mount point, even one of the same file system")
{
	char at[100], from[100];
	int status = -1;
	pid_t pid;
	PLACE(p);

	if (geteuid() != 0)
		SKIP("needs root");
	EQ(mkdirat(p.fd, "t", 0755), 0);
	EQ(mkdirat(p.fd, "t/m", 0755), 0);
	EQ(mkdirat(p.fd, "other", 0755), 0);
	EQ(put(p.fd, "other/f", "x"), 0);
	(void)snprintf(at, sizeof(at), "%s/t/m", p.path);
	(void)snprintf(from, sizeof(from), "%s/other", p.path);
	pid = fork();
	if (pid == 0) {
		int dir;

		if (unshare(CLONE_NEWNS) < 0 ||
		    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		    mount(from, at, NULL, MS_BIND, NULL) < 0)
			_exit(10);
		dir = open(p.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* as seen here */
		if (path_remove_tree_at(dir, "t") != -EXDEV)
			_exit(11);
		if (path_remove_tree_at(AT_FDCWD, at) != -EXDEV)
			_exit(12);
		_exit(0);
	}
	EQ(waitpid(pid, &status, 0), pid);
	EQ(WEXITSTATUS(status), 0);
	OK(path_exists_at(p.fd, "other/f"));
}
