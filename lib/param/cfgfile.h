/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Configuration files: lines NAME="value". They are older than this program and edited by people,
 * scripts and other tools: reading forgives, writing changes the lines that it must and no others.
 */
#ifndef VZ_PARAM_CFGFILE_H
#define VZ_PARAM_CFGFILE_H

#include <stddef.h>

#include "base/log.h"

struct buf;
struct pset;
struct vz_cfg;
struct vz_err;

#define CFG_FILE_MAX (1 << 20)	  /* bytes of one file */
#define CFG_LINE_MAX (64 << 10) /* bytes of one line */

struct cfgfile {
	int dirfd;	   /* what a relative path starts at */
	const char *path;  /* named in words and warnings */
	int missing; /* kind of failure when there is no file, or a folder, a pipe ...: VZ_E_NO_CONF ...; 0: VZ_E_SYS */
	struct log log;	   /* warnings come at level -1, unknown names at level 1 */
};

/*
 * Read a text into c, which keeps what it has: of two lines with one name the first one counts,
 * and so does a value that was set before. A bad value is a warning "path:line: words", and the
 * line is skipped. Fails only for what is no configuration at all: NUL bytes, a line or the whole
 * beyond the limits. Returns the number of warnings.
 */
int cfgfile_parse(const struct cfgfile *f, const char *text, size_t len, struct vz_cfg *c,
		  struct vz_err *e);
/* The same from the file. -ENOENT when there is none. */
int cfgfile_read(const struct cfgfile *f, struct vz_cfg *c, struct vz_err *e);

/*
 * The new text of a file whose old one is given ("" for none): each parameter of `changed` gets the
 * value that c has, or loses its lines when c has none. The first line that begins with its name in
 * column 0 is replaced; without one a line is appended, or put before an indented line that would
 * be read first. All else stays, byte by byte, also a line whose old value is equal.
 * Returns 1 when the text is another one, 0 when not; `out` has it in both cases.
 */
int cfgfile_render(const char *old, size_t len, const struct vz_cfg *c, const struct pset *changed,
		   struct buf *out, struct vz_err *e);
/* Read, render, replace (io_replace_at: whole or not at all; a symlink stays one). A missing file
 * is made. Returns as cfgfile_render(); on 0 the file was not touched. */
int cfgfile_update(const struct cfgfile *f, const struct vz_cfg *c, const struct pset *changed,
		   struct vz_err *e);

/* All the names that are set in c and may stand in a file: a new file from c alone. */
void cfgfile_all(const struct vz_cfg *c, struct pset *ret);

/* A path with the first $VEID or ${VEID} replaced and without slashes at its end; to be released
 * with free(). NULL only when out of memory. */
char *cfgfile_expand(const char *path, const char *id);

#endif
