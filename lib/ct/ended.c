// SPDX-License-Identifier: LGPL-2.1-or-later
/* Halt and reboot from inside. */
#include "ct/ended.h"

#include <errno.h>
#include <poll.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "ct/ct.h"
#include "kern/pidfd.h"

#define LOCK_WAIT_MS 600000
#define LOCK_POLL_MS 50

/* The lock file has no queue; its holder's end is what there is to wait for. */
static int lock_patiently(struct ct *ct, struct vz_err *e)
{
	uint64_t end = clock_ms() + LOCK_WAIT_MS;

	for (;;) {
		struct vz_err mine = { 0 };
		int r = ct_lock(ct, CT_LOCK_ENDED, false, &mine);

		if (r != -EBUSY || clock_ms() > end) {
			if (r < 0 && e)
				*e = mine;
			return r;
		}
		poll(NULL, 0, LOCK_POLL_MS);
	}
}

int ct_ended(struct ct *ct, bool reboot, struct vz_err *e)
{
	struct ct_proc was = ct->st.init;
	int r;

	/* Taking the lock settles a VPS whose init is gone; what counts is what was found before. */
	r = lock_patiently(ct, e);
	if (r < 0)
		return r;
	if (!was.pid || ct->found.init.pid != was.pid || ct->found.init.start != was.start) {
		lock_drop(&ct->lock); /* somebody else stopped it, or it runs again */
		return 0;
	}
	if (reboot)
		r = ct_start(ct, e);
	lock_drop(&ct->lock);
	return r;
}
