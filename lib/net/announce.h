/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What <vz/net.h> offers, below the argument checks. */
#ifndef VZ_NET_ANNOUNCE_H
#define VZ_NET_ANNOUNCE_H

#include <vz/net.h>

int net_arp_send(const struct vz_arp *a, struct vz_arp_answer *ret, struct vz_err *e);
int net_nd_send(const char *dev, const uint8_t *ip, struct vz_err *e);

#endif
