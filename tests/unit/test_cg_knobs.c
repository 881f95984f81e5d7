/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limits that are more than one number in one file: I/O by disk, sets of CPUs, memory that is in use. */
#include "cg_fake.h"

#include "kern/numlist.h"

static const struct cg_disk disks[] = { { 8, 0 }, { 254, 16 } };

static int set_io(struct fake *f, size_t ndisks, uint64_t bytes, uint64_t ops)
{
	return cg_set(f->cg, KNOB_IO_MAX,
		      &(union knob_val){ .io = { disks, ndisks, bytes, ops } }, &f->e);
}

TEST("second generation: one line has all four ceilings of a disk")
{
	_fake_ struct fake f = { 0 };

	NEED(fake_host(&f, second));
	EQ(set_io(&f, 1, 1048576, 0), 0);
	STR_EQ(take(&f, "cg/vz/101/io.max"), "8:0 rbps=1048576 wbps=1048576 riops=max wiops=max");
	EQ(set_io(&f, 1, 0, 200), 0);
	STR_EQ(take(&f, "cg/vz/101/io.max"), "8:0 rbps=max wbps=max riops=200 wiops=200");
	EQ(set_io(&f, 1, 0, 0), 0);
	STR_EQ(take(&f, "cg/vz/101/io.max"), "8:0 rbps=max wbps=max riops=max wiops=max");
	EQ(set_io(&f, 1, UINT64_C(1) << 40, UINT64_C(1) << 40), 0);
	HAS(take(&f, "cg/vz/101/io.max"), "riops=4294967294 ");
	OK(!cg_io_is_partial(f.host));
}

TEST("first generation: a file for each of them")
{
	static const char *const files[] = { "read_bps", "write_bps", "read_iops", "write_iops" };
	_fake_ struct fake f = { 0 };

	NEED(fake_host(&f, first));
	EQ(set_io(&f, 1, 4096, 50), 0);
	for (size_t i = 0; i < 4; i++) {
		char path[96];

		snprintf(path, sizeof(path), "cg/blkio/vz/101/blkio.throttle.%s_device", files[i]);
		STR_EQ(take(&f, path), i < 2 ? "8:0 4096" : "8:0 50");
	}
	EQ(set_io(&f, 2, 0, UINT64_MAX - 1), 0);
	STR_EQ(take(&f, "cg/blkio/vz/101/blkio.throttle.read_iops_device"), "254:16 4294967294");
	STR_EQ(take(&f, "cg/blkio/vz/101/blkio.throttle.read_bps_device"), "254:16 0");
	OK(cg_io_is_partial(f.host));
}

TEST("a limit that does not read back is a failure, a missing file no support")
{
	_fake_ struct fake f = { 0 }, g = { 0 }, h = { 0 };

	NEED(fake_host(&f, second) && fake_host(&g, second) && fake_host(&h, hybrid));
	/* A file that forgets, and one that is none. */
	OK(unlinkat(f.fd, "cg/vz/101/io.max", 0) == 0 &&
	   symlinkat("/dev/null", f.fd, "cg/vz/101/io.max") == 0);
	EQ(set_io(&f, 1, 4096, 0), -EIO);
	EQ(f.e.code, VZ_E_IO);
	OK(unlinkat(g.fd, "cg/vz/101/io.max", 0) == 0);
	EQ(set_io(&g, 1, 4096, 0), -EOPNOTSUPP);
	HAS(g.e.text, "io.max");
	EQ(set_io(&h, 1, 4096, 0), -EOPNOTSUPP);
	HAS(h.e.text, "'blkio'");
}

TEST("CPUs and nodes that the parent lacks are refused before anything is written")
{
	_fake_ struct fake f = { 0 }, g = { 0 };

	NEED(fake_host(&f, first) && fake_host(&g, second));
	put(&f, "cg/cpuset/vz/cpuset.cpus", "0-3\n");
	put(&f, "cg/cpuset/vz/cpuset.mems", "0\n");
	put(&g, "cg/vz/cpuset.cpus.effective", "0-3,8\n");
	put(&g, "cg/vz/cpuset.mems.effective", "0\n");
	EQ(set_text(&f, KNOB_CPUSET_CPUS, "2-4"), -ERANGE);
	EQ(f.e.code, VZ_E_CPU);
	STR_EQ(take(&f, "cg/cpuset/vz/101/cpuset.cpus"), "");
	EQ(set_text(&f, KNOB_CPUSET_MEMS, "1"), -ERANGE);
	EQ(set_text(&f, KNOB_CPUSET_CPUS, "1,3"), 0);
	STR_EQ(take(&f, "cg/cpuset/vz/101/cpuset.cpus"), "1,3");
	EQ(set_text(&f, KNOB_CPUSET_CPUS, ""), 0);
	STR_EQ(take(&f, "cg/cpuset/vz/101/cpuset.cpus"), "0-3");
	EQ(set_text(&g, KNOB_CPUSET_CPUS, "9"), -ERANGE);
	STR_EQ(take(&g, "cg/vz/101/cpuset.cpus"), "");
	EQ(set_text(&g, KNOB_CPUSET_CPUS, "0,8"), 0);
	STR_EQ(take(&g, "cg/vz/101/cpuset.cpus"), "0,8");
	EQ(set_text(&g, KNOB_CPUSET_MEMS, "0-1"), -ERANGE);
	EQ(set_text(&g, KNOB_CPUSET_MEMS, ""), 0);
	STR_EQ(take(&g, "cg/vz/101/cpuset.mems"), "\n");
}

TEST("second generation: less memory than cannot be freed is refused, as the first one does itself")
{
	_fake_ struct fake f = { 0 };

	NEED(fake_host(&f, second));
	put(&f, "cg/vz/101/memory.current", "100000000\n");
	put(&f, "cg/vz/101/memory.stat", "anon 50000000\nfile 40000000\nshmem 1000000\n");
	EQ(set_mem(&f, 60000000, 0), 0); /* the page cache gives way */
	STR_EQ(take(&f, "cg/vz/101/memory.max"), "60000000");
	EQ(set_mem(&f, 40000000, 0), -EBUSY);
	EQ(f.e.code, VZ_E_UBC);
	HAS(f.e.text, "in use");
	STR_EQ(take(&f, "cg/vz/101/memory.max"), "");
	EQ(set_mem(&f, UINT64_MAX, 0), 0);
	EQ(set_mem(&f, 200000000, 0), 0);
}

TEST("lists of numbers are read as the kernel writes them")
{
	struct knumlist a = { 0 }, b = { 0 };

	EQ(knumlist_parse("0-3,8\n", &a), 0);
	OK(knumlist_has(&a, 3) && knumlist_has(&a, 8) && !knumlist_has(&a, 4) && !knumlist_has(&a, 99999));
	EQ(knumlist_parse("", &b), 0);
	OK(knumlist_within(&b, &a));
	EQ(knumlist_parse("2,8", &b), 0);
	OK(knumlist_within(&b, &a) && !knumlist_within(&a, &b));
	EQ(knumlist_parse("3-1", &b), -EINVAL);
	EQ(knumlist_parse("a", &b), -EINVAL);
	EQ(knumlist_parse("1;2", &b), -EINVAL);
	EQ(knumlist_parse("8192", &b), -ERANGE);
}
