/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base/spawn: what a program we run gets, and what we get back. */
#include "../tap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/spawn.h"
#include "base/str.h"

static int sh(const char *script, struct spawn *s, int *status)
{
	const char *argv[] = { "/bin/sh", "-c", script, NULL };

	s->argv = argv;
	return spawn_run(s, status);
}

TEST("exit status and signal come back as from waitpid")
{
	struct spawn s = { 0 };
	int st = -1;

	EQ(sh("exit 7", &s, &st), 0);
	OK(WIFEXITED(st) && WEXITSTATUS(st) == 7);
	EQ(sh("kill -9 $$", &s, &st), 0);
	OK(WIFSIGNALED(st) && WTERMSIG(st) == SIGKILL);
}

TEST("a program that cannot be run is an errno, not a status")
{
	const char *const none[] = { "/nonexistent/program", NULL };
	const char *const dir[] = { "/tmp", NULL };
	struct spawn s = { .argv = none };
	int st = 42;

	EQ(spawn_run(&s, &st), -ENOENT);
	s.argv = dir;
	EQ(spawn_run(&s, &st), -EACCES);
	EQ(st, 42);
}

TEST("stdout and stderr are captured together, in order")
{
	_buf_ struct buf b = BUF_INIT;
	struct spawn s = { .output = &b };
	int st;

	EQ(sh("echo a; echo b >&2; echo c", &s, &st), 0);
	STR_EQ(buf_str(&b), "a\nb\nc\n");
}

TEST("output beyond 64 KiB is dropped and does not block the program")
{
	_buf_ struct buf b = BUF_INIT;
	struct spawn s = { .output = &b, .timeout_ms = 20000 };
	int st = -1;

	EQ(sh("head -c 1000000 /dev/zero | tr '\\0' x; exit 3", &s, &st), 0);
	EQ(WEXITSTATUS(st), 3);
	EQ(b.len, 65536);
}

TEST("input arrives whole and may go unread")
{
	_buf_ struct buf in = BUF_INIT, out = BUF_INIT;
	struct spawn s = { .output = &out };
	int st = -1;

	for (int i = 0; i < 40000; i++)
		buf_puts(&in, "0123456789");
	s.input = in.data;
	s.input_len = in.len;
	EQ(sh("wc -c", &s, &st), 0);
	EQ(strtoul(buf_str(&out), NULL, 10), 400000);
	EQ(sh("exit 0", &s, &st), 0);
	EQ(st, 0);
}

TEST("without input stdin is empty, without output nothing is kept")
{
	_buf_ struct buf out = BUF_INIT;
	struct spawn s = { .output = &out }, quiet = { 0 };
	int st = -1;

	EQ(sh("cat; readlink /proc/self/fd/0", &s, &st), 0);
	STR_EQ(buf_str(&out), "/dev/null\n");
	EQ(sh("[ \"$(readlink /proc/$$/fd/1)\" = /dev/null ]", &quiet, &st), 0);
	EQ(st, 0);
}

TEST("the environment is clean, or exactly what was given")
{
	const char *const env[] = { "VEID=101", "A=b c", NULL };
	_buf_ struct buf out = BUF_INIT;
	const char *const argv[] = { "/usr/bin/env", NULL };
	struct spawn s = { .argv = argv, .output = &out };
	int st;

	EQ(setenv("LD_TEST_LEAK", "1", 1), 0);
	EQ(spawn_run(&s, &st), 0);
	STR_EQ(buf_str(&out), "HOME=/\nTERM=linux\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:"
			      "/usr/bin:/sbin:/bin\n");
	buf_clear(&out);
	s.env = env;
	EQ(spawn_run(&s, &st), 0);
	STR_EQ(buf_str(&out), "VEID=101\nA=b c\n");
}

TEST("no descriptor of ours is inherited but those to keep")
{
	_buf_ struct buf out = BUF_INIT;
	int leak = open("/", O_RDONLY), keep = open("/etc", O_RDONLY | O_CLOEXEC), st;
	int list[] = { keep, -1 };
	struct spawn s = { .output = &out, .keep = list };
	char want[40];

	EQ(sh("for f in /proc/$$/fd/*; do echo \"${f##*/} $(readlink $f)\"; done", &s, &st), 0);
	(void)snprintf(want, sizeof(want), "\n%d /etc\n", keep);
	HAS(buf_str(&out), want);
	(void)snprintf(want, sizeof(want), "\n%d /\n", leak);
	OK(strstr(buf_str(&out), want) == NULL);
	close(leak);
	close(keep);
}

TEST("it works when our own 0, 1 and 2 are closed")
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		_buf_ struct buf out = BUF_INIT;
		struct spawn s = { .output = &out, .input = "in", .input_len = 2 };
		int st = -1;

		close(0);
		close(1);
		close(2);
		_exit(sh("cat; echo err >&2; [ -e /proc/$$/fd/0 ]", &s, &st) == 0 && st == 0 &&
				      str_eq(buf_str(&out), "inerr\n")
			      ? 0
			      : 1);
	}
	EQ(waitpid(pid, &status, 0), pid);
	EQ(status, 0);
}

TEST("signals are at their defaults and unblocked, and it is a session of its own")
{
	_buf_ struct buf out = BUF_INIT;
	struct spawn s = { .output = &out };
	sigset_t set, old;
	int st;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &set, &old);
	(void)signal(SIGPIPE, SIG_IGN);
	EQ(sh("grep -E 'Sig(Blk|Ign)' /proc/self/status; cut -d' ' -f1,6 /proc/$$/stat", &s,
	      &st), 0);
	HAS(buf_str(&out), "SigBlk:\t0000000000000000");
	HAS(buf_str(&out), "SigIgn:\t0000000000000000");
	(void)signal(SIGPIPE, SIG_DFL);
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	char *line = strstr(buf_str(&out), "\nSigIgn");
	int a = 0, b = 1;

	line = line ? strchr(line + 1, '\n') : NULL;
	OK(line && sscanf(line, "%d %d", &a, &b) == 2 && a == b);
}

TEST("at the deadline the whole group is killed")
{
	_buf_ struct buf out = BUF_INIT;
	struct spawn s = { .output = &out, .timeout_ms = 300 };
	uint64_t before = clock_ms();
	int st = 42;
	pid_t kid = 0;

	EQ(sh("sleep 60 & echo $!; wait", &s, &st), -ETIMEDOUT);
	EQ(st, 42);
	OK(clock_ms() - before >= 300 && clock_ms() - before < 10000);
	kid = (pid_t)strtoul(buf_str(&out), NULL, 10);
	NEED(OK(kid > 1));
	/* An orphan is reaped by its new parent, which may take a moment. */
	for (int i = 0; i < 2000 && kill(kid, 0) == 0; i++) {
		char path[40], state[256] = "";
		FILE *f;

		(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)kid);
		f = fopen(path, "re");
		if (f && fgets(state, sizeof(state), f) && strstr(state, ") Z ")) {
			fclose(f);
			return; /* dead, only not reaped by whoever is init here */
		}
		if (f)
			fclose(f);
		(void)poll(NULL, 0, 1);
	}
	OK(kill(kid, 0) < 0);
}

TEST("an endless writer does not outlive the deadline")
{
	_buf_ struct buf out = BUF_INIT;
	struct spawn s = { .output = &out, .timeout_ms = 300 };
	int st;

	EQ(sh("exec yes", &s, &st), -ETIMEDOUT);
	EQ(out.len, 65536);
}

TEST("a daemon left behind with the pipe open does not hold us")
{
	_buf_ struct buf out = BUF_INIT;
	struct spawn s = { .output = &out, .timeout_ms = 20000 };
	uint64_t before = clock_ms();
	int st = -1;
	pid_t kid;

	EQ(sh("sleep 30 & echo $!; exit 0", &s, &st), 0);
	EQ(st, 0);
	OK(clock_ms() - before < 10000);
	kid = (pid_t)strtoul(buf_str(&out), NULL, 10);
	if (OK(kid > 1))
		(void)kill(kid, SIGKILL);
}
