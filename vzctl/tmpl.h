/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tools that build templates share: where things are, and what is shown meanwhile. */
#ifndef VZCTL_TMPL_H
#define VZCTL_TMPL_H

#include <stdbool.h>
#include <stddef.h>

#ifndef VZ_RECIPE_DIR
#define VZ_RECIPE_DIR "/usr/local/share/vz/templates"
#endif

struct vz;
struct vz_err;

struct tmpl_build {
	const char *tool;    /* whose progress line it is */
	const char *recipes; /* folder of recipes */
	bool verbose;	     /* all that the script prints, to standard error */
	bool quiet;	     /* no progress */
	bool replace;
};
/* As vz_template_build(), with a progress line where standard error is a terminal. */
int tmpl_build(struct vz *vz, const char *name, const struct tmpl_build *b, struct vz_err *e);

/* Where packages that were fetched are kept: $VZ_APT_CACHE, or the usual place. */
const char *tmpl_cache(void);

/* One of n names, sorted as the library gives them. */
bool tmpl_listed(char *const *names, size_t n, const char *name);

#endif
