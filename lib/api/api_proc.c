// SPDX-License-Identifier: LGPL-2.1-or-later
/* Public entry points: processes of the node and its VPSs, in one pass. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include <vz/proc.h>
#include <vz/text.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/num.h"
#include "base/str.h"
#include "cgroup/cg.h"
#include "ct/limit/users.h"
#include "ct/state.h"
#include "host/node.h"
#include "kern/idmap.h"
#include "kern/kproc.h"
#include "kern/pidfd.h"

enum { ARGS_MAX = 4096, CGROUP_MAX = 16384, OWNERS_MAX = 4096 };

/* What is known of a VPS that was met: its first id, and its users. */
struct owner {
	uint32_t ctid, base;
	bool has_users;
	struct users users;
};

struct pass { /* one look at all that is wanted */
	struct vz *vz;
	int proc; /* folder descriptor */
	unsigned what;
	uint32_t ctid;
	struct owner *owners;
	size_t nowners, last;
	struct vz_proc *v;
	size_t n, size;
	uint64_t page;
};

static void pass_done(struct pass *p)
{
	for (size_t i = 0; i < p->nowners; i++)
		users_done(&p->owners[i].users);
	free(p->owners);
	cleanup_fd(&p->proc);
	vz_procs_free(p->v, p->n);
}

static int pass_begin(struct pass *p, struct vz *vz, unsigned what, struct vz_err *e)
{
	int r = node_cgroups(vz, e);

	*p = (struct pass){ .vz = vz, .proc = -1, .what = what, .ctid = VZ_PROC_NODE,
			    .page = (uint64_t)sysconf(_SC_PAGESIZE) };
	if (r < 0)
		return r;
	p->proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return p->proc < 0 ? err_sys(e, VZ_E_SYS, -errno, "cannot open '/proc'") : 0;
}

/* Neighbours in the list mostly belong together. */
static struct owner *owner_of(struct pass *p, uint32_t ctid)
{
	_free_ char *dir = NULL;
	struct ct_state st;
	struct owner *o;

	if (p->last < p->nowners && p->owners[p->last].ctid == ctid)
		return &p->owners[p->last];
	for (p->last = 0; p->last < p->nowners; p->last++)
		if (p->owners[p->last].ctid == ctid)
			return &p->owners[p->last];
	if (p->nowners == OWNERS_MAX)
		return NULL;
	o = reallocarray(p->owners, p->nowners + 1, sizeof(*o));
	if (!o)
		return NULL;
	p->owners = o;
	o += p->nowners++;
	*o = (struct owner){ .ctid = ctid };
	dir = ctid ? str_printf("%s/%u", p->vz->rundir, ctid) : NULL;
	if (dir && state_read(dir, &st, NULL) == 0)
		o->base = st.base;
	return o;
}

static void user_of(struct pass *p, struct owner *o, struct vz_proc *q)
{
	uint32_t uid = q->ctid ? q->vuid : q->uid;
	const char *name = NULL;

	if (o && !o->has_users && uid != UINT32_MAX) {
		users_read(p->vz, q->ctid, &o->users);
		o->has_users = true;
	}
	if (o && uid != UINT32_MAX)
		name = users_name(&o->users, uid);
	if (name)
		snprintf(q->user, sizeof(q->user), "%s", name);
	else
		snprintf(q->user, sizeof(q->user), "%u", uid == UINT32_MAX ? q->uid : uid);
}

/* proc_pid_stat(5), tty_nr: minor in bits 31..20 and 7..0, major in 15..8. */
static void tty_of(uint32_t nr, char *out, size_t size)
{
	unsigned maj = nr >> 8 & 0xff, min = (nr & 0xff) | (nr >> 12 & 0xfff00);

	if (maj >= 136 && maj <= 143)
		snprintf(out, size, "pts/%u", min + (maj - 136) * 256);
	else if (maj == 4)
		snprintf(out, size, min < 64 ? "tty%u" : "ttyS%u", min < 64 ? min : min - 64);
	else if (maj == 5 && min == 1)
		snprintf(out, size, "console");
	else
		snprintf(out, size, nr ? "%u:%u" : "?", maj, min);
}

/* Arguments as one line; what the process has put there. */
static int args_of(int fd, struct vz_proc *q)
{
	char raw[ARGS_MAX], tame[ARGS_MAX];
	ssize_t n = kproc_text(fd, "cmdline", raw, sizeof(raw));

	while (n > 0 && !raw[n - 1])
		n--;
	if (n <= 0)
		return 0;
	for (ssize_t i = 0; i < n; i++)
		raw[i] = raw[i] ? raw[i] : ' ';
	vz_text_tame(raw, tame, sizeof(tame));
	q->args = strdup(tame);
	return q->args ? 0 : -ENOMEM;
}

/* Whose it is; -ESRCH also for one that is not asked for. */
static int ctid_of(struct pass *p, int fd, uint32_t *ret)
{
	char text[CGROUP_MAX], name[32];
	ssize_t n = kproc_text(fd, "cgroup", text, sizeof(text));

	if (n < 0)
		return (int)n;
	if (!cg_member(p->vz->cgh, text, name, sizeof(name)) || num_u32(name, ret) < 0)
		*ret = 0;
	return p->ctid == VZ_PROC_NODE || p->ctid == *ret ? 0 : -ESRCH;
}

static int fill(struct pass *p, int fd, struct vz_proc *q)
{
	struct kproc_status status;
	struct kproc_stat s;
	struct owner *o;
	int r = ctid_of(p, fd, &q->ctid);

	if (r == 0)
		r = kproc_stat(fd, &s);
	if (r == 0)
		r = kproc_status(fd, &status);
	if (r < 0)
		return r;
	q->pid = s.pid;
	q->ppid = s.ppid;
	q->vpid = q->ctid ? status.nspid[1] : s.pid;
	q->pgrp = s.pgrp;
	q->session = s.session;
	q->state = s.state >= ' ' && s.state <= '~' ? s.state : '?';
	q->prio = s.prio;
	q->nice = s.nice;
	q->threads = s.threads;
	q->user_ticks = s.utime;
	q->sys_ticks = s.stime;
	q->start = s.start;
	q->vsize = s.vsize;
	q->rss = s.rss * p->page;
	q->uid = status.uid;
	tty_of(s.tty, q->tty, sizeof(q->tty));
	vz_text_tame(s.comm, q->comm, sizeof(q->comm));
	o = owner_of(p, q->ctid);
	q->vuid = !q->ctid ? q->uid :
		  o && o->base && q->uid >= o->base && q->uid - o->base < KIDMAP_COUNT ?
			     q->uid - o->base :
			     UINT32_MAX;
	if (p->what & VZ_PROC_USER)
		user_of(p, o, q);
	return p->what & VZ_PROC_ARGS ? args_of(fd, q) : 0;
}

/* -ESRCH: it has gone, or is not asked for. */
static int add(struct pass *p, pid_t pid)
{
	struct vz_proc q = { 0 };
	_fd_ int fd = -1;
	int r = kproc_open(p->proc, pid, &fd);

	if (r == 0)
		r = fill(p, fd, &q);
	if (r == 0 && p->n == p->size) {
		size_t size = p->size ? p->size * 2 : 64;
		struct vz_proc *v = reallocarray(p->v, size, sizeof(*v));

		if (v) {
			p->v = v;
			p->size = size;
		} else {
			r = -ENOMEM;
		}
	}
	if (r < 0) {
		free(q.args);
		return r;
	}
	p->v[p->n++] = q;
	return 0;
}

static int add_all(struct pass *p)
{
	int fd = openat(p->proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_dir_ DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *de;
	int r = 0;

	if (!d) {
		r = -errno;
		cleanup_fd(&fd);
		return r;
	}
	while (r == 0 && (de = readdir(d))) {
		pid_t pid;

		if (num_pid(de->d_name, &pid) < 0)
			continue;
		r = add(p, pid);
		r = r == -ESRCH ? 0 : r;
	}
	return r;
}

static int add_ct(struct pass *p, struct vz_err *e)
{
	_free_ pid_t *pids = NULL;
	struct cg *cg = NULL;
	_free_ char *dir = str_printf("%s/%u", p->vz->rundir, p->ctid);
	struct ct_state st = { 0 };
	char name[12];
	size_t n = 0;
	int r;

	snprintf(name, sizeof(name), "%u", p->ctid);
	r = dir ? state_read(dir, &st, e) : err_nomem(e);
	if (r == 0)
		r = cg_open_in(p->vz->cgh, st.pool, name, &cg, e);
	if (r < 0)
		return r;
	r = cg_procs(cg, &pids, &n);
	cg_free(cg);
	r = r == -ESRCH ? 0 : r;
	for (size_t i = 0; r == 0 && i < n; i++) {
		r = add(p, pids[i]);
		r = r == -ESRCH ? 0 : r;
	}
	return r;
}

static int by_pid(const void *a, const void *b)
{
	const struct vz_proc *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

static void take(struct pass *p, struct vz_proc **ret, size_t *ret_n)
{
	if (p->n)
		qsort(p->v, p->n, sizeof(*p->v), by_pid);
	*ret = TAKE_PTR(p->v);
	*ret_n = p->n;
	p->n = 0;
}

int vz_procs(struct vz *vz, uint32_t ctid, unsigned what, struct vz_proc **ret, size_t *ret_n,
	     struct vz_err *e)
{
	struct pass p;
	int r = pass_begin(&p, vz, what, e);

	p.ctid = ctid;
	if (r == 0)
		r = ctid == VZ_PROC_NODE || ctid == 0 ? add_all(&p) : add_ct(&p, e);
	if (r < 0)
		err_sys(e, VZ_E_SYS, r, "cannot read the list of processes");
	else
		take(&p, ret, ret_n);
	pass_done(&p);
	return r;
}

void vz_procs_free(struct vz_proc *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(p[i].args);
	free(p);
}

int vz_proc_find(struct vz *vz, pid_t pid, unsigned what, struct vz_proc **ret, struct vz_err *e)
{
	struct pass p;
	size_t n;
	int r = pass_begin(&p, vz, what, e);

	if (r == 0)
		r = add(&p, pid);
	if (r < 0)
		err_sys(e, VZ_E_SYS, r, "process %d", pid);
	else
		take(&p, ret, &n);
	pass_done(&p);
	return r;
}

int vz_proc_signal(const struct vz_proc *p, int sig, struct vz_err *e)
{
	_fd_ int fd = -1;
	int r = kpid_open(p->pid, p->start, &fd);

	if (r == 0)
		r = kpid_signal(fd, sig);
	return r < 0 ? err_sys(e, VZ_E_SYS, r, "cannot signal process %d", p->pid) : 0;
}
