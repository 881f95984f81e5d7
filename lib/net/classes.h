/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Classes of networks as a map that programs look addresses up in. */
#ifndef VZ_NET_CLASSES_H
#define VZ_NET_CLASSES_H

#include <stddef.h>
#include <stdint.h>

struct traffic_net;

struct net_class_key {
	uint32_t bits;	 /* that count: 32 of family, and those of the prefix */
	uint32_t family; /* AF_ numbers are the machine's, these are ours: 4, 6 */
	uint8_t ip[16];
};

/* From net_class_key to the class, a u32. Of nets that contain each other the narrower one counts, of equal ones that
 * which comes last. Silent: -errno. */
int net_classes_map(const struct traffic_net *nets, size_t n, int *ret_fd);

#endif
