/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The node's networks_classes, as what counts traffic needs them: one map of the kernel for all VPSs, made when
 * the file has changed.
 */
#ifndef VZ_HOST_NETCLASSES_H
#define VZ_HOST_NETCLASSES_H

#include <stddef.h>
#include <stdint.h>

struct vz;
struct vz_err;

struct node_classes {
	int map;	/* of net_classes_map(); -1: there is no file, everything is class 1 */
	uint32_t stamp; /* of the file; 0: none */
	uint32_t *v;	/* classes that there are, 0 among them, or 1 alone; ascending */
	size_t n;
};

void node_classes_done(struct node_classes *c);
#define _classes_ __attribute__((cleanup(node_classes_done)))
#define NODE_CLASSES_INIT { .map = -1 }

/* By the file as it is now. BAD_CONF with the line, KERNEL, SYS. */
int node_classes(struct vz *vz, struct node_classes *ret, struct vz_err *e);
/* By the last file that could be understood. -ENOENT: there was none since the node came up. */
int node_classes_last(struct vz *vz, struct node_classes *ret);

#endif
