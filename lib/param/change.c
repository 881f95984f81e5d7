/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What "set" does to the values of a file: take away, add, replace, edit, in this order. */
#include "param/param.h"

#include "base/cleanup.h"
#include "base/err.h"
#include "param/netif.h"
#include "param/ptype.h"

/* Taking something away from a value that is not set leaves it unset. */
static int take_away(struct vz_cfg *c, const struct vz_cfg *change)
{
	int r = 0;

	if (cfg_has(change, VZ_P_IP_DEL) && !cfg_has(change, VZ_P_NETIF_EDIT))
		addrs_drop(&c->ip_address, &change->ip_del);
	if (cfg_has(change, VZ_P_NETIF_DEL))
		netifs_drop(&c->netif, &change->netif_del);
	if (cfg_has(change, VZ_P_NETDEV_DEL))
		r = strs_drop(&c->netdev, &change->netdev_del);
	if (r == 0 && cfg_has(change, VZ_P_PCI_DEL))
		r = strs_drop(&c->pci, &change->pci_del);
	if (cfg_has(change, VZ_P_EXT_IP_DEL))
		addrs_drop(&c->ext_ip_address, &change->ext_ip_del);
	if (r == 0 && cfg_has(change, VZ_P_BINDMOUNT_DEL))
		r = binds_drop(&c->bindmount, &change->bindmount_del);
	return r;
}

static int put_in(struct vz_cfg *c, const struct vz_cfg *change, enum vz_param p)
{
	const struct param *row = param_get(p);

	if (row->info.flags & P_JOIN && cfg_has(c, p))
		return row->type->join((char *)c + row->offset,
				       (const char *)change + row->offset);
	return cfg_copy_one(c, change, p);
}

/* With --ifname, addresses belong to that device. */
static int addrs_of_netif(struct vz_cfg *c, const struct vz_cfg *change)
{
	struct netif *n = netifs_last(&c->netif, &change->netif_edit);
	int r = 0;

	if (n && cfg_has(change, VZ_P_IP_DEL))
		r = netif_addr_del(n, &change->ip_del);
	if (n && r == 0 && cfg_has(change, VZ_P_IP_ADDRESS))
		r = netif_addr_add(n, &change->ip_address);
	return r;
}

static int apply(struct vz_cfg *c, const struct vz_cfg *change, struct vz_err *e)
{
	int r = take_away(c, change);

	if (r < 0)
		return err_nomem(e);
	for (unsigned p = 0; p < VZ_NPARAMS; p++) {
		const struct vz_param_info *info = &param_get(p)->info;

		if (!cfg_has(change, p) || info->flags & P_NOSAVE ||
		    (p == VZ_P_IP_ADDRESS && cfg_has(change, VZ_P_NETIF_EDIT)))
			continue;
		r = put_in(c, change, p);
		if (r < 0)
			return type_join_failed(e, r, info->name);
	}
	if (cfg_has(change, VZ_P_NETIF_EDIT))
		r = netifs_edit(&c->netif, &change->netif_edit, e);
	if (r == 0 && cfg_has(change, VZ_P_NETIF_EDIT)) {
		r = addrs_of_netif(c, change);
		if (r < 0)
			return type_join_failed(e, r, "netif");
	}
	if (cfg_has(c, VZ_P_NAME) && !*c->name)
		cfg_unset(c, VZ_P_NAME);
	return r;
}

int cfg_change(struct vz_cfg *conf, const struct vz_cfg *change, struct pset *ret_changed,
	       struct vz_err *e)
{
	_cfg_ struct vz_cfg *work = NULL;
	struct pset changed = { 0 };
	struct vz_cfg old;
	int r = cfg_copy(conf, &work);

	if (r < 0)
		return err_nomem(e);
	r = apply(work, change, e);
	if (r < 0)
		return r;
	for (unsigned p = 0; p < VZ_NPARAMS; p++)
		if (!cfg_equal(conf, work, p))
			pset_add(&changed, p);
	old = *conf; /* values may be moved: the copy now has the old ones and frees them */
	*conf = *work;
	*work = old;
	*ret_changed = changed;
	return 0;
}
