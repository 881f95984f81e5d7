/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Scripts of the node that run inside a VPS, fed to a shell on its standard input. */
#ifndef VZ_CT_INSIDE_SCRIPT_H
#define VZ_CT_INSIDE_SCRIPT_H

#include <stddef.h>

struct buf;
struct ct;
struct strv;
struct vz_err;

struct ct_script {
	const void *text; /* what the shell reads */
	size_t len;
	const struct strv *env; /* beside HOME, TERM and PATH; NULL: nothing */
	unsigned timeout_ms;	/* 0: none */
};

/*
 * As root of the VPS, with bash or else sh, with the rights and limits of any process in it; also before its
 * init has begun. What it prints, at most 64 KiB, goes to out. *ret_status: exit code, or 128 + signal.
 * -ETIMEDOUT: the shell was killed at the deadline. Nothing of the node is open in it: the text is a copy.
 */
int ct_script(struct ct *ct, const struct ct_script *s, struct buf *out, int *ret_status,
	      struct vz_err *e);

/* Tell what a script printed, line by line, to the log sink at `level`, as "NAME: line". Empties out. */
void ct_script_said(const struct ct *ct, const char *name, struct buf *out, int level);

#endif
