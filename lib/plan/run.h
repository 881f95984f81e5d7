/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The compiled plan: one block of memory without pointers, so that it can be written to a memfd and
 * run by another program. Shared by the builder (plan.c) and the interpreter (plan_run.c).
 */
#ifndef VZ_PLAN_RUN_H
#define VZ_PLAN_RUN_H

#include <stdint.h>

enum plan_op {
#define STEP(name, text) PLAN_##name,
#include "plan/steps.def"
#undef STEP
	PLAN_NOPS
};

#define PLAN_OPTIONAL 1u /* a failure of this step is not one of the plan */
#define PLAN_MAGIC    0x56507a31u

/* A string of the block: offset from its start and length; the byte behind it is always NUL. */
struct plan_str {
	uint32_t off, len;
};

struct plan_step {
	uint16_t op;
	uint16_t unused;
	uint32_t flags; /* PLAN_OPTIONAL; RLIMIT keeps its resource in the upper half */
	struct plan_str s1, s2, s3;
	int32_t fd;
	int32_t unused2;
	uint64_t num;
};

struct plan_block {
	uint32_t magic, size; /* of the whole block */
	uint32_t nsteps;
	int32_t sock; /* where failures are reported */
	struct plan_step step[];
};

/*
 * Meeting points. Every message is one struct sync_msg on a SEQPACKET socket, sometimes with one
 * descriptor. A wrong message, or none before the deadline, is an error, never a hang.
 */
enum sync_kind {
	/* Monitor to vzctl, with init's pidfd: the child exists. a = its pid on the host. Its user
	 * namespace has no maps yet and it waits for SYNC_IDMAP. */
	SYNC_CHILD = 1,
	/* vzctl to child: the maps are written; it may become root and enter its groups. */
	SYNC_IDMAP,
	/* Child to vzctl: the root is pivoted, all mounts stand, files are written. */
	SYNC_ROOT_DONE,
	/* vzctl to child: links and addresses are set, state is noted; go on to exec. */
	SYNC_GO,
	/* Child to the socket of a PTY step, with the master's descriptor. */
	SYNC_CONSOLE,
	/* Child to whoever waits: step a failed with errno b. The last message of a child. */
	SYNC_FAIL,
};

struct sync_msg {
	uint32_t kind;
	int32_t a, b;
};

/* Run the block. Returns only by execve or _exit. System calls only: usable after clone. */
void plan_run(const struct plan_block *p) __attribute__((noreturn));

/* Send or await one message; fd may be -1. -EPIPE: the other side is gone; -ETIMEDOUT (deadline in
 * milliseconds from now, < 0 for ever); -EPROTO: another message than the kinds allowed. */
int sync_send(int sock, uint32_t kind, int32_t a, int32_t b, int fd);
int sync_recv(int sock, int timeout_ms, struct sync_msg *ret, int *ret_fd);

#endif
