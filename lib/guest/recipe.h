/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A recipe: the few facts from which a template is built. One JSON file per template, <name>.json; the
 * work is done by the script family/<family>.sh beside it. */
#ifndef VZ_GUEST_RECIPE_H
#define VZ_GUEST_RECIPE_H

#include <stdint.h>

#include "base/str.h"

struct vz_err;

struct recipe {
	char name[65];
	char description[129];
	char family[33];
	char base[65]; /* the template that it adds to, which then says all of the next six; "" for none */
	char distribution[33];
	char release[33];
	char suite[33]; /* what the family's tool calls the release */
	char architecture[17];
	char init[17];
	uint32_t stop_signal;
	struct strv packages;
	struct strv mask; /* services that cannot work in a VPS */
};

void recipe_done(struct recipe *r);
#define _recipe_ __attribute__((cleanup(recipe_done)))

/* Read dir/<name>.json. Strict: unknown keys are refused as well. *r must be zeroed; release it with
 * recipe_done() also after a failure. TEMPLATE_MISSING when there is no such recipe, BAD_CONF when it is
 * not valid, PARAM when the name is not one. */
int recipe_load(const char *dir, const char *name, struct recipe *r, struct vz_err *e);

/* Names of all recipes in dir, sorted. */
int recipe_list(const char *dir, struct strv *ret, struct vz_err *e);

#endif
