/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a node needs: the table of settings, and what cannot be said as one number. */
#ifndef VZ_CT_NODECHECK_H
#define VZ_CT_NODECHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vz/node.h>

struct nodecheck_setting {
	const char *group, *name, *why;
	uint64_t want, unfit;
	bool exact;
};
extern const struct nodecheck_setting nodecheck_settings[];
extern const size_t nodecheck_nsettings;

enum { NODECHECK_PATH = 128 };

/* "a.b.c" -> "proc/sys/a/b/c" */
void nodecheck_path(const struct nodecheck_setting *s, char path[NODECHECK_PATH]);
/* 0 and the value; -ENOENT when this kernel has none. */
int nodecheck_read(int root, const struct nodecheck_setting *s, uint64_t *ret);
bool nodecheck_deviates(const struct nodecheck_setting *s, uint64_t value);

/* What the checks speak to. */
struct nodecheck {
	struct vz *vz; /* may be NULL */
	int root;      /* folder in which proc and sys are */
	bool live;     /* that is this machine's */
	bool quick;
	const char *dir; /* on the file system of the private areas; may not be there yet */
	void (*row)(void *arg, const struct vz_check *c);
	void *arg;
};
void nodecheck_kernel(const struct nodecheck *n);
void nodecheck_disk(const struct nodecheck *n);
void nodecheck_walls(const struct nodecheck *n);
void nodecheck_forward(const struct nodecheck *n);
void nodecheck_links(const struct nodecheck *n);
void nodecheck_tracking(const struct nodecheck *n);
void nodecheck_tools(const struct nodecheck *n);

#endif
