/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What goes over from an old root of a VPS to a fresh one. The old root is hostile. */
#ifndef VZ_CT_INSIDE_KEEP_H
#define VZ_CT_INSIDE_KEEP_H

#include <stddef.h>
#include <sys/types.h>

#include <vz/area.h>

#include "base/buf.h"
#include "guest/user.h"

struct ct;
struct vz_err;

enum { /* bits; KEEP_HOME is done by a rename and is the caller's */
	KEEP_ACCOUNTS = 1,
	KEEP_HOSTKEYS = 2,
	KEEP_ROOTKEYS = 4,
	KEEP_HOME = 8,
	KEEP_ALL = 15,
};

#define KEEP_FILES_MAX 64

struct keep {
	unsigned what;
	struct buf table[GUEST_NTABLES];
	const struct buf *has[GUEST_NTABLES];
	struct keep_file {
		char *dir, *name; /* dir without a slash in front */
		struct buf data;
		mode_t mode;
	} file[KEEP_FILES_MAX];
	size_t n;
};
void keep_done(struct keep *k);
#define _keep_ __attribute__((cleanup(keep_done)))

extern const struct vz_kept keep_names[]; /* in the order of the bits */
/* "accounts,home" to bits; NULL is all. PARAM. */
int keep_parse(const char *list, unsigned *ret, struct vz_err *e);

/* Read from the mounted root of ct; k->what says what. What is no plain file, too large or too much is left
 * behind and said in the log. */
int keep_read(struct ct *ct, struct keep *k, struct vz_err *e);
/* Write into `upper`, the empty upper layer of a new area over the template whose root is `base`. */
int keep_write(const struct keep *k, int upper, int base, struct vz_err *e);

#endif
