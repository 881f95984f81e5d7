/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cgroup on the running kernel, under a parent group of this test's own. Needs root. */
#include "../tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vz/codes.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/json.h"
#include "base/path.h"
#include "cgroup/cg_int.h"
#include "kern/bpf.h"
#include "kern/cgfs.h"
#include "kern/sys.h"
#include "node/cg_layout.h"

enum { FDS = 32, SECOND = 1000 };

struct host {
	char cache[64], slice[32];
	struct cg_host *h;
	struct cg *cg;
	struct vz_err e;
};

static void host_done(struct host *t)
{
	if (t->cg)
		(void)cg_drop(t->cg, NULL);
	cg_free(t->cg);
	for (size_t i = 0; t->h && i < t->h->n; i++)
		(void)cgfs_remove(t->h->h[i].fd, t->slice, clock_ms() + SECOND);
	cg_host_free(t->h);
	if (t->cache[0])
		unlink(t->cache);
}
#define _host_ _cleanup_(host_done)

/* 0: ready; else the reason to skip or a failure that was told. */
static const char *host_begin(struct host *t)
{
	_fd_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (geteuid() != 0)
		return "not root";
	snprintf(t->cache, sizeof(t->cache), "/tmp/vz-cgroups.%d.json", getpid());
	snprintf(t->slice, sizeof(t->slice), "vz-test.%d", getpid());
	if (node_cg_layout_save(t->cache, NULL, &t->e) < 0)
		return "no control groups here";
	if (!EQ(cg_host_open(root, t->cache, t->slice, &t->h, &t->e), 0) ||
	    !EQ(cg_open(t->h, "101", &t->cg, &t->e), 0))
		TAP_BAD("%s", t->e.text);
	return t->cg ? NULL : "the host could not be opened";
}

#define HOST(t)                                                                                    \
	_host_ struct host t = { 0 };                                                              \
	const char *why_not = host_begin(&t);                                                      \
	if (why_not)                                                                               \
	SKIP(why_not)

static int made(struct host *t)
{
	return EQ(cg_make(t->cg, 70000, 70000, &t->e), 0) || TAP_BAD("%s", t->e.text);
}

/* A child in the group: put there at birth, then entering the other hierarchies by itself. It runs
 * fn (NULL: sleeps for ever, deaf to friendly signals). */
static pid_t child_in(struct host *t, int (*fn)(void))
{
	struct clone_args a = { .exit_signal = SIGCHLD, .flags = CLONE_INTO_CGROUP };
	int fds[FDS], ready[2], fd = cg_clone_fd(t->cg, false), pid;
	size_t n = 0;
	char c;

	if (!EQ(cg_self_fds(t->cg, fds, FDS, &n), 0) || pipe(ready) < 0)
		return -1;
	if (fd >= 0)
		a.cgroup = fd;
	else
		a.flags = 0;
	pid = ksys_clone3(&a);
	if (pid == 0) {
		signal(SIGTERM, SIG_IGN);
		for (size_t i = 0; i < n; i++) {
			if (write(fds[i], "0", 1) != 1)
				_exit(90);
		}
		if (fn)
			_exit(fn());
		(void)!write(ready[1], "x", 1);
		for (;;)
			pause();
	}
	while (n > 0)
		close(fds[--n]);
	close(ready[1]);
	if (!fn && pid > 0 && read(ready[0], &c, 1) != 1)
		TAP_BAD("the child did not get into the group");
	close(ready[0]);
	return pid;
}

static int status_of(pid_t pid)
{
	int st = -1;

	return pid > 0 && waitpid(pid, &st, 0) == pid && WIFEXITED(st) ? WEXITSTATUS(st) : -1;
}

TEST("the layout of this host is found, is current, and nobody doubts it")
{
	_buf_ struct buf notes = BUF_INIT;

	HOST(t);
	OK(t.h->n > 0);
	OK(cg_host_is_current(t.h));
	EQ(node_cg_layout_save(t.cache, &notes, &t.e), 0);
	STR_EQ(buf_str(&notes), "");
	for (size_t i = 0; i < t.h->n; i++)
		EQ(cgfs_generation(t.h->h[i].fd), t.h->h[i].gen);
}

TEST("a mount table is read as it is: names, escapes, co-mounted and repeated hierarchies")
{
	static const char table[] =
		"25 1 0:20 / / rw - ext4 /dev/vda rw\n"
		"31 25 0:31 / /cg/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
		"32 25 0:31 / /again rw - cgroup cgroup rw,cpu,cpuacct\n"
		"33 25 0:33 / /cg/my\\040own rw - cgroup x rw,xattr,name=own\n"
		"34 25 0:34 /sub /cg/part rw - cgroup cgroup rw,memory\n"
		"35 25 0:35 / /nowhere/unified rw - cgroup2 cgroup2 rw,nsdelegate\n";
	_strv_ struct strv known = { 0 };
	_json_ json_t *root = NULL;
	_buf_ struct buf text = BUF_INIT;

	OK(strv_split(&known, "cpu cpuacct memory", " ") == 0);
	NEED(EQ(node_cg_layout_parse(AT_FDCWD, table, &known, &root), 0));
	EQ(json_array_size(json_object_get(root, "hierarchies")), 2);
	OK(json_print(root, &text) == 0);
	HAS(buf_str(&text), "\"/cg/my own\"");
	HAS(buf_str(&text), "\"own\"");
	HAS(buf_str(&text), "\"cpuacct\"");
}

TEST("a group is made everywhere, twice does no harm, and nothing of it stays")
{
	HOST(t);
	OK(!cg_exists(t.cg));
	NEED(made(&t) && made(&t));
	for (size_t i = 0; i < t.h->n; i++)
		OK(path_exists_at(t.h->h[i].fd, t.cg->path));
	EQ(cg_drop(t.cg, &t.e), 0);
	for (size_t i = 0; i < t.h->n; i++)
		OK(!path_exists_at(t.h->h[i].fd, t.cg->path));
	EQ(cg_drop(t.cg, &t.e), 0);
	OK(!cg_exists(t.cg));
}

static char inside[8192];

TEST("a child is in the group in every hierarchy")
{
	_buf_ struct buf seen = BUF_INIT;
	char path[64];
	pid_t pid;

	HOST(t);
	NEED(made(&t));
	pid = child_in(&t, NULL);
	NEED(OK(pid > 0));
	snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	EQ(io_read_at(AT_FDCWD, path, sizeof(inside), &seen), 0);
	for (char *line = seen.data; line && *line;) {
		char *end = strchrnul(line, '\n');

		if (*end)
			*end++ = 0;
		HAS(line, t.cg->path);
		line = end;
	}
	EQ(cg_drop(t.cg, &t.e), 0);
	OK(waitpid(pid, NULL, 0) == pid);
}

TEST("limits are taken by the kernel, in both directions, and read back")
{
	struct cg_stat s;

	HOST(t);
	NEED(made(&t));
	for (uint64_t mb = 64; mb <= 256; mb = mb == 64 ? 256 : mb == 256 ? 65 : 1024) {
		int r = cg_set(t.cg, KNOB_MEM,
			       &(union knob_val){ .mem = { mb << 20, mb << 19 } }, &t.e);

		if (r == -EOPNOTSUPP)
			SKIP("no memory controller or swap accounting");
		EQ(r, 0);
		EQ(cg_stat(t.cg, &s), 0);
		EQ(s.mem_max, mb << 20);
		EQ(s.swap_max, mb << 19);
	}
	EQ(cg_set(t.cg, KNOB_MEM, &(union knob_val){ .mem = { UINT64_MAX, UINT64_MAX } }, &t.e), 0);
	EQ(cg_stat(t.cg, &s), 0);
	OK(s.mem_max == UINT64_MAX && s.swap_max == UINT64_MAX);
}

TEST("every other knob is accepted, too")
{
	static const struct {
		enum knob k;
		union knob_val v;
	} all[] = {
		{ KNOB_PIDS_MAX, { .num = 100 } },	{ KNOB_PIDS_MAX, { .num = 1ull << 50 } },
		{ KNOB_CPU_WEIGHT, { .num = 8 } },	{ KNOB_CPU_WEIGHT, { .num = 500000 } },
		{ KNOB_CPU_MAX, { .num = 1 } },		{ KNOB_CPU_MAX, { .num = 64000 } },
		{ KNOB_CPU_MAX, { .num = 0 } },		{ KNOB_CPUSET_CPUS, { .text = "0" } },
		{ KNOB_CPUSET_CPUS, { .text = "" } },	{ KNOB_CPUSET_MEMS, { .text = "0" } },
		{ KNOB_CPUSET_MEMS, { .text = "" } },	{ KNOB_IO_WEIGHT, { .num = 0 } },
		{ KNOB_IO_WEIGHT, { .num = 7 } },
	};

	HOST(t);
	NEED(made(&t));
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		int r = cg_set(t.cg, all[i].k, &all[i].v, &t.e);

		if (r != 0 && r != -EOPNOTSUPP)
			TAP_BAD("knob %d: %s", all[i].k, t.e.text);
	}
	EQ(cg_set(t.cg, KNOB_CPUSET_CPUS, &(union knob_val){ .text = "9999" }, &t.e) < 0, 1);
}

TEST("a frozen group is seen as frozen, thaws, and can be dropped while frozen")
{
	pid_t pid;

	HOST(t);
	NEED(made(&t));
	pid = child_in(&t, NULL);
	OK(!cg_is_frozen(t.cg));
	EQ(cg_freeze(t.cg, true, &t.e), 0);
	OK(cg_is_frozen(t.cg));
	EQ(cg_freeze(t.cg, false, &t.e), 0);
	OK(!cg_is_frozen(t.cg));
	EQ(cg_freeze(t.cg, true, &t.e), 0);
	EQ(cg_drop(t.cg, &t.e), 0);
	OK(waitpid(pid, NULL, 0) == pid);
}

TEST("a group frozen by the first generation's freezer can be dropped")
{
	int fd, gen;
	pid_t pid;

	HOST(t);
	NEED(made(&t));
	if (cg_ctl_fd(t.cg, CTL_FREEZER, &fd, &gen) < 0)
		SKIP("no freezer controller");
	pid = child_in(&t, NULL);
	EQ(cgfs_put(fd, "freezer.state", "FROZEN"), 0);
	EQ(cg_drop(t.cg, &t.e), 0);
	OK(waitpid(pid, NULL, 0) == pid);
}

TEST("groups made below, deep and with processes in them, go with it")
{
	char path[2048] = "";
	pid_t pid[5];
	int fd, top;

	HOST(t);
	NEED(made(&t));
	if (cg_clone_fd(t.cg, false) < 0)
		SKIP("no unified tree");
	top = cg_clone_fd(t.cg, false);
	for (int i = 0; i < 40; i++) {
		size_t n = strlen(path);

		snprintf(path + n, sizeof(path) - n, "%ss%d", n ? "/" : "", i);
		OK(mkdirat(top, path, 0755) == 0);
	}
	for (int i = 0; i < 5; i++) {
		char number[16];

		pid[i] = child_in(&t, NULL);
		snprintf(number, sizeof(number), "%d", pid[i]);
		NEED(EQ(cgfs_open(top, path, &fd), 0));
		EQ(cgfs_put(fd, "cgroup.procs", number), 0);
		close(fd);
		*strrchr(path, '/') = 0;
	}
	for (size_t i = 0; i < t.h->n; i++) { /* one that only the host can have made */
		char sub[64];

		snprintf(sub, sizeof(sub), "%s/own", t.cg->path);
		if (t.h->h[i].gen == 1)
			OK(mkdirat(t.h->h[i].fd, sub, 0755) == 0);
	}
	EQ(cg_drop(t.cg, &t.e), 0);
	OK(!cg_exists(t.cg));
	for (int i = 0; i < 5; i++)
		OK(waitpid(pid[i], NULL, 0) == pid[i]);
}

TEST("a VPS cannot build an endless tree")
{
	char path[1024] = "";
	int top, i, r = 0;

	HOST(t);
	NEED(made(&t));
	top = cg_clone_fd(t.cg, false);
	if (top < 0)
		SKIP("no unified tree");
	for (i = 0; i < 100 && r == 0; i++) {
		size_t n = strlen(path);

		snprintf(path + n, sizeof(path) - n, "%sd", n ? "/" : "");
		r = ksys(mkdirat(top, path, 0755));
	}
	EQ(r, -EAGAIN);
	OK(i < 70);
}

TEST("killing without the kernel's help hits everybody, again and again until nobody is left")
{
	pid_t pid[3];
	size_t n = 0;
	int fd = -1;

	HOST(t);
	NEED(made(&t));
	for (int i = 0; i < 3; i++)
		pid[i] = child_in(&t, NULL);
	/* the first generation has no kill file */
	for (size_t i = 0; i < t.h->n && fd < 0; i++) {
		if (t.h->h[i].gen == 1)
			EQ(cg_fd(t.cg, i, &fd), 0);
	}
	if (fd < 0)
		fd = cg_clone_fd(t.cg, false);
	EQ(cgfs_kill(fd, &n), 0);
	for (int i = 0; i < 3; i++)
		OK(waitpid(pid[i], NULL, 0) == pid[i]);
	EQ(cgfs_kill_wait(fd, clock_ms() + SECOND), 0);
}

TEST("the wait for an event ends at its deadline")
{
	uint64_t from = clock_ms();
	pid_t pid;
	int fd;

	HOST(t);
	NEED(made(&t));
	if (t.h->unified < 0)
		SKIP("no unified tree");
	pid = child_in(&t, NULL);
	EQ(cg_fd(t.cg, t.h->unified, &fd), 0);
	EQ(cgfs_wait_key(fd, "cgroup.events", "populated", 0, clock_ms() + 50), -ETIMEDOUT);
	OK(clock_ms() - from < 5 * SECOND);
	EQ(cgfs_wait_key(fd, "cgroup.events", "nonsense", 0, clock_ms() + 50), -ENODATA);
	EQ(cg_kill(t.cg, &t.e), 0);
	OK(waitpid(pid, NULL, 0) == pid);
	EQ(cgfs_wait_key(fd, "cgroup.events", "populated", 0, clock_ms() + SECOND), 0);
}

/* bit 1: null may be opened; 2: zero may; 4: null for reading only */
static int try_devices(void)
{
	int null = open("/dev/null", O_RDWR), zero = open("/dev/zero", O_RDWR);
	int rd = open("/dev/null", O_RDONLY);

	return (null >= 0) | (zero >= 0) << 1 | (rd >= 0) << 2;
}

TEST("devices: only what the rules allow can be opened, and a change takes effect")
{
	HOST(t);
	NEED(made(&t));
	if (cg_allow_dev(t.cg, (struct dev_rule[]){ { 'c', 1, 3, 7 } }, 1, &t.e) < 0)
		SKIP("no device policy on this host");
	EQ(status_of(child_in(&t, try_devices)), 5);
	EQ(cg_allow_dev(t.cg, (struct dev_rule[]){ { 'c', 1, 3, 2 }, { 'c', 1, 5, 7 } }, 2, &t.e),
	   0);
	EQ(status_of(child_in(&t, try_devices)), 6);
	EQ(cg_allow_dev(t.cg, (struct dev_rule[]){ { 'a', -1, -1, 7 } }, 1, &t.e), 0);
	EQ(status_of(child_in(&t, try_devices)), 7);
}

TEST("devices by program: the same, and a new one takes the old one's place")
{
	struct dev_rule one[] = { { 'c', 1, 3, 7 } };
	struct dev_rule two[] = { { 'b', -1, -1, 7 }, { 'c', 1, 3, 2 }, { 'c', 1, -1, 2 },
				  { 'c', -1, 5, 6 } };
	uint32_t n = 0;
	int fd;

	HOST(t);
	NEED(made(&t));
	if (t.h->unified < 0 || cg_fd(t.cg, t.h->unified, &fd) < 0)
		SKIP("no unified tree");
	EQ(cg_devbpf_apply(fd, one, 1), 0);
	EQ(status_of(child_in(&t, try_devices)), 5);
	EQ(cg_devbpf_apply(fd, two, ARRAY_LEN(two)), 0);
	EQ(kbpf_device_count(fd, &n), 0);
	EQ(n, 1);
	EQ(status_of(child_in(&t, try_devices)), 6);
	EQ(cg_devbpf_apply(fd, NULL, 0), 0);
	EQ(status_of(child_in(&t, try_devices)), 0);
}

TEST("devices by program: the kernel's verifier takes the largest one, and what allows everything")
{
	static struct dev_rule many[CG_DEV_RULES_MAX];
	static struct bpf_insn prog[CG_DEVBPF_MAX];
	_fd_ int fd = -1, all = -1;
	int n;

	if (geteuid() != 0)
		SKIP("not root");
	for (int i = 0; i < CG_DEV_RULES_MAX; i++)
		many[i] = (struct dev_rule){ i & 1 ? 'c' : 'b', i, i * 7, 6 };
	n = cg_devbpf_make(many, CG_DEV_RULES_MAX, prog, CG_DEVBPF_MAX);
	OK(n > CG_DEV_RULES_MAX);
	EQ(kbpf_device_load(prog, n, "vz_test", &fd), 0);
	n = cg_devbpf_make((struct dev_rule[]){ { 'a', -1, -1, 7 }, { 'c', 1, 1, 7 } }, 2, prog,
			   CG_DEVBPF_MAX);
	EQ(kbpf_device_load(prog, n, "vz_test", &all), 0);
	EQ(cg_devbpf_make(many, CG_DEV_RULES_MAX, prog, 100), -E2BIG);
}

TEST("rules for one device are added up")
{
	struct dev_rule r[] = { { 'c', 1, 3, 2 }, { 'b', 1, 3, 2 }, { 'c', 1, 3, 4 } };
	size_t n = 3;

	cg_dev_merge(r, &n);
	EQ(n, 2);
	EQ(r[0].access, 6);
	EQ(r[1].access, 2);
}

TEST("a parent group with processes of its own is named as the reason")
{
	char number[16];
	pid_t pid;
	int fd, r;

	HOST(t);
	if (t.h->unified < 0 || !(t.h->h[t.h->unified].ctls & 1u << CTL_MEMORY))
		SKIP("the unified tree has no controllers here");
	NEED(made(&t));
	pid = child_in(&t, NULL);
	snprintf(number, sizeof(number), "%d", pid);
	NEED(EQ(cg_drop(t.cg, &t.e), 0));
	waitpid(pid, NULL, 0);
	(void)cgfs_remove(t.h->h[t.h->unified].fd, t.slice, clock_ms() + SECOND);
	NEED(EQ(cgfs_make(t.h->h[t.h->unified].fd, t.slice, &fd), 0));
	pid = fork();
	if (pid == 0) {
		pause();
		_exit(0);
	}
	snprintf(number, sizeof(number), "%d", pid);
	EQ(cgfs_put(fd, "cgroup.procs", number), 0);
	close(fd);
	r = cg_make(t.cg, 70000, 70000, &t.e);
	EQ(r, -EBUSY);
	HAS(t.e.text, "processes of its own");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
