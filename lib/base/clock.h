/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Monotonic milliseconds and deadlines. */
#ifndef VZ_BASE_CLOCK_H
#define VZ_BASE_CLOCK_H

#include <stdint.h>

uint64_t clock_ms(void);		     /* CLOCK_MONOTONIC */
int clock_left_ms(uint64_t deadline_ms);     /* for poll(): 0 when passed; deadline 0 = -1 (ever) */

#endif
