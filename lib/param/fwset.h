/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Firewall sets: what the file of one says, and what several mean together. Text of the administrator becomes
 * numbers here, or words for why it does not; nothing else sees it.
 */
#ifndef VZ_PARAM_FWSET_H
#define VZ_PARAM_FWSET_H

#include "param/types.h"

struct vz_err;

#define FW_NAME_MAX  32	   /* bytes of a set's name */
#define FW_FILE_MAX  65536 /* bytes of a file */
#define FW_RULES_MAX 512   /* of all sets of a VPS together */
#define FW_LIST_MAX  64	   /* addresses, or ports, of one rule */

enum fw_policy { FW_UNSAID, FW_ACCEPT, FW_DROP };

struct fw_ports { /* first and last, both belong to it */
	uint16_t first, last;
};
struct fw_rule {
	bool in; /* to the VPS */
	bool accept;
	int16_t proto; /* IPPROTO_; -1: any */
	struct addrlist source, dest; /* empty: any; nets, by prefix */
	struct fw_ports *sport, *dport;
	size_t nsport, ndport; /* 0: any */
};
struct fw {
	struct fw_rule *v; /* the first that fits decides */
	size_t n;
	enum fw_policy policy_in, policy_out; /* by fw_end() never FW_UNSAID */
};

/* Letters, digits, '_' and '-', at most FW_NAME_MAX. */
bool fw_name_ok(const char *s);
/* Append what the text of a file says. PARAM with file and line. */
int fw_parse(struct fw *fw, const char *file, const char *text, struct vz_err *e);
/* All sets are read: who names what is let through means that the rest is not. */
void fw_end(struct fw *fw);
void fw_done(struct fw *fw);
#define _fw_ __attribute__((cleanup(fw_done)))

#endif
