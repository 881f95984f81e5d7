/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the node has and what its VPSs use, were promised and may use at most. Same conventions as
 * <vz/vz.h>. Sizes are in bytes.
 */
#ifndef VZ_ACCOUNT_H
#define VZ_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vz/codes.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vz;
struct vz_ct;

struct vz_node_figures {
	size_t size; /* set it before the call */
	uint64_t ram, ram_used, swap, swap_used;
	uint64_t tasks_max; /* processes and threads that the kernel can have */
	uint64_t power;	    /* in CPUUNITS: bogomips of all processors times 25; 0: not known */
	uint32_t cpus;
};
/* From /proc; needs no node to be open. SYS. */
int vz_node_figures(struct vz_node_figures *ret, struct vz_err *e);

struct vz_account { /* of one VPS; UINT64_MAX: without a limit, or undefined */
	size_t size; /* set it before the call */
	bool running, vswap;
	uint64_t mem, swap, kernel, tasks; /* in use now; 0 while it does not run */
	uint64_t kernel_promised, kernel_max; /* KMEMSIZE and the socket buffers */
	uint64_t mem_promised;	 /* protected when memory is short: OOMGUARPAGES */
	uint64_t alloc_promised; /* can be allocated for sure: VMGUARPAGES */
	uint64_t mem_max, swap_max, alloc_max, tasks_max;
	uint64_t cpuunits;
};
/* From the configuration and, when it runs, its control groups. */
int vz_ct_account(struct vz_ct *ct, struct vz_account *ret, struct vz_err *e);

/* fn for each VPS that has a configuration, ascending; one that vanishes meanwhile, or whose configuration cannot
 * be read, is left out with a warning. */
int vz_account_each(struct vz *vz, void (*fn)(void *arg, uint32_t id, const struct vz_account *a), void *arg,
		    struct vz_err *e);

/* The columns of vzmemcheck(8). */
enum vz_mem_column {
	VZ_MEM_LOW_USED, VZ_MEM_LOW_MAX, VZ_MEM_RAM_USED, VZ_MEM_BOTH_USED, VZ_MEM_BOTH_PROMISED,
	VZ_MEM_ALLOC_USED, VZ_MEM_ALLOC_PROMISED, VZ_MEM_ALLOC_MAX,
	VZ_MEM_NCOLUMNS
};
/* What each is a part of. Memory that only the kernel can address does not exist on 64-bit machines: there low
 * memory is all memory. */
void vz_node_memory(const struct vz_node_figures *node, uint64_t ret[VZ_MEM_NCOLUMNS]);
/* The same of one VPS; what has no limit counts as all that the node has. */
void vz_account_memory(const struct vz_account *a, const struct vz_node_figures *node,
		       uint64_t ret[VZ_MEM_NCOLUMNS]);

/* Memory and swap of a VSwap VPS, as vzoversell(8) adds them up. */
struct vz_sold {
	uint32_t id;
	uint64_t mem, swap, mem_max, swap_max;
};
/* From a file in the form of /proc/user_beancounters: fn for each VPS whose physpages has a limit. BAD_CONF. */
int vz_beancounter_file(const char *path, void (*fn)(void *arg, const struct vz_sold *s), void *arg,
			struct vz_err *e);

/*
 * Is this the password of a user of the VPS? Nothing of the VPS is executed, its files are read as hostile. gid:
 * and does the user belong to that group; -1: does not matter. A VPS that is not mounted is mounted for the time.
 * -EACCES and PASSWD: no, for whatever reason; else as vz_ct_mount().
 */
int vz_ct_check_password(struct vz_ct *ct, const char *user, const char *password, int64_t gid,
			 struct vz_err *e);

/* Version of the CRIU that suspend takes, as 10000 * major + 100 * minor + patch. KERNEL: none fits. */
int vz_criu_version(struct vz *vz, uint32_t *ret, struct vz_err *e);
/* What programs find in the processor, one bit for each feature: a dump can be resumed where no bit that it
 * was made with is missing. */
int vz_cpu_caps(uint64_t *ret, struct vz_err *e);
/* Name of a bit; NULL: it has none. */
const char *vz_cpu_cap_name(unsigned bit);

#ifdef __cplusplus
}
#endif

#endif
