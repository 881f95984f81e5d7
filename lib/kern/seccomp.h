/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compile a list of refused system calls into a filter program. Silent: -errno. */
#ifndef VZ_KERN_SECCOMP_H
#define VZ_KERN_SECCOMP_H

#include <stddef.h>
#include <stdint.h>

struct buf;

struct kseccomp_rule {
	const char *call; /* name of a system call; one that a machine lacks is left out there */
	uint16_t error;	  /* what the caller gets */
	uint8_t arg;	  /* with mask: only when (argument number `arg` & mask) == value */
	uint64_t mask;	  /* 0: always */
	uint64_t value;
	uint8_t arg2;	  /* with mask2: and only when this holds as well */
	uint64_t mask2;
	uint64_t value2;
};

/* Everything else is allowed. Covers the 32-bit system call table of this machine as well; calls from tables that
 * are not covered (x32) get ENOSYS. Out: an array of struct sock_filter. */
int kseccomp_compile(const struct kseccomp_rule *rules, size_t n, struct buf *out);

#endif
