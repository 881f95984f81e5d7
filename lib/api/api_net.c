/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Public entry points: ARP and neighbour discovery. */
#include <vz/net.h>

#include <errno.h>

#include "base/err.h"
#include "net/announce.h"

/* An hour of rounds; more is a mistake of the caller's. */
#define ARP_MAX_COUNT 3600
#define ARP_MAX_WAIT  3600000

int vz_arp_send(const struct vz_arp *a, struct vz_arp_answer *ret, struct vz_err *e)
{
	if (!a || a->size < sizeof(*a) || !a->dev || (a->ndst && !a->dst_ip))
		return err_set(e, VZ_E_PARAM, -EINVAL, "incomplete ARP request");
	if (a->ndst == 0 || a->count == 0)
		return err_set(e, VZ_E_PARAM, -EINVAL, "ARP request without a target or a round");
	if (a->count > ARP_MAX_COUNT || a->wait_ms > ARP_MAX_WAIT)
		return err_set(e, VZ_E_PARAM, -ERANGE, "ARP request: too many rounds, or too long");
	return net_arp_send(a, ret, e);
}

int vz_nd_send(const char *dev, const uint8_t *ip, struct vz_err *e)
{
	if (!dev || !ip)
		return err_set(e, VZ_E_PARAM, -EINVAL, "incomplete neighbour advertisement");
	return net_nd_send(dev, ip, e);
}
