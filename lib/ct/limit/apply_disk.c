// SPDX-License-Identifier: LGPL-2.1-or-later
/* How much of the disk: limits on the project that the private area is. */
#include <errno.h>

#include "base/err.h"
#include "ct/ct.h"
#include "ct/limit/apply.h"
#include "fs/quota.h"

static bool is_on(const struct vz_cfg *c)
{
	return !cfg_has(c, VZ_P_DISK_QUOTA) || c->disk_quota;
}

/* 0 is "no limit" to the file system, and nothing at all to whoever writes it. */
static uint64_t limit(uint64_t v)
{
	return v ? v : 1;
}

/*
 * QUOTATIME 0 means that the soft limit may not be exceeded at all. The file system has one grace time for
 * all of its projects, so that is said with the hard limit of this one instead; other times go to the file
 * system.
 */
static void wanted(const struct vz_cfg *c, struct kprj *p, uint64_t *grace)
{
	bool at_once = cfg_has(c, VZ_P_QUOTATIME) && c->quotatime == 0;

	*p = (struct kprj){ 0 };
	*grace = FS_QUOTA_GRACE_KEEP;
	if (!is_on(c))
		return;
	if (cfg_has(c, VZ_P_DISKSPACE)) {
		p->kib.soft = limit(c->diskspace.bar);
		p->kib.hard = limit(at_once ? c->diskspace.bar : c->diskspace.lim);
	}
	if (cfg_has(c, VZ_P_DISKINODES)) {
		p->inodes.soft = limit(c->diskinodes.bar);
		p->inodes.hard = limit(at_once ? c->diskinodes.bar : c->diskinodes.lim);
	}
	if (cfg_has(c, VZ_P_QUOTATIME) && !at_once)
		*grace = c->quotatime;
}

int apply_disk(struct ct *ct, const struct vz_cfg *cfg, bool start, struct vz_err *e)
{
	static const enum vz_param both[] = { VZ_P_DISKSPACE, VZ_P_DISKINODES };
	struct vz_err mine = { 0 };
	struct kprj limits;
	uint64_t grace;
	int r;

	wanted(cfg, &limits, &grace);
	r = fs_quota_set(ct->private, ct->id, &limits, grace, &mine);
	if (r != -EOPNOTSUPP && r != -ELOOP) {
		if (r < 0 && e && !e->code)
			*e = mine;
		return r;
	}
	for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++)
		if (is_on(cfg) && cfg_has(cfg, both[i]))
			apply_unheld(ct, both[i], start, mine.text);
	return 0;
}
