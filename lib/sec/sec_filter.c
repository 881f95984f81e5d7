/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * System calls that a VPS is refused. The user namespace already keeps it from most of what they
 * do; the filter takes away the code behind them, and what a dump could not carry along. EPERM
 * where a program is right to ask and has to be told no, ENOSYS where it knows another way.
 *
 * What no kernel from 6.1 on has is not named: the kernel runs a new filter once for each call there is and
 * compiles it, which is a tenth of the time that an exec takes.
 */
#include "sec/sec.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/if_packet.h>
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
#define RING(option)                                                                               \
	{ .call = "setsockopt", .error = EPERM, .arg = 1, .mask = UINT32_MAX, .value = SOL_PACKET, \
	  .arg2 = 2, .mask2 = UINT32_MAX, .value2 = (option) }
#define NO_FLAG(name, bit)     { .call = name, .error = EPERM, .mask = (bit), .value = (bit) }

static const struct kseccomp_rule always[] = {
	/* Another kernel, or parts of one. */
	DENY("kexec_load"), DENY("kexec_file_load"), DENY("init_module"), DENY("finit_module"),
	DENY("delete_module"),
	/* Looking into the machine. */
	DENY("perf_event_open"), DENY("syslog"), DENY("lookup_dcookie"), DENY("iopl"),
	DENY("ioperm"),
	/* A fault handler in user space holds the kernel at a point of the caller's choice. */
	DENY("userfaultfd"),
	/* A file handle names a file outside every mount that the VPS has. */
	DENY("open_by_handle_at"),
	/* One of them for the node. adjtimex() stays: reading through it is common, and the kernel
	 * itself refuses to change anything. */
	DENY("settimeofday"), DENY("clock_settime"), DENY("clock_settime64"), DENY("stime"),
	DENY("swapon"), DENY("swapoff"), DENY("acct"), DENY("quotactl"), DENY("quotactl_fd"),
	/* Long dead, and kept compiled in somewhere. */
	ABSENT("uselib"), ABSENT("ustat"), ABSENT("sysfs"),
	/* No dump can carry its rings, and it has been a steady source of escapes. Everything that
	 * uses it falls back to ordinary calls. */
	ABSENT("io_uring_setup"), ABSENT("io_uring_enter"), ABSENT("io_uring_register"),
	/* Typing into a terminal that is not one's own. The kernel sees 32 bits of the number. */
	{ .call = "ioctl", .error = EPERM, .arg = 1, .mask = UINT32_MAX, .value = TIOCSTI },
	{ .call = "ioctl", .error = EPERM, .arg = 1, .mask = UINT32_MAX, .value = TIOCLINUX },
	/* Sockets to the machine below the node, which no network namespace contains. 32-bit
	 * programs that use the old socketcall() cannot be told apart and get there. */
	{ .call = "socket", .error = EAFNOSUPPORT, .mask = UINT32_MAX, .value = AF_VSOCK },
	/* Memory of the kernel that no limit counts: rings of express data path sockets; and keys, which are
	 * counted for each user, of whom a VPS has 65536. Everything that uses keys knows kernels without. */
	{ .call = "socket", .error = EAFNOSUPPORT, .mask = UINT32_MAX, .value = AF_XDP },
	ABSENT("add_key"), ABSENT("request_key"), ABSENT("keyctl"),
};

/* Rings of packet sockets are such memory as well, as much as one likes. tcpdump has no other way (libpcap 1.10),
 * so a VPS that is given net_raw by its name has them. */
static const struct kseccomp_rule no_rings[] = {
	RING(PACKET_RX_RING), RING(PACKET_TX_RING),
};

/* Drivers of modems and buses behind a terminal, which anybody could switch on: TIOCSETD(2const). For dialling
 * in there is ppp:on. */
static const struct kseccomp_rule no_disciplines[] = {
	{ .call = "ioctl", .error = EPERM, .arg = 1, .mask = UINT32_MAX, .value = TIOCSETD },
};

/*
 * Namespaces inside the VPS, unless FEATURES has nesting:on. CRIU does not dump nested ones of
 * these kinds; mount and network namespaces it does, so services can still be given private ones.
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

static bool given(const struct vz_cfg *cfg, enum vz_param p, const struct onoff *set, unsigned int bit)
{
	return cfg_has(cfg, p) && (set->on >> bit & 1);
}

unsigned int sec_filter_kind(const struct vz_cfg *cfg)
{
	unsigned int kind = 0;

	if (given(cfg, VZ_P_FEATURES, &cfg->features, FEAT_NESTING))
		kind |= SEC_NESTING;
	if (given(cfg, VZ_P_FEATURES, &cfg->features, FEAT_PPP))
		kind |= SEC_DISCIPLINES;
	if (given(cfg, VZ_P_CAPABILITY, &cfg->capability, CAP_NET_RAW))
		kind |= SEC_RINGS;
	return kind;
}

int sec_filter(const struct vz_cfg *cfg, struct buf *out, struct vz_err *e)
{
	static const struct {
		const struct kseccomp_rule *rules;
		size_t n;
		unsigned int unless;
	} parts[] = {
		{ always, ARRAY_LEN(always), 0 },
		{ not_nested, ARRAY_LEN(not_nested), SEC_NESTING },
		{ no_rings, ARRAY_LEN(no_rings), SEC_RINGS },
		{ no_disciplines, ARRAY_LEN(no_disciplines), SEC_DISCIPLINES },
	};
	struct kseccomp_rule rules[ARRAY_LEN(always) + ARRAY_LEN(not_nested) + ARRAY_LEN(no_rings) +
				   ARRAY_LEN(no_disciplines)];
	unsigned int kind = sec_filter_kind(cfg);
	size_t n = 0;
	int r;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (kind & parts[i].unless)
			continue;
		memcpy(rules + n, parts[i].rules, parts[i].n * sizeof(*rules));
		n += parts[i].n;
	}
	r = kseccomp_compile(rules, n, out);
	return r < 0 ? err_sys(e, VZ_E_CAP, r, "cannot compile the system call filter") : 0;
}
