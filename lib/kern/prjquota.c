/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The calls of project quota, with one word for every way a kernel says that it has none. */
#include "kern/prjquota.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dqblk_xfs.h>
#include <linux/fs.h>
#include <linux/quota.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

#define DEPTH_MAX 200 /* a descriptor for each level */
#define COMMAND(c) (((c) << SUBCMDSHIFT) | PRJQUOTA)

/* Quota formats that are not compiled in, switched off, not of this kind, a file system without: each
 * has its own errno. */
static int translate(int err)
{
	switch (err) {
	case ENOSYS:
	case ESRCH:
	case ENOTTY:
	case EOPNOTSUPP:
	case EINVAL:
		return -EOPNOTSUPP;
	default:
		return -err;
	}
}

static int call(int fd, unsigned int cmd, uint32_t id, void *addr)
{
	return syscall(SYS_quotactl_fd, fd, COMMAND(cmd), id, addr) < 0 ? translate(errno) : 0;
}

int kprj_state(int fd)
{
	struct fs_quota_statv s = { .qs_version = FS_QSTATV_VERSION1 };
	int r = call(fd, Q_XGETQSTATV, 0, &s);

	if (r < 0)
		return r;
	if (!(s.qs_flags & FS_QUOTA_PDQ_ACCT))
		return -EOPNOTSUPP;
	return s.qs_flags & FS_QUOTA_PDQ_ENFD ? 1 : 0;
}

int kprj_get(int fd, uint32_t id, struct kprj *ret)
{
	struct if_dqblk d = { 0 };
	int enforced = kprj_state(fd), r = enforced < 0 ? enforced : call(fd, Q_GETQUOTA, id, &d);

	/* xfs has no entry for a project that owns nothing and has no limits. */
	if (r < 0 && (r != -ENOENT || enforced < 0))
		return r;
	*ret = (struct kprj){
		.kib = { (d.dqb_curspace + 1023) / 1024, d.dqb_bsoftlimit, d.dqb_bhardlimit, d.dqb_btime },
		.inodes = { d.dqb_curinodes, d.dqb_isoftlimit, d.dqb_ihardlimit, d.dqb_itime },
		.enforced = enforced,
	};
	return 0;
}

int kprj_set(int fd, uint32_t id, const struct kprj *p)
{
	struct if_dqblk d = { .dqb_bsoftlimit = p->kib.soft, .dqb_bhardlimit = p->kib.hard,
			      .dqb_isoftlimit = p->inodes.soft, .dqb_ihardlimit = p->inodes.hard,
			      .dqb_valid = QIF_LIMITS };

	return call(fd, Q_SETQUOTA, id, &d);
}

int kprj_grace(int fd, uint64_t *ret_kib, uint64_t *ret_inodes)
{
	struct if_dqinfo i = { 0 };
	int r = call(fd, Q_GETINFO, 0, &i);

	if (r < 0)
		return r;
	*ret_kib = i.dqi_bgrace;
	*ret_inodes = i.dqi_igrace;
	return 0;
}

int kprj_set_grace(int fd, uint64_t seconds)
{
	struct if_dqinfo i = { .dqi_bgrace = seconds, .dqi_igrace = seconds,
			       .dqi_valid = IIF_BGRACE | IIF_IGRACE };

	return call(fd, Q_SETINFO, 0, &i);
}

int kprj_of(int fd, uint32_t *ret_id, bool *ret_inherit)
{
	struct fsxattr a;

	if (ioctl(fd, FS_IOC_FSGETXATTR, &a) < 0)
		return translate(errno);
	*ret_id = a.fsx_projid;
	*ret_inherit = a.fsx_xflags & FS_XFLAG_PROJINHERIT;
	return 0;
}

int kprj_put(int fd, uint32_t id, bool inherit)
{
	struct fsxattr a;

	if (ioctl(fd, FS_IOC_FSGETXATTR, &a) < 0)
		return translate(errno);
	if (a.fsx_projid == id && !!(a.fsx_xflags & FS_XFLAG_PROJINHERIT) == inherit)
		return 0;
	a.fsx_projid = id;
	a.fsx_xflags &= ~(uint32_t)FS_XFLAG_PROJINHERIT;
	a.fsx_xflags |= inherit ? FS_XFLAG_PROJINHERIT : 0;
	return ioctl(fd, FS_IOC_FSSETXATTR, &a) < 0 ? translate(errno) : 0;
}

struct walk {
	uint32_t id;
	dev_t dev;
	bool new_only; /* leave folders alone that are in the project already */
};

static int put_below(int fd, const struct walk *w, unsigned int depth);

/* The folder first: what is made in it meanwhile follows already. */
static int put_folder(int fd, const struct walk *w, unsigned int depth)
{
	bool inherit = false;
	uint32_t id = 0;
	int r;

	if (w->new_only && kprj_of(fd, &id, &inherit) == 0 && id == w->id && inherit)
		return 0;
	r = kprj_put(fd, w->id, true);
	return r < 0 ? r : put_below(fd, w, depth);
}

/* A device, a FIFO or a socket is not opened: it may be the VPS's trap, and it holds no blocks. */
static int put_entry(int dirfd, const char *name, const struct walk *w, unsigned int depth)
{
	_fd_ int fd = -1;
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (st.st_dev != w->dev || (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
		return 0;
	fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return errno == ENOENT || errno == ELOOP ? 0 : -errno;
	/* What it is by now: somebody may have replaced it. */
	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return put_folder(fd, w, depth + 1);
	return S_ISREG(st.st_mode) ? kprj_put(fd, w->id, false) : 0;
}

static int put_below(int fd, const struct walk *w, unsigned int depth)
{
	int copy = depth > DEPTH_MAX ? -1 : openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct dirent *d;
	_dir_ DIR *dir = NULL;
	int r = 0;

	if (depth > DEPTH_MAX)
		return -ELOOP;
	dir = copy < 0 ? NULL : fdopendir(copy);
	if (!dir) {
		r = -errno;
		if (copy >= 0)
			close(copy);
		return r;
	}
	while (r == 0 && (d = readdir(dir)))
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			r = put_entry(fd, d->d_name, w, depth);
	return r;
}

/* The uppermost folder last, so that its own number says that the work was done to its end; what came
 * into it meanwhile is seen by another look. */
int kprj_put_tree(int fd, uint32_t id)
{
	struct walk w = { .id = id };
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0)
		return -errno;
	w.dev = st.st_dev;
	r = put_below(fd, &w, 0);
	if (r == 0)
		r = kprj_put(fd, id, true);
	w.new_only = true;
	return r < 0 ? r : put_below(fd, &w, 0);
}
