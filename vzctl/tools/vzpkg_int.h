/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vzpkg: what its parts share. */
#ifndef VZCTL_VZPKG_INT_H
#define VZCTL_VZPKG_INT_H

#include "tool.h"

/* Historic exit codes of vzpkg. */
enum {
	PKG_SYSTEM = 1,
	PKG_INTERNAL = 2,
	PKG_COMMAND = 8,
	PKG_NOT_FOUND = 9,
	PKG_NOT_ROOT = 10,
	PKG_PARSE = 14,
	PKG_NOT_RUNNING = 15,
	PKG_NO_CT = 16,
	PKG_SUSPENDED = 17,
	PKG_LOCKED = 21,
	PKG_OUTDATED = 22,
	PKG_NOT_CACHED = 23,
	PKG_NO_TEMPLATE = 24,
	PKG_BAD_TEMPLATE = 25,
	PKG_CACHED = 29,
	PKG_ARGUMENT = 35,
	PKG_PROGRAM = 63,
	PKG_KILLED = 64,
	PKG_PLOOP = 72,
	PKG_NO_MANAGER = 73,
};

enum pkg_opt {
	P_PACKAGES, P_GROUPS, P_CHECK, P_OS, P_APP, P_CACHED, P_SUMMARY, P_QUIET, P_TEMPLATES, P_CLEAN_ALL, P_RECIPES,
	P_DEBUG, P_IGNORED, P_HELP,
};

struct pkg {
	struct tool *t;
	const char *recipes;
	char **words; /* behind the command */
	size_t n;
	int action;
};

static inline bool pkg_has(const struct pkg *p, enum pkg_opt o)
{
	return opt_has(&p->t->opt, o);
}

/* One line, and the exit code for it. */
int pkg_fail(struct pkg *p, const struct vz_err *e);
int pkg_refuse(struct pkg *p, int code, const char *text, const char *word);
/* A VPS by number or name; NULL with *ret_code set after one line. */
struct vz_ct *pkg_ct(struct pkg *p, const char *word, int *ret_code);

/* Templates of the node. All return an exit code. */
int pkg_list(struct pkg *p);
int pkg_info(struct pkg *p);
int pkg_create_cache(struct pkg *p);
int pkg_update_cache(struct pkg *p);
int pkg_remove_cache(struct pkg *p);
int pkg_clean(struct pkg *p);

/* Packages in a VPS, by its own package manager. */
enum pkg_action { PKG_INSTALL, PKG_REMOVE, PKG_UPDATE, PKG_STATUS, PKG_LIST, PKG_CLEAN, PKG_NACTIONS };
int pkg_inside(struct pkg *p);
int pkg_inside_ct(struct pkg *p, struct vz_ct *ct, enum pkg_action a, char **words, size_t n);

#endif
