// SPDX-License-Identifier: LGPL-2.1-or-later
/* Freeze a VPS, write it to disk, end it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "base/path.h"
#include "base/str.h"
#include "cpt/cpt_int.h"
#include "cpt/pb.h"
#include "cpt/rpc.h"
#include "kern/pidfd.h"
#include "kern/sys.h"

#define LOG   "dump.log"
#define PASSING_MS 20000 /* so long a passing state may hinder us */
#define RETRY_MS   250
#define DEATH_MS 2000

struct dump {
	const struct cpt_job *j;
	char *new, *fail;  /* paths beside j->dump */
	int dir;	   /* of the images */
	int sock;
	int init; /* pidfd */
	pid_t worker;
	struct buf opts, paths;
	int commit; /* -errno: the images could not be kept; 1: they are under their own name */
};

static void dump_done(struct dump *d)
{
	free(d->new);
	free(d->fail);
	cleanup_fd(&d->dir);
	cleanup_fd(&d->sock);
	cleanup_fd(&d->init);
	buf_done(&d->opts);
	buf_done(&d->paths);
}

/* The host id of the VPS's root. */
static int root_id(pid_t init, uint32_t *ret)
{
	_buf_ struct buf b = BUF_INIT;
	_strv_ struct strv words = { 0 };
	char path[40];
	int r;

	snprintf(path, sizeof(path), "/proc/%d/uid_map", (int)init);
	r = io_read_at(AT_FDCWD, path, 4096, &b);
	if (r == 0)
		r = strv_split(&words, buf_str(&b), " \n");
	if (r == 0 && (words.n < 3 || !str_eq(words.v[0], "0")))
		r = -EINVAL;
	return r < 0 ? r : num_u32(words.v[1], ret);
}

/*
 * The images hold the VPS's memory, and CRIU makes them readable for all, so the folder must keep others
 * out. But at restore they are read by processes that are already the VPS's root, and by others that are
 * still the node's root but without power over its files.
 */
static int set_owner(const struct dump *d)
{
	uint32_t id;
	int r = root_id(d->j->init, &id);

	if (r == 0 && (fchown(d->dir, 0, id) < 0 || fchmod(d->dir, 0710) < 0))
		r = -errno;
	return r;
}

/* An empty <dump>.new with our own files in it. */
static int open_folder(struct dump *d, struct vz_err *e)
{
	_buf_ struct buf groups = BUF_INIT;
	const struct cpt_job *j = d->j;
	int r = path_remove_tree_at(AT_FDCWD, d->new);

	if (r == 0)
		r = path_mkdirs(d->new, 0700);
	if (r == 0) {
		d->dir = open(d->new, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		r = d->dir < 0 ? -errno : set_owner(d);
	}
	if (r == 0)
		r = io_replace_at(d->dir, CPT_EXTERNALS, d->paths.data, d->paths.len, 0600);
	if (r == 0 && j->groups > 0)
		r = cpt_groups_save(j->groups, &groups);
	if (r == 0)
		r = io_replace_at(d->dir, CPT_GROUPS, groups.data, groups.len, 0600);
	if (r == 0 && j->note)
		r = io_replace_at(d->dir, CPT_NOTE, j->note, strlen(j->note), 0600);
	return r < 0 ? err_sys(e, r == -ENOSPC ? VZ_E_NO_SPACE : VZ_E_SUSPEND, r,
			       "cannot suspend VPS '%s': cannot make '%s'", j->id, d->new) :
		       0;
}

/* The moment after which the dump counts: all images are written, no process has been ended yet. */
static int commit(struct dump *d)
{
	_free_ char *parent = str_printf("%s/..", d->new);
	_fd_ int dir = -1;
	int r = parent ? cpt_image_fix(d->dir) : -ENOMEM;

	if (r < 0)
		return r;
	dir = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || syncfs(d->dir) < 0)
		return -errno;
	r = path_remove_tree_at(AT_FDCWD, d->j->dump);
	if (r == 0 && rename(d->new, d->j->dump) < 0)
		r = -errno;
	if (r == 0)
		r = path_sync_dir(dir);
	return r < 0 ? r : 1;
}

static int converse(struct dump *d)
{
	unsigned long long deadline = cpt_deadline(d->j);
	struct rpc_event ev;
	int r = rpc_request(d->sock, RPC_DUMP, &d->opts);

	while (r == 0) {
		r = rpc_recv(d->sock, deadline, &ev);
		if (r < 0)
			break;
		cleanup_fd(&ev.fd);
		if (ev.done)
			return ev.success ? 0 : -EIO;
		if (str_eq(ev.script, "post-dump"))
			d->commit = commit(d);
		r = rpc_answer(d->sock, d->commit >= 0);
	}
	return r;
}

static int run(struct dump *d)
{
	int criu, r = rpc_pair(&d->sock, &criu);

	if (r < 0)
		return r;
	r = rpc_spawn(d->j->criu, criu, -1, &d->worker);
	close(criu);
	if (r < 0)
		return r;
	r = converse(d);
	/* It holds the VPS frozen; its own end sets the VPS free again. */
	if (r == -ETIMEDOUT)
		kill(d->worker, SIGKILL);
	cleanup_fd(&d->sock);
	while (waitpid(d->worker, NULL, 0) < 0 && errno == EINTR)
		;
	return r;
}

/* Keep the log, not the images: <dump>.new -> <dump>.fail. */
static void keep_log(struct dump *d)
{
	_buf_ struct buf log = BUF_INIT;
	_fd_ int fail = -1;

	path_remove_tree_at(AT_FDCWD, d->fail);
	if (io_read_at(d->dir, LOG, CPT_LOG_MAX, &log) == 0 && path_mkdirs(d->fail, 0700) == 0)
		fail = open(d->fail, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fail >= 0)
		io_replace_at(fail, LOG, log.data, log.len, 0600);
	path_remove_tree_at(AT_FDCWD, d->new);
}

static int dump_failed(struct dump *d, int r, struct vz_err *e)
{
	_buf_ struct buf why = BUF_INIT;

	if (d->commit < 0) {
		keep_log(d);
		return err_sys(e, d->commit == -ENOSPC ? VZ_E_NO_SPACE : VZ_E_SUSPEND, d->commit,
			       "cannot suspend VPS '%s': cannot keep the dump '%s'", d->j->id,
			       d->j->dump);
	}
	if (d->commit == 1)
		path_remove_tree_at(AT_FDCWD, d->j->dump);
	cpt_log_cause_at(d->dir, LOG, &why);
	keep_log(d);
	if (r == -ETIMEDOUT)
		return err_set(e, VZ_E_SUSPEND, r, "cannot suspend VPS '%s': criu took too long",
			       d->j->id);
	return err_set(e, VZ_E_SUSPEND, r, "cannot suspend VPS '%s': %s (see '%s/%s')", d->j->id,
		       buf_str(&why), d->fail, LOG);
}

/* A state that passes by itself: a datagram with credentials that nobody has read yet. */
static bool is_passing(const struct dump *d)
{
	static const char *const passing[] = { "Control messages in queue", "Unconsumed" };
	_buf_ struct buf why = BUF_INIT;

	cpt_log_cause_at(d->dir, LOG, &why);
	for (size_t i = 0; i < ARRAY_LEN(passing); i++)
		if (strstr(buf_str(&why), passing[i]))
			return true;
	return false;
}

static int prepare(struct dump *d, struct vz_err *e)
{
	const struct cpt_job *j = d->j;
	char what[256];
	int r;

	buf_clear(&d->opts);
	buf_clear(&d->paths);
	cleanup_fd(&d->dir);
	r = cpt_mounts_scan(j, &d->opts, &d->paths, what);
	if (r == -ENOTEMPTY)
		return err_set(e, VZ_E_SUSPEND, r,
			       "cannot suspend VPS '%s': the files in its '%s' are in memory only",
			       j->id, what);
	if (r == -EOPNOTSUPP)
		return err_set(e, VZ_E_SUSPEND, r,
			       "cannot suspend VPS '%s': what it has mounted on '%s' cannot be restored",
			       j->id, what);
	if (r < 0)
		return err_sys(e, VZ_E_SUSPEND, r, "cannot suspend VPS '%s': cannot look at '%s'",
			       j->id, what);
	r = open_folder(d, e);
	if (r < 0)
		return r;
	cpt_options(j, d->dir, d->dir, LOG, &d->opts);
	pb_put_num(&d->opts, OPT_PID, (uint64_t)j->init);
	pb_put_num(&d->opts, OPT_LEAVE_RUNNING, j->keep_running);
	for (size_t i = 0; i < j->nlinks; i++)
		cpt_external(&d->opts, "veth[%s]", j->links[i].inside);
	return d->opts.failed ? err_nomem(e) : 0;
}

int cpt_dump(const struct cpt_job *j, struct vz_err *e)
{
	_cleanup_(dump_done) struct dump d = { .j = j, .dir = -1, .sock = -1, .init = -1 };
	uint64_t until;
	int r;

	d.new = str_printf("%s.new", j->dump);
	d.fail = str_printf("%s.fail", j->dump);
	if (!d.new || !d.fail)
		return err_nomem(e);
	d.init = ksys_pidfd_open(j->init);
	if (d.init < 0)
		return err_sys(e, VZ_E_SUSPEND, d.init, "cannot suspend VPS '%s': process %d", j->id,
			       (int)j->init);
	until = clock_ms() + PASSING_MS;
	for (;;) {
		d.commit = 0;
		r = prepare(&d, e);
		if (r < 0)
			return r;
		r = run(&d);
		/* After the commit only one thing counts: does the VPS live? */
		if (r < 0 && d.commit == 1 && kpid_wait(d.init, DEATH_MS) == 0)
			r = 0;
		if (r == 0)
			break;
		if (d.commit != 0 || clock_ms() > until || !is_passing(&d))
			return dump_failed(&d, r, e);
		/* Let the VPS go on, unless it ends. */
		if (kpid_wait(d.init, RETRY_MS) == 0)
			return dump_failed(&d, -ESRCH, e);
	}
	path_remove_tree_at(AT_FDCWD, d.fail);
	return 0;
}
