/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of users, by number: the node's, or those of a VPS as its own passwd has them. */
#ifndef VZ_CT_LIMIT_USERS_H
#define VZ_CT_LIMIT_USERS_H

#include <stddef.h>
#include <stdint.h>

struct vz;

struct users {
	uint32_t ctid;
	struct user_name {
		uint32_t uid;
		char name[36];
	} *v;
	size_t n;
};

/* Never fails: what cannot be read has no names. */
void users_read(struct vz *vz, uint32_t ctid, struct users *ret);
const char *users_name(const struct users *u, uint32_t uid); /* NULL: unknown */
void users_done(struct users *u);

#endif
