/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Public entry points: accounts of traffic. */
#include <vz/traffic.h>

#include <errno.h>

#include <vz/vz.h>

#include "base/err.h"
#include "ct/ct.h"
#include "ct/link/traffic.h"
#include "ct/link/traffic_quota.h"
#include "ct/link/wall.h"
#include "host/netclasses.h"

int vz_traffic_refresh(struct vz *vz, struct vz_err *e)
{
	_classes_ struct node_classes classes = NODE_CLASSES_INIT;
	struct vz_err wall = { 0 };
	int r;

	/* One VPS whose firewall cannot be read must not keep all others from being accounted. */
	if (node_walls_mend(vz, &wall) < 0)
		log_msg(&vz->log, -1, "%s", wall.text);
	r = node_tracking(vz, true, e);
	return r < 0 ? r : node_classes(vz, &classes, e);
}

int vz_ct_traffic(const struct vz_ct *ct, struct vz_traffic **ret, size_t *ret_n, struct vz_err *e)
{
	if (!ct || !ret || !ret_n)
		return err_set(e, VZ_E_PARAM, -EINVAL, "incomplete question for traffic");
	return ct_traffic_get((const struct ct *)ct, ret, ret_n, e);
}

int vz_ct_traffic_month(const struct vz_ct *ct, struct vz_traffic_month *ret, struct vz_err *e)
{
	if (!ct || !ret)
		return err_set(e, VZ_E_PARAM, -EINVAL, "incomplete question for a month's traffic");
	return ct_quota_get((const struct ct *)ct, ret, e);
}

int vz_ct_traffic_enforce(struct vz_ct *handle, unsigned flags, struct vz_err *e)
{
	struct ct *ct = (struct ct *)handle;
	int r;

	/* Most have nothing to do, most of the time: no lock for that. */
	if (!ct_quota_is_due(ct))
		return 1;
	r = ct_lock(ct, "metering", flags & VZ_SKIP_LOCK, e);
	if (r == 0)
		r = ct_quota_enforce(ct, e);
	lock_drop(&ct->lock);
	return r;
}
