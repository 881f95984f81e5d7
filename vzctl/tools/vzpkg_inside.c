// SPDX-License-Identifier: GPL-2.0-or-later
/* Packages in a VPS: one row per package manager, words for it to execute inside. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vzpkg_int.h"

#define WORDS	  12
#define MAX_NAMES 512

/*
 * Words before the names. A row without names of its own for "some" takes those of "all". What is a line for a
 * shell is constant: names never go through one.
 */
static const struct manager {
	const char *program;
	const char *simulate; /* the word that makes it only say what it would do */
	const char *refresh[WORDS];
	const char *words[PKG_NACTIONS][WORDS];
	const char *update_some[WORDS];
	const char *list, *list_summary, *status; /* shell lines */
} managers[] = {
	{ "apt-get", "-s", { "apt-get", "-q", "update" },
	  { [PKG_INSTALL] = { "apt-get", "-q", "-y", "-o", "Dpkg::Options::=--force-confold", "install" },
	    [PKG_REMOVE] = { "apt-get", "-q", "-y", "remove" },
	    [PKG_UPDATE] = { "apt-get", "-q", "-y", "-o", "Dpkg::Options::=--force-confold",
			     "--with-new-pkgs", "upgrade" },
	    [PKG_CLEAN] = { "apt-get", "clean" } },
	  { "apt-get", "-q", "-y", "-o", "Dpkg::Options::=--force-confold", "--only-upgrade", "install" },
	  "dpkg-query -W -f '${db:Status-Abbrev}\t${Package}\t${Architecture}\t${Version}\n' | sed -n 's/^ii *\t//p'",
	  "dpkg-query -W -f '${db:Status-Abbrev}\t${Package}\t${Architecture}\t${Version}\t${binary:Summary}\n' |"
	  " sed -n 's/^ii *\t//p'",
	  "l=$(apt-get -q -s --with-new-pkgs upgrade) || exit 1; l=$(printf '%s\\n' \"$l\" | sed -n 's/^Inst //p');"
	  " [ -n \"$l\" ] || exit 0; printf '%s\\n' \"$l\"; exit 22" },
#define RPM_ROW(cmd)                                                                               \
	{ cmd, "--assumeno", { cmd, "-q", "makecache" },                                           \
	  { [PKG_INSTALL] = { cmd, "-y", "install" },                                              \
	    [PKG_REMOVE] = { cmd, "-y", "remove" },                                                \
	    [PKG_UPDATE] = { cmd, "-y", "update" },                                                \
	    [PKG_CLEAN] = { cmd, "clean", "packages" } },                                          \
	  { NULL },                                                                                \
	  "rpm -qa --qf '%{NAME}\t%{ARCH}\t%{VERSION}-%{RELEASE}\n' | sort",                       \
	  "rpm -qa --qf '%{NAME}\t%{ARCH}\t%{VERSION}-%{RELEASE}\t%{SUMMARY}\n' | sort",           \
	  cmd " -q check-update; r=$?; [ $r != 100 ] || exit 22; exit $r" }
	RPM_ROW("dnf"),
	RPM_ROW("yum"),
	{ "apk", "-s", { "apk", "update" },
	  { [PKG_INSTALL] = { "apk", "add" }, [PKG_REMOVE] = { "apk", "del" },
	    [PKG_UPDATE] = { "apk", "upgrade" }, [PKG_CLEAN] = { "apk", "cache", "clean" } },
	  { NULL }, "apk info -v", "apk info -vv",
	  "l=$(apk version -q -l '<') || exit 1; [ -n \"$l\" ] || exit 0; printf '%s\\n' \"$l\"; exit 22" },
};
#define NMANAGERS (sizeof(managers) / sizeof(managers[0]))

/* Its exit status as of a shell; -1 after one line. With null its output goes nowhere. */
static int inside(struct pkg *p, struct vz_ct *ct, const char *const *argv, bool shell, bool null)
{
	static const char *const env[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "TERM=linux",
		"LC_ALL=C", "DEBIAN_FRONTEND=noninteractive", NULL
	};
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC), pidfd, r;
	struct vz_exec_opts o = { .size = sizeof(o), .argv = argv, .shell = shell, .env = env,
				  .set_stdio = true, .stdio = { fd, null ? fd : 1, null ? fd : 2 } };
	struct vz_err e = { 0 };
	siginfo_t si = { 0 };

	fflush(stdout);
	r = vz_ct_exec(ct, &o, &pidfd, &e);
	if (fd >= 0)
		close(fd);
	if (r < 0) {
		tool_fail(p->t, &e, 0);
		return -1;
	}
	while (waitid(P_PIDFD, (id_t)pidfd, &si, WEXITED) < 0)
		if (errno != EINTR)
			break;
	close(pidfd);
	return si.si_code == CLD_EXITED ? si.si_status : 128 + si.si_status;
}

static const struct manager *find(struct pkg *p, struct vz_ct *ct)
{
	for (size_t i = 0; i < NMANAGERS; i++) {
		char line[64];
		const char *argv[] = { line, NULL };
		int r;

		snprintf(line, sizeof(line), "command -v %s", managers[i].program);
		r = inside(p, ct, argv, true, true);
		if (r <= 0)
			return r < 0 ? NULL : &managers[i];
	}
	pkg_refuse(p, 0, "no package manager is known in the VPS", NULL);
	return NULL;
}

/* No option, no path of a file, nothing for a shell. */
static bool is_name(const char *s)
{
	size_t n = strlen(s);

	return n && n < 200 && s[0] != '-' && s[0] != '.' && s[0] != '/' &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+_:~=/@-") == n;
}

static size_t copy(const char **to, const char *const *from)
{
	size_t n = 0;

	for (; from[n]; n++)
		to[n] = from[n];
	return n;
}

static int outcome(struct pkg *p, const struct manager *m, int status)
{
	if (status <= 0)
		return status < 0 ? PKG_SYSTEM : 0;
	if (status == PKG_OUTDATED)
		return PKG_OUTDATED;
	if (status > 128)
		return pkg_refuse(p, PKG_KILLED, "it was killed:", m->program);
	return pkg_refuse(p, PKG_PROGRAM, "it failed in the VPS:", m->program);
}

static int act(struct pkg *p, struct vz_ct *ct, const struct manager *m, enum pkg_action a, char **words,
	       size_t n)
{
	const char *argv[WORDS + MAX_NAMES + 2];
	bool some = a == PKG_UPDATE && n && m->update_some[0], check = pkg_has(p, P_CHECK);
	size_t at = copy(argv, some ? m->update_some : m->words[a]);
	int r = 0;

	if (check) {
		memmove(argv + 2, argv + 1, at * sizeof(argv[0]));
		argv[1] = m->simulate;
		at++;
	}
	for (size_t i = 0; i < n; i++)
		argv[at++] = words[i];
	argv[at] = NULL;
	if (a == PKG_INSTALL || a == PKG_UPDATE)
		r = inside(p, ct, m->refresh, false, pkg_has(p, P_QUIET));
	if (r == 0)
		r = inside(p, ct, argv, false, pkg_has(p, P_QUIET));
	/* The word for "no" answers no, which yum and dnf end with 1 for. */
	if (check && r == 1 && strcmp(m->simulate, "--assumeno") == 0)
		r = 0;
	return outcome(p, m, r);
}

int pkg_inside_ct(struct pkg *p, struct vz_ct *ct, enum pkg_action a, char **words, size_t n)
{
	unsigned st = vz_ct_status(ct);
	const struct manager *m;
	const char *line[2] = { NULL, NULL };

	if (n > MAX_NAMES)
		return pkg_refuse(p, PKG_ARGUMENT, "too many packages", NULL);
	for (size_t i = 0; i < n; i++)
		if (!is_name(words[i]))
			return pkg_refuse(p, PKG_ARGUMENT, "not the name of a package:", words[i]);
	if (!(st & VZ_ST_RUNNING))
		return st & VZ_ST_SUSPENDED ? pkg_refuse(p, PKG_SUSPENDED, "the VPS is suspended", NULL) :
					      pkg_refuse(p, PKG_NOT_RUNNING, "the VPS is not running", NULL);
	m = find(p, ct);
	if (!m)
		return PKG_NO_MANAGER;
	if (a != PKG_STATUS && a != PKG_LIST)
		return act(p, ct, m, a, words, n);
	line[0] = a == PKG_STATUS ? m->status : pkg_has(p, P_SUMMARY) ? m->list_summary : m->list;
	return outcome(p, m, inside(p, ct, line, true, a == PKG_STATUS && pkg_has(p, P_QUIET)));
}

int pkg_inside(struct pkg *p)
{
	enum pkg_action a = (enum pkg_action)p->action;
	bool names = a == PKG_INSTALL || a == PKG_REMOVE;
	struct vz_ct *ct;
	int r;

	if (!p->n)
		return pkg_refuse(p, PKG_ARGUMENT, "which VPS?", NULL);
	if (names && p->n < 2)
		return pkg_refuse(p, PKG_ARGUMENT, "which packages?", NULL);
	if (a == PKG_STATUS && p->n > 1)
		return pkg_refuse(p, PKG_ARGUMENT, "one word too many:", p->words[1]);
	if (pkg_has(p, P_GROUPS))
		return pkg_refuse(p, PKG_ARGUMENT, "groups of packages are not known here", NULL);
	ct = pkg_ct(p, p->words[0], &r);
	if (!ct)
		return r;
	/* Without -p the words were application templates, which this node has none of. */
	if (p->n > 1 && !pkg_has(p, P_PACKAGES))
		r = pkg_refuse(p, PKG_NO_TEMPLATE, "no such application template (packages are named with -p):",
			       p->words[1]);
	else
		r = pkg_inside_ct(p, ct, a, p->words + 1, p->n - 1);
	vz_ct_free(ct);
	return r;
}
