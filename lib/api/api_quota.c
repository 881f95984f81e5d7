/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Public entry point: disk quota. */
#include <vz/quota.h>

#include <errno.h>

#include "base/err.h"
#include "ct/ct.h"
#include "fs/quota.h"

static struct vz_quota_line line(const struct kprj_line *l, uint64_t grace)
{
	return (struct vz_quota_line){ .usage = l->usage, .soft = l->soft, .hard = l->hard,
				       .grace = grace, .expires = l->until };
}

int vz_ct_quota(struct vz_ct *handle, struct vz_quota *ret, struct vz_err *e)
{
	const struct ct *ct = (const struct ct *)handle;
	uint64_t grace[2] = { 0 };
	struct kprj p;
	int r;

	if (!ct->private)
		return err_set(e, VZ_E_NO_PRIVATE, -EINVAL, "VE_PRIVATE of VPS '%s' is not set",
			       ct->idstr);
	if (!ct_has_private(ct))
		return err_set(e, VZ_E_PRIVATE_MISSING, -ENOENT,
			       "private area '%s' of VPS '%s' is not there", ct->private, ct->idstr);
	r = fs_quota_get(ct->private, ct->id, &p, grace, e);
	if (r < 0)
		return r;
	*ret = (struct vz_quota){ .blocks = line(&p.kib, grace[0]),
				  .inodes = line(&p.inodes, grace[1]), .enforced = p.enforced };
	return 0;
}
