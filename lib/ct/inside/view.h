/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a VPS sees of its machine: lxcfs of the distribution, one for each node, on RUNDIR/lxcfs. A keeper,
 * which is `vzctl _view`, sleeps until lxcfs ends, starts another and puts its files into every VPS again.
 */
#ifndef VZ_CT_INSIDE_VIEW_H
#define VZ_CT_INSIDE_VIEW_H

#include <stdbool.h>

struct ct;
struct fs_view;
struct vz;
struct vz_cfg;
struct vz_err;

/* The files for a VPS that is started; the node's lxcfs is started if there is none. Never fails: where it
 * cannot be had there are none, and a line for who wants to know. */
void ct_view_open(struct ct *ct, struct fs_view *ret);
/* Put them into a running VPS, in the place of what is there; or take them away, by MEMINFO. */
int apply_view(struct ct *ct, const struct vz_cfg *cfg, bool start, struct vz_err *e);
/* The same after a resume. lost: there was none, and what lies there is blank. */
int view_resumed(struct ct *ct, bool lost, struct vz_err *e);
/* Before a dump: nobody changes these mounts until the descriptor is closed, and none is of a dead lxcfs. Never
 * fails; *ret_fd is left alone then. */
void view_hold(struct ct *ct, int *ret_fd);
/* Where a dump finds them when it is restored; blank: there is no lxcfs, and they are empty. Malloced. NULL: code
 * RESUME. */
char *ct_view_dir(struct vz *vz, bool *ret_blank, struct vz_err *e);

/* The keeper. The caller returns as soon as lxcfs answers, a process of its own stays. Code ENV. */
int view_keep(struct vz *vz, struct vz_err *e);
/* The node goes down: keeper and lxcfs end. */
void view_end(struct vz *vz);

#endif
