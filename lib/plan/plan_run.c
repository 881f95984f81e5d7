// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The interpreter: runs a compiled plan between clone and exec. System calls only: no allocation,
 * no stdio, no locale, no library. Ids are set with raw calls, since glibc's wrappers signal every
 * thread they believe in. Each step returns 0 or -errno; the first that fails is told to the parent
 * as { step, errno }, and the parent, which has the words, makes the message.
 */
#include "plan/run.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#define MAX_WORDS 1024

/* linux/mount.h and sys/mount.h contradict each other in glibc 2.36. */
#define TREE_CLONE     1u
#define TREE_RECURSIVE 0x8000u
#define MOVE_F_EMPTY   4u
#define KEY_JOIN       1
#define RANGE_CLOEXEC  4u

static const char *str(const struct plan_block *p, struct plan_str s)
{
	return (const char *)p + s.off;
}

static int sys(long r)
{
	return r < 0 ? -errno : 0;
}

static int do_CLOSE_FDS(const struct plan_block *p, const struct plan_step *s)
{
	const char *packed = str(p, s->s1);
	unsigned int from = 0;
	int keep, r;

	for (uint32_t i = 0; i + sizeof(int) <= s->s1.len; i += sizeof(int)) {
		memcpy(&keep, packed + i, sizeof(keep));
		if ((unsigned int)keep > from) {
			r = sys(syscall(SYS_close_range, from, (unsigned int)keep - 1, 0));
			if (r < 0)
				return r;
		}
		from = (unsigned int)keep + 1;
	}
	if (syscall(SYS_close_range, from, ~0u, 0) < 0)
		return -errno;
	/* What is kept serves the plan, not the program: none of it survives exec (Linux 5.11). */
	return sys(syscall(SYS_close_range, 3u, ~0u, RANGE_CLOEXEC));
}

static int do_UNDUMPABLE(const struct plan_block *p, const struct plan_step *s)
{
	(void)p, (void)s;
	return sys(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
}

static int do_WAIT(const struct plan_block *p, const struct plan_step *s)
{
	struct sync_msg m;
	int r = sync_recv(p->sock, -1, &m, NULL);

	if (r == 0 && m.kind != s->num)
		r = -EPROTO;
	return r;
}

static int do_POST(const struct plan_block *p, const struct plan_step *s)
{
	return sync_send(p->sock, (uint32_t)s->num, 0, 0, -1);
}

static int do_SETSID(const struct plan_block *p, const struct plan_step *s)
{
	(void)p, (void)s;
	return setsid() < 0 && errno != EPERM ? -errno : 0;
}

static int do_CGROUP(const struct plan_block *p, const struct plan_step *s)
{
	(void)p;
	return write(s->fd, "0", 1) == 1 ? 0 : -errno;
}

static int do_SETNS(const struct plan_block *p, const struct plan_step *s)
{
	(void)p;
	return sys(setns(s->fd, (int)s->num));
}

static int do_UNSHARE(const struct plan_block *p, const struct plan_step *s)
{
	(void)p;
	return sys(unshare((int)s->num));
}

static int do_FORK(const struct plan_block *p, const struct plan_step *s)
{
	int pidfd = -1;
	struct clone_args a = { .flags = s->num | CLONE_PARENT | CLONE_PIDFD,
				.pidfd = (uint64_t)(uintptr_t)&pidfd };
	long pid;

	if (s->fd >= 0) {
		a.flags |= CLONE_INTO_CGROUP;
		a.cgroup = (uint64_t)s->fd;
	}
	pid = syscall(SYS_clone3, &a, sizeof(a));
	if (pid < 0)
		return -errno;
	if (pid == 0)
		return 0;
	sync_send(p->sock, SYNC_CHILD, (int32_t)pid, 0, pidfd);
	_exit(0);
}

static int do_PRIVATE(const struct plan_block *p, const struct plan_step *s)
{
	(void)p, (void)s;
	return sys(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
}

static int do_SHARED(const struct plan_block *p, const struct plan_step *s)
{
	(void)p, (void)s;
	return sys(mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL));
}

/* A clone of our own has no locked mounts in it, so it may become a root (pivot_root refuses a mount
 * that a more privileged namespace locked). */
static int do_TREE(const struct plan_block *p, const struct plan_step *s)
{
	long fd = syscall(SYS_open_tree, AT_FDCWD, str(p, s->s1),
			  TREE_CLONE | TREE_RECURSIVE | O_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	r = sys(syscall(SYS_move_mount, (int)fd, "", AT_FDCWD, str(p, s->s2), MOVE_F_EMPTY));
	close((int)fd);
	return r;
}

static int do_MOUNT(const struct plan_block *p, const struct plan_step *s)
{
	const char *type = str(p, s->s1);

	return sys(mount(type, str(p, s->s2), type, s->num, str(p, s->s3)));
}

static int remount_ro(const char *path)
{
	return sys(mount(NULL, path, NULL,
			 MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL));
}

static int do_ATTACH(const struct plan_block *p, const struct plan_step *s)
{
	return sys(syscall(SYS_move_mount, s->fd, "", AT_FDCWD, str(p, s->s2), MOVE_F_EMPTY));
}

static int do_BIND(const struct plan_block *p, const struct plan_step *s)
{
	return sys(mount(str(p, s->s1), str(p, s->s2), NULL, MS_BIND, NULL));
}

/* Several mounts may lie on one another; somebody who makes more meanwhile does not hold us. */
static int do_REMOVE(const struct plan_block *p, const struct plan_step *s)
{
	const char *path = str(p, s->s1);

	for (int i = 0; i < 64 && umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0; i++)
		;
	if (unlink(path) == 0 || errno == ENOENT ||
	    (errno == EISDIR && syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR) == 0))
		return 0;
	return -errno;
}

static int do_UNMOUNT(const struct plan_block *p, const struct plan_step *s)
{
	const char *path = str(p, s->s1);

	for (int i = 0; i < 64 && umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0; i++)
		;
	return 0;
}

static int do_MASK(const struct plan_block *p, const struct plan_step *s)
{
	const char *path = str(p, s->s1);
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (S_ISDIR(st.st_mode) && s->s2.len)
		return sys(mount(str(p, s->s2), path, NULL, MS_BIND, NULL));
	if (S_ISDIR(st.st_mode))
		return sys(mount("tmpfs", path, "tmpfs",
				 MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=0,mode=000"));
	return sys(mount("/dev/null", path, NULL, MS_BIND, NULL));
}

static int do_READONLY(const struct plan_block *p, const struct plan_step *s)
{
	const char *path = str(p, s->s1);

	if (mount(path, path, NULL, MS_BIND | MS_REC, NULL) < 0)
		return errno == ENOENT ? 0 : -errno;
	return remount_ro(path);
}

static int do_MKDIR(const struct plan_block *p, const struct plan_step *s)
{
	return mkdir(str(p, s->s1), (mode_t)s->num) < 0 && errno != EEXIST ? -errno : 0;
}

static int do_TOUCH(const struct plan_block *p, const struct plan_step *s)
{
	int fd = open(str(p, s->s1), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static int do_SYMLINK(const struct plan_block *p, const struct plan_step *s)
{
	return symlink(str(p, s->s1), str(p, s->s2)) < 0 && errno != EEXIST ? -errno : 0;
}

/* Written beside the target under a name that nothing else uses and renamed over it, so that neither a
 * symlink nor a FIFO that stands there is opened. Runs behind the pivot: "/" is the VPS's. */
static int do_FILE(const struct plan_block *p, const struct plan_step *s)
{
	const char *path = str(p, s->s1), *data = str(p, s->s2);
	char tmp[256];
	size_t len = s->s1.len, off = 0;
	mode_t mode = (mode_t)s->num;
	struct stat st;
	int fd, r = 0;

	if (len + sizeof(".vznew") > sizeof(tmp))
		return -ENAMETOOLONG;
	memcpy(tmp, path, len);
	memcpy(tmp + len, ".vznew", sizeof(".vznew"));
	unlink(tmp);
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	/* What stands there keeps its owner and mode: /etc/shadow belongs to a group of its own. */
	if (lstat(path, &st) == 0 && S_ISREG(st.st_mode)) {
		mode = st.st_mode & 07777;
		r = sys(fchown(fd, st.st_uid, st.st_gid));
	}
	while (off < s->s2.len && r == 0) {
		ssize_t n = write(fd, data + off, s->s2.len - off);

		if (n < 0 && errno != EINTR)
			r = -errno;
		else if (n > 0)
			off += (size_t)n;
	}
	if (r == 0)
		r = sys(fchmod(fd, mode));
	close(fd);
	if (r == 0)
		r = sys(rename(tmp, path));
	if (r < 0)
		unlink(tmp);
	return r;
}

static int do_CHOWN(const struct plan_block *p, const struct plan_step *s)
{
	return sys(lchown(str(p, s->s1), (uid_t)(s->num >> 32), (gid_t)s->num));
}

static int do_POKE(const struct plan_block *p, const struct plan_step *s)
{
	int fd = open(str(p, s->s1), O_WRONLY | O_CLOEXEC), r;

	if (fd < 0)
		return -errno;
	r = write(fd, str(p, s->s2), s->s2.len) < 0 ? -errno : 0;
	close(fd);
	return r;
}

/*
 * "." twice: the old root lands on top of the new one, pivot_root(2), NOTES. It is not taken off yet:
 * every path from "/" already stays inside the VPS, so that a symlink in its tree cannot lead a mount or
 * a file of ours out, while proc and sysfs, which a user namespace may only mount where they are fully
 * visible already, still find the host's.
 */
static int do_PIVOT(const struct plan_block *p, const struct plan_step *s)
{
	if (chdir(str(p, s->s1)) < 0)
		return -errno;
	return sys(syscall(SYS_pivot_root, ".", "."));
}

static int do_DETACH(const struct plan_block *p, const struct plan_step *s)
{
	(void)p, (void)s;
	if (umount2(".", MNT_DETACH) < 0)
		return -errno;
	return sys(chdir("/"));
}

static int do_CHROOT(const struct plan_block *p, const struct plan_step *s)
{
	(void)p;
	if (fchdir(s->fd) < 0)
		return -errno;
	return sys(chroot("."));
}

static int do_HOSTNAME(const struct plan_block *p, const struct plan_step *s)
{
	return sys(sethostname(str(p, s->s1), s->s1.len));
}

static int stdio_from(int fd)
{
	for (int i = 0; i < 3; i++)
		if (dup2(fd, i) < 0)
			return -errno;
	if (fd > 2)
		close(fd);
	return 0;
}

static int pts_path(int master, char *out)
{
	unsigned int n;
	int at = 9;
	char digits[12];
	int d = 0;

	if (ioctl(master, TIOCGPTN, &n) < 0)
		return -errno;
	memcpy(out, "/dev/pts/", 9);
	do {
		digits[d++] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	while (d)
		out[at++] = digits[--d];
	out[at] = '\0';
	return 0;
}

static int do_PTY(const struct plan_block *p, const struct plan_step *s)
{
	int master = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC), slave, zero = 0, r;
	char path[32];

	(void)p;
	if (master < 0)
		return -errno;
	if (ioctl(master, TIOCSPTLCK, &zero) < 0)
		return -errno;
	r = pts_path(master, path);
	/* A link, not a mount: a restored VPS can be given another terminal by replacing it. */
	if (r == 0 && s->num) {
		unlink("/dev/console");
		r = sys(symlink(path + sizeof("/dev/") - 1, "/dev/console"));
	}
	if (r < 0)
		return r;
	slave = open(path, O_RDWR | O_NOCTTY);
	if (slave < 0)
		return -errno;
	r = sync_send(s->fd, SYNC_CONSOLE, 0, 0, master);
	close(master);
	close(s->fd);
	return r < 0 ? r : stdio_from(slave);
}

static int do_CTTY(const struct plan_block *p, const struct plan_step *s)
{
	(void)p, (void)s;
	return sys(ioctl(0, TIOCSCTTY, 0));
}

static int do_SETIDS(const struct plan_block *p, const struct plan_step *s)
{
	uid_t id = (uid_t)s->num;

	(void)p;
	if (syscall(SYS_setgroups, 0, NULL) < 0)
		return -errno;
	if (syscall(SYS_setresgid, id, id, id) < 0)
		return -errno;
	return sys(syscall(SYS_setresuid, id, id, id));
}

static int do_RLIMIT(const struct plan_block *p, const struct plan_step *s)
{
	uint64_t soft = s->num >> 32, hard = s->num & UINT32_MAX;
	struct rlimit64 l = { soft == UINT32_MAX ? RLIM64_INFINITY : soft,
			      hard == UINT32_MAX ? RLIM64_INFINITY : hard };

	struct rlimit64 now;

	(void)p;
	if (syscall(SYS_prlimit64, 0, s->flags >> 16, &l, &now) == 0)
		return 0;
	/* Without CAP_SYS_RESOURCE on the node the hard limit cannot rise; the soft one still may. */
	if (errno != EPERM || syscall(SYS_prlimit64, 0, s->flags >> 16, NULL, &now) < 0)
		return -errno;
	l.rlim_max = now.rlim_max;
	if (l.rlim_cur > l.rlim_max)
		l.rlim_cur = l.rlim_max;
	return sys(syscall(SYS_prlimit64, 0, s->flags >> 16, &l, NULL));
}

static int do_BOUNDING(const struct plan_block *p, const struct plan_step *s)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2];

	(void)p;
	for (unsigned long c = 0; c < 64; c++) {
		if (s->num >> c & 1 || prctl(PR_CAPBSET_DROP, c, 0, 0, 0) == 0)
			continue;
		if (errno == EINVAL) /* behind the kernel's last */
			break;
		return -errno;
	}
	if (syscall(SYS_capget, &h, d) < 0)
		return -errno;
	for (int i = 0; i < 2; i++) {
		uint32_t keep = (uint32_t)(s->num >> (32 * i));

		d[i].effective &= keep;
		d[i].permitted &= keep;
		d[i].inheritable = 0;
	}
	return sys(syscall(SYS_capset, &h, d));
}

static int do_KEYRING(const struct plan_block *p, const struct plan_step *s)
{
	(void)p, (void)s;
	return sys(syscall(SYS_keyctl, KEY_JOIN, NULL, 0, 0, 0));
}

static int do_SIGNALS(const struct plan_block *p, const struct plan_step *s)
{
	struct {
		void (*handler)(int);
		unsigned long flags;
		void (*restorer)(void);
		uint64_t mask;
	} dfl = { .handler = SIG_DFL };
	uint64_t none = 0;

	(void)p, (void)s;
	for (int sig = 1; sig <= 64; sig++)
		if (sig != SIGKILL && sig != SIGSTOP)
			syscall(SYS_rt_sigaction, sig, &dfl, NULL, sizeof(uint64_t));
	return sys(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof(none)));
}

static int do_UMASK(const struct plan_block *p, const struct plan_step *s)
{
	(void)p;
	umask((mode_t)s->num);
	return 0;
}

static int do_CHDIR(const struct plan_block *p, const struct plan_step *s)
{
	return sys(chdir(str(p, s->s1)));
}

static int do_SECCOMP(const struct plan_block *p, const struct plan_step *s)
{
	struct sock_fprog f = { .len = (unsigned short)(s->s1.len / sizeof(struct sock_filter)) };

	/* The kernel only reads it; the type of the field is not const. */
	f.filter = (struct sock_filter *)(uintptr_t)str(p, s->s1);
	return sys(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &f));
}

static int words(const char *s, uint32_t len, const char **out)
{
	size_t n = 0;

	for (uint32_t i = 0; i < len; i += (uint32_t)strlen(s + i) + 1) {
		if (n + 1 >= MAX_WORDS)
			return -E2BIG;
		out[n++] = s + i;
	}
	out[n] = NULL;
	return 0;
}

static int do_EXEC(const struct plan_block *p, const struct plan_step *s)
{
	const char *argv[MAX_WORDS], *env[MAX_WORDS];
	int r = words(str(p, s->s2), s->s2.len, argv);

	if (r == 0)
		r = words(str(p, s->s3), s->s3.len, env);
	if (r < 0)
		return r;
	syscall(SYS_execve, str(p, s->s1), argv, env);
	return -errno;
}

static int do_EXIT(const struct plan_block *p, const struct plan_step *s)
{
	(void)p, (void)s;
	_exit(0);
}

static int (*const ops[PLAN_NOPS])(const struct plan_block *p, const struct plan_step *s) = {
#define STEP(name, text) do_##name,
#include "plan/steps.def"
#undef STEP
};

void plan_run(const struct plan_block *p)
{
	if (p->magic != PLAN_MAGIC)
		_exit(127);
	for (uint32_t i = 0; i < p->nsteps; i++) {
		const struct plan_step *s = &p->step[i];
		int r = s->op < PLAN_NOPS ? ops[s->op](p, s) : -ENOSYS;

		if (r < 0 && !(s->flags & PLAN_OPTIONAL)) {
			if (p->sock >= 0)
				sync_send(p->sock, SYNC_FAIL, (int32_t)i, -r, -1);
			_exit(127);
		}
	}
	_exit(127);
}
