// SPDX-License-Identifier: LGPL-2.1-or-later
/* Start, tell, await and replace the monitor of a VPS. */
#include "ct/monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "cgroup/cg.h"
#include "ct/ct.h"
#include "ct/inside/inside.h"
#include "ct/stage.h"
#include "fs/fs.h"
#include "kern/caps.h"
#include "kern/pidfd.h"
#include "plan/plan.h"

#define CONSOLE_SOCK "console.sock"

void monitor_want_done(struct monitor_want *m)
{
	buf_done(&m->plan);
	monitor_close_child_ends(m);
	cleanup_fd(&m->our_sock);
	cleanup_fd(&m->our_link);
}

void monitor_close_child_ends(struct monitor_want *m)
{
	cleanup_fd(&m->child_sock);
	cleanup_fd(&m->mon_link);
	cleanup_fd(&m->child_console);
	cleanup_fd(&m->listen);
	cleanup_fd(&m->oom);
}

/* Through the folder's descriptor: a socket address holds 108 bytes, a run directory may be deeper. */
static int console_address(const struct ct *ct, struct sockaddr_un *a, int *ret_dir)
{
	int dir = open(ct->rundir, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return -errno;
	*a = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(a->sun_path, sizeof(a->sun_path), "/proc/self/fd/%d/" CONSOLE_SOCK, dir);
	*ret_dir = dir;
	return 0;
}

static int console_listen(const struct ct *ct, int *ret_fd)
{
	struct sockaddr_un a;
	_fd_ int dir = -1, fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int r = fd < 0 ? -errno : console_address(ct, &a, &dir);

	if (r < 0)
		return r;
	unlinkat(dir, CONSOLE_SOCK, 0);
	/* The folder is 0700, so that nobody else reaches the socket. */
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 8) < 0)
		return -errno;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int monitor_connect(const struct ct *ct, int *ret_fd)
{
	struct sockaddr_un a;
	_fd_ int dir = -1, fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int r = fd < 0 ? -errno : console_address(ct, &a, &dir);

	if (r < 0)
		return r;
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		return -errno;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int monitor_prepare(struct ct *ct, struct monitor_want *m, struct vz_err *e)
{
	int a[2], b[2], r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, a) < 0)
		return err_sys(e, VZ_E_SYS, -errno, "cannot make a socket");
	m->our_sock = a[0];
	m->child_sock = a[1];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, b) < 0)
		return err_sys(e, VZ_E_SYS, -errno, "cannot make a socket");
	m->mon_link = b[0];
	m->child_console = b[1];
	if (ct_cgroup(ct, NULL) == 0)
		(void)cg_oom_fd(ct->cg, &m->oom);
	r = console_listen(ct, &m->listen);
	return r < 0 ? err_sys(e, VZ_E_SYS, r, "cannot listen in '%s'", ct->rundir) : 0;
}

static int plan_memfd(const struct buf *plan)
{
	int fd = memfd_create("plan", MFD_CLOEXEC), r;

	if (fd < 0)
		return -errno;
	r = io_write_fd(fd, plan->data, plan->len);
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

/* dup2() of a descriptor onto itself clears close-on-exec in a spawned child (POSIX, glibc 2.29). */
static void keep(posix_spawn_file_actions_t *fa, int fd)
{
	if (fd >= 0)
		posix_spawn_file_actions_adddup2(fa, fd, fd);
}

/* The monitor's command line and environment, see lib/monitor. */
struct call {
	char *program, *conf;
	char num[7][12];
	char *argv[18], *env[3];
};

static void call_done(struct call *c)
{
	free(c->program);
	free(c->conf);
}

static int call_make(const struct ct *ct, const struct monitor_want *m, int plan, struct call *c)
{
	int fds[6] = { plan, plan >= 0 ? m->child_sock : -1, m->mon_link, m->listen, m->cgroup, m->oom };
	int n = 0;

	c->program = str_printf("%s/vz-monitor", ct->vz->libexec);
	c->conf = str_printf("VZ_CONF=%s", ct->vz->conf);
	if (!c->program || !c->conf)
		return -ENOMEM;
	c->argv[n++] = c->program;
	c->argv[n++] = (char *)(uintptr_t)ct->idstr;
	for (int i = 0; i < 6; i++) {
		snprintf(c->num[i], sizeof(c->num[i]), "%d", fds[i]);
		c->argv[n++] = c->num[i];
	}
	/* CRIU reads the limits of processes, for which it has to own their namespace where root of the node has
	 * not this right. */
	snprintf(c->num[6], sizeof(c->num[6]), "%u", kcap_have(CAP_SYS_RESOURCE) ? ct->base : 0);
	c->argv[n++] = c->num[6];
	c->argv[n++] = (char *)(uintptr_t)"--";
	c->argv[n++] = ct->vz->vzctl;
	c->argv[n++] = (char *)(uintptr_t)"--quiet";
	c->argv[n++] = (char *)(uintptr_t)"_ended";
	c->argv[n++] = (char *)(uintptr_t)ct->idstr;
	c->env[0] = (char *)(uintptr_t)"PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	c->env[1] = c->conf;
	return 0;
}

static int spawn_with(const struct monitor_want *m, struct call *c, int plan, const int *fds,
		      size_t nfds, const struct fs_nodes *nodes, pid_t *ret)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	sigset_t all, none;
	int r;

	sigfillset(&all);
	sigemptyset(&none);
	posix_spawn_file_actions_init(&fa);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	/* Nothing of the caller: whoever waits for the end of our output must not wait for the VPS's. */
	for (int i = 0; i < 3; i++)
		posix_spawn_file_actions_addopen(&fa, i, "/dev/null", O_RDWR, 0);
	posix_spawn_file_actions_addchdir_np(&fa, "/");
	keep(&fa, plan);
	keep(&fa, m->child_sock);
	keep(&fa, m->child_console);
	keep(&fa, m->mon_link);
	keep(&fa, m->listen);
	keep(&fa, m->cgroup);
	keep(&fa, m->oom);
	for (size_t i = 0; i < nfds; i++)
		keep(&fa, fds[i]);
	for (unsigned int i = 0; nodes && i < nodes->n; i++)
		keep(&fa, nodes->fd[i]);
	for (unsigned int i = 0; nodes && i < nodes->view.n; i++)
		keep(&fa, nodes->view.fd[i]);
	for (unsigned int i = 0; nodes && i < nodes->binds.n; i++)
		keep(&fa, nodes->binds.fd[i]);
	r = -posix_spawn(ret, c->program, &fa, &attr, c->argv, c->env);
	posix_spawn_file_actions_destroy(&fa);
	posix_spawnattr_destroy(&attr);
	return r;
}

/* The same with something to do before exec: what is forked there becomes the monitor's child. */
static int fork_with(const struct monitor_want *m, struct call *c, pid_t *ret)
{
	pid_t pid = fork();
	int null;

	if (pid != 0) {
		*ret = pid;
		return pid < 0 ? -errno : 0;
	}
	if (m->before_exec(m->before_arg) < 0)
		_exit(127);
	null = open("/dev/null", O_RDWR);
	for (int i = 0; i < 3; i++)
		if (dup2(null, i) < 0)
			_exit(127);
	fcntl(m->mon_link, F_SETFD, 0);
	fcntl(m->listen, F_SETFD, 0);
	if (m->oom >= 0)
		fcntl(m->oom, F_SETFD, 0);
	if (chdir("/") == 0)
		execve(c->program, c->argv, c->env);
	_exit(127);
}

/* Who started the VPS may be a panel or a session, and be ended with what it started: a VPS without its monitor
 * goes on, but would not come up again when it reboots. */
static void leave_service(struct ct *ct, pid_t pid)
{
	struct vz_err e = { 0 };

	if (ct_cgroup(ct, &e) < 0 || cg_node_take(ct->vz->cgh, pid, &e) < 0)
		log_msg(&ct->vz->log, 1, "%s", e.text);
}

int monitor_spawn(struct ct *ct, struct monitor_want *m, const int *fds, size_t nfds,
		  const struct fs_nodes *nodes, struct vz_err *e)
{
	_fd_ int plan = m->plan.len ? plan_memfd(&m->plan) : -1;
	_cleanup_(call_done) struct call c = { 0 };
	pid_t pid;
	int r;

	if (m->plan.len && plan < 0)
		return err_sys(e, VZ_E_SYS, plan, "cannot hand over the plan of VPS '%s'", ct->idstr);
	r = call_make(ct, m, plan, &c);
	if (r == 0)
		r = m->before_exec ? fork_with(m, &c, &pid) :
				     spawn_with(m, &c, plan, fds, nfds, nodes, &pid);
	if (r < 0)
		return err_sys(e, VZ_E_SYS, r, "cannot start '%s/vz-monitor'", ct->vz->libexec);
	ct->st.monitor.pid = pid;
	leave_service(ct, pid);
	r = kpid_start_time(pid, &ct->st.monitor.start);
	return r < 0 ? err_sys(e, VZ_E_SYS, r, "the monitor of VPS '%s' has gone", ct->idstr) : 0;
}

/* The monitor becomes `vzctl _ended`: then it is us. */
static int open_monitor(const struct ct *ct, int *ret_fd)
{
	int r;

	if (!ct->st.monitor.pid || ct->st.monitor.pid == getpid())
		return -ESRCH;
	r = kpid_open(ct->st.monitor.pid, ct->st.monitor.start, ret_fd);
	/* One that has ended is there until somebody reaps it. */
	if (r == 0 && kpid_wait(*ret_fd, 0) == 0) {
		cleanup_fd(ret_fd);
		r = -ESRCH;
	}
	return r;
}

int monitor_quiet(struct ct *ct, bool on)
{
	_fd_ int fd = -1;
	int r = open_monitor(ct, &fd);

	return r < 0 ? r : kpid_signal(fd, on ? SIGTERM : SIGHUP);
}

int monitor_end(struct ct *ct, int timeout_ms)
{
	_fd_ int fd = -1;
	int r = open_monitor(ct, &fd);

	if (r < 0)
		return r == -ESRCH ? 0 : r;
	/* In the time between our word and init's end it may have become `vzctl _ended`, which waits for
	 * our lock: it finds nothing to do. */
	r = kpid_wait(fd, 1000);
	if (r == -ETIMEDOUT) {
		kpid_signal(fd, SIGKILL);
		r = kpid_wait(fd, timeout_ms);
	}
	return r;
}

/* A terminal whose master died with its monitor is of no use any more: the VPS gets a new one. */
static int new_console(struct ct *ct, int link, struct vz_err *e)
{
	_plan_ struct plan *p = plan_new();

	if (!p)
		return err_nomem(e);
	inside_plan_enter(p, ct, INSIDE_MOUNTS);
	PLAN(p, PTY, .num = 1, .fd = link, .role = "console");
	PLAN(p, EXIT);
	return inside_run(ct, p, e);
}

int monitor_adopt(struct ct *ct, struct vz_err *e)
{
	_monitor_ struct monitor_want m = MONITOR_WANT_INIT;
	_fd_ int fd = -1, init = -1;
	int r = open_monitor(ct, &fd);

	if (r == 0) {
		kpid_signal(fd, SIGHUP);
		return 0;
	}
	if (ct->st.monitor.pid == getpid())
		return 0;
	log_msg(&ct->vz->log, 1, "VPS %s has no monitor; starting one", ct->idstr);
	r = kpid_open(ct->st.init.pid, ct->st.init.start, &init);
	if (r < 0)
		return 0; /* it ended just now: the next call clears up */
	r = monitor_prepare(ct, &m, e);
	if (r == 0)
		r = monitor_spawn(ct, &m, NULL, 0, NULL, e);
	if (r < 0)
		return r;
	r = sync_send(m.child_console, SYNC_CHILD, ct->st.init.pid, 0, init);
	if (r == 0 && new_console(ct, m.child_console, NULL) < 0)
		log_msg(&ct->vz->log, -1, "VPS %s: the console could not be made anew", ct->idstr);
	return r < 0 ? err_sys(e, VZ_E_SYS, r, "cannot speak to the monitor of VPS '%s'", ct->idstr) :
		       state_write(ct->rundir, &ct->st, e);
}
