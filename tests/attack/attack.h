/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a hostile root does inside a VPS. "attack NAME" tries it and says what came of it: status 0 and
 * "held: ..." when the node kept it inside, 1 and "OUT: ..." when it got somewhere, 77 when this machine has
 * nothing to attack. "attack -l" prints the names with what is meant to hold them. Static, because it runs in
 * any guest. System calls by number where a C library would be in the way.
 */
#ifndef VZ_ATTACK_H
#define VZ_ATTACK_H

enum { HELD, OUT, NOTHING = 77 };

/* One line; returns r. */
int say(int r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A call that must have failed: r and errno are its result. */
int must_fail(long r, const char *what);
int write_file(const char *path, const char *text); /* -1 and errno */

/* What a neighbour does meanwhile: frames that arrive at it; the p99 of its fork, fsync and ping, in
 * microseconds, over so many tries each. */
int listen_frames(const char *dev);
int probe(const char *address, unsigned int tries);

/* What there is one of for all: take all, or one. pool.c */
int pool_names(void);
int pool(const char *how, const char *name);
/* What tells of the node, by a table on standard input. leak.c */
int leaks(int n, char **secrets);
/* Serve a file system that never answers, in the background. deaf.c */
int deaf(const char *dir);

int a_mknod_disks(void);
int a_mknod_memory(void);
int a_mknod_in_new_userns(void);
int a_mount_disk(void);
int a_mount_kernel_trees(void);
int a_release_agent(void);
int a_core_pattern(void);
int a_modprobe_path(void);
int a_sysrq(void);
int a_uevent_helper(void);
int a_fresh_proc(void);
int a_binfmt_misc(void);
int a_open_by_handle(void);
int a_double_chroot(void);
int a_setns_of_init(void);
int a_ns_parent(void);
int a_move_mount_out(void);
int a_pivot_root(void);
int a_init_module(void);
int a_kexec(void);
int a_clock(void);
int a_adjtimex(void);
int a_dmesg(void);
int a_perf(void);
int a_bpf(void);
int a_bpf_walk(void);
int a_io_uring(void);
int a_userfaultfd(void);
int a_ports(void);
int a_swap_and_acct(void);
int a_vsock(void);
int a_fanotify(void);
int a_realtime(void);
int a_io_realtime(void);
int a_hard_limits(void);
int a_tiocsti(void);
int a_other_abi(void);
int a_kill_all(void);
int a_ptrace_init(void);
int a_read_memory(void);
int a_entering_exe(void);
int a_entering_fds(void);
int a_abstract_socket(void);
int a_shared_memory(void);
int a_keys(void);
int a_uevents(void);
int a_audit(void);
int a_own_limits(void);
int a_group_above(void);
int a_clone_into_group(void);
int a_fork_bomb(void);
int a_memory_bomb(void);
int a_shm_bomb(void);
int a_sysv_shm_bomb(void);
int a_fd_bomb(void);
int a_pty_bomb(void);
int a_inotify_bomb(void);
int a_key_bomb(void);
int a_socket_bomb(void);
int a_fsync_storm(void);
int a_cache_thrash(void);
int a_inode_bomb(void);
int a_arp_spoof(void);
int a_foreign_source(void);
int a_neighbour_source(void);
int a_own_source(void);
int a_rogue_dhcp(void);
int a_router_advertisement(void);
int a_take_address(void);
int a_conntrack_bomb(void);
int a_proc_sys(void);
int a_new_userns(void);
int a_bind_tricks(void);
int a_host_netlink(void);
int a_raw_socket(void);
int a_hold_exit(void);
int a_psi_threads(void);
int a_packet_ring(void);
int a_xdp_socket(void);
int a_keys_of_users_bomb(void);
int a_line_discipline(void);

#endif
