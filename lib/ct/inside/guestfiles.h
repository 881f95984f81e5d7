/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The files of a guest that follow from its configuration: name, hosts, name servers. */
#ifndef VZ_CT_INSIDE_GUESTFILES_H
#define VZ_CT_INSIDE_GUESTFILES_H

#include <stdint.h>

#include "base/buf.h"

struct ct;
struct plan;
struct strv;
struct vz_cfg;
struct vz_err;

#define GUESTFILES_MAX 8

struct start_file { /* a file of the guest that gets new content */
	const char *path;
	struct buf *content;
	uint32_t mode;
};

struct guestfiles {
	struct start_file file[GUESTFILES_MAX];
	struct buf text[GUESTFILES_MAX];
	size_t n;
};

void guestfiles_done(struct guestfiles *g);
#define _guestfiles_ __attribute__((cleanup(guestfiles_done)))

/* Those whose content differs from what the mounted root has. A file that cannot be made is left as it
 * is, and said in the log: a VPS with a strange /etc still starts. */
int guestfiles_make(struct ct *ct, struct guestfiles *ret, struct vz_err *e);
/* Name servers and search domains, with the node's own for "inherit". -errno. */
int guestfiles_dns(const struct vz_cfg *c, struct strv *servers, struct strv *domains);
/* The text of a file in the mounted root; -ENOENT, -E2BIG, -EINVAL for what is no plain file. */
int guestfiles_read(const struct ct *ct, const char *path, struct buf *out);
/* FILE steps for all of them. */
void guestfiles_plan(struct plan *p, const struct guestfiles *g);

#endif
