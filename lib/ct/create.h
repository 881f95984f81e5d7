/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Durable verbs: create and destroy survive a power cut between any two lines. */
#ifndef VZ_CT_CREATE_H
#define VZ_CT_CREATE_H

struct ct;
struct vz;
struct vz_cfg;
struct vz_err;

/* change: what the command line says; ct was opened with CT_NO_CONF_OK and is locked. */
int ct_create(struct ct *ct, const struct vz_cfg *change, struct vz_err *e);

#endif
