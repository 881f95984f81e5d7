/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* manifest.json of a template: what it is, what is in it, and what its content must hash to. */
#ifndef VZ_GUEST_MANIFEST_H
#define VZ_GUEST_MANIFEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct buf;
struct vz_err;

#define MANIFEST_FILE "manifest.json"

struct manifest {
	char name[65];
	char distribution[33];
	char release[33];
	char architecture[17];
	char init[17];	      /* systemd, sysvinit, tiny ... */
	char description[129];
	char created[21];     /* 2026-11-22T15:04:05Z */
	char digest[72];      /* "sha256:" and 64 digits */
	char base[65];	      /* the template that it stands on; "" for a whole system */
	char base_digest[72]; /* and what that hashed to */
	uint32_t stop_signal; /* what makes init halt in order; a signal number */
	uint64_t entries, bytes;
	struct strv packages; /* "name version" */
};

void manifest_done(struct manifest *m);
#define _manifest_ __attribute__((cleanup(manifest_done)))

/* Letters, digits, ".", "_", "+" and "-", beginning with a letter or digit, at most 64: safe as a name
 * of a file. */
bool manifest_name_ok(const char *name);

/* Strict: everything must be there and well-formed, unknown keys are fine. `what` names it in messages.
 * m must be zeroed; release it with manifest_done() also after a failure. BAD_TEMPLATE. */
int manifest_parse(const char *text, size_t len, const char *what, struct manifest *m,
		   struct vz_err *e);
int manifest_print(const struct manifest *m, struct buf *out);
/* A member that is text, by its name in the file; NULL when there is no such one. Owned by m. */
const char *manifest_text(const struct manifest *m, const char *member);

/* TEMPLATE/<name>/manifest.json below an open template folder, which must carry that name. */
int manifest_read(int dirfd, const char *name, struct manifest *m, struct vz_err *e);

#endif
