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

/* As VE_LAYOUT has them. */
#define LAYOUT_TREE    "simfs"
#define LAYOUT_OVERLAY "overlay"
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

/* Fill a plain tree in a new folder `path`, complete and synced, from an archive (tar, also compressed by gzip,
 * bzip2, xz or zstd) or from a folder. Owners stay the numbers that they are. progress, if not NULL, hears
 * several times a second how much of the archive has been read; what is not 0 ends it with -ECANCELED. Both
 * programs, tar and cp, die with us. Codes BAD_TEMPLATE, NO_SPACE, CREATE_PRIVATE. */
struct fs_fill {
	const char *path;
	const char *archive, *folder; /* one of them, the other NULL */
	int (*progress)(void *arg, uint64_t done, uint64_t total);
	void *arg;
};
int fs_tree_fill(const struct fs_fill *f, struct vz_err *e);

struct fs_where {
	const char *private, *template_dir, *root;
	/* It is known to be a tree. Then nothing in it is asked what it is: the VPS itself writes there, and
	 * could name itself a template that is not its own. */
	bool tree;
};
/* Mount the private area on root, ids mapped to base. Fine when it is mounted. Codes MOUNT,
 * TEMPLATE_MISSING, CREATE_ROOT, KERNEL. */
int fs_root_mount(const struct fs_where *w, uint32_t base, struct vz_err *e);
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
#define FS_VIEW_MAX   8 /* files, kern/viewfiles.h */
struct fs_view {
	int fd[FS_VIEW_MAX]; /* detached mounts, in the order of the list */
	unsigned int n;	     /* 0: none, or all */
};
/* Take the files of the lxcfs that is mounted on dir. -errno: it is not there, or it is dead (-ENOTCONN). */
int fs_view_open(const char *dir, struct fs_view *ret);
/* Empty files in their places, on a mount of their own at dir; idempotent. -errno. */
int fs_view_blank(const char *dir);
void fs_view_close(struct fs_view *v);
/* Put them in place; take what lies on their places off. */
void fs_plan_view(struct plan *p, const struct fs_view *v);
void fs_plan_unview(struct plan *p);

/* Folders and files of the node that a VPS is shown. */
#define FS_BINDS_MAX 32
#define FS_BIND_PATH 512
struct fs_bind {
	const char *src, *dst;
	bool ro, noexec, suid, nomap;
};
struct fs_binds {
	int fd[FS_BINDS_MAX]; /* detached mounts */
	bool is_dir[FS_BINDS_MAX];
	char *dst[FS_BINDS_MAX]; /* place inside; owned */
	unsigned int n;
};
/* base: first id of the VPS. unlocked: for the node itself, not to be given to a VPS as it is. Code MOUNT. */
int fs_binds_open(const struct fs_bind *b, size_t n, uint32_t base, bool unlocked, struct fs_binds *ret,
		  struct vz_err *e);
void fs_binds_close(struct fs_binds *b);
/* Make their places and put them there, in the order given. */
void fs_plan_binds(struct plan *p, const struct fs_binds *b);

struct fs_devnodes; /* fs/devnode.h */
struct fs_nodes {
	int fd[FS_NODES_MAX];		/* detached mounts: of one node each, or of the copies */
	const char *name[FS_NODES_MAX]; /* below /dev; borrowed; NULL: the copies */
	unsigned int n;
	const char *copy[FS_COPIES_MAX]; /* names of the copies */
	unsigned int ncopies;
	struct fs_view view; /* added by the caller; closed with the rest */
	struct fs_binds binds; /* likewise */
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
	uint64_t mem_pages; /* its memory: what /dev/shm and /run may take of it follows */
};

/* Steps: /proc, /sys, /dev, /dev/pts, /dev/shm, /run, the cgroup tree, hidden and read-only parts.
 * Between plan steps PIVOT and DETACH. nesting: leave /proc unmasked, so that it can be mounted anew
 * inside. prune: of /sys/devices, leave what every VPS has. */
void fs_plan_api(struct plan *p, const struct fs_nodes *nodes, bool nesting, bool prune,
		 const struct fs_limits *l);
/* The mounts that have limits. again: they are there, and get other limits. */
void fs_plan_limits(struct plan *p, const struct fs_limits *l, bool again);

#endif
