/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Public entry points: ARP and neighbour discovery, and what follows when a device comes up. */
#include <vz/net.h>

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "ct/ct.h"
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

/* 1: done; 0: it does not run, or somebody is at it. */
static int one_up(struct vz *vz, uint32_t id, const char *dev, struct vz_err *e)
{
	struct ct *ct = NULL;
	int r = ct_open(vz, id, 0, &ct, e);

	if (r < 0)
		return r;
	if (ct_is_running(ct)) {
		struct vz_err mine = { 0 };

		r = ct_lock(ct, "ifup", false, &mine);
		if (r == 0 && ct_is_running(ct))
			r = ct_uplink_up(ct, dev, &mine) < 0 ? -EIO : 1;
		else if (r == -EBUSY)
			r = 0;
		if (r < 0 && e && !e->code)
			*e = mine;
	}
	ct_close(ct);
	return r;
}

int vz_net_uplink_up(struct vz *vz, const char *dev, unsigned *ret_vps, struct vz_err *e)
{
	_free_ uint32_t *ids = NULL;
	size_t n = 0;
	unsigned done = 0;
	int first = 0, r;

	if (!dev || if_nametoindex(dev) == 0)
		return err_sys(e, VZ_E_PARAM, -ENODEV, "device '%.64s'", dev ? dev : "");
	r = node_list(vz, &ids, &n, e);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		r = one_up(vz, ids[i], dev, e);
		if (r < 0)
			first = first ? first : r;
		else
			done += (unsigned)r;
	}
	if (ret_vps)
		*ret_vps = done;
	return first;
}
