/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One lock file per VPS, LOCKDIR/<id>.lck: "PID\nSTATUS\n" made with link(2), as the historic tools
 * make and read it, and an flock on the same file, which the kernel drops when we die. Both must be
 * free to take it: a file whose pid is alive and not ours is held, with or without an flock.
 * A zombie is not alive. The descriptor is closed on exec: only a child of ours that has not called
 * exec shares the flock.
 */
#ifndef VZ_BASE_LOCK_H
#define VZ_BASE_LOCK_H

#include <stdbool.h>
#include <sys/types.h>

struct lock {
	int fd;	    /* -1: not held */
	int dirfd;  /* of LOCKDIR, owned */
	char name[72];
};

#define LOCK_INIT { .fd = -1, .dirfd = -1 }

/* Take it at once or say who has it: -EBUSY and the holder's pid in *ret_holder (0 if unknown).
 * Makes LOCKDIR when missing. A lock whose pid is dead is taken over. */
int lock_take(struct lock *l, const char *lockdir, const char *name, const char *status,
	      pid_t *ret_holder);
/* What the holder says it does, its file's second line; "" when there is none. */
void lock_status(const char *lockdir, const char *name, char *out, size_t size);
/* Unlink and close; nothing on one not held. */
void lock_drop(struct lock *l);

#endif
