// SPDX-License-Identifier: LGPL-2.1-or-later
/* From parameters to the knobs of the control group. One row per knob: who feeds it, and how. */
#include "ct/apply.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "cgroup/cg.h"
#include "ct/ct.h"
#include "param/check.h"

#define MASK_LOW 1 /* make nodes */

static uint64_t bytes(uint64_t pages)
{
	return pages >= UINT64_MAX / VZ_PAGE ? UINT64_MAX : pages * VZ_PAGE;
}

static bool want_mem(const struct vz_cfg *c, union knob_val *v)
{
	uint64_t ram, swap;

	cfg_memory(c, &ram, &swap);
	v->mem.max = bytes(ram);
	v->mem.swap = bytes(swap);
	return true;
}

static bool want_low(const struct vz_cfg *c, union knob_val *v)
{
	v->num = 0;
	if (cfg_has(c, VZ_P_VMGUARPAGES) && c->vmguarpages.bar < UINT64_MAX / VZ_PAGE)
		v->num = c->vmguarpages.bar * VZ_PAGE;
	return true;
}

static bool want_pids(const struct vz_cfg *c, union knob_val *v)
{
	v->num = cfg_has(c, VZ_P_NUMPROC) ? c->numproc.lim : UINT64_MAX;
	return true;
}

static bool want_weight(const struct vz_cfg *c, union knob_val *v)
{
	v->num = cfg_has(c, VZ_P_CPUUNITS) ? c->cpuunits : 1000;
	return true;
}

static bool want_cpu_max(const struct vz_cfg *c, union knob_val *v)
{
	v->num = cfg_cpu_percent(c) * 10;
	return true;
}

static bool want_io_weight(const struct vz_cfg *c, union knob_val *v)
{
	v->num = cfg_has(c, VZ_P_IOPRIO) ? c->ioprio : 4;
	return cfg_has(c, VZ_P_IOPRIO);
}

static const struct {
	enum param_group group;
	enum knob knob;
	bool (*want)(const struct vz_cfg *c, union knob_val *v); /* false: leave it alone */
	enum vz_param param[3]; /* who feeds it: a host without the knob matters only if one is set */
	const char *what;
} rows[] = {
	{ AP_MEM, KNOB_MEM, want_mem, { VZ_P_PHYSPAGES, VZ_P_SWAPPAGES, VZ_P_PRIVVMPAGES }, "memory" },
	{ AP_MEM, KNOB_MEM_LOW, want_low, { VZ_P_VMGUARPAGES, VZ_P_VMGUARPAGES, VZ_P_VMGUARPAGES },
	  "guaranteed memory" },
	{ AP_UBC, KNOB_PIDS_MAX, want_pids, { VZ_P_NUMPROC, VZ_P_NUMPROC, VZ_P_NUMPROC }, "processes" },
	{ AP_CPU, KNOB_CPU_WEIGHT, want_weight, { VZ_P_CPUUNITS, VZ_P_CPUUNITS, VZ_P_CPUUNITS },
	  "CPU weight" },
	{ AP_CPU, KNOB_CPU_MAX, want_cpu_max, { VZ_P_CPULIMIT, VZ_P_CPUS, VZ_P_CPUS }, "CPU limit" },
	{ AP_IO, KNOB_IO_WEIGHT, want_io_weight, { VZ_P_IOPRIO, VZ_P_IOPRIO, VZ_P_IOPRIO },
	  "I/O priority" },
};

static bool is_set(const struct vz_cfg *c, size_t row)
{
	for (size_t i = 0; i < ARRAY_LEN(rows[row].param); i++)
		if (cfg_has(c, rows[row].param[i]))
			return true;
	return false;
}

static int apply_row(struct ct *ct, const struct vz_cfg *cfg, size_t i, struct vz_err *e)
{
	struct vz_err mine = { 0 };
	union knob_val v = { 0 };
	int r;

	if (!rows[i].want(cfg, &v))
		return 0;
	r = cg_set(ct->cg, rows[i].knob, &v, &mine);
	if (r == -EOPNOTSUPP) {
		if (is_set(cfg, i))
			log_msg(&ct->vz->log, -1, "VPS %s: %s cannot hold on this node: %s", ct->idstr,
				rows[i].what, mine.text);
		return 0;
	}
	if (r < 0 && e && !e->code)
		*e = mine;
	return r;
}

int ct_apply(struct ct *ct, const struct vz_cfg *cfg, enum param_group g, struct vz_err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(rows); i++)
		if (rows[i].group == g)
			r = apply_row(ct, cfg, i, e);
	return r;
}

/* Every VPS: the six nodes, terminals, and what the kernel routes through /dev/net/tun and fuse only when
 * a node was given. */
static int apply_devices(struct ct *ct, struct vz_err *e)
{
	static const struct dev_rule base[] = {
		{ 'c', 1, 3, 7 },  { 'c', 1, 5, 7 },   { 'c', 1, 7, 7 },    { 'c', 1, 8, 7 },
		{ 'c', 1, 9, 7 },  { 'c', 5, 0, 6 },   { 'c', 5, 1, 6 },    { 'c', 5, 2, 6 },
		{ 'c', 136, -1, 6 }, { 'c', -1, -1, MASK_LOW }, { 'b', -1, -1, MASK_LOW },
	};

	return cg_allow_dev(ct->cg, base, ARRAY_LEN(base), e);
}

int ct_apply_limits(struct ct *ct, struct vz_err *e)
{
	int r = apply_devices(ct, e);

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(rows); i++)
		r = apply_row(ct, ct->cfg, i, e);
	return r;
}
