/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Private areas that come and go: make a VPS of one that is there, forget a VPS and leave its area, and give
 * a VPS a fresh root.
 */
#ifndef VZ_AREA_H
#define VZ_AREA_H

#include <stddef.h>
#include <stdint.h>

#include <vz/codes.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vz;
struct vz_ct;

#define VZ_REGISTER_FORCE 2u /* although the area says that it is another node's */
#define VZ_REGISTER_RENEW 4u /* it is a copy: new UUID, new device addresses, no name */
struct vz_register_opts {
	size_t size;
	const char *name; /* NULL: that of the area's own file, if it has one */
	const char *uuid; /* NULL: the same */
	unsigned flags;	  /* and VZ_SKIP_LOCK */
};
/* The VPS `id` of the area at `path`, an absolute folder that vz_ct_create() made or a plain tree. Its values
 * come from ve.conf in the area (never for a plain tree, which is the guest's), else from the node's sample.
 * PARAM, PRIVATE_MISSING, LAYOUT, CP_CONFIG (there is a VPS of that id), PRIVATE_EXISTS (the area is another
 * VPS's), PERM (another node's), NAME, TEMPLATE_MISSING. */
int vz_ct_register(struct vz *vz, const char *path, uint32_t id, const struct vz_register_opts *o,
		   struct vz_err *e);
/* The other way round: configuration, name and ids go, the area stays, with its values in ve.conf. RUNNING,
 * MOUNTED, SUSPEND (a dump is there). */
int vz_ct_unregister(struct vz_ct *ct, unsigned flags, struct vz_err *e);

#define VZ_REINSTALL_DROP 2u /* the root that goes is removed, not kept below the new one */
#define VZ_REINSTALL_UNDO 4u /* back to the root of before the last reinstall */
struct vz_reinstall_opts {
	size_t size;
	const char *ostemplate; /* NULL: the one that it has */
	const char *keep;	/* comma-separated names of vz_reinstall_kept(), "" for none; NULL: all */
	unsigned flags;		/* and VZ_SKIP_LOCK */
};
/* A fresh root for a VPS; a running one is stopped for it and started after. REINSTALL, and what stop and
 * start say. */
int vz_ct_reinstall(struct vz_ct *ct, const struct vz_reinstall_opts *o, struct vz_err *e);

struct vz_kept {
	const char *name; /* NULL ends the table */
	const char *what; /* one line */
};
/* What reinstall takes over from the old root. */
const struct vz_kept *vz_reinstall_kept(void);

#ifdef __cplusplus
}
#endif

#endif
