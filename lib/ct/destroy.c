// SPDX-License-Identifier: LGPL-2.1-or-later
/* Destroy: refuse what is in use; the rest is a durable operation. */
#include <errno.h>

#include "base/err.h"
#include "ct/ct.h"
#include "ct/durable.h"
#include "fs/quota.h"

int ct_destroy(struct ct *ct, struct vz_err *e)
{
	if (ct_is_running(ct))
		return err_set(e, VZ_E_RUNNING, -EBUSY, "VPS '%s' is running; stop it first", ct->idstr);
	if (ct_is_mounted(ct))
		return err_set(e, VZ_E_MOUNTED, -EBUSY, "VPS '%s' is mounted; unmount it first",
			       ct->idstr);
	if (!ct->private)
		return err_set(e, VZ_E_NO_PRIVATE, -EINVAL, "VE_PRIVATE of VPS '%s' is not set",
			       ct->idstr);
	/* Limits stay with the number of the project, and the next VPS with it would have them. */
	(void)fs_quota_set(ct->private, ct->id, &(struct kprj){ 0 }, FS_QUOTA_GRACE_KEEP, NULL);
	return durable_destroy(ct, e);
}
