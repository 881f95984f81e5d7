/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The bounding set of a VPS. Its root has all rights over its own user namespace and what belongs
 * to that, and must keep them: an init system, a firewall, mounts. What is taken away has a meaning
 * for the whole node only, so a VPS could never use it; without it, services that ask for the right
 * before they start (ConditionCapability= of systemd) know that they have nothing to do here.
 *
 * A user namespace made inside begins with a full set again, over itself: the kernel's rule.
 */
#include "sec/sec.h"

#include <errno.h>
#include <linux/capability.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "kern/caps.h"
#include "param/param.h"

static const uint8_t dropped[] = {
	CAP_SYS_MODULE,	   /* the kernel's modules */
	CAP_SYS_RAWIO,	   /* ports and memory of the machine */
	CAP_SYS_TIME,	   /* the node's clock: time daemons inside stay off */
	CAP_SYS_PACCT,	   /* process accounting is one for the node */
	CAP_AUDIT_CONTROL, /* so is the audit subsystem; CAP_AUDIT_WRITE stays, as login programs */
	CAP_AUDIT_READ,	   /* carry it in their own sets and cope with the refusal */
	CAP_MAC_OVERRIDE,  /* policies of security modules are the node's */
	CAP_MAC_ADMIN,
	CAP_SYSLOG,	   /* the kernel's log, and addresses in it */
	CAP_WAKE_ALARM,	   /* waking the machine, or keeping it awake */
	CAP_BLOCK_SUSPEND,
	CAP_PERFMON,	   /* measuring the kernel and its neighbours */
	CAP_BPF,	   /* programs in the kernel */
	/* All that it does is for the node's root alone, but for one thing that asks for the bare bit:
	 * whoever has it makes a real-time thread of the kernel with each watch of a group's pressure. */
	CAP_SYS_RESOURCE,
	/*
	 * Kept although one might think otherwise: CAP_SYS_BOOT, because reboot() in a PID
	 * namespace ends that namespace only, and is how a VPS stops; CAP_MKNOD, which makes no
	 * device in a user namespace but is looked at by programs; CAP_SYS_ADMIN, CAP_NET_ADMIN,
	 * CAP_SYS_PTRACE and CAP_CHECKPOINT_RESTORE, which count in the namespace concerned.
	 */
};

int sec_caps(const struct vz_cfg *cfg, uint64_t *ret_set, struct vz_err *e)
{
	uint64_t all = kcap_all(), set = all;

	if (all == 0)
		return err_set(e, VZ_E_CAP, -ENOSYS, "cannot read the kernel's capabilities");
	for (size_t i = 0; i < ARRAY_LEN(dropped); i++)
		set &= ~KCAP_BIT(dropped[i]);
	if (cfg_has(cfg, VZ_P_CAPABILITY)) {
		set |= cfg->capability.on;
		set &= ~cfg->capability.off;
	}
	/* Rights of the historic kernel, and of newer ones than this, have no bit here. */
	*ret_set = set & all;
	return 0;
}
