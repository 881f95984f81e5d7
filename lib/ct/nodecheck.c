// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a node needs: settings from the table, what the kernel can do, disk, programs. */
#include "ct/nodecheck.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "base/path.h"
#include "base/str.h"
#include "cgroup/cg.h"
#include "cpt/cpt.h"
#include "ct/ct.h"
#include "ct/inside/viewd.h"
#include "ct/link/netif.h"
#include "ct/link/wall.h"
#include "ct/suspend.h"
#include "host/node.h"
#include "kern/forward.h"
#include "kern/probe.h"
#include "param/param.h"

#define NEW_KERNEL "a newer kernel, or one that is built with it"
#define DISK_MIN   (2ull << 30)

const struct nodecheck_setting nodecheck_settings[] = {
#define LEAST(grp, nam, least, below, words)                                                       \
	{ .group = #grp, .name = nam, .want = least, .unfit = below, .why = words },
#define EXACT(grp, nam, value, words)                                                              \
	{ .group = #grp, .name = nam, .want = value, .exact = true, .why = words },
#include "nodecheck.def"
#undef LEAST
#undef EXACT
};
const size_t nodecheck_nsettings = ARRAY_LEN(nodecheck_settings);

void nodecheck_path(const struct nodecheck_setting *s, char path[NODECHECK_PATH])
{
	int n = snprintf(path, NODECHECK_PATH, "proc/sys/%s", s->name);

	for (int i = 9; i < n && i < NODECHECK_PATH; i++)
		path[i] = path[i] == '.' ? '/' : path[i];
}

int nodecheck_read(int root, const struct nodecheck_setting *s, uint64_t *ret)
{
	char path[NODECHECK_PATH];
	_buf_ struct buf text = BUF_INIT;
	int r;

	nodecheck_path(s, path);
	r = io_read_at(root, path, 128, &text);
	if (r < 0)
		return r;
	while (text.len && strchr("\n \t", text.data[text.len - 1]))
		text.data[--text.len] = '\0';
	/* None of ours means anything below zero but "no restriction". */
	if (buf_str(&text)[0] == '-')
		*ret = 0;
	else
		r = num_u64(buf_str(&text), ret);
	return r;
}

bool nodecheck_deviates(const struct nodecheck_setting *s, uint64_t value)
{
	return s->exact ? value != s->want : value < s->want;
}

static void put(const struct nodecheck *n, struct vz_check c)
{
	n->row(n->arg, &c);
}

/* ---- the kernel ---- */

/* A right of the caller is no matter of the kernel. */
static const char *how_to_get(const char *feature)
{
	return str_eq(feature, "hard_limits") ? "a root that has CAP_SYS_RESOURCE" : NEW_KERNEL;
}

static void check_features(const struct nodecheck *n)
{
	static const char fallback[] = "/tmp";
	struct stat st;
	struct kprobe p;

	kprobe_run(n->dir && stat(n->dir, &st) == 0 ? n->dir : fallback, &p);
	for (const struct kprobe_row *row = kprobe_next(NULL); row; row = kprobe_next(row)) {
		char name[64];
		bool has = kprobe_has(&p, row);

		(void)snprintf(name, sizeof(name), "kernel.%s", row->name);
		put(n, (struct vz_check){ .name = name, .group = "kernel",
					  .level = has	       ? VZ_CHECK_OK :
						   row->needed ? VZ_CHECK_FAIL :
								 VZ_CHECK_WARN,
					  .found = has ? "there" : "not there", .wanted = "there",
					  .why = row->without, .how = how_to_get(row->name) });
	}
}

static void check_groups(const struct nodecheck *n)
{
	static const struct {
		const char *name, *why;
		enum vz_check_level without;
	} ctls[] = {
		{ "memory", "memory and swap of a VPS are limited by it", VZ_CHECK_FAIL },
		{ "cpu", "processor time is shared out by it", VZ_CHECK_FAIL },
		{ "pids", "a fork bomb is contained by it", VZ_CHECK_FAIL },
		{ "cpuset", "a VPS is bound to processors by it", VZ_CHECK_WARN },
		{ "io", "the disk is shared out by it", VZ_CHECK_WARN },
	};

	for (size_t i = 0; i < ARRAY_LEN(ctls); i++) {
		char name[32];
		bool has = cg_host_offers(n->root, ctls[i].name);

		(void)snprintf(name, sizeof(name), "cgroup.%s", ctls[i].name);
		put(n, (struct vz_check){ .name = name, .group = "cgroup",
					  .level = has ? VZ_CHECK_OK : ctls[i].without,
					  .found = has ? "there" : "not there", .wanted = "there",
					  .why = ctls[i].why,
					  .how = "boot without cgroup_disable=, mount the control groups" });
	}
	put(n, (struct vz_check){ .name = "cgroup.swap", .group = "cgroup",
				  .level = cg_host_counts_swap(n->root) ? VZ_CHECK_OK : VZ_CHECK_WARN,
				  .found = cg_host_counts_swap(n->root) ? "there" : "not there",
				  .wanted = "there", .why = "SWAPPAGES is enforced by it",
				  .how = "boot with swapaccount=1" });
}

static void check_settings(const struct nodecheck *n)
{
	for (size_t i = 0; i < nodecheck_nsettings; i++) {
		const struct nodecheck_setting *s = &nodecheck_settings[i];
		char found[32] = "not there", want[32], line[128];
		uint64_t v = 0;
		int r = nodecheck_read(n->root, s, &v);
		bool bad = r == 0 && nodecheck_deviates(s, v);

		/* Above what a signed number holds is no news for anybody. */
		if (r == 0)
			(void)snprintf(found, sizeof(found), "%llu", (unsigned long long)v);
		else if (r != -ENOENT)
			(void)snprintf(found, sizeof(found), "not readable");
		(void)snprintf(want, sizeof(want), "%s%llu", s->exact ? "" : ">= ",
			       (unsigned long long)s->want);
		(void)snprintf(line, sizeof(line), "%s = %llu", s->name, (unsigned long long)s->want);
		put(n, (struct vz_check){ .name = s->name, .group = s->group,
					  .level = !bad		? VZ_CHECK_OK :
						   v < s->unfit ? VZ_CHECK_FAIL :
								  VZ_CHECK_WARN,
					  .found = found, .wanted = want, .why = s->why,
					  .how = "vzcheck --fix", .sysctl = bad ? line : NULL });
	}
}

void nodecheck_kernel(const struct nodecheck *n)
{
	if (n->live)
		check_features(n);
	check_groups(n);
	check_settings(n);
}

/* ---- the disk ---- */

/* The options of the last mount with this device number, from mountinfo, proc_pid_mountinfo(5):
 * "36 35 98:0 / /mnt rw,noatime shared:1 - ext4 /dev/sda1 rw,prjquota". */
static bool quota_is_on(dev_t dev)
{
	_buf_ struct buf text = BUF_INIT;
	_strv_ struct strv lines = { 0 };
	char want[40];
	bool on = false;

	(void)snprintf(want, sizeof(want), " %u:%u ", major(dev), minor(dev));
	if (io_read_at(AT_FDCWD, "/proc/self/mountinfo", 16 << 20, &text) < 0 ||
	    strv_split(&lines, buf_str(&text), "\n") < 0)
		return false;
	for (size_t i = 0; i < lines.n; i++) {
		const char *super = strstr(lines.v[i], " - ");

		if (super && strstr(lines.v[i], want))
			on = strstr(super, "prjquota") || strstr(super, "pquota") ||
			     str_has_prefix(super, " - btrfs ");
	}
	return on;
}

/* The folder, or the first one above it that is there. */
static int existing(const char *dir, char *out, size_t size)
{
	struct stat st;

	if (strlen(dir) >= size)
		return -ENAMETOOLONG;
	(void)snprintf(out, size, "%s", dir);
	while (stat(out, &st) < 0) {
		char *slash = strrchr(out, '/');

		if (!slash || slash == out)
			return snprintf(out, size, "/") < 0 ? -EIO : 0;
		*slash = '\0';
	}
	return 0;
}

void nodecheck_disk(const struct nodecheck *n)
{
	char dir[512], found[64];
	struct statvfs v;
	struct stat st;
	uint64_t avail;
	bool on;

	if (!n->dir || existing(n->dir, dir, sizeof(dir)) < 0 || statvfs(dir, &v) < 0 ||
	    stat(dir, &st) < 0)
		return;
	avail = (uint64_t)v.f_bavail * v.f_frsize;
	(void)snprintf(found, sizeof(found), "%.1f GiB free", (double)avail / (1 << 30));
	put(n, (struct vz_check){ .name = "disk.space", .group = "disk",
				  .level = avail < DISK_MIN ? VZ_CHECK_WARN : VZ_CHECK_OK,
				  .found = found, .wanted = ">= 2 GiB free",
				  .why = "a full disk stops every VPS on it", .how = "a larger one" });
	(void)snprintf(found, sizeof(found), "%llu free", (unsigned long long)v.f_favail);
	put(n, (struct vz_check){ .name = "disk.inodes", .group = "disk",
				  .level = v.f_files && v.f_favail < 200000 ? VZ_CHECK_WARN : VZ_CHECK_OK,
				  .found = found, .wanted = ">= 200000 free",
				  .why = "each VPS makes some thousand files", .how = "mke2fs -i 8192" });
	on = quota_is_on(st.st_dev);
	put(n, (struct vz_check){ .name = "disk.quota", .group = "disk",
				  .level = on ? VZ_CHECK_OK : VZ_CHECK_WARN,
				  .found = on ? "there" : "not there", .wanted = "there",
				  .why = "DISKSPACE and DISKINODES are enforced by project quotas",
				  .how = "ext4: tune2fs -O project,quota and mount with prjquota; xfs: "
					 "mount with prjquota; or btrfs" });
}

/* ---- what guards running VPSs ---- */

void nodecheck_walls(const struct nodecheck *n)
{
	_buf_ struct buf found = BUF_INIT;
	unsigned torn;

	if (!n->vz || !n->live)
		return;
	(void)buf_puts(&found, "missing at VPS ");
	torn = node_walls_torn(n->vz, &found);
	put(n, (struct vz_check){ .name = "net.wall", .group = "network",
				  .level = torn ? VZ_CHECK_WARN : VZ_CHECK_OK,
				  .found = torn ? buf_str(&found) : "there", .wanted = "there",
				  .why = "without it a VPS can send from addresses of others, and is "
					 "reached past its firewall",
				  .how = "vznetstat puts back what somebody took away" });
}

#define FORWARD_MAX 8

/* Chains of iptables have names in capitals, and nft must not change them: iptables could not read them any more. */
static void mend_forward(const struct kforward *f, struct buf *out)
{
	static const char *const ways[] = { "i", "o" };
	bool ipt = str_eq(f->table, "filter") && str_eq(f->chain, "FORWARD");

	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		if (out->len)
			(void)buf_puts(out, "; ");
		if (ipt)
			(void)buf_printf(out, "%stables%s -I %s -%s venet+ -j ACCEPT", f->family,
					 f->variant, f->docker ? KFORWARD_DOCKER : f->chain,
					 ways[i]);
		else
			(void)buf_printf(out, "nft insert rule %s %s %s %sifname 'venet*' accept", f->family,
					 f->table, f->chain, ways[i]);
	}
}

void nodecheck_forward(const struct nodecheck *n)
{
	struct kforward f[FORWARD_MAX];
	_buf_ struct buf found = BUF_INIT, how = BUF_INIT;
	int got = n->live ? kforward_drops("venet", f, FORWARD_MAX) : 0;

	for (int i = 0; i < got; i++) {
		(void)buf_printf(&found, "%s %s %s %s", i ? "," : "dropped by the policy of", f[i].family,
				 f[i].table, f[i].chain);
		mend_forward(&f[i], &how);
	}
	put(n, (struct vz_check){ .name = "net.forward", .group = "network",
				  .level = got > 0 ? VZ_CHECK_WARN : VZ_CHECK_OK,
				  .found = got > 0 ? buf_str(&found) : "not dropped",
				  .wanted = "what is routed to and from VPSs is not dropped by the node's firewall",
				  .why = "docker and other firewalls set a policy for all that the node forwards",
				  .how = got > 0 ? buf_str(&how) : "a rule that accepts venet+" });
}

/* What VPSs should be connected to and is not there. */
static bool find_lost(struct vz *vz, struct buf *out)
{
	_free_ uint32_t *ids = NULL;
	size_t n = 0;
	bool any = false;

	(void)node_list(vz, &ids, &n, NULL);
	for (size_t i = 0; i < n; i++) {
		struct ct *ct = NULL;
		char dev[16] = "";

		if (ct_open(vz, ids[i], CT_BAD_CONF_OK, &ct, NULL) < 0)
			continue;
		if (ct_is_running(ct))
			ct_netif_lost(ct, dev);
		if (*dev)
			(void)buf_printf(out, "%s'%s' of VPS %u", any ? ", " : "", dev, ids[i]);
		any |= *dev != '\0';
		ct_close(ct);
	}
	return any;
}

void nodecheck_links(const struct nodecheck *n)
{
	_buf_ struct buf found = BUF_INIT;
	bool lost;

	if (!n->vz || !n->live)
		return;
	(void)buf_puts(&found, "not there: ");
	lost = find_lost(n->vz, &found);
	put(n, (struct vz_check){ .name = "net.links", .group = "network",
				  .level = lost ? VZ_CHECK_WARN : VZ_CHECK_OK,
				  .found = lost ? buf_str(&found) : "there",
				  .wanted = "the bridges and cards of NETIF",
				  .why = "a VPS is not connected there; it is again when the device is and "
					 "vzifup-post or vznetstat has run",
				  .how = "make it, then vzifup-post DEV" });
}

void nodecheck_tracking(const struct nodecheck *n)
{
	static const char count[] = "proc/sys/net/netfilter/nf_conntrack_count";
	_buf_ struct buf text = BUF_INIT;
	bool all;

	if (!n->vz || io_read_at(n->root, count, 64, &text) < 0)
		return;
	all = !str_eq(buf_str(&text), "0\n") && n->vz->cfg->ve_conntrack == TRACKING_YES;
	put(n, (struct vz_check){ .name = "net.conntrack", .group = "network",
				  .level = all ? VZ_CHECK_WARN : VZ_CHECK_OK,
				  .found = all ? "connections of VPSs are tracked" : "fine",
				  .wanted = "connections of VPSs are not tracked by the node",
				  .why = "one VPS can fill the table of connections for all and for the node",
				  .how = "VE_CONNTRACK=no, or private, in vz.conf(5); then vznetstat" });
}

/* ---- programs ---- */

static void look_at_view(const struct nodecheck *n)
{
	const char *program = view_program();
	bool wanted = n->vz->cfg->ve_procfs;

	put(n, (struct vz_check){ .name = "lxcfs", .group = "programs",
				  .level = wanted && !program ? VZ_CHECK_WARN : VZ_CHECK_OK,
				  .found = program ? program : "not installed",
				  .wanted = wanted ? "installed, as VE_PROCFS is yes" : "nothing, as VE_PROCFS is no",
				  .why = "without it VPSs see memory, processors and load of the node",
				  .how = "apt-get install lxcfs" });
}

void nodecheck_tools(const struct nodecheck *n)
{
	struct vz_err e = { 0 };
	_free_ char *criu = NULL;
	int r;

	if (!n->vz || !n->live || n->quick)
		return;
	r = ct_find_criu(n->vz, &criu, &e);
	put(n, (struct vz_check){ .name = "criu", .group = "programs",
				  .level = r < 0 ? VZ_CHECK_WARN : VZ_CHECK_OK,
				  .found = r < 0 ? e.text : criu, .wanted = "one that fits the kernel",
				  .why = "without it VPSs cannot be suspended, only stopped",
				  .how = "apt-get install criu, or vz-criu-fetch for a newer one" });
	look_at_view(n);
}
