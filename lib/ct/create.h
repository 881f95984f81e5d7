/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Durable verbs: create and destroy survive a power cut between any two lines. */
#ifndef VZ_CT_CREATE_H
#define VZ_CT_CREATE_H

#include <stdint.h>

struct ct;
struct vz;
struct vz_cfg;
struct vz_err;

struct ct_create_want {
	const struct vz_cfg *change; /* what the command line says */
	/* While files are unpacked; not 0 gives up. NULL: nobody listens. */
	int (*progress)(void *arg, uint64_t done, uint64_t total);
	void *arg;
};

/* ct was opened with CT_NO_CONF_OK and is locked. */
int ct_create(struct ct *ct, const struct ct_create_want *want, struct vz_err *e);

#endif
