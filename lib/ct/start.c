// SPDX-License-Identifier: LGPL-2.1-or-later
/* Start a VPS: what each stage does on the way up, and on the way down. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "cgroup/cg.h"
#include "ct/ct.h"
#include "ct/inside/guestnet.h"
#include "ct/init.h"
#include "ct/inside/action.h"
#include "ct/inside/bind.h"
#include "ct/inside/dist.h"
#include "ct/inside/exec.h"
#include "ct/inside/guestfiles.h"
#include "ct/inside/view.h"
#include "ct/limit/acct.h"
#include "ct/limit/apply.h"
#include "ct/limit/apply_dev.h"
#include "ct/limit/oom.h"
#include "ct/limit/respool.h"
#include "ct/link/netif.h"
#include "ct/link/netscript.h"
#include "ct/link/rate.h"
#include "ct/link/traffic.h"
#include "ct/link/wall.h"
#include "ct/monitor.h"
#include "ct/stage.h"
#include "ct/start_plan.h"
#include "ct/suspend.h"
#include "fs/devnode.h"
#include "fs/fs.h"
#include "kern/idmap.h"
#include "kern/pidfd.h"
#include "kern/sys.h"
#include "net/net.h"
#include "param/param.h"
#include "plan/plan.h"
#include "sec/sec.h"

#define KILL_WAIT_MS  10000
#define CHILD_WAIT_MS 30000
#define MAX_CG_FDS    24

/* root: the private area on VE_ROOT, in the node's mount namespace, where host tools see it. */
static int root_up(struct ct *ct, struct vz_err *e)
{
	struct fs_where w = { .private = ct->private, .template_dir = ct->vz->template,
			      .root = ct->root, .tree = ct_is_tree(ct) };
	int r;

	if (ct->keep_root && ct_is_mounted(ct))
		return 0;
	r = ct_action(ct, ACTION_PREMOUNT, e);
	if (r == 0)
		r = fs_root_mount(&w, ct->base, e);
	return r < 0 ? r : ct_action(ct, ACTION_MOUNT, e);
}

/* A script that fails keeps the root mounted, but not when a failure or a crash is being cleared up. */
static int down_action(struct ct *ct, enum ct_action_id id, struct vz_err *e)
{
	if (!str_eq(ct->st.op, "undo"))
		return ct_action(ct, id, e);
	ct_action_anyway(ct, id);
	return 0;
}

static int root_down(struct ct *ct, struct vz_err *e)
{
	int r = 0;

	if (!ct->root)
		return 0;
	if (ct_is_mounted(ct)) {
		r = down_action(ct, ACTION_UMOUNT, e);
		if (r == 0)
			r = fs_root_umount(ct->root, ct_base_hint(ct), e);
	}
	return r < 0 ? r : down_action(ct, ACTION_POSTUMOUNT, e);
}

static bool root_is_up(struct ct *ct)
{
	return ct_is_mounted(ct);
}

static int cgroup_down(struct ct *ct, struct vz_err *e)
{
	int r = ct_cgroup(ct, e);

	if (r < 0)
		return r;
	ct_oom_note(ct);
	ct_acct_note(ct);
	ct_crash_point(ct->st.op, "cgroup", "noted");
	return cg_drop(ct->cg, e);
}

/* cgroup: the group with every limit set before anything runs in it. */
static int cgroup_up(struct ct *ct, struct vz_err *e)
{
	int r = ct_cgroup(ct, e);

	/* One that is there belongs to nobody: its state was lost. */
	if (r == 0 && cg_exists(ct->cg))
		r = cgroup_down(ct, e);
	if (r == 0)
		r = cg_make(ct->cg, ct->base, ct->base, e);
	return r < 0 ? r : ct_apply_limits(ct, e);
}

static bool cgroup_is_up(struct ct *ct)
{
	return ct_cgroup(ct, NULL) == 0 && cg_exists(ct->cg);
}

/* The words for a failure that the child reported: it has no words itself. */
static int child_failed(const struct ct *ct, const struct plan *p, const struct sync_msg *m,
			struct vz_err *e)
{
	_buf_ struct buf b = BUF_INIT;
	int code = VZ_E_ENV;

	plan_step_text(p, (size_t)m->a, &b);
	if (b.len > 200)
		b.data[200] = '\0';
	if (str_has_prefix(buf_str(&b), "EXEC"))
		code = VZ_E_BAD_TEMPLATE;
	return err_sys(e, code, -m->b, "VPS '%s', step %d of %zu, %s", ct->idstr, m->a,
		       plan_count(p), buf_str(&b));
}

/* Wait for one message of the child; want 0 waits for the end of the conversation, which is exec. */
static int await_child(const struct ct *ct, uint32_t want, struct sync_msg *m, int *ret_fd,
		       struct vz_err *e)
{
	int r = sync_recv(ct->up->sock, CHILD_WAIT_MS, m, ret_fd);

	if (r == 0 && m->kind == SYNC_FAIL)
		return child_failed(ct, ct->up->plan, m, e);
	if (r == -EPIPE && want == 0)
		return 0;
	if (r == 0 && m->kind == want)
		return 0;
	if (r == -ETIMEDOUT)
		return err_set(e, VZ_E_ENV, r, "VPS '%s' did not finish its root in time", ct->idstr);
	return err_set(e, VZ_E_ENV, r < 0 ? r : -EPROTO, "the first process of VPS '%s' ended early",
		       ct->idstr);
}

/* The monitor's first word is init. Where it dies without one, a child of its may keep the conversation open. */
static int await_monitor(const struct ct *ct, struct vz_err *e)
{
	_fd_ int fd = ksys_pidfd_open(ct->st.monitor.pid); /* our child, not reaped: the number is its */
	struct pollfd p[2] = { { .fd = ct->up->sock, .events = POLLIN }, { .fd = fd, .events = POLLIN } };
	int r;

	do {
		r = poll(p, 2, CHILD_WAIT_MS);
	} while (r < 0 && errno == EINTR);
	if (r > 0 && !p[0].revents)
		return err_set(e, VZ_E_ENV, -ECHILD, "the monitor of VPS '%s' ended early", ct->idstr);
	return 0;
}

/* As /proc/sys/kernel/random/boot_id writes it. */
static int new_boot_id(char out[40])
{
	uint8_t b[16];

	if (getrandom(b, sizeof(b), 0) != sizeof(b))
		return -EIO;
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	snprintf(out, 40, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x\n",
		 b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
		 b[14], b[15]);
	return 0;
}

static int make_plan(struct ct *ct, struct monitor_want *mw, const struct fs_nodes *nodes,
		     const int *cg, size_t ncg, struct vz_err *e)
{
	_buf_ struct buf filter = BUF_INIT;
	_guestfiles_ struct guestfiles gf = { 0 };
	_guestnet_ struct guestnet net = { 0 };
	enum init_kind kind = ct_init_kind(ct);
	struct start_want w = { .root = ct->root, .cfg = ct->cfg, .nodes = nodes, .cg_fds = cg,
				.ncg_fds = ncg, .sock = mw->child_sock, .console = mw->child_console,
				.filter = &filter, .line = ct->up->line,
				.systemd = kind == INIT_SYSTEMD,
				.sysv = kind == INIT_SYSV && !ct->up->line };
	char boot_id[40];
	int r = sec_caps(ct->cfg, &w.caps, e);

	if (new_boot_id(boot_id) == 0)
		w.boot_id = boot_id;
	if (r == 0)
		r = ct_filter(ct, &filter, e);
	if (r == 0)
		r = guestfiles_make(ct, &gf, e);
	if (r < 0)
		return r;
	if (!ct->up->line && guestnet_make(ct, ct->cfg, &net) < 0)
		return err_nomem(e);
	w.net = ct->up->line ? NULL : &net;
	w.files = &gf;
	ct_start_plan(ct->up->plan, &w);
	return plan_end(ct->up->plan, &mw->plan, e);
}

static int note_init(struct ct *ct, pid_t pid, struct vz_err *e)
{
	int r;

	ct->st.init.pid = pid;
	r = kpid_start_time(pid, &ct->st.init.start);
	if (r < 0)
		return err_sys(e, VZ_E_ENV, r, "the first process of VPS '%s' has gone", ct->idstr);
	ct->st.started = time(NULL);
	return ct_note(ct, ct->st.op, ct->st.stage, e);
}

static int take_init(struct ct *ct, struct vz_err *e)
{
	struct sync_msg m;
	char path[40];
	int r = await_monitor(ct, e);

	if (r == 0)
		r = await_child(ct, SYNC_CHILD, &m, &ct->up->pidfd, e);
	if (r < 0)
		return r;
	r = note_init(ct, m.a, e);
	if (r == 0)
		r = ct_apply_init(ct, e);
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "/proc/%d/ns/net", m.a);
	ct->up->netns = open(path, O_RDONLY | O_CLOEXEC);
	if (ct->up->netns < 0)
		return err_sys(e, VZ_E_ENV, -errno, "cannot open '%s'", path);
	r = kidmap_write(m.a, ct->base);
	if (r < 0)
		return err_sys(e, VZ_E_ENV, r, "cannot map ids of VPS '%s' from %u", ct->idstr, ct->base);
	r = sync_send(ct->up->sock, SYNC_IDMAP, 0, 0, -1);
	return r < 0 ? err_sys(e, VZ_E_ENV, r, "cannot release the first process of VPS '%s'",
			       ct->idstr) :
		       0;
}

/* init: monitor and child exist; the child makes its root while we go on to the network. */
static int init_up(struct ct *ct, struct vz_err *e)
{
	_monitor_ struct monitor_want mw = MONITOR_WANT_INIT;
	_free_ struct fs_devnodes *devs = malloc(sizeof(*devs));
	struct fs_nodes nodes = { 0 };
	int cg[MAX_CG_FDS];
	size_t ncg = 0;
	int r = devs ? monitor_prepare(ct, &mw, e) : err_nomem(e);

	if (r == 0)
		r = dev_nodes(ct->cfg, devs, e);
	if (r == 0)
		r = fs_nodes_open(devs, ct->base, true, &nodes, e);
	if (r == 0)
		ct_view_open(ct, &nodes.view);
	if (r == 0)
		r = bind_open(ct, &nodes.binds, e);
	if (r == 0) {
		r = cg_self_fds(ct->cg, cg, MAX_CG_FDS, &ncg);
		if (r < 0)
			err_sys(e, VZ_E_SYS, r, "cannot open the control groups of VPS '%s'", ct->idstr);
	}
	if (r == 0)
		r = make_plan(ct, &mw, &nodes, cg, ncg, e);
	if (r == 0) {
		ct->up->sock = TAKE_FD(mw.our_sock);
		mw.cgroup = cg_clone_fd(ct->cg, false);
		r = monitor_spawn(ct, &mw, cg, ncg, &nodes, e);
	}
	fs_nodes_close(&nodes);
	while (ncg)
		close(cg[--ncg]);
	monitor_close_child_ends(&mw);
	return r < 0 ? r : take_init(ct, e);
}

/* After it nothing of the VPS runs, whatever state it was in. */
static int init_down(struct ct *ct, struct vz_err *e)
{
	_fd_ int fd = -1;
	int r = monitor_quiet(ct, true);

	if (ct_cgroup(ct, NULL) == 0 && cg_exists(ct->cg))
		cg_kill(ct->cg, NULL);
	if (ct->st.init.pid && kpid_open(ct->st.init.pid, ct->st.init.start, &fd) == 0) {
		kpid_signal(fd, SIGKILL);
		r = kpid_wait(fd, KILL_WAIT_MS);
		if (r < 0)
			return err_sys(e, VZ_E_STOP, r, "VPS '%s': process %d does not end", ct->idstr,
				       ct->st.init.pid);
	}
	r = monitor_end(ct, KILL_WAIT_MS);
	if (r < 0)
		return err_sys(e, VZ_E_STOP, r, "VPS '%s': monitor %d does not end", ct->idstr,
			       ct->st.monitor.pid);
	bind_forget(ct);
	ct->st.init = ct->st.monitor = (struct ct_proc){ 0 };
	return 0;
}

static bool init_is_up(struct ct *ct)
{
	return ct_is_running(ct);
}

int ct_net_want(struct ct *ct, struct net_venet *v, struct strv *devs, char *name, size_t size,
		struct vz_err *e)
{
	const struct vz_cfg *c = ct->vz->cfg;

	snprintf(name, size, "venet%u", ct->id);
	*v = (struct net_venet){ .host_if = name, .netns_fd = ct->up ? ct->up->netns : -1,
				 .owner = ct->vz->slice, .addrs = &ct->cfg->ip_address,
				 .neigh_devs = devs,
				 .src_dev = c->ve_route_src_dev, .force_route = c->force_route,
				 .skip_detect = c->skip_arpdetect, .detect_fatal = c->error_on_arpfail };
	return net_neigh_devs(c->neighbour_devs, devs, e);
}

int ct_uplink_up(struct ct *ct, const char *dev, struct vz_err *e)
{
	_strv_ struct strv devs = { 0 };
	struct net_venet v;
	char name[16];
	int r = ct_net_want(ct, &v, &devs, name, sizeof(name), e);

	if (r == 0)
		r = net_venet_again(&v, dev, e);
	return r < 0 ? r : ct_netif_reconnect(ct, e);
}

/* net: the link, its addresses, routes and guard. */
static int net_up(struct ct *ct, struct vz_err *e)
{
	_strv_ struct strv devs = { 0 };
	_buf_ struct buf warn = BUF_INIT;
	struct net_venet v;
	char name[16];
	int r;

	ct_tracking_up(ct);
	r = ct_net_want(ct, &v, &devs, name, sizeof(name), e);
	v.warn = &warn;
	if (r == 0)
		r = net_venet_up(&v, e);
	if (r == 0)
		net_warn(&v, &warn);
	if (r == 0)
		r = ct_netif_up(ct, e);
	if (r == 0)
		r = ct_wall_up(ct, e);
	if (r == 0)
		ct_traffic_up(ct);
	if (r == 0)
		r = ct_rate_up(ct, e);
	if (r == 0)
		r = ct_net_hook_up(ct, "starting", e);
	for (char *save = NULL, *l = warn.len ? strtok_r(warn.data, "\n", &save) : NULL; l;
	     l = strtok_r(NULL, "\n", &save))
		log_msg(&ct->vz->log, -1, "VPS %s: %s", ct->idstr, l);
	return r;
}

static int net_down(struct ct *ct, struct vz_err *e)
{
	char name[16];
	int r = ct_net_hook_down(ct, e), s;

	s = ct_netif_down(ct, e);
	r = r < 0 ? r : s;
	snprintf(name, sizeof(name), "venet%u", ct->id);
	s = net_venet_down(name, ct->vz->slice, &ct->cfg->ip_address, e);
	r = r < 0 ? r : s;
	ct_traffic_down(ct);
	s = ct_rate_down(ct, e);
	return r < 0 ? r : s;
}

static bool net_is_up(struct ct *ct)
{
	char name[16];

	snprintf(name, sizeof(name), "venet%u", ct->id);
	return net_venet_is_up(name, ct->vz->slice) && ct_netif_is_up(ct);
}

/* guest: the root is ready, init begins. */
static int guest_up(struct ct *ct, struct vz_err *e)
{
	struct sync_msg m;
	int r = await_child(ct, SYNC_ROOT_DONE, &m, NULL, e);

	if (r == 0 && ct->up->dist)
		dist_start(ct, ct->up->dist);
	/* Everything is set up; a line that runs in init's place is no start of the VPS. */
	if (r == 0 && !ct->up->line)
		r = ct_action(ct, ACTION_START, e);
	if (r < 0)
		return r;
	/* Memory of before this start does not fit the disk any more. */
	if (ct->up_dump)
		ct_drop_dump(ct);
	ct_crash_point("start", "go", "before");
	r = sync_send(ct->up->sock, SYNC_GO, 0, 0, -1);
	return r < 0 ? err_sys(e, VZ_E_ENV, r, "cannot release init of VPS '%s'", ct->idstr) :
		       await_child(ct, 0, &m, NULL, e);
}

/* Asking init to shut down is ct_stop()'s; what is left here is nothing: init_down ends it. */
static int guest_down(struct ct *ct, struct vz_err *e)
{
	(void)ct, (void)e;
	return 0;
}

/* A child that has not been released has our monitor's name and ends by itself at once, since nobody is
 * left at the other end of its socket. */
static bool guest_is_up(struct ct *ct)
{
	_buf_ struct buf comm = BUF_INIT;
	_fd_ int fd = -1;
	char path[32], early[24];

	if (!ct->st.init.pid || kpid_open(ct->st.init.pid, ct->st.init.start, &fd) < 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/comm", ct->st.init.pid);
	snprintf(early, sizeof(early), "vz-%s\n", ct->idstr);
	if (io_read_at(AT_FDCWD, path, 64, &comm) < 0)
		return false;
	return !str_eq(buf_str(&comm), early) || kpid_wait(fd, 1000) == -ETIMEDOUT;
}

const struct stage ct_stages[NSTAGES] = {
	[STAGE_ROOT] = { "root", root_up, root_down, root_is_up },
	[STAGE_CGROUP] = { "cgroup", cgroup_up, cgroup_down, cgroup_is_up },
	[STAGE_INIT] = { "init", init_up, init_down, init_is_up },
	[STAGE_NET] = { "net", net_up, net_down, net_is_up },
	[STAGE_GUEST] = { "guest", guest_up, guest_down, guest_is_up },
};

int ct_check_startable(struct ct *ct, struct vz_err *e)
{
	if (!ct->private)
		return err_set(e, VZ_E_NO_PRIVATE, -EINVAL, "VE_PRIVATE of VPS '%s' is not set",
			       ct->idstr);
	if (!ct->root)
		return err_set(e, VZ_E_NO_ROOT, -EINVAL, "VE_ROOT of VPS '%s' is not set", ct->idstr);
	if (!ct_has_private(ct))
		return err_set(e, VZ_E_PRIVATE_MISSING, -ENOENT,
			       "private area '%s' of VPS '%s' is not there", ct->private, ct->idstr);
	return ct_check_owner(ct, e);
}

int ct_mount(struct ct *ct, struct vz_err *e)
{
	int r = ct_check_startable(ct, e);

	if (r == 0)
		r = ct_range_take(ct, false, e);
	return r < 0 ? r : ct_stages_up(ct, ct_stages, "mount", STAGE_ROOT, e);
}

int ct_umount(struct ct *ct, struct vz_err *e)
{
	int r = ct_stages_down(ct, "umount", STAGE_ROOT, STAGE_ROOT, e);

	return r < 0 ? r : ct_settle(ct, e);
}

int ct_start(struct ct *ct, struct vz_err *e)
{
	return ct_start_line(ct, NULL, e);
}

int ct_start_line(struct ct *ct, const char *line, struct vz_err *e)
{
	struct ct_up up = { .sock = -1, .link = -1, .pidfd = -1, .netns = -1, .line = line };
	_dist_ struct dist dist = { 0 };
	const char *layout;
	int r = ct_check_startable(ct, e);

	if (r == 0)
		r = ct_check_limits(ct, e);
	/* A line that runs in init's place needs nothing set up inside. */
	if (r == 0 && !line)
		r = dist_open(ct, &dist, e);
	up.dist = dist.any ? &dist : NULL;
	if (r == 0)
		r = ct_range_take(ct, false, e);
	if (r == 0 && ct_is_mounted(ct) && !ct->keep_root)
		r = ct_umount(ct, e);
	up.plan = plan_new();
	if (r == 0 && !up.plan)
		r = err_nomem(e);
	ct->up = &up;
	/* Before the VPS can write in a tree; noted when it has come up, as a start that fails changes nothing. */
	layout = r == 0 ? ct_look_layout(ct) : NULL;
	if (r == 0)
		r = ct_pool_enter(ct, "start", e);
	if (r == 0)
		r = ct_stages_up(ct, ct_stages, "start", STAGE_GUEST, e);
	/* Its monitor would clear up, had it known a state to clear up. */
	if (r == 0 && !ct_is_running(ct)) {
		r = err_set(e, VZ_E_ENV, -ESRCH, "init of VPS '%s' ended at once", ct->idstr);
		if (ct_stages_down(ct, "undo", STAGE_GUEST, STAGE_ROOT, e) == 0)
			ct_settle(ct, e);
	}
	if (r == 0)
		ct_note_layout(ct, layout);
	ct->up = NULL;
	plan_free(up.plan);
	cleanup_fd(&up.sock);
	cleanup_fd(&up.link);
	cleanup_fd(&up.pidfd);
	cleanup_fd(&up.netns);
	return r;
}
