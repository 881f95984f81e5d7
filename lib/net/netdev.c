/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Devices go into a VPS and come back. */
#include "net/netdev.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/str.h"
#include "net/net_priv.h"

/* By name: what the contract has always refused. By kind: what would take others with it or belongs to the
 * other end. */
static const char *const bad_names[] = { "lo", "venet", "tun", "tap" };
static const char *const bad_kinds[] = { "bridge", "tun", "openvswitch", "bond", "team" };

static int refuse(const char *name, const char *why, struct vz_err *e)
{
	return err_set(e, VZ_E_NETDEV, -EINVAL, "device '%s' cannot be moved into a VPS: %s", name,
		       why);
}

static int judge(const struct knl_link *l, const char *name, struct vz_err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(bad_kinds); i++)
		if (str_eq(l->kind, bad_kinds[i]))
			return refuse(name, "others depend on it", e);
	if (l->master)
		return refuse(name, "it is a port of another device", e);
	if (str_has_prefix(l->alias, "vz ") && (str_eq(l->kind, "veth") || str_eq(l->kind, "macvlan")))
		return refuse(name, "it is a VPS's own link", e);
	return 0;
}

static int check_name(const char *name, struct vz_err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(bad_names); i++)
		if (i == 0 ? str_eq(name, bad_names[i]) : str_has_prefix(name, bad_names[i]))
			return refuse(name, "it is no network card", e);
	return 0;
}

int net_dev_check(const char *name, struct vz_err *e)
{
	_knl_ struct knl *k = NULL;
	struct knl_link l;
	int r = check_name(name, e);

	if (r < 0)
		return r;
	r = knl_open(&k);
	if (r == 0)
		r = knl_link_get(k, name, &l);
	if (r < 0)
		return net_fail(e, VZ_E_NETDEV, r, k, "device '%s'", name);
	return judge(&l, name, e);
}

int net_dev_is_here(const char *name)
{
	return if_nametoindex(name) != 0;
}

int net_dev_master(const char *name)
{
	_knl_ struct knl *k = NULL;
	struct knl_link l;

	return knl_open(&k) == 0 && knl_link_get(k, name, &l) == 0 ? l.master : 0;
}

int net_dev_rename_into(const char *name, int netns_fd, const char *as, int *ret_index,
			struct vz_err *e)
{
	_knl_ struct knl *k = NULL, *in = NULL;
	struct knl_link l = { 0 }, there = { 0 };
	int r = knl_open(&k);

	if (r == 0)
		r = knl_open_in(netns_fd, &in);
	if (r == 0)
		r = knl_link_get(k, name, &l);
	if (r == 0) {
		knl_q_link_move(k, 0, l.index, netns_fd, as);
		r = knl_run(k, NULL);
	}
	if (r < 0)
		return net_fail(e, VZ_E_NETDEV, r, k, "cannot move device '%s' into the VPS", name);
	if (knl_link_get(in, as, &there) == 0)
		*ret_index = there.index;
	return 0;
}

int net_dev_give(const char *name, int netns_fd, int *ret_index, struct vz_err *e)
{
	int r = net_dev_check(name, e);

	return r < 0 ? r : net_dev_rename_into(name, netns_fd, name, ret_index, e);
}

int net_dev_take(const char *name, int index, int netns_fd, struct vz_err *e)
{
	_fd_ int here = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	_knl_ struct knl *in = NULL;
	struct knl_link l = { 0 };
	int r = here < 0 ? -errno : knl_open_in(netns_fd, &in);

	if (r == 0) {
		knl_q_link_get(in, 0, index > 0 ? NULL : name, index, &l);
		r = knl_run(in, NULL);
	}
	if (r == 0 && l.index == 0)
		return 0;
	if (r == 0) {
		knl_q_link_flags(in, 0, l.index, 0, IFF_UP);
		knl_q_link_move(in, 0, l.index, here, name);
		r = knl_run(in, NULL);
	}
	return r < 0 ? net_fail(e, VZ_E_NETDEV, r, in, "cannot take device '%s' back", name) : 0;
}

static bool is_pinned(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && fs.f_type == NSFS_MAGIC;
}

int net_pin(int netns_fd, const char *path, struct vz_err *e)
{
	char from[40];
	int fd;

	if (is_pinned(path))
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(e, VZ_E_NETDEV, -errno, "cannot make '%s'", path);
	close(fd);
	snprintf(from, sizeof(from), "/proc/self/fd/%d", netns_fd);
	if (mount(from, path, NULL, MS_BIND, NULL) < 0)
		return err_sys(e, VZ_E_NETDEV, -errno, "cannot keep the network of the VPS by '%s'",
			       path);
	return 0;
}

int net_pin_open(const char *path, int *ret_fd)
{
	int fd;

	if (!is_pinned(path))
		return -ENOENT;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

int net_unpin(const char *path, struct vz_err *e)
{
	/* More than once should two have been stacked. */
	while (is_pinned(path))
		if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0)
			return err_sys(e, VZ_E_NETDEV, -errno, "cannot unmount '%s'", path);
	if (unlink(path) < 0 && errno != ENOENT)
		return err_sys(e, VZ_E_NETDEV, -errno, "cannot remove '%s'", path);
	return 0;
}
