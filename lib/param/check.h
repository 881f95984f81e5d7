/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules over more than one parameter, and what follows from several of them. */
#ifndef VZ_PARAM_CHECK_H
#define VZ_PARAM_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "param/param.h"

/* Is it sold by memory and swap: does PHYSPAGES have a limit? */
bool cfg_is_vswap(const struct vz_cfg *c);

/* Combinations on a command line (exit SYNTAX): --nodemask without --cpumask, and so on. */
int cfg_check_change(const struct vz_cfg *change, struct vz_err *e);
/* How this kernel takes the value of p, which is set: P_STORED, P_APPROX or 0. Mostly what its row says. */
uint32_t cfg_says(const struct vz_cfg *c, enum vz_param p);

/* Set what follows from memory and swap in a VSwap VPS and is not given. For a working copy: these
 * values do not belong in the file. */
void cfg_derive(struct vz_cfg *c);

/* The memory limits of the VPS, in pages; VZ_UNLIMITED when there is none. Without VSwap what
 * counts is PRIVVMPAGES, with no swap on top of it. */
void cfg_memory(const struct vz_cfg *c, uint64_t *ret_ram, uint64_t *ret_swap);
/* Per cent of one CPU that the VPS may use, from CPULIMIT and CPUS; 0: no limit. */
uint64_t cfg_cpu_percent(const struct vz_cfg *c);

/* Drop the IPv6 addresses of c, unless IPV6 is yes in it; returns how many there were. */
size_t cfg_drop_ipv6(struct vz_cfg *c);
/* What must not stand in vz.conf is dropped with a warning; returns how many. */
int cfg_clean_node(struct vz_cfg *c, const struct log *l);

/* FEATURES has nesting:on. */
bool cfg_is_nesting(const struct vz_cfg *c);

#endif
