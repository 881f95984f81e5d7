/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Project quota: files carry the number of a project, the file system counts what each project uses and
 * may refuse more. quotactl_fd(2) of Linux 5.14; ext4 with the features project and quota, xfs. Silent.
 */
#ifndef VZ_KERN_PRJQUOTA_H
#define VZ_KERN_PRJQUOTA_H

#include <stdbool.h>
#include <stdint.h>

struct kprj_line {
	uint64_t usage, soft, hard; /* limits: 0 = none */
	uint64_t until;		    /* when the grace time ends, seconds since 1970; 0: it does not run */
};
struct kprj {
	struct kprj_line kib, inodes;
	bool enforced; /* limits hold; else use is only counted */
};

/* Does the file system behind fd know projects? 1: and limits hold; 0: it only counts;
 * -EOPNOTSUPP: no. fd may be one of O_PATH, as for the next three. */
int kprj_state(int fd);
int kprj_get(int fd, uint32_t id, struct kprj *ret);
/* The four limits of *p; usage is not read. -ERANGE: more than the file system can express. */
int kprj_set(int fd, uint32_t id, const struct kprj *p);
/* How long soft limits may be exceeded: one such time for the whole file system. */
int kprj_grace(int fd, uint64_t *ret_kib, uint64_t *ret_inodes);
int kprj_set_grace(int fd, uint64_t seconds);

/* Which project a file or folder belongs to, and whether new files in it follow. fd not of O_PATH. */
int kprj_of(int fd, uint32_t *ret_id, bool *ret_inherit);
/* Put one file or folder into the project; in a folder new files follow. */
int kprj_put(int fd, uint32_t id, bool inherit);
/* The same for a folder and all below it that can be opened without effect: folders and files. Does not
 * leave its file system, follows no symlink. -ELOOP: the tree is deeper than we go. */
int kprj_put_tree(int fd, uint32_t id);

#endif
