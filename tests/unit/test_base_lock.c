/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base/lock: one holder, whoever else comes and however the last one went. */
#include "../tap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/lock.h"
#include "base/path.h"
#include "base/str.h"

#define NAME "101.lck"

static void folder_done(char (*dir)[64])
{
	if (!strstr(*dir, "XXXXXX"))
		EQ(path_remove_tree_at(AT_FDCWD, *dir), 0);
}

#define FOLDER(dir)                                                                                \
	_cleanup_(folder_done) char dir[64] = "/tmp/base-lock.XXXXXX";                             \
	NEED(OK(mkdtemp(dir)))

static void write_lock(const char *dir, const char *text)
{
	_fd_ int d = open(dir, O_PATH | O_CLOEXEC);

	EQ(io_replace_volatile_at(d, NAME, text, strlen(text), 0644), 0);
}

static int files_in(const char *dir)
{
	_dir_ DIR *d = opendir(dir);
	int n = 0;

	while (d && readdir(d))
		n++;
	return n - 2;
}

/* A pid that was alive a moment ago and is not now. */
static pid_t dead_pid(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	(void)waitpid(pid, NULL, 0);
	return pid;
}

/* By trying; what is stale goes by that. */
static bool lock_is_held(const char *dir, const char *name)
{
	struct lock l = LOCK_INIT;
	int r = lock_take(&l, dir, name, "trying", NULL);

	lock_drop(&l);
	return r == -EBUSY;
}

TEST("a lock has pid and status, is seen as held, and is gone when dropped")
{
	_buf_ struct buf b = BUF_INIT;
	struct lock l = LOCK_INIT;
	char want[40], status[24];
	FOLDER(dir);
	_fd_ int d = open(dir, O_PATH | O_CLOEXEC);

	OK(!lock_is_held(dir, NAME));
	NEED(EQ(lock_take(&l, dir, NAME, "starting", NULL), 0));
	EQ(io_read_at(d, NAME, 100, &b), 0);
	(void)snprintf(want, sizeof(want), "%d\nstarting\n", (int)getpid());
	STR_EQ(buf_str(&b), want);
	OK(lock_is_held(dir, NAME));
	EQ(files_in(dir), 1);
	lock_status(dir, NAME, status, sizeof(status));
	STR_EQ(status, "starting");
	lock_drop(&l);
	lock_status(dir, NAME, status, sizeof(status));
	STR_EQ(status, "");
	EQ(files_in(dir), 0);
	OK(!lock_is_held(dir, NAME));
	lock_drop(&l);
	EQ(l.fd, -1);
}

TEST("a missing lock folder is made")
{
	struct lock l = LOCK_INIT;
	char deep[100];
	FOLDER(dir);

	(void)snprintf(deep, sizeof(deep), "%s/a/b", dir);
	OK(!lock_is_held(deep, NAME));
	EQ(lock_take(&l, deep, NAME, "x", NULL), 0);
	lock_drop(&l);
}

TEST("a second taker is told who holds it, in the same process too")
{
	struct lock a = LOCK_INIT, b = LOCK_INIT;
	pid_t holder = -1;
	FOLDER(dir);

	EQ(lock_take(&a, dir, NAME, "x", &holder), 0);
	EQ(holder, -1);
	EQ(lock_take(&b, dir, NAME, "y", &holder), -EBUSY);
	EQ(holder, getpid());
	EQ(b.fd, -1);
	EQ(lock_take(&b, dir, NAME, "y", NULL), -EBUSY);
	EQ(lock_take(&b, dir, "102.lck", "y", NULL), 0);
	lock_drop(&b);
	lock_drop(&a);
	EQ(files_in(dir), 0);
}

TEST("a lock file that another tool wrote holds while its pid lives")
{
	struct lock l = LOCK_INIT;
	pid_t holder = 0, pid;
	char text[40];
	FOLDER(dir);

	pid = fork();
	if (pid == 0) {
		pause();
		_exit(0);
	}
	(void)snprintf(text, sizeof(text), "%d\nbacking up\n", (int)pid);
	write_lock(dir, text);
	OK(lock_is_held(dir, NAME));
	EQ(lock_take(&l, dir, NAME, "x", &holder), -EBUSY);
	EQ(holder, pid);
	(void)snprintf(text, sizeof(text), "%d", (int)pid); /* without a newline */
	write_lock(dir, text);
	EQ(lock_take(&l, dir, NAME, "x", NULL), -EBUSY);
	EQ(kill(pid, SIGKILL), 0);
	EQ(waitpid(pid, NULL, 0), pid);
	OK(!lock_is_held(dir, NAME));
	EQ(lock_take(&l, dir, NAME, "x", NULL), 0);
	lock_drop(&l);
	EQ(files_in(dir), 0);
}

TEST("a lock of a dead pid, of our own pid used again, or without sense is taken over")
{
	struct lock l = LOCK_INIT;
	char texts[2][40];
	FOLDER(dir);

	(void)snprintf(texts[0], sizeof(texts[0]), "%d\nx\n", (int)dead_pid());
	(void)snprintf(texts[1], sizeof(texts[1]), "%d\nx\n", (int)getpid());
	for (int i = 0; i < 5; i++) {
		const char *const odd[] = { texts[0], texts[1], "", "none\n", "-1\n" };

		write_lock(dir, odd[i]);
		if (!EQ(lock_take(&l, dir, NAME, "x", NULL), 0))
			TAP_BAD("'%s'", odd[i]);
		lock_drop(&l);
		EQ(files_in(dir), 0);
	}
}

TEST("a killed holder does not hold, and a child it left behind does")
{
	struct lock l = LOCK_INIT;
	pid_t holder = -1, pid;
	int go[2], end[2];
	char c;
	FOLDER(dir);

	EQ(pipe2(go, O_CLOEXEC), 0);
	EQ(pipe2(end, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		if (lock_take(&l, dir, NAME, "x", NULL) < 0)
			_exit(1);
		if (fork() == 0) { /* shares the flock, lives until we say so */
			close(end[1]);
			(void)!read(end[0], &c, 1);
			_exit(0);
		}
		(void)!write(go[1], "x", 1);
		pause();
	}
	EQ(read(go[0], &c, 1), 1);
	EQ(kill(pid, SIGKILL), 0);
	EQ(waitpid(pid, NULL, 0), pid);
	OK(lock_is_held(dir, NAME));
	EQ(lock_take(&l, dir, NAME, "x", &holder), -EBUSY);
	EQ(holder, 0);
	close(end[1]); /* lets the child go */
	for (int i = 0; i < 1000 && lock_is_held(dir, NAME); i++)
		(void)poll(NULL, 0, 1);
	EQ(lock_take(&l, dir, NAME, "x", NULL), 0);
	lock_drop(&l);
	close(end[0]);
	close(go[0]);
	close(go[1]);
}

TEST("a killed holder that nobody has reaped yet does not hold")
{
	struct lock l = LOCK_INIT;
	siginfo_t si;
	pid_t pid;
	FOLDER(dir);

	pid = fork();
	if (pid == 0)
		_exit(lock_take(&l, dir, NAME, "x", NULL) < 0);
	EQ(waitid(P_PID, (id_t)pid, &si, WEXITED | WNOWAIT), 0);
	EQ(si.si_status, 0);
	OK(!lock_is_held(dir, NAME));
	EQ(lock_take(&l, dir, NAME, "x", NULL), 0);
	lock_drop(&l);
	EQ(waitpid(pid, NULL, 0), pid);
}

TEST("dropping does not remove a file that is not ours any more")
{
	struct lock a = LOCK_INIT;
	FOLDER(dir);

	EQ(lock_take(&a, dir, NAME, "x", NULL), 0);
	write_lock(dir, "1\nforced\n");
	lock_drop(&a);
	EQ(files_in(dir), 1);
	OK(lock_is_held(dir, NAME)); /* by pid 1 */
}

TEST("names and words that would break the file are refused")
{
	struct lock l = LOCK_INIT;
	char big[200];
	FOLDER(dir);

	memset(big, 'x', sizeof(big));
	big[sizeof(big) - 1] = 0;
	EQ(lock_take(&l, dir, "../x", "s", NULL), -EINVAL);
	EQ(lock_take(&l, dir, "", "s", NULL), -EINVAL);
	EQ(lock_take(&l, dir, ".x", "s", NULL), -EINVAL);
	EQ(lock_take(&l, dir, big, "s", NULL), -EINVAL);
	EQ(lock_take(&l, dir, NAME, "a\nb", NULL), -EINVAL);
	EQ(lock_take(&l, dir, NAME, big, NULL), -EINVAL);
	EQ(files_in(dir), 0);
}

TEST("a link in the place of the lock is not followed")
{
	struct lock l = LOCK_INIT;
	char path[100];
	FOLDER(dir);

	(void)snprintf(path, sizeof(path), "%s/" NAME, dir);
	EQ(symlink("/etc/passwd", path), 0);
	EQ(lock_take(&l, dir, NAME, "s", NULL), -ELOOP);
}

struct tally {
	int inside, worst, taken, odd;
};

/* One of many: take, look that nobody else is inside, drop or die with it. */
static int contend(const char *dir, struct tally *t, int rounds, int die)
{
	for (int i = 0; i < rounds;) {
		struct lock l = LOCK_INIT;
		int r = lock_take(&l, dir, NAME, "x", NULL), n;

		if (r == -EBUSY)
			continue;
		if (r < 0) {
			__atomic_add_fetch(&t->odd, 1, __ATOMIC_SEQ_CST);
			return 1;
		}
		n = __atomic_add_fetch(&t->inside, 1, __ATOMIC_SEQ_CST);
		if (n > 1)
			__atomic_add_fetch(&t->worst, 1, __ATOMIC_SEQ_CST);
		__atomic_add_fetch(&t->taken, 1, __ATOMIC_SEQ_CST);
		__atomic_sub_fetch(&t->inside, 1, __ATOMIC_SEQ_CST);
		if (die)
			_exit(0); /* the file stays, its pid is dead: stale for the next */
		lock_drop(&l);
		i++;
	}
	return 0;
}

static void crowd(int die)
{
	enum { CROWD = 50, ROUNDS = 4 };
	struct tally *t = mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pids[CROWD];
	FOLDER(dir);

	NEED(OK(t != MAP_FAILED));
	write_lock(dir, "999999999\nstale\n");
	for (int i = 0; i < CROWD; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(contend(dir, t, die ? 1 : ROUNDS, die));
	}
	for (int i = 0; i < CROWD; i++) {
		int status = -1;

		EQ(waitpid(pids[i], &status, 0), pids[i]);
		EQ(status, 0);
	}
	EQ(t->worst, 0);
	EQ(t->odd, 0);
	EQ(t->taken, die ? CROWD : CROWD * ROUNDS);
	EQ(files_in(dir), die ? 1 : 0);
	(void)munmap(t, sizeof(*t));
}

TEST("of fifty contenders for a stale lock each gets it in turn, never two at once")
{
	crowd(0);
}

TEST("fifty contenders that each die holding it: the next takes over, never two at once")
{
	crowd(1);
}

/* Child of the test below: wait for the start, try once, keep the lock until all are done. */
static void try_once(const char *dir, int start, int over)
{
	struct lock l = LOCK_INIT;
	char c;
	int r;

	(void)!read(start, &c, 1);
	r = lock_take(&l, dir, NAME, "x", NULL);
	if (r < 0)
		_exit(r == -EBUSY ? 0 : 1);
	(void)!read(over, &c, 1);
	_exit(7);
}

TEST("of fifty who try once at the same moment for a stale lock exactly one wins")
{
	enum { CROWD = 50, REPEAT = 5 };
	FOLDER(dir);

	for (int k = 0; k < REPEAT; k++) {
		int start[2], over[2], won = 0;

		write_lock(dir, "999999999\nstale\n");
		EQ(pipe2(start, O_CLOEXEC), 0);
		EQ(pipe2(over, O_CLOEXEC), 0);
		for (int i = 0; i < CROWD; i++)
			if (fork() == 0) {
				close(start[1]);
				close(over[1]);
				try_once(dir, start[0], over[0]);
			}
		close(start[0]);
		close(start[1]);
		/* Those who lost end by themselves; the winner is the last that is left. */
		for (int left = CROWD; left > 0; left--) {
			int status = -1;

			if (left == 1)
				close(over[1]);
			OK(waitpid(-1, &status, 0) > 0);
			won += WIFEXITED(status) && WEXITSTATUS(status) == 7;
			OK(WIFEXITED(status) && WEXITSTATUS(status) % 7 == 0);
		}
		close(over[0]);
		EQ(won, 1);
	}
}
