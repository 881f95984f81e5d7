// SPDX-License-Identifier: LGPL-2.1-or-later
/* Run a script of the node in a VPS; one that does not run gets a shell that waits in init's place. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <vz/vz.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "ct/ct.h"
#include "ct/inside/exec.h"
#include "ct/stage.h"

/* The console never says anything, so this waits until it is killed. */
static const char placeholder[] = "while read -r x; do :; done";

static int run(struct ct *ct, int script, int *ret_status, struct vz_err *e)
{
	struct vz_exec_opts o = { .size = sizeof(o), .script_stdin = true, .set_stdio = true,
				  .stdio = { script, 1, 2 } };
	_fd_ int pidfd = -1;
	int r = ct_exec(ct, &o, &pidfd, e);

	if (r < 0)
		return r;
	r = ct_await(pidfd, -1, ret_status);
	return r < 0 ? err_sys(e, VZ_E_SYS, r, "cannot await the script in VPS '%s'", ct->idstr) : 0;
}

int ct_park(struct ct *ct, struct vz_err *e)
{
	int r = ct_start_line(ct, placeholder, e);

	/* Should we be killed, the VPS must not be taken for one that somebody started. */
	return r < 0 ? r : ct_note(ct, "runscript", STAGE_GUEST, e);
}

int ct_unpark(struct ct *ct, struct vz_err *e)
{
	int r = ct_end(ct, true, e);

	return r < 0 ? r : ct_umount(ct, e);
}

int ct_runscript(struct ct *ct, const char *path, bool skip_lock, int *ret_status,
		 struct vz_err *e)
{
	_fd_ int script = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	int r, s;

	if (script < 0 || fstat(script, &st) < 0 || !S_ISREG(st.st_mode))
		return err_sys(e, VZ_E_NO_SCRIPT, script < 0 ? -errno : -EINVAL,
			       "cannot read script '%.200s'", path);
	if (ct_is_running(ct))
		return run(ct, script, ret_status, e);
	r = ct_lock(ct, "running a script", skip_lock, e);
	if (r == 0)
		r = ct_park(ct, e);
	if (r < 0)
		return r;
	r = run(ct, script, ret_status, e);
	s = ct_unpark(ct, r < 0 ? NULL : e);
	lock_drop(&ct->lock);
	return r < 0 ? r : s;
}
