/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Forced in front of the monitor's sources: a packager's CFLAGS come behind ours on the command line, and
 * their hardening calls into a C library that the monitor does not have.
 */
#ifndef VZ_MONITOR_BARE_H
#define VZ_MONITOR_BARE_H

#undef _FORTIFY_SOURCE
#pragma GCC optimize("no-stack-protector")

#endif
