/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a VPS's links carry, counted by small programs at their host's ends: bytes and packets of IP by class of
 * network, direction and family, as what the guards let pass. docs/adr/0030-counting.md
 */
#ifndef VZ_NET_COUNT_H
#define VZ_NET_COUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "net/link_prog.h"
#include "net/prog.h"

struct strv;
struct vz_err;

struct net_counter {
	uint64_t bytes, packets;
};
/* One class: by direction, and by family: IPv4, IPv6. */
struct net_count_row {
	struct net_counter c[NET_NDIRS][2];
};

struct net_count {
	int rows_fd;   /* map of kbpf_value_new(), `rows` net_count_row, the class is the index */
	uint32_t rows; /* of net_count_rows() */
	int classes;   /* of net_classes_map(), what it has not is class 0; -1: everything is class 1 */
};

/* Rows for classes up to that one: a power of two. */
uint32_t net_count_rows(uint32_t max_class);
/* Build the program for one direction; its length, -E2BIG, -ENOMEM. It lets everything pass. */
int net_count_build(const struct net_count *c, int dir, struct prog *ret);
/* Put it on all links that are there, in the place of an earlier one. name tells it from others. KERNEL */
int net_count_set(const struct strv *links, const struct net_count *c, const char *name,
		  struct vz_err *e);
/* Has every link that is there the one of that name? */
bool net_count_is_set(const struct strv *links, const char *name);

#endif
