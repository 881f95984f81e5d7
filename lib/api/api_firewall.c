/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Public entry point: look at firewall sets. */
#include <vz/firewall.h>

#include "ct/link/wall.h"
#include "param/param.h"

int vz_firewall_check(struct vz *vz, const struct vz_cfg *cfg, struct vz_err *e)
{
	return cfg_has(cfg, VZ_P_FIREWALL) ? ct_wall_check_sets(vz, &cfg->firewall, e) : 0;
}
