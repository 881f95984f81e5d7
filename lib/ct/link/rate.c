/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How much a VPS may send and receive. RUNDIR/rates has a file for each class whose total is shared on the node. */
#include "ct/link/rate.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "base/path.h"
#include "base/str.h"
#include "ct/ct.h"
#include "ct/link/netif.h"
#include "ct/link/traffic.h"
#include "ct/link/traffic_quota.h"
#include "ct/stage.h"
#include "net/rate.h"
#include "param/netclass.h"
#include "param/param.h"

#define KBIT	    UINT64_C(1000)
#define ANY	    UINT32_MAX
#define SHARES_MAX  64 /* as many as lib/net takes */
#define CLASSES_MAX (4u << 20)

/* ---- what is bought ---- */

/* DEVICE:CLASS:NUMBER, or DEVICE:NUMBER, which is of no class. */
static int entry(const char *s, uint32_t *ret_class, uint32_t *ret)
{
	const char *first = strchr(s, ':'), *last = strrchr(s, ':');
	char digits[8];

	*ret_class = ANY;
	if (!first || num_u32(last + 1, ret) < 0)
		return -EINVAL;
	if (first == last)
		return 0;
	if ((size_t)(last - first) > sizeof(digits))
		return -EINVAL;
	memcpy(digits, first + 1, (size_t)(last - first - 1));
	digits[last - first - 1] = '\0';
	return num_u32(digits, ret_class);
}

/* The largest number for a class, or of all; 0 when there is none. */
static uint64_t largest(const struct vz_cfg *c, enum vz_param p, const struct strv *l, uint32_t which)
{
	uint32_t v, net_class;
	uint64_t max = 0;

	for (size_t i = 0; cfg_has(c, p) && i < l->n; i++)
		if (entry(l->v[i], &net_class, &v) == 0 && (which == ANY || net_class == which) &&
		    v > max)
			max = v;
	return max;
}

static uint64_t total_of(const struct vz_cfg *node, uint32_t net_class)
{
	uint64_t v = largest(node, VZ_P_TOTALRATE, &node->totalrate, net_class);

	return v ? v : largest(node, VZ_P_BANDWIDTH, &node->bandwidth, ANY);
}

/* false: that class is not limited. */
static bool share_of(const struct ct *ct, const struct vz_cfg *cfg, uint32_t net_class,
		     struct net_share *ret)
{
	uint64_t rate = largest(cfg, VZ_P_RATE, &cfg->rate, net_class);
	uint64_t total = total_of(ct->vz->cfg, net_class);
	bool bound = cfg_has(cfg, VZ_P_RATEBOUND) && cfg->ratebound;

	if (!rate || (!bound && !total))
		return false;
	if (total && rate > total)
		rate = total;
	*ret = (struct net_share){ .net_class = net_class, .bits = rate * KBIT,
				   .ceil = (bound ? rate : total) * KBIT, .total = total * KBIT };
	return true;
}

struct want {
	struct net_rate w;
	struct strv links, outlets;
	struct net_share shares[SHARES_MAX];
	struct traffic_net *nets;
};

static void want_done(struct want *w)
{
	strv_done(&w->links);
	strv_done(&w->outlets);
	free(w->nets);
}

static bool has_share(const struct want *w, uint32_t net_class)
{
	for (size_t i = 0; i < w->w.nshares; i++)
		if (w->shares[i].net_class == net_class)
			return true;
	return false;
}

/* A file that cannot be understood is told; until it can, all is one class, as if there were none. */
static void read_classes(const struct ct *ct, struct want *w)
{
	_free_ char *path = str_printf("%s/networks_classes", ct->vz->etcdir);
	_buf_ struct buf text = BUF_INIT;
	struct vz_err e = { 0 };
	int r = path ? io_read_at(AT_FDCWD, path, CLASSES_MAX, &text) : -ENOMEM;

	if (r == 0)
		r = traffic_parse(buf_str(&text), &w->nets, &w->w.nnets, &e);
	w->w.nets = w->nets;
	w->w.one_class = r < 0;
	if (r < 0 && r != -ENOENT)
		log_msg(&ct->vz->log, -1, "VPS %s: its rates are those of class 1 alone: %s", ct->idstr,
			e.code ? e.text : strerrordesc_np(-r));
}

static int by_class(const struct ct *ct, const struct vz_cfg *cfg, struct want *w, struct vz_err *e)
{
	uint32_t net_class, v;

	read_classes(ct, w);
	if (w->w.one_class) {
		w->w.nshares = share_of(ct, cfg, 1, &w->shares[0]);
		return 0;
	}
	for (size_t i = 0; i < cfg->rate.n; i++) {
		if (entry(cfg->rate.v[i], &net_class, &v) < 0 || has_share(w, net_class) ||
		    !share_of(ct, cfg, net_class, &w->shares[w->w.nshares]))
			continue;
		if (++w->w.nshares == SHARES_MAX)
			return err_set(e, VZ_E_PARAM, -E2BIG,
				       "RATE of VPS '%s' has more than %d classes", ct->idstr,
				       SHARES_MAX - 1);
	}
	return 0;
}

static int fill(struct ct *ct, const struct vz_cfg *cfg, struct want *w, struct vz_err *e)
{
	const struct vz_cfg *node = ct->vz->cfg;
	uint64_t mpu = largest(node, VZ_P_RATEMPU, &node->ratempu, ANY);
	uint64_t throttle = ct_quota_throttle(ct, cfg), most = 0;
	uint32_t base = ct->base ? ct->base : ct_base_hint(ct);
	int r = 0;

	w->w = (struct net_rate){ .id = ct->id, .slot = (uint16_t)(base >> 16), .owner = ct->vz->slice,
				  .links = &w->links, .outlets = &w->outlets, .shares = w->shares,
				  .mpu = mpu > 1514 ? 1514 : (uint16_t)mpu };
	if (node->traffic_shaping && cfg_has(cfg, VZ_P_RATE) && cfg->rate.n)
		r = by_class(ct, cfg, w, e);
	/* One rate for all its traffic needs no classes. */
	if (w->w.nshares == 1 && w->w.one_class && !w->shares[0].total)
		w->w.bits = w->shares[0].bits;
	for (size_t i = 0; i < w->w.nshares; i++)
		most = w->shares[i].ceil > most ? w->shares[i].ceil : most;
	if (throttle)
		w->w.bits = most && most < throttle ? most : throttle;
	if (w->w.bits)
		w->w.nshares = 0;
	return r;
}

/* ---- totals ---- */

/* One command at a time; -ENOENT without a folder, unless it is to be made. Who leaves it empty removes it, so the one
 * that was waited for may not be it any more. */
static int rates_lock(const char *dir, bool create, int *ret_fd)
{
	for (;;) {
		struct stat mine, now;
		_fd_ int fd = -1;
		int r = create ? path_mkdirs(dir, 0755) : 0;

		if (r < 0)
			return r;
		fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0 && errno == ENOENT && create)
			continue;
		if (fd < 0 || flock(fd, LOCK_EX) < 0 || fstat(fd, &mine) < 0)
			return -errno;
		if (stat(dir, &now) == 0 && now.st_ino == mine.st_ino && now.st_dev == mine.st_dev) {
			*ret_fd = TAKE_FD(fd);
			return 0;
		}
	}
}

static int rates_list(int fd, struct strv *ret)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *at;
	int r = d ? 0 : -errno;

	if (!d && copy >= 0)
		close(copy);
	while (r == 0 && (at = readdir(d)))
		if (at->d_name[0] != '.')
			r = strv_add(ret, at->d_name);
	if (d)
		closedir(d);
	return r;
}

/* Noted before there is anything of it. */
static int enter(const struct want *w, int fd)
{
	char name[12];

	for (size_t i = 0; i < w->w.nshares; i++) {
		int file;

		if (!w->shares[i].total)
			continue;
		snprintf(name, sizeof(name), "%u", w->shares[i].net_class);
		file = openat(fd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		if (file < 0)
			return -errno;
		close(file);
	}
	return 0;
}

static bool shares_total(const struct want *w, uint32_t net_class)
{
	for (size_t i = 0; i < w->w.nshares; i++)
		if (w->shares[i].total && (net_class == ANY || w->shares[i].net_class == net_class))
			return true;
	return false;
}

/* Out of all totals that w, which may be NULL, does not share. */
static int leave(struct ct *ct, const struct want *w, int fd, struct vz_err *e)
{
	uint32_t base = ct->base ? ct->base : ct_base_hint(ct), net_class;
	_strv_ struct strv all = { 0 };
	int r = rates_list(fd, &all);

	if (r < 0)
		return err_sys(e, VZ_E_SYS, r, "cannot read the list of shared rates");
	for (size_t i = 0; r == 0 && i < all.n; i++) {
		bool gone = false;

		if (num_u32(all.v[i], &net_class) < 0 || (w && shares_total(w, net_class)))
			continue;
		r = net_rate_leave(net_class, (uint16_t)(base >> 16), ct->vz->slice, &gone, e);
		if (gone)
			unlinkat(fd, all.v[i], 0);
	}
	return r;
}

/* ---- what is done ---- */

static int put(struct ct *ct, struct want *w, struct vz_err *e)
{
	_free_ char *dir = str_printf("%s/rates", ct->vz->rundir);
	bool total = shares_total(w, ANY);
	_fd_ int fd = -1;
	int r = dir ? rates_lock(dir, total, &fd) : -ENOMEM;

	if (r == -ENOENT)
		r = 0;
	if (r == 0 && total)
		r = enter(w, fd);
	if (r < 0)
		return err_sys(e, VZ_E_SYS, r, "cannot note the shared rate of VPS '%s'", ct->idstr);
	w->w.again = fd >= 0;
	r = ct_link_names(ct, &w->links);
	if (r == 0)
		r = ct_link_outlets(ct, &w->links, &w->outlets);
	if (r < 0)
		return err_sys(e, VZ_E_SYS, r, "cannot read the list of links of VPS '%s'",
			       ct->idstr);
	ct_crash_point("rate", "set", "before");
	r = net_rate_set(&w->w, e);
	ct_crash_point("rate", "set", "after");
	if (fd >= 0 && r == 0)
		r = leave(ct, w, fd, e);
	if (fd >= 0)
		rmdir(dir); /* if it is empty */
	return r;
}

static int apply(struct ct *ct, const struct vz_cfg *cfg, bool start, struct vz_err *e)
{
	_cleanup_(want_done) struct want w = { 0 };
	int r = fill(ct, cfg, &w, e);

	/* Nothing to limit costs a start nothing. */
	if (r < 0 || (start && !w.w.bits && !w.w.nshares))
		return r;
	return put(ct, &w, e);
}

int ct_rate_up(struct ct *ct, struct vz_err *e)
{
	return apply(ct, ct->cfg, true, e);
}

int ct_rate_apply(struct ct *ct, const struct vz_cfg *cfg, struct vz_err *e)
{
	/* What a quota has to say follows from the record. */
	if (cfg->traffic_quota)
		ct_traffic_keep(ct);
	return apply(ct, cfg, false, e);
}

int ct_rate_down(struct ct *ct, struct vz_err *e)
{
	_free_ char *dir = str_printf("%s/rates", ct->vz->rundir);
	_fd_ int fd = -1;
	int r = net_rate_down(ct->id, ct->vz->slice, e), s;

	s = dir ? rates_lock(dir, false, &fd) : -ENOMEM;
	if (s == 0) {
		s = leave(ct, NULL, fd, r < 0 ? NULL : e);
		rmdir(dir); /* if it is empty */
	} else if (s == -ENOENT) {
		s = 0;
	} else if (r == 0) {
		err_sys(e, VZ_E_SYS, s, "cannot lock the list of shared rates for VPS '%s'", ct->idstr);
	}
	return r < 0 ? r : s;
}
