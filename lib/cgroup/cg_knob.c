/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Limits: a row per knob, a column per generation; the put_ functions know the files' grammar. */
#include "cgroup/cg_int.h"

#include <errno.h>
#include <stdio.h>
#include <sys/sysinfo.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "kern/cgfs.h"
#include "kern/numlist.h"

enum {
	PERIOD_US = 100000,	    /* the kernel's default period of the CPU ceiling */
	QUOTA_MIN_US = 1000,	    /* the kernel refuses less */
	PIDS_LIMIT_MAX = 4194304,   /* PID_MAX_LIMIT on 64 bit: more is refused */
	IO_WEIGHT_STEP = 20,	    /* IOPRIO 4, the default, gives the kernel's default 100 */
	IO_PRIO_MAX = 7,
	HIGH_GAP_MAX = 32 << 20,
};

/* Bytes or a number; "max" for none. */
static int put_limit(int fd, const char *file, const union knob_val *v)
{
	return v->num == UINT64_MAX ? cgfs_put(fd, file, "max") : cgfs_put_u64(fd, file, v->num);
}

static int put_bytes(int fd, const char *file, uint64_t v)
{
	return v >= INT64_MAX ? cgfs_put(fd, file, "-1") : cgfs_put_u64(fd, file, v);
}

static uint64_t add_limits(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* The first generation limits memory, and memory and swap together; the sum is never below. */
static int put_mem1(int fd, const char *file, const union knob_val *v)
{
	static const char sum_file[] = "memory.memsw.limit_in_bytes";
	uint64_t sum = add_limits(v->mem.max, v->mem.swap), now;
	int r = cgfs_get_u64(fd, sum_file, &now);

	if (r == -ENOENT) { /* swap is not accounted for: a kernel option */
		r = put_bytes(fd, file, v->mem.max);
		return r == 0 && v->mem.swap != UINT64_MAX ? -EOPNOTSUPP : r;
	}
	if (r == 0 && sum >= now) {
		r = put_bytes(fd, sum_file, sum);
		return r < 0 ? r : put_bytes(fd, file, v->mem.max);
	}
	if (r == 0)
		r = put_bytes(fd, file, v->mem.max);
	return r < 0 ? r : put_bytes(fd, sum_file, sum);
}

/*
 * The first generation refuses a limit below what cannot be freed. The second one takes it and kills
 * processes until it fits, which nobody means by "less memory": so count before. What may go to swap is
 * bounded by the VPS's share of it and by what the node has left.
 */
static bool would_kill(int fd, const union knob_val *v)
{
	static const char *const fixed[] = { "anon", "shmem", "kernel_stack", "pagetables",
					     "slab_unreclaimable" };
	char text[16384];
	struct sysinfo si;
	uint64_t need = 0, now, swapped = 0, room, node;

	if (v->mem.max == UINT64_MAX || cgfs_get_u64(fd, "memory.current", &now) < 0 ||
	    now <= v->mem.max || cgfs_get(fd, "memory.stat", text, sizeof(text)) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
		if (cgfs_find_key(text, fixed[i], &now) == 0)
			need += now;
	(void)cgfs_get_u64(fd, "memory.swap.current", &swapped);
	room = v->mem.swap > swapped ? v->mem.swap - swapped : 0;
	node = sysinfo(&si) == 0 ? (uint64_t)si.freeswap * si.mem_unit : 0;
	room = room < node ? room : node;
	return need > v->mem.max && need - v->mem.max > room;
}

/*
 * A little below the limit the kernel frees memory of the VPS when its processes return to user space, where they
 * hold no lock that neighbours wait for, and makes them wait if there is nothing to free. The wait grows with the
 * square of the part that is above (mem_cgroup_handle_over_high()): with a 64th at most, and no more than 32 MiB,
 * one that grows without end is at the limit, and killed, within seconds. docs/adr/0018-out-of-memory.md
 */
static uint64_t high_of(uint64_t max)
{
	uint64_t gap = max / 64 < HIGH_GAP_MAX ? max / 64 : HIGH_GAP_MAX;

	return max == UINT64_MAX ? max : max - gap;
}

static int put_high(int fd, uint64_t max)
{
	union knob_val high = { .num = high_of(max) };
	int r = put_limit(fd, "memory.high", &high);

	return r == -ENOENT ? 0 : r;
}

static int put_mem2(int fd, const char *file, const union knob_val *v)
{
	union knob_val mem = { .num = v->mem.max }, swap = { .num = v->mem.swap };
	int r = would_kill(fd, v) ? -EBUSY : put_high(fd, v->mem.max);

	/* In this order: what has to be freed for a lower limit is freed by the first, which kills nobody. */
	if (r == 0)
		r = put_limit(fd, file, &mem);
	if (r < 0)
		return r;
	r = put_limit(fd, "memory.swap.max", &swap);
	if (r == -ENOENT) /* a host without swap support in its kernel */
		return v->mem.swap == UINT64_MAX ? 0 : -EOPNOTSUPP;
	return r;
}

static int put_pids(int fd, const char *file, const union knob_val *v)
{
	union knob_val n = { .num = v->num > PIDS_LIMIT_MAX ? UINT64_MAX : v->num };

	return put_limit(fd, file, &n);
}

static int put_shares(int fd, const char *file, const union knob_val *v)
{
	uint64_t n = (v->num * 1024 + 500) / 1000;

	return cgfs_put_u64(fd, file, n < 2 ? 2 : n);
}

static int put_weight(int fd, const char *file, const union knob_val *v)
{
	uint64_t n = (v->num + 5) / 10;

	return cgfs_put_u64(fd, file, n < 1 ? 1 : n > 10000 ? 10000 : n);
}

static uint64_t quota_us(uint64_t permille)
{
	uint64_t q = permille * (PERIOD_US / 1000);

	return q < QUOTA_MIN_US ? QUOTA_MIN_US : q;
}

static bool above_has_less(int fd, const char *file, uint64_t quota)
{
	char up[64] = "";

	for (unsigned i = 0; i < CG_SLICE_DEPTH; i++) {
		_fd_ int parent = -1;
		uint64_t have;

		memcpy(up + 3 * i, "../", 4);
		if (cgfs_open(fd, up, &parent) < 0)
			return false;
		if (cgfs_get_u64(parent, file, &have) == 0 && have < quota)
			return true;
	}
	return false;
}

static int put_quota1(int fd, const char *file, const union knob_val *v)
{
	int r;

	if (v->num == 0)
		return cgfs_put(fd, file, "-1");
	r = cgfs_put_u64(fd, "cpu.cfs_period_us", PERIOD_US);
	if (r == 0)
		r = cgfs_put_u64(fd, file, quota_us(v->num));
	/* More than a group above has is refused there, and means what no limit means: as much as that. */
	return r == -EINVAL && above_has_less(fd, file, quota_us(v->num)) ? cgfs_put(fd, file, "-1") : r;
}

static int put_quota2(int fd, const char *file, const union knob_val *v)
{
	char text[48], inner[64];
	int r;

	if (v->num == 0)
		snprintf(text, sizeof(text), "max");
	else
		snprintf(text, sizeof(text), "%llu %d", (unsigned long long)quota_us(v->num), PERIOD_US);
	r = cgfs_put(fd, file, text);
	if (r < 0)
		return r;
	/* Said again where the VPS's processes are: its root sees it there, as do lxcfs and whatever counts processors
	 * by it, none of which look further up. A pool has no such group. */
	snprintf(inner, sizeof(inner), "%s/%s", cg_leaf_names[0], file);
	r = cgfs_put(fd, inner, text);
	return r == -ENOENT ? 0 : r;
}

/*
 * A set that our parent does not have whole is refused: the first generation says EACCES, the second one
 * takes it and then gives what there is, or everything. "" is all of the parent's: the second generation's
 * own way to say so, but not the first one's, and Linux 6.1 refuses it with ENOSPC while processes are in
 * the group; then all are named.
 */
static int put_set(int fd, const char *file, const char *have_file, bool empty_is_all,
		   const union knob_val *v)
{
	_fd_ int parent = -1;
	struct knumlist want = { 0 }, have = { 0 };
	char text[4096];
	int r = cgfs_open(fd, "..", &parent);

	if (r == 0)
		r = cgfs_get(parent, have_file, text, sizeof(text));
	if (!*v->text) {
		int q = empty_is_all ? cgfs_put(fd, file, "") : -ENOSPC;

		return q != -ENOSPC ? q : r < 0 ? r : cgfs_put(fd, file, text);
	}
	if (r == 0 && *text && (knumlist_parse(text, &have) < 0 ||
				knumlist_parse(v->text, &want) < 0 || !knumlist_within(&want, &have)))
		return -ERANGE;
	return cgfs_put(fd, file, v->text);
}

static int put_cpus1(int fd, const char *file, const union knob_val *v)
{
	return put_set(fd, file, file, false, v);
}

static int put_mems1(int fd, const char *file, const union knob_val *v)
{
	/* Pages that are there move, too, as they always do in the second generation. */
	(void)cgfs_put(fd, "cpuset.memory_migrate", "1");
	return put_set(fd, file, file, false, v);
}

static int put_cpus2(int fd, const char *file, const union knob_val *v)
{
	return put_set(fd, file, "cpuset.cpus.effective", true, v);
}

static int put_mems2(int fd, const char *file, const union knob_val *v)
{
	return put_set(fd, file, "cpuset.mems.effective", true, v);
}

/* There is one file per scheduler; the one in use is chosen per disk, so set what is there. */
static int put_io(int fd, const char *const files[2], uint64_t n)
{
	int done = 0;

	for (size_t i = 0; i < 2; i++) {
		int r = cgfs_put_u64(fd, files[i], n);

		if (r < 0 && r != -ENOENT)
			return r;
		done += r == 0;
	}
	return done > 0 ? 0 : -ENOENT;
}

static uint64_t of_prio(uint64_t prio)
{
	return IO_WEIGHT_STEP * ((prio > IO_PRIO_MAX ? IO_PRIO_MAX : prio) + 1);
}

static int put_io1(int fd, const char *file, const union knob_val *v)
{
	return put_io(fd, (const char *const[2]){ file, "blkio.weight" }, of_prio(v->num));
}

static int put_io2(int fd, const char *file, const union knob_val *v)
{
	return put_io(fd, (const char *const[2]){ file, "io.weight" }, of_prio(v->num));
}

static int put_share1(int fd, const char *file, const union knob_val *v)
{
	return put_io(fd, (const char *const[2]){ file, "blkio.weight" }, v->num);
}

static int put_share2(int fd, const char *file, const union knob_val *v)
{
	return put_io(fd, (const char *const[2]){ file, "io.weight" }, v->num);
}

struct knob_row {
	enum vz_code code;
	const char *what; /* for messages */
	enum ctl ctl;
	struct {
		const char *file; /* NULL: that generation has nothing like it */
		int (*put)(int fd, const char *file, const union knob_val *v);
	} col[2];
};

static const struct knob_row knobs[NKNOBS] = {
	[KNOB_MEM] = { VZ_E_UBC, "memory limit", CTL_MEMORY,
		       { { "memory.limit_in_bytes", put_mem1 }, { "memory.max", put_mem2 } } },
	[KNOB_MEM_LOW] = { VZ_E_UBC, "memory guarantee", CTL_MEMORY,
			   { { NULL, NULL }, { "memory.low", put_limit } } },
	[KNOB_PIDS_MAX] = { VZ_E_UBC, "limit of tasks", CTL_PIDS,
			    { { "pids.max", put_pids }, { "pids.max", put_pids } } },
	[KNOB_CPU_WEIGHT] = { VZ_E_CPU, "CPU weight", CTL_CPU,
			      { { "cpu.shares", put_shares }, { "cpu.weight", put_weight } } },
	[KNOB_CPU_MAX] = { VZ_E_CPU, "CPU limit", CTL_CPU,
			   { { "cpu.cfs_quota_us", put_quota1 }, { "cpu.max", put_quota2 } } },
	[KNOB_CPUSET_CPUS] = { VZ_E_CPU, "set of CPUs", CTL_CPUSET,
			       { { "cpuset.cpus", put_cpus1 }, { "cpuset.cpus", put_cpus2 } } },
	[KNOB_CPUSET_MEMS] = { VZ_E_CPU, "set of memory nodes", CTL_CPUSET,
			       { { "cpuset.mems", put_mems1 }, { "cpuset.mems", put_mems2 } } },
	[KNOB_IO_WEIGHT] = { VZ_E_IO, "I/O priority", CTL_IO,
			     { { "blkio.bfq.weight", put_io1 }, { "io.bfq.weight", put_io2 } } },
	[KNOB_IO_SHARE] = { VZ_E_IO, "I/O weight", CTL_IO,
			    { { "blkio.bfq.weight", put_share1 }, { "io.bfq.weight", put_share2 } } },
	[KNOB_IO_MAX] = { VZ_E_IO, "I/O limit", CTL_IO,
			  { { "blkio.throttle.read_bps_device", cg_put_throttle },
			    { "io.max", cg_put_io_max } } },
};

static int say(const struct knob_row *k, int gen, const char *path, int r, struct vz_err *e)
{
	const char *file = gen ? k->col[gen - 1].file : NULL;

	if (r == -EOPNOTSUPP && !gen)
		return err_set(e, k->code, r,
			       "cannot set the %s of '%s': no controller '%s' on this host",
			       k->what, path, cg_ctl_name(k->ctl, 1));
	if (r == -EOPNOTSUPP && k->ctl == CTL_MEMORY && file)
		return err_set(e, k->code, r,
			       "cannot set the swap limit of '%s': swap accounting is off on this "
			       "host", path);
	if (r == -ERANGE && k->ctl == CTL_CPUSET)
		return err_set(e, k->code, r,
			       "cannot set the %s of '%s': the node does not have all of them", k->what,
			       path);
	if (r == -EBUSY && k->ctl == CTL_MEMORY)
		return err_set(e, k->code, r, "cannot set the %s of '%s': more than that is in use and "
			       "cannot be freed", k->what, path);
	if (r == -EOPNOTSUPP || (r == -ENOENT && file))
		return err_set(e, k->code, -EOPNOTSUPP,
			       "cannot set the %s of '%s': this host has no %s", k->what, path,
			       file ? file : "such thing");
	return err_sys(e, k->code, r, "cannot set the %s of '%s'", k->what, path);
}

int cg_set(struct cg *cg, enum knob k, const union knob_val *v, struct vz_err *e)
{
	const struct knob_row *row = &knobs[k];
	int fd, gen = 0, r = cg_ctl_fd(cg, row->ctl, &fd, &gen);

	if (r == -ENOENT)
		return err_set(e, row->code, r, "cannot set the %s of '%s': no such control group",
			       row->what, cg->path);
	if (r == 0)
		r = row->col[gen - 1].file ?
			    row->col[gen - 1].put(fd, row->col[gen - 1].file, v) :
			    -EOPNOTSUPP;
	return r < 0 ? say(row, gen, cg->path, r, e) : 0;
}
