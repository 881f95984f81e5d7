/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Classes of networks, by which traffic is counted and limited: the file networks_classes beside vz.conf. */
#ifndef VZ_PARAM_NETCLASS_H
#define VZ_PARAM_NETCLASS_H

#include <stddef.h>
#include <stdint.h>

struct vz_err;

#define TRAFFIC_CLASS_MAX 65535u

struct traffic_net {
	uint8_t family; /* AF_INET, AF_INET6 */
	uint8_t prefix;
	uint8_t ip[16];
	uint32_t net_class;
};

/* Lines "CLASS NET/MASK", '#' begins a comment. *ret is malloced. BAD_CONF with the line's number. */
int traffic_parse(const char *text, struct traffic_net **ret, size_t *ret_n, struct vz_err *e);

#endif
