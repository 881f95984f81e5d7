/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Users of a VPS: set a password, make the user if need be, check a password. Pure functions on
 * the text of the four files, no I/O (but randomness for a salt). The texts are hostile. -errno.
 */
#ifndef VZ_GUEST_USER_H
#define VZ_GUEST_USER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

enum guest_table { GUEST_PASSWD, GUEST_SHADOW, GUEST_GROUP, GUEST_GSHADOW, GUEST_NTABLES };

/* The path of each, and the mode for one that was not there before (others keep mode and owner). */
extern const struct guest_table_row {
	const char *path;
	mode_t mode;
} guest_tables[GUEST_NTABLES];

struct guest_user_want {
	const char *user;
	const char *password;
	bool crypted;	    /* password is a hash, to be stored as it is */
	const char *prefix; /* for crypt_gensalt(3); NULL: as guest_hash_prefix(NULL) */
	int64_t today;	    /* days since 1970, for the "last changed" field */
};

struct guest_user_set {
	bool changed[GUEST_NTABLES]; /* this file must be written */
	struct buf text[GUEST_NTABLES];
	bool created; /* then the caller makes home, mode 0700, owned by uid and gid */
	uid_t uid;
	gid_t gid;
	char home[48];
};

#define GUEST_USER_SET_INIT { 0 }
void guest_user_set_done(struct guest_user_set *s);

/*
 * The new texts. old[i] NULL: there is no such file. A user not there is made: the next free id
 * from 1000 on, a group of its own, /home/user, /bin/bash (root: 0, 0, /root). Without a shadow
 * file the hash goes into passwd, as login then expects.
 * -EINVAL: a bad name or password, or a file with NUL bytes; -ENOSPC: no id is free;
 * -EOPNOTSUPP: libcrypt does not know the kind of hash; -E2BIG: a file beyond the limit.
 */
int guest_password_set(const struct buf *const old[GUEST_NTABLES],
		       const struct guest_user_want *want, struct guest_user_set *ret);

/* 0: this is the password of user, by the text of shadow (or of passwd, where the hash is there).
 * -EACCES: it is not, the account is locked, or has no password; -ENOENT: no such user;
 * -EOPNOTSUPP: a kind of hash, or a cost, that we do not compute for a VPS. */
int guest_password_check(const struct buf *shadow, const char *user, const char *password);

/* Is gid the user's own group, or does that group list the user? */
bool guest_user_in_group(const struct buf *passwd, const struct buf *group, const char *user, gid_t gid);

/* The kind of hash that this VPS understands, by its /etc/login.defs (NULL: none): "$y$" when it
 * says YESCRYPT, else "$6$", which every libc of the last fifteen years and musl know. */
const char *guest_hash_prefix(const struct buf *login_defs);

#endif
