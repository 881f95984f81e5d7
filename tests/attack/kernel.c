/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel offers to a root, and must not to this one. */
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

int a_mknod_disks(void)
{
	static const unsigned int major_of[] = { 3, 7, 8, 9, 179, 252, 253, 254, 259 };

	for (size_t i = 0; i < sizeof(major_of) / sizeof(*major_of); i++)
		for (unsigned int minor = 0; minor < 4; minor++)
			if (mknod("/tmp/disk", S_IFBLK | 0600, makedev(major_of[i], minor)) == 0)
				return say(OUT, "made block device %u:%u", major_of[i], minor);
	return must_fail(mknod("/tmp/disk", S_IFBLK | 0600, makedev(8, 0)), "mknod of a disk");
}

int a_mknod_memory(void)
{
	return must_fail(mknod("/tmp/mem", S_IFCHR | 0600, makedev(1, 1)), "mknod of /dev/mem");
}

int a_mknod_in_new_userns(void)
{
	if (syscall(SYS_unshare, CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return say(HELD, "unshare: %s", strerror(errno));
	return must_fail(mknod("/tmp/mem", S_IFCHR | 0600, makedev(1, 1)), "mknod");
}

static int try_mount(const char *type, const char *source)
{
	mkdir("/tmp/m", 0700);
	return mount(source, "/tmp/m", type, 0, NULL);
}

int a_mount_disk(void)
{
	return must_fail(try_mount("ext4", "/dev/vda"), "mount of a disk");
}

int a_mount_kernel_trees(void)
{
	static const char *const types[] = { "debugfs", "tracefs", "securityfs", "configfs", "pstore",
					     "efivarfs", "devtmpfs", "cgroup", "functionfs" };

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (try_mount(types[i], "none") == 0)
			return say(OUT, "mounted %s", types[i]);
	return must_fail(try_mount("debugfs", "none"), "mount of kernel file systems");
}

int a_release_agent(void)
{
	mkdir("/tmp/cg", 0700);
	if (mount("none", "/tmp/cg", "cgroup", 0, "none,name=x") == 0)
		return write_file("/tmp/cg/release_agent", "/tmp/x") == 0 ?
			       say(OUT, "release_agent was written") :
			       say(HELD, "mounted, but release_agent is closed");
	return must_fail(-1, "a hierarchy of control groups of the first generation");
}

/* What is mounted over a dangerous file is taken away first. */
static int bare_write(const char *path, const char *text)
{
	for (int i = 0; i < 4; i++)
		if (umount2(path, MNT_DETACH) < 0)
			break;
	return write_file(path, text);
}

int a_core_pattern(void)
{
	(void)umount2("/proc/sys", MNT_DETACH);
	(void)umount2("/proc/sys/kernel", MNT_DETACH);
	return must_fail(bare_write("/proc/sys/kernel/core_pattern", "|/tmp/x"), "core_pattern");
}

int a_modprobe_path(void)
{
	(void)umount2("/proc/sys", MNT_DETACH);
	return must_fail(bare_write("/proc/sys/kernel/modprobe", "/tmp/x"), "modprobe path");
}

int a_sysrq(void)
{
	return must_fail(bare_write("/proc/sysrq-trigger", "h"), "sysrq");
}

int a_uevent_helper(void)
{
	(void)umount2("/sys", MNT_DETACH);
	mkdir("/tmp/sys", 0700);
	(void)mount("none", "/tmp/sys", "sysfs", 0, NULL);
	if (bare_write("/tmp/sys/kernel/uevent_helper", "/tmp/x") == 0)
		return say(OUT, "uevent_helper was written");
	return must_fail(bare_write("/sys/kernel/uevent_helper", "/tmp/x"), "uevent_helper");
}

int a_fresh_proc(void)
{
	mkdir("/tmp/proc", 0700);
	if (mount("none", "/tmp/proc", "proc", 0, NULL) < 0)
		return say(HELD, "a second /proc: %s", strerror(errno));
	if (write_file("/tmp/proc/sysrq-trigger", "h") == 0 ||
	    write_file("/tmp/proc/sys/kernel/core_pattern", "x") == 0)
		return say(OUT, "a second /proc can be written");
	return say(HELD, "a second /proc is as closed as the first");
}

int a_binfmt_misc(void)
{
	mkdir("/tmp/b", 0700);
	if (mount("none", "/tmp/b", "binfmt_misc", 0, NULL) < 0)
		return say(HELD, "binfmt_misc: %s", strerror(errno));
	/* Since Linux 6.7 each user namespace has its own. */
	if (write_file("/tmp/b/register", ":vz-attack:M::VZAT::/bin/true:") < 0)
		return say(HELD, "registering: %s", strerror(errno));
	return say(HELD, "an instance of its own; the test looks whether the node has it");
}

int a_open_by_handle(void)
{
	struct {
		struct file_handle h;
		unsigned char bytes[128];
	} f = { .h = { .handle_bytes = 8, .handle_type = 1 }, .bytes = { 2 } };
	int root = open("/", O_RDONLY | O_CLOEXEC);

	return must_fail(syscall(SYS_open_by_handle_at, root, &f, O_RDONLY), "a file by its handle");
}

int a_double_chroot(void)
{
	struct stat st;
	int fd = open("/", O_RDONLY | O_CLOEXEC);

	mkdir("/tmp/jail", 0700);
	if (chroot("/tmp/jail") < 0 || fchdir(fd) < 0)
		return say(HELD, "chroot: %s", strerror(errno));
	for (int i = 0; i < 100; i++)
		if (chdir("..") < 0)
			break;
	if (chroot(".") < 0)
		return say(HELD, "chroot: %s", strerror(errno));
	/* The test puts this file beside the root on the node. */
	return stat("/outside", &st) == 0 ? say(OUT, "above the root of the VPS") :
					    say(HELD, "the top is the root of the VPS");
}

int a_setns_of_init(void)
{
	static const char *const names[] = { "pid", "net", "user", "cgroup", "ipc", "uts" };
	struct stat a, b;
	char one[40], mine[40];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		(void)snprintf(one, sizeof(one), "/proc/1/ns/%s", names[i]);
		(void)snprintf(mine, sizeof(mine), "/proc/self/ns/%s", names[i]);
		if (stat(one, &a) == 0 && stat(mine, &b) == 0 && a.st_ino != b.st_ino)
			return say(OUT, "process 1 is in another %s namespace", names[i]);
	}
	return say(HELD, "process 1 is in the namespaces of the VPS");
}

/* NS_GET_USERNS, NS_GET_PARENT lead out of a namespace to those around it. */
int a_ns_parent(void)
{
	int fd = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);

	return must_fail(ioctl(fd, 0xb702), "the parent of the user namespace");
}

int a_move_mount_out(void)
{
	int fd = (int)syscall(SYS_open_tree, AT_FDCWD, "/proc/1/root/..", 1 | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return say(HELD, "open_tree: %s", strerror(errno));
	return fstatat(fd, "outside", &st, 0) == 0 ? say(OUT, "a tree of the node") :
						     say(HELD, "a tree of the VPS");
}

int a_pivot_root(void)
{
	mkdir("/tmp/p", 0700);
	(void)mount("none", "/tmp/p", "tmpfs", 0, NULL);
	mkdir("/tmp/p/old", 0700);
	if (syscall(SYS_pivot_root, "/tmp/p", "/tmp/p/old") < 0)
		return say(HELD, "pivot_root: %s", strerror(errno));
	return access("/old/../outside", F_OK) == 0 ? say(OUT, "above the root") :
						      say(HELD, "the old root is the VPS's");
}

int a_init_module(void)
{
	static char image[] = "\177ELF";
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	if (syscall(SYS_init_module, image, sizeof(image), "") == 0 || errno == ENOEXEC)
		return say(OUT, "the kernel looked at a module");
	if (syscall(SYS_finit_module, fd, "", 0) == 0 || errno == ENOEXEC)
		return say(OUT, "the kernel looked at a module file");
	return must_fail(syscall(SYS_delete_module, "overlay", O_NONBLOCK), "module calls");
}

int a_kexec(void)
{
	return must_fail(syscall(SYS_kexec_load, 0, 0, NULL, 0), "kexec_load");
}

int a_clock(void)
{
	struct timespec ts;
	struct timeval tv;

	clock_gettime(CLOCK_REALTIME, &ts);
	gettimeofday(&tv, NULL);
	if (settimeofday(&tv, NULL) == 0)
		return say(OUT, "settimeofday");
	return must_fail(clock_settime(CLOCK_REALTIME, &ts), "clock_settime");
}

int a_adjtimex(void)
{
	struct timex t = { .modes = ADJ_FREQUENCY };

	return must_fail(adjtimex(&t), "adjtimex");
}

int a_dmesg(void)
{
	char buf[64];
	int fd = open("/dev/kmsg", O_RDWR | O_CLOEXEC);

	if (fd >= 0 && write(fd, "x", 1) > 0)
		return say(OUT, "/dev/kmsg can be written");
	return must_fail(syscall(SYS_syslog, 3, buf, sizeof(buf)), "the kernel's log");
}

int a_perf(void)
{
	struct perf_event_attr at = { .type = PERF_TYPE_SOFTWARE, .size = sizeof(at),
				      .config = PERF_COUNT_SW_CPU_CLOCK };

	return must_fail(syscall(SYS_perf_event_open, &at, -1, 0, -1, 0), "perf over a CPU");
}

int a_bpf(void)
{
	struct bpf_insn code[] = { { .code = 0xb7 }, { .code = 0x95 } };
	union bpf_attr at = { .prog_type = BPF_PROG_TYPE_KPROBE, .insn_cnt = 2,
			      .insns = (uintptr_t)code, .license = (uintptr_t)"GPL" };

	return must_fail(syscall(SYS_bpf, BPF_PROG_LOAD, &at, sizeof(at)), "a BPF program");
}

int a_bpf_walk(void)
{
	union bpf_attr at = { .start_id = 0 };

	return must_fail(syscall(SYS_bpf, BPF_PROG_GET_NEXT_ID, &at, sizeof(at)), "the node's BPF programs");
}

int a_io_uring(void)
{
	char params[256] = { 0 };

	return must_fail(syscall(SYS_io_uring_setup, 8, params), "io_uring");
}

int a_userfaultfd(void)
{
	return must_fail(syscall(SYS_userfaultfd, O_CLOEXEC), "userfaultfd");
}

int a_ports(void)
{
#ifdef __x86_64__
	if (syscall(SYS_iopl, 3) == 0)
		return say(OUT, "iopl");
	return must_fail(syscall(SYS_ioperm, 0x70, 2, 1), "ioperm");
#else
	return say(NOTHING, "no ports on this machine");
#endif
}

int a_swap_and_acct(void)
{
	if (syscall(SYS_swapoff, "/dev/vda2") == 0 || errno != EPERM)
		return say(OUT, "swapoff was looked at: %s", strerror(errno));
	return must_fail(syscall(SYS_acct, "/tmp/acct"), "process accounting");
}

int a_vsock(void)
{
	return must_fail(socket(AF_VSOCK, SOCK_STREAM, 0), "a socket to the hypervisor");
}

int a_fanotify(void)
{
	int fd = fanotify_init(FAN_CLASS_PRE_CONTENT, O_RDONLY);

	return must_fail(fd, "holding up opens of a whole mount");
}

int a_realtime(void)
{
	struct sched_param p = { .sched_priority = 50 };

	return must_fail(sched_setscheduler(0, SCHED_FIFO, &p), "real-time priority");
}

int a_io_realtime(void)
{
	return must_fail(syscall(SYS_ioprio_set, 1, 0, 1 << 13), "real-time disk priority");
}

int a_hard_limits(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) < 0)
		return say(NOTHING, "no such limit");
	r.rlim_max = r.rlim_max * 64 + 1;
	return must_fail(setrlimit(RLIMIT_NOFILE, &r), "a hard limit raised");
}

int a_tiocsti(void)
{
	int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return say(HELD, "no terminal: %s", strerror(errno));
	return must_fail(ioctl(fd, 0x5412, "x"), "typing into a terminal");
}

/* The filter must see calls of another personality of the machine, too. */
int a_other_abi(void)
{
#ifdef __x86_64__
	long r;

	/* i386: kexec_load is 283 there. Under a filter of one architecture it would go through. */
	__asm__ volatile("int $0x80" : "=a"(r) : "0"(283L), "b"(0L), "c"(0L), "d"(0L), "S"(0L) : "memory");
	if (r == 0)
		return say(OUT, "kexec_load by the i386 way");
	errno = (int)-r;
	r = syscall(0x40000000 + SYS_kexec_load, 0, 0, NULL, 0);
	return must_fail(r, "kexec_load by the x32 way");
#else
	return say(NOTHING, "one personality only");
#endif
}

/* Switches of the whole node, by any file that can be written at all. */
int a_proc_sys(void)
{
	static const char *const files[] = {
		"kernel/panic", "kernel/printk", "kernel/hotplug", "kernel/poweroff_cmd", "kernel/sysrq",
		"kernel/kptr_restrict", "kernel/randomize_va_space", "kernel/threads-max", "kernel/pid_max",
		"kernel/unprivileged_bpf_disabled", "kernel/perf_event_paranoid", "kernel/pty/max",
		"kernel/ns_last_pid", "kernel/keys/maxkeys", "vm/drop_caches", "vm/overcommit_memory",
		"vm/swappiness", "vm/compact_memory", "vm/mmap_min_addr", "fs/file-max", "fs/aio-max-nr",
		"fs/suid_dumpable", "fs/protected_symlinks", "fs/pipe-max-size", "fs/inotify/max_user_instances",
		"net/core/bpf_jit_enable", "net/core/rmem_max", "net/netfilter/nf_conntrack_max",
		"net/ipv4/tcp_mem", "net/ipv4/neigh/default/gc_thresh3",
	};
	char path[100];
	int tried = 0;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		(void)snprintf(path, sizeof(path), "/proc/sys/%s", files[i]);
		if (access(path, F_OK) == 0)
			tried++;
		/* Its own, since Linux 5.12 by pid namespace. */
		if (strcmp(files[i], "kernel/ns_last_pid") != 0 && write_file(path, "1") == 0)
			return say(OUT, "%s was written", path);
	}
	return say(HELD, "none of %d switches can be written", tried);
}

int a_new_userns(void)
{
	int fd;

	if (syscall(SYS_unshare, CLONE_NEWUSER) == 0)
		return say(OUT, "a user namespace with every right over itself");
	fd = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
	if (syscall(SYS_setns, fd, CLONE_NEWUSER) == 0)
		return say(OUT, "entered its own user namespace again");
	return must_fail(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0), "a user namespace");
}

/* What a process of the node's would see by a mount that goes on above the root. */
int a_bind_tricks(void)
{
	static const char *const from[] = { "/..", "/proc/1/root/..", "/proc/1/cwd/..", "/proc/self/root/../..",
					    "/proc/self/fd/0/../../..", "/dev/..", "/sys/fs/cgroup/../../../.." };

	mkdir("/tmp/bind", 0700);
	for (size_t i = 0; i < sizeof(from) / sizeof(*from); i++) {
		if (mount(from[i], "/tmp/bind", NULL, MS_BIND | MS_REC, NULL) < 0)
			continue;
		if (access("/tmp/bind/outside", F_OK) == 0)
			return say(OUT, "a bind mount of %s shows the node", from[i]);
		umount2("/tmp/bind", MNT_DETACH);
	}
	(void)mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL);
	(void)mount("none", "/mnt", "tmpfs", 0, NULL);
	mkdir("/mnt/vz-attack-shared", 0700);
	return say(HELD, "every way up ends at the VPS's own root");
}
