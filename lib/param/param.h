/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The parameters and sets of their values. The rows stand in params.def; the fields of
 * struct vz_cfg carry the names of the second column there, with the types of types.h.
 * A field means something only while cfg_has() says so; it is all zero otherwise.
 */
#ifndef VZ_PARAM_PARAM_H
#define VZ_PARAM_PARAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vz/cfg.h>

#include "base/json.h"
#include "param/types.h"

struct buf;
struct ptype;

#define P_LIVE	   VZ_PF_LIVE
#define P_RESTART  VZ_PF_RESTART
#define P_FIXED	   VZ_PF_FIXED
#define P_SET	   VZ_PF_SET
#define P_CREATE   VZ_PF_CREATE
#define P_LIST	   VZ_PF_LIST
#define P_JOIN	   VZ_PF_JOIN
#define P_NOSAVE   VZ_PF_NOSAVE
#define P_NODE	   VZ_PF_NODE
#define P_APPROX   VZ_PF_APPROX
#define P_STORED   VZ_PF_STORED
#define P_SECRET   VZ_PF_SECRET
#define P_NEEDSAVE VZ_PF_NEEDSAVE
#define P_IGNORED  VZ_PF_IGNORED
/* A short option travels in the top byte of the flags column; the public flags lack it. */
#define P_SHORT(c) ((uint32_t)(c) << 24)

/* What has to be done to put a parameter into effect; one entry of the apply table each. */
#define PARAM_GROUPS(X)                                                                            \
	X(CPU, "cpu")                                                                              \
	X(IO, "io")                                                                                \
	X(MEM, "mem")                                                                              \
	X(UBC, "ubc")                                                                              \
	X(DISK, "disk")                                                                            \
	X(FILES, "files")                                                                          \
	X(NET, "net")                                                                              \
	X(VETH, "veth")                                                                            \
	X(DEV, "dev")                                                                              \
	X(SEC, "sec")                                                                              \
	X(GUEST, "guest")                                                                          \
	X(BOOT, "boot")                                                                            \
	X(NODE, "node")

enum param_group {
#define GROUP_ENUM(id, name) AP_##id,
	PARAM_GROUPS(GROUP_ENUM)
#undef GROUP_ENUM
	AP_NGROUPS
};

enum vz_param {
#define PARAM(id, ...) VZ_P_##id,
#include "params.def"
	VZ_NPARAMS
};

struct pset { /* a set of parameters */
	uint64_t w[(VZ_NPARAMS + 63) / 64];
};

struct vz_cfg {
	struct pset set;
#define PARAM(id, field, type, ...) t_##type field;
#include "params.def"
};

struct param {
	struct vz_param_info info; /* first: the public face */
	const struct ptype *type;
	enum param_group group;
	size_t offset; /* in struct vz_cfg */
};

static inline bool pset_has(const struct pset *s, enum vz_param p)
{
	return s->w[p / 64] >> (p % 64) & 1;
}

static inline void pset_add(struct pset *s, enum vz_param p)
{
	s->w[p / 64] |= UINT64_C(1) << (p % 64);
}

static inline void pset_del(struct pset *s, enum vz_param p)
{
	s->w[p / 64] &= ~(UINT64_C(1) << (p % 64));
}

static inline bool cfg_has(const struct vz_cfg *c, enum vz_param p)
{
	return pset_has(&c->set, p);
}

/* An entry of BINDMOUNT, taken apart. -EINVAL for what is none; what cfg_* has stored is one. */
int cfg_bind(const char *entry, struct cfg_bind *ret);

#define UUID_LEN 36
/* Any usual way of writing a UUID to lower case with dashes; false when it is none. */
bool uuid_normal(const char *s, char out[UUID_LEN + 1]);

/* The row; p is less than VZ_NPARAMS. */
const struct param *param_get(enum vz_param p);
/* By its name in files, aliases included: VZ_P_ or -1. "Never stored" has no name. */
int param_by_key(const char *key, size_t len);
/* By its main option, whole: VZ_P_ or -1. */
int param_by_option(const char *option);
/* Walk over all rows: NULL gives the first, NULL comes after the last. */
const struct param *param_next(const struct param *prev);
const struct vz_option_info *option_next(const struct vz_option_info *prev);
/* The option that the first len bytes of name mean, among those with one of the `want` flags:
 * 1 when it is a whole name, 0 when it is a short form of one. Unknown: -ENOENT, *e stays empty;
 * ambiguous: -EINVAL and words. */
int option_find(const char *name, size_t len, uint32_t want, const struct vz_option_info **ret,
		struct vz_err *e);
/* Parameter that an option writes to. */
enum vz_param param_of_option(const struct vz_option_info *o);

struct vz_cfg *cfg_new(void); /* empty; NULL when out of memory */
void cfg_free(struct vz_cfg *c);
void cfg_clear(struct vz_cfg *c);

static inline void cleanup_cfg(struct vz_cfg **c)
{
	cfg_free(*c);
}
#define _cfg_ __attribute__((cleanup(cleanup_cfg)))

void cfg_unset(struct vz_cfg *c, enum vz_param p);
/* Say that p is set, after writing its field by hand. */
void cfg_mark(struct vz_cfg *c, enum vz_param p);

/*
 * Set from the text of a file: replaces. On failure the old value stays, *e names the key. A number
 * that is too large gives -ERANGE.
 */
int cfg_set_text(struct vz_cfg *c, enum vz_param p, const char *text, struct vz_err *e);
/* The same, but a number out of range is set to the nearest possible one: returns 1, *e says it. */
int cfg_set_text_clamp(struct vz_cfg *c, enum vz_param p, const char *text, struct vz_err *e);
/* Add to a list; the same as cfg_set_text() for what is none. */
int cfg_add_text(struct vz_cfg *c, enum vz_param p, const char *text, struct vz_err *e);
/* As on the command line: lists grow, of anything else the first one stays. */
int cfg_set_option(struct vz_cfg *c, const struct vz_option_info *o, const char *text,
		   struct vz_err *e);

/* All that src has goes to dst. 0 or -ENOMEM, as for the next four. */
int cfg_merge(struct vz_cfg *dst, const struct vz_cfg *src);
/* All that src has and dst has not goes to dst: defaults behind a value. */
int cfg_fill(struct vz_cfg *dst, const struct vz_cfg *src);
int cfg_copy(const struct vz_cfg *src, struct vz_cfg **ret);
int cfg_copy_one(struct vz_cfg *dst, const struct vz_cfg *src, enum vz_param p);
/* What holds when no file says anything; fills as cfg_fill(). */
int cfg_defaults(struct vz_cfg *c);

/* Both unset counts as equal. */
bool cfg_equal(const struct vz_cfg *a, const struct vz_cfg *b, enum vz_param p);
/* The value as files have it, without quotes. -ENOENT when not set. */
int cfg_print(const struct vz_cfg *c, enum vz_param p, struct buf *out);
/* One value, or all but the secret ones under the names of the fields. A new reference; NULL when
 * out of memory, or when the value is not set. Without a limit: 9223372036854775807. */
json_t *cfg_json_one(const struct vz_cfg *c, enum vz_param p);
json_t *cfg_json(const struct vz_cfg *c);

/*
 * What "set" does to the values in the file: lists marked P_JOIN grow, --ipdel and its like take
 * away first, everything else is replaced; P_NOSAVE values do not go over. *ret_changed is what
 * differs after. Speaks when a change refers to a device that is not there.
 */
int cfg_change(struct vz_cfg *conf, const struct vz_cfg *change, struct pset *ret_changed,
	       struct vz_err *e);

#endif
