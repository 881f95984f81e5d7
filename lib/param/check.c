/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules over more than one parameter, and what follows from several of them. */
#include "param/check.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/err.h"

bool cfg_is_vswap(const struct vz_cfg *c)
{
	return cfg_has(c, VZ_P_PHYSPAGES) && c->physpages.lim != VZ_UNLIMITED;
}

int cfg_check_change(const struct vz_cfg *change, struct vz_err *e)
{
	bool cpus = cfg_has(change, VZ_P_CPUMASK), nodes = cfg_has(change, VZ_P_NODEMASK);

	if (nodes && !cpus)
		return err_set(e, VZ_E_SYNTAX, -EINVAL, "--nodemask needs --cpumask");
	if (cpus && !nodes && str_eq(change->cpumask, "auto"))
		return err_set(e, VZ_E_SYNTAX, -EINVAL, "--cpumask auto needs --nodemask");
	return 0;
}

/* The full packet filter is what every VPS has. */
uint32_t cfg_says(const struct vz_cfg *c, enum vz_param p)
{
	uint32_t flags = param_get(p)->info.flags & (P_STORED | P_APPROX);

	if (p == VZ_P_NETFILTER && c->netfilter == NETFILTER_FULL)
		return 0;
	return flags;
}

static uint64_t add_pages(uint64_t a, uint64_t b)
{
	uint64_t sum;

	return a == VZ_UNLIMITED || b == VZ_UNLIMITED || __builtin_add_overflow(a, b, &sum) ?
		       VZ_UNLIMITED :
		       sum;
}

static void derive_one(struct vz_cfg *c, enum vz_param p, struct ubc *field, struct ubc v)
{
	if (cfg_has(c, p))
		return;
	*field = v;
	cfg_mark(c, p);
}

void cfg_derive(struct vz_cfg *c)
{
	uint64_t ram = c->physpages.lim, both, virt = VZ_UNLIMITED;

	if (!cfg_is_vswap(c))
		return;
	both = add_pages(ram, c->swappages.lim);
	if (cfg_has(c, VZ_P_VM_OVERCOMMIT) && c->vm_overcommit && both != VZ_UNLIMITED) {
		unsigned __int128 v = (unsigned __int128)both * c->vm_overcommit / 1000;

		virt = v > INT64_MAX ? VZ_UNLIMITED : (uint64_t)v;
	}
	derive_one(c, VZ_P_LOCKEDPAGES, &c->lockedpages, (struct ubc){ ram, ram });
	derive_one(c, VZ_P_OOMGUARPAGES, &c->oomguarpages, (struct ubc){ ram, VZ_UNLIMITED });
	derive_one(c, VZ_P_VMGUARPAGES, &c->vmguarpages, (struct ubc){ both, VZ_UNLIMITED });
	derive_one(c, VZ_P_PRIVVMPAGES, &c->privvmpages, (struct ubc){ virt, virt });
}

void cfg_memory(const struct vz_cfg *c, uint64_t *ret_ram, uint64_t *ret_swap)
{
	bool swap = cfg_has(c, VZ_P_SWAPPAGES);

	if (cfg_is_vswap(c)) {
		*ret_ram = c->physpages.lim;
		*ret_swap = swap ? c->swappages.lim : 0;
		return;
	}
	*ret_ram = cfg_has(c, VZ_P_PRIVVMPAGES) ? c->privvmpages.lim : VZ_UNLIMITED;
	*ret_swap = swap ? c->swappages.lim : *ret_ram == VZ_UNLIMITED ? VZ_UNLIMITED : 0;
}

bool cfg_is_nesting(const struct vz_cfg *c)
{
	return cfg_has(c, VZ_P_FEATURES) && c->features.on >> FEAT_NESTING & 1;
}

uint64_t cfg_cpu_percent(const struct vz_cfg *c)
{
	uint64_t limit = c->cpulimit, cpus = (c->cpus + 9) / 10; /* thousandths to per cent */

	if (limit == 0 || cpus == 0)
		return limit ? limit : cpus;
	return limit < cpus ? limit : cpus;
}

size_t cfg_drop_ipv6(struct vz_cfg *c)
{
	struct addrlist *l = &c->ip_address;
	size_t left = 0, had = l->n;

	if (cfg_has(c, VZ_P_IPV6) && c->ipv6)
		return 0;
	for (size_t i = 0; i < had; i++)
		if (l->v[i].family != AF_INET6)
			l->v[left++] = l->v[i];
	l->n = left;
	return had - left;
}

int cfg_clean_node(struct vz_cfg *c, const struct log *l)
{
	if (!cfg_has(c, VZ_P_NETFILTER))
		return 0;
	log_msg(l, -1, "NETFILTER in vz.conf is ignored: it belongs to single VPSs");
	cfg_unset(c, VZ_P_NETFILTER);
	return 1;
}
