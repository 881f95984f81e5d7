/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration files: what is read, what is warned about, what a rewrite touches. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "param/cfgfile.h"
#include "param/param.h"
#include "tap.h"

struct seen {
	int warnings, details;
	char last[1100];
};

static void see(void *arg, int level, const char *text)
{
	struct seen *s = arg;

	*(level < 0 ? &s->warnings : &s->details) += 1;
	(void)snprintf(s->last, sizeof(s->last), "%s", text);
}

static int parse(struct vz_cfg *c, const char *text, struct seen *s, struct vz_err *e)
{
	struct cfgfile f = { .dirfd = AT_FDCWD, .path = "x.conf", .log = { see, s } };

	return cfgfile_parse(&f, text, strlen(text), c, e);
}

/* The printed value of one key of a text; NULL text of a key that is not set. */
static const char *value_of(const char *text, const char *key)
{
	static char out[8192];
	_cfg_ struct vz_cfg *c = cfg_new();
	_buf_ struct buf b = BUF_INIT;
	struct seen s = { 0 };

	if (parse(c, text, &s, NULL) < 0 ||
	    cfg_print(c, (enum vz_param)param_by_key(key, strlen(key)), &b) < 0)
		return NULL;
	(void)snprintf(out, sizeof(out), "%s", buf_str(&b));
	return out;
}

TEST("lines: quotes or none, leading blanks, comments, empty lines")
{
	STR_EQ(value_of("DESCRIPTION=\"a b\"\n", "DESCRIPTION"), "a b");
	STR_EQ(value_of("DESCRIPTION=a b  \n", "DESCRIPTION"), "a b");
	STR_EQ(value_of("\n \t\n  # DESCRIPTION=no\n  DESCRIPTION=x", "DESCRIPTION"), "x");
	STR_EQ(value_of("DESCRIPTION=\"a\"\r\n", "DESCRIPTION"), "a");
	OK(value_of("#DESCRIPTION=x\n", "DESCRIPTION") == NULL);
	OK(value_of("", "DESCRIPTION") == NULL);
}

TEST("a quoted value ends at the last quote of the line, the rest is dropped")
{
	STR_EQ(value_of("DESCRIPTION=\"a\" b \"c\" d\n", "DESCRIPTION"), "a\" b \"c");
	STR_EQ(value_of("DESCRIPTION=\"a\" # comment\n", "DESCRIPTION"), "a");
	STR_EQ(value_of("DESCRIPTION=\"a b\n", "DESCRIPTION"), "a b");
}

TEST("without quotes a comment is part of the value, and NAMESERVER=inherit # ... is tolerated")
{
	STR_EQ(value_of("DESCRIPTION=a # b\n", "DESCRIPTION"), "a # b");
	STR_EQ(value_of("NAMESERVER=inherit # take those of the node\n", "NAMESERVER"), "inherit");
}

TEST("a backslash is removed and the next character is literal; single quotes stay")
{
	STR_EQ(value_of("DESCRIPTION=\"a\\\"b\\\\c\\$d\"\n", "DESCRIPTION"), "a\"b\\c$d");
	STR_EQ(value_of("DESCRIPTION=a\\ b\\\n", "DESCRIPTION"), "a b");
	STR_EQ(value_of("DESCRIPTION='a'\n", "DESCRIPTION"), "'a'");
}

TEST("of duplicates the first counts, with a warning; a bad line does not count")
{
	struct seen s = { 0 };
	_cfg_ struct vz_cfg *c = cfg_new();

	EQ(parse(c, "NUMPROC=10\nNUMPROC=20\n", &s, NULL), 1);
	EQ(c->numproc.lim, 10);
	HAS(s.last, "x.conf:2: NUMPROC");
	STR_EQ(value_of("NUMPROC=x\nNUMPROC=20\n", "NUMPROC"), "20");
	STR_EQ(value_of("CPUUWEIGHT=500\nCPUUNITS=1000\n", "CPUUNITS"), "500");
}

TEST("a bad value is a warning with file and line, and the rest is read")
{
	struct seen s = { 0 };
	_cfg_ struct vz_cfg *c = cfg_new();

	EQ(parse(c, "# x\nONBOOT=\"true\"\nnonsense\nNUMPTY=7\n", &s, NULL), 2);
	EQ(s.warnings, 2);
	OK(!cfg_has(c, VZ_P_ONBOOT));
	EQ(c->numpty.lim, 7);
	HAS(s.last, "x.conf:3: ");
	memset(&s, 0, sizeof(s));
	EQ(parse(c, "ONBOOT=1\n", &s, NULL), 1);
	HAS(s.last, "x.conf:1: ONBOOT: '1' is not");
}

TEST("a number that is too large is clamped, with a warning")
{
	struct seen s = { 0 };
	_cfg_ struct vz_cfg *c = cfg_new();

	EQ(parse(c, "KMEMSIZE=99999999999999999999\nCPUUNITS=600000\nIOLIMIT=4G\n", &s, NULL), 3);
	OK(c->kmemsize.lim == VZ_UNLIMITED);
	EQ(c->cpuunits, 500000);
	EQ(c->iolimit, 2147483647);
}

TEST("an unknown name is no warning, only a detail")
{
	struct seen s = { 0 };
	_cfg_ struct vz_cfg *c = cfg_new();

	EQ(parse(c, "GOLDEN_IMAGE=\"yes\"\nexport FOO=1\n", &s, NULL), 0);
	EQ(s.warnings, 0);
	EQ(s.details, 2);
}

TEST("an empty value is as good as no line")
{
	struct seen s = { 0 };
	_cfg_ struct vz_cfg *c = cfg_new();

	EQ(parse(c, "IP_ADDRESS=\"\"\nCPUUNITS=\nCPUUNITS=9\n", &s, NULL), 0);
	OK(!cfg_has(c, VZ_P_IP_ADDRESS));
	EQ(c->cpuunits, 9);
}

TEST("what was set before the file is read stays, silently")
{
	struct seen s = { 0 };
	_cfg_ struct vz_cfg *c = cfg_new();

	EQ(cfg_set_text(c, VZ_P_NUMPROC, "5", NULL), 0);
	EQ(parse(c, "NUMPROC=10\n", &s, NULL), 0);
	EQ(c->numproc.lim, 5);
}

TEST("NUL bytes, too long a line and too large a file are refused")
{
	static char big[CFG_FILE_MAX + 2];
	struct cfgfile f = { .path = "x.conf" };
	_cfg_ struct vz_cfg *c = cfg_new();
	struct vz_err e = { 0 };

	OK(cfgfile_parse(&f, "NUMPROC=1\0\n", 11, c, &e) < 0);
	EQ(e.code, VZ_E_BAD_CONF);
	memset(big, 'a', sizeof(big));
	e = (struct vz_err){ 0 };
	EQ(cfgfile_parse(&f, big, CFG_LINE_MAX + 1, c, &e), -E2BIG);
	HAS(e.text, "line 1");
	memset(big, '\n', sizeof(big));
	EQ(cfgfile_parse(&f, big, CFG_FILE_MAX, c, &e), 0);
	e = (struct vz_err){ 0 };
	EQ(cfgfile_parse(&f, big, CFG_FILE_MAX + 1, c, &e), -E2BIG);
	EQ(e.code, VZ_E_BAD_CONF);
}

/* ---- rewriting ---- */

/* Set key to value (NULL: unset) in the text old, compare with want; returns as render does. */
static int rewrite(const char *old, const char *key, const char *value, const char *want)
{
	_cfg_ struct vz_cfg *c = cfg_new();
	_buf_ struct buf out = BUF_INIT;
	struct pset changed = { 0 };
	struct vz_err e = { 0 };
	enum vz_param p = (enum vz_param)param_by_key(key, strlen(key));
	int r;

	pset_add(&changed, p);
	if (value && !EQ(cfg_set_text(c, p, value, &e), 0))
		printf("# %s\n", e.text);
	r = cfgfile_render(old, strlen(old), c, &changed, &out, &e);
	STR_EQ(buf_str(&out), want);
	return r;
}

TEST("a rewrite changes one line and keeps comments, unknown names and odd lines")
{
	EQ(rewrite("#UUID: 1-2\nFOO='x\ny'\nONBOOT=\"no\"  # c\n\nBAR=1", "ONBOOT", "yes",
		   "#UUID: 1-2\nFOO='x\ny'\nONBOOT=\"yes\"\n\nBAR=1"),
	   1);
}

TEST("a new parameter is appended, also behind a file without a last newline")
{
	EQ(rewrite("NUMPTY=1", "ONBOOT", "yes", "NUMPTY=1\nONBOOT=\"yes\"\n"), 1);
	EQ(rewrite("", "ONBOOT", "yes", "ONBOOT=\"yes\"\n"), 1);
}

TEST("nothing changed: the text is the same, also in another spelling")
{
	EQ(rewrite("DISKSPACE=2G:2.2G\n", "DISKSPACE", "2G:2.2G", "DISKSPACE=2G:2.2G\n"), 0);
	EQ(rewrite("X=1\n", "ONBOOT", NULL, "X=1\n"), 0);
}

TEST("the first line in column 0 is replaced, later duplicates stay")
{
	EQ(rewrite("NUMPTY=1\nNUMPTY=2\n", "NUMPTY", "3", "NUMPTY=\"3\"\nNUMPTY=2\n"), 1);
	EQ(rewrite("NUMPTY=x\nNUMPTY=2\n", "NUMPTY", "3", "NUMPTY=\"3\"\nNUMPTY=2\n"), 1);
}

TEST("an indented line stays, and does not win over the new one")
{
	EQ(rewrite("  NUMPTY=1\nA=1\n", "NUMPTY", "3", "NUMPTY=\"3\"\n  NUMPTY=1\nA=1\n"), 1);
	STR_EQ(value_of("NUMPTY=\"3\"\n  NUMPTY=1\nA=1\n", "NUMPTY"), "3");
}

TEST("unset removes every line of the name, whatever its spelling")
{
	EQ(rewrite("A=1\nCPUUNITS=9\n CPUUWEIGHT=8\nCPUUNITS=7\nB=1\n", "CPUUNITS", NULL,
		   "A=1\nB=1\n"),
	   1);
}

TEST("a line of an alias is the line of the parameter")
{
	EQ(rewrite("DCACHE=\"10\"\n", "DCACHESIZE", "20", "DCACHESIZE=\"20\"\n"), 1);
}

TEST("$VEID is written literally in paths, and shell characters are escaped elsewhere")
{
	EQ(rewrite("", "VE_ROOT", "/vz/root/$VEID", "VE_ROOT=\"/vz/root/$VEID\"\n"), 1);
	EQ(rewrite("", "VE_PRIVATE", "/v$x/${VEID}/", "VE_PRIVATE=\"/v\\$x/${VEID}\"\n"), 1);
	EQ(rewrite("", "DESCRIPTION", "`a` \"b\" $c \\d",
		   "DESCRIPTION=\"\\`a\\` \\\"b\\\" \\$c \\\\d\"\n"),
	   1);
	STR_EQ(value_of("DESCRIPTION=\"\\`a\\` \\\"b\\\" \\$c \\\\d\"\n", "DESCRIPTION"),
	       "`a` \"b\" $c \\d");
}

TEST("a value that would make too long a line is refused, not cut")
{
	_cfg_ struct vz_cfg *c = cfg_new();
	_buf_ struct buf out = BUF_INIT;
	struct pset changed = { 0 };
	struct vz_err e = { 0 };
	char addr[80];

	pset_add(&changed, VZ_P_IP_ADDRESS);
	for (unsigned i = 0; i < 2000; i++) {
		(void)snprintf(addr, sizeof(addr), "2001:db8:aaaa:bbbb:cccc:dddd:eeee:%x/64",
			       i + 4096);
		EQ(cfg_add_text(c, VZ_P_IP_ADDRESS, addr, NULL), 0);
	}
	EQ(cfgfile_render("", 0, c, &changed, &out, &e), -E2BIG);
	EQ(e.code, VZ_E_SAVE);
}

TEST("$VEID is expanded once, and slashes at the end are cut")
{
	static const char *const rows[][2] = {
		{ "/vz/$VEID", "/vz/101" },	   { "/vz/${VEID}/x/", "/vz/101/x" },
		{ "/$VEID/$VEID", "/101/$VEID" }, { "/${VEID}/$VEID", "/101/$VEID" },
		{ "/vz/private", "/vz/private" }, { "/", "/" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *s = cfgfile_expand(rows[i][0], "101");

		STR_EQ(s, rows[i][1]);
		free(s);
	}
}

TEST("update writes through a symlink, keeps the mode, and leaves an unchanged file alone")
{
	char dir[] = "/tmp/test_param.XXXXXX";
	_cfg_ struct vz_cfg *c = cfg_new();
	_buf_ struct buf text = BUF_INIT;
	struct pset changed = { 0 };
	struct stat a, b;
	struct cfgfile f = { .path = "l.conf" };

	NEED(OK(mkdtemp(dir) != NULL));
	f.dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	EQ(io_replace_at(f.dirfd, "real.conf", "NUMPTY=1\n", 9, 0640), 0);
	EQ(symlinkat("real.conf", f.dirfd, "l.conf"), 0);
	pset_add(&changed, VZ_P_NUMPTY);
	EQ(cfg_set_text(c, VZ_P_NUMPTY, "2", NULL), 0);
	EQ(cfgfile_update(&f, c, &changed, NULL), 1);
	EQ(fstatat(f.dirfd, "l.conf", &a, AT_SYMLINK_NOFOLLOW), 0);
	OK(S_ISLNK(a.st_mode));
	EQ(io_read_at(f.dirfd, "real.conf", 100, &text), 0);
	STR_EQ(buf_str(&text), "NUMPTY=\"2\"\n");
	EQ(fstatat(f.dirfd, "real.conf", &a, 0), 0);
	EQ(a.st_mode & 0777, 0640);
	EQ(cfgfile_update(&f, c, &changed, NULL), 0);
	EQ(fstatat(f.dirfd, "real.conf", &b, 0), 0);
	EQ(a.st_ino, b.st_ino);
	f.path = "new.conf";
	EQ(cfgfile_update(&f, c, &changed, NULL), 1);
	f.path = "none.conf";
	f.missing = VZ_E_NO_CONF;
	EQ(cfgfile_read(&f, c, &(struct vz_err){ 0 }), -ENOENT);
	(void)unlinkat(f.dirfd, "l.conf", 0);
	(void)unlinkat(f.dirfd, "real.conf", 0);
	(void)unlinkat(f.dirfd, "new.conf", 0);
	close(f.dirfd);
	EQ(rmdir(dir), 0);
}

TEST("the samples are read without a warning, and 1g is 1024m")
{
	const char *top = getenv("srcdir"); /* as automake gives it */
	char dir[4096];
	struct dirent *d;
	int n = 0;
	DIR *samples;

	(void)snprintf(dir, sizeof(dir), "%s/cgroup-profiles", top ? top : ".");
	samples = opendir(dir);
	NEED(OK(samples != NULL));
	while ((d = readdir(samples))) {
		struct seen s = { 0 };
		struct cfgfile f = { dirfd(samples), d->d_name, 0, { see, &s } };
		_cfg_ struct vz_cfg *c = cfg_new();
		struct vz_err e = { 0 };

		if (!strstr(d->d_name, ".conf-sample"))
			continue;
		n++;
		if (!EQ(cfgfile_read(&f, c, &e), 0) || !EQ(s.warnings + s.details, 0))
			printf("# %s: %s%s\n", d->d_name, e.text, s.last);
		OK(cfg_has(c, VZ_P_DISKSPACE) && cfg_has(c, VZ_P_CPUUNITS));
		if (strstr(d->d_name, "1g"))
			EQ(c->physpages.lim, 262144);
		if (strstr(d->d_name, "256m"))
			EQ(c->swappages.lim, 131072);
	}
	EQ(n, 8);
	(void)closedir(samples);
}
