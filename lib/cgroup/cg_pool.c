// SPDX-License-Identifier: LGPL-2.1-or-later
/* Groups of pools: what lies between our parent group and those of VPSs. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "cgroup/cg_int.h"
#include "kern/cgfs.h"

int cg_open_pool(struct cg_host *h, const char *pool, struct cg **ret, struct vz_err *e)
{
	const char *last = strrchr(pool, '/');
	_free_ char *above = str_printf("%.*s", (int)(last ? last - pool : 0), pool);
	_free_ char *name = str_printf(CG_POOL_PREFIX "%s", last ? last + 1 : pool);
	int r = above && name ? cg_open_in(h, above, name, ret, e) : err_nomem(e);

	if (r == 0)
		(*ret)->is_pool = true;
	return r;
}

const char *cg_path(const struct cg *cg)
{
	return cg->path;
}

bool cg_is_in(const struct cg *cg, const char *pool)
{
	size_t n = strlen(CG_POOL_PREFIX);

	for (size_t i = 0; i < cg->pools.n; i++) {
		const char *name = cg->pools.v[i] + n;

		if (i && *pool++ != '/')
			return false;
		if (!str_has_prefix(pool, name))
			return false;
		pool += strlen(name);
	}
	return !*pool;
}

/* Not cg_drop(): whatever is in there belongs to somebody. */
int cg_drop_pool(struct cg *cg, struct vz_err *e)
{
	cg_forget(cg);
	for (size_t i = 0; i < cg->host->n; i++) {
		int fd, r = cg_hier_fd(cg->host, i, &fd);

		if (r == 0 && unlinkat(fd, cg->path, AT_REMOVEDIR) < 0 && errno != ENOENT)
			r = -errno;
		if (r < 0)
			return err_sys(e, VZ_E_SYS, r, "cannot remove control group '%s' of %s", cg->path,
				       cg->host->h[i].label);
	}
	return 0;
}
