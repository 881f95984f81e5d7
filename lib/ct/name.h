/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of VPSs: links <names>/<NAME> to the configuration, whose NAME= must say the same. */
#ifndef VZ_CT_NAME_H
#define VZ_CT_NAME_H

struct ct;
struct vz_err;

/* May this VPS have the name? NAME: somebody else has it. */
int name_check(const struct ct *ct, const char *name, struct vz_err *e);
int name_link(const struct ct *ct, const char *name, struct vz_err *e);
/* Remove the link of the name that the configuration has, if it is ours. Never fails. */
void name_unlink(const struct ct *ct);

#endif
