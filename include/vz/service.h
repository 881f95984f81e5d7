/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Services inside a running VPS, whatever its init is. Nothing a caller says becomes part of a shell line.
 * Same conventions as <vz/vz.h>. Codes: NOT_RUNNING; PARAM (a bad name); EXEC (there is no service manager, or
 * it does not answer); EXEC_TIMEOUT.
 */
#ifndef VZ_SERVICE_H
#define VZ_SERVICE_H

#include <stdbool.h>

#include <vz/codes.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vz_ct;

/* X(id, word) */
#define VZ_SERVICE_VERBS(X)                                                                        \
	X(STATUS, "status")                                                                        \
	X(START, "start")                                                                          \
	X(STOP, "stop")                                                                            \
	X(RESTART, "restart")                                                                      \
	X(RELOAD, "reload")                                                                        \
	X(ENABLE, "enable")                                                                        \
	X(DISABLE, "disable")

enum vz_service_verb {
#define VZ_SERVICE_ENUM(id, word) VZ_SERVICE_##id,
	VZ_SERVICE_VERBS(VZ_SERVICE_ENUM)
#undef VZ_SERVICE_ENUM
	VZ_SERVICE_NVERBS
};

struct vz_service {
	const char *name;
	const char *state; /* "running", "stopped", "failed", "unknown" */
	int enabled;	   /* at boot: 1 yes, 0 no, -1 not known */
};

/* "systemd", "openrc", "runit", "sysvinit", "busybox"; *ret is constant. */
int vz_service_manager(struct vz_ct *ct, const char **ret, struct vz_err *e);
/* fn for each service, sorted by name. Strings are good during the call. */
int vz_service_list(struct vz_ct *ct, void (*fn)(void *arg, const struct vz_service *s), void *arg,
		    struct vz_err *e);
/*
 * *ret_status becomes what the manager's program ended with; for STATUS by the rules of the LSB: 0 it runs, 1 and
 * 2 it is dead, 3 it does not run, 4 there is no such service or it is not known. For the other verbs 5 is: no
 * such service. *ret_output, to be released with free(), is what was printed, controls and all: it comes out of
 * the VPS.
 */
int vz_service_do(struct vz_ct *ct, enum vz_service_verb verb, const char *service, char **ret_output,
		  int *ret_status, struct vz_err *e);

#ifdef __cplusplus
}
#endif

#endif
