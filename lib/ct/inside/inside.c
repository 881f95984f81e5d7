// SPDX-License-Identifier: LGPL-2.1-or-later
/* Enter a VPS: the child's steps, its end, its words. */
#include "ct/inside/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/str.h"
#include "cgroup/cg.h"
#include "ct/ct.h"
#include "ct/limit/oom.h"
#include "kern/idmap.h"
#include "kern/pidfd.h"
#include "kern/sys.h"
#include "plan/plan.h"

#define INSIDE_WAIT_MS 30000
#define END_WAIT_MS    1000
#define ENTRY_STACK    (128u << 10)

void inside_done(struct ct *ct)
{
	cleanup_fd(&ct->in.pidfd);
	cleanup_fd(&ct->in.sock[0]);
	cleanup_fd(&ct->in.sock[1]);
	while (ct->in.ncg)
		close(ct->in.cg[--ct->in.ncg]);
	cg_free(ct->in.group);
	ct->in.group = NULL;
	cg_host_free(ct->in.cgh);
	ct->in.cgh = NULL;
	ct->in.err.code = 0;
}

static int open_groups(struct ct *ct, struct cg *cg)
{
	return cg_self_fds(cg, ct->in.cg, ARRAY_LEN(ct->in.cg), &ct->in.ncg);
}

/* By the cache alone if that leads to them. A process that would miss one of the VPS's groups is not started:
 * it would be without limits. */
static struct cg *groups(struct ct *ct)
{
	struct vz_err *e = &ct->in.err;
	int r;

	if (!ct->cg && !ct->vz->cgh && node_cgroups_as_cached(ct->vz, &ct->in.cgh, NULL) == 0 &&
	    cg_open_in(ct->in.cgh, ct->st.pool, ct->idstr, &ct->in.group, NULL) == 0 &&
	    open_groups(ct, ct->in.group) == 0)
		return ct->in.group;
	r = ct_cgroup(ct, e);
	if (r < 0)
		return NULL;
	r = open_groups(ct, ct->cg);
	if (r < 0)
		err_sys(e, VZ_E_SYS, r, "cannot enter the control groups of VPS '%s'", ct->idstr);
	return r < 0 ? NULL : ct->cg;
}

static void enter_groups(struct plan *p, const struct ct *ct, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		PLAN(p, CGROUP, .fd = ct->in.cg[i], .role = "tasks");
}

/* A namespace of process 1; closed with the others. */
static int open_ns(struct ct *ct, const char *path)
{
	int fd = ct->in.ncg == ARRAY_LEN(ct->in.cg) ? -1 : open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		ct->in.cg[ct->in.ncg++] = fd;
	return fd;
}

/* Before its exec process 1 is a child of ours that nobody inside may look into (ptrace(2), "not dumpable"), so
 * the namespace that is joined from inside has to be opened before. */
static int early_cgns(struct ct *ct)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/%d/ns/cgroup", ct->st.init.pid);
	return ct->up ? open_ns(ct, path) : -1;
}

/* The clocks of a VPS are the node's until CRIU restores it: then it has a namespace for them (time_namespaces(7)), and
 * could not be restored again with a process that is outside of it. */
static int other_timens(struct ct *ct)
{
	struct stat node, init;
	char path[40];

	snprintf(path, sizeof(path), "/proc/%d/ns/time", ct->st.init.pid);
	if (stat(path, &init) < 0 || stat("/proc/self/ns/time", &node) < 0 || init.st_ino == node.st_ino)
		return -1;
	return open_ns(ct, path);
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
	size_t first, last;
	char figure[16];
	struct cg *cg;
	int leaf, cgns, timens;

	begin(p, ct);
	if (how == INSIDE_MOUNTS) {
		PLAN(p, SETNS, .fd = ct->in.pidfd, .role = "init", .num = ns);
		PLAN(p, SETIDS, .num = 0);
		return;
	}
	ns |= CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC;
	/* What is sent in goes before init when memory runs out. */
	snprintf(figure, sizeof(figure), "%d", ct_oom_figure(ct->cfg) + OOM_SERVICES);
	PLAN(p, POKE, .s1 = "/proc/self/oom_score_adj", .s2 = figure, .flags = PLAN_OPTIONAL);
	cg = groups(ct);
	leaf = cg ? cg_clone_fd(cg, true) : -1;
	/* Whom we wait for is never frozen; who is counted and limited is counted before it is made. */
	first = ct->in.ncg - (cg && ct->in.ncg && cg_self_stops(cg));
	last = ct->in.ncg;
	enter_groups(p, ct, 0, first);
	cgns = early_cgns(ct);
	timens = other_timens(ct);
	PLAN(p, SETNS, .fd = ct->in.pidfd, .role = "init", .num = ns);
	PLAN(p, FORK, .fd = leaf, .role = leaf >= 0 ? "exec group" : NULL);
	enter_groups(p, ct, first, last);
	/* Not before: where the tree is mounted with nsdelegate, nobody inside that namespace may bring a
	 * process in from outside of it (ENOENT, cgroups(7)). */
	PLAN(p, SETNS, .fd = cgns < 0 ? ct->in.pidfd : cgns, .role = "init", .num = CLONE_NEWCGROUP);
	/* Not before the fork, until which our memory is shared with the caller: the kernel refuses that. */
	if (timens >= 0)
		PLAN(p, SETNS, .fd = timens, .role = "init", .num = CLONE_NEWTIME);
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
	/* What users get wrong most: the program is not there. */
	if (str_has_prefix(buf_str(&b), "EXEC ")) {
		b.data[5 + strcspn(b.data + 5, " ;")] = '\0';
		return err_sys(e, VZ_E_ENV, -m->b, "cannot run '%s' in VPS '%s'", b.data + 5,
			       ct->idstr);
	}
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
		int fd = -1, wait = ct->in.wait_ms ? ct->in.wait_ms : INSIDE_WAIT_MS;
		int r = sync_recv(ct->in.sock[0], wait, &m, &fd);

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

struct entry {
	const struct plan_block *block;
	const int *stdio;
};

/* The child runs nothing but the interpreter; stdio is put in place before, because the plan closes the
 * rest. */
static int enter(void *arg)
{
	const struct entry *en = arg;

	for (int i = 0; en->stdio && i < 3; i++)
		if (en->stdio[i] != i && dup2(en->stdio[i], i) < 0)
			_exit(127);
	plan_run(en->block);
}

/*
 * Up to its FORK a plan does nothing that takes time: its process borrows our memory, as vfork(2) would have
 * it, and only the one that it leaves behind has a copy. No handler of ours may run in it; and it makes our
 * memory undumpable, by itself and by its change of ids, which is only meant for the copy.
 */
static pid_t borrow_memory(struct entry *en)
{
	int dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), was;
	char *stack = mmap(NULL, ENTRY_STACK, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	sigset_t all, old;
	pid_t pid;

	if (stack == MAP_FAILED)
		return -1;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pid = clone(enter, stack + ENTRY_STACK, CLONE_VM | CLONE_VFORK | SIGCHLD, en);
	was = errno;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (dumpable == 1)
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	munmap(stack, ENTRY_STACK);
	errno = was;
	return pid;
}

static pid_t run_child(const struct plan *p, const struct buf *block, const int *stdio)
{
	struct entry en = { (const struct plan_block *)block->data, stdio };
	pid_t pid;

	if (plan_has(p, PLAN_FORK))
		return borrow_memory(&en);
	pid = fork();
	if (pid == 0)
		enter(&en);
	return pid;
}

/* One that did not come as far as its program, perhaps because it is frozen: then it ends when it thaws. */
static void give_up(int pidfd)
{
	kpid_signal(pidfd, SIGKILL);
	if (kpid_wait(pidfd, END_WAIT_MS) == 0)
		waitid(P_PIDFD, (id_t)pidfd, &(siginfo_t){ 0 }, WEXITED);
}

/* The VPS may answer for its files itself (fuse), and not do it: who waits for that is not even killed before its server
 * ends. We do not wait with it. */
static void abandon(pid_t pid)
{
	_fd_ int fd = ksys_pidfd_open(pid);

	if (fd >= 0)
		give_up(fd);
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
	if (ct->in.err.code) {
		if (e && !e->code)
			*e = ct->in.err;
		return ct->in.err.sys ? -ct->in.err.sys : -EIO;
	}
	pid = run_child(p, &block, stdio);
	if (pid < 0)
		return err_sys(e, VZ_E_NORES, -errno, "cannot start a process");
	cleanup_fd(&ct->in.sock[1]);
	r = listen_to(ct, p, &pidfd, &master, e);
	if (r == -ETIMEDOUT)
		abandon(pid);
	else
		status = reap(pid);
	if (r == 0 && (status != 0 || (ret_pidfd && pidfd < 0)))
		r = err_set(e, VZ_E_ENV, -EIO, "VPS '%s': the process that enters it was ended",
			    ct->idstr);
	inside_done(ct);
	if (r == 0 && ret_pidfd)
		*ret_pidfd = TAKE_FD(pidfd);
	else if (pidfd >= 0)
		give_up(pidfd);
	if (r == 0 && ret_master)
		*ret_master = TAKE_FD(master);
	return r;
}

int inside_run(struct ct *ct, struct plan *p, struct vz_err *e)
{
	return inside_spawn(ct, p, NULL, NULL, NULL, e);
}
