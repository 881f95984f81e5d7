/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sec, kern/caps, kern/probe: the bounding set, and the filter as the running kernel takes it. */
#include "../tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "kern/caps.h"
#include "kern/probe.h"
#include "param/param.h"
#include "sec/sec.h"

static struct vz_cfg *with_caps(struct vz_cfg *c, uint64_t on, uint64_t off)
{
	pset_add(&c->set, VZ_P_CAPABILITY);
	c->capability = (struct onoff){ .on = on, .off = off };
	return c;
}

static struct vz_cfg *with_nesting(struct vz_cfg *c, bool on)
{
	pset_add(&c->set, VZ_P_FEATURES);
	c->features = (struct onoff){ .on = on ? UINT64_C(1) << FEAT_NESTING : 0 };
	return c;
}

TEST("names of capabilities are read in any case, and written without prefix")
{
	char name[32];
	int n = -1;

	EQ(kcap_number("net_admin", &n), 0);
	EQ(n, CAP_NET_ADMIN);
	EQ(kcap_number("CAP_SYS_BOOT", &n), 0);
	EQ(n, CAP_SYS_BOOT);
	EQ(kcap_number("nonsense", &n), -ENOENT);
	EQ(kcap_number("12", &n), -ENOENT);
	EQ(kcap_number("", &n), -ENOENT);
	EQ(kcap_name(CAP_SYS_TIME, name, sizeof(name)), 0);
	STR_EQ(name, "sys_time");
	EQ(kcap_name(63, name, sizeof(name)), -ENOENT);
	EQ(kcap_name(CAP_SYS_TIME, name, 4), -ENOSPC);
}

TEST("by default root inside keeps its own namespace's rights and none over the node")
{
	struct vz_cfg c = { 0 };
	struct vz_err e = { 0 };
	uint64_t set = 0;

	EQ(sec_caps(&c, &set, &e), 0);
	OK(set & KCAP_BIT(CAP_SYS_ADMIN) && set & KCAP_BIT(CAP_NET_ADMIN) &&
	   set & KCAP_BIT(CAP_SYS_BOOT) && set & KCAP_BIT(CAP_SETUID));
	OK(!(set & KCAP_BIT(CAP_SYS_MODULE)) && !(set & KCAP_BIT(CAP_SYS_RAWIO)) &&
	   !(set & KCAP_BIT(CAP_SYS_TIME)) && !(set & KCAP_BIT(CAP_MAC_ADMIN)));
	EQ(set & ~kcap_all(), 0);
}

TEST("CAPABILITY adds and takes away, and never more than the kernel has")
{
	struct vz_cfg c = { 0 };
	struct vz_err e = { 0 };
	uint64_t set = 0;

	EQ(sec_caps(with_caps(&c, KCAP_BIT(CAP_SYS_TIME) | KCAP_BIT(CFG_CAP_VE_ADMIN),
			      KCAP_BIT(CAP_NET_RAW)), &set, &e), 0);
	OK(set & KCAP_BIT(CAP_SYS_TIME));
	OK(!(set & KCAP_BIT(CAP_NET_RAW)));
	EQ(set & ~kcap_all(), 0);
}

/* Run fn under the filter in a child; its result, 0..250. */
static int under(const struct vz_cfg *c, int (*fn)(void))
{
	_buf_ struct buf b = BUF_INIT;
	struct vz_err e = { 0 };
	int st = -1;
	pid_t pid;

	if (!EQ(sec_filter(c, &b, &e), 0))
		return 251;
	pid = fork();
	if (pid == 0) {
		struct sock_fprog p = { .len = b.len / sizeof(struct sock_filter),
					.filter = (struct sock_filter *)(void *)b.data };

		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p) < 0)
			_exit(252);
		_exit(fn());
	}
	if (pid < 0 || waitpid(pid, &st, 0) != pid || !WIFEXITED(st))
		return 253;
	return WEXITSTATUS(st);
}

/* Each returns the line of the first wrong answer modulo 250, 0 when all are right. */
#define WANT(error, call)                                                                          \
	do {                                                                                       \
		errno = 0;                                                                         \
		(void)(call);                                                                      \
		if (errno != (error))                                                              \
			return __LINE__ % 250;                                                     \
	} while (0)

static int refused(void)
{
	WANT(EPERM, syscall(SYS_kexec_load, 0, 0, 0, 0));
	WANT(EPERM, syscall(SYS_init_module, 0, 0, 0));
	WANT(EPERM, syscall(SYS_finit_module, -1, 0, 0));
	WANT(EPERM, syscall(SYS_perf_event_open, 0, 0, 0, 0, 0));
	WANT(EPERM, syscall(SYS_userfaultfd, 0));
	WANT(EPERM, syscall(SYS_open_by_handle_at, -1, 0, 0));
	WANT(EPERM, syscall(SYS_clock_settime, 99, 0));
	WANT(EPERM, syscall(SYS_swapon, 0, 0));
	WANT(EPERM, syscall(SYS_syslog, 99, 0, 0));
	WANT(EPERM, syscall(SYS_acct, "/nonexistent"));
	WANT(ENOSYS, syscall(SYS_io_uring_setup, 0, 0));
	WANT(EPERM, ioctl(-1, TIOCSTI, ""));
	/* the kernel sees 32 bits of it only */
	WANT(EPERM, syscall(SYS_ioctl, -1, TIOCSTI | 1ull << 32, ""));
	WANT(EAFNOSUPPORT, socket(AF_VSOCK, SOCK_STREAM, 0));
	WANT(EAFNOSUPPORT, socket(AF_XDP, SOCK_RAW, 0));
	WANT(ENOSYS, syscall(SYS_add_key, "user", "x", "y", 1, KEY_SPEC_PROCESS_KEYRING));
	WANT(ENOSYS, syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_KEYRING, 0));
	return 0;
}

static int rings(void)
{
	WANT(EBADF, setsockopt(-1, SOL_PACKET, PACKET_RX_RING, "", 0));
	WANT(EBADF, setsockopt(-1, SOL_PACKET, PACKET_TX_RING, "", 0));
	return 0;
}

static int no_rings(void)
{
	WANT(EPERM, setsockopt(-1, SOL_PACKET, PACKET_RX_RING, "", 0));
	WANT(EPERM, setsockopt(-1, SOL_PACKET, PACKET_TX_RING, "", 0));
	WANT(EBADF, setsockopt(-1, SOL_PACKET, PACKET_ADD_MEMBERSHIP, "", 0));
	WANT(EBADF, setsockopt(-1, SOL_SOCKET, PACKET_RX_RING, "", 0));
	WANT(EPERM, ioctl(-1, TIOCSETD, ""));
	return 0;
}

static int disciplines(void)
{
	WANT(EBADF, ioctl(-1, TIOCSETD, ""));
	return 0;
}

static int allowed(void)
{
	WANT(0, getppid());
	WANT(EBADF, ioctl(-1, TCGETS, 0));
	WANT(EFAULT, syscall(SYS_adjtimex, 0));
	WANT(EINVAL, syscall(SYS_reboot, 0, 0, 0, 0));
	WANT(0, close(socket(AF_UNIX, SOCK_STREAM, 0)));
	WANT(EFAULT, syscall(SYS_mount, 1, 1, 1, 0, 0));
	return 0;
}

static int not_nested(void)
{
	WANT(ENOSYS, syscall(SYS_clone3, 0, 0));
	WANT(EPERM, syscall(SYS_bpf, 99, 0, 0));
	WANT(EPERM, unshare(CLONE_NEWUTS));
	WANT(EPERM, unshare(CLONE_NEWUSER));
	WANT(EPERM, unshare(CLONE_NEWIPC | CLONE_NEWNS));
	WANT(EPERM, unshare(CLONE_NEWTIME));
	WANT(EPERM, syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0));
	WANT(EPERM, syscall(SYS_clone, CLONE_NEWCGROUP | CLONE_NEWNET | SIGCHLD, 0, 0, 0, 0));
	if (fork() == 0) /* plain fork and threads pass */
		_exit(0);
	return 0;
}

static int own_mounts(void)
{
	WANT(0, unshare(CLONE_NEWNS));
	WANT(0, unshare(CLONE_NEWNET));
	return 0;
}

static int nested(void)
{
	WANT(EINVAL, syscall(SYS_clone3, 0, 0));
	WANT(0, unshare(CLONE_NEWUTS));
	return 0;
}

TEST("what is the node's alone is refused")
{
	struct vz_cfg c = { 0 };

	EQ(under(&c, refused), 0);
	EQ(under(with_nesting(&c, true), refused), 0);
}

TEST("memory that nobody counts, and drivers behind terminals, are for VPSs that are given them by name")
{
	struct vz_cfg c = { 0 }, ppp = { .features.on = UINT64_C(1) << FEAT_PPP };

	EQ(under(&c, no_rings), 0);
	EQ(under(with_nesting(&c, true), no_rings), 0);
	EQ(under(with_caps(&c, KCAP_BIT(CAP_NET_RAW), 0), rings), 0);
	pset_add(&ppp.set, VZ_P_FEATURES);
	EQ(under(&ppp, disciplines), 0);
}

TEST("ordinary calls pass, reboot and mount among them")
{
	struct vz_cfg c = { 0 };

	EQ(under(&c, allowed), 0);
}

TEST("namespaces that a dump cannot carry are refused, mount and network namespaces are not")
{
	struct vz_cfg c = { 0 };

	EQ(under(&c, not_nested), 0);
	if (geteuid() == 0)
		EQ(under(&c, own_mounts), 0);
}

TEST("nesting lets them pass")
{
	struct vz_cfg c = { 0 };

	if (geteuid() != 0)
		SKIP("not root");
	EQ(under(with_nesting(&c, true), nested), 0);
	EQ(under(with_nesting(&c, false), nested) != 0, 1);
}

#ifdef __x86_64__
static long call32(long nr, long a, long b)
{
	long r;

	__asm__ volatile("int $0x80"
			 : "=a"(r)
			 : "a"(nr), "b"(a), "c"(b)
			 : "memory", "r8", "r9", "r10", "r11");
	return r;
}

static int old_tables(void)
{
	if (call32(20, 0, 0) == -ENOSYS) /* getpid: no 32-bit calls on this kernel */
		return 0;
	if (call32(310, CLONE_NEWUTS, 0) != -EPERM) /* unshare */
		return 1;
	if (call32(435, 0, 0) != -ENOSYS) /* clone3 */
		return 2;
	if (call32(283, 0, 0) != -EPERM) /* kexec_load */
		return 3;
	if (call32(54, -1, TIOCSTI) != -EPERM) /* ioctl */
		return 4;
	if (call32(20, 0, 0) != getpid())
		return 5;
	/* x32 has none that anybody may use. */
	WANT(ENOSYS, syscall(0x40000000 + SYS_init_module, 0, 0, 0));
	WANT(ENOSYS, syscall(0x40000000 + SYS_getpid));
	return 0;
}

TEST("the other system call tables of the machine are no way around")
{
	struct vz_cfg c = { 0 };

	EQ(under(&c, old_tables), 0);
}
#endif

TEST("the probe has an answer and a sentence for each row, and leaves nothing")
{
	const struct kprobe_row *row = NULL;
	struct kprobe p;
	int n = 0;

	kprobe_run("/tmp", &p);
	while ((row = kprobe_next(row))) {
		OK(*row->name && strlen(row->without) > 10);
		printf("# %s: %s\n", row->name, kprobe_has(&p, row) ? "yes" : row->without);
		n++;
	}
	OK(n > 20);
	OK(p.seccomp);
	OK(access("/proc/self/ns/user", F_OK) != 0 || geteuid() != 0 || p.user_ns);
}
