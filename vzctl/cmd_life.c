// SPDX-License-Identifier: GPL-2.0-or-later
/* create, start, stop, restart, mount, umount, destroy, status. */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <vz/node.h>

#include "cmd.h"

static volatile sig_atomic_t cancelled;

static void on_cancel(int sig)
{
	(void)sig;
	cancelled = 1;
}

/* One line that is written over and over, for people only. */
static int on_progress(void *arg, uint64_t done, uint64_t total)
{
	const struct out *o = arg;

	if (!o->quiet && total && isatty(STDOUT_FILENO)) {
		printf("\runpacking: %3d %%", (int)(done * 100 / total));
		fflush(stdout);
	}
	return cancelled;
}

int cmd_create(struct cli *c, struct vz_err *e)
{
	struct vz_create_opts o = { .size = sizeof(o), .cfg = c->cfg, .flags = c->flags,
				    .progress = on_progress, .progress_arg = &c->out };
	struct sigaction sa = { .sa_handler = on_cancel };
	int r = cmd_left_over(c);

	if (r == 0 && opt_has(&c->opt, O_ENCRYPT))
		return cmd_refuse(c, VZ_E_LAYOUT_UNSUPPORTED, "private areas are not encrypted here");
	if (r)
		return r;
	/* What is half made is removed before we go. */
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	r = vz_ct_create(c->vz, c->id, &o, e);
	if (isatty(STDOUT_FILENO) && !c->out.quiet)
		fputs("\r\033[K", stdout);
	return cmd_done(c, r, "was created", NULL);
}

static unsigned start_flags(struct cli *c)
{
	return c->flags | (opt_has(&c->opt, O_WAIT) ? VZ_START_WAIT : 0) |
	       (opt_has(&c->opt, O_FORCE) ? VZ_START_FORCE : 0) |
	       (opt_has(&c->opt, O_SKIP_REMOUNT) ? VZ_START_SKIP_REMOUNT : 0);
}

static unsigned stop_flags(struct cli *c)
{
	return c->flags | (opt_has(&c->opt, O_FAST) ? VZ_STOP_FAST : 0) |
	       (opt_has(&c->opt, O_SKIP_UMOUNT) ? VZ_STOP_SKIP_UMOUNT : 0);
}

/* What was asked for and cannot be had: better not at all than something else. */
static int start_words(struct cli *c)
{
	if (opt_has(&c->opt, O_CLOUD_INIT))
		return cmd_refuse(c, VZ_E_PARAM, "--cloud-init is not possible here: a VPS has no disks");
	if (opt_has(&c->opt, O_REPAIR))
		return cmd_refuse(c, VZ_E_PARAM, "--repair is not possible here: use mount, and runscript");
	if (opt_has(&c->opt, O_OSRELEASE))
		out_msg(&c->out, 1, "--osrelease is not used: the kernel's own version is shown");
	return cmd_left_over(c);
}

int cmd_start(struct cli *c, struct vz_err *e)
{
	int r = start_words(c);

	return r ? r : cmd_done(c, vz_ct_start(c->ct, start_flags(c), e), "was started", NULL);
}

int cmd_stop(struct cli *c, struct vz_err *e)
{
	int r = cmd_left_over(c);

	return r ? r :
		   cmd_done(c, vz_ct_stop(c->ct, stop_flags(c), e), "was stopped", "is not running");
}

int cmd_restart(struct cli *c, struct vz_err *e)
{
	int r = start_words(c);

	if (r)
		return r;
	r = vz_ct_stop(c->ct, stop_flags(c) & ~VZ_STOP_SKIP_UMOUNT, e);
	if (r == 0)
		out_msg(&c->out, 0, "VPS %u was stopped", c->id);
	return r < 0 ? r : cmd_start(c, e);
}

int cmd_mount(struct cli *c, struct vz_err *e)
{
	int r = cmd_left_over(c);

	return r ? r : cmd_done(c, vz_ct_mount(c->ct, c->flags, e), "was mounted", "is mounted already");
}

int cmd_umount(struct cli *c, struct vz_err *e)
{
	int r = cmd_left_over(c);

	return r ? r : cmd_done(c, vz_ct_umount(c->ct, c->flags, e), "was unmounted", NULL);
}

int cmd_destroy(struct cli *c, struct vz_err *e)
{
	unsigned flags = c->flags | (opt_has(&c->opt, O_SAFE) ? VZ_DESTROY_SAFE : 0);
	int r = cmd_left_over(c);

	return r ? r : cmd_done(c, vz_ct_destroy(c->ct, flags, e), "was destroyed", NULL);
}

/* Five words that scripts have parsed for fifteen years; "CTID" is the first of them. */
int cmd_status(struct cli *c, struct vz_err *e)
{
	unsigned s = vz_ct_status(c->ct);

	(void)e;
	printf("CTID %u %s %s %s%s\n", c->id, s & VZ_ST_EXISTS ? "exist" : "deleted",
	       s & VZ_ST_MOUNTED ? "mounted" : "unmounted", s & VZ_ST_RUNNING ? "running" : "down",
	       s & VZ_ST_SUSPENDED ? " suspended" : "");
	return 0;
}

int cmd_ended(struct cli *c, struct vz_err *e)
{
	if (c->opt.nwords != 1)
		return vz_code_exit(VZ_E_SYNTAX);
	if (strcmp(c->opt.words[0], "oom") == 0) {
		vz_ct_tell_oom(c->ct);
		return 0;
	}
	return vz_ct_ended(c->ct, c->opt.words[0], e);
}

int cmd_view(struct cli *c, struct vz_err *e)
{
	if (c->opt.nwords != 1 || strcmp(c->opt.words[0], "keep"))
		return vz_code_exit(VZ_E_SYNTAX);
	return vz_node_view(c->vz, e);
}
