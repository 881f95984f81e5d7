/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vzps: what can be printed of a process. */
#ifndef VZPS_INT_H
#define VZPS_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <vz/proc.h>

#define PS_TICKS 100 /* USER_HZ, in which the kernel speaks to programs on every machine that we know */

struct ps_node { /* what rates are made with */
	double up;	  /* seconds since boot */
	int64_t boot;	  /* when that was */
	uint64_t memory;  /* bytes */
};

struct ps_column {
	const char *name, *header;
	int width;    /* negative: to the left; the last of a line is never padded */
	bool number;  /* in JSON, and to sort by */
	void (*text)(const struct vz_proc *p, const struct ps_node *n, char *out, size_t size);
	double (*value)(const struct vz_proc *p, const struct ps_node *n); /* NULL: sorted by text */
};

/* By any of its names, len bytes; NULL: there is none. */
const struct ps_column *ps_column_find(const char *name, size_t len);
const struct ps_column *ps_column_next(const struct ps_column *prev); /* NULL: the first */
/* Does it need what vz_procs() only looks for when asked to? A set of VZ_PROC_. */
unsigned ps_column_need(const struct ps_column *c);
void ps_node_read(struct ps_node *ret);

#endif
