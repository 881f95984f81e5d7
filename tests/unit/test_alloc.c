/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that runs out: each public call is made again and again, and its 1st, 2nd, 3rd ... allocation
 * fails. It fails with words, or it did without; nothing is lost, nothing is touched twice (sanitizers
 * tell), and the file on disk is the old one or the new one. The linker leads every allocation of the
 * library here (--wrap), and jansson is told.
 */
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdarg.h>
#include <unistd.h>

#include <vz/template.h>
#include <vz/vz.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/path.h"
#include "ct/inside/guestfiles.h"
#include "ct/start_plan.h"
#include "param/param.h"
#include "plan/plan.h"

enum { CALLS_MAX = 20000 };

static long calls, fail_at; /* the fail_at'th of the calls fails; 0: none */

static int fails(void)
{
	if (++calls != fail_at)
		return 0;
	errno = ENOMEM;
	return 1;
}

/* The linker's names for what stands behind each. */
#define WRAP(type, name, args, pass)                                                               \
	type __real_##name args;                                                                   \
	type __wrap_##name args;                                                                   \
	type __wrap_##name args                                                                    \
	{                                                                                          \
		return fails() ? NULL : __real_##name pass;                                        \
	}
WRAP(void *, malloc, (size_t n), (n))
WRAP(void *, calloc, (size_t n, size_t size), (n, size))
WRAP(void *, realloc, (void *p, size_t n), (p, n))
WRAP(void *, reallocarray, (void *p, size_t n, size_t size), (p, n, size))
WRAP(char *, strdup, (const char *s), (s))
WRAP(char *, strndup, (const char *s, size_t n), (s, n))

int __real_vasprintf(char **ret, const char *fmt, va_list ap);
int __wrap_vasprintf(char **ret, const char *fmt, va_list ap);
int __wrap_vasprintf(char **ret, const char *fmt, va_list ap)
{
	return fails() ? -1 : __real_vasprintf(ret, fmt, ap);
}

/* The same in a build with _FORTIFY_SOURCE. */
int __real___vasprintf_chk(char **ret, int flag, const char *fmt, va_list ap);
int __wrap___vasprintf_chk(char **ret, int flag, const char *fmt, va_list ap);
int __wrap___vasprintf_chk(char **ret, int flag, const char *fmt, va_list ap)
{
	return fails() ? -1 : __real___vasprintf_chk(ret, flag, fmt, ap);
}

static void *json_malloc(size_t n)
{
	return malloc(n);
}

/* --- the node ------------------------------------------------------------------------------------- */

static char top[64];

static const char *at(const char *rel)
{
	static char path[160];

	(void)snprintf(path, sizeof(path), "%s/%s", top, rel);
	return path;
}

static void put(const char *rel, const char *text)
{
	if (io_replace_volatile_at(AT_FDCWD, at(rel), text, strlen(text), 0644) < 0)
		TAP_BAD("cannot write %s", rel);
}

static const char conf_text[] = "# kept\nHOSTNAME=\"web.example.com\"\nIP_ADDRESS=\"192.0.2.10 2001:db8::10\"\n"
				"NAMESERVER=\"192.0.2.53\"\nPHYSPAGES=\"0:65536\"\nNUMPROC=\"200\"\n"
				"CAPABILITY=\"NET_RAW:off\"\nFOREIGN=\"stays\"\nOSTEMPLATE=\"tiny\"\n";

static const char manifest_text[] =
	"{ \"name\": \"tiny\", \"description\": \"words\", \"distribution\": \"tiny\", \"release\": \"1\", "
	"\"architecture\": \"x86_64\", \"init\": \"busybox\", \"stop_signal\": 12, "
	"\"packages\": [\"a 1\", \"b 2\"], \"created\": \"2026-01-01T00:00:00Z\", \"entries\": 1, "
	"\"bytes\": 2, \"digest\": "
	"\"sha256:0000000000000000000000000000000000000000000000000000000000000000\" }";

static void remove_top(void)
{
	path_remove_tree_at(AT_FDCWD, top);
}

static void make_node(void)
{
	static const char *const dirs[] = { "conf", "names", "ids", "lock", "dump", "run", "private",
					    "private/101", "template", "template/tiny",
					    "template/tiny/root" };
	_buf_ struct buf b = BUF_INIT;

	if (*top)
		return;
	(void)snprintf(top, sizeof(top), "/tmp/test-alloc.XXXXXX");
	if (!mkdtemp(top))
		abort();
	atexit(remove_top);
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		OK(path_mkdirs(at(dirs[i]), 0755) == 0);
	buf_printf(&b, "LOCKDIR=%1$s/lock\nDUMPDIR=%1$s/dump\nRUNDIR=%1$s/run\nTEMPLATE=%1$s/template\n"
		       "VE_ROOT=%1$s/root/$VEID\nVE_PRIVATE=%1$s/private/$VEID\nDISKSPACE=1G\n", top);
	put("vz.conf", buf_str(&b));
	put("conf/101.conf", conf_text);
	put("conf/102.conf", conf_text);
	put("run/junk", "x");
	put("template/tiny/manifest.json", manifest_text);
	json_set_alloc_funcs(json_malloc, free);
}

static int open_node(struct vz **ret, struct vz_err *e)
{
	static char conf[160];
	struct vz_open_opts o = { .size = sizeof(o), .conf = conf };

	(void)snprintf(conf, sizeof(conf), "%s/vz.conf", top);
	return vz_open(ret, &o, e);
}

/* fn with its 1st, 2nd ... allocation failing, until it needs no more. What it says is looked at. */
static void starve(const char *name, int (*fn)(struct vz_err *e), long most)
{
	struct vz_err e = { 0 };
	long n, refused = 0;
	int r;

	make_node();
	calls = fail_at = 0;
	r = fn(&e);
	if (r < 0)
		TAP_BAD("%s: fails with all memory there is: %s", name, e.text);
	for (n = 1; n < CALLS_MAX; n++) {
		e = (struct vz_err){ 0 };
		calls = 0;
		fail_at = n;
		r = fn(&e);
		fail_at = 0;
		if (calls < n)
			break;
		refused += r < 0;
		if (r < 0 && (!e.code || !*e.text || strchr(e.text, '\n') || strstr(e.text, "(null)")))
			TAP_BAD("%s, allocation %ld: %d, code %d, \"%s\"", name, n, r, (int)e.code, e.text);
	}
	if (n < most || n == CALLS_MAX)
		TAP_BAD("%s: %ld allocations were seen, %ld at least are known", name, n - 1, most);
	if (!refused)
		TAP_BAD("%s: not one of %ld failures was told", name, n - 1);
	e = (struct vz_err){ 0 };
	if (fn(&e) < 0)
		TAP_BAD("%s: does not work any more after that: %s", name, e.text);
}

/* --- the calls ------------------------------------------------------------------------------------ */

static int call_open(struct vz_err *e)
{
	struct vz *vz = NULL;
	int r = open_node(&vz, e);

	if (r == 0)
		OK(vz_node_dir(vz, "run") && !vz_node_dir(vz, "nowhere") && vz_node_cfg(vz));
	vz_close(vz);
	return r;
}

TEST("opening the node")
{
	starve("vz_open", call_open, 10);
}

static struct vz *node;

static int with_node(int (*fn)(struct vz_err *e), const char *name, long most)
{
	struct vz_err e = { 0 };

	make_node();
	fail_at = 0;
	if (open_node(&node, &e) < 0)
		return TAP_BAD("no node: %s", e.text);
	starve(name, fn, most);
	vz_close(node);
	return 0;
}

static int call_find(struct vz_err *e)
{
	struct vz_ct *ct = NULL;
	int r = vz_ct_find(node, "101", 0, &ct, e);

	if (r == 0) {
		EQ(vz_ct_id(ct), 101);
		EQ(vz_ct_init_pid(ct), 0);
		OK(vz_ct_private(ct) && vz_ct_root(ct) && vz_ct_conf_path(ct));
		OK(vz_ct_status(ct) & VZ_ST_EXISTS);
	}
	vz_ct_free(ct);
	return r;
}

TEST("finding a VPS")
{
	with_node(call_find, "vz_ct_find", 20);
}

static int call_list(struct vz_err *e)
{
	uint32_t *ids = NULL;
	size_t n = 0;
	int r = vz_ct_list(node, &ids, &n, e);

	if (r == 0)
		EQ(n, 2);
	free(ids);
	return r;
}

TEST("listing")
{
	with_node(call_list, "vz_ct_list", 1);
}

static int call_set(struct vz_err *e)
{
	static int turn;
	struct vz_set_result res;
	struct vz_cfg *c = NULL;
	struct vz_ct *ct = NULL;
	_buf_ struct buf now = BUF_INIT;
	long at_fail = fail_at;
	int r = vz_cfg_new(&c, e);

	if (r == 0)
		r = vz_cfg_set_option(c, "hostname", ++turn % 2 ? "one.example.com" : "two.example.com", e);
	if (r == 0)
		r = vz_cfg_set_option(c, "numproc", turn % 2 ? "17" : "18", e);
	if (r == 0)
		r = vz_ct_find(node, "101", 0, &ct, e);
	if (r == 0)
		r = vz_ct_set(ct, c, VZ_SET_SAVE, &res, e);
	vz_ct_free(ct);
	vz_cfg_free(c);
	/* Whole, old or new, with what is somebody else's. */
	fail_at = 0;
	EQ(io_read_at(AT_FDCWD, at("conf/101.conf"), 65536, &now), 0);
	HAS(buf_str(&now), "# kept\nHOSTNAME=\"");
	HAS(buf_str(&now), "FOREIGN=\"stays\"\n");
	OK(now.len && now.data[now.len - 1] == '\n');
	fail_at = at_fail;
	return r;
}

TEST("set --save")
{
	with_node(call_set, "vz_ct_set", 40);
}

static int call_template(struct vz_err *e)
{
	struct vz_template *t = NULL;
	char *json = NULL, **names = NULL;
	size_t n = 0;
	int r = vz_template_list(node, &names, &n, e);

	if (r == 0)
		r = vz_template_open(node, "tiny", &t, e);
	if (r == 0)
		r = vz_template_json(t, &json, e);
	free(json);
	vz_template_close(t);
	vz_names_free(names, n);
	return r;
}

TEST("templates")
{
	with_node(call_template, "vz_template_json", 10);
}

/* Every parameter, in the words of a file. */
static const char *const samples[][2] = {
	{ "HOSTNAME", "web.example.com" }, { "IP_ADDRESS", "192.0.2.1 2001:db8::1/64" },
	{ "PHYSPAGES", "1M:2M" }, { "CPULIMIT", "150" }, { "CPUMASK", "0-2,7" },
	{ "NAMESERVER", "192.0.2.53 192.0.2.54" }, { "SEARCHDOMAIN", "a.example b.example" },
	{ "CAPABILITY", "NET_RAW:off SYS_TIME:on" }, { "FEATURES", "nfs:on" },
	{ "DEVNODES", "net/tun:rw" }, { "NETIF", "ifname=eth0,mac=00:18:51:01:02:03" },
	{ "DESCRIPTION", "words" }, { "ONBOOT", "yes" }, { "DISKSPACE", "1G:2G" },
};

static int call_cfg(struct vz_err *e)
{
	struct vz_cfg *c = NULL;
	char *text = NULL;
	int r = vz_cfg_new(&c, e);

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(samples); i++) {
		r = vz_cfg_set(c, samples[i][0], samples[i][1], e);
		if (r == 0)
			r = vz_cfg_get_text(c, samples[i][0], &text, e);
		free(text);
		text = NULL;
	}
	if (r == 0)
		r = vz_cfg_get_json(c, &text, e);
	free(text);
	vz_cfg_free(c);
	return r;
}

TEST("values in and out")
{
	starve("vz_cfg_set", call_cfg, 40);
}

/* The plan of a start: failures are kept until the end, and told there. */
static int call_plan(struct vz_err *e)
{
	_guestfiles_ struct guestfiles files = { 0 };
	struct fs_nodes nodes = { .fd = { 20, 21 }, .name = { "null", "net/tun" }, .n = 2 };
	_buf_ struct buf block = BUF_INIT, filter = BUF_INIT;
	_plan_ struct plan *p = plan_new();
	_cfg_ struct vz_cfg *c = cfg_new();
	struct start_want w = { .root = "/vz/root/101", .cfg = c, .nodes = &nodes, .sock = 10,
				.console = 11, .filter = &filter, .files = &files, .systemd = true };

	if (!p || !c || buf_puts(&filter, "12345678") < 0)
		return err_nomem(e);
	ct_start_plan(p, &w);
	return plan_end(p, &block, e);
}

TEST("the plan of a start")
{
	starve("ct_start_plan", call_plan, 10);
}

TEST("each code has a name, a sentence and an exit status that a shell can tell")
{
	for (int c = 0; c < VZ_NCODES; c++) {
		OK(vz_code_name(c) && *vz_code_name(c));
		OK(vz_code_text(c) && *vz_code_text(c));
		OK(vz_code_exit(c) >= 0 && vz_code_exit(c) < 256 && (c == 0) == (vz_code_exit(c) == 0));
	}
}
