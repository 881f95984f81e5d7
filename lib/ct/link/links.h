/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* RUNDIR/<id>/links: what of a VPS's network may be there besides venet, one a line. */
#ifndef VZ_CT_LINK_LINKS_H
#define VZ_CT_LINK_LINKS_H

#include <stdbool.h>
#include <stddef.h>

#include "param/types.h"

struct ct;
struct vz_err;

enum link_kind {
	LINK_VETH, /* a pair: inside, outside; and whether there may be a macvlan with it */
	LINK_DEV,  /* a device of the node: name, number inside (0: not known) */
	LINK_HOOK, /* vps-net_add was run */
	NLINK_KINDS
};

struct link_note {
	enum link_kind kind;
	char name[CFG_IFNAMSIZ], host[CFG_IFNAMSIZ];
	int index;
	bool outlet;
};

struct links {
	struct link_note *v;
	size_t n;
};

void links_done(struct links *l);
#define _links_ __attribute__((cleanup(links_done)))

/* No file: an empty list. What cannot be understood is left out. -errno */
int links_read(const struct ct *ct, struct links *ret);
/* An empty list removes the file. */
int links_write(const struct ct *ct, const struct links *l, struct vz_err *e);
/* Append unless it is there. -ENOMEM */
int links_add(struct links *l, const struct link_note *n);
/* The first of that kind and name (NULL: any) from *i on; *i is behind it then. */
struct link_note *links_next(const struct links *l, enum link_kind kind, const char *name, size_t *i);
bool links_has(const struct links *l, enum link_kind kind, const char *name);

#endif
