/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Kinds of failure. One row per kind: its name, the exit status that vzctl gives for it (the numbers
 * are historic and part of the contract), and the sentence of vzctl(8).
 */
#ifndef VZ_CODES_H
#define VZ_CODES_H

#include <stdint.h>

#define VZ_CODES(X)                                                                                \
	X(OK, 0, "Command executed successfully.")                                                 \
	X(UBC, 1, "A resource limit could not be set.")                                            \
	X(CPU, 2, "A CPU parameter could not be set.")                                             \
	X(SYS, 3, "A system call failed, or an internal error occurred.")                          \
	X(KERNEL, 5, "The running kernel lacks something that is needed.")                         \
	X(NORES, 6, "Not enough system resources.")                                                \
	X(ENV, 7, "The environment of the VPS could not be created.")                              \
	X(EXEC, 8, "The command executed by exec returned a non-zero status.")                     \
	X(LOCKED, 9, "The VPS is locked by another command.")                                      \
	X(NO_GLOBAL_CONF, 10, "The global configuration file was not found.")                      \
	X(NO_SCRIPT, 11, "A helper script, or the script given to runscript, was not found.")      \
	X(PERM, 12, "Permission denied.")                                                          \
	X(CAP, 13, "Setting capabilities failed.")                                                 \
	X(NO_CONF, 14, "The configuration file of the VPS was not found.")                         \
	X(EXEC_TIMEOUT, 15, "Timeout on executing a command in the VPS.")                          \
	X(SUSPEND, 16, "Suspending the VPS failed.")                                               \
	X(RESUME, 17, "Resuming the VPS failed.")                                                  \
	X(SYNTAX, 20, "Bad command, or bad combination of parameters.")                            \
	X(PARAM, 21, "Unknown option, bad value or bad VPS ID.")                                   \
	X(NO_ROOT, 22, "VE_ROOT is not set.")                                                      \
	X(NO_PRIVATE, 23, "VE_PRIVATE is not set.")                                                \
	X(NO_TEMPLATE, 24, "TEMPLATE is not set.")                                                 \
	X(FEW_PARAMS, 27, "Not enough parameters.")                                                \
	X(NO_UBC, 28, "A required resource parameter is missing.")                                 \
	X(NO_OSTEMPLATE, 29, "No OS template was given.")                                          \
	X(NOT_RUNNING, 31, "The VPS is not running.")                                              \
	X(RUNNING, 32, "The VPS is running.")                                                      \
	X(STOP, 33, "The VPS could not be stopped.")                                               \
	X(ADD_IP, 34, "An address could not be added.")                                            \
	X(INVALID, 35, "Validation of a configuration failed.")                                    \
	X(NOT_MOUNTED, 40, "The VPS is not mounted.")                                              \
	X(MOUNTED, 41, "The VPS is mounted.")                                                      \
	X(PRIVATE_MISSING, 43, "The private area does not exist.")                                 \
	X(PRIVATE_EXISTS, 44, "The private area exists already.")                                  \
	X(NO_SPACE, 46, "Not enough disk space.")                                                  \
	X(BAD_TEMPLATE, 47, "The template or root is bad: no init, or wrong owner.")               \
	X(CREATE_PRIVATE, 48, "The private area could not be created.")                            \
	X(CREATE_ROOT, 49, "The root directory could not be created.")                             \
	X(MOUNT, 50, "Mounting failed.")                                                           \
	X(UMOUNT, 51, "Unmounting failed.")                                                        \
	X(DEL_PRIVATE, 52, "The private area could not be deleted.")                               \
	X(LAYOUT, 53, "Unknown layout.")                                                           \
	X(MKDIR, 54, "A directory could not be created.")                                          \
	X(QUOTA_LIMITS, 55, "Quota limits are incomplete.")                                        \
	X(QUOTA_ON, 60, "Quota could not be switched on.")                                         \
	X(QUOTA_INIT, 61, "Quota could not be initialised.")                                       \
	X(QUOTA_SET, 62, "A quota limit could not be set.")                                        \
	X(NO_DISKSPACE, 63, "DISKSPACE is not set.")                                               \
	X(NO_DISKINODES, 64, "DISKINODES is not set.")                                             \
	X(QUOTA_UGID, 65, "Quota inside the VPS could not be set.")                                \
	X(QUOTA_OFF, 66, "Quota could not be switched off.")                                       \
	X(UGID_UNINIT, 67, "User and group quota is not initialised.")                             \
	X(QUOTA_USAGE, 68, "Quota usage could not be read.")                                       \
	X(HOSTNAME, 70, "The host name is not valid.")                                             \
	X(IP, 71, "An address is not valid.")                                                      \
	X(NAMESERVER, 72, "A name server address is not valid.")                                   \
	X(SEARCHDOMAIN, 73, "A search domain is not valid.")                                       \
	X(PASSWD, 74, "The password could not be changed.")                                        \
	X(NO_LOCKDIR, 77, "LOCKDIR is not set.")                                                   \
	X(IP_INUSE, 78, "An address is in use already.")                                           \
	X(ACTION, 79, "An action script failed.")                                                  \
	X(CP_CONFIG, 82, "The sample configuration could not be used.")                            \
	X(BAD_CONF, 85, "The configuration file is not valid.")                                    \
	X(DEVICES, 86, "Device access could not be set.")                                          \
	X(IP_NA, 89, "An address is not available.")                                               \
	X(TEMPLATE_MISSING, 91, "The OS template was not found.")                                  \
	X(LAYOUT_UNSUPPORTED, 99, "The layout is not supported on this node.")                     \
	X(GET_IP, 100, "The addresses of the VPS could not be found.")                             \
	X(NETDEV, 104, "A network device could not be moved.")                                     \
	X(DISABLED, 105, "Starting the VPS is disabled.")                                          \
	X(IPTABLES, 106, "Netfilter cannot be changed on a running VPS.")                          \
	X(NO_DIST, 107, "No distribution configuration was found.")                                \
	X(NO_DIST_ACTION, 108, "A distribution action script was not found.")                      \
	X(APPLY_CONFIG, 109, "The sample configuration could not be applied.")                     \
	X(REINSTALL, 128, "Reinstalling the VPS failed.")                                          \
	X(MEMINFO, 129, "The memory view could not be set.")                                       \
	X(VETH, 130, "A virtual Ethernet device could not be set up.")                             \
	X(NAME, 131, "The name could not be set.")                                                 \
	X(WAIT, 133, "The VPS did not come up in time.")                                           \
	X(SAVE, 139, "The configuration file could not be saved.")                                 \
	X(IO, 148, "An I/O parameter could not be set.")                                           \
	X(IMAGE_CREATE, 151, "The image could not be created.")                                    \
	X(IMAGE_MOUNT, 152, "The image could not be mounted.")                                     \
	X(IMAGE_UMOUNT, 153, "The image could not be unmounted.")                                  \
	X(IMAGE_RESIZE, 154, "The image could not be resized.")                                    \
	X(CONVERT, 155, "The layout could not be converted.")                                      \
	X(SNAP_CREATE, 156, "The snapshot could not be created.")                                  \
	X(SNAP_MERGE, 157, "Snapshots could not be merged.")                                       \
	X(SNAP_DELETE, 158, "The snapshot could not be deleted.")                                  \
	X(SNAP_SWITCH, 159, "The snapshot could not be switched to.")                              \
	X(SNAP_MOUNT, 160, "The snapshot could not be mounted.")                                   \
	X(SNAP_UMOUNT, 161, "The snapshot could not be unmounted.")                                \
	X(COMPACT, 166, "The image could not be compacted.")                                       \
	X(SNAP_LIST, 167, "The snapshots could not be listed.")

enum vz_code {
#define VZ_CODE_ENUM(name, exit, text) VZ_E_##name,
	VZ_CODES(VZ_CODE_ENUM)
#undef VZ_CODE_ENUM
	VZ_NCODES
};

/* What went wrong. Zero it, pass its address, read it when a call returned < 0. */
struct vz_err {
	int32_t code;	/* enum vz_code; 0 = nothing went wrong */
	int32_t sys;	/* errno behind it, positive, 0 if none */
	char text[504]; /* one line, no full stop, no newline */
};

#endif
