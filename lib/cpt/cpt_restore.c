// SPDX-License-Identifier: LGPL-2.1-or-later
/* Bring a VPS back from its dump. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "cpt/cpt_int.h"
#include "cpt/pb.h"
#include "cpt/rpc.h"

#define LOG	      "restore.log"
#define EXTERNALS_MAX 65536
#define GROUPS_MAX    (8u << 20)

struct cpt_restore {
	char *id, *criu, *fail;
	int images, work; /* the dump, and where the log goes: the dump itself stays as it is */
	int groups;
	int busy;
	int sock, worker_sock;
	unsigned long long deadline;
	struct buf opts;
	bool held; /* at post-restore: the worker waits for our answer */
	bool done;
	bool lost_view; /* it had files of lxcfs, and gets blank ones */
};

void cpt_restore_close(struct cpt_restore *r)
{
	if (!r)
		return;
	cleanup_fd(&r->sock); /* the worker gives up, unless it was told to go on */
	cleanup_fd(&r->worker_sock);
	cleanup_fd(&r->images);
	cleanup_fd(&r->work);
	cleanup_fd(&r->groups);
	buf_done(&r->opts);
	free(r->id);
	free(r->criu);
	free(r->fail);
	free(r);
}

static void close_p(struct cpt_restore **r)
{
	cpt_restore_close(*r);
}

static int open_folders(struct cpt_restore *r, const char *dump, struct vz_err *e)
{
	int q;

	r->images = open(dump, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->images < 0)
		return err_sys(e, VZ_E_RESUME, -errno, "cannot open the dump '%s' of VPS '%s'", dump,
			       r->id);
	if (!path_exists_at(r->images, "inventory.img"))
		return err_set(e, VZ_E_RESUME, -ENODATA, "'%s' is not a dump of ours", dump);
	path_remove_tree_at(AT_FDCWD, r->fail);
	q = path_mkdirs(r->fail, 0700);
	if (q == 0) {
		r->work = open(r->fail, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		q = r->work < 0 ? -errno : 0;
	}
	return q < 0 ? err_sys(e, VZ_E_RESUME, q, "cannot make '%s' for the log", r->fail) : 0;
}

/* NULL: the configuration does not name it any more. */
static const char *bind_source(const struct cpt_job *j, const char *inside)
{
	for (size_t i = 0; i < j->nbinds; i++)
		if (str_eq(j->binds[i].inside, inside))
			return j->binds[i].outside;
	return NULL;
}

static int add_bind(struct cpt_restore *r, const struct cpt_job *j, const char *line, struct vz_err *e)
{
	const char *inside = line + strlen(CPT_BIND), *source = bind_source(j, inside);

	if (!source)
		return err_set(e, VZ_E_RESUME, -ENOENT, "cannot resume VPS '%s': it was suspended with a bind "
			       "mount on '%.200s', which BINDMOUNT does not name now", r->id, inside);
	cpt_external(&r->opts, "mnt[%s]:%s", line, source);
	return 0;
}

bool cpt_has_view(const char *dump)
{
	_free_ char *path = str_printf("%s/%s", dump, CPT_EXTERNALS);
	_buf_ struct buf b = BUF_INIT;

	return path && io_read_at(AT_FDCWD, path, EXTERNALS_MAX, &b) == 0 &&
	       (str_has_prefix(buf_str(&b), CPT_VIEW "/") || strstr(buf_str(&b), "\n" CPT_VIEW "/"));
}

/* The host paths that were noted by the dump. Only device nodes and a few more: a line is not a way to any file. */
static int add_mounts(struct cpt_restore *r, const struct cpt_job *j, struct vz_err *e)
{
	_buf_ struct buf b = BUF_INIT;
	_strv_ struct strv lines = { 0 };
	int q = io_read_at(r->images, CPT_EXTERNALS, EXTERNALS_MAX, &b);

	if (q == 0)
		q = strv_split(&lines, buf_str(&b), "\n");
	for (size_t i = 0; q == 0 && i < lines.n; i++) {
		const char *line = lines.v[i];

		if (str_has_prefix(line, CPT_BIND "/")) {
			if (add_bind(r, j, line, e) < 0)
				return -ENOENT;
		} else if (j->view && str_has_prefix(line, CPT_VIEW "/") &&
			   cpt_is_view_file(line + strlen(CPT_VIEW))) {
			cpt_external(&r->opts, "mnt[%s]:%s%s", line, j->view, line + strlen(CPT_VIEW));
			r->lost_view = j->blank;
		} else if (!str_has_prefix(line, "/dev/") || strstr(line, "/../")) {
			q = -EINVAL;
		} else {
			cpt_external(&r->opts, "mnt[%s]:%s", line, line);
		}
	}
	return q < 0 ? err_sys(e, VZ_E_RESUME, q, "cannot resume VPS '%s': '%s' of its dump", r->id,
			       CPT_EXTERNALS) :
		       0;
}

int cpt_restore_open(const struct cpt_job *j, struct cpt_restore **ret, struct vz_err *e)
{
	_cleanup_(close_p) struct cpt_restore *r = calloc(1, sizeof(*r));
	int q;

	if (!r)
		return err_nomem(e);
	r->images = r->work = r->sock = r->worker_sock = r->groups = -1;
	r->id = strdup(j->id);
	r->criu = strdup(j->criu);
	r->fail = str_printf("%s.fail", j->dump);
	if (!r->id || !r->criu || !r->fail)
		return err_nomem(e);
	r->deadline = cpt_deadline(j);
	r->busy = j->busy; /* stays the caller's */
	if (j->groups > 0) {
		r->groups = fcntl(j->groups, F_DUPFD_CLOEXEC, 3);
		if (r->groups < 0)
			return err_sys(e, VZ_E_RESUME, -errno, "cannot resume VPS '%s'", r->id);
	}
	q = open_folders(r, j->dump, e);
	if (q == 0 && j->group) {
		q = cpt_regroup(r->images, j->slice, j->group);
		if (q < 0)
			err_sys(e, VZ_E_RESUME, q, "cannot resume VPS '%s': the control groups of its dump", r->id);
	}
	if (q == 0)
		q = add_mounts(r, j, e);
	if (q < 0)
		return q;
	cpt_options(j, r->images, r->work, LOG, &r->opts);
	/* Init becomes a child of whoever forked the worker. */
	pb_put_num(&r->opts, OPT_RST_SIBLING, 1);
	/* A sysctl that this kernel has not got is no reason to lose a VPS. */
	pb_put_num(&r->opts, OPT_WEAK_SYSCTLS, 1);
	for (size_t i = 0; i < j->nlinks; i++)
		cpt_external(&r->opts, "netdev[%s]:%s", j->links[i].inside, j->links[i].outside);
	if (r->opts.failed)
		return err_nomem(e);
	q = rpc_pair(&r->sock, &r->worker_sock);
	if (q < 0)
		return err_sys(e, VZ_E_RESUME, q, "cannot make a socket for criu");
	*ret = TAKE_PTR(r);
	return 0;
}

bool cpt_restore_lost_view(const struct cpt_restore *r)
{
	return r->lost_view;
}

int cpt_restore_fork(struct cpt_restore *r)
{
	pid_t pid;

	return rpc_spawn(r->criu, r->worker_sock, r->busy, &pid);
}

static int failed(struct cpt_restore *r, int q, struct vz_err *e)
{
	_buf_ struct buf why = BUF_INIT;

	if (q == -ETIMEDOUT)
		return err_set(e, VZ_E_RESUME, q, "cannot resume VPS '%s': criu took too long", r->id);
	cpt_log_cause_at(r->work, LOG, &why);
	return err_set(e, VZ_E_RESUME, q, "cannot resume VPS '%s': %s (see '%s/%s')", r->id,
		       buf_str(&why), r->fail, LOG);
}

/* Now init is in its own group and the root of the tree has no process. */
static int set_groups(const struct cpt_restore *r)
{
	_buf_ struct buf b = BUF_INIT;
	int q;

	if (r->groups < 0)
		return 0;
	q = io_read_at(r->images, CPT_GROUPS, GROUPS_MAX, &b);
	return q < 0 ? q : cpt_groups_load(r->groups, buf_str(&b));
}

int cpt_restore_run(struct cpt_restore *r, pid_t *ret_init, int *ret_master, struct vz_err *e)
{
	_fd_ int master = -1;
	struct rpc_event ev = { .fd = -1 };
	int q = rpc_request(r->sock, RPC_RESTORE, &r->opts);

	cleanup_fd(&r->worker_sock); /* so that the worker's end is seen */
	while (q == 0) {
		q = rpc_recv(r->sock, r->deadline, &ev);
		if (q < 0)
			break;
		if (ev.fd >= 0 && str_eq(ev.script, "orphan-pts-master")) {
			cleanup_fd(&master);
			master = TAKE_FD(ev.fd);
		}
		cleanup_fd(&ev.fd);
		if (ev.done)
			return failed(r, -EIO, e);
		if (str_eq(ev.script, "post-restore") && ev.pid > 0) {
			r->held = true;
			*ret_init = ev.pid;
			/* A VPS without a console is better than none. */
			if (master < 0)
				(void)cpt_console_make(ev.pid, &master);
			*ret_master = TAKE_FD(master);
			return 0;
		}
		if (str_eq(ev.script, "post-setup-namespaces"))
			q = set_groups(r);
		if (q < 0)
			return err_sys(e, VZ_E_RESUME, q,
				       "cannot resume VPS '%s': cannot set its control groups", r->id);
		q = rpc_answer(r->sock, true);
	}
	return failed(r, q, e);
}

int cpt_restore_go(struct cpt_restore *r, struct vz_err *e)
{
	struct rpc_event ev = { .fd = -1 };
	int q = r->held ? 0 : -EINVAL;

	while (q == 0 && !r->done) {
		q = rpc_answer(r->sock, true);
		if (q == 0)
			q = rpc_recv(r->sock, r->deadline, &ev);
		if (q < 0)
			break;
		cleanup_fd(&ev.fd);
		r->done = ev.done;
		if (ev.done && !ev.success)
			q = -EIO;
	}
	if (q < 0)
		return failed(r, q, e);
	cleanup_fd(&r->sock);
	path_remove_tree_at(AT_FDCWD, r->fail);
	return 0;
}
