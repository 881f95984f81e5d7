// SPDX-License-Identifier: LGPL-2.1-or-later
/* Public entry points: what a VPS has used over all its starts. */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include <vz/ubc.h>

#include "base/err.h"
#include "cgroup/cg.h"
#include "ct/ct.h"
#include "ct/limit/acct.h"

/* Members that callers of older headers do not have are left alone. */
#define PUT(member, value)                                                                         \
	do {                                                                                       \
		if (ret->size >= offsetof(struct vz_usage, member) + sizeof(ret->member))          \
			ret->member = (value);                                                     \
	} while (0)

int vz_ct_usage(struct vz_ct *handle, struct vz_usage *ret, struct vz_err *e)
{
	struct ct *ct = (struct ct *)handle;
	struct cg_stat s;
	struct cg_flow f;
	struct acct a;

	if (ct_is_running(ct)) {
		int r = ct_cgroup(ct, e);

		if (r < 0)
			return r;
		cg_stat(ct->cg, &s);
		cg_flow(ct->cg, &f);
		ct_acct_total(ct, &s, &f, &a);
	} else {
		ct_acct_read(ct, &a);
	}
	PUT(cpu_usec, a.cpu_usec);
	PUT(uptime_ms, a.uptime_ms);
	PUT(mem_kib_s, a.mem_kib_s);
	PUT(limit_kib_s, a.limit_kib_s);
	PUT(io_read, a.io_read);
	PUT(io_write, a.io_write);
	PUT(io_reads, a.io_reads);
	PUT(io_writes, a.io_writes);
	PUT(refused, a.numproc + a.oom + a.swap);
	PUT(oom_kills, a.oom_kill);
	return 0;
}

int vz_ct_usage_keep(struct vz_ct *handle, struct vz_err *e)
{
	struct ct *ct = (struct ct *)handle;
	int r = ct_acct_keep(ct);

	/* It ends, or somebody else keeps: either writes what this would have. */
	if (r == 0 || r == -ESRCH || r == -EAGAIN)
		return 0;
	return err_sys(e, VZ_E_SYS, r, "VPS %s: cannot keep what it has used", ct->idstr);
}
