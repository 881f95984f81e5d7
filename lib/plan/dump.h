/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The builder's own view of a plan, shared by plan.c and plan_dump.c only. */
#ifndef VZ_PLAN_DUMP_H
#define VZ_PLAN_DUMP_H

#include "base/buf.h"
#include "plan/plan.h"

struct plan {
	struct plan_step *step;
	const char **role; /* what the descriptor of a step is, for the dump; static strings */
	size_t n, size;
	struct buf strings;
	int sock;
	bool keep_stdio;
	int error;
};

#endif
