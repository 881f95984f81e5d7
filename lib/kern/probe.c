/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What this kernel offers, found by trying. */
#include "kern/probe.h"

#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/if_link.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <linux/rtnetlink.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "base/str.h"
#include "kern/bpf.h"
#include "kern/caps.h"
#include "kern/cgfs.h"
#include "kern/idmap.h"
#include "kern/mount.h"
#include "kern/pidfd.h"
#include "kern/sys.h"

enum { PROBE_BASE = 0x70000000, STACK = 16384, ANSWER_MS = 2000 };

static const struct kprobe_row rows[] = {
#define KPROBE_ROW(id, need, words)                                                                \
	{ .name = #id, .without = words, .needed = need, .offset = offsetof(struct kprobe, id) },
	KPROBES(KPROBE_ROW)
#undef KPROBE_ROW
};

const struct kprobe_row *kprobe_next(const struct kprobe_row *prev)
{
	const struct kprobe_row *next = prev ? prev + 1 : rows;

	return next < rows + ARRAY_LEN(rows) ? next : NULL;
}

/* Refused for its bad descriptor where the kernel knows the flag, for its size or flag where not;
 * in neither case is there a child. */
static bool try_clone_into_cgroup(void)
{
	struct clone_args a = { .flags = CLONE_INTO_CGROUP, .cgroup = INT32_MAX };

	return ksys_clone3(&a) == -EBADF;
}

static void try_group(struct kprobe *p)
{
	_fd_ int root = -1, fd = -1;
	char name[32];

	snprintf(name, sizeof(name), "vz-probe.%d", getpid());
	if (cgfs_tree(&root) < 0 || cgfs_make(root, name, &fd) < 0)
		return;
	p->group_kill = path_exists_at(fd, "cgroup.kill");
	p->group_freeze = path_exists_at(fd, "cgroup.freeze");
	(void)cgfs_remove(root, name, 1);
}

static bool try_pidfd(void)
{
	_fd_ int fd = ksys_pidfd_open(getpid());

	return fd >= 0 && ksys_pidfd_signal(fd, 0) == 0;
}

static bool try_openat2(void)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	_fd_ int fd = ksys(syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof(how)));

	return fd >= 0;
}

static bool try_mount_fd(void)
{
	_fd_ int fd = ksys_fsopen("tmpfs");
	_fd_ int tree = ksys_open_tree(AT_FDCWD, "/", OPEN_TREE_CLOEXEC);

	return fd >= 0 && tree >= 0;
}

static bool has_fs(const char *type)
{
	_fd_ int fd = ksys_fsopen(type);

	return fd >= 0;
}

static bool has_ns(const char *kind)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/ns/%s", kind);
	return path_exists_at(AT_FDCWD, path);
}

static bool has_device(const char *path)
{
	_fd_ int fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	return fd >= 0;
}

/* idmapped mounts, and overlay on them, where private areas will be. */
static void try_mounts(const char *dir, int userns, struct kprobe *p)
{
	static const char *const parts[] = { "lower", "area", "area/upper", "area/work" };
	_fd_ int plain = -1, over = -1, top = -1;
	char work[256], lower[300], area[300];

	snprintf(work, sizeof(work), "%s/.vz-probe.XXXXXX", dir);
	if (!mkdtemp(work))
		return;
	p->idmap = kmnt_idmapped(work, userns, &plain) == 0;
	top = open(work, O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		(void)mkdirat(top, parts[i], 0755);
	snprintf(lower, sizeof(lower), "%s/lower", work);
	snprintf(area, sizeof(area), "%s/area", work);
	p->overlay_idmap = kmnt_overlay(&(struct kmnt_overlay){
						.lower = (const char *const[]){ lower },
						.nlower = 1,
						.area = area,
						.userns_fd = userns,
						.base = PROBE_BASE },
					&over, NULL) == 0;
	cleanup_fd(&over);
	cleanup_fd(&plain);
	(void)path_remove_tree_at(AT_FDCWD, work);
}

static bool try_seccomp(void)
{
	uint32_t action = SECCOMP_RET_ERRNO;

	return ksys(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action)) == 0;
}

static bool try_bpf(int (*load)(const struct bpf_insn *, size_t, const char *, int *))
{
	static const struct bpf_insn allow[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	_fd_ int fd = -1;

	return load(allow, ARRAY_LEN(allow), "vz_probe", &fd) == 0;
}

/* One netlink request and the head of its answer: 0, or the kernel's -errno. */
static int ask(int proto, const void *msg, size_t len)
{
	struct timeval limit = { .tv_sec = ANSWER_MS / 1000 };
	_fd_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, proto);
	union {
		struct nlmsghdr h;
		char room[1024];
	} in;
	ssize_t n;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0 ||
	    send(fd, msg, len, 0) < 0)
		return -errno;
	n = recv(fd, &in, sizeof(in), 0);
	if (n < (ssize_t)sizeof(in.h))
		return n < 0 ? -errno : -EPROTO;
	return in.h.nlmsg_type == NLMSG_ERROR ? ((struct nlmsgerr *)NLMSG_DATA(&in.h))->error : 0;
}

static bool try_nftables(void)
{
	struct {
		struct nlmsghdr h;
		struct nfgenmsg g;
	} m = { .h = { .nlmsg_len = sizeof(m), .nlmsg_flags = NLM_F_REQUEST,
		       .nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN } };

	return ask(NETLINK_NETFILTER, &m, sizeof(m)) == 0;
}

/* Runs in a network namespace of its own, which takes the pair along when it ends. */
static int make_veth(void *arg)
{
	struct {
		struct nlmsghdr h;
		struct ifinfomsg i;
		struct nlattr info, kind;
		char name[8];
	} m = { .h = { .nlmsg_len = sizeof(m), .nlmsg_type = RTM_NEWLINK,
		       .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL },
		.info = { .nla_len = 2 * sizeof(struct nlattr) + 8, .nla_type = IFLA_LINKINFO },
		.kind = { .nla_len = sizeof(struct nlattr) + 5, .nla_type = IFLA_INFO_KIND },
		.name = "veth" };

	*(int *)arg = ask(NETLINK_ROUTE, &m, sizeof(m));
	return 0;
}

static bool try_veth(void)
{
	char stack[STACK] __attribute__((aligned(16)));
	int answer = -EPERM;
	/* Shares our memory and stops us until it ends; no signal tells of it. */
	pid_t pid = clone(make_veth, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | CLONE_NEWNET,
			  &answer);

	if (pid < 0)
		return false;
	while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		;
	return answer == 0;
}

void kprobe_run(const char *dir, struct kprobe *ret)
{
	struct kprobe p = { 0 };
	_fd_ int userns = -1;

	p.clone_into_cgroup = try_clone_into_cgroup();
	try_group(&p);
	p.pidfd = try_pidfd();
	p.openat2 = try_openat2();
	p.close_range = ksys_close_range(~0u, ~0u) == 0;
	p.mount_fd = try_mount_fd();
	p.user_ns = kidmap_userns(PROBE_BASE, &userns) == 0;
	p.pid_ns = has_ns("pid");
	p.net_ns = has_ns("net");
	p.ipc_ns = has_ns("ipc");
	p.uts_ns = has_ns("uts");
	p.cgroup_ns = has_ns("cgroup");
	p.time_ns = has_ns("time");
	p.overlay = has_fs("overlay");
	if (userns >= 0)
		try_mounts(dir, userns, &p);
	p.seccomp = try_seccomp();
	p.bpf_device = try_bpf(kbpf_device_load);
	p.bpf_filter = try_bpf(kbpf_filter_load);
	p.nftables = try_nftables();
	p.veth = try_veth();
	p.fuse = has_device("/dev/fuse");
	p.loop = has_device("/dev/loop-control");
	p.hard_limits = kcap_have(CAP_SYS_RESOURCE);
	*ret = p;
}
