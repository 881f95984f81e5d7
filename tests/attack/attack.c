/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of attacks; see attack.h. */
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

int say(int r, const char *fmt, ...)
{
	va_list ap;

	fputs(r == HELD ? "held: " : r == OUT ? "OUT: " : "nothing: ", stdout);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	return r;
}

int must_fail(long r, const char *what)
{
	int err = errno;

	if (r < 0 && err == ENOSYS)
		return say(HELD, "%s: not there", what);
	return r < 0 ? say(HELD, "%s: %s", what, strerror(err)) : say(OUT, "%s succeeded", what);
}

int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), r;

	if (fd < 0)
		return -1;
	r = write(fd, text, strlen(text)) < 0 ? -1 : 0;
	close(fd);
	return r;
}

static const struct {
	const char *name, *held_by;
	int (*run)(void);
} attacks[] = {
	{ "mknod-disks", "user namespace: no device nodes", a_mknod_disks },
	{ "mknod-memory", "user namespace, device program", a_mknod_memory },
	{ "mknod-in-new-userns", "system call filter", a_mknod_in_new_userns },
	{ "mount-disk", "user namespace: no block file systems", a_mount_disk },
	{ "mount-kernel-trees", "user namespace", a_mount_kernel_trees },
	{ "release-agent", "user namespace: no first generation inside", a_release_agent },
	{ "core-pattern", "owner of the file is the node's root", a_core_pattern },
	{ "modprobe-path", "owner of the file is the node's root", a_modprobe_path },
	{ "sysrq", "owner of the file is the node's root", a_sysrq },
	{ "uevent-helper", "owner of the file is the node's root", a_uevent_helper },
	{ "fresh-proc", "masked parts forbid a second /proc", a_fresh_proc },
	{ "binfmt-misc", "user namespace: an instance of its own, or none", a_binfmt_misc },
	{ "open-by-handle", "system call filter", a_open_by_handle },
	{ "double-chroot", "pivot_root: the old root is gone", a_double_chroot },
	{ "setns-of-init", "own namespaces of every kind", a_setns_of_init },
	{ "ns-parent", "the kernel: no way to a namespace above", a_ns_parent },
	{ "move-mount-out", "pivot_root: the old root is gone", a_move_mount_out },
	{ "pivot-root", "pivot_root: the old root is gone", a_pivot_root },
	{ "init-module", "system call filter, bounding set", a_init_module },
	{ "kexec", "system call filter", a_kexec },
	{ "clock", "system call filter, bounding set", a_clock },
	{ "adjtimex", "the kernel: a right over the node", a_adjtimex },
	{ "dmesg", "system call filter", a_dmesg },
	{ "perf", "system call filter", a_perf },
	{ "bpf", "system call filter", a_bpf },
	{ "bpf-walk", "system call filter", a_bpf_walk },
	{ "io-uring", "system call filter", a_io_uring },
	{ "userfaultfd", "system call filter", a_userfaultfd },
	{ "ports", "system call filter", a_ports },
	{ "swap-and-acct", "system call filter", a_swap_and_acct },
	{ "vsock", "system call filter", a_vsock },
	{ "fanotify", "the kernel: a right over the node", a_fanotify },
	{ "realtime", "the kernel: a right over the node", a_realtime },
	{ "io-realtime", "the kernel: a right over the node", a_io_realtime },
	{ "hard-limits", "the kernel: a right over the node", a_hard_limits },
	{ "tiocsti", "system call filter", a_tiocsti },
	{ "other-abi", "the filter covers each personality", a_other_abi },
	{ "kill-all", "pid namespace", a_kill_all },
	{ "ptrace-init", "pid namespace", a_ptrace_init },
	{ "read-memory", "pid namespace", a_read_memory },
	{ "entering-exe", "entering processes cannot be dumped", a_entering_exe },
	{ "entering-fds", "entering processes cannot be dumped", a_entering_fds },
	{ "abstract-socket", "network namespace", a_abstract_socket },
	{ "shared-memory", "ipc namespace", a_shared_memory },
	{ "keys", "user namespace", a_keys },
	{ "uevents", "network namespace", a_uevents },
	{ "audit", "bounding set, the kernel", a_audit },
	{ "own-limits", "limits lie above what is delegated", a_own_limits },
	{ "group-above", "cgroup namespace", a_group_above },
	{ "clone-into-group", "cgroup namespace, filter", a_clone_into_group },
	{ "fork-bomb", "pids limit", a_fork_bomb },
	{ "memory-bomb", "memory limit", a_memory_bomb },
	{ "shm-bomb", "memory limit", a_shm_bomb },
	{ "sysv-shm-bomb", "memory limit", a_sysv_shm_bomb },
	{ "fd-bomb", "hard limit of descriptors, memory limit", a_fd_bomb },
	{ "pty-bomb", "limit of the own devpts", a_pty_bomb },
	{ "inotify-bomb", "limit per user namespace", a_inotify_bomb },
	{ "key-bomb", "limit per user", a_key_bomb },
	{ "socket-bomb", "memory limit", a_socket_bomb },
	{ "fsync-storm", "I/O weight", a_fsync_storm },
	{ "cache-thrash", "memory limit", a_cache_thrash },
	{ "inode-bomb", "memory limit, quota", a_inode_bomb },
	{ "arp-spoof", "routed link without ARP", a_arp_spoof },
	{ "foreign-source", "source guard", a_foreign_source },
	{ "neighbour-source", "source guard", a_neighbour_source },
	{ "own-source", "nothing: this one arrives, or the test is blind", a_own_source },
	{ "rogue-dhcp", "routed link: no shared segment", a_rogue_dhcp },
	{ "router-advertisement", "routed link: no shared segment", a_router_advertisement },
	{ "take-address", "routes of the node are the only truth", a_take_address },
	{ "conntrack-bomb", "each network namespace has its own table", a_conntrack_bomb },
	{ "proc-sys", "owner of the files is the node's root", a_proc_sys },
	{ "new-userns", "system call filter", a_new_userns },
	{ "bind-tricks", "pivot_root: the old root is gone", a_bind_tricks },
	{ "host-netlink", "network namespace", a_host_netlink },
	{ "raw-socket-source", "source guard", a_raw_socket },
	{ "psi-threads", "bounding set: no CAP_SYS_RESOURCE", a_psi_threads },
	{ "packet-ring", "system call filter", a_packet_ring },
	{ "xdp-socket", "system call filter", a_xdp_socket },
	{ "keys-of-users-bomb", "system call filter", a_keys_of_users_bomb },
	{ "line-discipline", "system call filter", a_line_discipline },
};
#define NATTACKS (sizeof(attacks) / sizeof(*attacks))

int main(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "listen") == 0)
		return listen_frames(argv[2]);
	if (argc > 3 && strcmp(argv[1], "probe") == 0)
		return probe(argv[2], (unsigned int)strtoul(argv[3], NULL, 10));
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 2 && strcmp(argv[1], "pools") == 0)
		return pool_names();
	if (argc > 2 && (strcmp(argv[1], "hold") == 0 || strcmp(argv[1], "one") == 0))
		return pool(argv[1], argv[2]);
	if (argc > 1 && strcmp(argv[1], "hold-exit") == 0)
		return a_hold_exit();
	if (argc > 1 && strcmp(argv[1], "leaks") == 0)
		return leaks(argc - 2, argv + 2);
	if (argc > 2 && strcmp(argv[1], "deaf") == 0)
		return deaf(argv[2]);
	for (size_t i = 0; i < NATTACKS; i++) {
		if (argc > 1 && strcmp(argv[1], "-l") == 0)
			printf("%s\t%s\n", attacks[i].name, attacks[i].held_by);
		else if (argc > 1 && strcmp(argv[1], attacks[i].name) == 0) {
			/* With mounts of its own, or it would harm the VPS that the next one needs. */
			(void)unshare(CLONE_NEWNS);
			return attacks[i].run();
		}
	}
	return argc > 1 && strcmp(argv[1], "-l") == 0 ? 0 : 2;
}
