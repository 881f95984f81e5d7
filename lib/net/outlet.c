/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A macvlan behind a pair, and the device of a VLAN that it may need. */
#include "net/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <net/if_arp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/hash.h"
#include "base/str.h"
#include "kern/bpf.h"
#include "net/net_priv.h"

#define GROUP	 0x767a6f75u /* set with the device, before there can be a mark */
#define MARK_MAX 128

static const unsigned modes[] = { [NETIF_MODE_BRIDGE] = MACVLAN_MODE_BRIDGE,
				  [NETIF_MODE_PRIVATE] = MACVLAN_MODE_PRIVATE,
				  [NETIF_MODE_VEPA] = MACVLAN_MODE_VEPA };

void net_outlet_name(const char *host_if, char out[CFG_IFNAMSIZ])
{
	if (str_has_prefix(host_if, "veth")) {
		snprintf(out, CFG_IFNAMSIZ, "macv%.11s", host_if + 4);
		return;
	}
	snprintf(out, CFG_IFNAMSIZ, "macv%08x", hash_add(HASH_BEGIN, host_if, strlen(host_if)));
}

/* ---- who has made it ---- */

static void mark_outlet(const struct net_outlet *o, char out[MARK_MAX])
{
	snprintf(out, MARK_MAX, "vz outlet %u %.90s", o->id, o->owner);
}

static void mark_vlan(const struct net_outlet *o, char out[MARK_MAX])
{
	snprintf(out, MARK_MAX, "vz vlan %.90s", o->owner);
}

static bool has_mark(const struct knl_link *l, const char *kind, const char *mark)
{
	return l->index && str_eq(l->kind, kind) &&
	       (*l->alias ? str_eq(l->alias, mark) : l->group == GROUP);
}

static int fail(struct vz_err *e, int r, const struct knl *k, const struct net_outlet *o,
		const char *what)
{
	return net_fail(e, r == -EOPNOTSUPP ? VZ_E_KERNEL : VZ_E_VETH, r, k, "link '%s': cannot %s",
			o->host_if, what);
}

static int lock(const struct net_outlet *o, int *ret_fd, struct vz_err *e)
{
	_fd_ int fd = open(o->lock, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_EX) < 0)
		return err_sys(e, VZ_E_VETH, -errno, "cannot lock '%s'", o->lock);
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* ---- what is below ---- */

static int check_parent(const struct net_outlet *o, const struct knl_link *l, struct vz_err *e)
{
	const char *why = NULL;

	if (!l->index)
		return err_set(e, VZ_E_VETH, -ENODEV, "parent '%s' of link '%s' is not there",
			       o->net->parent, o->host_if);
	if (l->type != ARPHRD_ETHER)
		why = "it is no Ethernet device";
	else if (l->master)
		why = "it is a port of another device, whose links may join that one";
	else if (str_eq(l->kind, "macvlan") || str_eq(l->kind, "macvtap"))
		why = "it is a macvlan itself";
	else if (l->flags & IFF_NOARP ||
		 (str_has_prefix(l->alias, "vz ") && !str_has_prefix(l->alias, "vz vlan ")))
		why = "it is a VPS's own link";
	return why ? err_set(e, VZ_E_VETH, -EINVAL, "'%s' cannot be the parent of link '%s': %s",
			     o->net->parent, o->host_if, why) : 0;
}

static const struct knl_link *find_vlan(const struct knl_link *l, size_t n, int parent, uint16_t id)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(l[i].kind, "vlan") && l[i].peer == parent && l[i].vlan == id)
			return &l[i];
	return NULL;
}

static int make_vlan(struct knl *k, const struct net_outlet *o, const struct knl_link *parent,
		     int *ret, struct vz_err *e)
{
	struct knl_vlan v = { .lower = parent->index, .id = o->net->vlan, .group = GROUP };
	struct knl_link l;
	char name[2 * CFG_IFNAMSIZ], mark[MARK_MAX];
	int r;

	/* The longest names leave no room for a number. */
	snprintf(name, sizeof(name), "%s.%u", parent->name, v.id);
	if (strlen(name) >= CFG_IFNAMSIZ)
		snprintf(name, sizeof(name), "vl%u.%u", (unsigned)parent->index % 1000000, v.id);
	v.name = name;
	mark_vlan(o, mark);
	knl_q_vlan(k, 0, &v);
	knl_q_link_nolinklocal(k, 0, name, 0);
	knl_q_ignore(k, EAFNOSUPPORT);
	knl_q_link_alias(k, 0, name, mark);
	knl_q_link_get(k, 0, name, 0, &l);
	r = knl_run(k, NULL);
	fault_crash("netif:vlan:after");
	if (r == 0) {
		*ret = l.index;
		knl_q_link_flags(k, 0, l.index, IFF_UP, IFF_UP);
		r = knl_run(k, NULL);
	}
	return r < 0 ? net_fail(e, r == -EOPNOTSUPP ? VZ_E_KERNEL : VZ_E_VETH, r, k,
				"cannot make '%s' for link '%s'", name, o->host_if) : 0;
}

/* One that the administrator has made is as good, whatever its name is. */
static int find_lower(struct knl *k, const struct net_outlet *o, const struct knl_link *parent,
		      int *ret, struct vz_err *e)
{
	_free_ struct knl_link *all = NULL;
	const struct knl_link *vlan;
	char mark[MARK_MAX];
	size_t n = 0;
	int r;

	*ret = parent->index;
	if (!o->net->vlan)
		return 0;
	r = knl_links(k, &all, &n);
	if (r < 0)
		return fail(e, r, k, o, "look for its VLAN");
	vlan = find_vlan(all, n, parent->index, o->net->vlan);
	if (!vlan)
		return make_vlan(k, o, parent, ret, e);
	*ret = vlan->index;
	if (vlan->master)
		return err_set(e, VZ_E_VETH, -EBUSY, "'%s' cannot be the parent of link '%s': it is a "
			       "port of another device", vlan->name, o->host_if);
	mark_vlan(o, mark);
	/* Ours, half made by a command that was killed. */
	if (has_mark(vlan, "vlan", mark) && !(vlan->flags & IFF_UP)) {
		knl_q_link_alias(k, 0, vlan->name, mark);
		knl_q_link_flags(k, 0, vlan->index, IFF_UP, IFF_UP);
		r = knl_run(k, NULL);
	}
	return r < 0 ? fail(e, r, k, o, "set up its VLAN") : 0;
}

/* Whose lower device it is stands in each. The other end of a veth is a number of another namespace. */
static bool is_used(const struct knl_link *l, size_t n, const struct knl_link *vlan)
{
	for (size_t i = 0; i < n; i++)
		if (l[i].peer == vlan->index && l[i].index != vlan->index && !str_eq(l[i].kind, "veth"))
			return true;
	return vlan->master != 0;
}

static bool has_addresses(struct knl *k, int index)
{
	struct knl_list l = { 0 };
	int r = knl_addrs(k, AF_UNSPEC, index, &l);
	bool any = r < 0;

	for (size_t i = 0; i < l.n; i++)
		any |= l.v[i].index == index;
	free(l.v);
	return any;
}

/* Away with devices of VLANs that were made here and have no user. */
static int sweep(struct knl *k, const struct net_outlet *o, struct vz_err *e)
{
	_free_ struct knl_link *all = NULL;
	char mark[MARK_MAX];
	size_t n = 0;
	int r = knl_links(k, &all, &n);

	mark_vlan(o, mark);
	for (size_t i = 0; r == 0 && i < n; i++) {
		if (!has_mark(&all[i], "vlan", mark) || is_used(all, n, &all[i]) ||
		    has_addresses(k, all[i].index))
			continue;
		knl_q_link_del(k, 0, all[i].name);
		knl_q_ignore(k, ENODEV);
	}
	if (r == 0)
		r = knl_run(k, NULL);
	return r < 0 ? fail(e, r, k, o, "remove the VLAN that nobody uses any more") : 0;
}

/* ---- the macvlan ---- */

static int make(struct knl *k, const struct net_outlet *o, int lower, struct knl_link *ret,
		struct vz_err *e)
{
	struct knl_macvlan v = { .name = o->name, .lower = lower, .mode = modes[o->net->mode],
				 .group = GROUP };
	char mark[MARK_MAX];
	int r;

	memcpy(v.mac, o->mac, sizeof(v.mac));
	mark_outlet(o, mark);
	knl_q_macvlan(k, 0, &v);
	/* Nobody speaks IP here. */
	knl_q_link_nolinklocal(k, 0, o->name, 0);
	knl_q_ignore(k, EAFNOSUPPORT);
	knl_q_link_alias(k, 0, o->name, mark);
	knl_q_link_get(k, 0, o->name, 0, ret);
	r = knl_run(k, NULL);
	fault_crash("netif:macvlan:after");
	if (r == 0 && !ret->index)
		r = -ENODEV;
	return r < 0 ? fail(e, r, k, o, "make its macvlan") : 0;
}

/* Frames without a tag. With one a VPS would speak in other VLANs of the card, and hear what is in them. */
static int untagged(int *ret_fd)
{
	enum { CTX = BPF_REG_1, VAL = BPF_REG_2 };
	const struct bpf_insn prog[] = {
		{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = VAL, .src_reg = CTX,
		  .off = offsetof(struct __sk_buff, vlan_present) },
		{ .code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = VAL, .imm = 0, .off = 5 },
		{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = VAL, .src_reg = CTX,
		  .off = offsetof(struct __sk_buff, protocol) },
		{ .code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = VAL, .imm = htons(ETH_P_8021Q), .off = 3 },
		{ .code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = VAL, .imm = htons(ETH_P_8021AD), .off = 2 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = -1 },
		{ .code = BPF_JMP | BPF_EXIT },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return kbpf_filter_load(prog, ARRAY_LEN(prog), "vz_untagged", ret_fd);
}

/* Both ways before it is up; all groups, as the VPS's own are not known here. */
static int connect_both(struct knl *k, const struct net_outlet *o, int outlet, int link,
			struct vz_err *e)
{
	_fd_ int fd = -1;
	int r = untagged(&fd);

	if (r < 0)
		return fail(e, r, NULL, o, "load what leads to its macvlan");
	knl_q_link_mac(k, 0, outlet, o->mac);
	knl_q_divert_del(k, 0, link, true);
	knl_q_divert_by(k, 0, link, true, 0, fd, outlet);
	knl_q_divert_del(k, 0, outlet, true);
	knl_q_divert_by(k, 0, outlet, true, 0, fd, link);
	knl_q_link_flags(k, 1, outlet, IFF_UP | IFF_ALLMULTI, IFF_UP | IFF_ALLMULTI);
	r = knl_run(k, NULL);
	if (r == -EADDRINUSE)
		return err_set(e, VZ_E_VETH, r, "link '%s': its MAC is another's on '%s'", o->host_if,
			       o->net->parent);
	return r < 0 ? fail(e, r, k, o, "lead it to its macvlan") : 0;
}

static int delete(struct knl *k, const char *name)
{
	knl_q_link_del(k, 0, name);
	knl_q_ignore(k, ENODEV);
	return knl_run(k, NULL);
}

static int down_locked(struct knl *k, const struct net_outlet *o, struct vz_err *e)
{
	struct knl_link l;
	char mark[MARK_MAX];
	int r;

	mark_outlet(o, mark);
	knl_q_link_get(k, 0, o->name, 0, &l);
	r = knl_run(k, NULL);
	if (r == 0 && has_mark(&l, "macvlan", mark))
		r = delete(k, o->name);
	fault_crash("netif:macvlan:gone");
	return r < 0 ? fail(e, r, k, o, "remove its macvlan") : sweep(k, o, e);
}

static int up_locked(struct knl *k, const struct net_outlet *o, int link, struct vz_err *e)
{
	struct knl_link parent, have;
	char mark[MARK_MAX];
	int lower = 0, r;
	bool had, other;

	knl_q_link_get(k, 0, o->net->parent, 0, &parent);
	knl_q_link_get(k, 0, o->name, 0, &have);
	r = knl_run(k, NULL);
	if (r < 0)
		return fail(e, r, k, o, "look for its parent");
	r = check_parent(o, &parent, e);
	mark_outlet(o, mark);
	if (r == 0 && have.index && !has_mark(&have, "macvlan", mark))
		return err_set(e, VZ_E_VETH, -EEXIST, "link '%s' is there already and not this VPS's",
			       o->name);
	if (r == 0)
		r = find_lower(k, o, &parent, &lower, e);
	had = have.index != 0;
	other = had && (have.peer != lower || have.mode != modes[o->net->mode]);
	if (r == 0 && other) {
		r = delete(k, o->name);
		if (r < 0)
			return fail(e, r, k, o, "remove its macvlan");
	}
	if (r == 0 && (other || !had))
		r = make(k, o, lower, &have, e);
	/* What was below the one before may have no user now, nor what a killed command made for another. */
	if (r == 0 && had)
		r = sweep(k, o, e);
	return r < 0 ? r : connect_both(k, o, have.index, link, e);
}

int net_outlet_up(struct knl *k, const struct net_outlet *o, int link, struct vz_err *e)
{
	_fd_ int fd = -1;
	int r = lock(o, &fd, e);

	if (r < 0)
		return r;
	r = up_locked(k, o, link, e);
	if (r < 0)
		(void)down_locked(k, o, NULL);
	return r;
}

int net_outlet_down(struct knl *k, const struct net_outlet *o, struct vz_err *e)
{
	_fd_ int fd = -1;
	int r = lock(o, &fd, e);

	return r < 0 ? r : down_locked(k, o, e);
}

int net_outlet_is_up(struct knl *k, const struct net_outlet *o)
{
	struct knl_link l, parent;
	char mark[MARK_MAX];
	int r;

	mark_outlet(o, mark);
	knl_q_link_get(k, 0, o->name, 0, &l);
	knl_q_link_get(k, 0, o->net->parent, 0, &parent);
	r = knl_run(k, NULL);
	if (r < 0 || !parent.index)
		return r < 0 ? r : -ENODEV;
	return has_mark(&l, "macvlan", mark) && l.flags & IFF_UP;
}
