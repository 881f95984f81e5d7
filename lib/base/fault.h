/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Failures of the kernel that no test can bring about, and deaths where no test could hit: VZ_FAIL and VZ_CRASH name
 * one, in builds with --enable-fault only. */
#ifndef VZ_BASE_FAULT_H
#define VZ_BASE_FAULT_H

#ifdef VZ_FAULT
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static inline int fault(const char *point)
{
	const char *want = getenv("VZ_FAIL");

	return want && strcmp(want, point) == 0 ? -EIO : 0;
}

static inline void fault_crash(const char *point)
{
	const char *want = getenv("VZ_CRASH");

	if (want && strcmp(want, point) == 0)
		(void)raise(SIGKILL);
}
#else
static inline void fault_crash(const char *point)
{
	(void)point;
}

static inline int fault(const char *point)
{
	(void)point;
	return 0;
}
#endif

#endif
