/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The firewall of a VPS: two small programs at the host's ends of its links, one for each direction. TCP needs no
 * memory of connections: without its first packet there is none. For the rest the programs share a table
 * of what passed lately, which is the VPS's alone. docs/adr/0015-wall.md
 */
#ifndef VZ_NET_FW_H
#define VZ_NET_FW_H

#include <stdbool.h>

#include "param/fwset.h"

struct prog;
struct strv;
struct vz_err;

#define NET_FW_FLOWS 16384 /* entries of the table */
#define NET_FW_NAME  16	   /* bytes, for name of net_fw_set() */

/* Build the program for one direction. flows: descriptor of the table, or -1 when nothing is to be remembered.
 * 0 and nothing in *ret when there is nothing to be said in that direction; its length, -E2BIG, -ENOMEM. */
int net_fw_build(const struct fw *fw, bool in, int flows, struct prog *ret);

/* Put it on all links that are there, in the place of an earlier one, in one step for each direction. NULL: take it
 * away. name tells it from others. KERNEL, ADD_IP, PARAM when there are too many rules. */
int net_fw_set(const struct strv *links, const struct fw *fw, const char *name, struct vz_err *e);
/* Has every link that is there the firewall of that name, or none (name NULL)? */
bool net_fw_is_set(const struct strv *links, const struct fw *fw, const char *name);

#endif
