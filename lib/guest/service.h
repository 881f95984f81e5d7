/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inits and how one talks to them: one row each. Pure: words to execute, and what their output says. The output
 * is hostile.
 */
#ifndef VZ_GUEST_SERVICE_H
#define VZ_GUEST_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

#include <vz/service.h>

struct buf;

#define SERVICE_WORDS 12   /* of one command, with the NULL */
#define SERVICE_MAX   4096 /* services of one VPS */
#define SERVICE_OUT   (1u << 20)

enum { SERVICE_WAYS = 2 }; /* a second command for where the first program is not there */

struct service_entry {
	char *name;
	enum { SERVICE_UNKNOWN, SERVICE_RUNNING, SERVICE_STOPPED, SERVICE_FAILED } state;
	int enabled; /* -1: not known */
};

struct service_table {
	struct service_entry *v;
	size_t n;
};
void service_table_done(struct service_table *t);
/* The entry with this name, a new one if need be; NULL: too many, a bad name, or out of memory. */
struct service_entry *service_get(struct service_table *t, const char *name, size_t len);
void service_sort(struct service_table *t);

struct service_list { /* a command and who reads its output */
	const char *argv[SERVICE_WORDS];
	int (*read)(const struct buf *out, struct service_table *t); /* -errno */
};

struct service_init {
	const char *name;
	const char *probe[SERVICE_WORDS]; /* ends with 0 where this init rules; none: always */
	struct service_list list[2];
	/* In a word, the first % is the service. */
	const char *verb[VZ_SERVICE_NVERBS][SERVICE_WAYS][SERVICE_WORDS];
	bool each;	/* states are asked for one by one */
	bool numbered;	/* the file of a service has a number before its name: look for it in the list */
	/* LSB status by output and exit status; NULL: the exit status is it. */
	int (*status)(const struct buf *out, int status);
};

/* NULL gives the first row, NULL comes after the last. */
const struct service_init *service_next(const struct service_init *prev);
/* May this be the name of a service? */
bool service_name_ok(const char *name, size_t len);
/* State that an LSB status means. */
int service_state(int status);

#endif
