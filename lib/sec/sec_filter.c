/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * System calls that a VPS is refused. The user namespace already keeps it from most of what they
 * do; the filter takes away the code behind them, and what a dump could not carry along. EPERM
 * where a program is right to ask and has to be told no, ENOSYS where it knows another way.
 */
#include "sec/sec.h"

#include <errno.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "kern/seccomp.h"
#include "param/param.h"

#define DENY(name)	       { .call = name, .error = EPERM }
#define ABSENT(name)	       { .call = name, .error = ENOSYS }
#define NO_FLAG(name, bit)     { .call = name, .error = EPERM, .mask = (bit), .value = (bit) }

static const struct kseccomp_rule always[] = {
	/* Another kernel, or parts of one. */
	DENY("kexec_load"), DENY("kexec_file_load"), DENY("init_module"), DENY("finit_module"),
	DENY("delete_module"), ABSENT("create_module"), ABSENT("query_module"),
	ABSENT("get_kernel_syms"),
	/* Looking into the machine. */
	DENY("perf_event_open"), DENY("syslog"), DENY("lookup_dcookie"), DENY("iopl"),
	DENY("ioperm"), DENY("pciconfig_iobase"), DENY("pciconfig_read"), DENY("pciconfig_write"),
	/* A fault handler in user space holds the kernel at a point of the caller's choice. */
	DENY("userfaultfd"),
	/* A file handle names a file outside every mount that the VPS has. */
	DENY("open_by_handle_at"),
	/* One of them for the node. adjtimex() stays: reading through it is common, and the kernel
	 * itself refuses to change anything. */
	DENY("settimeofday"), DENY("clock_settime"), DENY("clock_settime64"), DENY("stime"),
	DENY("swapon"), DENY("swapoff"), DENY("acct"), DENY("quotactl"), DENY("quotactl_fd"),
	/* Long dead, and kept compiled in somewhere. */
	ABSENT("nfsservctl"), ABSENT("uselib"), ABSENT("ustat"), ABSENT("_sysctl"), ABSENT("sysfs"),
	ABSENT("vm86"), ABSENT("vm86old"), ABSENT("bdflush"), ABSENT("vserver"),
	/* No dump can carry its rings, and it has been a steady source of escapes. Everything that
	 * uses it falls back to ordinary calls. */
	ABSENT("io_uring_setup"), ABSENT("io_uring_enter"), ABSENT("io_uring_register"),
	/* Typing into a terminal that is not one's own. The kernel sees 32 bits of the number. */
	{ .call = "ioctl", .error = EPERM, .arg = 1, .mask = UINT32_MAX, .value = TIOCSTI },
	{ .call = "ioctl", .error = EPERM, .arg = 1, .mask = UINT32_MAX, .value = TIOCLINUX },
	/* Sockets to the machine below the node, which no network namespace contains. 32-bit
	 * programs that use the old socketcall() cannot be told apart and get there. */
	{ .call = "socket", .error = EAFNOSUPPORT, .mask = UINT32_MAX, .value = AF_VSOCK },
};

/*
 * Namespaces inside the VPS, unless FEATURES has nesting:on. CRIU does not dump nested ones of
 * these kinds; mount and network namespaces it does, so services can still be given private ones.
 * Keyrings are allowed in either case: they belong to a user namespace and are counted by user.
 */
static const struct kseccomp_rule not_nested[] = {
	/* Its flags are in memory, where no filter can look; the C library goes back to clone(). */
	ABSENT("clone3"),
	DENY("bpf"),
	NO_FLAG("clone", CLONE_NEWUTS), NO_FLAG("clone", CLONE_NEWIPC),
	NO_FLAG("clone", CLONE_NEWPID), NO_FLAG("clone", CLONE_NEWUSER),
	NO_FLAG("clone", CLONE_NEWCGROUP),
	NO_FLAG("unshare", CLONE_NEWUTS), NO_FLAG("unshare", CLONE_NEWIPC),
	NO_FLAG("unshare", CLONE_NEWPID), NO_FLAG("unshare", CLONE_NEWUSER),
	NO_FLAG("unshare", CLONE_NEWCGROUP), NO_FLAG("unshare", CLONE_NEWTIME),
};

int sec_filter(const struct vz_cfg *cfg, struct buf *out, struct vz_err *e)
{
	struct kseccomp_rule rules[ARRAY_LEN(always) + ARRAY_LEN(not_nested)];
	bool nesting = cfg_has(cfg, VZ_P_FEATURES) &&
		       (cfg->features.on >> FEAT_NESTING & 1);
	size_t n = ARRAY_LEN(always);
	int r;

	memcpy(rules, always, sizeof(always));
	if (!nesting) {
		memcpy(rules + n, not_nested, sizeof(not_nested));
		n += ARRAY_LEN(not_nested);
	}
	r = kseccomp_compile(rules, n, out);
	return r < 0 ? err_sys(e, VZ_E_CAP, r, "cannot compile the system call filter") : 0;
}
