/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The counters of one VPS: a map with a name of its own, so that they outlive links, monitor and a killed init. What
 * is in it is never taken out, only read.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"
#include "ct/ct.h"
#include "ct/link/netif.h"
#include "ct/link/traffic.h"
#include "ct/link/traffic_int.h"
#include "host/netclasses.h"
#include "kern/bpf.h"
#include "kern/bpfpin.h"
#include "net/count.h"

struct cells { /* the map */
	int fd;
	uint32_t id, rows;
};

static int cells_info(struct cells *c)
{
	uint32_t bytes = 0;
	int r = kbpf_map_info(c->fd, &c->id, &bytes);

	c->rows = bytes / (uint32_t)sizeof(struct net_count_row);
	return r;
}

static int cells_open(const struct ct *ct, struct cells *ret)
{
	char dir[128];
	int r = kbpf_pin_dir(ct->vz->slice, dir, sizeof(dir));

	ret->fd = -1;
	if (r == 0)
		r = kbpf_pin_open(dir, ct->idstr, &ret->fd);
	return r < 0 ? r : cells_info(ret);
}

static int cells_new(const struct ct *ct, uint32_t rows, struct cells *ret)
{
	char name[16];
	int r;

	snprintf(name, sizeof(name), "vz_%s", ct->idstr);
	r = kbpf_value_new(name, rows * (uint32_t)sizeof(struct net_count_row), &ret->fd);
	return r < 0 ? r : cells_info(ret);
}

void counted_done(struct counted *c)
{
	free(c->v);
}

int counted_read(const struct ct *ct, struct counted *ret)
{
	struct cells c;
	int r = cells_open(ct, &c);

	if (r == 0) {
		ret->id = c.id;
		ret->n = c.rows;
		ret->v = calloc(c.rows + 1, sizeof(*ret->v));
		r = ret->v ? kbpf_map_get(c.fd, &(uint32_t){ 0 }, ret->v) : -ENOMEM;
	}
	cleanup_fd(&c.fd);
	return r;
}

void counted_drop(const struct ct *ct)
{
	char dir[128];

	if (kbpf_pin_dir(ct->vz->slice, dir, sizeof(dir)) == 0)
		(void)kbpf_unpin(dir, ct->idstr);
}

/* Another map or other classes are another program. */
static void program_name(const struct cells *c, const struct node_classes *k, char name[16])
{
	snprintf(name, 16, "vz_n%x", hash_add(k->stamp, &c->id, sizeof(c->id)));
}

/* Is the map large enough? If not: another, which has no name yet. */
static int cells_grow(const struct ct *ct, uint32_t rows, struct cells *c, int *ret_old)
{
	if (c->fd >= 0 && c->rows >= rows)
		return 0;
	*ret_old = c->fd;
	c->fd = -1;
	return cells_new(ct, rows, c);
}

/* A new map has its name before anything is counted in it; but one that takes another's place has it when the other's
 * last word is on record. */
static int give_name(struct ct *ct, const struct cells *c, bool in_place)
{
	char dir[128];
	int r = kbpf_pin_dir(ct->vz->slice, dir, sizeof(dir));

	if (in_place)
		ct_traffic_keep(ct);
	if (r == 0 && in_place)
		r = kbpf_unpin(dir, ct->idstr);
	return r < 0 ? r : kbpf_pin(c->fd, dir, ct->idstr);
}

static int count(struct ct *ct, const struct node_classes *k, struct vz_err *e)
{
	struct cells c = { .fd = -1 };
	_strv_ struct strv links = { 0 };
	_fd_ int old = -1;
	char name[16];
	int r = cells_open(ct, &c);
	bool fresh = r == -ENOENT;

	if (r == 0 || fresh)
		r = cells_grow(ct, net_count_rows(k->v[k->n - 1]), &c, &old);
	if (r == 0 && fresh)
		r = give_name(ct, &c, false);
	if (r == 0)
		r = ct_link_names(ct, &links);
	program_name(&c, k, name);
	if (r < 0)
		err_sys(e, VZ_E_KERNEL, r, "cannot make its counters");
	else if (!net_count_is_set(&links, name))
		r = net_count_set(&links, &(struct net_count){ c.fd, c.rows, k->map }, name, e);
	if (r == 0 && old >= 0 && (r = give_name(ct, &c, true)) < 0)
		err_sys(e, VZ_E_KERNEL, r, "cannot change its counters");
	cleanup_fd(&c.fd);
	return r;
}

void ct_traffic_up(struct ct *ct)
{
	_classes_ struct node_classes k = NODE_CLASSES_INIT;
	struct vz_err e = { 0 }, why = { 0 };
	int r = node_classes(ct->vz, &k, &why);

	/* A file with a mistake in it is as good as the last one without. */
	if (r < 0)
		r = node_classes_last(ct->vz, &k);
	if (why.code)
		log_msg(&ct->vz->log, -1, "VPS %s: traffic is %s: %s", ct->idstr,
			r < 0 ? "not accounted" : "accounted as before", why.text);
	if (r == 0 && count(ct, &k, &e) < 0)
		log_msg(&ct->vz->log, -1, "VPS %s: traffic is not accounted: %s", ct->idstr, e.text);
}

bool ct_traffic_stands(struct ct *ct)
{
	_classes_ struct node_classes k = NODE_CLASSES_INIT;
	_strv_ struct strv links = { 0 };
	struct cells c;
	char name[16];
	int r = cells_open(ct, &c);

	cleanup_fd(&c.fd);
	if (r < 0)
		return !kbpf_pins_are();
	if ((node_classes(ct->vz, &k, NULL) < 0 && node_classes_last(ct->vz, &k) < 0) ||
	    ct_link_names(ct, &links) < 0)
		return true;
	program_name(&c, &k, name);
	return net_count_is_set(&links, name);
}
