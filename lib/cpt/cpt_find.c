// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Which CRIU fits this kernel. It follows the kernel closely: one that is older may fail on every process
 * with a socket while its own `check` looks good, so it has to show what it can do on a process of ours.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/path.h"
#include "base/spawn.h"
#include "base/str.h"
#include "cpt/cpt_int.h"
#include "cpt/pb.h"
#include "cpt/rpc.h"
#include "kern/sys.h"

#define CHECK_MS  60000
#define TRIAL_MS  60000
#define CACHE	  "criu"
#define TRIAL_LOG "dump.log"

static const char *const places[] = {
	"/usr/local/sbin/criu", "/usr/local/bin/criu", "/usr/sbin/criu", "/usr/bin/criu",
};

/* The last line of what the program said. */
static void last_line(const struct buf *text, struct buf *out)
{
	const char *s = buf_str(text), *end = s + text->len, *from;

	while (end > s && end[-1] == '\n')
		end--;
	for (from = end; from > s && from[-1] != '\n'; from--)
		;
	buf_add(out, from, (size_t)(end - from));
}

static bool check(const char *criu, struct buf *why)
{
	const char *argv[] = { criu, "check", NULL };
	_buf_ struct buf text = BUF_INIT;
	struct spawn s = { .argv = argv, .output = &text, .timeout_ms = CHECK_MS };
	int status = 0, r = spawn_run(&s, &status);

	if (r == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	if (r < 0)
		buf_puts(why, strerror(-r));
	else
		cpt_log_cause(buf_str(&text), text.len, why);
	if (why->len == 0)
		last_line(&text, why);
	return false;
}

/* What the trial process has: every VPS has sockets; newer inits also hold pidfds, which CRIU carries
 * from 4.1 on. */
enum level { LEVEL_SOCKET, LEVEL_PIDFD };

/* A process like those of a VPS, as far as versions differ: a network namespace of its own, a socket of
 * the internet kind, a session. It ends with us. */
static void trial_child(int ready, enum level level) __attribute__((noreturn));
static void trial_child(int ready, enum level level)
{
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	ready = fcntl(ready, F_DUPFD, 100);
	fd = open("/dev/null", O_RDWR);
	if (ready < 0 || fd < 0 || dup2(fd, 0) < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0 ||
	    chdir("/") < 0 || unshare(CLONE_NEWNET) < 0)
		_exit(1);
	syscall(SYS_close_range, 3, ready - 1, 0);
	syscall(SYS_close_range, ready + 1, ~0u, 0);
	if (socket(AF_INET, SOCK_STREAM, 0) < 0)
		_exit(1);
	if (level == LEVEL_PIDFD && ksys_pidfd_open(getpid()) < 0)
		_exit(1);
	if (write(ready, "", 1) == 1)
		close(ready);
	for (;;)
		pause();
}

static int trial_start(enum level level, pid_t *ret)
{
	int p[2];
	char c;
	pid_t pid;

	if (pipe2(p, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		trial_child(p[1], level);
	close(p[1]);
	if (pid < 0 || read(p[0], &c, 1) != 1) {
		close(p[0]);
		if (pid > 0)
			waitpid(pid, NULL, 0);
		return -ECHILD;
	}
	close(p[0]);
	*ret = pid;
	return 0;
}

static int trial_dump(const char *criu, int dir, pid_t pid)
{
	_buf_ struct buf opts = BUF_INIT;
	_fd_ int sock = -1;
	struct rpc_event ev = { .fd = -1 };
	pid_t worker;
	int other, r = rpc_pair(&sock, &other);

	if (r < 0)
		return r;
	pb_put_num(&opts, OPT_IMAGES_DIR_FD, (uint64_t)dir);
	pb_put_num(&opts, OPT_PID, (uint64_t)pid);
	pb_put_num(&opts, OPT_LOG_LEVEL, 2);
	pb_put_str(&opts, OPT_LOG_FILE, TRIAL_LOG);
	pb_put_num(&opts, OPT_MANAGE_CGROUPS_MODE, RPC_CG_IGNORE);
	pb_put_num(&opts, OPT_NETWORK_LOCK, RPC_LOCK_NFTABLES);
	r = rpc_spawn(criu, other, -1, &worker);
	close(other);
	if (r < 0)
		return r;
	r = rpc_request(sock, RPC_DUMP, &opts);
	if (r == 0)
		r = rpc_recv(sock, clock_ms() + TRIAL_MS, &ev);
	cleanup_fd(&ev.fd);
	cleanup_fd(&sock);
	if (r < 0)
		kill(worker, SIGKILL);
	waitpid(worker, NULL, 0);
	return r < 0 ? r : ev.done && ev.success ? 0 : -EIO;
}

static bool trial(const char *criu, const char *rundir, enum level level, struct buf *why)
{
	_free_ char *path = str_printf("%s/criu.trial", rundir);
	_fd_ int dir = -1;
	pid_t pid = 0;
	int r = path ? path_remove_tree_at(AT_FDCWD, path) : -ENOMEM;

	if (r == 0)
		r = path_mkdirs(path, 0700);
	if (r == 0) {
		dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		r = dir < 0 ? -errno : trial_start(level, &pid);
	}
	if (r == 0)
		r = trial_dump(criu, dir, pid);
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	if (r == -EIO || r == -EPIPE)
		cpt_log_cause_at(dir, TRIAL_LOG, why);
	else if (r < 0)
		buf_puts(why, strerror(-r));
	if (path)
		path_remove_tree_at(AT_FDCWD, path);
	return r == 0;
}

/* Candidates in the order of preference; NULL ends. */
#define CANDIDATES_MAX (ARRAY_LEN(places) + 2)
static void candidates(const struct cpt_find *f, const char **ret)
{
	size_t n = 0;

	if (f->conf && *f->conf) {
		ret[n++] = f->conf;
	} else {
		for (size_t i = 0; i < ARRAY_LEN(places); i++)
			if (access(places[i], X_OK) == 0)
				ret[n++] = places[i];
		if (f->private && access(f->private, X_OK) == 0)
			ret[n++] = f->private;
	}
	ret[n] = NULL;
}

/* With all that is needed if there is one, else with the least. */
static const char *search(const char *const *cand, const char *rundir, struct buf *why)
{
	const char *second = NULL;

	for (size_t i = 0; cand[i]; i++) {
		_buf_ struct buf reason = BUF_INIT, none = BUF_INIT;

		if (check(cand[i], &reason) && trial(cand[i], rundir, LEVEL_PIDFD, &reason))
			return cand[i];
		if (reason.len == 0)
			buf_puts(&reason, "does not run");
		if (!second && strstr(buf_str(&reason), "pidfd") &&
		    trial(cand[i], rundir, LEVEL_SOCKET, &none))
			second = cand[i];
		buf_printf(why, "; '%s': %.100s", cand[i], buf_str(&reason));
	}
	return second;
}

/* "path inode size mtime" of each: an upgrade, or one that is installed later, makes the answer void. */
static int identity(const char *const *cand, struct buf *out)
{
	struct stat st;

	for (size_t i = 0; cand[i]; i++) {
		if (stat(cand[i], &st) < 0)
			return -errno;
		buf_printf(out, "%s %llu %lld %lld.%ld\n", cand[i], (unsigned long long)st.st_ino,
			   (long long)st.st_size, (long long)st.st_mtim.tv_sec,
			   (long)st.st_mtim.tv_nsec);
	}
	return out->failed ? -ENOMEM : 0;
}

/* The first line is the answer, the others are what it was found among. */
static char *cached(const char *const *cand, int rundir)
{
	_buf_ struct buf was = BUF_INIT, is = BUF_INIT;
	const char *nl;

	if (identity(cand, &is) < 0 || io_read_at(rundir, CACHE, 8192, &was) < 0)
		return NULL;
	nl = strchr(buf_str(&was), '\n');
	if (!nl || !str_eq(nl + 1, buf_str(&is)))
		return NULL;
	return strndup(buf_str(&was), (size_t)(nl - buf_str(&was)));
}

int cpt_find(const struct cpt_find *f, char **ret, struct vz_err *e)
{
	_buf_ struct buf why = BUF_INIT, keep = BUF_INIT;
	const char *cand[CANDIDATES_MAX];
	_fd_ int rundir = -1, lock = -1;
	const char *found;
	int r = path_mkdirs(f->rundir, 0755);

	rundir = r < 0 ? -1 : open(f->rundir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (rundir < 0)
		return err_sys(e, VZ_E_SYS, r < 0 ? r : -errno, "cannot open '%s'", f->rundir);
	candidates(f, cand);
	*ret = cached(cand, rundir);
	if (*ret)
		return 0;
	/* One tries at a time; who waited finds the answer. */
	lock = openat(rundir, CACHE ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock < 0 || flock(lock, LOCK_EX) < 0)
		return err_sys(e, VZ_E_SYS, -errno, "cannot lock '%s/" CACHE ".lock'", f->rundir);
	*ret = cached(cand, rundir);
	if (*ret)
		return 0;
	found = search(cand, f->rundir, &why);
	if (!found)
		return err_set(e, VZ_E_KERNEL, -ENOENT, "no criu fits this kernel%s%s",
			       why.len ? buf_str(&why) : "; none is installed",
			       "; vz-criu-fetch can unpack a newer one");
	*ret = strdup(found);
	if (!*ret)
		return err_nomem(e);
	buf_printf(&keep, "%s\n", found);
	if (identity(cand, &keep) == 0)
		io_replace_volatile_at(rundir, CACHE, keep.data, keep.len, 0644);
	return 0;
}
