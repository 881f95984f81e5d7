// SPDX-License-Identifier: LGPL-2.1-or-later
/* Give the VPSs of a node the files of its lxcfs. docs/adr/0012-lxcfs.md says why it is done this way. */
#include "ct/inside/view.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/spawn.h"
#include "base/str.h"
#include "cgroup/cg.h"
#include "ct/ct.h"
#include "ct/inside/inside.h"
#include "ct/inside/viewd.h"
#include "ct/suspend.h"
#include "fs/fs.h"
#include "kern/pidfd.h"
#include "kern/viewfiles.h"
#include "param/check.h"
#include "param/param.h"
#include "plan/plan.h"

#define KEEPER_WAIT_MS 8000
#define PUT_WAIT_MS    10000 /* a VPS that mounts its own file system over /proc may never answer */
#define AGAIN_TRIES    100
#define AGAIN_MS       200
#define AGAIN_MAX_S    60
#define AGAIN_AT_ONCE  16
#define MOUNTINFO_MAX  (1 << 20)
#define SPACES_MAX     256 /* mount namespaces of one VPS */

char *view_path(const struct vz *vz, const char *what)
{
	return str_printf("%s/lxcfs%s", vz->rundir, what);
}

bool view_has_keeper(const struct vz *vz)
{
	_free_ char *path = view_path(vz, ".lock");
	_fd_ int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;

	return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0;
}

/* Nested namespaces may mount proc only while nothing covers a part of it, see fs_plan_api(). */
static bool is_wanted(const struct ct *ct, const struct vz_cfg *cfg)
{
	if (!ct->vz->cfg->ve_procfs)
		return false;
	if (cfg_is_nesting(cfg))
		return false;
	return !cfg_has(cfg, VZ_P_MEMINFO) || cfg->meminfo.mode != MEMINFO_NONE;
}

static int run_keeper(struct vz *vz)
{
	_free_ char *conf = str_printf("VZ_CONF=%s", vz->conf);
	const char *argv[] = { vz->vzctl, "--quiet", "_view", "keep", NULL };
	const char *env[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", conf, NULL };
	struct spawn s = { .argv = argv, .env = env, .timeout_ms = KEEPER_WAIT_MS };
	int status = 0, r = conf ? spawn_run(&s, &status) : -ENOMEM;

	return r < 0 ? r : status ? -EIO : 0;
}

/* A clone of a dead file can be had as well, and CRIU fails at it. */
static int open_live(const char *dir, struct fs_view *ret)
{
	return view_answers(dir) ? fs_view_open(dir, ret) : -ENOTCONN;
}

static int open_files(struct vz *vz, struct fs_view *ret)
{
	_free_ char *dir = view_path(vz, "");
	int r = dir ? open_live(dir, ret) : -ENOMEM;

	if (r == 0 && view_has_keeper(vz))
		return 0;
	fs_view_close(ret);
	if (!view_program()) {
		log_msg(&vz->log, 1, "lxcfs is not installed: VPSs see figures of the node");
		return -ENOENT;
	}
	r = dir ? run_keeper(vz) : -ENOMEM;
	if (r == 0)
		r = open_live(dir, ret);
	if (r < 0)
		log_msg(&vz->log, -1, "lxcfs does not work (%s): VPSs see figures of the node",
			strerror(-r));
	return r;
}

void ct_view_open(struct ct *ct, struct fs_view *ret)
{
	*ret = (struct fs_view){ 0 };
	if (is_wanted(ct, ct->cfg))
		(void)open_files(ct->vz, ret);
}

/* Not the node's own files: a mount is restored with the options of before, and who is root in a VPS may take away
 * none that the node has set, such as noexec of its /proc. */
static char *blank_dir(const struct vz *vz, struct vz_err *e)
{
	_free_ char *dir = view_path(vz, ".blank");
	int r = dir ? fs_view_blank(dir) : -ENOMEM;

	if (r < 0) {
		err_sys(e, VZ_E_RESUME, r, "cannot put blank files into '%s/lxcfs.blank'", vz->rundir);
		return NULL;
	}
	return TAKE_PTR(dir);
}

char *ct_view_dir(struct vz *vz, bool *ret_blank, struct vz_err *e)
{
	struct fs_view v = { 0 };
	char *dir;

	*ret_blank = !vz->cfg->ve_procfs || open_files(vz, &v) < 0;
	if (*ret_blank)
		return blank_dir(vz, e);
	fs_view_close(&v);
	dir = view_path(vz, "");
	if (!dir)
		err_nomem(e);
	return dir;
}

/* ---- of a VPS that runs ---- */

/* In the mounts of init, or of ct->st.init when somebody else stands there. Where there is no lxcfs the node's
 * figures are better than those of a dead one. */
static int put(struct ct *ct, bool on, struct vz_err *e)
{
	_plan_ struct plan *p = plan_new();
	struct fs_view v = { 0 };
	int r;

	if (!p)
		return err_nomem(e);
	if (on)
		(void)open_files(ct->vz, &v);
	inside_plan_enter(p, ct, INSIDE_MOUNTS);
	fs_plan_unview(p);
	fs_plan_view(p, &v);
	PLAN(p, EXIT);
	ct->in.wait_ms = PUT_WAIT_MS;
	r = inside_run(ct, p, e);
	ct->in.wait_ms = 0;
	fs_view_close(&v);
	return r;
}

struct spaces {
	struct ct *ct;
	bool on;
	uint64_t seen[SPACES_MAX];
	size_t n;
};

static uint64_t mounts_of(pid_t pid)
{
	char path[40];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", pid);
	return stat(path, &st) < 0 ? 0 : st.st_ino;
}

/* Services have mounts of their own, copied from those of init; what is done there does not get here. */
static int put_other(pid_t pid, void *arg)
{
	struct spaces *s = arg;
	struct ct_proc init = s->ct->st.init;
	uint64_t ino = mounts_of(pid);
	int r = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->seen[i] == ino)
			return 0;
	if (!ino || s->n == SPACES_MAX)
		return 0;
	s->seen[s->n++] = ino;
	s->ct->st.init.pid = pid;
	if (kpid_start_time(pid, &s->ct->st.init.start) == 0)
		r = put(s->ct, s->on, NULL);
	s->ct->st.init = init;
	return r == -ETIMEDOUT ? r : 0;
}

/* The keeper, a command and a dump may mean the same VPS: one at a time. */
static int view_lock(const struct ct *ct, bool wait, int *ret_fd)
{
	_free_ char *path = str_printf("%s/view", ct->rundir);
	_fd_ int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;

	if (!path || fd < 0)
		return path ? -errno : -ENOMEM;
	if (flock(fd, LOCK_EX | (wait ? 0 : LOCK_NB)) < 0)
		return -errno;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* In every mount namespace of it. */
static int everywhere(struct ct *ct, bool on, struct vz_err *e)
{
	_free_ struct spaces *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return err_nomem(e);
	s->ct = ct;
	s->on = on;
	s->seen[s->n++] = mounts_of(ct->st.init.pid);
	r = put(ct, on, e);
	if (r == 0 && ct_cgroup(ct, NULL) == 0)
		(void)cg_each_pid(ct->cg, put_other, s);
	return r;
}

static int apply(struct ct *ct, bool on, bool wait, struct vz_err *e)
{
	_fd_ int lock = -1;
	int r = view_lock(ct, wait, &lock);

	/* A full disk is no reason to leave dead files in it. */
	return r == -EWOULDBLOCK ? r : everywhere(ct, on, e);
}

int apply_view(struct ct *ct, const struct vz_cfg *cfg, bool start, struct vz_err *e)
{
	return start || !ct->vz->cfg->ve_procfs ? 0 : apply(ct, is_wanted(ct, cfg), true, e);
}

int view_resumed(struct ct *ct, bool lost, struct vz_err *e)
{
	return lost || ct->vz->cfg->ve_procfs ? apply(ct, is_wanted(ct, ct->cfg), true, e) : 0;
}

/* Are there files in it of an lxcfs that is not the present one? */
static bool has_dead(const struct ct *ct)
{
	_free_ char *dir = view_path(ct->vz, "");
	_buf_ struct buf text = BUF_INIT;
	char path[40], alive[32];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/mountinfo", ct->st.init.pid);
	if (!dir || stat(dir, &st) < 0 || io_read_at(AT_FDCWD, path, MOUNTINFO_MAX, &text) < 0)
		return false;
	snprintf(alive, sizeof(alive), " %u:%u ", major(st.st_dev), minor(st.st_dev));
	for (char *save = NULL, *l = text.len ? strtok_r(text.data, "\n", &save) : NULL; l;
	     l = strtok_r(NULL, "\n", &save))
		if (strstr(l, " - " KVIEW_TYPE " ") && !strstr(l, alive))
			return true;
	return false;
}

void view_hold(struct ct *ct, int *ret_fd)
{
	if (view_lock(ct, true, ret_fd) < 0 || !is_wanted(ct, ct->cfg))
		return;
	/* CRIU looks at every mount, and a dead one is an error to it. */
	if (has_dead(ct))
		(void)everywhere(ct, true, NULL);
}

/* Without the VPS's lock: whoever has it may wait for a process that waits for these files. false: it is being
 * started, and its mounts are not there yet; or it is being dumped, and they must stay as they are. */
static bool one_again(struct vz *vz, uint32_t id)
{
	struct vz_err e = { 0 };
	struct ct *ct = NULL;
	bool ready;
	int r = 0;

	if (ct_open(vz, id, CT_BAD_CONF_OK, &ct, NULL) < 0)
		return true;
	ready = !ct_is_running(ct) || (!str_eq(ct->st.op, "start") && !str_eq(ct->st.op, "resume") &&
					  !str_eq(ct->st.op, CT_LET_GO));
	if (ready && ct_is_running(ct) && is_wanted(ct, ct->cfg))
		r = apply(ct, true, false, &e);
	if (r < 0 && r != -EWOULDBLOCK && ct_is_running(ct))
		log_msg(&vz->log, -1, "%s", e.text);
	ct_close(ct);
	return ready && r != -EWOULDBLOCK;
}

/* A process of its own, so that no VPS waits for another one. */
static pid_t begin_one(struct vz *vz, uint32_t id)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	alarm(AGAIN_MAX_S);
	for (int tries = 0; tries < AGAIN_TRIES && !one_again(vz, id); tries++)
		(void)poll(NULL, 0, AGAIN_MS);
	_exit(0);
}

void view_again(struct vz *vz)
{
	_free_ uint32_t *ids = NULL;
	size_t n = 0, running = 0;

	if (node_list(vz, &ids, &n, NULL) < 0)
		return;
	for (size_t i = 0; i < n; i++) {
		while (running >= AGAIN_AT_ONCE && wait(NULL) > 0)
			running--;
		if (begin_one(vz, ids[i]) > 0)
			running++;
	}
}
