// SPDX-License-Identifier: LGPL-2.1-or-later
/* Public entry points for private areas that come, go and are made anew. */
#include <vz/area.h>

#include <errno.h>
#include <string.h>

#include <vz/vz.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "ct/ct.h"
#include "ct/inside/keep.h"
#include "ct/register.h"
#include "ct/reinstall.h"

int vz_ct_register(struct vz *vz, const char *path, uint32_t id, const struct vz_register_opts *o,
		   struct vz_err *e)
{
	struct vz_register_opts all = { .size = sizeof(all) };
	struct ct *ct = NULL;
	int r;

	if (o)
		memcpy(&all, o, o->size < sizeof(all) ? o->size : sizeof(all));
	if (id == 0 || id > CT_ID_MAX)
		return err_set(e, VZ_E_PARAM, -ERANGE, "%u is not a VPS ID: 1 to %u", id, CT_ID_MAX);
	r = ct_open(vz, id, CT_NO_CONF_OK, &ct, e);
	if (r == 0)
		r = ct_lock(ct, "registering", all.flags & VZ_SKIP_LOCK, e);
	if (r == 0)
		r = ct_register(ct, path, &all, e);
	ct_close(ct);
	return r;
}

int vz_ct_unregister(struct vz_ct *handle, unsigned flags, struct vz_err *e)
{
	struct ct *ct = (struct ct *)handle;
	int r = ct_lock(ct, "unregistering", flags & VZ_SKIP_LOCK, e);

	if (r == 0)
		r = ct_unregister(ct, e);
	lock_drop(&ct->lock);
	return r;
}

static int check_dump(const struct ct *ct, struct vz_err *e)
{
	return ct_is_suspended(ct) ? err_set(e, VZ_E_REINSTALL, -EBUSY,
					     "VPS '%s' is suspended; resume it first", ct->idstr) :
				     0;
}

/* The handle has the values of before: start from the file. */
static int start_fresh(struct ct *old, unsigned flags, struct vz_err *e)
{
	struct vz_ct *ct;
	int r = vz_ct_find(old->vz, old->idstr, 0, &ct, e);

	if (r < 0)
		return r;
	r = vz_ct_start(ct, flags & VZ_SKIP_LOCK, e);
	vz_ct_free(ct);
	return r;
}

int vz_ct_reinstall(struct vz_ct *handle, const struct vz_reinstall_opts *o, struct vz_err *e)
{
	struct vz_reinstall_opts all = { .size = sizeof(all) };
	struct ct *ct = (struct ct *)handle;
	bool ran = false;
	int r;

	if (o)
		memcpy(&all, o, o->size < sizeof(all) ? o->size : sizeof(all));
	r = ct_lock(ct, "reinstalling", all.flags & VZ_SKIP_LOCK, e);
	if (r == 0)
		r = check_dump(ct, e);
	if (r == 0)
		r = ct_reinstall(ct, &all, true, e);
	if (r == 0 && ct_is_running(ct)) {
		ran = true;
		r = ct_stop(ct, false, e);
	}
	if (r == 0 && ct_is_mounted(ct))
		r = ct_umount(ct, e);
	if (r == 0)
		r = ct_reinstall(ct, &all, false, e);
	lock_drop(&ct->lock);
	/* Whatever became of it: what ran before runs again. */
	if (ran && !ct_is_running(ct)) {
		int s = start_fresh(ct, all.flags, r < 0 ? NULL : e);

		r = r < 0 ? r : s;
	}
	return r;
}

const struct vz_kept *vz_reinstall_kept(void)
{
	return keep_names;
}
