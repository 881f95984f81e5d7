/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fill a vz_err. The first failure wins: a second call on a filled struct changes nothing, so
 * clean-up after a failure cannot overwrite its words. e may be NULL everywhere.
 */
#ifndef VZ_BASE_ERR_H
#define VZ_BASE_ERR_H

#include <vz/codes.h>

/* Words alone. Returns r, or -EINVAL should r be >= 0. */
int err_set(struct vz_err *e, int code, int r, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Words, then ": " and the text of errno -r. Returns as err_set(). */
int err_sys(struct vz_err *e, int code, int r, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Out of memory, in the standard words. Returns -ENOMEM. */
int err_nomem(struct vz_err *e);

/* Put words before an error that is already set: "prefix: text". For the one caller that knows
 * the object when the callee could not. Does nothing on an empty struct. Returns r. */
int err_prefix(struct vz_err *e, int r, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
