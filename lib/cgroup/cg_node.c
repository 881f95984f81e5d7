// SPDX-License-Identifier: LGPL-2.1-or-later
/* The node's own part of the control groups: the weight of all VPSs together, and a place for monitors. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "cgroup/cg_int.h"
#include "kern/cgfs.h"

/* No VPS can be named so. */
#define NODE_LEAF  ".node"
#define MEMBER_MAX 65536 /* of /proc/PID/cgroup */

int cg_node_weigh(struct cg_host *h, uint64_t weight, struct vz_err *e)
{
	union knob_val v = { .num = weight };
	struct cg all = { .host = h, .name = h->slice, .path = h->slice, .leaf = { -1, -1 } };
	_fd_ int fd = -1;
	int r;

	if (h->at[CTL_CPU] < 0)
		return 0;
	for (size_t i = 0; i < CG_HIER_MAX; i++)
		all.fd[i] = -1;
	r = cg_make_slice(h, h->at[CTL_CPU], &fd, e);
	if (r == 0) {
		all.fd[h->at[CTL_CPU]] = fd;
		r = cg_set(&all, KNOB_CPU_WEIGHT, &v, e);
	}
	return r;
}

/* Only where service managers tell by the group whose a process is: the second generation's tree and
 * those that have no controller but a name. */
static bool tells_owners(const struct cg_hier *h)
{
	return h->gen == 2 || (h->ctls == 0 && str_has_prefix(h->label, "name="));
}

static int put_in(struct cg_host *h, size_t i, const char *pid, struct vz_err *e)
{
	_fd_ int slice = -1, leaf = -1;
	int r = cg_make_slice(h, i, &slice, e);

	if (r < 0)
		return r;
	r = cgfs_make(slice, NODE_LEAF, &leaf);
	if (r == 0)
		r = cgfs_put(leaf, "cgroup.procs", pid);
	return r < 0 ? err_sys(e, VZ_E_ENV, r, "cannot enter control group '%s/" NODE_LEAF "'", h->slice) : 0;
}

int cg_node_join(struct cg_host *h, uint64_t weight, struct vz_err *e)
{
	int r = cg_node_weigh(h, weight, e);

	for (size_t i = 0; r == 0 && i < h->n; i++)
		if (tells_owners(&h->h[i]))
			r = put_in(h, i, "0", e);
	return r;
}

/* Is it, by its /proc/PID/cgroup, in a group that somebody else may end with all in it? Not the root, not ours. */
static bool is_anothers(const struct cg_host *h, const struct cg_hier *k, const char *text)
{
	size_t slice = strlen(h->slice);

	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *p = cg_path_in(k, line);

		if (p)
			return strcspn(p, "\n") > 1 && !(strncmp(p + 1, h->slice, slice) == 0 && p[slice + 1] == '/');
	}
	return false;
}

int cg_node_take(struct cg_host *h, pid_t pid, struct vz_err *e)
{
	_buf_ struct buf text = BUF_INIT;
	char path[40], number[16];
	int r;

	snprintf(path, sizeof(path), "proc/%d/cgroup", pid);
	snprintf(number, sizeof(number), "%d", pid);
	r = io_read_at(h->rootfd, path, MEMBER_MAX, &text);
	if (r < 0)
		return err_sys(e, VZ_E_ENV, r, "cannot read '/%s'", path);
	for (size_t i = 0; r == 0 && i < h->n; i++)
		if (tells_owners(&h->h[i]) && is_anothers(h, &h->h[i], buf_str(&text)))
			r = put_in(h, i, number, e);
	return r;
}

void cg_node_leave(struct cg_host *h)
{
	for (size_t i = 0; i < h->n; i++) {
		_fd_ int slice = -1;
		int root;

		if (tells_owners(&h->h[i]) && cg_hier_fd(h, i, &root) == 0 &&
		    cgfs_open(root, h->slice, &slice) == 0)
			(void)unlinkat(slice, NODE_LEAF, AT_REMOVEDIR);
	}
}
