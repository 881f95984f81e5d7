/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values that are taken and stored although nothing comes of them here. */
#ifndef VZ_CT_LIMIT_UNHELD_H
#define VZ_CT_LIMIT_UNHELD_H

struct ct;
struct vz_cfg;

/* Add the keys of such values in a change to ct->unheld. */
void unheld_values(struct ct *ct, const struct vz_cfg *change);

#endif
