/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How much a VPS may send and receive. */
#include "ct/rate.h"

#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "base/str.h"
#include "ct/ct.h"
#include "ct/netif.h"
#include "ct/traffic.h"
#include "ct/traffic_quota.h"
#include "net/rate.h"
#include "param/param.h"

#define KBIT UINT64_C(1000)

/* The largest number of entries DEVICE:[CLASS:]NUMBER; 0 when there is none. */
static uint64_t largest(const struct vz_cfg *c, enum vz_param p, const struct strv *l)
{
	uint64_t max = 0;
	uint32_t v;

	for (size_t i = 0; cfg_has(c, p) && i < l->n; i++) {
		const char *number = strrchr(l->v[i], ':');

		if (number && num_u32(number + 1, &v) == 0 && v > max)
			max = v;
	}
	return max;
}

/* What the VPS bought. */
static uint64_t bought(const struct ct *ct, const struct vz_cfg *cfg)
{
	const struct vz_cfg *node = ct->vz->cfg;
	uint64_t rate = largest(cfg, VZ_P_RATE, &cfg->rate), total;

	if (!rate || !node->traffic_shaping)
		return 0;
	if (cfg_has(cfg, VZ_P_RATEBOUND) && cfg->ratebound)
		return rate;
	total = largest(node, VZ_P_TOTALRATE, &node->totalrate);
	if (!total)
		total = largest(node, VZ_P_BANDWIDTH, &node->bandwidth);
	return total && total < rate ? rate : total;
}

uint64_t ct_rate_bits(const struct ct *ct, const struct vz_cfg *cfg)
{
	uint64_t bits = bought(ct, cfg) * KBIT, throttle = ct_quota_throttle(ct, cfg);

	return throttle && (!bits || throttle < bits) ? throttle : bits;
}

static int put(struct ct *ct, uint64_t bits, struct vz_err *e)
{
	const struct vz_cfg *node = ct->vz->cfg;
	_strv_ struct strv links = { 0 };
	uint64_t mpu = largest(node, VZ_P_RATEMPU, &node->ratempu);
	struct net_rate w = { .id = ct->id, .owner = ct->vz->slice, .links = &links, .bits = bits,
			      .mpu = mpu > 1514 ? 1514 : (uint16_t)mpu };
	int r = ct_link_names(ct, &links);

	return r < 0 ? err_sys(e, VZ_E_SYS, r, "cannot read the list of links of VPS '%s'", ct->idstr) :
		       net_rate_set(&w, e);
}

int ct_rate_up(struct ct *ct, struct vz_err *e)
{
	uint64_t bits = ct_rate_bits(ct, ct->cfg);

	return bits ? put(ct, bits, e) : 0;
}

int ct_rate_apply(struct ct *ct, const struct vz_cfg *cfg, struct vz_err *e)
{
	/* What a quota has to say follows from the record. */
	if (cfg->traffic_quota)
		ct_traffic_keep(ct);
	return put(ct, ct_rate_bits(ct, cfg), e);
}

int ct_rate_down(struct ct *ct, struct vz_err *e)
{
	return net_rate_down(ct->id, ct->vz->slice, e);
}
