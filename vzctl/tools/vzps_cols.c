// SPDX-License-Identifier: GPL-2.0-or-later
/* vzps: the columns. */
#include "vzps_int.h"

#include <inttypes.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <time.h>

enum { NAMES = 4 };

void ps_node_read(struct ps_node *ret)
{
	struct timespec up, now;
	struct sysinfo si;

	clock_gettime(CLOCK_BOOTTIME, &up);
	clock_gettime(CLOCK_REALTIME, &now);
	ret->up = (double)up.tv_sec + (double)up.tv_nsec / 1e9;
	ret->boot = now.tv_sec - up.tv_sec;
	ret->memory = sysinfo(&si) == 0 ? (uint64_t)si.totalram * si.mem_unit : 0;
}

/* ---- numbers ---- */

#define VALUE(name, expression)                                                                    \
	static double v_##name(const struct vz_proc *p, const struct ps_node *n)                   \
	{                                                                                          \
		(void)n;                                                                           \
		return (double)(expression);                                                       \
	}

static double elapsed(const struct vz_proc *p, const struct ps_node *n)
{
	double s = n->up - (double)p->start / PS_TICKS;

	return s > 0 ? s : 0;
}

static double cpu_seconds(const struct vz_proc *p)
{
	return (double)(p->user_ticks + p->sys_ticks) / PS_TICKS;
}

VALUE(ctid, p->ctid)
VALUE(pid, p->pid)
VALUE(vpid, p->vpid)
VALUE(ppid, p->ppid)
VALUE(pgid, p->pgrp)
VALUE(sid, p->session)
VALUE(uid, p->uid)
VALUE(vuid, p->vuid == UINT32_MAX ? -1.0 : (double)p->vuid)
VALUE(vsz, p->vsize / 1024)
VALUE(rss, p->rss / 1024)
VALUE(nice, p->nice)
VALUE(pri, 39 - p->prio)
VALUE(nlwp, p->threads)
VALUE(etimes, elapsed(p, n))
VALUE(cputimes, cpu_seconds(p))
VALUE(pmem, n->memory ? 100.0 * (double)p->rss / (double)n->memory : 0)
VALUE(start, p->start)

static double v_pcpu(const struct vz_proc *p, const struct ps_node *n)
{
	double s = elapsed(p, n);

	return s > 0.01 ? 100 * cpu_seconds(p) / s : 0;
}

/* ---- texts ---- */

#define TEXT(name)                                                                                 \
	static void t_##name(const struct vz_proc *p, const struct ps_node *n, char *out, size_t size)

TEXT(user)
{
	(void)n;
	snprintf(out, size, "%s", p->user);
}

TEXT(tty)
{
	(void)n;
	snprintf(out, size, "%s", p->tty);
}

TEXT(comm)
{
	(void)n;
	snprintf(out, size, "%s%s", p->comm, p->state == 'Z' ? " <defunct>" : "");
}

TEXT(args)
{
	if (!p->args && p->state == 'Z')
		t_comm(p, n, out, size);
	else if (!p->args)
		snprintf(out, size, "[%s]", p->comm);
	else
		snprintf(out, size, "%s", p->args);
}

TEXT(state)
{
	(void)n;
	snprintf(out, size, "%c", p->state);
}

/* ps(1), "process state codes" */
TEXT(stat)
{
	(void)n;
	snprintf(out, size, "%c%s%s%s", p->state, p->nice < 0 ? "<" : p->nice > 0 ? "N" : "",
		 p->session == p->pid ? "s" : "", p->threads > 1 ? "l" : "");
}

TEXT(pcpu)
{
	snprintf(out, size, "%.1f", v_pcpu(p, n));
}

TEXT(pmem)
{
	snprintf(out, size, "%.1f", v_pmem(p, n));
}

TEXT(c)
{
	snprintf(out, size, "%.0f", v_pcpu(p, n));
}

/* [DD-]hh:mm:ss */
TEXT(time)
{
	uint64_t s = (uint64_t)cpu_seconds(p);

	(void)n;
	if (s >= 86400)
		snprintf(out, size, "%" PRIu64 "-%02u:%02u:%02u", s / 86400, (unsigned)(s / 3600 % 24),
			 (unsigned)(s / 60 % 60), (unsigned)(s % 60));
	else
		snprintf(out, size, "%02u:%02u:%02u", (unsigned)(s / 3600), (unsigned)(s / 60 % 60),
			 (unsigned)(s % 60));
}

TEXT(bsdtime)
{
	uint64_t s = (uint64_t)cpu_seconds(p);

	(void)n;
	snprintf(out, size, "%" PRIu64 ":%02u", s / 60, (unsigned)(s % 60));
}

TEXT(etime)
{
	uint64_t s = (uint64_t)elapsed(p, n);
	unsigned h = (unsigned)(s / 3600 % 24), m = (unsigned)(s / 60 % 60), sec = (unsigned)(s % 60);

	if (s >= 86400)
		snprintf(out, size, "%" PRIu64 "-%02u:%02u:%02u", s / 86400, h, m, sec);
	else if (h)
		snprintf(out, size, "%02u:%02u:%02u", h, m, sec);
	else
		snprintf(out, size, "%02u:%02u", m, sec);
}

static void began(const struct vz_proc *p, const struct ps_node *n, struct tm *ret)
{
	time_t t = n->boot + (time_t)(p->start / PS_TICKS);

	localtime_r(&t, ret);
}

/* The time of the last day, the day of longer ago. */
TEXT(stime)
{
	struct tm tm;

	began(p, n, &tm);
	strftime(out, size, elapsed(p, n) < 86400 ? "%H:%M" : "%b%d", &tm);
}

TEXT(lstart)
{
	struct tm tm;

	began(p, n, &tm);
	strftime(out, size, "%a %b %e %H:%M:%S %Y", &tm);
}

/* Of a helper that has not entered its VPS there is none. */
TEXT(vpid)
{
	(void)n;
	snprintf(out, size, p->vpid ? "%d" : "-", p->vpid);
}

TEXT(vuid)
{
	(void)n;
	snprintf(out, size, p->vuid == UINT32_MAX ? "-" : "%u", p->vuid);
}

/* ---- the table ---- */

static const struct {
	const char *names[NAMES]; /* besides that of the column */
	struct ps_column c;
} columns[] = {
	{ { "veid", "envid", "ct" }, { "ctid", "CTID", 10, true, NULL, v_ctid } },
	{ { NULL }, { "pid", "PID", 7, true, NULL, v_pid } },
	{ { NULL }, { "vpid", "VPID", 6, true, t_vpid, v_vpid } },
	{ { NULL }, { "ppid", "PPID", 7, true, NULL, v_ppid } },
	{ { "pgrp" }, { "pgid", "PGID", 7, true, NULL, v_pgid } },
	{ { "sess", "session" }, { "sid", "SID", 7, true, NULL, v_sid } },
	{ { "euid" }, { "uid", "UID", 10, true, NULL, v_uid } },
	{ { NULL }, { "vuid", "VUID", 5, true, t_vuid, v_vuid } },
	{ { "euser", "uname", "vuser" }, { "user", "USER", -8, false, t_user, NULL } },
	{ { "s" }, { "state", "S", 1, false, t_state, NULL } },
	{ { NULL }, { "stat", "STAT", -4, false, t_stat, NULL } },
	{ { "%cpu" }, { "pcpu", "%CPU", 4, true, t_pcpu, v_pcpu } },
	{ { NULL }, { "c", "C", 2, true, t_c, v_pcpu } },
	{ { "%mem" }, { "pmem", "%MEM", 4, true, t_pmem, v_pmem } },
	{ { "vsize" }, { "vsz", "VSZ", 7, true, NULL, v_vsz } },
	{ { "rssize", "rsz" }, { "rss", "RSS", 6, true, NULL, v_rss } },
	{ { "tty", "tname" }, { "tt", "TTY", -8, false, t_tty, NULL } },
	{ { "cputime" }, { "time", "TIME", 8, false, t_time, v_cputimes } },
	{ { NULL }, { "bsdtime", "TIME", 6, false, t_bsdtime, v_cputimes } },
	{ { NULL }, { "cputimes", "TIME", 8, true, NULL, v_cputimes } },
	{ { NULL }, { "etime", "ELAPSED", 11, false, t_etime, v_etimes } },
	{ { NULL }, { "etimes", "ELAPSED", 7, true, NULL, v_etimes } },
	{ { "start", "start_time", "bsdstart" }, { "stime", "STIME", 5, false, t_stime, v_start } },
	{ { NULL }, { "lstart", "STARTED", -24, false, t_lstart, v_start } },
	{ { "nice" }, { "ni", "NI", 3, true, NULL, v_nice } },
	{ { NULL }, { "pri", "PRI", 3, true, NULL, v_pri } },
	{ { "thcount" }, { "nlwp", "NLWP", 4, true, NULL, v_nlwp } },
	{ { "ucmd", "ucomm" }, { "comm", "COMMAND", -15, false, t_comm, NULL } },
	{ { "cmd", "command" }, { "args", "COMMAND", -27, false, t_args, NULL } },
};
#define NCOLUMNS (sizeof(columns) / sizeof(columns[0]))

static bool is_name(const char *have, const char *name, size_t len)
{
	return have && strlen(have) == len && memcmp(have, name, len) == 0;
}

const struct ps_column *ps_column_find(const char *name, size_t len)
{
	for (size_t i = 0; i < NCOLUMNS; i++) {
		if (is_name(columns[i].c.name, name, len))
			return &columns[i].c;
		for (size_t k = 0; k < NAMES; k++)
			if (is_name(columns[i].names[k], name, len))
				return &columns[i].c;
	}
	return NULL;
}

const struct ps_column *ps_column_next(const struct ps_column *prev)
{
	size_t i = 0;

	while (prev && i < NCOLUMNS && &columns[i].c != prev)
		i++;
	i += prev != NULL;
	return i < NCOLUMNS ? &columns[i].c : NULL;
}

unsigned ps_column_need(const struct ps_column *c)
{
	return c->text == t_args ? VZ_PROC_ARGS : c->text == t_user ? VZ_PROC_USER : 0;
}
