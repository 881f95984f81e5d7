// SPDX-License-Identifier: LGPL-2.1-or-later
/* Stop: ask the guest's init to shut down, wait, then end what is left. Wait for a boot to be done. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "cgroup/cg.h"
#include "ct/ct.h"
#include "ct/init.h"
#include "ct/inside/action.h"
#include "ct/inside/exec.h"
#include "ct/monitor.h"
#include "ct/stage.h"
#include "ct/suspend.h"
#include "kern/pidfd.h"
#include "param/param.h"

#define STOP_TIMEOUT_S	120
#define ASK_AGAIN_MS	3000
#define BOOT_POLL_MS	50
#define SIG_SYSTEMD_HALT (SIGRTMIN + 3) /* systemd(1): start halt.target */
#define SIG_BUSYBOX_HALT SIGUSR1	/* busybox init: halt */

static void ask(struct ct *ct, enum init_kind kind, int pidfd)
{
	int status;

	if (kind == INIT_SYSTEMD)
		kpid_signal(pidfd, SIG_SYSTEMD_HALT);
	else if (kind == INIT_BUSYBOX)
		kpid_signal(pidfd, SIG_BUSYBOX_HALT);
	else
		(void)ct_exec_line(ct, "halt", ASK_AGAIN_MS, &status, NULL);
}

/* A signal that comes before init listens is lost, so it is said again. */
static int shut_down(struct ct *ct, struct vz_err *e)
{
	uint64_t seconds = cfg_has(ct->cfg, VZ_P_STOP_TIMEOUT) && ct->cfg->stop_timeout ?
				   ct->cfg->stop_timeout :
				   STOP_TIMEOUT_S;
	uint64_t end = clock_ms() + seconds * 1000;
	enum init_kind kind = ct_init_kind(ct);
	_fd_ int fd = -1;
	int r = kpid_open(ct->st.init.pid, ct->st.init.start, &fd);

	if (r < 0)
		return 0;
	while (clock_ms() < end) {
		int left = clock_left_ms(end);

		ask(ct, kind, fd);
		r = kpid_wait(fd, left < ASK_AGAIN_MS ? left : ASK_AGAIN_MS);
		if (r != -ETIMEDOUT)
			return r < 0 ? err_sys(e, VZ_E_STOP, r, "VPS '%s': cannot await init",
					       ct->idstr) :
				       0;
	}
	log_msg(&ct->vz->log, -1, "VPS %s did not shut down within %llu s; killing it", ct->idstr,
		(unsigned long long)seconds);
	return 0;
}

static bool is_frozen(struct ct *ct)
{
	return ct_cgroup(ct, NULL) == 0 && cg_is_frozen(ct->cg);
}

/* One that was dumped and then goes on has a dump that gets too old. */
static void thaw(struct ct *ct)
{
	if (!is_frozen(ct))
		return;
	ct_drop_dump(ct);
	(void)cg_freeze(ct->cg, false, NULL);
}

/* A script that fails keeps the VPS running; but whoever wants its end at once has it, also from a VPS that
 * has broken its own shell. And one that is frozen may have been dumped: its dump fits if nothing of it runs again. */
static int stop_script(struct ct *ct, bool fast, struct vz_err *e)
{
	if (!ct_is_running(ct) || (fast && is_frozen(ct)))
		return 0;
	if (fast) {
		ct_action_anyway(ct, ACTION_STOP_FAST);
		return 0;
	}
	thaw(ct);
	return ct_action(ct, ACTION_STOP, e);
}

int ct_stop(struct ct *ct, bool fast, struct vz_err *e)
{
	int r = stop_script(ct, fast, e);

	return r < 0 ? r : ct_end(ct, fast, e);
}

int ct_end(struct ct *ct, bool fast, struct vz_err *e)
{
	int r = ct_note(ct, "stop", STAGE_GUEST, e);

	if (r < 0)
		return r;
	monitor_quiet(ct, true);
	if (!fast) {
		thaw(ct);
		ct_crash_point("stop", "ask", "before");
		r = shut_down(ct, e);
		ct_crash_point("stop", "ask", "after");
	}
	if (r == 0)
		r = ct_stages_down(ct, "stop", STAGE_GUEST, STAGE_CGROUP, e);
	return r < 0 ? r : ct_settle(ct, e);
}

/* Booted: systemd says so itself; other inits of our templates leave a file when their last boot script
 * has ended; for foreign ones a runlevel that is reached. */
static const char booted[] =
	"if [ -d /run/systemd/system ]; then"
	" s=$(systemctl is-system-running 2>/dev/null);"
	" [ \"$s\" = running ] || [ \"$s\" = degraded ];"
	"elif [ -e /run/vz-booted ]; then true;"
	"elif grep -qs vz-booted /etc/inittab /sbin/init; then false;"
	"else case $(runlevel 2>/dev/null) in *\\ [2-5]) true;; *) false;; esac; fi";

int ct_wait_up(struct ct *ct, unsigned timeout_s, struct vz_err *e)
{
	uint64_t end = clock_ms() + (uint64_t)timeout_s * 1000;
	_fd_ int fd = -1;
	int status = 1;

	if (kpid_open(ct->st.init.pid, ct->st.init.start, &fd) < 0)
		return err_set(e, VZ_E_WAIT, -ESRCH, "VPS '%s' ended while it booted", ct->idstr);
	while (clock_ms() < end) {
		struct vz_err mine = { 0 };
		int r = ct_exec_line(ct, booted, clock_left_ms(end), &status, &mine);

		if (r == 0 && status == 0)
			return 0;
		/* Not a sleep: the end of init wakes us. */
		if (kpid_wait(fd, BOOT_POLL_MS) == 0)
			return err_set(e, VZ_E_WAIT, -ESRCH, "VPS '%s' ended while it booted",
				       ct->idstr);
	}
	return err_set(e, VZ_E_WAIT, -ETIMEDOUT, "VPS '%s' has not booted within %u s", ct->idstr,
		       timeout_s);
}
