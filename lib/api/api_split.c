// SPDX-License-Identifier: LGPL-2.1-or-later
/* A configuration that is one part of the node. */
#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>

#include <vz/account.h>
#include <vz/validate.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "host/node.h"
#include "param/param.h"
#include "param/validate.h"

#define MIB	   UINT64_C(1048576)
#define LEAST_RAM  (8 * MIB) /* nothing boots with less */
#define INODE_SIZE 16	     /* KiB of disk for each file */

static void pair(struct vz_cfg *c, enum vz_param p, uint64_t bar, uint64_t lim)
{
	*(struct ubc *)((char *)c + param_get(p)->offset) = (struct ubc){ bar, lim };
	cfg_mark(c, p);
}

/* The file system that private areas are on; its nearest folder that is there counts. */
static int disk(struct vz *vz, struct statvfs *ret)
{
	_free_ char *dir = strdup(vz->cfg->ve_private);
	char *slash;

	if (!dir)
		return -ENOMEM;
	while (statvfs(dir, ret) < 0) {
		slash = strrchr(dir, '/');
		if (errno != ENOENT || !slash || !slash[1])
			return -errno;
		slash[slash == dir] = '\0';
	}
	return 0;
}

static void disk_part(const struct statvfs *fs, unsigned parts, struct vz_cfg *c)
{
	uint64_t kib = (uint64_t)((unsigned __int128)fs->f_blocks * fs->f_frsize / 1024 / parts);
	uint64_t inodes = fs->f_files ? fs->f_files / parts : kib / INODE_SIZE;

	pair(c, VZ_P_DISKSPACE, kib, kib + kib / 10);
	pair(c, VZ_P_DISKINODES, inodes, inodes + inodes / 10);
	c->quotatime = 0;
	cfg_mark(c, VZ_P_QUOTATIME);
}

/* An eighth of the memory of a part is the kernel's; what a process, a socket and a file take is the
 * measure for the rest. The rules do the fine work: all that is too small for them grows. */
static void beancounters(uint64_t ram, struct vz_cfg *c)
{
	uint64_t p = ram / VZ_PAGE, procs = ram / (512 * 1024) + 24, socks = procs * 3 / 2;
	uint64_t kernel = ram / 8;

	pair(c, VZ_P_NUMPROC, procs, procs);
	pair(c, VZ_P_AVNUMPROC, procs / 2, procs / 2);
	pair(c, VZ_P_NUMTCPSOCK, socks, socks);
	pair(c, VZ_P_NUMOTHERSOCK, socks, socks);
	pair(c, VZ_P_VMGUARPAGES, p, VZ_UNLIMITED);
	pair(c, VZ_P_OOMGUARPAGES, p, VZ_UNLIMITED);
	pair(c, VZ_P_PRIVVMPAGES, p, p + p / 10);
	pair(c, VZ_P_PHYSPAGES, 0, VZ_UNLIMITED);
	pair(c, VZ_P_KMEMSIZE, kernel, kernel + kernel / 10);
	pair(c, VZ_P_TCPSNDBUF, kernel / 4, kernel / 4);
	pair(c, VZ_P_TCPRCVBUF, kernel / 4, kernel / 4);
	pair(c, VZ_P_OTHERSOCKBUF, kernel / 8, kernel / 8);
	pair(c, VZ_P_DGRAMRCVBUF, 132096, 132096);
	pair(c, VZ_P_LOCKEDPAGES, procs * 8, procs * 8);
	pair(c, VZ_P_SHMPAGES, p / 3, p / 3);
	pair(c, VZ_P_NUMFILE, procs * 32, procs * 32);
	pair(c, VZ_P_NUMFLOCK, procs, procs + procs / 10);
	pair(c, VZ_P_NUMPTY, 16, 16);
	pair(c, VZ_P_NUMSIGINFO, 256, 256);
	pair(c, VZ_P_NUMIPTENT, 128, 128);
	pair(c, VZ_P_DCACHESIZE, procs * 32 * 384, procs * 32 * 384);
}

static bool yes(void *arg, const struct vz_finding *f)
{
	(void)arg;
	return f->fixable;
}

int vz_node_split(struct vz *vz, const struct vz_split_opts *o, struct vz_cfg *cfg, struct vz_err *e)
{
	struct vz_split_opts all = { .size = sizeof(all) };
	struct vz_node_figures node = { .size = sizeof(node) };
	struct vz_validate_opts v = { .size = sizeof(v), .vswap = VZ_VSWAP_NO };
	struct statvfs fs = { 0 };
	uint64_t ram, swap;
	int r = vz_node_figures(&node, e);

	memcpy(&all, o, o->size < sizeof(all) ? o->size : sizeof(all));
	if (r < 0)
		return r;
	if (all.parts == 0)
		return err_set(e, VZ_E_PARAM, -EINVAL, "0 is no number of parts");
	ram = node.ram / all.parts;
	if (ram < LEAST_RAM)
		return err_set(e, VZ_E_PARAM, -ERANGE, "%u parts are too many: %ju KiB of memory each",
			       all.parts, (uintmax_t)(ram / 1024));
	r = disk(vz, &fs);
	if (r < 0)
		return err_sys(e, VZ_E_SYS, r, "cannot look at the disk of '%s'", vz->cfg->ve_private);
	swap = all.swap == UINT64_MAX ? ram * 2 : all.swap / all.parts;
	if (all.beancounters) {
		beancounters(ram, cfg);
		(void)cfg_validate(cfg, &v, yes, NULL);
	} else {
		pair(cfg, VZ_P_PHYSPAGES, 0, ram / VZ_PAGE);
		pair(cfg, VZ_P_SWAPPAGES, 0, swap / VZ_PAGE);
	}
	disk_part(&fs, all.parts, cfg);
	cfg->cpuunits = 1000;
	cfg_mark(cfg, VZ_P_CPUUNITS);
	return 0;
}
