/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shared by the files of lib/cpt. */
#ifndef VZ_CPT_INT_H
#define VZ_CPT_INT_H

#include <sys/types.h>

#include "base/buf.h"
#include "cpt/cpt.h"

#define CPT_LOG_MAX   (256u << 20)
#define CPT_EXTERNALS "mainvz-external" /* in the dump: host path of each borrowed mount, one a line */
#define CPT_VIEW      "/lxcfs" /* in that list: before a file of the node's lxcfs */
#define CPT_BIND "/bind" /* in that list: before the place inside of a bind mount */
#define CPT_NOTE      "mainvz-note"
#define CPT_GROUPS    "mainvz-groups" /* group, file, value: what the VPS has set in its own groups */

/* Options that dump and restore share. The descriptors must stay open until the worker has ended. */
void cpt_options(const struct cpt_job *j, int images, int work, const char *log, struct buf *opts);
/* One OPT_EXTERNAL, made like printf. */
void cpt_external(struct buf *opts, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
unsigned long long cpt_deadline(const struct cpt_job *j);

/*
 * What CRIU's log says went wrong: its first error that is one, without file names and times. The worker
 * prints errors that are none (a helper that is not installed), and after the first real one it reports
 * each caller on the way out. "" when it says nothing.
 */
void cpt_log_cause(const char *log, size_t len, struct buf *out);
/* The same from a file, with words for a missing one. */
void cpt_log_cause_at(int dirfd, const char *name, struct buf *out);

/*
 * Mounts of the VPS that are the host's own (device nodes): an OPT_EXTERNAL for each, and the host paths,
 * one a line; with them what j->binds names. *ret_what (char[256]) gets the mount point at fault: -ENOTEMPTY when no dump carries its
 * content, -EOPNOTSUPP when no restore makes it again.
 */
bool cpt_is_view_file(const char *path);
int cpt_mounts_scan(const struct cpt_job *j, struct buf *opts, struct buf *paths, char *ret_what);
int cpt_mounts_parse(const char *mountinfo, const struct cpt_job *j, struct buf *opts, struct buf *paths,
		     int (*is_empty)(void *arg, const char *mountpoint), void *arg, char *ret_what);

/*
 * CRIU 4.2 keeps one record for a program that a process runs and the same file held open with O_PATH
 * (systemd pins its executor so); then the program cannot be opened again. Make such records ordinary.
 */
int cpt_image_fix(int dirfd);

/* Settings of the tree of groups below dirfd as text, and back. */
int cpt_groups_save(int dirfd, struct buf *out);
int cpt_groups_load(int dirfd, const char *text);

/* In the image of the control groups: whatever path has SLICE/[...]NAME in it, NAME being the last part of `group`,
 * gets `group` in that place. Writes nothing when there is nothing to change, and replaces the file whole. -errno. */
int cpt_regroup(int dirfd, const char *slice, const char *group);
/* The same for the content of that file. -EBADMSG. */
int cpt_regroup_image(const char *image, size_t len, const char *slice, const char *group, struct buf *out);

/* A new terminal in the VPS and /dev/console a link to it; *ret_master is the outer end. -errno. */
int cpt_console_make(pid_t init, int *ret_master);

#endif
