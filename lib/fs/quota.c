/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One private area, one project. */
#include "fs/quota.h"

#include <errno.h>
#include <fcntl.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/fault.h"

static int open_area(const char *private, int *ret_fd)
{
	int fd = open(private, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

bool fs_quota_holds(const char *private)
{
	_fd_ int fd = -1;

	return open_area(private, &fd) < 0 || kprj_state(fd) == 1;
}

static int tag(int fd, uint32_t id)
{
	bool inherit = false;
	uint32_t now = 0;
	int r = kprj_of(fd, &now, &inherit);

	if (r < 0 || (now == id && inherit))
		return r;
	return kprj_put_tree(fd, id);
}

int fs_quota_tag(const char *private, uint32_t id)
{
	_fd_ int fd = -1;
	int r = open_area(private, &fd);

	if (r == 0)
		r = kprj_state(fd);
	return r < 0 ? r : tag(fd, id);
}

int fs_quota_set(const char *private, uint32_t id, const struct kprj *limits, uint64_t grace,
		 struct vz_err *e)
{
	_fd_ int fd = -1;
	int r = open_area(private, &fd);

	if (r == 0)
		r = fault("quota:set");
	if (r < 0)
		return err_sys(e, VZ_E_QUOTA_SET, r, "cannot limit private area '%s'", private);
	r = kprj_state(fd);
	if (r == 0)
		return err_set(e, VZ_E_QUOTA_SET, -EOPNOTSUPP, "cannot limit private area '%s': "
			       "its file system is mounted without prjquota", private);
	if (r == -EOPNOTSUPP)
		return err_set(e, VZ_E_QUOTA_SET, r, "cannot limit private area '%s': its file system "
			       "has no project quota", private);
	if (r > 0)
		r = tag(fd, id);
	if (r == -ELOOP)
		return err_set(e, VZ_E_QUOTA_SET, r, "cannot limit private area '%s': its folders are "
			       "nested too deeply", private);
	if (r == 0)
		r = kprj_set(fd, id, limits);
	if (r == 0 && grace != FS_QUOTA_GRACE_KEEP)
		r = kprj_set_grace(fd, grace);
	return r == 0 ? 0 : err_sys(e, VZ_E_QUOTA_SET, r, "cannot limit private area '%s'", private);
}

int fs_quota_get(const char *private, uint32_t id, struct kprj *ret, uint64_t ret_grace[2],
		 struct vz_err *e)
{
	_fd_ int fd = -1;
	int r = open_area(private, &fd);

	if (r == 0)
		r = kprj_get(fd, id, ret);
	if (r == 0 && ret_grace)
		r = kprj_grace(fd, &ret_grace[0], &ret_grace[1]);
	if (r == -EOPNOTSUPP)
		return err_set(e, VZ_E_QUOTA_USAGE, r, "disk use of private area '%s' is not counted: "
			       "its file system has no project quota", private);
	return r == 0 ? 0 : err_sys(e, VZ_E_QUOTA_USAGE, r, "cannot read the disk use of private area "
				    "'%s'", private);
}
