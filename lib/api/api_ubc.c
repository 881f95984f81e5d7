// SPDX-License-Identifier: LGPL-2.1-or-later
/* Public entry points: beancounters, from what this kernel counts. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <vz/text.h>
#include <vz/ubc.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "cgroup/cg.h"
#include "ct/ct.h"
#include "ct/limit/acct.h"
#include "kern/kproc.h"
#include "param/check.h"
#include "param/param.h"

enum { LOCKS_MAX = 1 << 24, USERS_MAX = 64, TTYS_MAX = 4096 };

/* All that a row may be made of. Unknown: UINT64_MAX. */
struct figures {
	struct cg_stat cg;
	uint64_t used;	   /* memory and swap */
	uint64_t privvm, privvm_peak;
	uint64_t tcp, othersock, files, locks, ptys, signals;
	uint64_t zero;
	struct acct acct;
};
static const size_t unknown_until = offsetof(struct figures, zero);

enum { NEED_GROUP = 1, NEED_SOCKETS = 2, NEED_FILES = 4, NEED_LOCKS = 8, NEED_PTYS = 16, NEED_SIGNALS = 32,
       NEED_EACH = NEED_FILES | NEED_LOCKS | NEED_PTYS | NEED_SIGNALS };

#define AT(member) (offsetof(struct figures, member) + 1)
#define CG(member) (offsetof(struct figures, cg.member) + 1)

/* Where the figures of a row are, plus one; 0: the kernel has none. Pages are counted in bytes there. */
static const struct row {
	uint16_t held, peak, fail;
	unsigned need;
} rows[VZ_NUBC] = {
	[VZ_UBC_KMEMSIZE] = { CG(kmem), CG(kmem_peak), AT(zero), NEED_GROUP },
	[VZ_UBC_LOCKEDPAGES] = { CG(locked), 0, AT(zero), NEED_GROUP },
	[VZ_UBC_PRIVVMPAGES] = { AT(privvm), AT(privvm_peak), AT(zero), NEED_GROUP },
	[VZ_UBC_SHMPAGES] = { CG(shmem), 0, AT(zero), NEED_GROUP },
	[VZ_UBC_NUMPROC] = { CG(pids), CG(pids_peak), AT(acct.numproc), NEED_GROUP },
	[VZ_UBC_PHYSPAGES] = { CG(mem), CG(mem_peak), AT(acct.oom), NEED_GROUP },
	[VZ_UBC_VMGUARPAGES] = { AT(zero), 0, AT(zero), 0 }, /* a guarantee: nothing is held of it */
	[VZ_UBC_OOMGUARPAGES] = { AT(used), 0, AT(acct.oom_kill), NEED_GROUP },
	[VZ_UBC_NUMTCPSOCK] = { AT(tcp), 0, AT(zero), NEED_SOCKETS },
	[VZ_UBC_NUMFLOCK] = { AT(locks), 0, AT(zero), NEED_LOCKS },
	[VZ_UBC_NUMPTY] = { AT(ptys), 0, AT(zero), NEED_PTYS },
	[VZ_UBC_NUMSIGINFO] = { AT(signals), 0, AT(zero), NEED_SIGNALS },
	/* The kernel has one figure for the buffers of all sockets. */
	[VZ_UBC_TCPSNDBUF] = { CG(sock), 0, AT(zero), NEED_GROUP },
	[VZ_UBC_TCPRCVBUF] = { CG(sock), 0, AT(zero), NEED_GROUP },
	[VZ_UBC_OTHERSOCKBUF] = { CG(sock), 0, AT(zero), NEED_GROUP },
	[VZ_UBC_DGRAMRCVBUF] = { 0 },
	[VZ_UBC_NUMOTHERSOCK] = { AT(othersock), 0, AT(zero), NEED_SOCKETS },
	[VZ_UBC_DCACHESIZE] = { CG(dcache), 0, AT(zero), NEED_GROUP },
	[VZ_UBC_NUMFILE] = { AT(files), 0, AT(zero), NEED_FILES },
	[VZ_UBC_NUMIPTENT] = { 0 },
	[VZ_UBC_SWAPPAGES] = { CG(swap), CG(swap_peak), AT(acct.swap), NEED_GROUP },
};

static const struct {
	const char *name;
	char unit;
	enum vz_param param;
	size_t field;
} names[VZ_NUBC] = {
#define UBC_NAME(id, word, unit) { #word, unit, VZ_P_##id, offsetof(struct vz_cfg, word) },
	VZ_UBCS(UBC_NAME)
#undef UBC_NAME
};

/* ---- what has to be counted ---- */

/* "TCP: inuse 5 orphan 0 ..." */
static uint64_t word_of(const char *text, const char *line)
{
	uint64_t v;

	return vz_scan_key(text, line, &v) ? v : 0;
}

/* Those of the VPS's network namespace; one that it has made within itself counts for itself. */
static void count_sockets(int init, struct figures *f)
{
	char text[2048];
	uint64_t all;

	if (kproc_text(init, "net/sockstat", text, sizeof(text)) < 0)
		return;
	all = word_of(text, "sockets: used ");
	f->tcp = word_of(text, "TCP: inuse ");
	if (kproc_text(init, "net/sockstat6", text, sizeof(text)) > 0)
		f->tcp += word_of(text, "TCP6: inuse ");
	f->othersock = all > f->tcp ? all - f->tcp : 0;
}

static bool has_pid(const pid_t *v, size_t n, pid_t pid)
{
	size_t from = 0;

	while (from < n) {
		size_t mid = from + (n - from) / 2;

		if (v[mid] == pid)
			return true;
		if (v[mid] < pid)
			from = mid + 1;
		else
			n = mid;
	}
	return false;
}

/* "1: POSIX  ADVISORY  WRITE 1234 08:01:5 0 EOF"; "1: -> ..." is one that waits. proc_locks(5) */
static void count_locks(const pid_t *v, size_t n, struct figures *f)
{
	_buf_ struct buf text = BUF_INIT;

	if (io_read_at(AT_FDCWD, "/proc/locks", LOCKS_MAX, &text) < 0)
		return;
	f->locks = 0;
	for (const char *p = buf_str(&text); *p; p += strcspn(p, "\n"), p += *p == '\n') {
		const char *at = p;
		uint64_t pid;

		if (vz_scan_skip_u64(&at, 4, &pid) && pid <= INT32_MAX && has_pid(v, n, (pid_t)pid))
			f->locks++;
	}
}

/* Once for each user, whose signals the kernel counts together. */
static void add_signals(const struct kproc_status *s, uid_t *seen, size_t *nseen, struct figures *f)
{
	for (size_t i = 0; i < *nseen; i++)
		if (seen[i] == s->uid)
			return;
	if (*nseen < USERS_MAX)
		seen[(*nseen)++] = s->uid;
	f->signals += s->sigq;
}

/* Terminals that somebody works on; what the VPS says of them in its own /dev is not asked. */
static void add_tty(uint32_t tty, uint8_t *seen, struct figures *f)
{
	unsigned maj = tty >> 8 & 0xff, min = (tty & 0xff) | (tty >> 12 & 0xfff00);

	if (maj < 136 || maj > 143 || min >= TTYS_MAX || seen[min / 8] & 1 << min % 8)
		return;
	seen[min / 8] |= (uint8_t)(1 << min % 8);
	f->ptys++;
}

static void count_each(int proc, const pid_t *v, size_t n, unsigned need, struct figures *f)
{
	uint8_t ttys[TTYS_MAX / 8] = { 0 };
	uid_t users[USERS_MAX];
	size_t nusers = 0;

	f->files = f->ptys = f->signals = 0;
	for (size_t i = 0; i < n; i++) {
		struct kproc_status status;
		struct kproc_stat s;
		_fd_ int fd = -1;
		uint64_t files;

		if (kproc_open(proc, v[i], &fd) < 0)
			continue;
		if (need & NEED_FILES && kproc_nfiles(fd, &files) == 0)
			f->files += files;
		if (need & NEED_PTYS && kproc_stat(fd, &s) == 0)
			add_tty(s.tty, ttys, f);
		if (need & NEED_SIGNALS && kproc_status(fd, &status) == 0)
			add_signals(&status, users, &nusers, f);
	}
}

static void count(struct ct *ct, unsigned need, struct figures *f)
{
	_fd_ int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	_fd_ int init = -1;
	_free_ pid_t *v = NULL;
	size_t n;

	if (proc < 0)
		return;
	if (need & NEED_SOCKETS && kproc_open(proc, ct->st.init.pid, &init) == 0 && ct_is_running(ct))
		count_sockets(init, f);
	if (!(need & NEED_EACH) || cg_procs(ct->cg, &v, &n) < 0)
		return;
	if (need & NEED_LOCKS)
		count_locks(v, n, f);
	if (need & (NEED_EACH & ~(unsigned)NEED_LOCKS))
		count_each(proc, v, n, need, f);
}

/* ---- what follows from several figures ---- */

static uint64_t plus(uint64_t a, uint64_t b)
{
	return a == UINT64_MAX || b == UINT64_MAX ? a : a + b;
}

/*
 * Where PHYSPAGES has no limit, memory is limited by PRIVVMPAGES: that is what such a VPS was sold by, and there
 * its memory and its failures are. Else it is private memory, wherever it is.
 */
static void by_rule(bool vswap, struct figures *f)
{
	f->used = plus(f->cg.mem, f->cg.swap);
	f->privvm = vswap ? plus(f->cg.anon, f->cg.swap) : f->cg.mem;
	f->privvm_peak = vswap ? UINT64_MAX : f->cg.mem_peak;
}

static uint64_t figure(const struct figures *f, uint16_t at, unsigned unit)
{
	uint64_t v;

	if (!at)
		return VZ_UBC_UNKNOWN;
	memcpy(&v, (const char *)f + at - 1, sizeof(v));
	return v == UINT64_MAX ? VZ_UBC_UNKNOWN : v / unit;
}

static void fill_row(const struct figures *f, unsigned i, bool vswap, bool fail, struct vz_ubc *u)
{
	unsigned unit = names[i].unit == 'p' ? VZ_PAGE : 1;
	uint16_t from = rows[i].fail;

	if (!vswap && i == VZ_UBC_PHYSPAGES)
		from = AT(zero);
	else if (!vswap && i == VZ_UBC_PRIVVMPAGES)
		from = AT(acct.oom);
	u->held = figure(f, rows[i].held, unit);
	u->maxheld = figure(f, rows[i].peak, unit);
	if (u->held != VZ_UBC_UNKNOWN && (u->maxheld == VZ_UBC_UNKNOWN || u->maxheld < u->held))
		u->maxheld = u->held;
	if (fail)
		u->failcnt = figure(f, from, 1);
}

/* The kernel's own limits, where it has them. */
static void real_limits(const struct figures *f, bool vswap, struct vz_ubc *u)
{
	const struct {
		enum vz_ubc_id id;
		uint64_t max;
		unsigned unit;
	} real[] = {
		{ vswap ? VZ_UBC_PHYSPAGES : VZ_UBC_PRIVVMPAGES, f->cg.mem_max, VZ_PAGE },
		{ VZ_UBC_SWAPPAGES, f->cg.swap_max, VZ_PAGE },
		{ VZ_UBC_NUMPROC, f->cg.pids_max, 1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(real); i++)
		if (real[i].max != UINT64_MAX)
			u[real[i].id].limit = real[i].max / real[i].unit;
}

static uint64_t limit(uint64_t v)
{
	return v > VZ_UBC_UNLIMITED ? VZ_UBC_UNLIMITED : v;
}

/* What the file says; of one that runs also what follows from it, and all else is unlimited. */
static void from_file(const struct vz_cfg *c, bool running, struct vz_ubc *u)
{
	for (size_t i = 0; i < VZ_NUBC; i++) {
		const struct ubc *v = (const struct ubc *)((const char *)c + names[i].field);
		bool set = cfg_has(c, names[i].param);
		uint64_t other = running ? VZ_UBC_UNLIMITED : VZ_UBC_UNKNOWN;

		u[i] = (struct vz_ubc){ .name = names[i].name, .held = VZ_UBC_UNKNOWN,
					.maxheld = VZ_UBC_UNKNOWN, .failcnt = VZ_UBC_UNKNOWN,
					.barrier = set ? limit(v->bar) : other,
					.limit = set ? limit(v->lim) : other };
	}
}

static int limits(struct ct *ct, bool running, struct vz_ubc *u)
{
	struct vz_cfg *c;
	int r;

	if (!running) {
		from_file(ct->cfg, false, u);
		return 0;
	}
	c = cfg_new();
	r = c ? cfg_merge(c, ct->cfg) : -ENOMEM;
	if (r == 0) {
		cfg_derive(c);
		from_file(c, true, u);
	}
	cfg_free(c);
	return r;
}

int vz_ct_ubc(struct vz_ct *handle, uint32_t wanted, struct vz_ubc ret[VZ_NUBC], struct vz_err *e)
{
	struct ct *ct = (struct ct *)handle;
	bool vswap = cfg_is_vswap(ct->cfg), fail = wanted & VZ_UBC_FAIL;
	bool running = ct_is_running(ct);
	struct figures f;
	unsigned need = 0;

	if (limits(ct, running, ret) < 0)
		return err_nomem(e);
	for (size_t i = 0; i < VZ_NUBC; i++)
		need |= wanted & 1u << i ? rows[i].need : 0;
	if (!(wanted & VZ_UBC_ALL) || !running || ct_cgroup(ct, NULL) < 0)
		return 0;
	memset(&f, 0, sizeof(f));
	memset(&f, 0xff, unknown_until);
	if (need & NEED_GROUP) {
		cg_stat(ct->cg, &f.cg);
		by_rule(vswap, &f);
		real_limits(&f, vswap, ret);
	}
	if (need & NEED_GROUP && fail)
		ct_acct_total(ct, &f.cg, NULL, &f.acct);
	if (need & ~(unsigned)NEED_GROUP)
		count(ct, need, &f);
	for (unsigned i = 0; i < VZ_NUBC; i++)
		if (wanted & 1u << i)
			fill_row(&f, i, vswap, fail, &ret[i]);
	return 0;
}
