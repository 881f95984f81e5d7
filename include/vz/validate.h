/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Configuration files as such, without a node or a VPS: read them line by line, check the values against
 * each other, put them right, scale them, write them. Same conventions as <vz/vz.h>.
 */
#ifndef VZ_VALIDATE_H
#define VZ_VALIDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vz/cfg.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- files ---- */

/* What this kernel makes of a line. X(id, word) */
#define VZ_LINE_CLASSES(X)                                                                         \
	X(MAPPED, "mapped")	      /* in force */                                               \
	X(APPROX, "approximate")      /* in force, nearly as it was meant */                       \
	X(ADVISORY, "advisory")       /* stored, has no effect */                                  \
	X(UNKNOWN, "unknown")	      /* no such parameter; the line is kept */                    \
	X(REPEATED, "repeated")	      /* has no effect, as an earlier line has the same name */    \
	X(BAD, "bad")		      /* the value is not understood; has no effect */

enum vz_line_class {
#define VZ_LINE_ENUM(id, word) VZ_LINE_##id,
	VZ_LINE_CLASSES(VZ_LINE_ENUM)
#undef VZ_LINE_ENUM
	VZ_LINE_NCLASSES
};

struct vz_cfg_line {
	unsigned line;			   /* counted from 1 */
	const char *key;		   /* as it stands there; "" for a line without '=' */
	enum vz_line_class cls;
	const struct vz_param_info *param; /* NULL: unknown */
	const char *text;		   /* what is wrong with it, or "" */
};
/* "mapped" ...; "" for what is none. */
const char *vz_line_word(enum vz_line_class cls);

/* Read a file into cfg, without vz.conf behind it; each line but comments and empty ones is told to fn (may be
 * NULL). A barrier above its limit is read as it is, so that it can be put right. SYS, BAD_CONF. */
int vz_cfg_file_read(const char *path, struct vz_cfg *cfg,
		     void (*fn)(void *arg, const struct vz_cfg_line *l), void *arg, struct vz_err *e);

struct vz_render_opts {
	size_t size;
	const char *old;	 /* file whose other lines and comments stay; NULL: none */
	const struct vz_cfg *cfg; /* values that the text has */
	const char *const *drop; /* names of parameters whose lines go, NULL-terminated; may be NULL */
	uint64_t rate_ppm;	 /* multiply the rates of RATE lines by so many millionths; 0: not */
};
/* The text of such a file; release with free(). */
int vz_cfg_render(const struct vz_render_opts *o, char **ret, struct vz_err *e);
/* Put a text in the place of a file, whole or not at all. exclusive: SAVE when there is one. */
int vz_cfg_file_write(const char *path, const char *text, bool exclusive, struct vz_err *e);

/* ---- rules ---- */

struct vz_finding {
	const char *key;
	const char *rule; /* kind of rule, one word: "set", "equal", "order" ... */
	bool advice;	  /* recommended: no failure */
	bool fixable;
	char text[192];	 /* what is wrong; begins with key */
	char is[48];	 /* the value; "" when not set */
	char should[48]; /* the value that keeps the rule; "" when not fixable */
};

enum vz_vswap { VZ_VSWAP_AUTO, VZ_VSWAP_YES, VZ_VSWAP_NO }; /* AUTO: has PHYSPAGES a limit? */
struct vz_validate_opts {
	size_t size;
	enum vz_vswap vswap;
	uint64_t ram, swap; /* bytes of the node that it is for; 0: this one's */
};

/* Is it sold by memory and swap? */
bool vz_cfg_is_vswap(const struct vz_cfg *cfg);
/*
 * Check all rules. Each one that is broken is told to fn, which returns true to have it put right in cfg;
 * fn may be NULL. Returns how many were broken and stay so, advice not counted.
 */
int vz_cfg_validate(struct vz_cfg *cfg, const struct vz_validate_opts *o,
		    bool (*fn)(void *arg, const struct vz_finding *f), void *arg, struct vz_err *e);

/* ---- arithmetic ---- */

/* "512M" and the like in bytes; a bare number counts bytes. PARAM. */
int vz_parse_size(const char *s, uint64_t *ret, struct vz_err *e);
/* A decimal number such as "0.25" in millionths. PARAM: not one, or not between 0 and 10000. */
int vz_parse_factor(const char *s, uint64_t *ret, struct vz_err *e);

#define VZ_SCALE_CPU  1u
#define VZ_SCALE_DISK 2u
#define VZ_SCALE_UBC  4u
#define VZ_SCALE_ONE  UINT64_C(1000000)
/* Multiply by ppm millionths what belongs to the kinds. Without a limit stays so. */
int vz_cfg_scale(struct vz_cfg *cfg, unsigned what, uint64_t ppm, struct vz_err *e);

struct vz;
struct vz_split_opts {
	size_t size;
	unsigned parts;	 /* one of so many equal parts of the node */
	uint64_t swap;	 /* bytes of swap to share out; UINT64_MAX: twice the memory for each */
	bool beancounters; /* a configuration without VSwap */
};
/* Fill an empty cfg with one part of the node. PARAM: a part would be too small. */
int vz_node_split(struct vz *vz, const struct vz_split_opts *o, struct vz_cfg *cfg, struct vz_err *e);

#ifdef __cplusplus
}
#endif

#endif
