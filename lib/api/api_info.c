// SPDX-License-Identifier: LGPL-2.1-or-later
/* Public entry points that only tell: codes, live figures. */
#include <errno.h>
#include <stddef.h>
#include <time.h>

#include <vz/vz.h>

#include "base/cleanup.h"
#include "cgroup/cg.h"
#include "ct/ct.h"

static const struct {
	const char *name, *text;
	int exit;
} codes[VZ_NCODES] = {
#define CODE_ROW(name, exit, text) [VZ_E_##name] = { #name, text, exit },
	VZ_CODES(CODE_ROW)
#undef CODE_ROW
};

int vz_code_exit(int code)
{
	return code >= 0 && code < VZ_NCODES ? codes[code].exit : codes[VZ_E_SYS].exit;
}

const char *vz_code_text(int code)
{
	return code >= 0 && code < VZ_NCODES ? codes[code].text : "";
}

const char *vz_code_name(int code)
{
	return code >= 0 && code < VZ_NCODES ? codes[code].name : "";
}

static void clear(struct vz_figures *f)
{
	uint64_t *first = &f->tasks, *last = &f->cpu_usec;

	for (uint64_t *p = first; p <= last; p++)
		*p = UINT64_MAX;
	f->uptime = 0;
}

/* Seconds since init began: its start time counts clock ticks after boot, proc_pid_stat(5). */
static double uptime(const struct ct *ct)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9 - (double)ct->st.init.start / 100;
}

int vz_ct_figures(struct vz_ct *handle, bool only_tasks, struct vz_figures *ret)
{
	struct ct *ct = (struct ct *)handle;
	struct cg_stat s;

	clear(ret);
	if (!ct_is_running(ct))
		return 0;
	ret->uptime = uptime(ct);
	if (ct_cgroup(ct, NULL) < 0)
		return 0;
	if (only_tasks)
		return cg_pids(ct->cg, &ret->tasks);
	cg_stat(ct->cg, &s);
	ret->tasks = s.pids;
	ret->tasks_peak = s.pids_peak;
	ret->tasks_max = s.pids_max;
	ret->tasks_fail = s.pids_fail;
	ret->mem = s.mem;
	ret->mem_peak = s.mem_peak;
	ret->mem_max = s.mem_max;
	ret->mem_fail = s.mem_fail;
	ret->swap = s.swap;
	ret->swap_max = s.swap_max;
	ret->swap_fail = s.swap_fail;
	ret->kmem = s.kmem;
	ret->shmem = s.shmem;
	ret->locked = s.locked;
	ret->sock = s.sock;
	ret->cpu_usec = s.cpu_usec;
	return 0;
}
