/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cgroup: both columns over a made-up host. What limits are written as: test_cg_knobs.c, too. */
#include "cg_fake.h"

TEST("without a cache the answer is ENOENT, a bad one is refused with its name")
{
	_fake_ struct fake f = { 0 };

	fake_begin(&f);
	EQ(open_host(&f), -ENOENT);
	EQ(f.e.code, VZ_E_KERNEL);
	for (int i = 0; i < 4; i++) {
		static const char *const bad[] = {
			"{", "{\"version\":2,\"hierarchies\":[]}", "{\"version\":1}",
			"{\"version\":1,\"hierarchies\":[{\"mount\":\"/x\",\"generation\":3,"
			"\"controllers\":[],\"name\":\"\"}]}" };

		f.e = (struct vz_err){ 0 };
		put(&f, "cgroups.json", bad[i]);
		EQ(open_host(&f), -EINVAL);
		HAS(f.e.text, "cgroups.json");
	}
}

TEST("names that would lead elsewhere are refused")
{
	static const char *const names[] = { "", ".", "..", "a/b", ".x" };
	static const char *const slices[] = { "", "/vz", "a/../b", "." };
	_fake_ struct fake f = { 0 };
	struct cg_host *h;
	struct cg *cg;
	char cache[96];

	NEED(fake_host(&f, second));
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		EQ(cg_open(f.host, names[i], &cg, &f.e), -EINVAL);
	snprintf(cache, sizeof(cache), "%s/cgroups.json", f.dir);
	for (size_t i = 0; i < ARRAY_LEN(slices); i++)
		EQ(cg_host_open(f.fd, cache, slices[i], &h, &f.e), -EINVAL);
}

TEST("first generation: each knob in its own words")
{
	_fake_ struct fake f = { 0 };

	NEED(fake_host(&f, first));
	EQ(set_num(&f, KNOB_PIDS_MAX, 200), 0);
	STR_EQ(take(&f, "cg/pids/vz/101/pids.max"), "200");
	EQ(set_num(&f, KNOB_PIDS_MAX, UINT64_MAX), 0);
	STR_EQ(take(&f, "cg/pids/vz/101/pids.max"), "max");
	EQ(set_num(&f, KNOB_CPU_WEIGHT, 1000), 0);
	STR_EQ(take(&f, "cg/cpu,cpuacct/vz/101/cpu.shares"), "1024");
	EQ(set_num(&f, KNOB_CPU_WEIGHT, 8), 0);
	STR_EQ(take(&f, "cg/cpu,cpuacct/vz/101/cpu.shares"), "8");
	EQ(set_num(&f, KNOB_CPU_MAX, 1500), 0);
	STR_EQ(take(&f, "cg/cpu,cpuacct/vz/101/cpu.cfs_quota_us"), "150000");
	STR_EQ(take(&f, "cg/cpu,cpuacct/vz/101/cpu.cfs_period_us"), "100000");
	EQ(set_num(&f, KNOB_CPU_MAX, 1), 0);
	STR_EQ(take(&f, "cg/cpu,cpuacct/vz/101/cpu.cfs_quota_us"), "1000");
	EQ(set_num(&f, KNOB_CPU_MAX, 0), 0);
	STR_EQ(take(&f, "cg/cpu,cpuacct/vz/101/cpu.cfs_quota_us"), "-1");
	EQ(set_num(&f, KNOB_IO_WEIGHT, 4), 0);
	STR_EQ(take(&f, "cg/blkio/vz/101/blkio.bfq.weight"), "100");
	EQ(set_text(&f, KNOB_CPUSET_CPUS, "0-2,7"), 0);
	STR_EQ(take(&f, "cg/cpuset/vz/101/cpuset.cpus"), "0-2,7");
	put(&f, "cg/cpuset/vz/cpuset.mems", "0-1\n");
	EQ(set_text(&f, KNOB_CPUSET_MEMS, ""), 0);
	STR_EQ(take(&f, "cg/cpuset/vz/101/cpuset.mems"), "0-1");
	EQ(set_num(&f, KNOB_MEM_LOW, 4096), -EOPNOTSUPP);
	EQ(f.e.code, VZ_E_UBC);
}

TEST("second generation: each knob in its own words")
{
	_fake_ struct fake f = { 0 };

	NEED(fake_host(&f, second));
	EQ(set_mem(&f, 1 << 20, 0), 0);
	STR_EQ(take(&f, "cg/vz/101/memory.max"), "1048576");
	STR_EQ(take(&f, "cg/vz/101/memory.high"), "1032192"); /* a 64th less */
	STR_EQ(take(&f, "cg/vz/101/memory.swap.max"), "0");
	EQ(set_mem(&f, UINT64_MAX, UINT64_MAX), 0);
	STR_EQ(take(&f, "cg/vz/101/memory.max"), "max");
	STR_EQ(take(&f, "cg/vz/101/memory.high"), "max");
	EQ(set_mem(&f, 1ull << 36, 0), 0);
	STR_EQ(take(&f, "cg/vz/101/memory.high"), "68685922304"); /* never more than 32 MiB less */
	OK(unlinkat(f.fd, "cg/vz/101/memory.high", 0) == 0);
	EQ(set_mem(&f, 4096, 0), 0); /* a kernel that has none */
	EQ(set_num(&f, KNOB_MEM_LOW, 4096), 0);
	STR_EQ(take(&f, "cg/vz/101/memory.low"), "4096");
	EQ(set_num(&f, KNOB_PIDS_MAX, 1ull << 40), 0);
	STR_EQ(take(&f, "cg/vz/101/pids.max"), "max");
	EQ(set_num(&f, KNOB_CPU_WEIGHT, 1000), 0);
	STR_EQ(take(&f, "cg/vz/101/cpu.weight"), "100");
	EQ(set_num(&f, KNOB_CPU_WEIGHT, 8), 0);
	STR_EQ(take(&f, "cg/vz/101/cpu.weight"), "1");
	EQ(set_num(&f, KNOB_CPU_WEIGHT, 500000), 0);
	STR_EQ(take(&f, "cg/vz/101/cpu.weight"), "10000");
	EQ(set_num(&f, KNOB_CPU_MAX, 250), 0);
	STR_EQ(take(&f, "cg/vz/101/cpu.max"), "25000 100000");
	STR_EQ(take(&f, "cg/vz/101/ve/cpu.max"), "25000 100000"); /* where its processes are */
	EQ(set_num(&f, KNOB_CPU_MAX, 0), 0);
	STR_EQ(take(&f, "cg/vz/101/cpu.max"), "max");
	EQ(set_text(&f, KNOB_CPUSET_CPUS, ""), 0);
	STR_EQ(take(&f, "cg/vz/101/cpuset.cpus"), "\n");
	EQ(set_num(&f, KNOB_IO_WEIGHT, 7), 0);
	STR_EQ(take(&f, "cg/vz/101/io.weight"), "160");
	STR_EQ(take(&f, "cg/vz/101/io.bfq.weight"), "160");
	OK(unlinkat(f.fd, "cg/vz/101/io.bfq.weight", 0) == 0);
	EQ(set_num(&f, KNOB_IO_WEIGHT, 0), 0);
	STR_EQ(take(&f, "cg/vz/101/io.weight"), "20");
}

/* A folder in the place of a file makes the write to it fail, and so shows what came before it. */
static void block(struct fake *f, const char *path)
{
	OK(unlinkat(f->fd, path, 0) == 0 && mkdirat(f->fd, path, 0755) == 0);
}

TEST("first generation: growing sets the sum first, shrinking the memory first")
{
	static const char max[] = "cg/memory/vz/101/memory.limit_in_bytes";
	static const char sum[] = "cg/memory/vz/101/memory.memsw.limit_in_bytes";
	_fake_ struct fake f = { 0 };

	NEED(fake_host(&f, first));
	put(&f, sum, "1000000\n");
	EQ(set_mem(&f, 600000, 100000), 0);
	STR_EQ(take(&f, max), "600000");
	STR_EQ(take(&f, sum), "7000000\n"); /* 700000 over the first bytes of the old text */
	put(&f, sum, "9223372036854771712\n");
	EQ(set_mem(&f, UINT64_MAX, 4096), 0);
	HAS(take(&f, sum), "-1");
	STR_EQ(take(&f, max), "-1");

	put(&f, sum, "1000000\n");
	block(&f, max);
	EQ(set_mem(&f, 800000, 800000), -EISDIR);
	HAS(take(&f, sum), "1600000");
	put(&f, sum, "1000000\n");
	EQ(set_mem(&f, 8000, 8000), -EISDIR);
	STR_EQ(take(&f, sum), "1000000\n");
}

TEST("without swap accounting only a swap limit is a failure")
{
	_fake_ struct fake f = { 0 }, g = { 0 };

	NEED(fake_host(&f, first) && fake_host(&g, second));
	OK(unlinkat(f.fd, "cg/memory/vz/101/memory.memsw.limit_in_bytes", 0) == 0);
	OK(unlinkat(g.fd, "cg/vz/101/memory.swap.max", 0) == 0);
	EQ(set_mem(&f, 4096, UINT64_MAX), 0);
	EQ(set_mem(&g, 4096, UINT64_MAX), 0);
	STR_EQ(take(&f, "cg/memory/vz/101/memory.limit_in_bytes"), "4096");
	EQ(set_mem(&f, 8192, 4096), -EOPNOTSUPP);
	EQ(set_mem(&g, 8192, 4096), -EOPNOTSUPP);
	STR_EQ(take(&f, "cg/memory/vz/101/memory.limit_in_bytes"), "8192");
	HAS(f.e.text, "swap accounting");
	HAS(g.e.text, "swap accounting");
}

TEST("hybrid: each controller is found where it is")
{
	_fake_ struct fake f = { 0 };
	int fds[4];
	size_t n;

	NEED(fake_host(&f, hybrid));
	put(&f, "cg/memory/vz/101/memory.memsw.limit_in_bytes", "0");
	EQ(set_mem(&f, 1024, 0), 0);
	STR_EQ(take(&f, "cg/memory/vz/101/memory.limit_in_bytes"), "1024");
	EQ(set_num(&f, KNOB_PIDS_MAX, 7), 0);
	STR_EQ(take(&f, "cg/unified/vz/101/pids.max"), "7");
	OK(cg_clone_fd(f.cg, false) >= 0);
	OK(cg_clone_fd(f.cg, true) >= 0);
	OK(cg_clone_fd(f.cg, true) != cg_clone_fd(f.cg, false));
	EQ(cg_self_fds(f.cg, fds, 4, &n), 0);
	EQ(n, 1);
	EQ(write(fds[0], "0", 1), 1);
	close(fds[0]);
	STR_EQ(take(&f, "cg/memory/vz/101/tasks"), "0");
	EQ(cg_self_fds(f.cg, fds, 0, &n), -ENOSPC);
}

TEST("a controller that the host lacks is named, with the code of its kind")
{
	_fake_ struct fake f = { 0 };

	NEED(fake_host(&f, hybrid));
	EQ(set_num(&f, KNOB_CPU_MAX, 500), -EOPNOTSUPP);
	EQ(f.e.code, VZ_E_CPU);
	HAS(f.e.text, "'cpu'");
	f.e = (struct vz_err){ 0 };
	EQ(set_num(&f, KNOB_IO_WEIGHT, 4), -EOPNOTSUPP);
	EQ(f.e.code, VZ_E_IO);
	f.e = (struct vz_err){ 0 };
	OK(unlinkat(f.fd, "cg/unified/vz/101/pids.max", 0) == 0);
	EQ(set_num(&f, KNOB_PIDS_MAX, 4), -EOPNOTSUPP);
	HAS(f.e.text, "pids.max");
}

TEST("a host of the first generation alone has no place for CLONE_INTO_CGROUP")
{
	_fake_ struct fake f = { 0 };
	int fds[16];
	size_t n;

	NEED(fake_host(&f, first));
	EQ(cg_clone_fd(f.cg, false), -EOPNOTSUPP);
	EQ(cg_self_fds(f.cg, fds, 16, &n), 0);
	EQ(n, 8);
	while (n > 0)
		close(fds[--n]);
}

TEST("making enables what is missing at each level, and fills the first generation's cpuset")
{
	_fake_ struct fake f = { 0 }, g = { 0 };
	struct stat st;

	NEED(fake_host(&f, second) && fake_host(&g, first));
	put(&f, "cg/cgroup.subtree_control", "cpu cpuset io memory pids\n");
	put(&f, "cg/vz/cgroup.subtree_control", "cpu cpuset io memory hugetlb\n");
	put(&f, "cg/vz/101/cgroup.subtree_control", "cpu cpuset io pids\n");
	EQ(cg_make(f.cg, getuid(), getgid(), &f.e), 0);
	STR_EQ(take(&f, "cg/cgroup.subtree_control"), "cpu cpuset io memory pids\n");
	HAS(take(&f, "cg/vz/cgroup.subtree_control"), "+pids");
	HAS(take(&f, "cg/vz/101/cgroup.subtree_control"), "+memory");
	STR_EQ(take(&f, "cg/vz/101/cgroup.max.depth"), "64");
	OK(fstat(cg_clone_fd(f.cg, false), &st) == 0 && st.st_uid == getuid());

	put(&g, "cg/cpuset/cpuset.cpus", "0-3\n");
	put(&g, "cg/cpuset/cpuset.mems", "0\n");
	put(&g, "cg/cpuset/vz/cpuset.cpus", "1-2\n");
	EQ(cg_make(g.cg, getuid(), getgid(), &g.e), 0);
	STR_EQ(take(&g, "cg/cpuset/vz/cpuset.cpus"), "1-2\n");
	STR_EQ(take(&g, "cg/cpuset/vz/cpuset.mems"), "0");
	STR_EQ(take(&g, "cg/cpuset/vz/101/cpuset.cpus"), "1-2");
}

TEST("the delegated group belongs to the VPS, the one with the limits does not")
{
	_fake_ struct fake f = { 0 };
	struct stat st;

	if (geteuid() != 0)
		SKIP("not root");
	NEED(fake_host(&f, second));
	EQ(cg_make(f.cg, 70000, 70001, &f.e), 0);
	OK(fstatat(f.fd, "cg/vz/101/ve", &st, 0) == 0 && st.st_uid == 70000 && st.st_gid == 70001);
	OK(fstatat(f.fd, "cg/vz/101/ve/cgroup.procs", &st, 0) == 0 && st.st_uid == 70000);
	OK(fstatat(f.fd, "cg/vz/101/ve/memory.max", &st, 0) == 0 && st.st_uid == 0);
	OK(fstatat(f.fd, "cg/vz/101/exec", &st, 0) == 0 && st.st_uid == 0);
	OK(fstatat(f.fd, "cg/vz/101", &st, 0) == 0 && st.st_uid == 0);
}

TEST("figures come from either generation, and what is not there is UINT64_MAX")
{
	_fake_ struct fake f = { 0 }, g = { 0 };
	struct cg_stat s;
	uint64_t n;

	NEED(fake_host(&f, first) && fake_host(&g, second));
	put(&f, "cg/memory/vz/101/memory.usage_in_bytes", "5000\n");
	put(&f, "cg/memory/vz/101/memory.limit_in_bytes", "9223372036854771712\n");
	put(&f, "cg/memory/vz/101/memory.failcnt", "3\n");
	put(&f, "cg/memory/vz/101/memory.stat", "shmem 1\ntotal_swap 77\ntotal_shmem 9\n");
	put(&f, "cg/cpu,cpuacct/vz/101/cpuacct.usage", "12345678\n");
	put(&f, "cg/pids/vz/101/pids.current", "5\n");
	put(&f, "cg/pids/vz/101/pids.events", "max 2\n");
	EQ(cg_stat(f.cg, &s), 0);
	EQ(s.mem, 5000);
	OK(s.mem_max == UINT64_MAX);
	EQ(s.mem_fail, 3);
	EQ(s.swap, 77);
	EQ(s.shmem, 9);
	EQ(s.cpu_usec, 12345);
	EQ(s.pids, 5);
	EQ(s.pids_fail, 2);
	OK(s.pids_peak == UINT64_MAX && s.sock == UINT64_MAX && s.locked == UINT64_MAX);

	put(&g, "cg/vz/101/memory.current", "6000\n");
	put(&g, "cg/vz/101/memory.max", "8192\n");
	put(&g, "cg/vz/101/memory.events", "low 0\nhigh 0\nmax 4\noom 1\n");
	put(&g, "cg/vz/101/memory.stat", "anon 1\nkernel 50\nsock 6\nunevictable 7\n");
	put(&g, "cg/vz/101/cpu.stat", "usage_usec 99\nuser_usec 1\n");
	put(&g, "cg/vz/101/pids.current", "8\n");
	EQ(cg_stat(g.cg, &s), 0);
	EQ(s.mem, 6000);
	EQ(s.mem_max, 8192);
	EQ(s.mem_fail, 4);
	EQ(s.kmem, 50);
	EQ(s.sock, 6);
	EQ(s.locked, 7);
	EQ(s.cpu_usec, 99);
	EQ(cg_pids(g.cg, &n), 0);
	EQ(n, 8);
}

TEST("device rules: a new group is closed first, a live one never loses what stays")
{
	static const struct dev_rule rules[] = {
		{ 'c', 1, 3, 7 }, { 'c', 136, -1, 2 }, { 'c', 136, -1, 4 } };
	_fake_ struct fake f = { 0 };

	NEED(fake_host(&f, first));
	put(&f, "cg/devices/vz/101/devices.list", "a *:* rwm\n");
	EQ(cg_allow_dev(f.cg, rules, 2, &f.e), 0);
	STR_EQ(take(&f, "cg/devices/vz/101/devices.deny"), "a");
	put(&f, "cg/devices/vz/101/devices.list", "c 1:3 rwm\nc 136:* rwm\nb 8:1 r\n");
	EQ(cg_allow_dev(f.cg, rules, 3, &f.e), 0);
	HAS(take(&f, "cg/devices/vz/101/devices.allow"), "c 136:* rw");
	/* both refusals lie over one another, as files do: the last one is whole */
	HAS(take(&f, "cg/devices/vz/101/devices.deny"), "b 8:1 r");
	EQ(cg_allow_dev(f.cg, (struct dev_rule[]){ { 'a', -1, -1, 7 } }, 1, &f.e), 0);
	STR_EQ(take(&f, "cg/devices/vz/101/devices.allow"), "a");
	EQ(cg_allow_dev(f.cg, (struct dev_rule[]){ { 'x', 1, 1, 7 } }, 1, &f.e), -EINVAL);
	EQ(f.e.code, VZ_E_DEVICES);
}

TEST("a changed list of controllers makes the cache stale")
{
	_fake_ struct fake f = { 0 };

	NEED(fake_host(&f, second));
	put(&f, "cg/cgroup.controllers", "cpuset cpu io memory hugetlb pids\n");
	OK(cg_host_is_current(f.host));
	put(&f, "cg/cgroup.controllers", "cpuset cpu io hugetlb pids\n");
	OK(!cg_host_is_current(f.host));
}

TEST("what was never made is not there, and dropping it is fine")
{
	_fake_ struct fake f = { 0 };
	struct cg *cg = NULL;

	NEED(fake_host(&f, first));
	OK(cg_exists(f.cg));
	EQ(cg_open(f.host, "102", &cg, &f.e), 0);
	OK(!cg_exists(cg));
	EQ(cg_drop(cg, &f.e), 0);
	EQ(cg_kill(cg, &f.e), 0);
	EQ(cg_set(cg, KNOB_PIDS_MAX, &(union knob_val){ .num = 1 }, &f.e), -ENOENT);
	HAS(f.e.text, "vz/102");
	cg_free(cg);
}

TEST("whose a process is, its line of the telling hierarchy says, and no other")
{
	static const struct {
		bool unified; /* of a host with the second generation */
		const char *text, *want; /* NULL: nobody's */
	} rows[] = {
		{ true, "0::/vz/101/ve/system.slice\n", "101" },
		{ true, "0::/vz/101\n", "101" },
		{ true, "0::/vz/101 (deleted)\n", "101" },
		{ true, "0::/vz\n", NULL },
		{ true, "0::/vz/\n", NULL },
		{ true, "0::/vzt/101/ve\n", NULL },
		{ true, "0::/other/vz/101/ve\n", NULL },
		{ true, "5:pids:/vz/102\n0::/vz/101/ve\n", "101" },
		{ true, "1:name=0::/vz/102/ve\n0::/user\n", NULL },
		{ true, "0::/vz/101/ve/vz/102/ve\n", "101" },
		{ true, "", NULL },
		{ true, "0:", NULL },
		{ false, "7:cpu,cpuacct:/vz/101\n", "101" },
		{ false, "3:name=cpu:/vz/102\n7:cpu,cpuacct:/vz/101\n", "101" },
		{ false, "1:name=systemd:/vz/101\n", NULL },
	};
	_fake_ struct fake f = { 0 }, g = { 0 };
	char name[8];

	NEED(fake_host(&f, first) && fake_host(&g, second));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool is = cg_member((rows[i].unified ? &g : &f)->host, rows[i].text, name, sizeof(name));

		if (is != (rows[i].want != NULL) || (is && !str_eq(name, rows[i].want)))
			TAP_BAD("row %zu: '%s' is %s", i, rows[i].text, is ? name : "nobody's");
	}
	OK(!cg_member(g.host, "0::/vz/12345678/ve", name, sizeof(name))); /* does not fit */
}

TEST("the processes of a group are those of all groups below, each once")
{
	_fake_ struct fake f = { 0 }, g = { 0 };
	pid_t *v = NULL;
	size_t n = 0;

	NEED(fake_host(&f, first) && fake_host(&g, second));
	put(&g, "cg/vz/101/ve/cgroup.procs", "30\n7\n0\n");
	put(&g, "cg/vz/101/exec/cgroup.procs", "30\n2147483647\n");
	EQ(cg_procs(g.cg, &v, &n), 0);
	OK(n == 3 && v[0] == 7 && v[1] == 30 && v[2] == 2147483647);
	free(v);
	v = NULL;
	put(&f, "cg/pids/vz/101/cgroup.procs", "5\n");
	OK(cg_procs(f.cg, &v, &n) == 0 && n == 1 && v[0] == 5);
	free(v);
}

TEST("what flows: I/O over all devices, and pressure where there is one")
{
	_fake_ struct fake f = { 0 }, g = { 0 };
	struct cg_flow w;
	struct cg_stat s;

	NEED(fake_host(&f, first) && fake_host(&g, second));
	put(&g, "cg/vz/101/io.stat", "8:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0\n"
				     "8:16 rbytes=5 wbytes=0 rios=1 wios=0\n");
	put(&g, "cg/vz/101/cpu.stat", "usage_usec 77\n");
	put(&g, "cg/vz/101/memory.pressure", "some avg10=12.34 avg60=0.00 avg300=0.00 total=5\nfull avg10=1.00\n");
	put(&g, "cg/vz/101/cpu.pressure", "full avg10=9.00\n");
	EQ(cg_flow(g.cg, &w), 0);
	OK(w.io_read == 15 && w.io_write == 20 && w.io_reads == 2 && w.io_writes == 2);
	OK(w.cpu_usec == 77 && w.psi_mem == 1234);
	OK(w.psi_cpu == UINT64_MAX && w.psi_io == UINT64_MAX);
	put(&f, "cg/blkio/vz/101/blkio.throttle.io_service_bytes_recursive",
	    "8:0 Read 7\n8:0 Write 8\n8:0 Total 15\n8:16 Read 1\nTotal 16\n");
	EQ(cg_flow(f.cg, &w), 0);
	OK(w.io_read == 8 && w.io_write == 8 && w.psi_mem == UINT64_MAX);
	put(&g, "cg/vz/101/memory.events", "max 4\noom 1\noom_kill 2\n");
	put(&g, "cg/vz/101/memory.stat", "anon 9\nslab 5\nkernel_stack 2\nslab_reclaimable 3\n");
	EQ(cg_stat(g.cg, &s), 0);
	OK(s.mem_oom == 1 && s.oom_kill == 2 && s.kmem == 7 && s.anon == 9 && s.dcache == 3);
}

TEST("a VPS in a pool has its group there, and is known by its own name all the same")
{
	static const char in[] = "0::/vz/pool.gold/pool.web/101/ve/x\n", foreign[] = "0::/vz/pool.gold\n";
	_fake_ struct fake f = { 0 };
	struct cg *cg = NULL, *pool = NULL;
	char name[32];

	NEED(fake_host(&f, second));
	NEED(EQ(cg_open_in(f.host, "gold/web", "101", &cg, &f.e), 0));
	STR_EQ(cg->path, "vz/pool.gold/pool.web/101");
	OK(cg_is_in(cg, "gold/web"));
	OK(!cg_is_in(cg, "gold") && !cg_is_in(cg, "") && !cg_is_in(cg, "goldweb") && !cg_is_in(cg, "gold/web2"));
	cg_free(cg);
	NEED(EQ(cg_open_in(f.host, "", "101", &cg, &f.e), 0));
	STR_EQ(cg->path, "vz/101");
	OK(cg_is_in(cg, "") && !cg_is_in(cg, "gold"));
	cg_free(cg);
	NEED(EQ(cg_open_pool(f.host, "gold/web", &pool, &f.e), 0));
	STR_EQ(pool->path, "vz/pool.gold/pool.web");
	cg_free(pool);
	OK(cg_member(f.host, in, name, sizeof(name)));
	STR_EQ(name, "101");
	OK(cg_member(f.host, foreign, name, sizeof(name)));
	STR_EQ(name, "pool.gold"); /* no number: no VPS's */
}

TEST("a process of ours is taken out of a service's group, and left where nobody ends it")
{
	static const struct {
		bool unified;
		const char *text, *want;
	} rows[] = {
		{ true, "0::/system.slice/panel.service\n", "77" },
		{ true, "0::/\n", "" },
		{ true, "0::/vz/.node\n", "" },
		{ true, "0::/vzt/.node\n", "77" },
		{ true, "1:name=systemd:/user.slice\n0::/\n", "" },
		{ false, "3:memory:/panel\n1:name=systemd:/\n", "" },
		{ false, "3:memory:/\n1:name=systemd:/user.slice/x\n", "77" },
		{ false, "1:name=systemd2:/user.slice/x\n0::/x\n", "" },
	};
	_fake_ struct fake f = { 0 }, g = { 0 };

	NEED(fake_host(&f, first) && fake_host(&g, second));
	make_folder(&f, "cg/systemd/vz/.node", &first[ARRAY_LEN(first) - 2]);
	make_folder(&g, "cg/vz/.node", second);
	make_folder(&f, "proc/77", NULL);
	make_folder(&g, "proc/77", NULL);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fake *h = rows[i].unified ? &g : &f;

		put(h, "proc/77/cgroup", rows[i].text);
		EQ(cg_node_take(h->host, 77, &h->e), 0);
		STR_EQ(take(h, rows[i].unified ? "cg/vz/.node/cgroup.procs" : "cg/systemd/vz/.node/cgroup.procs"),
		       rows[i].want);
	}
	EQ(cg_node_take(g.host, 78, &g.e), -ENOENT);
	HAS(g.e.text, "proc/78");
}
