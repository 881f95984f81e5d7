/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Change parameters: apply all, then save all, or neither. */
#ifndef VZ_CT_SET_H
#define VZ_CT_SET_H

#include <stdbool.h>

struct ct;
struct vz_cfg;
struct vz_err;
struct vz_set_result;

int ct_set(struct ct *ct, const struct vz_cfg *change, unsigned flags, struct vz_set_result *ret,
	   struct vz_err *e);
/* Put into effect what the file says: after a set that was killed between its groups. */
int ct_set_again(struct ct *ct, struct vz_err *e);
/* Write every limit of a running VPS anew, as its file has it. */
int ct_reapply(struct ct *ct, struct vz_err *e);
/* Set passwords "user:password" in the root, which is mounted for the time if need be. crypted: they are
 * hashes already. */
int ct_passwords(struct ct *ct, const struct vz_cfg *change, bool crypted, struct vz_err *e);

#endif
