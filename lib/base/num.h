/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Strict numbers: the whole string or nothing, no blanks, no sign where none is meant.
 * -EINVAL: not a number; -ERANGE: does not fit.
 */
#ifndef VZ_BASE_NUM_H
#define VZ_BASE_NUM_H

#include <stdint.h>
#include <sys/types.h>

int num_u64(const char *s, uint64_t *ret);
int num_u32(const char *s, uint32_t *ret);
int num_i64(const char *s, int64_t *ret);
int num_pid(const char *s, pid_t *ret); /* > 0 */

/* "2.2G": digits, optional decimal fraction, optional one-letter suffix of either case: K M G T =
 * 1024^n bytes, B bytes, P pages of 4096 bytes. Without a suffix the number counts units of `unit`
 * bytes. Result in bytes. -EINVAL, -ERANGE as above. */
int num_bytes(const char *s, uint64_t unit, uint64_t *ret);

/* Decimal with fraction ("2.5") into thousandths, more digits cut. */
int num_milli(const char *s, uint64_t *ret);

#endif
