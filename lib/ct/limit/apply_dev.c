// SPDX-License-Identifier: LGPL-2.1-or-later
/* Devices: first the rules, absolutely, then the nodes, those that are missing or too many. */
#include "ct/limit/apply_dev.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/spawn.h"
#include "base/str.h"
#include "cgroup/cg.h"
#include "ct/ct.h"
#include "ct/inside/inside.h"
#include "ct/limit/apply.h"
#include "fs/devnode.h"
#include "fs/fs.h"
#include "param/param.h"
#include "plan/plan.h"

#define MASK_LOW  1 /* make nodes */
#define RULES_MAX 256
#define MODPROBE_MS 10000
#define BUILTIN_MAX (1u << 20)

/* Every VPS: the six nodes, and terminals. */
static const struct dev_rule base[] = {
	{ 'c', 1, 3, 7 },  { 'c', 1, 5, 7 },   { 'c', 1, 7, 7 },    { 'c', 1, 8, 7 },
	{ 'c', 1, 9, 7 },  { 'c', 5, 0, 6 },   { 'c', 5, 1, 6 },    { 'c', 5, 2, 6 },
	{ 'c', 136, -1, 6 }, { 'c', -1, -1, MASK_LOW }, { 'b', -1, -1, MASK_LOW },
};

/* Features that are a device. */
static const struct {
	enum cfg_feature feature;
	uint32_t major, minor;
} featured[] = {
	{ FEAT_PPP, 108, 0 }, { FEAT_FUSE, 10, 229 }, { FEAT_TUN, 10, 200 },
};

/* Features that are a module of the node's kernel. In a VPS that has the network to itself each can be used
 * as soon as it is loaded. */
static const struct {
	enum cfg_feature feature;
	const char *module;
} modules[] = {
	{ FEAT_SIT, "sit" },	   { FEAT_IPIP, "ipip" },     { FEAT_IPGRE, "ip_gre" },
	{ FEAT_BRIDGE, "bridge" }, { FEAT_PPP, "ppp_async" }, { FEAT_PPP, "ppp_synctty" },
	{ FEAT_FUSE, "fuse" },	   { FEAT_TUN, "tun" },	      { FEAT_WIREGUARD, "wireguard" },
};

static bool is_loaded(const char *module)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/module/%s", module);
	return access(path, F_OK) == 0;
}

/* Many that are built in are not in /sys/module. A kernel whose own list is not there says nothing. */
static bool is_missing(const char *module)
{
	_buf_ struct buf list = BUF_INIT;
	char name[96];
	struct utsname u;

	if (is_loaded(module) || uname(&u) < 0)
		return false;
	snprintf(name, sizeof(name), "/lib/modules/%.40s/modules.builtin", u.release);
	if (io_read_at(AT_FDCWD, name, BUILTIN_MAX, &list) < 0)
		return false;
	snprintf(name, sizeof(name), "/%s.ko", module);
	return !strstr(buf_str(&list), name);
}

static void load_modules(struct ct *ct, const struct vz_cfg *cfg, bool start)
{
	const char *argv[ARRAY_LEN(modules) + 4] = { "/sbin/modprobe", "-q", "-a" };
	struct spawn sp = { .argv = argv, .timeout_ms = MODPROBE_MS };
	size_t n = 3;
	int status = 1;

	for (size_t i = 0; i < ARRAY_LEN(modules); i++)
		if (cfg->features.on >> modules[i].feature & 1 && !is_loaded(modules[i].module))
			argv[n++] = modules[i].module;
	if (n == 3 || (access(argv[0], X_OK) == 0 && spawn_run(&sp, &status) == 0 && status == 0))
		return;
	for (size_t i = 3; i < n; i++)
		if (is_missing(argv[i]))
			log_msg(&ct->vz->log, start ? 1 : -1, "VPS %s: the node's kernel has no module '%s': "
				"FEATURES asks for it", ct->idstr, argv[i]);
}

static uint8_t access_of(uint64_t perm)
{
	return (perm & DEV_READ ? 2 : 0) | (perm & DEV_WRITE ? 4 : 0);
}

int dev_nodes(const struct vz_cfg *cfg, struct fs_devnodes *ret, struct vz_err *e)
{
	int r = 0;

	ret->n = 0;
	for (size_t i = 0; r == 0 && i < cfg->devnodes.n; i++)
		if (access_of(cfg->devnodes.v[i].perm))
			r = fs_devnode_name(ret, cfg->devnodes.v[i].name,
					    access_of(cfg->devnodes.v[i].perm), e);
	for (size_t i = 0; r == 0 && i < cfg->devices.n; i++) {
		const struct devrule *d = &cfg->devices.v[i];

		if (access_of(d->perm))
			r = fs_devnode_number(ret, d->kind, d->major, d->all ? -1 : (int64_t)d->minor,
					      access_of(d->perm), e);
	}
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(featured); i++)
		if (cfg->features.on >> featured[i].feature & 1)
			r = fs_devnode_number(ret, 'c', featured[i].major, featured[i].minor, 6, e);
	return r;
}

/* The numbers of DEVICES themselves, too: of some there is no node here. */
static int rules(const struct ct *ct, const struct vz_cfg *cfg, const struct fs_devnodes *nodes,
		 struct vz_err *e)
{
	_free_ struct dev_rule *all = calloc(RULES_MAX, sizeof(*all));
	size_t n = ARRAY_LEN(base);

	if (!all)
		return err_nomem(e);
	if (n + nodes->n + cfg->devices.n > RULES_MAX)
		return err_set(e, VZ_E_DEVICES, -E2BIG, "VPS '%s': more than %d device rules", ct->idstr,
			       RULES_MAX);
	memcpy(all, base, sizeof(base));
	for (size_t i = 0; i < nodes->n; i++)
		all[n++] = (struct dev_rule){ nodes->v[i].type, nodes->v[i].major, nodes->v[i].minor,
					      nodes->v[i].access };
	for (size_t i = 0; i < cfg->devices.n; i++) {
		const struct devrule *d = &cfg->devices.v[i];

		all[n] = (struct dev_rule){ d->kind, d->major, d->all ? -1 : (int64_t)d->minor,
					    access_of(d->perm) };
		n += all[n].access != 0;
	}
	return cg_allow_dev(ct->cg, all, n, e);
}

/* Leave in `want` what is to be added, and plan away what is to go; anew: all that is there. */
static bool sort_out(struct plan *p, const struct strv *present, struct fs_devnodes *want, bool anew)
{
	bool any = false;
	size_t left = 0;

	for (size_t i = 0; i < present->n; i++) {
		char path[FS_DEVNAME_MAX + 8];
		bool stays = false;

		for (size_t k = 0; k < want->n && !anew; k++)
			stays |= str_eq(want->v[k].name, present->v[i]);
		if (stays || strlen(present->v[i]) >= FS_DEVNAME_MAX)
			continue;
		snprintf(path, sizeof(path), "/dev/%s", present->v[i]);
		PLAN(p, REMOVE, .s1 = path);
		any = true;
	}
	for (size_t k = 0; k < want->n; k++)
		if (anew || !strv_has(present, want->v[k].name))
			want->v[left++] = want->v[k];
	want->n = left;
	return any || left;
}

static int nodes_live(struct ct *ct, struct fs_devnodes *want, bool anew, struct vz_err *e)
{
	_strv_ struct strv present = { 0 };
	_plan_ struct plan *p = plan_new();
	struct fs_nodes nodes;
	int r = p ? fs_devnodes_present(ct->st.init.pid, &present) : -ENOMEM;

	if (r < 0)
		return err_sys(e, VZ_E_DEVICES, r, "cannot read the mounts of VPS '%s'", ct->idstr);
	inside_plan_enter(p, ct, INSIDE_MOUNTS);
	if (!sort_out(p, &present, want, anew)) {
		inside_done(ct);
		return 0;
	}
	r = fs_nodes_open(want, ct->base, false, &nodes, e);
	if (r < 0) {
		inside_done(ct);
		return r;
	}
	fs_plan_nodes(p, &nodes);
	PLAN(p, EXIT);
	r = inside_run(ct, p, e);
	fs_nodes_close(&nodes);
	return r;
}

int apply_devices(struct ct *ct, const struct vz_cfg *cfg, bool start, struct vz_err *e)
{
	_free_ struct fs_devnodes *want = malloc(sizeof(*want));
	int r;

	if (cfg->features.on)
		load_modules(ct, cfg, start);
	r = want ? dev_nodes(cfg, want, e) : err_nomem(e);
	if (r == 0)
		r = rules(ct, cfg, want, e);
	return r < 0 || start ? r : nodes_live(ct, want, false, e);
}

int apply_devices_anew(struct ct *ct, struct vz_err *e)
{
	_free_ struct fs_devnodes *want = malloc(sizeof(*want));
	int r = want ? dev_nodes(ct->cfg, want, e) : err_nomem(e);

	return r < 0 ? r : nodes_live(ct, want, true, e);
}
