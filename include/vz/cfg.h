/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Parameter values, and what there is to know about each parameter and option: command line, usage
 * texts, manual pages and completion are all made from the calls below.
 */
#ifndef VZ_CFG_H
#define VZ_CFG_H

#include <stddef.h>
#include <stdint.h>

#include <vz/codes.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vz_cfg; /* a set of parameter values; each may be set or not */

#define VZ_PF_LIVE	0x0001u /* takes effect in a running VPS at once */
#define VZ_PF_RESTART	0x0002u /* takes effect at the next start */
#define VZ_PF_FIXED	0x0004u /* refused while the VPS runs */
#define VZ_PF_SET	0x0008u /* an option of "set" */
#define VZ_PF_CREATE	0x0010u /* an option of "create" */
#define VZ_PF_LIST	0x0020u /* repeating the option adds; of others the first one counts */
#define VZ_PF_JOIN	0x0040u /* "set" adds to the stored list; of others the value is replaced */
#define VZ_PF_NOSAVE	0x0080u /* never stored in a file */
#define VZ_PF_NODE	0x0100u /* belongs in vz.conf */
#define VZ_PF_APPROX	0x0200u /* only approximated by this kernel */
#define VZ_PF_STORED	0x0400u /* stored, not enforced by this kernel: worth a warning */
#define VZ_PF_SECRET	0x0800u /* never print the value */
#define VZ_PF_NEEDSAVE	0x1000u /* refused without --save */
#define VZ_PF_IGNORED	0x2000u /* known from older tools, has no effect */
#define VZ_PF_SPELLING	0x4000u /* another spelling of an option; left out of usage texts */

struct vz_param_info {
	const char *key;    /* name in files; "" when it is never stored */
	const char *option; /* its main option, without dashes; "" when there is none */
	const char *arg;    /* what a value looks like, for usage texts */
	const char *schema; /* the same as a JSON schema */
	const char *group;  /* lower-case word: cpu, mem, ubc ... */
	const char *name;   /* key in JSON */
	const char *help;   /* at most 60 columns */
	const char *man;    /* whole sentences */
	uint32_t flags;	    /* VZ_PF_ */
};

struct vz_option_info {
	const char *option; /* without dashes */
	const char *arg;    /* NULL: takes no argument */
	const char *key;    /* parameter behind it; "" when it is never stored */
	const char *group;
	const char *help;
	const char *man;
	uint32_t flags;
	char letter; /* short option, 0: none */
};

/* Walk over all rows: NULL gives the first, NULL comes after the last. */
const struct vz_param_info *vz_param_next(const struct vz_param_info *prev);
const struct vz_option_info *vz_option_next(const struct vz_option_info *prev);

/*
 * The option that the first len bytes of name mean, among those that have one of the `want` flags
 * (VZ_PF_SET, VZ_PF_CREATE). Abbreviations are fine while they are unambiguous; *ret_exact (may be
 * NULL) tells a whole name from a short form. Unknown: -ENOENT and an empty *e; ambiguous: -EINVAL.
 */
int vz_option_find(const char *name, size_t len, uint32_t want, const struct vz_option_info **ret,
		   int *ret_exact, struct vz_err *e);

int vz_cfg_new(struct vz_cfg **ret, struct vz_err *e);
void vz_cfg_free(struct vz_cfg *cfg); /* NULL is fine */

/* Set by the name and in the syntax of the files: replaces. */
int vz_cfg_set(struct vz_cfg *cfg, const char *key, const char *value, struct vz_err *e);
int vz_cfg_unset(struct vz_cfg *cfg, const char *key, struct vz_err *e);

/* Set as on the command line, "ram" "512M": lists grow, of anything else the first one stays.
 * value is ignored for an option without argument. */
int vz_cfg_set_option(struct vz_cfg *cfg, const char *option, const char *value, struct vz_err *e);

/* The value as the file would have it, to be released with free(). -ENOENT and an empty *e when it
 * is not set. */
int vz_cfg_get_text(const struct vz_cfg *cfg, const char *key, char **ret, struct vz_err *e);

/* All that is set, as one JSON object; to be released with free(). */
int vz_cfg_get_json(const struct vz_cfg *cfg, char **ret, struct vz_err *e);

/* How many parameters are set. */
size_t vz_cfg_count(const struct vz_cfg *cfg);
/* Is a parameter set, by its name in JSON? Also for one that is never stored. */
int vz_cfg_is_set(const struct vz_cfg *cfg, const char *name);

/* What this kernel makes of the values that are set: names, ", " between, of those that it does not enforce
 * (VZ_PF_STORED) or only approximates (VZ_PF_APPROX). Some depend on the value. free() it. */
int vz_cfg_said(const struct vz_cfg *cfg, uint32_t flag, char **ret, struct vz_err *e);

#ifdef __cplusplus
}
#endif

#endif
