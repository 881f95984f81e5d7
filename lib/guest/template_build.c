/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Build a template: run the family's script into a folder beside the final one, describe it, rename. */
#include "guest/template.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/path.h"
#include "guest/digest.h"
#include "guest/recipe.h"

#define PACKAGES_FILE "packages"
#define WORK_DIR      "work"
#define PACKAGES_MAX  (4u << 20)
#define LINE_LONGEST  1000

struct build {
	const struct template_job *job;
	const struct recipe *recipe;
	struct vz_err *e;
	char fresh[72];		/* ".<name>.new" */
	struct template base;	/* open when the recipe adds to another template */
	struct strv layers;	/* of the base */
	int parent;		/* TEMPLATE, with the lock */
	int dir;		/* TEMPLATE/.<name>.new */
	bool replace;		/* there is one of that name */
	char line[LINE_LONGEST + 1];
	size_t line_len;
	int why_code;		/* what the script's output says about a failure */
	char why[200];
	char last[200];		/* the last line, should nothing else explain it */
};

/* What a script's output means, the most telling first. */
static const struct {
	const char *part;
	int code;
	const char *words; /* NULL: the line itself */
} causes[] = {
	{ "No space left on device", VZ_E_NO_SPACE, "no space left on device" },
	{ "Disk quota exceeded", VZ_E_NO_SPACE, "the disk quota is exceeded" },
	{ "Temporary failure resolving", VZ_E_SYS, NULL },
	{ "Could not resolve", VZ_E_SYS, NULL },
	{ "Could not connect", VZ_E_SYS, NULL },
	{ "Failed to fetch", VZ_E_SYS, NULL },
	{ "E: Unable to locate package", VZ_E_SYS, NULL },
	{ "E: ", VZ_E_SYS, NULL },
};

static void take_line(struct build *b)
{
	b->line[b->line_len] = '\0';
	b->line_len = 0;
	(void)snprintf(b->last, sizeof(b->last), ": %.190s", b->line);
	for (size_t i = 0; i < ARRAY_LEN(causes); i++) {
		const char *at = strstr(b->line, causes[i].part);

		if (!at || (b->why_code && b->why_code <= (int)i + 1))
			continue;
		b->why_code = i + 1;
		(void)snprintf(b->why, sizeof(b->why), "%.190s",
			       causes[i].words ? causes[i].words : b->line);
	}
	if (b->job->line)
		b->job->line(b->job->arg, b->line);
}

static void take_output(struct build *b, const char *data, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (data[i] == '\n' || data[i] == '\r') {
			if (b->line_len)
				take_line(b);
		} else if (b->line_len < LINE_LONGEST) {
			b->line[b->line_len++] = data[i];
		}
	}
}

struct child {
	pid_t creator;
	int out, null;
	int lock; /* kept open by all that the script starts: free when the last of them is gone */
	const char *root, *overlay; /* NULL, or the layers below root as options of an overlay on it */
};

/*
 * Runs in the forked child, with system calls only. The script becomes process 1 of a pid namespace: when
 * we die, however hard, the kernel ends all that it started, and its mounts go with the mount namespace.
 */
static void run_child(const struct child *c, char *const argv[], char *const env[])
{
	pid_t pid;
	int status;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != c->creator)
		_exit(126);
	if (dup2(c->null, 0) < 0 || dup2(c->out, 1) < 0 || dup2(c->out, 2) < 0 ||
	    fcntl(c->lock, F_SETFD, 0) < 0)
		_exit(126);
	if (unshare(CLONE_NEWPID | CLONE_NEWNS) < 0)
		_exit(126);
	pid = fork();
	if (pid < 0)
		_exit(126);
	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 ||
		    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0 ||
		    (c->overlay && mount("vz", c->root, "overlay", 0, c->overlay) < 0))
			_exit(126);
		execve(argv[0], argv, env);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			_exit(126);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 125);
}

static int wait_for(pid_t pid, int *ret_status)
{
	while (waitpid(pid, ret_status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

static int spawn_script(struct build *b, char *const argv[], char *const env[], const char *overlay,
			int *ret_status)
{
	_fd_ int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	_fd_ int rd = -1;
	_fd_ int wr = -1;
	int p[2], r;
	char data[4096];
	struct child c = { .creator = getpid(), .null = null, .lock = b->parent, .root = argv[2],
			   .overlay = overlay };
	pid_t pid;
	ssize_t n;

	if (null < 0 || pipe2(p, O_CLOEXEC) < 0)
		return -errno;
	rd = p[0];
	c.out = wr = p[1];
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		run_child(&c, argv, env);
	cleanup_fd(&wr);
	while ((n = read(rd, data, sizeof(data))) != 0) {
		if (n < 0 && errno != EINTR)
			break;
		if (n > 0)
			take_output(b, data, n);
	}
	r = n < 0 ? -errno : 0;
	if (r < 0)
		(void)kill(pid, SIGKILL);
	if (b->line_len)
		take_line(b);
	return wait_for(pid, ret_status) < 0 ? -ECHILD : r;
}

static int join(struct strv *env, const char *key, const struct strv *words, const char *sep)
{
	_buf_ struct buf text = BUF_INIT;

	buf_printf(&text, "%s=", key);
	for (size_t i = 0; i < words->n; i++)
		buf_printf(&text, "%s%s", i ? sep : "", words->v[i]);
	return text.failed ? -ENOMEM : strv_add(env, buf_str(&text));
}

static int add_var(struct strv *env, const char *key, const char *value)
{
	_free_ char *s = str_printf("%s=%s", key, value);

	return s ? strv_add(env, s) : -ENOMEM;
}

/* The script's whole environment; described in templates/family/debian.sh. */
static int make_env(const struct build *b, struct strv *env)
{
	_free_ char *list = str_printf("%s/%s/" PACKAGES_FILE, b->job->dir, b->fresh);
	const struct recipe *c = b->recipe;
	int r = list ? 0 : -ENOMEM;

	r = r < 0 ? r : add_var(env, "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	r = r < 0 ? r : add_var(env, "HOME", "/root");
	r = r < 0 ? r : add_var(env, "LC_ALL", "C.UTF-8");
	r = r < 0 ? r : add_var(env, "VZ_NAME", c->name);
	r = r < 0 ? r : add_var(env, "VZ_SUITE", c->suite);
	r = r < 0 ? r : add_var(env, "VZ_RELEASE", b->layers.n ? b->base.m.release : c->release);
	r = r < 0 ? r : add_var(env, "VZ_INIT", b->layers.n ? b->base.m.init : c->init);
	r = r < 0 ? r : add_var(env, "VZ_PACKAGE_LIST", list);
	if (b->job->apt_cache)
		r = r < 0 ? r : add_var(env, "VZ_APT_CACHE", b->job->apt_cache);
	r = r < 0 ? r : join(env, "VZ_PACKAGES", &c->packages, ",");
	r = r < 0 ? r : join(env, "VZ_MASK", &c->mask, " ");
	for (const char *const *v = b->job->env; r >= 0 && v && *v; v++)
		r = strv_add(env, *v);
	return r;
}

/*
 * A script that adds to another template finds that one below its root and changes it freely: what it does
 * falls into root/ by way of an overlay, which nobody but the script sees. Folders are not renamed by
 * redirection, so that the layer means the same to every overlay that it is mounted in.
 */
static char *overlay_options(const struct build *b, const char *root)
{
	_buf_ struct buf o = BUF_INIT;

	buf_puts(&o, "redirect_dir=nofollow,metacopy=off,lowerdir=");
	for (size_t i = 0; i < b->layers.n; i++)
		buf_printf(&o, "%s%s/%s/" TEMPLATE_ROOT, i ? ":" : "", b->job->dir, b->layers.v[i]);
	buf_printf(&o, ",upperdir=%s,workdir=%s/../" WORK_DIR, root, root);
	return o.failed ? NULL : buf_take(&o);
}

static int run_script(struct build *b)
{
	_free_ char *script = str_printf("%s/family/%s.sh", b->job->recipes, b->recipe->family);
	_free_ char *root = str_printf("%s/%s/" TEMPLATE_ROOT, b->job->dir, b->fresh);
	_free_ char *overlay = NULL;
	_strv_ struct strv env = { 0 };
	char *argv[] = { (char *)"/bin/bash", script, root, NULL };
	const char *name = b->recipe->name;
	int status = 0;
	int r;

	if (root && b->layers.n)
		overlay = overlay_options(b, root);
	if (!script || !root || make_env(b, &env) < 0 || (b->layers.n && !overlay))
		return err_nomem(b->e);
	if (!path_exists_at(AT_FDCWD, script))
		return err_set(b->e, VZ_E_NO_SCRIPT, -ENOENT, "recipe '%s': '%s' does not exist", name,
			       script);
	r = spawn_script(b, argv, env.v, overlay, &status);
	if (r < 0)
		return err_sys(b->e, VZ_E_SYS, r, "cannot run '%s'", script);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (b->why_code)
		return err_set(b->e, causes[b->why_code - 1].code, -EIO,
			       "cannot build template '%s': %s", name, b->why);
	return err_set(b->e, VZ_E_SYS, -EIO, "cannot build template '%s': '%s' ended with %s %d%s", name,
		       script, WIFEXITED(status) ? "status" : "signal",
		       WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status), b->last);
}

static int read_packages(struct build *b, struct manifest *m)
{
	_buf_ struct buf text = BUF_INIT;
	int r = io_read_at(b->dir, PACKAGES_FILE, PACKAGES_MAX, &text);

	if (r < 0 || text.len == 0)
		return err_set(b->e, VZ_E_BAD_TEMPLATE, r < 0 ? r : -ENODATA,
			       "cannot build template '%s': its script left no list of packages",
			       b->recipe->name);
	if (strv_split(&m->packages, buf_str(&text), "\n") < 0)
		return err_nomem(b->e);
	(void)unlinkat(b->dir, PACKAGES_FILE, 0);
	return 0;
}

/* The root as its VPSs will see it. */
static int open_whole(struct build *b, int rootfd, int *ret_fd)
{
	_strv_ struct strv layers = { 0 };
	int r = 0;

	if (!b->layers.n) {
		*ret_fd = fcntl(rootfd, F_DUPFD_CLOEXEC, 0);
		return *ret_fd < 0 ? -errno : 0;
	}
	r = strv_add(&layers, b->fresh);
	for (size_t i = 0; r == 0 && i < b->layers.n; i++)
		r = strv_add(&layers, b->layers.v[i]);
	return r < 0 ? r : template_view(b->job->dir, &layers, ret_fd, NULL);
}

/* A tree without an init is worth nothing. Links in it lead to within it. */
static int check_root(struct build *b, int rootfd)
{
	_fd_ int whole = -1, fd = -1;
	struct stat st;
	int r = open_whole(b, rootfd, &whole);

	if (r == 0)
		r = path_open_in(whole, "/sbin/init", O_RDONLY, 0, &fd);

	if (r < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || !(st.st_mode & 0111))
		return err_set(b->e, VZ_E_BAD_TEMPLATE, -ENOEXEC,
			       "cannot build template '%s': the tree has no /sbin/init",
			       b->recipe->name);
	if (fchmod(rootfd, 0755) < 0)
		return err_sys(b->e, VZ_E_SYS, -errno, "cannot set the mode of '%s'", TEMPLATE_ROOT);
	return 0;
}

static void fill_text(char *to, size_t size, const char *from)
{
	(void)snprintf(to, size, "%s", from); /* both sides hold what the recipe's checks allow */
}

/* What kind of system it is: by the recipe, or by the template below. */
static void describe_system(const struct build *b, struct manifest *m)
{
	const struct recipe *c = b->recipe;
	const struct manifest *base = &b->base.m;
	bool layer = b->layers.n;

	fill_text(m->distribution, sizeof(m->distribution), layer ? base->distribution : c->distribution);
	fill_text(m->release, sizeof(m->release), layer ? base->release : c->release);
	fill_text(m->architecture, sizeof(m->architecture), layer ? base->architecture : c->architecture);
	fill_text(m->init, sizeof(m->init), layer ? base->init : c->init);
	m->stop_signal = layer ? base->stop_signal : c->stop_signal;
	fill_text(m->base, sizeof(m->base), base->name);
	fill_text(m->base_digest, sizeof(m->base_digest), base->digest);
}

static int describe(struct build *b, struct manifest *m, int rootfd)
{
	const struct recipe *c = b->recipe;
	struct tree_facts facts;
	time_t now = time(NULL);
	struct tm tm;
	int r = digest_tree(rootfd, &facts, b->e);

	if (r < 0)
		return err_prefix(b->e, r, "cannot build template '%s'", c->name);
	fill_text(m->name, sizeof(m->name), c->name);
	fill_text(m->description, sizeof(m->description), c->description);
	describe_system(b, m);
	(void)strftime(m->created, sizeof(m->created), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	(void)snprintf(m->digest, sizeof(m->digest), "sha256:%s", facts.digest);
	m->entries = facts.entries;
	m->bytes = facts.bytes;
	return 0;
}

/* Nobody stands on the one that is there: the lock that says so, which is kept until it is gone. */
static int take_old(struct build *b, int *ret_fd)
{
	_strv_ struct strv privates = { 0 };
	int r = b->job->privates(b->job->privates_arg, &privates, b->e);

	return r < 0 ? r :
		       template_take(b->job->dir, b->recipe->name, &privates, ret_fd, b->e);
}

/* All on disk first, then the one rename that makes it a template. */
static int commit(struct build *b, const struct manifest *m)
{
	_buf_ struct buf text = BUF_INIT;
	_fd_ int old = -1;
	int r = b->replace ? take_old(b, &old) : 0;

	if (r < 0)
		return r;
	r = manifest_print(m, &text);

	if (r < 0)
		return err_nomem(b->e);
	r = io_replace_at(b->dir, MANIFEST_FILE, text.data, text.len, 0644);
	if (r >= 0 && syncfs(b->dir) < 0)
		r = -errno;
	if (r >= 0 && renameat2(b->parent, b->fresh, b->parent, b->recipe->name,
				b->replace ? RENAME_EXCHANGE : RENAME_NOREPLACE) < 0)
		r = -errno;
	if (r >= 0)
		r = path_sync_dir(b->parent);
	/* It has the name of rubbish now: what is not removed here is removed by the next one. */
	if (r >= 0 && b->replace)
		(void)path_remove_tree_at(b->parent, b->fresh);
	if (r < 0)
		return err_sys(b->e, r == -ENOSPC || r == -EDQUOT ? VZ_E_NO_SPACE : VZ_E_SYS, r,
			       "cannot store template '%s'", b->recipe->name);
	return 0;
}

/* The overlay's work folder; the kernel leaves an empty one without any rights in it. */
static int drop_work(struct build *b)
{
	int r = b->layers.n ? path_remove_tree_at(b->dir, WORK_DIR) : 0;

	return r < 0 ? err_sys(b->e, VZ_E_SYS, r, "cannot clear up after template '%s'", b->recipe->name) :
		       0;
}

static int open_base(struct build *b)
{
	int r = template_open(b->job->dir, b->recipe->base, &b->base, b->e);

	if (r == 0)
		r = template_layers(b->job->dir, &b->base, &b->layers, b->e);
	if (r < 0)
		return err_prefix(b->e, r, "cannot build template '%s'", b->recipe->name);
	if (mkdirat(b->dir, WORK_DIR, 0700) < 0)
		return err_sys(b->e, VZ_E_SYS, -errno, "cannot make the tree of '%s'", b->recipe->name);
	return 0;
}

static int build_in(struct build *b)
{
	_manifest_ struct manifest m = { 0 };
	_fd_ int rootfd = -1;
	int r = b->recipe->base[0] ? open_base(b) : 0;

	if (r == 0)
		r = run_script(b);
	if (r < 0)
		return r;
	r = read_packages(b, &m);
	if (r < 0)
		return r;
	rootfd = openat(b->dir, TEMPLATE_ROOT, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (rootfd < 0)
		return err_sys(b->e, VZ_E_SYS, -errno, "cannot open the tree of template '%s'",
			       b->recipe->name);
	r = check_root(b, rootfd);
	if (r == 0)
		r = drop_work(b);
	if (r < 0)
		return r;
	r = describe(b, &m, rootfd);
	return r < 0 ? r : commit(b, &m);
}

static int build_on(const struct template_job *job, const char *name, unsigned depth, struct vz_err *e);

/* A base that is not there yet, and for which there is a recipe, is built first. */
static int want_base(const struct template_job *job, const struct recipe *recipe, unsigned depth,
		     struct vz_err *e)
{
	_free_ char *path = recipe->base[0] ? str_printf("%s/%s", job->dir, recipe->base) : NULL;
	int r = 0;

	if (path && !path_exists_at(AT_FDCWD, path))
		r = depth < TEMPLATE_LAYERS_MAX ?
			    build_on(job, recipe->base, depth + 1, e) :
			    err_set(e, VZ_E_BAD_CONF, -ELOOP, "recipe '%s' is its own base", recipe->name);
	return r < 0 ? r : 0;
}

static int build_on(const struct template_job *job, const char *name, unsigned depth, struct vz_err *e)
{
	_recipe_ struct recipe recipe = { 0 };
	_fd_ int parent = -1;
	_fd_ int dir = -1;
	struct build b = { .job = job, .recipe = &recipe, .e = e, .base = TEMPLATE_INIT };
	int r = recipe_load(job->recipes, name, &recipe, e);

	if (r == 0)
		r = want_base(job, &recipe, depth, e);
	if (r < 0)
		return r;
	r = template_lock_dir(job->dir, &parent, e);
	if (r < 0)
		return r;
	b.replace = path_exists_at(parent, name);
	if (b.replace && !job->privates)
		return 1;
	/* Said before the work; and asked again behind it. */
	r = b.replace ? take_old(&b, &dir) : 0;
	if (r < 0)
		return r;
	cleanup_fd(&dir);
	(void)snprintf(b.fresh, sizeof(b.fresh), ".%s.new", name);
	/* Not for everybody: old set-user-id programs in there are a VPS's, not the host's users'. */
	if (mkdirat(parent, b.fresh, 0700) < 0)
		return err_sys(e, errno == ENOSPC ? VZ_E_NO_SPACE : VZ_E_SYS, -errno,
			       "cannot make '%s/%s'", job->dir, b.fresh);
	dir = openat(parent, b.fresh, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0 || mkdirat(dir, TEMPLATE_ROOT, 0755) < 0)
		return err_sys(e, VZ_E_SYS, -errno, "cannot make the tree of '%s'", name);
	b.parent = parent;
	b.dir = dir;
	r = build_in(&b);
	template_done(&b.base);
	strv_done(&b.layers);
	if (r < 0)
		(void)path_remove_tree_at(parent, b.fresh);
	return r;
}

int template_build(const struct template_job *job, const char *name, struct vz_err *e)
{
	return build_on(job, name, 1, e);
}
