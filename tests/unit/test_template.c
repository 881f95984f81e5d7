/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Templates: digest, manifest, recipes, build by a fake family, verify, remove. */
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/path.h"
#include "guest/digest.h"
#include "guest/recipe.h"
#include "guest/template.h"

#include <vz/codes.h>

static char top[64]; /* a folder of this run */

static const char *at(const char *rel)
{
	static char paths[8][160];
	static unsigned i;
	char *p = paths[i++ % 8];

	(void)snprintf(p, sizeof(paths[0]), "%s/%s", top, rel);
	return p;
}

static void put(const char *rel, const char *text, mode_t mode)
{
	OK(io_replace_at(AT_FDCWD, at(rel), text, strlen(text), mode) == 0);
}

static void cleanup_top(void)
{
	if (top[0])
		(void)path_remove_tree_at(AT_FDCWD, top);
}

__attribute__((constructor)) static void make_top(void)
{
	(void)snprintf(top, sizeof(top), "/tmp/test_template.XXXXXX");
	if (!mkdtemp(top))
		abort();
	atexit(cleanup_top);
}

static int digest_of(const char *rel, struct tree_facts *f, struct vz_err *e)
{
	_fd_ int fd = open(at(rel), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return digest_tree(fd, f, e);
}

static void make_tree(const char *rel)
{
	char p[64];

	(void)snprintf(p, sizeof(p), "%s/b", rel);
	OK(path_mkdirs(at(p), 0755) == 0);
	(void)snprintf(p, sizeof(p), "%s/a", rel);
	put(p, "alpha", 0644);
	(void)snprintf(p, sizeof(p), "%s/b/c", rel);
	OK(symlink("../a", at(p)) == 0);
}

TEST("the digest of bytes is SHA-256")
{
	char hex[DIGEST_HEX];

	digest_bytes("abc", 3, hex);
	STR_EQ(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST("two equal trees have one digest, with the entries and bytes counted")
{
	struct vz_err e = { 0 };
	struct tree_facts a, b;

	make_tree("eq1");
	make_tree("eq2");
	NEED(EQ(digest_of("eq1", &a, &e), 0));
	NEED(EQ(digest_of("eq2", &b, &e), 0));
	STR_EQ(a.digest, b.digest);
	EQ(a.entries, 3);
	EQ(a.bytes, 5);
}

TEST("content, mode, name and link target each change the digest")
{
	struct tree_facts was, now;
	struct vz_err e = { 0 };

	make_tree("chg");
	NEED(EQ(digest_of("chg", &was, &e), 0));
	put("chg/a", "alphb", 0644);
	NEED(EQ(digest_of("chg", &now, &e), 0));
	OK(strcmp(was.digest, now.digest) != 0);
	put("chg/a", "alpha", 0600);
	NEED(EQ(digest_of("chg", &now, &e), 0));
	OK(strcmp(was.digest, now.digest) != 0);
	put("chg/a", "alpha", 0644);
	NEED(EQ(digest_of("chg", &now, &e), 0));
	STR_EQ(was.digest, now.digest);
	OK(unlink(at("chg/b/c")) == 0 && symlink("../b", at("chg/b/c")) == 0);
	NEED(EQ(digest_of("chg", &now, &e), 0));
	OK(strcmp(was.digest, now.digest) != 0);
	OK(unlink(at("chg/b/c")) == 0 && symlink("../a", at("chg/b/d")) == 0);
	NEED(EQ(digest_of("chg", &now, &e), 0));
	OK(strcmp(was.digest, now.digest) != 0);
}

TEST("an owner that no VPS has is refused, naming the file")
{
	struct tree_facts f;
	struct vz_err e = { 0 };

	if (geteuid() != 0)
		SKIP("needs root");
	make_tree("own");
	OK(chown(at("own/a"), 70000, 0) == 0);
	EQ(digest_of("own", &f, &e), -ERANGE);
	EQ(e.code, VZ_E_BAD_TEMPLATE);
	HAS(e.text, "'a' belongs to 70000");
}

static const char good[] =
	"{\"name\":\"t-1\",\"description\":\"d\",\"distribution\":\"debian\",\"release\":\"12\","
	"\"architecture\":\"x86_64\",\"init\":\"tiny\",\"created\":\"2026-11-22T15:04:05Z\","
	"\"digest\":\"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\","
	"\"stop_signal\":12,\"entries\":3,\"bytes\":5,\"packages\":[\"a 1\"]}";

TEST("a manifest survives printing and reading")
{
	_manifest_ struct manifest m = { 0 };
	_manifest_ struct manifest n = { 0 };
	_buf_ struct buf text = BUF_INIT;
	struct vz_err e = { 0 };

	NEED(EQ(manifest_parse(good, strlen(good), "m", &m, &e), 0));
	NEED(EQ(manifest_print(&m, &text), 0));
	NEED(EQ(manifest_parse(text.data, text.len, "m", &n, &e), 0));
	STR_EQ(n.name, "t-1");
	STR_EQ(n.init, "tiny");
	EQ(n.stop_signal, 12);
	EQ(n.packages.n, 1);
	STR_EQ(n.packages.v[0], "a 1");
	STR_EQ(manifest_text(&n, "digest"), m.digest);
}

TEST("a manifest without one of its members is refused, naming it")
{
	static const char *const keys[] = { "name",	"description", "distribution", "release",
					    "init",	"architecture", "created",     "digest",
					    "entries",	"stop_signal", "bytes",	       "packages" };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		_manifest_ struct manifest m = { 0 };
		struct vz_err e = { 0 };
		char quoted[32], text[sizeof(good)];
		char *p;

		memcpy(text, good, sizeof(good));
		(void)snprintf(quoted, sizeof(quoted), "\"%s\"", keys[i]);
		p = strstr(text, quoted);
		NEED(OK(p != NULL));
		p[1] = 'X';
		EQ(manifest_parse(text, strlen(text), "m", &m, &e), -EINVAL);
		EQ(e.code, VZ_E_BAD_TEMPLATE);
		HAS(e.text, keys[i]);
	}
}

static int parse_with(const char *more, struct manifest *m, struct vz_err *e)
{
	char text[sizeof(good) + 300];

	(void)snprintf(text, sizeof(text), "{%s,%s", more, good + 1);
	return manifest_parse(text, strlen(text), "m", m, e);
}

#define DIGEST_0 "sha256:0000000000000000000000000000000000000000000000000000000000000000"

TEST("a manifest names a base with its digest, or has neither")
{
	static const char *const refused[] = {
		"\"base\":\"b-1\"",
		"\"base_digest\":\"" DIGEST_0 "\"",
		"\"base\":\"../b\",\"base_digest\":\"" DIGEST_0 "\"",
	};
	_manifest_ struct manifest m = { 0 };
	_manifest_ struct manifest none = { 0 };
	struct vz_err e = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		_manifest_ struct manifest bad = { 0 };

		e = (struct vz_err){ 0 };
		OK(parse_with(refused[i], &bad, &e) < 0);
		EQ(e.code, VZ_E_BAD_TEMPLATE);
	}
	EQ(parse_with("\"base\":\"b-1\",\"base_digest\":\"" DIGEST_0 "\"", &m, &e), 0);
	STR_EQ(manifest_text(&m, "base"), "b-1");
	STR_EQ(m.base_digest, DIGEST_0);
	EQ(manifest_parse(good, strlen(good), "m", &none, NULL), 0);
	OK(manifest_text(&none, "base") == NULL);
}

TEST("names that lead elsewhere are not names of templates")
{
	OK(manifest_name_ok("debian-12-x86_64"));
	OK(!manifest_name_ok(""));
	OK(!manifest_name_ok(".x.new"));
	OK(!manifest_name_ok("../x"));
	OK(!manifest_name_ok("a/b"));
	OK(!manifest_name_ok("-x"));
}

/* The folder of our own recipes: the build runs tests from anywhere. */
static const char *own_recipes(void)
{
	static char path[256];
	const char *src = getenv("top_srcdir");

	(void)snprintf(path, sizeof(path), "%s/templates", src ? src : ".");
	return path;
}

TEST("every recipe that is shipped is valid and has its family's script")
{
	_strv_ struct strv names = { 0 };
	struct vz_err e = { 0 };

	NEED(EQ(recipe_list(own_recipes(), &names, &e), 0));
	OK(names.n >= 4);
	OK(strv_has(&names, "debian-12-x86_64"));
	for (size_t i = 0; i < names.n; i++) {
		_recipe_ struct recipe r = { 0 };
		char path[400];

		if (!EQ(recipe_load(own_recipes(), names.v[i], &r, &e), 0))
			printf("# %s\n", e.text);
		(void)snprintf(path, sizeof(path), "%s/family/%s.sh", own_recipes(), r.family);
		OK(access(path, R_OK) == 0);
		OK(r.packages.n > 0 && (r.stop_signal > 0) == !r.base[0]);
		OK(!r.base[0] || strv_has(&names, r.base));
	}
}

static const char recipe_text[] =
	"{\"name\":\"t\",\"description\":\"d\",\"family\":\"fake\",\"distribution\":\"x\","
	"\"release\":\"1\",\"suite\":\"s\",\"architecture\":\"x86_64\",\"init\":\"tiny\","
	"\"stop_signal\":12,\"packages\":[\"p\",\"q\"],\"mask\":[]%s}";

static void make_recipe(const char *more, const char *script)
{
	char text[600];

	OK(path_mkdirs(at("recipes/family"), 0755) == 0);
	(void)snprintf(text, sizeof(text), recipe_text, more);
	put("recipes/t.json", text, 0644);
	put("recipes/family/fake.sh", script, 0755);
}

static const char works[] = "echo \"$VZ_PACKAGES $VZ_SUITE 1\" > \"$VZ_PACKAGE_LIST\"\n"
			    "mkdir \"$1/sbin\"; printf '#!/bin/sh\\n' > \"$1/sbin/init\"\n"
			    "chmod 755 \"$1/sbin/init\"; echo 'I: made'\n";

TEST("a recipe with a key that means nothing is refused, naming it")
{
	_recipe_ struct recipe r = { 0 };
	struct vz_err e = { 0 };

	make_recipe(",\"masks\":[]", works);
	EQ(recipe_load(at("recipes"), "t", &r, &e), -EINVAL);
	EQ(e.code, VZ_E_BAD_CONF);
	HAS(e.text, "'masks'");
}

static int build(struct vz_err *e)
{
	struct template_job job = { .dir = at("tmpl"), .recipes = at("recipes") };

	return template_build(&job, "t", e);
}

static void fresh(void)
{
	OK(path_remove_tree_at(AT_FDCWD, at("tmpl")) == 0);
}

/* What is in TEMPLATE, by number: templates and rubbish. */
static int entries(void)
{
	int n = 0;
	_dir_ DIR *d = opendir(at("tmpl"));

	while (d && readdir(d))
		n++;
	return n - 2;
}

TEST("a built template is listed, opens, verifies, and is not built twice")
{
	_template_ struct template t = TEMPLATE_INIT;
	_strv_ struct strv names = { 0 };
	struct vz_err e = { 0 };

	if (geteuid() != 0)
		SKIP("needs root");
	fresh();
	make_recipe("", works);
	if (!EQ(build(&e), 0))
		printf("# %s\n", e.text);
	EQ(build(&e), 1);
	EQ(template_list(at("tmpl"), &names, &e), 0);
	NEED(EQ(names.n, 1));
	NEED(EQ(template_open(at("tmpl"), "t", &t, &e), 0));
	EQ(t.m.packages.n, 1);
	STR_EQ(t.m.packages.v[0], "p,q s 1");
	EQ(template_verify(at("tmpl"), "t", &e), 0);
	put("tmpl/t/root/sbin/init", "#!/bin/sh\nexit\n", 0755);
	EQ(template_verify(at("tmpl"), "t", &e), -EBADMSG);
	EQ(e.code, VZ_E_BAD_TEMPLATE);
}

static void expect_failure(const char *script, int code, const char *words)
{
	struct vz_err e = { 0 };

	fresh();
	make_recipe("", script);
	OK(build(&e) < 0);
	EQ(e.code, code);
	HAS(e.text, words);
	EQ(entries(), 0);
}

TEST("a failed build says why in one line and leaves nothing")
{
	if (geteuid() != 0)
		SKIP("needs root");
	expect_failure("echo 'x: No space left on device'; echo 'E: later'; exit 1", VZ_E_NO_SPACE,
		       "no space left");
	expect_failure("echo 'W: Temporary failure resolving x'; exit 100", VZ_E_SYS,
		       "Temporary failure resolving");
	expect_failure("exit 7", VZ_E_SYS, "status 7");
	expect_failure("echo one; echo two; exit 7", VZ_E_SYS, "status 7: two");
	expect_failure("echo 'p 1' > $VZ_PACKAGE_LIST", VZ_E_BAD_TEMPLATE, "no /sbin/init");
	expect_failure("exit 0", VZ_E_BAD_TEMPLATE, "no list of packages");
}

/* Start a build whose script says when it is at work, and kill whoever called for it. */
static void killed_build(void)
{
	char beat[200];
	pid_t pid;
	int n = 0;

	(void)snprintf(beat, sizeof(beat), "touch \"$1/half\"; exec sleep 300");
	make_recipe("", beat);
	pid = fork();
	if (pid == 0) {
		struct vz_err e = { 0 };

		(void)build(&e);
		_exit(0);
	}
	while (access(at("tmpl/.t.new/root/half"), F_OK) < 0 && n++ < 500)
		(void)usleep(10000);
	OK(kill(pid, SIGKILL) == 0);
	OK(waitpid(pid, NULL, 0) == pid);
}

TEST("after kill -9 in the middle the next build clears up and succeeds")
{
	struct vz_err e = { 0 };
	int r, n = 0;

	if (geteuid() != 0)
		SKIP("needs root");
	fresh();
	killed_build();
	EQ(entries(), 1);
	make_recipe("", works);
	/* What the script started dies with the builder; only then is the lock free. */
	do {
		e = (struct vz_err){ 0 };
		r = build(&e);
		(void)usleep(10000);
	} while (r == -EBUSY && n++ < 500);
	if (!EQ(r, 0))
		printf("# %s\n", e.text);
	EQ(entries(), 1);
	EQ(template_verify(at("tmpl"), "t", &e), 0);
}

TEST("a template that a private area stands on, or that is open, is not removed")
{
	struct template t = TEMPLATE_INIT;
	_strv_ struct strv privates = { 0 };
	struct vz_err e = { 0 }, e2 = { 0 }, e3 = { 0 };

	if (geteuid() != 0)
		SKIP("needs root");
	fresh();
	make_recipe("", works);
	NEED(EQ(build(&e), 0));
	OK(path_mkdirs(at("private/7"), 0755) == 0);
	put("private/7/layout.json", "{\"layout\":\"overlay\",\"lower\":[\"u\",\"t\"]}", 0644);
	OK(strv_add(&privates, at("private/7")) == 0);
	EQ(template_remove(at("tmpl"), "t", &privates, &e), -EBUSY);
	HAS(e.text, "private/7");
	put("private/7/layout.json", "{\"layout\":\"overlay\",\"lower\":[\"u\"]}", 0644);
	NEED(EQ(template_open(at("tmpl"), "t", &t, &e2), 0));
	EQ(template_remove(at("tmpl"), "t", &privates, &e2), -EBUSY);
	template_done(&t);
	EQ(template_remove(at("tmpl"), "t", &privates, &e3), 0);
	EQ(entries(), 0);
	EQ(template_open(at("tmpl"), "t", &t, &e3), -ENOENT);
	EQ(e3.code, VZ_E_TEMPLATE_MISSING);
	template_done(&t);
}
