/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Templates: TEMPLATE/<name>/{manifest.json,root/}, never changed once they are there. The name appears
 * by one rename when all is written, and disappears by one rename before anything is removed. Folders
 * that begin with a dot are rubbish of a build or removal that was killed; the next one clears them away.
 *
 * A template may add to another, its base: root/ then holds only what differs, as the upper layer of an
 * overlay does. The base is told apart by its digest, and cannot be removed before what stands on it.
 *
 * Locks: the folder TEMPLATE itself, by flock, during a build or a removal (one at a time: they share
 * caches and the disk); TEMPLATE/<name>, shared, by who is about to refer to it, exclusive by who removes
 * it.
 */
#ifndef VZ_GUEST_TEMPLATE_H
#define VZ_GUEST_TEMPLATE_H

#include <stdbool.h>

#include "base/str.h"
#include "guest/manifest.h"

struct vz_err;

#define TEMPLATE_ROOT	    "root"
#define TEMPLATE_LAYERS_MAX 16

struct template {
	int dirfd;  /* TEMPLATE/<name>; holds the shared lock */
	int rootfd; /* its root/ */
	struct manifest m;
};
#define TEMPLATE_INIT { .dirfd = -1, .rootfd = -1 }

/* Open for use: as long as it is open it cannot be removed. *t is TEMPLATE_INIT before; release it with
 * template_done() also after a failure. PARAM (a bad name), TEMPLATE_MISSING, BAD_TEMPLATE. */
int template_open(const char *dir, const char *name, struct template *t, struct vz_err *e);
void template_done(struct template *t);
#define _template_ __attribute__((cleanup(template_done)))

/* The templates that an open one consists of: itself, its base, the base of that. BAD_TEMPLATE when one of
 * them is not what the next was built on, TEMPLATE_MISSING. *ret is empty before. */
int template_layers(const char *dir, const struct template *t, struct strv *ret, struct vz_err *e);
/* The root of these layers as one tree, to read; *ret_fd is the caller's. */
int template_view(const char *dir, const struct strv *layers, int *ret_fd, struct vz_err *e);

/* Names of what is there, sorted; a TEMPLATE that does not exist has none. */
int template_list(const char *dir, struct strv *ret, struct vz_err *e);

/* Is the tree, and that of each base, still what was built? BAD_TEMPLATE when it is not. */
int template_verify(const char *dir, const char *name, struct vz_err *e);

/* Remove it, unless one of the private areas or another template stands on it: LOCKED, as when it is open
 * elsewhere. */
int template_remove(const char *dir, const char *name, const struct strv *privates,
		    struct vz_err *e);

struct template_job {
	const char *dir;	 /* TEMPLATE; made when missing */
	const char *recipes;	 /* folder of recipes */
	const char *apt_cache;	 /* shared by builds; NULL: none */
	const char *const *env;	 /* further variables for the script; NULL: none */
	void (*line)(void *arg, const char *text); /* each line that the script prints; NULL: quiet */
	void *arg;
	/* The private areas of all VPSs: build also when it is there, and put the new one in its place unless
	 * one of them stands on it. NULL: what is there stays. */
	int (*privates)(void *arg, struct strv *ret, struct vz_err *e);
	void *privates_arg;
};

/* Build from the recipe of that name, and before that its base if need be. 1: it is there already, and
 * stays. May be killed at any time: all that it started dies with it. TEMPLATE_MISSING (no recipe), LOCKED, NO_SPACE, SYS, BAD_TEMPLATE. */
int template_build(const struct template_job *job, const char *name, struct vz_err *e);

/* For who takes it away: the exclusive lock on it in *ret_fd, if nobody has it open and no area refers to it. */
int template_take(const char *dir, const char *name, const struct strv *privates, int *ret_fd,
		  struct vz_err *e);

/* For template_build.c: take the lock on dir (made when missing), clear rubbish away; *ret_fd owns both
 * the folder and the lock. */
int template_lock_dir(const char *dir, int *ret_fd, struct vz_err *e);

#endif
