/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of processors and memory nodes as the kernel writes them: "0-3,8". Silent. */
#ifndef VZ_KERN_NUMLIST_H
#define VZ_KERN_NUMLIST_H

#include <stdbool.h>
#include <stdint.h>

enum { KNUMLIST_MAX = 8192 }; /* numbers below this */

struct buf;
struct knumlist {
	uint64_t w[KNUMLIST_MAX / 64];
};

/* Add what the text names. "" names nothing. -EINVAL, -ERANGE. */
int knumlist_parse(const char *text, struct knumlist *l);
bool knumlist_has(const struct knumlist *l, unsigned int n);
/* Is every number of a in b? */
bool knumlist_within(const struct knumlist *a, const struct knumlist *b);
/* The processors of these memory nodes, as a list behind what is in out. */
int knode_cpus(const char *nodes, struct buf *out);

#endif
