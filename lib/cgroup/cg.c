/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One VPS's group in all hierarchies: make it, find its folders, enter it. */
#include "cgroup/cg_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "kern/cgfs.h"

/* Below the VPS's limits the unified tree has two groups, since processes may not be in a group
 * that passes controllers on. The first one is the VPS's own. */
const char *const cg_leaf_names[2] = { "ve", "exec" };
#define INNER_LEAF "vz-exec"

/* What may be changed by whom a group is delegated to: cgroups(7), "Cgroups delegation". */
static const char *const delegated[] = {
	"cgroup.procs", "cgroup.threads", "cgroup.subtree_control", "memory.oom.group",
	"memory.reclaim",
};

/* A VPS cannot fill the host's memory with empty groups, nor build a tree too deep to take down. */
static const struct {
	const char *file, *value;
} tree_limits[] = {
	{ "cgroup.max.depth", "64" },
	{ "cgroup.max.descendants", "2048" },
};

/* Passed on to the children, each if the host has it in the unified tree. The first two refuse a
 * group with processes of its own; the others would make it a threaded one, which helps nobody. */
static const enum ctl enabled[] = { CTL_MEMORY, CTL_IO, CTL_CPU, CTL_PIDS, CTL_CPUSET };

/* The path, and the names of the pools on the way. */
static int set_path(struct cg *cg, const char *pool)
{
	_buf_ struct buf path = BUF_INIT;
	_strv_ struct strv names = { 0 };
	int r = strv_split(&names, pool, "/");

	(void)buf_puts(&path, cg->host->slice);
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		_free_ char *dir = str_printf(CG_POOL_PREFIX "%s", names.v[i]);

		r = dir ? strv_add(&cg->pools, dir) : -ENOMEM;
		(void)buf_printf(&path, "/%s", dir ? dir : "");
	}
	(void)buf_printf(&path, "/%s", cg->name);
	cg->path = buf_take(&path);
	return r == 0 && cg->path ? 0 : -ENOMEM;
}

int cg_open(struct cg_host *h, const char *name, struct cg **ret, struct vz_err *e)
{
	return cg_open_in(h, NULL, name, ret, e);
}

int cg_open_in(struct cg_host *h, const char *pool, const char *name, struct cg **ret, struct vz_err *e)
{
	struct cg *cg;

	if (pool && strlen(pool) > CG_POOL_MAX)
		return err_set(e, VZ_E_PARAM, -EINVAL, "bad name of a pool '%.64s'", pool);
	if (!*name || name[0] == '.' || strchr(name, '/') || strlen(name) > CG_NAME_MAX)
		return err_set(e, VZ_E_PARAM, -EINVAL, "bad name of a control group '%s'", name);
	cg = calloc(1, sizeof(*cg));
	if (!cg)
		return err_nomem(e);
	cg->host = h;
	for (size_t i = 0; i < CG_HIER_MAX; i++)
		cg->fd[i] = -1;
	cg->leaf[0] = cg->leaf[1] = -1;
	cg->name = str_printf("%s", name);
	if (!cg->name || set_path(cg, pool ? pool : "") < 0) {
		cg_free(cg);
		return err_nomem(e);
	}
	*ret = cg;
	return 0;
}

void cg_forget(struct cg *cg)
{
	for (size_t i = 0; i < CG_HIER_MAX; i++)
		cleanup_fd(&cg->fd[i]);
	cleanup_fd(&cg->leaf[0]);
	cleanup_fd(&cg->leaf[1]);
}

void cg_free(struct cg *cg)
{
	if (!cg)
		return;
	cg_forget(cg);
	strv_done(&cg->pools);
	free(cg->name);
	free(cg->path);
	free(cg);
}

int cg_fd(struct cg *cg, size_t hier, int *ret_fd)
{
	if (cg->fd[hier] < 0) {
		int fd = cg_hier_open(cg->host, hier, cg->path, O_PATH | O_DIRECTORY | O_NOFOLLOW);

		if (fd < 0)
			return fd;
		cg->fd[hier] = fd;
	}
	*ret_fd = cg->fd[hier];
	return 0;
}

int cg_ctl_fd(struct cg *cg, enum ctl c, int *ret_fd, int *ret_gen)
{
	int at = cg->host->at[c];

	if (at < 0)
		return -EOPNOTSUPP;
	*ret_gen = cg->host->h[at].gen;
	return cg_fd(cg, at, ret_fd);
}

bool cg_exists(struct cg *cg)
{
	for (size_t i = 0; i < cg->host->n; i++) {
		int fd;

		if (cg_hier_fd(cg->host, i, &fd) == 0 && faccessat(fd, cg->path, F_OK, 0) == 0)
			return true;
	}
	return false;
}

/* Names and bits of the controllers to pass on at fd that are not passed on yet. */
static int missing_ctls(int fd, unsigned int have, enum ctl *out, size_t *ret_n)
{
	_strv_ struct strv on = { 0 };
	char text[512];
	size_t n = 0;
	int r = cgfs_get(fd, "cgroup.subtree_control", text, sizeof(text));

	if (r == 0)
		r = strv_split(&on, text, " ");
	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_LEN(enabled); i++) {
		if ((have & 1u << enabled[i]) && !strv_has(&on, cg_ctl_name(enabled[i], 2)))
			out[n++] = enabled[i];
	}
	*ret_n = n;
	return 0;
}

static int pass_on(const struct cg_hier *h, int fd, const char *where, struct vz_err *e)
{
	enum ctl want[ARRAY_LEN(enabled)];
	char text[16];
	size_t n;
	int r;

	if (h->ctls == 0)
		return 0;
	r = missing_ctls(fd, h->ctls, want, &n);
	if (r < 0)
		return err_sys(e, VZ_E_ENV, r, "control group '%s': cgroup.subtree_control", where);
	/* Each alone: in one write, one that cannot be had takes the others with it. */
	for (size_t i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "+%s", cg_ctl_name(want[i], 2));
		r = cgfs_put(fd, "cgroup.subtree_control", text);
		if (r == -EOPNOTSUPP) /* what EBUSY becomes when the group is threaded already */
			r = -EBUSY;
		/* ENOENT: the host keeps it from this part of its tree. */
		if (r < 0 && r != -ENOENT)
			return err_sys(e, VZ_E_ENV, r,
				       "cannot pass controller '%s' on below control group '%s'%s",
				       cg_ctl_name(want[i], 2), where,
				       r == -EBUSY ? ", which has processes of its own" : "");
	}
	return 0;
}

/* The first generation's cpuset begins empty, and nobody can enter it so: take the parent's. */
static int inherit_cpuset(int parent, int fd)
{
	static const char *const files[] = { "cpuset.cpus", "cpuset.mems" };

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		char text[4096];
		int r = cgfs_get(fd, files[i], text, sizeof(text));

		if (r == 0 && !*text) {
			r = cgfs_get(parent, files[i], text, sizeof(text));
			if (r == 0)
				r = cgfs_put(fd, files[i], text);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

/* Make one folder below *fd and step into it. */
static int step_down(const struct cg_hier *h, int *fd, const char *name, const char *where,
		     struct vz_err *e)
{
	_fd_ int child = -1;
	int r = h->gen == 2 ? pass_on(h, *fd, where, e) : 0;

	if (r < 0)
		return r;
	r = cgfs_make(*fd, name, &child);
	if (r == 0 && h->gen == 1 && (h->ctls & 1u << CTL_CPUSET))
		r = inherit_cpuset(*fd, child);
	if (r < 0)
		return err_sys(e, VZ_E_ENV, r, "cannot make control group '%s' below '%s' of %s",
			       name, where, h->label);
	cleanup_fd(fd);
	*fd = TAKE_FD(child);
	return 0;
}

static int delegate(int fd, uid_t uid, gid_t gid)
{
	if (fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0)
		return -errno;
	for (size_t i = 0; i < ARRAY_LEN(delegated); i++) {
		if (fchownat(fd, delegated[i], uid, gid, AT_SYMLINK_NOFOLLOW) < 0 &&
		    errno != ENOENT)
			return -errno;
	}
	return 0;
}

static int make_leaves(struct cg *cg, const struct cg_hier *h, int fd, uid_t uid, gid_t gid,
		       struct vz_err *e)
{
	int r = pass_on(h, fd, cg->path, e);

	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(tree_limits); i++)
		r = cgfs_put(fd, tree_limits[i].file, tree_limits[i].value);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(cg_leaf_names); i++)
		r = cgfs_make(fd, cg_leaf_names[i], &cg->leaf[i]);
	if (r == 0)
		r = delegate(cg->leaf[0], uid, gid);
	return r == 0 ? 0 : err_sys(e, VZ_E_ENV, r, "cannot make the inner control groups of '%s'",
				    cg->path);
}

/* From the root of the hierarchy down, making what is missing. */
int cg_make_slice(struct cg_host *host, size_t i, int *ret_fd, struct vz_err *e)
{
	const struct cg_hier *h = &host->h[i];
	_buf_ struct buf where = BUF_INIT;
	_fd_ int fd = -1;
	int root, r = cg_hier_fd(host, i, &root);

	if (r == 0) {
		fd = fcntl(root, F_DUPFD_CLOEXEC, 0);
		r = fd < 0 ? -errno : buf_puts(&where, "/");
	}
	if (r < 0)
		return err_sys(e, VZ_E_ENV, r, "cannot make control group '%s'", host->slice);
	for (size_t k = 0; r == 0 && k < host->parts.n; k++) {
		r = step_down(h, &fd, host->parts.v[k], buf_str(&where), e);
		(void)buf_printf(&where, "%s%s", k ? "/" : "", host->parts.v[k]);
	}
	if (r == 0)
		*ret_fd = TAKE_FD(fd);
	return r;
}

static int make_path(struct cg *cg, size_t i, struct vz_err *e)
{
	_fd_ int fd = -1;
	int r = cg_make_slice(cg->host, i, &fd, e);

	for (size_t k = 0; r == 0 && k < cg->pools.n; k++)
		r = step_down(&cg->host->h[i], &fd, cg->pools.v[k],
			      k ? cg->pools.v[k - 1] : cg->host->slice, e);
	if (r == 0)
		r = step_down(&cg->host->h[i], &fd, cg->name, cg->host->slice, e);
	if (r == 0)
		cg->fd[i] = TAKE_FD(fd);
	return r;
}

/* One call where the parent is there and nothing has to be handed down: this is on the way of every
 * start, once per hierarchy. */
static int make_in(struct cg *cg, size_t i, struct vz_err *e)
{
	const struct cg_hier *h = &cg->host->h[i];
	int root, r = cg_hier_fd(cg->host, i, &root);

	if (r < 0)
		return err_sys(e, VZ_E_KERNEL, r, "cannot open control groups at '%s'", h->mount);
	if (h->gen == 1 && !(h->ctls & 1u << CTL_CPUSET) &&
	    (mkdirat(root, cg->path, 0755) == 0 || errno == EEXIST))
		return 0;
	return make_path(cg, i, e);
}

int cg_make(struct cg *cg, uid_t uid, gid_t gid, struct vz_err *e)
{
	cg_forget(cg);
	for (size_t i = 0; i < cg->host->n; i++) {
		const struct cg_hier *h = &cg->host->h[i];
		int r = make_in(cg, i, e);

		if (r == 0 && (int)i == cg->host->unified && !cg->is_pool)
			r = make_leaves(cg, h, cg->fd[i], uid, gid, e);
		if (r < 0)
			return r;
	}
	return 0;
}

/*
 * Processes that are sent in get a group within the VPS's own tree, which its root owns: only so may the
 * guest's systemd move them on, into the session that `su` opens, say. What the VPS has done to that group
 * must not keep the node out: then it is the one outside of the VPS's reach.
 */
static int inner_leaf(int ve, int *ret_fd)
{
	_fd_ int fd = -1;
	char text[256];
	struct stat st;
	int r = cgfs_open(ve, INNER_LEAF, &fd);

	if (r == -ENOENT) { /* the first one, or the VPS has removed it */
		r = fstat(ve, &st) < 0 ? -errno : cgfs_make(ve, INNER_LEAF, &fd);
		if (r == 0)
			r = delegate(fd, st.st_uid, st.st_gid);
	}
	if (r == 0)
		r = cgfs_get(fd, "cgroup.type", text, sizeof(text));
	if (r == 0 && strcmp(text, "domain") != 0)
		r = -EBUSY;
	if (r == 0)
		r = cgfs_get(fd, "cgroup.subtree_control", text, sizeof(text));
	if (r == 0 && *text)
		r = -EBUSY;
	if (r == 0)
		r = cgfs_put(fd, "cgroup.freeze", "0");
	if (r == 0)
		*ret_fd = TAKE_FD(fd);
	return r;
}

int cg_clone_fd(struct cg *cg, bool exec)
{
	int fd, r;

	if (cg->host->unified < 0)
		return -EOPNOTSUPP;
	if (cg->leaf[exec] >= 0)
		return cg->leaf[exec];
	if (exec) {
		r = cg_clone_fd(cg, false);
		if (r >= 0 && inner_leaf(r, &cg->leaf[exec]) == 0)
			return cg->leaf[exec];
	}
	r = cg_fd(cg, cg->host->unified, &fd);
	if (r == 0)
		r = cgfs_open(fd, cg_leaf_names[exec], &cg->leaf[exec]);
	return r < 0 ? r : cg->leaf[exec];
}

bool cg_self_stops(const struct cg *cg)
{
	int at = cg->host->at[CTL_FREEZER];

	return at >= 0 && cg->host->h[at].gen == 1;
}

int cg_self_fds(struct cg *cg, int *ret_fds, size_t max, size_t *ret_n)
{
	_free_ char *tasks = str_printf("%s/tasks", cg->path);
	int freezer = cg->host->at[CTL_FREEZER], r = tasks ? 0 : -ENOMEM;
	size_t n = 0;

	for (size_t i = 0; r >= 0 && i < cg->host->n; i++) {
		if (cg->host->h[i].gen != 1 || (int)i == freezer)
			continue;
		r = n < max ? cg_hier_open(cg->host, i, tasks, O_WRONLY) : -ENOSPC;
		if (r >= 0)
			ret_fds[n++] = r;
	}
	if (r >= 0 && cg_self_stops(cg)) {
		r = n < max ? cg_hier_open(cg->host, (size_t)freezer, tasks, O_WRONLY) : -ENOSPC;
		if (r >= 0)
			ret_fds[n++] = r;
	}
	if (r < 0) {
		while (n > 0)
			close(ret_fds[--n]);
		return r;
	}
	*ret_n = n;
	return 0;
}
