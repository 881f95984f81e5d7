/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What kind of init a guest has: it decides how to ask for a shutdown and what to prepare. */
#ifndef VZ_CT_INIT_H
#define VZ_CT_INIT_H

struct ct;

enum init_kind { INIT_SYSTEMD, INIT_BUSYBOX, INIT_SYSV, INIT_OTHER };

/* By what /sbin/init in the mounted root is a link to; a program of its own is sysvinit where
 * there is its table, /etc/inittab. */
enum init_kind ct_init_kind(const struct ct *ct);

#endif
