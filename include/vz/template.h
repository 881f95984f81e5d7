/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Templates: immutable trees from which VPSs are made. Same conventions as <vz/vz.h>. */
#ifndef VZ_TEMPLATE_H
#define VZ_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vz/codes.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vz;
struct vz_template;

/* What is built on this node, or what there are recipes for; sorted. Release with vz_names_free(). */
int vz_template_list(struct vz *vz, char ***ret, size_t *ret_n, struct vz_err *e);
int vz_template_recipes(const char *recipes, char ***ret, size_t *ret_n, struct vz_err *e);
void vz_names_free(char **names, size_t n);

/* While it is open it cannot be removed. TEMPLATE_MISSING, BAD_TEMPLATE, PARAM (a bad name). */
int vz_template_open(struct vz *vz, const char *name, struct vz_template **ret, struct vz_err *e);
void vz_template_close(struct vz_template *t); /* NULL is fine */
/* A member of its manifest that is text: "name", "description", "distribution", "release",
 * "architecture", "init", "created", "digest", of one that adds to another also "base" and "base_digest".
 * NULL: no such member. Owned by t. */
const char *vz_template_text(const struct vz_template *t, const char *member);
/* "name version" of package i; NULL behind the last. Owned by t. */
const char *vz_template_package(const struct vz_template *t, size_t i);
/* The manifest as JSON text; release with free(). */
int vz_template_json(const struct vz_template *t, char **ret, struct vz_err *e);

struct vz_template_opts {
	size_t size;
	const char *recipes;	/* folder of recipes */
	const char *apt_cache;	/* packages fetched once are kept here; NULL: nowhere */
	const char *const *env; /* NULL, or "NAME=value" for the recipe's script, NULL at the end */
	void (*line)(void *arg, const char *text); /* each line the script prints; NULL: quiet */
	void *arg;
	bool replace;		/* build anew what is there, if no VPS of this node stands on it: else LOCKED */
};
/* 1: it was there already, and stays. May be killed at any time; what it leaves is cleared by the next one.
 * TEMPLATE_MISSING (no recipe), BAD_CONF (recipe), LOCKED, NO_SPACE, SYS, BAD_TEMPLATE. */
int vz_template_build(struct vz *vz, const char *name, const struct vz_template_opts *o,
		      struct vz_err *e);
/* Is the tree still what was built? BAD_TEMPLATE when not. */
int vz_template_verify(struct vz *vz, const char *name, struct vz_err *e);
/* LOCKED when a VPS of this node stands on it. */
int vz_template_remove(struct vz *vz, const char *name, struct vz_err *e);

#ifdef __cplusplus
}
#endif

#endif
