/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Look whether the guards of a VPS's links are there, and put them back. */
#include "ct/link/wall.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/str.h"
#include "ct/ct.h"
#include "ct/link/netif.h"
#include "ct/link/traffic.h"
#include "net/fw.h"
#include "net/net.h"
#include "param/fwset.h"
#include "param/param.h"

static void venet_name(const struct ct *ct, char name[16])
{
	snprintf(name, 16, "venet%u", ct->id);
}

/* ---- firewall ---- */

struct wall {
	struct fw fw;
	struct strv links;
	bool any;
	char name[NET_FW_NAME]; /* says which sets, with what in them */
};

static void wall_done(struct wall *w)
{
	fw_done(&w->fw);
	strv_done(&w->links);
}

static int read_set(struct vz *vz, const char *set, struct fw *fw, uint32_t *hash, struct vz_err *e)
{
	_free_ char *path = str_printf("%s/firewall/%s.fw", vz->etcdir, set);
	_buf_ struct buf text = BUF_INIT;
	int r = path ? io_read_at(AT_FDCWD, path, FW_FILE_MAX, &text) : -ENOMEM;

	if (r < 0)
		return err_sys(e, VZ_E_PARAM, r, "cannot read firewall set '%s'", path ? path : set);
	if (strlen(buf_str(&text)) != text.len)
		return err_set(e, VZ_E_PARAM, -EINVAL, "firewall set '%s' is no text", path);
	/* With the byte that ends each. */
	*hash = hash_add(*hash, set, strlen(set) + 1);
	*hash = hash_add(*hash, buf_str(&text), text.len + 1);
	return fw_parse(fw, path, buf_str(&text), e);
}

static int read_sets(struct vz *vz, const struct strv *sets, struct wall *w, struct vz_err *e)
{
	uint32_t hash = HASH_BEGIN;
	int r = 0;

	w->any = sets->n > 0;
	for (size_t i = 0; r == 0 && i < sets->n; i++)
		r = read_set(vz, sets->v[i], &w->fw, &hash, e);
	fw_end(&w->fw);
	snprintf(w->name, sizeof(w->name), "vz_fw_%08x", hash);
	return r;
}

int ct_wall_check_sets(struct vz *vz, const struct strv *sets, struct vz_err *e)
{
	_cleanup_(wall_done) struct wall w = { 0 };

	return read_sets(vz, sets, &w, e);
}

static int wanted(struct ct *ct, struct wall *w, struct vz_err *e)
{
	int r = ct_link_names(ct, &w->links);

	if (r < 0)
		return err_sys(e, VZ_E_SYS, r, "cannot read the list of links of VPS '%s'", ct->idstr);
	return cfg_has(ct->cfg, VZ_P_FIREWALL) ? read_sets(ct->vz, &ct->cfg->firewall, w, e) : 0;
}

static int put_firewall(struct ct *ct, bool only_if_torn, struct vz_err *e)
{
	_cleanup_(wall_done) struct wall w = { 0 };
	int r = wanted(ct, &w, e);

	if (r < 0 || (only_if_torn && net_fw_is_set(&w.links, w.any ? &w.fw : NULL, w.name)))
		return r;
	return net_fw_set(&w.links, w.any ? &w.fw : NULL, w.name, e);
}

static bool has_firewall(struct ct *ct)
{
	_cleanup_(wall_done) struct wall w = { 0 };

	/* One that cannot be read cannot be in force as it is. */
	return wanted(ct, &w, NULL) == 0 &&
	       net_fw_is_set(&w.links, w.any ? &w.fw : NULL, w.name);
}

int ct_wall_up(struct ct *ct, struct vz_err *e)
{
	bool any = cfg_has(ct->cfg, VZ_P_FIREWALL) && ct->cfg->firewall.n;

	return any ? put_firewall(ct, false, e) : 0;
}

/* ---- all of it ---- */

bool ct_wall_stands(struct ct *ct)
{
	char name[16];

	venet_name(ct, name);
	return net_link_is_guarded(name) && ct_netif_is_guarded(ct) && has_firewall(ct);
}

int ct_wall_mend(struct ct *ct, bool anew, struct vz_err *e)
{
	char name[16];
	int r = 0;

	venet_name(ct, name);
	if (anew || !net_link_is_guarded(name))
		r = net_venet_guard(name, ct->vz->slice, e);
	if (r == 0 && !ct_netif_is_guarded(ct))
		r = ct_netif_again(ct, e);
	if (r == 0)
		r = put_firewall(ct, true, e);
	if (r == 0)
		ct_traffic_up(ct);
	return r;
}

void ct_tracking_up(struct ct *ct)
{
	struct vz_err e = { 0 };

	if (node_tracking(ct->vz, false, &e) < 0)
		log_msg(&ct->vz->log, -1, "VPS %s: its connections are tracked: %s", ct->idstr, e.text);
}

static int mend_one(struct ct *ct, struct vz_err *e)
{
	struct vz_err mine = { 0 };
	bool guarded = !ct_is_running(ct) || ct_wall_stands(ct);
	int r;

	if (!ct_is_running(ct) || (guarded && ct_traffic_stands(ct)))
		return 0;
	r = ct_lock(ct, "mend", false, &mine);
	if (r == -EBUSY)
		return 0;
	if (r == 0 && ct_is_running(ct)) {
		r = ct_wall_mend(ct, false, &mine);
		if (r == 0 && !guarded)
			log_msg(&ct->vz->log, -1, "VPS %s: its network was not guarded as it should be; "
				"that is mended", ct->idstr);
	}
	if (r < 0 && e && !e->code)
		*e = mine;
	return r;
}

int node_walls_mend(struct vz *vz, struct vz_err *e)
{
	_free_ uint32_t *ids = NULL;
	size_t n = 0;
	int first, r;

	net_drop_old_guard();
	first = node_list(vz, &ids, &n, e);
	for (size_t i = 0; i < n; i++) {
		struct ct *ct = NULL;

		/* A file that cannot be read is told by whoever is asked about that VPS. */
		if (ct_open(vz, ids[i], CT_BAD_CONF_OK, &ct, NULL) < 0)
			continue;
		r = mend_one(ct, e);
		first = first ? first : r;
		ct_close(ct);
	}
	return first;
}

unsigned node_walls_torn(struct vz *vz, struct buf *out)
{
	_free_ uint32_t *ids = NULL;
	size_t n = 0;
	unsigned torn = 0;

	(void)node_list(vz, &ids, &n, NULL);
	for (size_t i = 0; i < n; i++) {
		struct ct *ct = NULL;

		if (ct_open(vz, ids[i], CT_BAD_CONF_OK, &ct, NULL) < 0)
			continue;
		if (ct_is_running(ct) && !ct_wall_stands(ct))
			(void)buf_printf(out, "%s%u", torn++ ? ", " : "", ids[i]);
		ct_close(ct);
	}
	return torn;
}
