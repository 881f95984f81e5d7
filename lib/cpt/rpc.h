/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * CRIU as a worker (`criu swrk FD`): one request over a SOCK_SEQPACKET socket, notifications that wait
 * for our answer, one reply. The command line cannot hand over the master of the console, this can.
 * Silent: -errno.
 */
#ifndef VZ_CPT_RPC_H
#define VZ_CPT_RPC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct buf;

/* From CRIU's images/rpc.proto; a number once given there never changes. */
enum { RPC_DUMP = 1, RPC_RESTORE = 2 };
enum { RPC_CG_IGNORE = 0, RPC_CG_SOFT = 3 };
enum { RPC_LOCK_NFTABLES = 2 };
enum {
	OPT_IMAGES_DIR_FD = 1, OPT_PID = 2, OPT_LEAVE_RUNNING = 3, OPT_TCP_ESTABLISHED = 5,
	OPT_EVASIVE_DEVICES = 6, OPT_SHELL_JOB = 7, OPT_FILE_LOCKS = 8, OPT_LOG_LEVEL = 9,
	OPT_LOG_FILE = 10, OPT_NOTIFY_SCRIPTS = 12, OPT_ROOT = 13, OPT_WORK_DIR_FD = 17,
	OPT_LINK_REMAP = 18, OPT_RST_SIBLING = 26, OPT_ENABLE_FS = 32, OPT_MANAGE_CGROUPS_MODE = 34,
	OPT_GHOST_LIMIT = 35, OPT_IRMAP_SCAN_PATHS = 36, OPT_EXTERNAL = 37, OPT_TIMEOUT = 45,
	OPT_TCP_SKIP_IN_FLIGHT = 46, OPT_WEAK_SYSCTLS = 47, OPT_ORPHAN_PTS_MASTER = 50,
	OPT_NETWORK_LOCK = 64,
};

struct rpc_event {
	bool done;	 /* the reply; otherwise a notification */
	bool success;	 /* of the reply */
	char script[32]; /* name of the notification */
	pid_t pid;	 /* restored init, where the message has it, else 0 */
	int fd;		 /* came along, now the caller's; else -1 */
};

/* Two ends; *ret_criu is for the worker. Both close-on-exec. The process that calls is the one whose
 * descriptors OPT_IMAGES_DIR_FD and OPT_WORK_DIR_FD name. */
int rpc_pair(int *ret_ours, int *ret_criu);
/* Fork and exec the worker with `sock`, and with `busy` unless that is -1: a lock that is held as long as it is at work.
 * It keeps no other descriptor of ours, and is a session of its own, so that a key pressed at the terminal does not
 * end it half way. */
int rpc_spawn(const char *criu, int sock, int busy, pid_t *ret);
int rpc_request(int sock, int type, const struct buf *opts);
/* -EPIPE: the worker is gone; -ETIMEDOUT; -EBADMSG. deadline in clock_ms(), 0 = none. */
int rpc_recv(int sock, uint64_t deadline, struct rpc_event *ret);
/* Answer a notification: go on, or give up. */
int rpc_answer(int sock, bool go_on);

#endif
