// SPDX-License-Identifier: LGPL-2.1-or-later
/* Read ct_start_plan() to know what happens inside a VPS before its init. */
#include "ct/start_plan.h"

#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <sys/resource.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "ct/inside/guestnet.h"
#include "ct/inside/guestfiles.h"
#include "ct/limit/oom.h"
#include "param/check.h"
#include "param/param.h"
#include "plan/plan.h"

#define NO_LIMIT   UINT32_MAX
#define PTYS	   256 /* kernel.pty.max is one for the node, 4096 by default: no VPS has them all */
#define SHMALL_MAX (ULONG_MAX - (1UL << 24))

/* Not those of the administrator's shell. Raising a hard limit needs CAP_SYS_RESOURCE on the node: where
 * that is missing the VPS has what its caller had. */
static const struct {
	uint32_t resource, soft, hard;
} limits[] = {
	{ RLIMIT_NOFILE, 1024, 524288 },
	{ RLIMIT_STACK, 8 << 20, NO_LIMIT },
	{ RLIMIT_CORE, 0, NO_LIMIT },
	{ RLIMIT_CPU, NO_LIMIT, NO_LIMIT },
	{ RLIMIT_FSIZE, NO_LIMIT, NO_LIMIT },
	{ RLIMIT_DATA, NO_LIMIT, NO_LIMIT },
	{ RLIMIT_AS, NO_LIMIT, NO_LIMIT },
	{ RLIMIT_NPROC, NO_LIMIT, NO_LIMIT },
	{ RLIMIT_NICE, 0, 0 },
	{ RLIMIT_RTPRIO, 0, 0 },
};

/*
 * CRIU carries nested mount and network namespaces and no others (4.2), and no memory pressure watch. Our
 * system call filter refuses the namespaces, which systemd takes as "go on without", but for PrivateUsers=;
 * these drop-ins do the rest, and MEMORY_PRESSURE_WATCH for systemd itself. They are in /run, so no file of
 * the guest changes. With nesting:on, which gives up being suspended, there are none.
 */
static const struct {
	const char *dir, *file, *text;
} dropins[] = {
	{ "/run/systemd/system/service.d", "/run/systemd/system/service.d/10-vz.conf",
	  "# made by mainvz at each start, so that this VPS can be suspended\n"
	  "[Service]\nPrivateUsers=no\nMemoryPressureWatch=off\n" },
	{ "/run/systemd/user/service.d", "/run/systemd/user/service.d/10-vz.conf",
	  "# made by mainvz at each start, so that this VPS can be suspended\n"
	  "[Service]\nPrivateUsers=no\nMemoryPressureWatch=off\n" },
};

static void plan_limit(struct plan *p, uint32_t resource, uint64_t soft, uint64_t hard)
{
	PLAN(p, RLIMIT, .flags = PLAN_OPTIONAL | resource << 16, .num = soft << 32 | hard);
}

static uint64_t clamp32(uint64_t v)
{
	return v < UINT32_MAX ? v : UINT32_MAX;
}

void ct_plan_rights(struct plan *p, const struct vz_cfg *cfg, uint64_t caps,
		    const struct buf *filter)
{
	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		plan_limit(p, limits[i].resource, limits[i].soft, limits[i].hard);
	if (cfg_has(cfg, VZ_P_LOCKEDPAGES) && cfg->lockedpages.lim != VZ_UNLIMITED) {
		/* From 4 GiB on the step cannot say it, and the memory limit does. */
		uint64_t bytes = cfg->lockedpages.lim < UINT32_MAX / VZ_PAGE ?
					 cfg->lockedpages.lim * VZ_PAGE : NO_LIMIT;

		plan_limit(p, RLIMIT_MEMLOCK, bytes, bytes);
	}
	if (cfg_has(cfg, VZ_P_NUMSIGINFO) && cfg->numsiginfo.lim != VZ_UNLIMITED) {
		uint64_t n = clamp32(cfg->numsiginfo.lim);

		plan_limit(p, RLIMIT_SIGPENDING, n, n);
	}
	PLAN(p, SIGNALS);
	PLAN(p, UMASK, .num = 022);
	PLAN(p, CHDIR, .s1 = "/");
	PLAN(p, BOUNDING, .num = caps);
	PLAN(p, SECCOMP, .s1 = buf_str(filter), .s1_len = filter->len);
}

struct fs_limits ct_fs_limits(const struct vz_cfg *cfg)
{
	uint64_t ram, swap;

	cfg_memory(cfg, &ram, &swap);
	return (struct fs_limits){
		.ptys = cfg_has(cfg, VZ_P_NUMPTY) ? cfg->numpty.lim : PTYS,
		.shm_pages = cfg_has(cfg, VZ_P_SHMPAGES) ? cfg->shmpages.lim : VZ_UNLIMITED,
		.mem_pages = ram,
	};
}

void ct_plan_shmall(struct plan *p, const struct vz_cfg *cfg, uint32_t flags)
{
	uint64_t v = cfg_has(cfg, VZ_P_SHMPAGES) ? cfg->shmpages.lim : VZ_UNLIMITED;
	char text[32];

	/* SHMALL of linux/shm.h, what a new namespace begins with. */
	snprintf(text, sizeof(text), "%lu", v < SHMALL_MAX ? (unsigned long)v : SHMALL_MAX);
	PLAN(p, POKE, .s1 = "/proc/sys/kernel/shmall", .s2 = text, .flags = flags);
}

static void plan_sysctls(struct plan *p)
{
	/* Ports below 1024 and ping without rights: the network namespace is the VPS's alone. */
	PLAN(p, POKE, .s1 = "/proc/sys/net/ipv4/ping_group_range", .s2 = "0 65535",
	     .flags = PLAN_OPTIONAL);
}

static void plan_dirs(struct plan *p, const char *path)
{
	char dir[64];

	for (size_t i = strlen("/run") + 1; i <= strlen(path) && i < sizeof(dir); i++)
		if (path[i] == '/' || path[i] == '\0') {
			snprintf(dir, sizeof(dir), "%.*s", (int)i, path);
			PLAN(p, MKDIR, .s1 = dir, .num = 0755);
		}
}

/*
 * systemd has more pages than most of what it starts, so where many small processes and a full tmpfs reach the limit
 * the kernel would kill it early, and the VPS with it. Its own figure cannot be lowered without lowering that of
 * all that it will ever start. Units that say something themselves have that (systemd 250; older ones ignore it).
 */
static void plan_services(struct plan *p, const struct vz_cfg *cfg)
{
	static const char dir[] = "/run/systemd/system.conf.d";
	char text[96];

	snprintf(text, sizeof(text), "# made by mainvz at each start\n[Manager]\nDefaultOOMScoreAdjust=%d\n",
		 ct_oom_figure(cfg) + OOM_SERVICES);
	plan_dirs(p, dir);
	PLAN(p, FILE, .s1 = "/run/systemd/system.conf.d/10-vz.conf", .s2 = text, .num = 0644);
}

static void plan_guest(struct plan *p, const struct start_want *w)
{
	/* The first entry of a tmpfs has number 2, which "/" may have as well where an overlay cannot give
	 * others (xfs, btrfs): CRIU would mistake one for the other, and systemd watches both. */
	if (w->systemd)
		PLAN(p, MKDIR, .s1 = "/run/lock", .num = 0755);
	/* /run/systemd/system is also how programs tell that systemd runs: sd_booted(3). */
	for (size_t i = 0; w->systemd && !cfg_is_nesting(w->cfg) && i < ARRAY_LEN(dropins); i++) {
		plan_dirs(p, dropins[i].dir);
		PLAN(p, FILE, .s1 = dropins[i].file, .s2 = dropins[i].text, .num = 0644);
	}
	if (w->systemd)
		plan_services(p, w->cfg);
	guestfiles_plan(p, w->files);
	if (w->net)
		guestnet_plan(p, w->net, true);
}

/* For a script in a VPS that does not run otherwise. */
static void plan_line(struct plan *p, const char *line)
{
	_strv_ struct strv argv = { 0 }, env = { 0 };

	if (strv_split(&argv, "sh -c", " ") < 0 || strv_add(&argv, line) < 0 ||
	    strv_split(&env, "HOME=/ TERM=linux", " ") < 0)
		return;
	plan_exec(p, "/bin/sh", &argv, &env, 0);
}

static void plan_init(struct plan *p)
{
	static const char *const inits[] = { "/sbin/init", "/etc/init", "/bin/init" };
	_strv_ struct strv argv = { 0 }, env = { 0 };

	if (strv_split(&argv, "init -z", " ") < 0 ||
	    strv_split(&env, "HOME=/ TERM=linux container=mainvz "
			    "MEMORY_PRESSURE_WATCH=/dev/null", " ") < 0)
		return; /* without EXEC the plan does not compile, and says so */
	for (size_t i = 0; i < ARRAY_LEN(inits); i++)
		plan_exec(p, inits[i], &argv, &env, i + 1 < ARRAY_LEN(inits) ? PLAN_OPTIONAL : 0);
}

static bool feature(const struct vz_cfg *cfg, unsigned int bit)
{
	return cfg_has(cfg, VZ_P_FEATURES) && (cfg->features.on >> bit & 1);
}

/* The node's tells who shares it, and would be the same after a reboot of the VPS, which a journal takes for no
 * reboot. The file stays: CRIU cannot bring back one without a name. */
static void plan_boot_id(struct plan *p, const char *id)
{
	PLAN(p, FILE, .s1 = "/dev/.vz-boot-id", .s2 = id, .s2_len = (uint32_t)strlen(id), .num = 0444);
	PLAN(p, BIND, .s1 = "/dev/.vz-boot-id", .s2 = "/proc/sys/kernel/random/boot_id");
}

void ct_start_plan(struct plan *p, const struct start_want *w)
{
	bool nesting = cfg_is_nesting(w->cfg);
	/* The folder of a device of the node is where its bus is. */
	bool prune = !feature(w->cfg, FEAT_SYSFS) && !cfg_has(w->cfg, VZ_P_NETDEV);
	struct fs_limits fsl = ct_fs_limits(w->cfg);
	bool shm = fsl.shm_pages != VZ_UNLIMITED;

	plan_socket(p, w->sock);
	PLAN(p, CLOSE_FDS);
	PLAN(p, UNDUMPABLE);
	PLAN(p, WAIT, .num = SYNC_IDMAP);
	/* The kernel's process 1 has no session. sysvinit opens its console before it makes one; with one, that
	 * would become its terminal, and getty, which may not steal it, would have none. */
	if (!w->sysv)
		PLAN(p, SETSID);
	PLAN(p, KEYRING, .flags = PLAN_OPTIONAL);
	for (size_t i = 0; i < w->ncg_fds; i++)
		PLAN(p, CGROUP, .fd = w->cg_fds[i], .role = "tasks");
	/* Not by clone: there the root of the new namespace would be our parent's group. */
	PLAN(p, UNSHARE, .num = CLONE_NEWCGROUP);
	/* Once as the node's root and once as the VPS's: whose it is differs, see apply_inside.c. */
	if (shm)
		ct_plan_shmall(p, w->cfg, PLAN_OPTIONAL);
	PLAN(p, PRIVATE);
	PLAN(p, TREE, .s1 = w->root, .s2 = w->root);
	PLAN(p, PIVOT, .s1 = w->root);
	/* Until here still the node's root, as owner: the folders above VE_ROOT may be closed to all. */
	PLAN(p, SETIDS, .num = 0);
	fs_plan_api(p, w->nodes, nesting, prune, &fsl);
	PLAN(p, DETACH);
	fs_plan_binds(p, &w->nodes->binds);
	/* Never the node's own name, which a new namespace begins with. */
	PLAN(p, HOSTNAME,
	     .s1 = w->cfg->hostname && *w->cfg->hostname ? w->cfg->hostname : "localhost");
	if (w->boot_id && !nesting)
		plan_boot_id(p, w->boot_id);
	plan_sysctls(p);
	if (shm)
		ct_plan_shmall(p, w->cfg, PLAN_OPTIONAL);
	plan_guest(p, w);
	/* systemd does it where it is alone on a machine; in a container it leaves that to whom made it. Engines
	 * want it for their volumes. Not otherwise: CRIU 4.2 does not bring back what it then mounts for
	 * credentials of services (Debian 13). */
	if (w->systemd && nesting)
		PLAN(p, SHARED);
	PLAN(p, PTY, .num = 1, .fd = w->console, .role = "console");
	PLAN(p, POST, .num = SYNC_ROOT_DONE);
	PLAN(p, WAIT, .num = SYNC_GO);
	ct_plan_rights(p, w->cfg, w->caps, w->filter);
	if (w->line)
		plan_line(p, w->line);
	else
		plan_init(p);
}
