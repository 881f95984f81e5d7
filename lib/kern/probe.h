/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What this kernel offers, found by trying, never by version. Takes milliseconds: for vzcheck and
 * tests, not for the path of a start.
 */
#ifndef VZ_KERN_PROBE_H
#define VZ_KERN_PROBE_H

#include <stdbool.h>
#include <stddef.h>

/* X(name, needed to run a VPS at all, what is missing without it) */
#define KPROBES(X)                                                                                 \
	X(clone_into_cgroup, true, "processes cannot be started inside a control group")           \
	X(group_kill, true, "a control group cannot be killed at once")                            \
	X(group_freeze, true, "a control group cannot be frozen")                                  \
	X(pidfd, true, "processes cannot be named without a race")                                 \
	X(openat2, true, "paths inside a VPS cannot be opened safely")                             \
	X(close_range, true, "descriptors cannot be closed before init starts")                    \
	X(mount_fd, true, "mounts cannot be made by descriptor")                                   \
	X(user_ns, true, "there are no user namespaces, so VPSs cannot be isolated")               \
	X(pid_ns, true, "there are no PID namespaces")                                             \
	X(net_ns, true, "there are no network namespaces")                                         \
	X(ipc_ns, true, "there are no IPC namespaces")                                             \
	X(uts_ns, true, "there are no UTS namespaces: a VPS has no host name of its own")          \
	X(cgroup_ns, true, "there are no control group namespaces")                                \
	X(time_ns, false, "there are no time namespaces: clocks jump when a VPS is moved")         \
	X(idmap, true, "mounts cannot be given the ids of a VPS")                                  \
	X(overlay, false, "there is no overlay file system: the layout 'overlay' cannot be used")  \
	X(overlay_idmap, false, "an overlay cannot lie on mounts with the ids of a VPS")           \
	X(seccomp, true, "system calls cannot be filtered")                                        \
	X(bpf_device, false, "device access cannot be decided by a program")                       \
	X(bpf_filter, true, "links of VPSs cannot be guarded against false sources")               \
	X(nftables, false, "there is no nf_tables: traffic is not accounted")                      \
	X(veth, true, "there are no virtual Ethernet pairs")                                       \
	X(fuse, false, "there is no FUSE device")                                                  \
	X(loop, false, "there are no loop devices: image layouts cannot be used")                  \
	X(hard_limits, false, "hard resource limits cannot be raised above the node's own")

struct kprobe {
#define KPROBE_FIELD(name, needed, without) bool name;
	KPROBES(KPROBE_FIELD)
#undef KPROBE_FIELD
};

struct kprobe_row {
	const char *name;
	const char *without; /* a sentence, lower case, no full stop */
	bool needed;
	size_t offset;
};

/* Try everything. Needs root for true answers; without it what cannot be tried is "no". dir: a
 * folder on the file system of the private areas, for what depends on that; left as it was. */
void kprobe_run(const char *dir, struct kprobe *ret);
/* Walk over the rows: NULL gives the first, NULL comes after the last. */
const struct kprobe_row *kprobe_next(const struct kprobe_row *prev);

static inline bool kprobe_has(const struct kprobe *p, const struct kprobe_row *row)
{
	return *(const bool *)((const char *)p + row->offset);
}

#endif
