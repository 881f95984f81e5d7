/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the node's own packet filter does with what it forwards. Silent: -errno. */
#ifndef VZ_KERN_FORWARD_H
#define VZ_KERN_FORWARD_H

#include <stdbool.h>
#include <stddef.h>

#define KFORWARD_DOCKER "DOCKER-USER" /* docker's chain for the administrator */

/* A chain that sees what is forwarded, and whose policy is to drop it. */
struct kforward {
	const char *family; /* "ip", "ip6", "inet" */
	int nfproto;	    /* the same as NFPROTO_* */
	char table[64], chain[64]; /* cut when longer */
	bool docker; /* KFORWARD_DOCKER is there */
	const char *variant; /* what the name of iptables has behind it where the table is not one of nf_tables; or "" */
	bool named;  /* inside: a rule names the links */
};

/* Fills ret with up to max chains of this network namespace that drop, leaving out those with a rule in their
 * table that names a link which begins with `link`: whoever wrote that has thought of them. How many, or -errno. */
int kforward_drops(const char *link, struct kforward *ret, size_t max);
/* Its part for iptables-legacy; what cannot be read does not drop. */
size_t kforward_ipt(const char *link, struct kforward *ret, size_t max);

#endif
