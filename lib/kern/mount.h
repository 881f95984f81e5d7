/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mounts by file descriptor. Silent: -errno. */
#ifndef VZ_KERN_MOUNT_H
#define VZ_KERN_MOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kmnt_overlay {
	const char *const *lower; /* template trees, the uppermost first */
	size_t nlower;
	const char *area;	  /* folder with "upper" and "work" in it */
	int userns_fd;		  /* whose map the layers get */
	uint32_t base;		  /* what that map gives to uid 0 */
};

/* A detached overlay mount over idmapped clones of the layers: ids on disk stay those that the VPS
 * sees. *ret_fd goes to kmnt_attach(). On failure *ret_what, if not NULL, is a static word for the part
 * that failed. Linux 5.19. */
int kmnt_overlay(const struct kmnt_overlay *o, int *ret_fd, const char **ret_what);
/* The lower layers alone, detached and read-only, as they are on disk; two of them at least. */
int kmnt_view(const char *const *lower, size_t nlower, int *ret_fd);
/* A detached, idmapped clone of one folder, for a root that is a plain tree. Linux 5.12. */
int kmnt_idmapped(const char *path, int userns_fd, int *ret_fd);
/* A detached clone of one file or folder; no mount event passes between the two. Linux 5.12. */
int kmnt_clone(const char *path, int *ret_fd);

struct kmnt_bind {
	const char *path; /* folder, file or socket; a symbolic link on the way is -ELOOP */
	int userns_fd;	  /* whose map it gets, if map; and against whose root its attributes are locked */
	bool map, ro, noexec, suid;
	bool unlocked;	  /* it stays with the node */
};
/* A detached clone for a VPS, always without devices. -EOPNOTSUPP: owners cannot be mapped there;
 * -EMEDIUMTYPE: a device or FIFO. Linux 5.12. */
int kmnt_bind(const struct kmnt_bind *b, int *ret_fd, bool *ret_dir);
/* Is fd the root of a mount of the file at path? 1, 0, or -errno for the path. */
int kmnt_same_file(const char *path, int fd);
int kmnt_attach(int mount_fd, const char *target);
/* Is path itself a mount point? No: also when it is missing. */
bool kmnt_is_mount_point(const char *path);
/* Take the uppermost mount off path, lazily. Never follows a symlink at its end. */
int kmnt_detach_one(const char *path);

#endif
