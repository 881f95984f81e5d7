/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Between view.c and viewd.c. */
#ifndef VZ_CT_INSIDE_VIEWD_H
#define VZ_CT_INSIDE_VIEWD_H

#include <stdbool.h>

struct vz;

/* RUNDIR/lxcfs<what>; malloced. */
char *view_path(const struct vz *vz, const char *what);
/* Somebody holds RUNDIR/lxcfs.lock. */
bool view_has_keeper(const struct vz *vz);
/* A dead lxcfs leaves its mount, on which everything is -ENOTCONN. */
bool view_answers(const char *dir);
/* lxcfs, or NULL. */
const char *view_program(void);
/* Every running VPS gets the files of the present lxcfs. */
void view_again(struct vz *vz);

#endif
