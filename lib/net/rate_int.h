/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Between net/rate.c and net/rate_class.c. */
#ifndef VZ_NET_RATE_INT_H
#define VZ_NET_RATE_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A program that picks frames of one class by the peer's address, and gives them a tag. map_fd: of net_classes_map(), or
 * -1: it picks all. out:
 * frames that the VPS sends. rest: what is no IP as well. */
int rate_pick(int map_fd, uint32_t net_class, bool out, bool rest, uint16_t tag, int *ret_fd);
/* A program for knl_q_htb_filter(): the class of the number in the tag. */
int rate_sort(int *ret_fd);

#endif
