/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One SHA-256 over a whole tree: what is in it, not when it was written. Two trees have the same digest
 * exactly when a VPS cannot tell them apart but by time stamps.
 */
#ifndef VZ_GUEST_DIGEST_H
#define VZ_GUEST_DIGEST_H

#include <stddef.h>
#include <stdint.h>

struct vz_err;

#define DIGEST_HEX 65 /* 64 digits and the NUL */

struct tree_facts {
	char digest[DIGEST_HEX];
	uint64_t entries; /* files, folders, links ... below the root */
	uint64_t bytes;	  /* content of the regular files */
};

/* The content of one buffer. */
void digest_bytes(const void *data, size_t len, char ret_hex[DIGEST_HEX]);

/*
 * The tree below rootfd (a folder opened for reading). For each entry in the order of its path's bytes:
 * path, type, mode, owner, group, then size and content hash, link target, or device number, then the
 * file capabilities. Never follows a link, never opens what is not a file or folder. Owners above 65535
 * have no place in a VPS and are refused: BAD_TEMPLATE.
 */
int digest_tree(int rootfd, struct tree_facts *ret, struct vz_err *e);

#endif
