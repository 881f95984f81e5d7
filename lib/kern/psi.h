/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pressure stall information, Documentation/accounting/psi.rst. Silent: -errno. */
#ifndef VZ_KERN_PSI_H
#define VZ_KERN_PSI_H

#include <stdint.h>

struct kpsi {
	unsigned avg10;	   /* hundredths of a percent */
	uint64_t total_us; /* of time in which some task waited */
};

/* The "some" line of the file `what` (cpu, io, memory) in the folder. -ENOENT: a kernel without it. */
int kpsi_read(int dirfd, const char *what, struct kpsi *ret);

#endif
