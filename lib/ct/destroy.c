// SPDX-License-Identifier: LGPL-2.1-or-later
/* Destroy: refuse what is in use; the rest is a durable operation. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/str.h"
#include "ct/ct.h"
#include "ct/durable.h"
#include "fs/quota.h"
#include "kern/mount.h"

int ct_check_own_area(struct ct *ct, struct vz_err *e)
{
	_free_ uint32_t *ids = NULL;
	struct stat st;
	size_t n = 0;
	int r = ct->private ? node_list(ct->vz, &ids, &n, e) : 0;

	if (r < 0 || !ct->private || lstat(ct->private, &st) < 0)
		return r;
	if (S_ISLNK(st.st_mode))
		return err_set(e, VZ_E_DEL_PRIVATE, -ELOOP, "private area '%s' is a link", ct->private);
	if (kmnt_is_mount_point(ct->private))
		return err_set(e, VZ_E_DEL_PRIVATE, -EBUSY, "private area '%s' is a mount point",
			       ct->private);
	for (size_t i = 0; i < n; i++) {
		struct ct *other = NULL;
		bool same;

		if (ids[i] == ct->id || ct_open(ct->vz, ids[i], CT_NO_CONF_OK, &other, NULL) < 0)
			continue;
		same = other->private && str_eq(other->private, ct->private);
		ct_close(other);
		if (same)
			return err_set(e, VZ_E_DEL_PRIVATE, -EBUSY, "private area '%s' is that of VPS %u, too",
				       ct->private, ids[i]);
	}
	return 0;
}

int ct_destroy(struct ct *ct, struct vz_err *e)
{
	if (ct_is_running(ct))
		return err_set(e, VZ_E_RUNNING, -EBUSY, "VPS '%s' is running; stop it first", ct->idstr);
	if (ct_is_mounted(ct))
		return err_set(e, VZ_E_MOUNTED, -EBUSY, "VPS '%s' is mounted; unmount it first",
			       ct->idstr);
	if (!ct->private)
		return err_set(e, VZ_E_NO_PRIVATE, -EINVAL, "VE_PRIVATE of VPS '%s' is not set",
			       ct->idstr);
	/* Limits stay with the number of the project, and the next VPS with it would have them. */
	(void)fs_quota_set(ct->private, ct->id, &(struct kprj){ 0 }, FS_QUOTA_GRACE_KEEP, NULL);
	return durable_destroy(ct, e);
}
