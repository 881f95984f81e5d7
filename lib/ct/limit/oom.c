// SPDX-License-Identifier: LGPL-2.1-or-later
/* Memory has run out in a VPS. What has been said is kept in RUNDIR/<id>/oom, the number of kills so far. */
#include "ct/limit/oom.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/num.h"
#include "base/str.h"
#include "cgroup/cg.h"
#include "ct/ct.h"
#include "kern/pidfd.h"
#include "param/param.h"

#define LINE_MS 10000

int ct_oom_figure(const struct vz_cfg *c)
{
	struct sysinfo si;
	uint64_t all, guaranteed;

	if (!cfg_has(c, VZ_P_OOMGUARPAGES) || sysinfo(&si) < 0)
		return 0;
	all = ((uint64_t)si.totalram + si.totalswap) * si.mem_unit / VZ_PAGE;
	guaranteed = c->oomguarpages.bar < all ? c->oomguarpages.bar : all;
	guaranteed = all ? guaranteed * 1000 / all : 0;
	return -(int)(guaranteed < 999 ? guaranteed : 999);
}

static uint64_t told(const char *path)
{
	_buf_ struct buf text = BUF_INIT;
	uint64_t v;

	return io_read_at(AT_FDCWD, path, 32, &text) == 0 && num_u64(buf_str(&text), &v) == 0 ? v : 0;
}

void ct_oom_note(struct ct *ct)
{
	_free_ char *path = NULL;
	uint64_t kills, before;
	struct cg_stat s;
	char number[24], limit[48] = "";
	int len;

	if (ct_cgroup(ct, NULL) < 0 || cg_oom_kills(ct->cg, &kills) < 0 || !kills)
		return;
	path = str_printf("%s/oom", ct->rundir);
	if (!path)
		return;
	before = told(path);
	if (before == kills)
		return;
	if (before > kills) /* of another group */
		before = 0;
	len = snprintf(number, sizeof(number), "%llu", (unsigned long long)kills);
	/* First, so that who is killed between the two says nothing rather than the same for ever. */
	if (io_replace_at(AT_FDCWD, path, number, (size_t)len, 0600) < 0)
		return;
	/* Not the one that is stored: a limit may have been set for now. */
	cg_stat(ct->cg, &s);
	if (s.mem_max != UINT64_MAX)
		snprintf(limit, sizeof(limit), ", limit %llu MiB", (unsigned long long)s.mem_max >> 20);
	log_msg(&ct->vz->log, -1, "VPS %s: out of memory: %llu process%s killed, %llu since its start%s",
		ct->idstr, (unsigned long long)(kills - before), kills - before == 1 ? "" : "es",
		(unsigned long long)kills, limit);
}

void ct_oom_tell(struct ct *ct)
{
	_fd_ int fd = -1;

	if (kpid_open(ct->st.init.pid, ct->st.init.start, &fd) < 0)
		return; /* whoever clears up tells */
	ct_oom_note(ct);
	(void)kpid_wait(fd, LINE_MS);
}
