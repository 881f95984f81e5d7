// SPDX-License-Identifier: LGPL-2.1-or-later
/* Make a node ready for its VPSs. */
#include "ct/nodeup.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/path.h"
#include "base/spawn.h"
#include "base/str.h"
#include "cgroup/cg.h"
#include "ct/link/wall.h"
#include "host/node.h"
#include "param/param.h"

#define UP_MARK "up" /* in RUNDIR, which a reboot empties */

/* The weight of all VPSs together is the same as that of system.slice when the node has these units,
 * which is the scale's middle; VE0CPUUNITS shifts it. */
#define NODE_UNITS     1000
#define NODE_UNITS_END 2000 /* while the node goes down */
#define UNITS_MIN      8
#define UNITS_MAX      500000

#define CLOCK_SLACK_S 60

static char *mark_path(const struct vz *vz)
{
	return str_printf("%s/" UP_MARK, vz->rundir);
}

int nodeup_mark(struct vz *vz, bool up, struct vz_err *e)
{
	_free_ char *path = mark_path(vz);
	int r;

	if (!path)
		return err_nomem(e);
	if (up)
		r = io_replace_volatile_at(AT_FDCWD, path, "", 0, 0644);
	else
		r = unlink(path) < 0 && errno != ENOENT ? -errno : 0;
	if (r == 0 && !up && vz->cgh)
		cg_node_leave(vz->cgh);
	return r < 0 ? err_sys(e, VZ_E_SYS, r, "cannot %s '%s'", up ? "write" : "remove", path) : 0;
}

bool nodeup_is_marked(const struct vz *vz)
{
	_free_ char *path = mark_path(vz);

	return path && path_exists_at(AT_FDCWD, path);
}

/* A lock names the process that holds it. After a reboot that number may be anybody's, and the VPS would
 * be locked for ever. Who holds one of ours now has an flock on it as well. */
static void drop_old_locks(const struct vz *vz)
{
	_dir_ DIR *d = opendir(vz->lockdir);
	struct timespec up, now;
	struct dirent *de;

	clock_gettime(CLOCK_BOOTTIME, &up);
	clock_gettime(CLOCK_REALTIME, &now);
	while (d && (de = readdir(d))) {
		_fd_ int fd = -1;
		struct stat st;

		if (!str_has_suffix(de->d_name, ".lck"))
			continue;
		fd = openat(dirfd(d), de->d_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
		    st.st_mtime + CLOCK_SLACK_S > now.tv_sec - up.tv_sec ||
		    flock(fd, LOCK_EX | LOCK_NB) < 0)
			continue;
		if (unlinkat(dirfd(d), de->d_name, 0) == 0)
			log_msg(&vz->log, 0, "lock %s of before the boot was removed", de->d_name);
	}
}

static int make_dirs(const struct vz *vz, struct vz_err *e)
{
	const char *const dirs[] = { vz->rundir, vz->lockdir, vz->statedir };

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
		int r = path_mkdirs(dirs[i], 0755);

		if (r < 0)
			return err_sys(e, VZ_E_SYS, r, "cannot make '%s'", dirs[i]);
	}
	return 0;
}

/* What is built in, or has no such name any more, is no reason to fail. */
static void load_modules(const struct vz *vz)
{
	static const char *const paths[] = { "/sbin/modprobe", "/usr/sbin/modprobe" };
	const struct vz_cfg *c = vz->cfg;
	const char *argv[64] = { NULL, "-q", "-a", "--" };
	size_t n = 4;

	if (!cfg_has(c, VZ_P_IPTABLES_MODULES) ||
	    (cfg_has(c, VZ_P_MODULES_DISABLED) && c->modules_disabled))
		return;
	for (size_t i = 0; i < ARRAY_LEN(paths) && !argv[0]; i++)
		argv[0] = path_exists_at(AT_FDCWD, paths[i]) ? paths[i] : NULL;
	for (size_t i = 0; i < c->iptables_modules.n && n + 1 < ARRAY_LEN(argv); i++)
		argv[n++] = c->iptables_modules.v[i];
	if (argv[0] && n > 4) {
		struct spawn s = { .argv = argv, .timeout_ms = 30000 };
		int status = 0;

		if (spawn_run(&s, &status) < 0 || status)
			log_msg(&vz->log, 1, "not all of IPTABLES_MODULES could be loaded");
	}
}

/* The more the node has, the less all VPSs together have against it. */
static uint64_t weight_for(uint64_t node_units)
{
	uint64_t w = NODE_UNITS * NODE_UNITS / (node_units ? node_units : 1);

	return w < UNITS_MIN ? UNITS_MIN : w > UNITS_MAX ? UNITS_MAX : w;
}

static uint64_t node_units(const struct vz *vz)
{
	return cfg_has(vz->cfg, VZ_P_VE0CPUUNITS) ? vz->cfg->ve0cpuunits : NODE_UNITS;
}

int nodeup_ready(struct vz *vz, struct vz_err *e)
{
	struct vz_err wall = { 0 };
	int r = make_dirs(vz, e);

	if (r < 0)
		return r;
	drop_old_locks(vz);
	load_modules(vz);
	r = node_cgroups(vz, e);
	if (r == 0)
		r = cg_node_join(vz->cgh, weight_for(node_units(vz)), e);
	/* Those that run already may be of an earlier version. */
	if (r == 0 && node_walls_mend(vz, &wall) < 0)
		log_msg(&vz->log, -1, "%s", wall.text);
	return r;
}

void nodeup_hurry(struct vz *vz)
{
	struct vz_err e = { 0 };

	if (node_units(vz) < NODE_UNITS_END && node_cgroups(vz, &e) == 0 &&
	    cg_node_weigh(vz->cgh, weight_for(NODE_UNITS_END), &e) < 0)
		log_msg(&vz->log, 1, "%s", e.text);
}
