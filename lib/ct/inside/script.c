// SPDX-License-Identifier: LGPL-2.1-or-later
/* Feed a script to a shell inside, and keep what it says. */
#include "ct/inside/script.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vz/vz.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/spawn.h"
#include "base/str.h"
#include "ct/ct.h"
#include "ct/inside/exec.h"
#include "kern/pidfd.h"

#define MAX_ENV 32

/* A copy, so that the VPS neither sees a file of the node nor has one open: a daemon that the script leaves
 * behind would keep it from being suspended. */
static int text_fd(const struct ct_script *s)
{
	int fd = memfd_create("script", MFD_CLOEXEC), r;

	if (fd < 0)
		return -errno;
	r = io_write_fd(fd, s->text, s->len);
	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = -errno;
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

static int await(const struct ct *ct, int pidfd, int from, const struct ct_script *s,
		 struct buf *out, int *ret_status, struct vz_err *e)
{
	int r = spawn_collect(pidfd, from, out, s->timeout_ms), status;

	if (r < 0) {
		kpid_signal(pidfd, SIGKILL);
		(void)ct_await(pidfd, -1, &status);
		return err_sys(e, VZ_E_EXEC_TIMEOUT, r, "a script in VPS '%s' did not end in %u s",
			       ct->idstr, s->timeout_ms / 1000);
	}
	r = ct_await(pidfd, -1, ret_status);
	return r < 0 ? err_sys(e, VZ_E_SYS, r, "cannot await a script in VPS '%s'", ct->idstr) : 0;
}

int ct_script(struct ct *ct, const struct ct_script *s, struct buf *out, int *ret_status,
	      struct vz_err *e)
{
	const char *env[MAX_ENV + 4] = { "HOME=/", "TERM=linux", CT_PATH_ENV };
	_fd_ int text = text_fd(s), from = -1, to = -1, pidfd = -1;
	size_t n = 3;
	int p[2], r;

	if (text < 0)
		return err_sys(e, VZ_E_SYS, text, "cannot hand over a script to VPS '%s'", ct->idstr);
	if (pipe2(p, O_CLOEXEC) < 0)
		return err_sys(e, VZ_E_SYS, -errno, "cannot make a pipe");
	from = p[0];
	to = p[1];
	if (fcntl(from, F_SETFL, O_NONBLOCK) < 0)
		return err_sys(e, VZ_E_SYS, -errno, "cannot make a pipe");
	for (size_t i = 0; s->env && i < s->env->n && n < MAX_ENV + 3; i++)
		env[n++] = s->env->v[i];
	r = ct_exec(ct, &(struct vz_exec_opts){ .size = sizeof(struct vz_exec_opts),
						.script_stdin = true, .set_stdio = true, .env = env,
						.stdio = { text, to, to } },
		    &pidfd, e);
	if (r < 0)
		return r;
	cleanup_fd(&to);
	return await(ct, pidfd, from, s, out, ret_status, e);
}

void ct_script_said(const struct ct *ct, const char *name, struct buf *out, int level)
{
	char *save = NULL;

	for (char *l = out->len ? strtok_r(out->data, "\n", &save) : NULL; l;
	     l = strtok_r(NULL, "\n", &save))
		log_msg(&ct->vz->log, level, "%s: %s", name, l);
	buf_clear(out);
}
