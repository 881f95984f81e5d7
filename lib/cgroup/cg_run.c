/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Processes in the group: freeze, kill, and the end of it all. */
#include "cgroup/cg_int.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "kern/cgfs.h"

enum { STATE_MS = 2, PROC_CGROUP_MAX = 65536 };

/* The first generation's freezer has no event: its state moves on when it is read. */
static int wait_state(int fd, const char *want, uint64_t deadline)
{
	for (;;) {
		char text[32];
		int r = cgfs_get(fd, "freezer.state", text, sizeof(text));

		if (r < 0)
			return r;
		if (str_eq(text, want))
			return 0;
		if (clock_left_ms(deadline) == 0)
			return -ETIMEDOUT;
		(void)poll(NULL, 0, STATE_MS);
	}
}

static int freeze_state(int fd, bool on, uint64_t deadline)
{
	const char *want = on ? "FROZEN" : "THAWED";
	int r = cgfs_put(fd, "freezer.state", want);

	return r < 0 ? r : wait_state(fd, want, deadline);
}

static int freeze_unified(int fd, bool on, uint64_t deadline)
{
	int r = cgfs_put(fd, "cgroup.freeze", on ? "1" : "0");

	return r < 0 ? r : cgfs_wait_key(fd, "cgroup.events", "frozen", on, deadline);
}

int cg_freeze(struct cg *cg, bool on, struct vz_err *e)
{
	uint64_t deadline = clock_ms() + CG_FREEZE_MS;
	int fd, gen, r = -EOPNOTSUPP;

	if (cg->host->unified >= 0) {
		r = cg_fd(cg, cg->host->unified, &fd);
		if (r == 0)
			r = freeze_unified(fd, on, deadline);
	} else {
		r = cg_ctl_fd(cg, CTL_FREEZER, &fd, &gen);
		if (r == 0)
			r = freeze_state(fd, on, deadline);
	}
	if (r == 0)
		return 0;
	return err_sys(e, VZ_E_SYS, r, "cannot %s control group '%s'", on ? "freeze" : "thaw",
		       cg->path);
}

bool cg_is_frozen(struct cg *cg)
{
	char text[32];
	uint64_t v;
	int fd, gen;

	if (cg->host->unified >= 0 && cg_fd(cg, cg->host->unified, &fd) == 0 &&
	    cgfs_get_key(fd, "cgroup.events", "frozen", &v) == 0 && v == 1)
		return true;
	return cg_ctl_fd(cg, CTL_FREEZER, &fd, &gen) == 0 &&
	       cgfs_get(fd, "freezer.state", text, sizeof(text)) == 0 && str_eq(text, "FROZEN");
}

/* Where the VPS's processes are listed: the unified tree, else any hierarchy that has the group. */
static int members_fd(struct cg *cg, int *ret_fd)
{
	int r = -ENOENT;

	if (cg->host->unified >= 0)
		r = cg_fd(cg, cg->host->unified, ret_fd);
	for (size_t i = 0; r == -ENOENT && i < cg->host->n; i++)
		r = cg_fd(cg, i, ret_fd);
	return r;
}

int cg_each_pid(struct cg *cg, int (*fn)(pid_t pid, void *arg), void *arg)
{
	int fd, r = members_fd(cg, &fd);

	return r < 0 ? r : cgfs_each_pid(fd, fn, arg);
}

bool cg_has_process(const struct cg *cg, int procdir)
{
	_buf_ struct buf text = BUF_INIT;
	size_t len = strlen(cg->path);

	if (io_read_at(procdir, "cgroup", PROC_CGROUP_MAX, &text) < 0)
		return false;
	for (const char *p = buf_str(&text); (p = strstr(p, cg->path)); p++)
		if (p > text.data && p[-1] == '/' && (p[len] == '/' || p[len] == '\n'))
			return true;
	return false;
}

/* A process in a frozen group of the first generation sees no signal, not even this one. */
static void thaw_first_generation(struct cg *cg)
{
	int fd, gen;

	if (cg_ctl_fd(cg, CTL_FREEZER, &fd, &gen) == 0)
		(void)cgfs_put(fd, "freezer.state", "THAWED");
}

int cg_kill(struct cg *cg, struct vz_err *e)
{
	int fd, r = members_fd(cg, &fd);

	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = cgfs_kill(fd, NULL);
	thaw_first_generation(cg);
	if (r == 0)
		return 0;
	return err_sys(e, VZ_E_SYS, r, "cannot kill the processes of control group '%s'", cg->path);
}

/* Kill, and wait in the tree that tells when the last has gone; without it removal does that. */
static int empty(struct cg *cg, uint64_t deadline, struct vz_err *e)
{
	uint64_t populated;
	int fd, r = -ENOENT;

	if (cg->host->unified >= 0)
		r = cg_fd(cg, cg->host->unified, &fd);
	if (r < 0) /* not made there, or only half: whoever is left is in another hierarchy */
		return cg_kill(cg, e);
	if (cgfs_get_key(fd, "cgroup.events", "populated", &populated) == 0 && populated == 0)
		return 0;
	r = cg_kill(cg, e);
	if (r < 0)
		return r;
	r = cgfs_wait_key(fd, "cgroup.events", "populated", 0, deadline);
	if (r == 0 || r == -ENODEV || r == -ENOENT)
		return 0;
	return err_sys(e, VZ_E_SYS, r, "processes of control group '%s' do not end", cg->path);
}

/* Mostly there is nothing below but our own two, and then they need not be looked for. */
static void remove_leaves(struct cg *cg)
{
	int fd;

	if (cg->host->unified < 0 || cg_fd(cg, cg->host->unified, &fd) < 0)
		return;
	for (size_t i = 0; i < 2; i++)
		(void)unlinkat(fd, cg_leaf_names[i], AT_REMOVEDIR);
}

int cg_drop(struct cg *cg, struct vz_err *e)
{
	uint64_t deadline = clock_ms() + CG_DROP_MS;
	int first;

	cg_forget(cg);
	first = empty(cg, deadline, e);
	remove_leaves(cg);
	cg_forget(cg);
	/* All of them, even when one resists. */
	for (size_t i = 0; i < cg->host->n; i++) {
		int fd, r = cg_hier_fd(cg->host, i, &fd);

		if (r == 0)
			r = cgfs_remove(fd, cg->path, deadline);
		if (r < 0 && first == 0)
			first = err_sys(e, VZ_E_SYS, r, "cannot remove control group '%s' of %s",
					cg->path, cg->host->h[i].label);
	}
	return first;
}
