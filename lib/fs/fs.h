/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The root of a VPS: how its private area becomes a file tree (its layout), and what is mounted in it.
 * The layout is told by the private area itself: with a layout.json it is an overlay of templates;
 * without, the area is the tree.
 */
#ifndef VZ_FS_FS_H
#define VZ_FS_FS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct plan;
struct vz_err;

enum fs_layout { FS_TREE, FS_OVERLAY };

struct fs_area {
	enum fs_layout layout;
	struct strv lower; /* template names, the uppermost first; empty for FS_TREE */
};

void fs_area_done(struct fs_area *a);
#define _fs_area_ __attribute__((cleanup(fs_area_done)))

/* Is it a template's name: letters, digits, dot, dash, underscore; not beginning with a dot. */
bool fs_is_template_name(const char *s);

/* Read the layout of a private area. Codes PRIVATE_MISSING, LAYOUT. */
int fs_area_read(const char *private, struct fs_area *ret, struct vz_err *e);
/* Make an overlay area in a new folder `path`, complete and synced. Codes NO_SPACE, CREATE_PRIVATE. */
int fs_area_make(const char *path, const struct strv *lower, struct vz_err *e);

/* Mount the private area on root, ids mapped to base. Fine when it is mounted. Codes MOUNT,
 * TEMPLATE_MISSING, CREATE_ROOT, KERNEL. */
int fs_root_mount(const char *private, const char *template_dir, const char *root, uint32_t base,
		  struct vz_err *e);
/* base 0: of any VPS. A mount that is not a VPS's is never touched. */
int fs_root_umount(const char *root, uint32_t base, struct vz_err *e);
bool fs_root_is_mounted(const char *root, uint32_t base);

/* A private area on target with its owners as they are on disk, seen by one child of ours only: prepare, then
 * fs_private_mount() in the child, by system calls alone (-errno). For scripts of the node that change a VPS
 * which is being made: under the map of a VPS root of the node has no id, and can make no file. */
struct fs_private_mount {
	char *source, *target, *options;
	bool overlay;
};
int fs_private_mount_prepare(const char *area, const char *template_dir, const char *target,
			     struct fs_private_mount *ret);
int fs_private_mount(void *prepared);
void fs_private_mount_done(struct fs_private_mount *m);

/* Device nodes for a VPS, opened by the parent for the plan: those that every VPS has, and more. */
#define FS_NODES_MAX  64
#define FS_COPIES_MAX 192
struct fs_devnodes; /* fs/devnode.h */
struct fs_nodes {
	int fd[FS_NODES_MAX];		/* detached mounts: of one node each, or of the copies */
	const char *name[FS_NODES_MAX]; /* below /dev; borrowed; NULL: the copies */
	unsigned int n;
	const char *copy[FS_COPIES_MAX]; /* names of the copies */
	unsigned int ncopies;
};
/* base: first id of the VPS, whose root owns copies. basic: with those that every VPS has. */
int fs_nodes_open(const struct fs_devnodes *more, uint32_t base, bool basic, struct fs_nodes *ret,
		  struct vz_err *e);
void fs_nodes_close(struct fs_nodes *n);
/* Put them in place; what stands there is left alone. */
void fs_plan_nodes(struct plan *p, const struct fs_nodes *nodes);

struct fs_limits { /* UINT64_MAX = none but the kernel's own */
	uint64_t ptys;	    /* terminals that the VPS may open; its console comes on top */
	uint64_t shm_pages; /* of 4096 bytes, in /dev/shm */
};

/* Steps: /proc, /sys, /dev, /dev/pts, /dev/shm, /run, the cgroup tree, hidden and read-only parts.
 * Between plan steps PIVOT and DETACH. nesting: leave /proc unmasked, so that it can be mounted anew
 * inside. */
void fs_plan_api(struct plan *p, const struct fs_nodes *nodes, bool nesting,
		 const struct fs_limits *l);
/* The mounts that have limits. again: they are there, and get other limits. */
void fs_plan_limits(struct plan *p, const struct fs_limits *l, bool again);

#endif
