/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Take the accounts of one root over into another: pure functions on texts. The old texts are hostile. */
#ifndef VZ_GUEST_ACCOUNTS_H
#define VZ_GUEST_ACCOUNTS_H

#include "guest/user.h"

/*
 * New texts from those of a fresh root and those of the old one: all lines of the fresh one; users and groups
 * of the old one from id 1000 on whose name and id are free; root's password; and those users in the system
 * groups that they were in. old[i] or fresh[i] may be NULL. A table that the fresh root does not have is only
 * made for what needs it. Lines of the old root that no tool would have written are left out. out must be
 * empty. -E2BIG: a text beyond GUEST_FILE_MAX; -EINVAL: a zero byte in one.
 */
int guest_accounts_merge(const struct buf *const old[GUEST_NTABLES],
			 const struct buf *const fresh[GUEST_NTABLES],
			 struct buf out[GUEST_NTABLES]);

#endif
