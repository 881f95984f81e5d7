/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The environment of distribution scripts. */
#ifndef VZ_CT_INSIDE_DIST_ENV_H
#define VZ_CT_INSIDE_DIST_ENV_H

#include <stdbool.h>

#include "ct/inside/dist.h"

struct addrlist;
struct netif;
struct strv;

/* What it is made from. */
struct dist_want {
	const struct vz_cfg *cfg;
	const char *state;		  /* VE_STATE */
	const struct addrlist *add, *del; /* NULL: none */
	bool all;			  /* the old addresses go, all of them */
	const struct netif *netif;
	const struct vz_cfg *change; /* passwords */
	const char *root;
};

const char *dist_name(enum dist_action a);
/* Append "NAME=value" for an action, without HOME, TERM and PATH. -ENOMEM. */
int dist_env(struct ct *ct, enum dist_action a, const struct dist_want *w, struct strv *env);

#endif
