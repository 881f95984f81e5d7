// SPDX-License-Identifier: LGPL-2.1-or-later
/* Enter a VPS: the child's steps, its end, its words. */
#include "ct/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/str.h"
#include "cgroup/cg.h"
#include "ct/ct.h"
#include "kern/idmap.h"
#include "kern/pidfd.h"
#include "plan/plan.h"

#define INSIDE_WAIT_MS 60000

void inside_done(struct ct *ct)
{
	cleanup_fd(&ct->in.pidfd);
	cleanup_fd(&ct->in.sock[0]);
	cleanup_fd(&ct->in.sock[1]);
	while (ct->in.ncg)
		close(ct->in.cg[--ct->in.ncg]);
}

static void enter_groups(struct plan *p, struct ct *ct)
{
	if (ct_cgroup(ct, NULL) < 0)
		return;
	if (cg_self_fds(ct->cg, ct->in.cg, ARRAY_LEN(ct->in.cg), &ct->in.ncg) < 0)
		ct->in.ncg = 0;
	for (size_t i = 0; i < ct->in.ncg; i++)
		PLAN(p, CGROUP, .fd = ct->in.cg[i], .role = "tasks");
}

static void begin(struct plan *p, struct ct *ct)
{
	inside_done(ct);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ct->in.sock) < 0)
		ct->in.sock[0] = ct->in.sock[1] = -1;
	if (kpid_open(ct->st.init.pid, ct->st.init.start, &ct->in.pidfd) < 0)
		ct->in.pidfd = -1;
	plan_socket(p, ct->in.sock[1]);
	PLAN(p, CLOSE_FDS);
	PLAN(p, UNDUMPABLE);
}

void inside_plan_ids(struct plan *p, struct ct *ct, uint64_t ns)
{
	begin(p, ct);
	PLAN(p, SETNS, .fd = ct->in.pidfd, .role = "init", .num = ns);
	if (ns & CLONE_NEWUSER)
		PLAN(p, SETIDS, .num = 0);
}

void inside_plan_enter(struct plan *p, struct ct *ct, enum inside_how how)
{
	uint64_t ns = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWUTS;
	int group;

	begin(p, ct);
	if (how == INSIDE_MOUNTS) {
		PLAN(p, SETNS, .fd = ct->in.pidfd, .role = "init", .num = ns);
		PLAN(p, SETIDS, .num = 0);
		return;
	}
	ns |= CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC;
	enter_groups(p, ct);
	group = ct->cg ? cg_clone_fd(ct->cg, true) : -1;
	PLAN(p, SETNS, .fd = ct->in.pidfd, .role = "init", .num = ns);
	PLAN(p, FORK, .fd = group, .role = group >= 0 ? "exec group" : NULL);
	/* Not before: where the tree is mounted with nsdelegate, nobody inside that namespace may bring a
	 * process in from outside of it (ENOENT, cgroups(7)). */
	PLAN(p, SETNS, .fd = ct->in.pidfd, .role = "init", .num = CLONE_NEWCGROUP);
	PLAN(p, SETIDS, .num = 0);
	PLAN(p, SETSID);
	PLAN(p, KEYRING, .flags = PLAN_OPTIONAL);
}

void inside_plan_root(struct plan *p, struct ct *ct)
{
	inside_done(ct);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ct->in.sock) < 0)
		ct->in.sock[0] = ct->in.sock[1] = -1;
	if (kidmap_userns(ct->base, &ct->in.pidfd) < 0)
		ct->in.pidfd = -1;
	ct->in.cg[0] = open(ct->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	ct->in.ncg = ct->in.cg[0] >= 0;
	plan_socket(p, ct->in.sock[1]);
	PLAN(p, CLOSE_FDS);
	PLAN(p, UNDUMPABLE);
	PLAN(p, SETNS, .fd = ct->in.pidfd, .role = "ids", .num = CLONE_NEWUSER);
	PLAN(p, SETIDS, .num = 0);
	PLAN(p, CHROOT, .fd = ct->in.cg[0], .role = "root");
	PLAN(p, CHDIR, .s1 = "/");
}

static int failed(const struct ct *ct, const struct plan *p, const struct sync_msg *m,
		  struct vz_err *e)
{
	_buf_ struct buf b = BUF_INIT;

	plan_step_text(p, (size_t)m->a, &b);
	if (b.len > 120)
		b.data[120] = '\0';
	return err_sys(e, VZ_E_ENV, -m->b, "VPS '%s', inside, step %d of %zu, %s", ct->idstr, m->a,
		       plan_count(p), buf_str(&b));
}

/* Until the other side has closed: its exec or its end. Messages before that are kept. */
static int listen_to(struct ct *ct, const struct plan *p, int *ret_pidfd, int *ret_master,
		     struct vz_err *e)
{
	for (;;) {
		struct sync_msg m;
		int fd = -1, r = sync_recv(ct->in.sock[0], INSIDE_WAIT_MS, &m, &fd);

		if (r == -EPIPE)
			return 0;
		if (r < 0)
			return err_sys(e, VZ_E_EXEC, r, "VPS '%s': no word from inside", ct->idstr);
		if (m.kind == SYNC_FAIL)
			return failed(ct, p, &m, e);
		if (m.kind == SYNC_CHILD && ret_pidfd && *ret_pidfd < 0)
			*ret_pidfd = fd;
		else if (m.kind == SYNC_CONSOLE && ret_master && *ret_master < 0)
			*ret_master = fd;
		else if (fd >= 0)
			close(fd);
	}
}

/* The child runs nothing but the interpreter; stdio is put in place before, because the plan closes the
 * rest. */
static pid_t run_child(const struct buf *block, const int *stdio)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	for (int i = 0; stdio && i < 3; i++)
		if (stdio[i] != i && dup2(stdio[i], i) < 0)
			_exit(127);
	plan_run((const struct plan_block *)block->data);
}

static int reap(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return status;
}

int inside_spawn(struct ct *ct, struct plan *p, const int *stdio, int *ret_pidfd, int *ret_master,
		 struct vz_err *e)
{
	_buf_ struct buf block = BUF_INIT;
	_fd_ int pidfd = -1, master = -1;
	int r = plan_end(p, &block, e), status = 0;
	pid_t pid;

	if (r < 0)
		return r;
	if (ct->in.pidfd < 0)
		return err_set(e, VZ_E_NOT_RUNNING, -ESRCH, "VPS '%s' is not running", ct->idstr);
	pid = run_child(&block, stdio);
	if (pid < 0)
		return err_sys(e, VZ_E_NORES, -errno, "cannot start a process");
	cleanup_fd(&ct->in.sock[1]);
	r = listen_to(ct, p, &pidfd, &master, e);
	status = reap(pid);
	if (r == 0 && (status != 0 || (ret_pidfd && pidfd < 0)))
		r = err_set(e, VZ_E_ENV, -EIO, "VPS '%s': the process that enters it was ended",
			    ct->idstr);
	inside_done(ct);
	if (r == 0 && ret_pidfd)
		*ret_pidfd = TAKE_FD(pidfd);
	else if (pidfd >= 0)
		waitid(P_PIDFD, (id_t)pidfd, &(siginfo_t){ 0 }, WEXITED);
	if (r == 0 && ret_master)
		*ret_master = TAKE_FD(master);
	return r;
}

int inside_run(struct ct *ct, struct plan *p, struct vz_err *e)
{
	return inside_spawn(ct, p, NULL, NULL, NULL, e);
}
