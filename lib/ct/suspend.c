// SPDX-License-Identifier: LGPL-2.1-or-later
/* Suspend to disk and back. */
#include "ct/suspend.h"

#include <errno.h>

#include "base/err.h"
#include "ct/ct.h"

int ct_suspend(struct ct *ct, const char *dir, bool keep, struct vz_err *e)
{
	(void)dir, (void)keep;
	return err_set(e, VZ_E_SUSPEND, -ENOTSUP, "VPS '%s': not yet", ct->idstr);
}

int ct_resume(struct ct *ct, const char *dir, bool frozen, struct vz_err *e)
{
	(void)dir, (void)frozen;
	return err_set(e, VZ_E_RESUME, -ENOTSUP, "VPS '%s': not yet", ct->idstr);
}
