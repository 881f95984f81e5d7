/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Build a child program: an ordered list of steps and their strings. Failures are sticky, so that a
 * plan reads as a list of what happens; plan_end() reports them.
 */
#ifndef VZ_PLAN_PLAN_H
#define VZ_PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/run.h"

struct buf;
struct strv;
struct vz_err;
struct plan;

struct plan *plan_new(void); /* NULL: no memory */
void plan_free(struct plan *p);
static inline void cleanup_plan(struct plan **p)
{
	plan_free(*p);
}
#define _plan_ __attribute__((cleanup(cleanup_plan)))

/* One step. Strings are copied; NULL is the empty string. role names the descriptor in dumps. */
struct plan_arg {
	const char *s1, *s2, *s3;
	size_t s1_len, s2_len, s3_len; /* 0: strlen */
	uint64_t num;
	int fd;
	const char *role; /* set with fd; fd counts only when role is set */
	uint32_t flags;
};
void plan_add(struct plan *p, enum plan_op op, const struct plan_arg *a);
#define PLAN(p, op, ...) plan_add((p), PLAN_##op, &(struct plan_arg){ __VA_ARGS__ })

/* The socket for meeting points and failures; kept open until exec. */
void plan_socket(struct plan *p, int fd);
/* Descriptors 0, 1 and 2 are the command's own and survive CLOSE_FDS. */
void plan_keep_stdio(struct plan *p);
/* argv and env as lists. */
void plan_exec(struct plan *p, const char *path, const struct strv *argv, const struct strv *env,
	       uint32_t flags);

/* Compile: fill in the descriptors that CLOSE_FDS keeps, check that the plan ends in EXEC or EXIT, and put the
 * block into out (a struct plan_block). */
int plan_end(struct plan *p, struct buf *out, struct vz_err *e);

/* Step n in words ("mount proc on /proc") for messages; the whole as a numbered list for tests. */
int plan_step_text(const struct plan *p, size_t n, struct buf *out);
int plan_dump(const struct plan *p, struct buf *out);
size_t plan_count(const struct plan *p);
bool plan_has(const struct plan *p, enum plan_op op);

#endif
