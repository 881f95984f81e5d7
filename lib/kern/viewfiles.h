/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The files whose content a VPS gets from its node's lxcfs, as paths both in the VPS and in that file system.
 * All that mount, dump or restore them go by this list.
 */
#ifndef VZ_KERN_VIEWFILES_H
#define VZ_KERN_VIEWFILES_H

#define KVIEW_TYPE "fuse.lxcfs" /* in proc_pid_mountinfo(5) */
#define KVIEW_FILES(X)                                                                             \
	X("/proc/meminfo")                                                                         \
	X("/proc/cpuinfo")                                                                         \
	X("/proc/stat")                                                                            \
	X("/proc/uptime")                                                                          \
	X("/proc/loadavg")                                                                         \
	X("/proc/swaps")                                                                           \
	X("/proc/diskstats")                                                                       \
	X("/sys/devices/system/cpu/online")
#define KVIEW_COUNT_ONE(path) +1
enum { KVIEW_NFILES = 0 KVIEW_FILES(KVIEW_COUNT_ONE) };

#endif
