// SPDX-License-Identifier: LGPL-2.1-or-later
/* Some values of a parameter can be had on no node, or not on this one, while others can. */
#include "ct/limit/unheld.h"

#include <linux/capability.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "ct/ct.h"
#include "fs/quota.h"
#include "param/param.h"

#define BIT(n) (UINT64_C(1) << (n))

/* Rights over the machine: a user namespace never has them, whatever the bounding set says. */
static const uint64_t machine_rights =
	BIT(CAP_SYS_MODULE) | BIT(CAP_SYS_RAWIO) | BIT(CAP_SYS_TIME) | BIT(CAP_SYS_PACCT) |
	BIT(CAP_AUDIT_CONTROL) | BIT(CAP_AUDIT_READ) | BIT(CAP_MAC_OVERRIDE) | BIT(CAP_MAC_ADMIN) |
	BIT(CAP_SYSLOG) | BIT(CAP_WAKE_ALARM) | BIT(CAP_BLOCK_SUSPEND) | BIT(CAP_PERFMON) | BIT(CAP_BPF);

static bool has_machine_rights(const struct vz_cfg *c)
{
	return c->capability.on & machine_rights;
}

/* Both want rights over the node's own file systems. */
static bool has_nfs(const struct vz_cfg *c)
{
	return c->features.on & (BIT(FEAT_NFS) | BIT(FEAT_NFSD));
}

static bool has_node_quota(const struct vz_cfg *c)
{
	for (size_t i = 0; i < c->devnodes.n; i++)
		if (c->devnodes.v[i].perm & DEV_QUOTA)
			return true;
	return false;
}

static bool has_device_quota(const struct vz_cfg *c)
{
	for (size_t i = 0; i < c->devices.n; i++)
		if (c->devices.v[i].perm & DEV_QUOTA)
			return true;
	return false;
}

static const struct {
	enum vz_param param;
	bool (*has)(const struct vz_cfg *c);
} values[] = {
	{ VZ_P_CAPABILITY, has_machine_rights },
	{ VZ_P_FEATURES, has_nfs },
	{ VZ_P_DEVNODES, has_node_quota },
	{ VZ_P_DEVICES, has_device_quota },
};

static void add(struct ct *ct, enum vz_param p)
{
	const char *key = param_get(p)->info.key;

	if (!strv_has(ct->unheld, key))
		(void)strv_add(ct->unheld, key);
}

void unheld_values(struct ct *ct, const struct vz_cfg *change)
{
	static const enum vz_param disk[] = { VZ_P_DISKSPACE, VZ_P_DISKINODES };

	if (!ct->unheld)
		return;
	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		if (cfg_has(change, values[i].param) && values[i].has(change))
			add(ct, values[i].param);
	/* Said for a VPS that does not run, too: nobody looks at the log of its next start. */
	if (cfg_has(change, VZ_P_FEATURES) && change->features.on & BIT(FEAT_NFS))
		log_msg(&ct->vz->log, -1, "VPS %s: NFS cannot be mounted in a VPS: the kernel allows that to the "
			"node's root only; mount it on the node and use --bindmount_add SRC:DST:map=none",
			ct->idstr);
	for (size_t i = 0; i < ARRAY_LEN(disk); i++)
		if (cfg_has(change, disk[i]) && ct->private && !fs_quota_holds(ct->private))
			add(ct, disk[i]);
}
