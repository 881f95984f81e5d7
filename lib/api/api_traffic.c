/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Public entry points: accounts of traffic. */
#include <vz/traffic.h>

#include <errno.h>

#include "base/err.h"
#include "ct/ct.h"
#include "ct/traffic.h"
#include "ct/wall.h"

int vz_traffic_refresh(struct vz *vz, struct vz_err *e)
{
	int r = node_walls_mend(vz, e);

	if (r == 0)
		r = node_tracking(vz, true, e);
	return r < 0 ? r : node_traffic(vz, e);
}

int vz_ct_traffic(const struct vz_ct *ct, struct vz_traffic **ret, size_t *ret_n, struct vz_err *e)
{
	if (!ct || !ret || !ret_n)
		return err_set(e, VZ_E_PARAM, -EINVAL, "incomplete question for traffic");
	return ct_traffic_get((const struct ct *)ct, ret, ret_n, e);
}
