/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Devices of the node that are given to a VPS: found by name or number. */
#ifndef VZ_FS_DEVNODE_H
#define VZ_FS_DEVNODE_H

#include <stdint.h>
#include <sys/types.h>

#include "base/str.h"
#include "fs/fs.h"

struct vz_err;

enum { FS_DEVNAME_MAX = 208 };

struct fs_devnode {
	char name[FS_DEVNAME_MAX]; /* below /dev */
	char type;		   /* 'b' or 'c' */
	uint32_t major, minor;
	mode_t mode;
	uid_t uid; /* of the node's own; only those below 65536 are carried over */
	gid_t gid;
	bool on_host;  /* it is in the node's /dev */
	bool copy;     /* never by itself: there may be too many */
	uint8_t access; /* 2 read, 4 write, as in struct dev_rule */
};
struct fs_devnodes {
	struct fs_devnode v[FS_COPIES_MAX];
	size_t n;
};

/* Each adds to the list, or more access to what is in it. Code DEVICES. */
/* By its name in the node's /dev; terminals and what every VPS has of its own are refused. */
int fs_devnode_name(struct fs_devnodes *l, const char *name, uint8_t access, struct vz_err *e);
/* By its numbers; minor -1: all that the node has. One that the node does not know adds nothing. */
int fs_devnode_number(struct fs_devnodes *l, char type, uint32_t major, int64_t minor, uint8_t access,
		      struct vz_err *e);

/* Names of the nodes that a running VPS was given beyond the basic ones, from its mount table. */
int fs_devnodes_present(pid_t init, struct strv *out);

#endif
