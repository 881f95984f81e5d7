/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vzwho, its own: what two looks at all VPSs say about who waits and who uses. */
#ifndef VZWHO_INT_H
#define VZWHO_INT_H

#include "json.h"
#include "tool.h"

#include <vz/stat.h>

enum resource { R_CPU, R_MEMORY, R_IO, R_NET, NRESOURCES };

struct user { /* a VPS between both looks, or the rest of the node (id 0) */
	uint32_t id;
	char name[128];
	struct vz_stat was, now;
	uint64_t delay_was, delay; /* of the one asked for; UINT64_MAX: not known */
	double seconds;
	/* cpu: per cent of one CPU; memory: bytes; io, net: bytes a second */
	double use[NRESOURCES];
	double share; /* of the CPUs that it may use, what its weight gives it among those that want them */
	double wait[NRESOURCES]; /* share of the time in which something waited, 0 to 1; < 0: not known */
	double throttled; /* share of the time, may be more than 1 with several CPUs */
	double fails;	  /* how often a second its memory limit was reached */
};

struct verdict {
	bool pressure;
	enum resource what;
	double wait;
	bool own_limit;		    /* nobody else's doing */
	const struct user *culprit; /* NULL: nobody stands out */
	double of_all;		    /* its share of what all use, 0 to 1 */
};

struct who {
	struct tool t;
	uint32_t id; /* 0: the node */
	double least; /* wait from which on there is pressure, 0 to 1 */
	struct vz_node_stat was, node;
	double seconds, cpus;
	double wait[NRESOURCES]; /* of the node */
	struct user *v;
	size_t n; /* the last is what is of no VPS */
	const struct user *about; /* NULL: the node */
	struct verdict verdict;
};

const char *who_resource(enum resource r);
int who_look(struct who *w, uint64_t ms, struct vz_err *e);
/* From all other figures: share of each, and the verdict. */
void who_shares(struct who *w);
void who_judge(struct who *w);
void who_sentence(const struct who *w, char *out, size_t size);
void who_table(const struct who *w);
bool who_json(const struct who *w);

#endif
