// SPDX-License-Identifier: LGPL-2.1-or-later
/* Public entry point for lists: what is true of one VPS of very many, with few looks. */
#include <stddef.h>

#include <vz/vz.h>

#include "cgroup/cg.h"
#include "ct/ct.h"

/*
 * Looking at init costs more than all the rest together. Where tasks are counted anyway, some in
 * the group of a VPS that was started are proof enough: the kernel ends all of them with init.
 */
static bool is_running(struct ct *ct, uint64_t *tasks)
{
	if (!ct->st.init.pid)
		return false;
	if (tasks && ct_cgroup(ct, NULL) == 0 && cg_pids(ct->cg, tasks) == 0 && *tasks > 0)
		return true;
	return ct_is_running(ct);
}

unsigned vz_ct_glance(struct vz_ct *handle, uint64_t *ret_tasks)
{
	struct ct *ct = (struct ct *)handle;
	uint64_t tasks = UINT64_MAX;
	unsigned s = ct->has_conf && ct_has_private(ct) ? VZ_ST_EXISTS : 0;
	bool running = is_running(ct, ret_tasks ? &tasks : NULL);

	if (ret_tasks)
		*ret_tasks = running ? tasks : UINT64_MAX;
	if (running)
		return s | VZ_ST_RUNNING | VZ_ST_MOUNTED;
	if (ct_is_mounted(ct))
		s |= VZ_ST_MOUNTED;
	if (s & VZ_ST_EXISTS && ct_is_suspended(ct))
		s |= VZ_ST_SUSPENDED;
	return s;
}
