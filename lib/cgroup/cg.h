/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One VPS's resource group, whatever the host's layout. Only this folder and kern/cgfs know that
 * there are two generations of control groups.
 */
#ifndef VZ_CGROUP_CG_H
#define VZ_CGROUP_CG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct vz_err;
struct cg_host; /* the host's hierarchies and our parent group in each */
struct cg;	/* one VPS's group in all of them */

/* Read the cached layout (JSON made by vz-node, see lib/node) from `cache`; `rootfd` is a folder fd
 * that the cached mount paths are relative to (an fd of "/" in life, of a fake tree in tests).
 * `slice` is our parent group's name, slashes allowed. Makes nothing
 * and opens nothing but the cache. -ENOENT: no cache yet. */
int cg_host_open(int rootfd, const char *cache, const char *slice, struct cg_host **ret,
		 struct vz_err *e);
void cg_host_free(struct cg_host *h);
/* Is this cache still true: do its mount points still carry these hierarchies? Where a VPS runs already, its
 * groups are where they were when it began, and nobody needs to ask. */
bool cg_host_is_current(struct cg_host *h);

/*
 * The node's own part: the weight of all VPSs together against the rest of the machine (CPUUNITS scale; a
 * host without that controller is fine), and a group beside theirs in which this process goes on, so
 * that what it starts does not belong to the service or the session that started it. Idempotent.
 */
int cg_node_join(struct cg_host *h, uint64_t weight, struct vz_err *e);
/* Put a process of ours into that group if it is in one of a service or session, which may be ended with all that is
 * in it, a monitor as well. Nothing is written where it is not. */
int cg_node_take(struct cg_host *h, pid_t pid, struct vz_err *e);
/* Only the weight. */
int cg_node_weigh(struct cg_host *h, uint64_t weight, struct vz_err *e);
/* Remove that group, if nobody is in it any more. Never fails. */
void cg_node_leave(struct cg_host *h);

/* For checks: is there such a controller (memory, cpu, pids, cpuset, io), and is swap counted? root: a
 * folder with proc and sys. */
bool cg_host_offers(int root, const char *ctl);
bool cg_host_counts_swap(int root);

int cg_open(struct cg_host *h, const char *name, struct cg **ret, struct vz_err *e); /* makes nothing */
/*
 * The same for a VPS in a pool: `pool` is "gold", or "gold/web" for a pool in a pool; "" or NULL: in none, as
 * cg_open(). This is the one place that knows how such a path looks.
 */
int cg_open_in(struct cg_host *h, const char *pool, const char *name, struct cg **ret, struct vz_err *e);
/* SLICE/[...]NAME, below the root of every hierarchy; borrowed. */
const char *cg_path(const struct cg *cg);
/* Is it the group of a VPS in that pool ("": in none)? */
bool cg_is_in(const struct cg *cg, const char *pool);
/* The group of a pool itself: good for cg_make() (which ignores the ids), cg_exists(), cg_set(), cg_stat(). */
int cg_open_pool(struct cg_host *h, const char *pool, struct cg **ret, struct vz_err *e);
/* Remove a pool's group, which must have no groups in it. 0 also if it never was. -EBUSY. */
int cg_drop_pool(struct cg *cg, struct vz_err *e);
void cg_free(struct cg *cg);
/* Make parent and group in every hierarchy, enable controllers for it, fill in cpuset, and give the
 * delegated part to uid:gid. Idempotent. */
int cg_make(struct cg *cg, uid_t uid, gid_t gid, struct vz_err *e);
/* Kill what is inside, wait until it is empty, remove; 0 when it is gone, also if it never was. */
int cg_drop(struct cg *cg, struct vz_err *e);
bool cg_exists(struct cg *cg);

/* Folder fd for CLONE_INTO_CGROUP (borrowed). exec=false: init's place; true: the place of processes
 * that are sent in later. -EOPNOTSUPP when the host has no such tree. */
int cg_clone_fd(struct cg *cg, bool exec);
/* Open, for writing "0" by the process that enters, one descriptor per hierarchy that CLONE_INTO_CGROUP
 * does not cover. O_CLOEXEC, owned by the caller. At most max; -ENOSPC beyond. */
int cg_self_fds(struct cg *cg, int *ret_fds, size_t max, size_t *ret_n);
/* Does the last of them stop who writes to it while the group is frozen? A process that others wait for must
 * not be the one. */
bool cg_self_stops(const struct cg *cg);

enum knob {
	KNOB_MEM,	  /* u.mem: memory and swap ceilings, bytes, UINT64_MAX = none; written in the order
			     that never contradicts (raise the sum first, lower memory first) */
	KNOB_MEM_LOW,	  /* u.num: bytes kept from reclaim */
	KNOB_PIDS_MAX,	  /* u.num: tasks; UINT64_MAX = none */
	KNOB_CPU_WEIGHT,  /* u.num: CPUUNITS scale, 8..500000, 1000 = the kernel's default weight */
	KNOB_CPU_MAX,	  /* u.num: permille of one CPU; 0 = none */
	KNOB_CPUSET_CPUS, /* u.text: "0-2,7" or "" = all of the host's */
	KNOB_CPUSET_MEMS, /* u.text */
	KNOB_IO_WEIGHT,	  /* u.num: IOPRIO 0..7 */
	KNOB_IO_SHARE,	  /* u.num: the kernel's own scale, 1..1000, 100 is its default */
	KNOB_IO_MAX,	  /* u.io: bytes and operations a second, reading and writing each; 0 = none */
	NKNOBS
};
/* A limit can be had, yet what is written through the page cache is not held back by it. */
bool cg_io_is_partial(const struct cg_host *h);
/* A limit of I/O counts what the groups below use, too. */
bool cg_io_nests(const struct cg_host *h);

struct cg_disk {
	unsigned int major, minor; /* a whole device */
};
union knob_val {
	uint64_t num;
	const char *text;
	struct { uint64_t max, swap; } mem;
	struct {
		const struct cg_disk *disk;
		size_t n;
		uint64_t bytes, ops;
	} io;
};
/* Absolute: "make it so". Speaks with code UBC, CPU or IO by knob. A controller or file that the host
 * does not have: -EOPNOTSUPP, and the words say which; the caller decides whether that matters.
 * -ERANGE: a set of CPUs or nodes names some that our parent does not have; nothing was written.
 * -EBUSY: more memory is in use, and cannot be freed, than the new limit allows. */
int cg_set(struct cg *cg, enum knob k, const union knob_val *v, struct vz_err *e);

/* Live figures; absent ones are UINT64_MAX. Never fails on a missing file. */
struct cg_stat {
	uint64_t mem, mem_peak, mem_max; /* bytes, as all that is memory */
	uint64_t mem_fail; /* how often the limit was reached, which reclaim may have mended */
	uint64_t mem_oom;  /* how often it could not be */
	uint64_t oom_kill; /* processes ended for it */
	uint64_t swap, swap_peak, swap_max, swap_fail;
	uint64_t pids, pids_peak, pids_max, pids_fail;
	uint64_t cpu_usec, kmem, kmem_peak, shmem, locked, sock;
	uint64_t anon;	 /* private memory that is in use */
	uint64_t dcache; /* kernel memory that could be given back: mostly names and inodes */
};
int cg_stat(struct cg *cg, struct cg_stat *ret);
/* What flows, for rates: counters since the group was made, and pressure. Absent: UINT64_MAX. */
struct cg_flow {
	uint64_t cpu_usec;
	uint64_t io_read, io_write;	    /* bytes */
	uint64_t io_reads, io_writes;	    /* operations */
	uint64_t psi_cpu, psi_mem, psi_io; /* "some" over ten seconds, hundredths of a per cent */
	uint64_t full_cpu, full_mem, full_io;	 /* "full": all waited */
	uint64_t total_cpu, total_mem, total_io; /* "some", usec since the group was made */
	uint64_t throttled_usec;		 /* held back by its own CPU limit */
	uint64_t refaults;			 /* pages that were read again soon after they were dropped */
};
int cg_flow(struct cg *cg, struct cg_flow *ret);
/* The pressure of the node, from /proc/pressure (psi_ members only). */
void cg_host_psi(struct cg_flow *ret);
/* The processors that its processes can run on now, as "0-2,7". */
int cg_cpus(struct cg *cg, char *out, size_t size);
int cg_pids(struct cg *cg, uint64_t *ret_tasks); /* just the number of tasks: vzlist's default column */

/* Is a process one of a VPS? `text` is its /proc/PID/cgroup; ret_name gets the name of the VPS's group,
 * whatever pool it is in. A VPS can change nothing about the answer. */
bool cg_member(const struct cg_host *h, const char *text, char *ret_name, size_t size);
/* All processes in the group and below, ascending; *ret is malloced. -ESRCH: there is no group. */
int cg_procs(struct cg *cg, pid_t **ret, size_t *ret_n);
/* A number that no group made since the boot has had before (kernfs, 64-bit inode numbers). */
int cg_ident(struct cg *cg, uint64_t *ret);

/* Processes that were killed because memory ran out, since the group was made. */
int cg_oom_kills(struct cg *cg, uint64_t *ret);
/* A descriptor to sleep on until there are more of them: a regular file has POLLPRI then, and again when it has been
 * read from its beginning; anything else POLLIN, until it has been read. May tell more than there is. O_CLOEXEC,
 * the caller's. */
int cg_oom_fd(struct cg *cg, int *ret_fd);

int cg_freeze(struct cg *cg, bool on, struct vz_err *e); /* waits until it is so, 10 s at most */
bool cg_is_frozen(struct cg *cg);
int cg_kill(struct cg *cg, struct vz_err *e); /* SIGKILL to all; does not wait */

/* As cgfs_each_pid(), for all processes of the VPS. -ENOENT: no such group. */
int cg_each_pid(struct cg *cg, int (*fn)(pid_t pid, void *arg), void *arg);
/* Is what /proc/PID/cgroup says (procdir: a descriptor of /proc/PID) within the VPS's groups? */
bool cg_has_process(const struct cg *cg, int procdir);

struct dev_rule {
	char type;	     /* 'b' or 'c', 'a' = all */
	int64_t major, minor; /* -1 = any */
	uint8_t access;	     /* 1 mknod, 2 read, 4 write (as BPF_DEVCG_ACC_*) */
};
/* Deny all but these. First generation: devices.deny/allow; second: a BPF program on the group. */
int cg_allow_dev(struct cg *cg, const struct dev_rule *r, size_t n, struct vz_err *e);

#endif
