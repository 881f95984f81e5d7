/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands inside a running VPS. */
#ifndef VZ_CT_INSIDE_EXEC_H
#define VZ_CT_INSIDE_EXEC_H

struct buf;
struct ct;
struct vz_err;
struct vz_exec_opts;

#define CT_PATH_ENV "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

int ct_exec(struct ct *ct, const struct vz_exec_opts *o, int *ret_pidfd, struct vz_err *e);
/* Run a shell line inside without terminal or input; *ret_status as of waitid: exit code, 128 + signal.
 * -ETIMEDOUT, EXEC_TIMEOUT: killed at the deadline. */
int ct_exec_line(struct ct *ct, const char *line, int timeout_ms, int *ret_status, struct vz_err *e);
/* The compiled system call filter of this VPS, from the node's cache. */
int ct_filter(struct ct *ct, struct buf *out, struct vz_err *e);
/* Await a child by pidfd: exit code, or 128 + signal. */
int ct_await(int pidfd, int timeout_ms, int *ret_status);

#endif
