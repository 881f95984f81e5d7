/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of this folder share: hierarchies, controllers and where each one lives. */
#ifndef VZ_CGROUP_CG_INT_H
#define VZ_CGROUP_CG_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/str.h"
#include "cgroup/cg.h"

enum {
	CG_HIER_MAX = 32,	/* the kernel knows 14 controllers; the rest have names */
	CG_SLICE_DEPTH = 8,
	CG_NAME_MAX = 64,	/* of a VPS: longer than a UUID */
	CG_POOL_MAX = 128,	/* of all pools on the way to a VPS */
	CG_DROP_MS = 10000,	/* how long processes may take to die */
	CG_FREEZE_MS = 10000,
};

/* Controllers that we use; hierarchies of others only get a group. */
#define CG_CTLS(X)                                                                                 \
	X(CPU, "cpu", "cpu")                                                                       \
	X(CPUACCT, "cpuacct", "")                                                                  \
	X(CPUSET, "cpuset", "cpuset")                                                              \
	X(MEMORY, "memory", "memory")                                                              \
	X(PIDS, "pids", "pids")                                                                    \
	X(IO, "blkio", "io")                                                                       \
	X(DEVICES, "devices", "")                                                                  \
	X(FREEZER, "freezer", "")

enum ctl {
#define CG_CTL_ENUM(id, v1, v2) CTL_##id,
	CG_CTLS(CG_CTL_ENUM)
#undef CG_CTL_ENUM
	NCTL
};

struct cg_hier {
	char *mount; /* as cached, from the root folder on */
	char *label; /* for messages: "memory", "name=systemd", "the unified tree" */
	int gen;     /* 1 or 2 */
	unsigned int ctls; /* bit set of enum ctl */
	dev_t dev;   /* of the file system, to see that it is still the same; 0: not known */
	int fd;	     /* its root folder, opened when first needed, else -1 */
};

struct cg_host {
	int rootfd; /* what the mount paths begin at */
	struct cg_hier h[CG_HIER_MAX];
	size_t n;
	int unified;	 /* index of the second generation's hierarchy, -1: none */
	int at[NCTL];	 /* index of the hierarchy that has the controller, -1: none */
	char *slice;
	struct strv parts; /* of slice */
};

struct cg {
	struct cg_host *host;
	char *name;
	char *path; /* SLICE/[pool.POOL/...]NAME */
	struct strv pools; /* the names between, as they stand there */
	bool is_pool; /* no VPS but a group for some: no inner groups, given to nobody */
	int fd[CG_HIER_MAX]; /* opened when first needed, else -1 */
	int leaf[2]; /* of the unified tree: "ve", "exec" */
};

/* The two groups below the VPS's own in the unified tree: the VPS itself, and what is sent in. */
extern const char *const cg_leaf_names[2];

/* What the name of a pool's group begins with; no VPS has such a name. */
#define CG_POOL_PREFIX "pool."

/* Name of the controller in that generation; "" when it has none. */
const char *cg_ctl_name(enum ctl c, int gen);
/* Root folder of a hierarchy, borrowed. */
int cg_hier_fd(struct cg_host *host, size_t hier, int *ret_fd);
/* openat() of a path below the hierarchy's root, which itself need not be opened. -errno. */
int cg_hier_open(const struct cg_host *host, size_t hier, const char *path, int flags);
/* Folder of the group in one hierarchy, borrowed. -ENOENT: not made. */
int cg_fd(struct cg *cg, size_t hier, int *ret_fd);
/* The same for the hierarchy that has controller c, and its generation. -EOPNOTSUPP: none has. */
int cg_ctl_fd(struct cg *cg, enum ctl c, int *ret_fd, int *ret_gen);
/* Our parent group in hierarchy i, made where it is missing; an open folder. */
int cg_make_slice(struct cg_host *host, size_t i, int *ret_fd, struct vz_err *e);
/* Is this line, "NUMBER:CONTROLLERS:PATH" as in cgroups(7), of that hierarchy? Its path, to the end of the line;
 * or NULL. */
const char *cg_path_in(const struct cg_hier *h, const char *line);
/* Forget open folders: after removal their names mean something else. */
void cg_forget(struct cg *cg);

/* Bring the rules into one per device, so that the union of two counts; *n shrinks. */
void cg_dev_merge(struct dev_rule *r, size_t *n);
/* Second generation: replace the program that guards the group behind fd. Silent. */
int cg_devbpf_apply(int fd, const struct dev_rule *r, size_t n);

/* Ceilings of I/O in the grammar of each generation; v->io. Read back: -EIO when it did not take. */
int cg_put_throttle(int fd, const char *file, const union knob_val *v);
int cg_put_io_max(int fd, const char *file, const union knob_val *v);

/* The program by itself, for tests: returns the number of instructions, or -E2BIG. */
struct bpf_insn;
int cg_devbpf_make(const struct dev_rule *r, size_t n, struct bpf_insn *out, size_t max);
enum { CG_DEV_RULES_MAX = 256, CG_DEVBPF_MAX = 6 + 8 * CG_DEV_RULES_MAX + 2 };

#endif
