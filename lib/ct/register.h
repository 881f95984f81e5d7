/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private areas that are there already: make a VPS of one, and forget one. */
#ifndef VZ_CT_REGISTER_H
#define VZ_CT_REGISTER_H

struct ct;
struct vz_err;
struct vz_register_opts;

/* The file in an area that describes the VPS; only where the guest cannot write. */
#define AREA_CONF "ve.conf"

/* Both with the lock held. ct has no configuration yet; path is absolute. */
int ct_register(struct ct *ct, const char *path, const struct vz_register_opts *o, struct vz_err *e);
int ct_unregister(struct ct *ct, struct vz_err *e);

#endif
