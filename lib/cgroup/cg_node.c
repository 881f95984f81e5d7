// SPDX-License-Identifier: LGPL-2.1-or-later
/* The node's own part of the control groups: the weight of all VPSs together, and a place for monitors. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "cgroup/cg_int.h"
#include "kern/cgfs.h"

/* No VPS can be named so. */
#define NODE_LEAF ".node"

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

int cg_node_join(struct cg_host *h, uint64_t weight, struct vz_err *e)
{
	int r = cg_node_weigh(h, weight, e);

	for (size_t i = 0; r == 0 && i < h->n; i++) {
		_fd_ int slice = -1, leaf = -1;

		if (!tells_owners(&h->h[i]))
			continue;
		r = cg_make_slice(h, i, &slice, e);
		if (r < 0)
			return r;
		r = cgfs_make(slice, NODE_LEAF, &leaf);
		if (r == 0)
			r = cgfs_put(leaf, "cgroup.procs", "0");
		if (r < 0)
			return err_sys(e, VZ_E_ENV, r, "cannot enter control group '%s/" NODE_LEAF "'",
				       h->slice);
	}
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
