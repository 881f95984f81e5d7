/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Init has ended by itself: what its monitor's last act is. */
#ifndef VZ_CT_ENDED_H
#define VZ_CT_ENDED_H

#include <stdbool.h>

struct ct;
struct vz_err;

/* Clear up behind it and, if it asked for that, start again. Waits for the lock: another command may be
 * stopping the VPS right now, and then nothing is left to do. */
int ct_ended(struct ct *ct, bool reboot, struct vz_err *e);

#endif
