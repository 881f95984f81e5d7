// SPDX-License-Identifier: LGPL-2.1-or-later
/* Destroy: refuse what is in use; the rest is a durable operation. */
#include <errno.h>

#include "base/err.h"
#include "ct/ct.h"
#include "ct/durable.h"

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
	return durable_destroy(ct, e);
}
