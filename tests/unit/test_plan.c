/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Golden plans: what happens inside a VPS before its init, for each configuration in tests/golden, is
 * what the plan beside it says. Needs no root: nothing is run. VZ_GOLDEN_UPDATE=1 writes the plans
 * anew, to be read in the diff.
 */
#include "tap.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/str.h"
#include "ct/inside/guestfiles.h"
#include "ct/start_plan.h"
#include "fs/fs.h"
#include "guest/files.h"
#include "param/cfgfile.h"
#include "param/param.h"
#include "plan/plan.h"
#include "sec/sec.h"

#define TEXT_MAX (1u << 20)

static const struct golden {
	const char *name; /* tests/golden/NAME.conf and NAME.plan */
	size_t groups;	  /* tasks files: none on a host with the unified tree alone */
	const char *line; /* runs instead of init */
	bool sysv;
} plain = { .name = "plain" }, hybrid = { .name = "plain-hybrid", .groups = 3 },
  full = { .name = "full" }, nesting = { .name = "nesting" },
  script = { .name = "script", .line = "echo hello; exit 3" },
  sysv = { .name = "plain", .sysv = true };

static const char *at(const char *name, const char *suffix, char *path, size_t size)
{
	const char *top = getenv("top_srcdir");

	(void)snprintf(path, size, "%s/tests/golden/%s.%s", top ? top : ".", name, suffix);
	return path;
}

/* As lib/ct does it for a root whose files are empty. */
static void add_file(struct guestfiles *g, const char *path, int r)
{
	if (OK(r == 0) && g->text[g->n].len) {
		g->file[g->n] = (struct start_file){ path, &g->text[g->n], 0644 };
		g->n++;
	}
}

static void files_of(const struct vz_cfg *c, struct guestfiles *g)
{
	char ip[INET6_ADDRSTRLEN] = "";

	if (c->ip_address.n)
		inet_ntop(c->ip_address.v[0].family, c->ip_address.v[0].ip, ip, sizeof(ip));
	if (cfg_has(c, VZ_P_HOSTNAME)) {
		add_file(g, "/etc/hostname", guest_hostname(c->hostname, &g->text[g->n]));
		add_file(g, "/etc/hosts",
			 guest_hosts(NULL, c->hostname, *ip ? ip : NULL, &g->text[g->n]));
	}
	if (cfg_has(c, VZ_P_NAMESERVER))
		add_file(g, "/etc/resolv.conf",
			 guest_resolv(&c->nameserver, &c->searchdomain, &g->text[g->n]));
}

static int read_conf(const char *name, struct vz_cfg *c)
{
	char path[600];
	struct cfgfile f = { .dirfd = AT_FDCWD, .path = at(name, "conf", path, sizeof(path)) };
	struct vz_err e = { 0 };
	int r = cfgfile_read(&f, c, &e);

	if (r < 0)
		TAP_BAD("%s", e.text);
	return r;
}

/* The plan in words; descriptors are made up, since only their roles are shown. */
static int plan_of(const struct golden *g, const struct vz_cfg *c, struct buf *out)
{
	_guestfiles_ struct guestfiles files = { 0 };
	struct fs_nodes nodes = { .fd = { 20, 21, 22 }, .name = { "null", "net/tun", NULL }, .n = 3,
				  .copy = { "fuse", "snd/seq" }, .ncopies = 2 };
	static const int groups[] = { 30, 31, 32 };
	_buf_ struct buf block = BUF_INIT, filter = BUF_INIT;
	_plan_ struct plan *p = plan_new();
	struct start_want w = { .root = "/vz/root/101", .cfg = c, .nodes = &nodes, .cg_fds = groups,
				.ncg_fds = g->groups, .sock = 10, .console = 11, .filter = &filter,
				.files = &files, .line = g->line, .sysv = g->sysv,
				.boot_id = "8f2c-of-this-start\n" };
	_buf_ struct buf dump = BUF_INIT;
	struct vz_err e = { 0 };
	int r;

	files_of(c, &files);
	buf_puts(&filter, "12345678");
	if (!p || !OK(sec_caps(c, &w.caps, &e) == 0))
		return -ENOMEM;
	ct_start_plan(p, &w);
	if (!OK(plan_end(p, &block, &e) == 0))
		TAP_BAD("%s", e.text);
	r = plan_dump(p, &dump);
	/* Without the numbers a step more is a line more in a diff, and not all that follow. */
	for (const char *l = buf_str(&dump); r == 0 && *l; l += strcspn(l, "\n") + 1) {
		const char *step = l + strspn(l, " 0123456789");

		r = buf_add(out, step, strcspn(step, "\n"));
		if (r == 0)
			r = buf_putc(out, '\n');
	}
	return r;
}

/* The first line that differs says more than two pages. */
static void compare(const char *have, const char *want)
{
	unsigned line = 1;

	while (*have && *have == *want) {
		line += *have == '\n';
		have++;
		want++;
	}
	if (*have || *want)
		TAP_BAD("line %u: have \"%.*s\", want \"%.*s\"", line, (int)strcspn(have, "\n"), have,
			(int)strcspn(want, "\n"), want);
}

static void check(const struct golden *g)
{
	_cfg_ struct vz_cfg *c = cfg_new();
	_buf_ struct buf have = BUF_INIT, want = BUF_INIT;
	char path[600];

	/* One configuration may serve for two kinds of hosts. */
	NEED(OK(c != NULL) && OK(read_conf(g == &hybrid ? "plain" : g->name, c) >= 0));
	NEED(OK(plan_of(g, c, &have) == 0));
	at(g->name, "plan", path, sizeof(path));
	if (getenv("VZ_GOLDEN_UPDATE"))
		OK(io_replace_at(AT_FDCWD, path, have.data, have.len, 0644) == 0);
	NEED(EQ(io_read_at(AT_FDCWD, path, TEXT_MAX, &want), 0));
	compare(buf_str(&have), buf_str(&want));
}

TEST("a VPS without any parameter has the plan of plain.plan")
{
	check(&plain);
}

TEST("on a host with several hierarchies its first process enters each of them")
{
	check(&hybrid);
}

TEST("host name, name servers, limits and capabilities are steps of full.plan")
{
	check(&full);
}

TEST("with nesting allowed nothing of /proc is masked, as nesting.plan says")
{
	check(&nesting);
}

TEST("a line in init's place is run by sh, as script.plan says")
{
	check(&script);
}

/* Where a step stands in the dump, by the words that it begins with; -1: nowhere. */
static int position(const struct buf *dump, const char *words)
{
	int line = 0;
	const char *s = buf_str(dump);

	for (; *s; s += strcspn(s, "\n") + 1, line++)
		if (strncmp(s, words, strlen(words)) == 0)
			return line;
	return -1;
}

TEST("sysvinit makes its session by itself, so that its console does not become its terminal")
{
	_cfg_ struct vz_cfg *c = cfg_new();
	_buf_ struct buf with = BUF_INIT, without = BUF_INIT;

	NEED(OK(c != NULL) && OK(read_conf("plain", c) >= 0));
	NEED(OK(plan_of(&plain, c, &with) == 0) && OK(plan_of(&sysv, c, &without) == 0));
	OK(position(&with, "SETSID") > 0);
	EQ(position(&without, "SETSID"), -1);
}

TEST("what must come before something else does")
{
	static const char *const order[] = {
		"CLOSE_FDS", "UNDUMPABLE", "WAIT 0x2", "CGROUP", "UNSHARE", "PRIVATE", "TREE", "PIVOT",
		"SETIDS", "MOUNT proc", "MOUNT sysfs", "MOUNT cgroup2", "MOUNT tmpfs /dev ", "ATTACH",
		"MOUNT devpts", "MASK", "READONLY", "DETACH", "HOSTNAME", "FILE", "PTY", "POST", "WAIT 0x4",
		"RLIMIT", "SIGNALS", "BOUNDING", "SECCOMP", "EXEC",
	};
	_cfg_ struct vz_cfg *c = cfg_new();
	_buf_ struct buf dump = BUF_INIT;
	int last = -1;

	NEED(OK(c != NULL) && OK(read_conf("full", c) >= 0) && OK(plan_of(&hybrid, c, &dump) == 0));
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		int here = position(&dump, order[i]);

		if (here <= last)
			TAP_BAD("'%s' stands on line %d, after line %d", order[i], here, last);
		last = here;
	}
}
