/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How fast VPSs are started: as fast as the node bears it. */
#ifndef VZ_HOST_PRESSURE_H
#define VZ_HOST_PRESSURE_H

#include <stdint.h>

enum { PRESSURE_KINDS = 3 };

struct pressure {
	int dir; /* < 0: this kernel tells nothing, so nothing is held back */
	uint64_t looked_ms, began_ms;
	uint64_t total_us[PRESSURE_KINDS]; /* at that look */
};

void pressure_open(struct pressure *p, const char *dir); /* NULL: /proc/pressure */
void pressure_close(struct pressure *p);
/* 0: the next one may begin (and is taken to have begun). Else the milliseconds to wait, and *ret_held says
 * for what. */
unsigned pressure_gate(struct pressure *p, unsigned going, const char **ret_held);

#endif
