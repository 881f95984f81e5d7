// SPDX-License-Identifier: LGPL-2.1-or-later
/* From parameters to the knobs of the control group, and what is no knob. One row each: who feeds it, and
 * how. */
#include "ct/limit/apply.h"

#include <errno.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/str.h"
#include "cgroup/cg.h"
#include "ct/ct.h"
#include "ct/inside/view.h"
#include "ct/limit/respool.h"
#include "kern/blkdev.h"
#include "kern/numlist.h"
#include "param/check.h"

#define DISKS_MAX 16

struct want {
	struct ct *ct;
	const struct vz_cfg *cfg;
	bool start; /* of a new group, in which nothing is limited */
	union knob_val v;
	struct buf text;
	struct cg_disk disk[DISKS_MAX];
};

static uint64_t bytes(uint64_t pages)
{
	return pages >= UINT64_MAX / VZ_PAGE ? UINT64_MAX : pages * VZ_PAGE;
}

/* The want_ functions: 1 and w->v, 0: leave it alone, or -errno and words. */

static int want_mem(struct want *w, struct vz_err *e)
{
	uint64_t ram, swap;

	(void)e;
	cfg_memory(w->cfg, &ram, &swap);
	w->v.mem.max = bytes(ram);
	w->v.mem.swap = bytes(swap);
	return 1;
}

/* Both say "this much is the VPS's own": what is reclaimed last, and for which it is not killed. */
static int want_low(struct want *w, struct vz_err *e)
{
	const struct vz_cfg *c = w->cfg;
	uint64_t low = 0;

	(void)e;
	if (cfg_has(c, VZ_P_VMGUARPAGES) && c->vmguarpages.bar < UINT64_MAX / VZ_PAGE)
		low = c->vmguarpages.bar;
	if (cfg_has(c, VZ_P_OOMGUARPAGES) && c->oomguarpages.bar < UINT64_MAX / VZ_PAGE &&
	    c->oomguarpages.bar > low)
		low = c->oomguarpages.bar;
	/* What a pool has promised to it is the VPS's own, too. */
	if (w->ct->st.pool[0] && pool_need(c, true) > low * VZ_PAGE)
		low = pool_need(c, true) / VZ_PAGE;
	w->v.num = low * VZ_PAGE;
	return low || !w->start;
}

/* A group that is full takes who joins it and refuses who is cloned into it, and init comes the one way or the
 * other, as the kernel and its generation of groups have it. A rule is the same everywhere. */
int ct_check_limits(const struct ct *ct, struct vz_err *e)
{
	if (cfg_has(ct->cfg, VZ_P_NUMPROC) && ct->cfg->numproc.lim == 0)
		return err_set(e, VZ_E_NORES, -EAGAIN,
			       "VPS '%s' has NUMPROC=0: not even its init may run", ct->idstr);
	return 0;
}

static int want_pids(struct want *w, struct vz_err *e)
{
	(void)e;
	w->v.num = cfg_has(w->cfg, VZ_P_NUMPROC) ? w->cfg->numproc.lim : UINT64_MAX;
	return 1;
}

static int want_weight(struct want *w, struct vz_err *e)
{
	(void)e;
	w->v.num = cfg_has(w->cfg, VZ_P_CPUUNITS) ? w->cfg->cpuunits : 1000;
	return 1;
}

static int want_cpu_max(struct want *w, struct vz_err *e)
{
	(void)e;
	w->v.num = cfg_cpu_percent(w->cfg) * 10;
	return 1;
}

static int want_cpus(struct want *w, struct vz_err *e)
{
	const struct vz_cfg *c = w->cfg;
	const char *mask = cfg_has(c, VZ_P_CPUMASK) ? c->cpumask : "all";
	const char *nodes = cfg_has(c, VZ_P_NODEMASK) ? c->nodemask : "all";
	int r;

	w->v.text = str_eq(mask, "all") || str_eq(mask, "auto") ? "" : mask;
	if (str_eq(mask, "auto") && !str_eq(nodes, "all")) {
		r = knode_cpus(nodes, &w->text);
		if (r < 0)
			return err_sys(e, VZ_E_CPU, r, "cannot find the CPUs of memory nodes '%.60s'",
				       nodes);
		w->v.text = buf_str(&w->text);
	}
	return *w->v.text || !w->start;
}

static int want_mems(struct want *w, struct vz_err *e)
{
	const struct vz_cfg *c = w->cfg;
	const char *nodes = cfg_has(c, VZ_P_NODEMASK) ? c->nodemask : "all";

	(void)e;
	w->v.text = str_eq(nodes, "all") ? "" : nodes;
	return *w->v.text || !w->start;
}

static int want_io_weight(struct want *w, struct vz_err *e)
{
	(void)e;
	w->v.num = cfg_has(w->cfg, VZ_P_IOPRIO) ? w->cfg->ioprio : 4;
	return cfg_has(w->cfg, VZ_P_IOPRIO) || !w->start;
}

/* Where the limit does not reach everything that an administrator means by it, he is told. */
static void warn_io(const struct want *w, size_t ndisks)
{
	const struct ct *ct = w->ct;

	if (!w->v.io.bytes && !w->v.io.ops)
		return;
	if (cg_io_is_partial(ct->vz->cgh))
		log_msg(&ct->vz->log, -1, "VPS %s: the I/O limit holds for reading and for direct or "
			"synchronous writing; this node's control groups do not hold back what the "
			"kernel writes out later", ct->idstr);
	if (ndisks > 1)
		log_msg(&ct->vz->log, -1, "VPS %s: the I/O limit holds for each of the %zu disks below "
			"private area '%s'", ct->idstr, ndisks, ct->private);
}

static int want_io_max(struct want *w, struct vz_err *e)
{
	struct kblk_dev dev[DISKS_MAX];
	const struct vz_cfg *c = w->cfg;
	size_t n = 0;
	int r;

	w->v.io.bytes = cfg_has(c, VZ_P_IOLIMIT) ? c->iolimit : 0;
	w->v.io.ops = cfg_has(c, VZ_P_IOPSLIMIT) ? c->iopslimit : 0;
	if (w->start && !w->v.io.bytes && !w->v.io.ops)
		return 0;
	r = kblk_disks(w->ct->private, dev, DISKS_MAX, &n);
	if (r == -EOPNOTSUPP) {
		if (w->v.io.bytes || w->v.io.ops)
			log_msg(&w->ct->vz->log, -1, "VPS %s: the I/O limit cannot hold: the file system of "
				"private area '%s' lies on no block device of this node", w->ct->idstr,
				w->ct->private);
		return 0;
	}
	if (r < 0)
		return err_sys(e, VZ_E_IO, r, "cannot find the disks below private area '%s'",
			       w->ct->private);
	for (size_t i = 0; i < n; i++)
		w->disk[i] = (struct cg_disk){ dev[i].major, dev[i].minor };
	w->v.io.disk = w->disk;
	w->v.io.n = n;
	warn_io(w, n);
	return 1;
}

static const struct row {
	enum param_group group;
	enum knob knob;
	int (*want)(struct want *w, struct vz_err *e);
	enum vz_param param[3]; /* who feeds it: a host without the knob matters only if one is set */
} rows[] = {
	{ AP_MEM, KNOB_MEM, want_mem, { VZ_P_PHYSPAGES, VZ_P_SWAPPAGES, VZ_P_PRIVVMPAGES } },
	{ AP_MEM, KNOB_MEM_LOW, want_low, { VZ_P_VMGUARPAGES, VZ_P_OOMGUARPAGES, VZ_P_OOMGUARPAGES } },
	{ AP_UBC, KNOB_PIDS_MAX, want_pids, { VZ_P_NUMPROC, VZ_P_NUMPROC, VZ_P_NUMPROC } },
	{ AP_CPU, KNOB_CPU_WEIGHT, want_weight, { VZ_P_CPUUNITS, VZ_P_CPUUNITS, VZ_P_CPUUNITS } },
	{ AP_CPU, KNOB_CPU_MAX, want_cpu_max, { VZ_P_CPULIMIT, VZ_P_CPUS, VZ_P_CPUS } },
	{ AP_CPU, KNOB_CPUSET_MEMS, want_mems, { VZ_P_NODEMASK, VZ_P_NODEMASK, VZ_P_NODEMASK } },
	{ AP_CPU, KNOB_CPUSET_CPUS, want_cpus, { VZ_P_CPUMASK, VZ_P_NODEMASK, VZ_P_NODEMASK } },
	{ AP_IO, KNOB_IO_WEIGHT, want_io_weight, { VZ_P_IOPRIO, VZ_P_IOPRIO, VZ_P_IOPRIO } },
	{ AP_IO, KNOB_IO_MAX, want_io_max, { VZ_P_IOLIMIT, VZ_P_IOPSLIMIT, VZ_P_IOPSLIMIT } },
};

/* What is no knob. An array of parameters ends at the first repetition. */
static const struct part {
	enum param_group group;
	int (*apply)(struct ct *ct, const struct vz_cfg *cfg, bool start, struct vz_err *e);
	enum vz_param param[5];
} parts[] = {
	{ AP_DISK, apply_disk, { VZ_P_DISKSPACE, VZ_P_DISKINODES, VZ_P_QUOTATIME, VZ_P_DISK_QUOTA,
				 VZ_P_DISK_QUOTA } },
	{ AP_DEV, apply_devices, { VZ_P_DEVNODES, VZ_P_DEVICES, VZ_P_DEVICES, VZ_P_DEVICES,
				   VZ_P_DEVICES } },
	{ AP_SEC, apply_devices, { VZ_P_FEATURES, VZ_P_FEATURES, VZ_P_FEATURES, VZ_P_FEATURES,
				   VZ_P_FEATURES } },
	{ AP_FILES, apply_binds, { VZ_P_BINDMOUNT, VZ_P_BINDMOUNT, VZ_P_BINDMOUNT, VZ_P_BINDMOUNT,
				   VZ_P_BINDMOUNT } },
	{ AP_UBC, apply_inside, { VZ_P_NUMPTY, VZ_P_SHMPAGES, VZ_P_SHMPAGES, VZ_P_SHMPAGES,
				  VZ_P_SHMPAGES } },
	{ AP_MEM, apply_inside, { VZ_P_PHYSPAGES, VZ_P_PRIVVMPAGES, VZ_P_PRIVVMPAGES, VZ_P_PRIVVMPAGES,
				  VZ_P_PRIVVMPAGES } },
	{ AP_MEM, apply_view, { VZ_P_MEMINFO, VZ_P_MEMINFO, VZ_P_MEMINFO, VZ_P_MEMINFO, VZ_P_MEMINFO } },
	{ AP_MEM, apply_oom, { VZ_P_OOMGUARPAGES, VZ_P_OOMGUARPAGES, VZ_P_OOMGUARPAGES,
			       VZ_P_OOMGUARPAGES, VZ_P_OOMGUARPAGES } },
};

static bool differs(const struct vz_cfg *from, const struct vz_cfg *to, const enum vz_param *p,
		    size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!from || !cfg_equal(from, to, p[i]))
			return true;
	return false;
}

void apply_unheld(struct ct *ct, enum vz_param p, bool start, const char *why)
{
	const struct vz_param_info *info = &param_get(p)->info;

	/* What is only approximated by any kernel is told to who asks for details. */
	if (!start && ct->unheld && !(info->flags & P_APPROX)) {
		if (!strv_has(ct->unheld, info->key))
			(void)strv_add(ct->unheld, info->key);
		return;
	}
	log_msg(&ct->vz->log, info->flags & P_APPROX ? 1 : -1, "VPS %s: %s cannot hold on this node: %s",
		ct->idstr, info->key, why);
}

static void row_unheld(struct want *w, const struct row *row, const char *why)
{
	for (size_t i = 0; i < ARRAY_LEN(row->param); i++)
		if (cfg_has(w->cfg, row->param[i]) && (!i || row->param[i] != row->param[i - 1]))
			apply_unheld(w->ct, row->param[i], w->start, why);
}

/* CPUs and nodes may have gone with a machine: a VPS starts without them. */
static int set_all(struct want *w, const struct row *row, struct vz_err *e)
{
	log_msg(&w->ct->vz->log, -1, "VPS %s: %s '%.60s' is not on this node; it may use all", w->ct->idstr,
		param_get(row->param[0])->info.key, w->v.text);
	w->v.text = "";
	return cg_set(w->ct->cg, row->knob, &w->v, e);
}

static int apply_row(struct want *w, const struct row *row, struct vz_err *e)
{
	struct vz_err mine = { 0 };
	int r = row->want(w, e);

	if (r <= 0)
		return r;
	r = cg_set(w->ct->cg, row->knob, &w->v, &mine);
	if (r == -ERANGE && w->start)
		return set_all(w, row, e);
	if (r == -EOPNOTSUPP) {
		row_unheld(w, row, mine.text);
		return 0;
	}
	if (r < 0 && e && !e->code)
		*e = mine;
	return r;
}

static int apply_row_of(struct ct *ct, const struct vz_cfg *cfg, bool start, const struct row *row,
			struct vz_err *e)
{
	struct want w = { .ct = ct, .cfg = cfg, .start = start };
	int r = apply_row(&w, row, e);

	buf_done(&w.text);
	return r;
}

int ct_apply(struct ct *ct, const struct vz_cfg *from, const struct vz_cfg *to, enum param_group g,
	     struct vz_err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(rows); i++)
		if (rows[i].group == g && differs(from, to, rows[i].param, ARRAY_LEN(rows[i].param)))
			r = apply_row_of(ct, to, false, &rows[i], e);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(parts); i++)
		if (parts[i].group == g && differs(from, to, parts[i].param, ARRAY_LEN(parts[i].param)))
			r = parts[i].apply(ct, to, false, e);
	return r;
}

int ct_apply_limits(struct ct *ct, struct vz_err *e)
{
	int r = apply_devices(ct, ct->cfg, true, e);

	if (r == 0)
		r = apply_disk(ct, ct->cfg, true, e);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(rows); i++)
		r = apply_row_of(ct, ct->cfg, true, &rows[i], e);
	return r;
}

int ct_apply_init(struct ct *ct, struct vz_err *e)
{
	return apply_oom(ct, ct->cfg, true, e);
}

int ct_apply_resumed(struct ct *ct, bool lost_view, struct vz_err *e)
{
	int r = apply_devices_anew(ct, e);

	if (r == 0 && (cfg_has(ct->cfg, VZ_P_NUMPTY) || cfg_has(ct->cfg, VZ_P_SHMPAGES)))
		r = apply_inside(ct, ct->cfg, false, e);
	if (r == 0)
		r = view_resumed(ct, lost_view, e);
	if (r == 0)
		r = apply_binds(ct, ct->cfg, false, e);
	return r < 0 ? r : apply_oom(ct, ct->cfg, false, e);
}
