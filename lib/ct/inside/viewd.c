// SPDX-License-Identifier: LGPL-2.1-or-later
/* The keeper of a node's lxcfs. It has no timer: it wakes when lxcfs ends, or when it is told to end. */
#include "ct/inside/viewd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/magic.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "base/path.h"
#include "base/str.h"
#include "cgroup/cg.h"
#include "ct/inside/view.h"
#include "host/node.h"
#include "kern/sys.h"

#define UP_WAIT_MS  5000
#define SHORT_MS    2000 /* one that lives shorter is not started again at once */
#define PAUSE_MS    5000
#define END_WAIT_MS 2000

struct keeper {
	struct vz *vz;
	char *dir, *pidfile;
	int lock, sig, pidfd;
	pid_t pid;
};

const char *view_program(void)
{
	static const char *const paths[] = { "/usr/bin/lxcfs", "/usr/local/bin/lxcfs" };

	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		if (access(paths[i], X_OK) == 0)
			return paths[i];
	return NULL;
}

bool view_answers(const char *dir)
{
	_free_ char *path = str_printf("%s/proc/uptime", dir);
	struct statfs fs;
	_fd_ int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	return fd >= 0 && fstatfs(fd, &fs) == 0 && fs.f_type == FUSE_SUPER_MAGIC;
}

static void clear_mounts(const char *dir)
{
	for (int i = 0; i < 64 && umount2(dir, MNT_DETACH | UMOUNT_NOFOLLOW) == 0; i++)
		;
}

static void pause_ms(long ms)
{
	(void)poll(NULL, 0, (int)ms);
}

static void become(const struct keeper *k, const char *program)
{
	char *const argv[] = { (char *)(uintptr_t)program, (char *)(uintptr_t)"-f",
			       (char *)(uintptr_t)"-l", (char *)(uintptr_t)"--enable-cfs",
			       (char *)(uintptr_t)"--enable-pidfd", (char *)(uintptr_t)"-p",
			       k->pidfile, k->dir, NULL };
	char *const env[] = { (char *)(uintptr_t)"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(program, argv, env);
	_exit(127);
}

/* One that an earlier keeper, which was killed, has left works on. */
static bool adopt(struct keeper *k)
{
	_buf_ struct buf text = BUF_INIT;
	uint32_t pid = 0;

	if (!view_answers(k->dir) || io_read_at(AT_FDCWD, k->pidfile, 32, &text) < 0)
		return false;
	if (text.len)
		text.data[strcspn(text.data, "\n")] = '\0';
	if (num_u32(buf_str(&text), &pid) < 0 || pid < 2)
		return false;
	k->pidfd = ksys_pidfd_open((pid_t)pid);
	k->pid = 0;
	return k->pidfd >= 0;
}

static int begin(struct keeper *k)
{
	const char *program = view_program();
	uint64_t end = clock_ms() + UP_WAIT_MS;

	clear_mounts(k->dir);
	unlink(k->pidfile); /* lxcfs refuses one that it does not hold */
	if (!program)
		return -ENOENT;
	k->pid = fork();
	if (k->pid == 0)
		become(k, program);
	if (k->pid < 0)
		return -errno;
	k->pidfd = ksys_pidfd_open(k->pid);
	while (!view_answers(k->dir)) {
		struct pollfd p = { .fd = k->pidfd, .events = POLLIN };

		if (clock_ms() > end || poll(&p, 1, 5) > 0)
			return -EIO;
	}
	return 0;
}

static void end(struct keeper *k)
{
	struct pollfd p = { .fd = k->pidfd, .events = POLLIN };

	if (k->pidfd >= 0) {
		ksys_pidfd_signal(k->pidfd, SIGTERM);
		if (poll(&p, 1, END_WAIT_MS) == 0)
			ksys_pidfd_signal(k->pidfd, SIGKILL);
	}
	if (k->pid > 0)
		(void)waitpid(k->pid, NULL, 0);
	cleanup_fd(&k->pidfd);
	clear_mounts(k->dir);
	rmdir(k->dir);
	unlink(k->pidfile);
}

/* The files of the present one into every VPS, by a process that is nobody's: lxcfs may die again meanwhile. */
static void again(struct keeper *k)
{
	pid_t pid = fork();

	if (pid == 0) {
		cleanup_fd(&k->lock); /* it is the keeper's that this one is not */
		if (fork() == 0)
			view_again(k->vz);
		_exit(0);
	}
	if (pid > 0)
		(void)waitpid(pid, NULL, 0);
}

/* Never returns: until it is told to end. */
static void keep(struct keeper *k)
{
	for (bool short_lived = false;;) {
		uint64_t since = clock_ms();
		struct pollfd p[2] = { { .fd = k->pidfd, .events = POLLIN },
				       { .fd = k->sig, .events = POLLIN } };

		if (poll(p, 2, -1) < 0 && errno != EINTR)
			break;
		if (p[1].revents)
			break;
		if (!p[0].revents)
			continue;
		if (k->pid > 0)
			(void)waitpid(k->pid, NULL, 0);
		cleanup_fd(&k->pidfd);
		log_msg(&k->vz->log, -1, "lxcfs has ended and is started again");
		/* Once may be an upgrade right behind a start; twice is one that cannot live. */
		if (clock_ms() - since >= SHORT_MS)
			short_lived = false;
		else if (short_lived)
			pause_ms(PAUSE_MS);
		else
			short_lived = true;
		while (begin(k) < 0) {
			if (k->pidfd >= 0)
				ksys_pidfd_signal(k->pidfd, SIGKILL);
			if (k->pid > 0)
				(void)waitpid(k->pid, NULL, 0);
			cleanup_fd(&k->pidfd);
			if (poll(&p[1], 1, PAUSE_MS) > 0) {
				end(k);
				_exit(0);
			}
		}
		again(k);
	}
	end(k);
	_exit(0);
}

static int prepare(struct keeper *k, struct vz_err *e)
{
	_free_ char *lock = view_path(k->vz, ".lock");
	char text[16];
	int r;

	k->dir = view_path(k->vz, "");
	k->pidfile = view_path(k->vz, ".pid");
	if (!lock || !k->dir || !k->pidfile)
		return err_nomem(e);
	r = path_mkdirs(k->vz->rundir, 0755);
	k->lock = r < 0 ? -1 : open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (k->lock < 0)
		return err_sys(e, VZ_E_ENV, r < 0 ? r : -errno, "cannot open '%s'", lock);
	/* Of two that come at once the second waits here until the first has its lxcfs up, then finds it. */
	if (flock(k->lock, LOCK_EX | LOCK_NB) < 0)
		return 1;
	snprintf(text, sizeof(text), "%d\n", getpid());
	if (ftruncate(k->lock, 0) < 0 || io_write_fd(k->lock, text, strlen(text)) < 0)
		return err_sys(e, VZ_E_ENV, -EIO, "cannot write '%s'", lock);
	return 0;
}

static int wait_for_other(const struct keeper *k)
{
	for (uint64_t t = clock_ms() + UP_WAIT_MS; !view_answers(k->dir); pause_ms(10))
		if (clock_ms() > t)
			return -ETIMEDOUT;
	return 0;
}

/* The child: a message is one byte, when lxcfs answers. */
static void stay(struct keeper *k, int tell)
{
	struct vz_err e = { 0 };
	sigset_t told;
	bool mounted;
	int null, r;

	setsid();
	prctl(PR_SET_NAME, "vz-view");
	/* All VPSs need it, not only whoever started the first. */
	if (node_cgroups(k->vz, &e) == 0)
		(void)cg_node_take(k->vz->cgh, getpid(), &e);
	sigemptyset(&told);
	sigaddset(&told, SIGTERM);
	sigprocmask(SIG_SETMASK, &told, NULL);
	k->sig = signalfd(-1, &told, SFD_CLOEXEC);
	r = prepare(k, &e);
	if (r > 0)
		r = wait_for_other(k) == 0 ? 1 : -ETIMEDOUT;
	if (r == 0)
		r = path_mkdirs(k->dir, 0755) == -ENOTDIR ? -ENOTDIR : 0;
	mounted = r == 0 && adopt(k);
	if (r == 0 && !mounted)
		r = begin(k);
	if (r < 0) {
		if (k->pid > 0)
			end(k);
		_exit(1);
	}
	if (write(tell, "", 1) != 1 || r > 0)
		_exit(0);
	close(tell);
	null = open("/dev/null", O_RDWR);
	for (int i = 0; i < 3; i++)
		(void)!dup2(null, i);
	/* Those that were there before, with the files of a dead one. */
	if (!mounted)
		again(k);
	keep(k);
}

int view_keep(struct vz *vz, struct vz_err *e)
{
	struct keeper k = { .vz = vz, .lock = -1, .sig = -1, .pidfd = -1 };
	int p[2];
	char c;
	pid_t pid;

	if (pipe2(p, O_CLOEXEC) < 0)
		return err_sys(e, VZ_E_ENV, -errno, "cannot make a pipe");
	pid = fork();
	if (pid == 0) {
		close(p[0]);
		stay(&k, p[1]);
		_exit(0);
	}
	close(p[1]);
	if (pid < 0 || read(p[0], &c, 1) != 1) {
		close(p[0]);
		return err_set(e, VZ_E_ENV, -EIO, "lxcfs does not work on this node");
	}
	close(p[0]);
	return 0;
}

void view_end(struct vz *vz)
{
	_free_ char *path = view_path(vz, ".lock"), *blank = view_path(vz, ".blank");
	_buf_ struct buf text = BUF_INIT;
	_fd_ int fd = -1;
	uint32_t pid;

	if (blank && access(blank, F_OK) == 0) {
		clear_mounts(blank);
		rmdir(blank);
	}
	if (!path || !view_has_keeper(vz) || io_read_at(AT_FDCWD, path, 32, &text) < 0 || !text.len)
		return;
	text.data[strcspn(text.data, "\n")] = '\0';
	if (num_u32(text.data, &pid) < 0 || pid < 2)
		return;
	fd = ksys_pidfd_open((pid_t)pid);
	if (fd < 0 || !view_has_keeper(vz)) /* still the same: it holds the lock */
		return;
	ksys_pidfd_signal(fd, SIGTERM);
	(void)poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 2 * END_WAIT_MS);
	unlink(path);
}
