/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Network devices of the node that live in a VPS for a time. So that a device outlives a VPS whatever ends
 * it, the VPS's network namespace is pinned to a file while there is one in it.
 */
#ifndef VZ_NET_NETDEV_H
#define VZ_NET_NETDEV_H

struct vz_err;

/* All fail with NETDEV. */
/* May it be moved? Names of our own links, and devices that serve others, may not. It must be here. */
int net_dev_check(const char *name, struct vz_err *e);
/* Move it from the caller's namespace into the other; *ret_index is its number there. */
int net_dev_give(const char *name, int netns_fd, int *ret_index, struct vz_err *e);
/* The same for a link of our own, under another name there. */
int net_dev_rename_into(const char *name, int netns_fd, const char *as, int *ret_index,
			struct vz_err *e);
/* Take it back from there under its name: the one with this number, if > 0, else of this name. 0 when it is
 * not there: it is here then, or has gone. */
int net_dev_take(const char *name, int index, int netns_fd, struct vz_err *e);
/* The number of the device that it is a port of; 0: of none, or it is not here. */
int net_dev_master(const char *name);
/* Is there a device of that name here? */
int net_dev_is_here(const char *name);

/* Keep a namespace alive by a file. Fine when it is pinned already. */
int net_pin(int netns_fd, const char *path, struct vz_err *e);
/* Open what is pinned there: -ENOENT when nothing is. */
int net_pin_open(const char *path, int *ret_fd);
/* Let it go; 0 when it is not there. */
int net_unpin(const char *path, struct vz_err *e);

#endif
