// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vzquota: disk use and disk limits of a VPS. The file system keeps count by itself and is never off, so that
 * only questions and limits have a meaning left. Exit codes are the historic ones.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <vz/quota.h>

#include "tool.h"

enum {
	EXIT_SYSTEM = 1, EXIT_USAGE = 2, EXIT_KERNEL = 3, EXIT_ON = 5, EXIT_NOT_ON = 6, EXIT_LOCKED = 7,
	EXIT_UGID = 9, EXIT_NO_FILE = 11, EXIT_CONFIG = 12, EXIT_NO_PLACE = 13,
};
enum { O_HELP, O_VERSION, O_QUIET, O_VERBOSE, O_BATCH };
enum { O_SUB, O_UGID, O_GID, O_BSOFT, O_BHARD, O_BTIME, O_ISOFT, O_IHARD, O_ITIME, O_PATH, O_ROOTABLE, O_FILE,
       O_FORCE, O_TABLE };

static const struct opt_def options[] = {
	{ "help", OPT_FLAG, O_HELP, 'h' },
	{ "version", OPT_FLAG, O_VERSION, 'V' },
	{ "quiet", OPT_FLAG, O_QUIET, 'q' },
	{ "verbose", OPT_FLAG, O_VERBOSE, 'v' },
	{ "batch", OPT_FLAG, O_BATCH, 'b' },
	{ NULL, OPT_FLAG, 0, 0 },
};

/* Behind the command. Those that say how a quota file is kept are understood and mean nothing. */
static const struct opt_def more_options[] = {
	{ "sub-quotas", OPT_ARG, O_SUB, 's' },
	{ "ugid-limit", OPT_ARG, O_UGID, 'u' },
	{ NULL, OPT_ARG, O_GID, 'g' },
	{ "block-softlimit", OPT_ARG, O_BSOFT, 'b' },
	{ "block-hardlimit", OPT_ARG, O_BHARD, 'B' },
	{ "block-exptime", OPT_ARG, O_BTIME, 'e' },
	{ "inode-softlimit", OPT_ARG, O_ISOFT, 'i' },
	{ "inode-hardlimit", OPT_ARG, O_IHARD, 'I' },
	{ "inode-exptime", OPT_ARG, O_ITIME, 'n' },
	{ "path", OPT_ARG, O_PATH, 'p' },
	{ NULL, OPT_FLAG, O_ROOTABLE, 'R' },
	{ "quota-file", OPT_ARG, O_FILE, 'c' },
	{ "force", OPT_FLAG, O_FORCE, 'f' },
	{ "ugid-table", OPT_FLAG, O_TABLE, 't' },
	{ NULL, OPT_FLAG, 0, 0 },
};

static const char usage_text[] =
	"Usage: vzquota [-q] [-b] stat|show ID\n"
	"       vzquota [-q] setlimit ID [-b SOFT] [-B HARD] [-i SOFT] [-I HARD] [-e TIME] [-n TIME]\n"
	"  -q, --quiet  no messages\n"
	"  -b, --batch  numbers only: usage, soft limit, hard limit, grace, expiry; blocks, then inodes\n"
	"  -v, --verbose; -V, --version\n"
	"  setlimit: -b, --block-softlimit and -B, --block-hardlimit in blocks of 1 KiB;\n"
	"  -i, --inode-softlimit and -I, --inode-hardlimit files; -e, --block-exptime and\n"
	"  -n, --inode-exptime: TIME as dd:hh:mm:ss or N with h, d, w, m or y\n"
	"init, on, off, drop, setlimit2 and reload2 are understood and refused.\n";

struct call {
	struct tool tool;
	struct opt_result more;
	struct vz_ct *ct;
	bool quiet, batch;
};

static int say(const struct call *c, int code, const char *what, const char *which)
{
	if (!c->quiet)
		fprintf(stderr, "vzquota: %s%s%s\n", what, *which ? " " : "", which);
	return code;
}

/* What a failure of the library is among the historic codes. */
static int fail(const struct call *c, const struct vz_err *e)
{
	static const struct {
		int code, exit;
	} rows[] = {
		{ VZ_E_NO_CONF, EXIT_NO_FILE },	     { VZ_E_NO_GLOBAL_CONF, EXIT_CONFIG },
		{ VZ_E_BAD_CONF, EXIT_CONFIG },	     { VZ_E_LOCKED, EXIT_LOCKED },
		{ VZ_E_QUOTA_USAGE, EXIT_KERNEL },   { VZ_E_QUOTA_SET, EXIT_KERNEL },
		{ VZ_E_PRIVATE_MISSING, EXIT_NO_PLACE }, { VZ_E_NO_PRIVATE, EXIT_NO_PLACE },
		{ VZ_E_PARAM, EXIT_USAGE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].code == e->code)
			return say(c, rows[i].exit, e->text, "");
	return say(c, EXIT_SYSTEM, e->code ? e->text : "out of memory", "");
}

/* ---- stat ---- */

/* Time left until a soft limit becomes a hard one; "" when it is kept. */
static void grace_text(const struct vz_quota_line *l, char *out, size_t size)
{
	uint64_t now = (uint64_t)time(NULL), left = l->expires > now ? l->expires - now : 0;

	if (!l->expires)
		*out = '\0';
	else if (!left)
		(void)snprintf(out, size, "none");
	else if (left >= 2 * 86400)
		(void)snprintf(out, size, "%judays", (uintmax_t)(left / 86400));
	else
		(void)snprintf(out, size, "%02ju:%02ju", (uintmax_t)(left / 3600), (uintmax_t)(left / 60 % 60));
}

static void print_line(const char *name, const struct vz_quota_line *l)
{
	char usage[32], grace[32];
	bool over = (l->soft && l->usage > l->soft) || (l->hard && l->usage >= l->hard);

	(void)snprintf(usage, sizeof(usage), "%ju%s", (uintmax_t)l->usage, over ? "*" : "");
	grace_text(l, grace, sizeof(grace));
	printf("%11s%15s%16ju%15ju%s%s\n", name, usage, (uintmax_t)l->soft, (uintmax_t)l->hard,
	       *grace ? "    " : "", grace);
}

static void print_numbers(const struct vz_quota_line *l)
{
	printf("%ju %ju %ju %ju %ju\n", (uintmax_t)l->usage, (uintmax_t)l->soft, (uintmax_t)l->hard,
	       (uintmax_t)l->grace, (uintmax_t)l->expires);
}

static int get(struct call *c, struct vz_quota *q)
{
	struct vz_err e = { 0 };
	int r = vz_ct_quota(c->ct, q, &e);

	if (r == -EOPNOTSUPP)
		return say(c, EXIT_NO_FILE, e.text, "");
	return r < 0 ? fail(c, &e) : 0;
}

static int do_stat(struct call *c)
{
	struct vz_quota q = { .enforced = false };
	int r = get(c, &q);

	if (r)
		return r;
	if (c->batch) {
		print_numbers(&q.blocks);
		print_numbers(&q.inodes);
		return 0;
	}
	if (!q.enforced)
		(void)say(c, 0, "use is counted, but limits are not in force on this file system", "");
	printf("%11s%15s%16s%15s%9s\n", "resource", "usage", "softlimit", "hardlimit", "grace");
	print_line("1k-blocks", &q.blocks);
	print_line("inodes", &q.inodes);
	return 0;
}

/* ---- setlimit ---- */

static bool digits(const char **s, uint64_t *ret)
{
	const char *p = *s;
	uint64_t v = 0;

	for (; *p >= '0' && *p <= '9'; p++)
		if (v > (UINT64_MAX >> 12))
			return false;
		else
			v = v * 10 + (uint64_t)(*p - '0');
	if (p == *s)
		return false;
	*s = p;
	*ret = v;
	return true;
}

/* "dd:hh:mm:ss", from the right: "1:30" is 90 seconds; or a number with a unit. In seconds. */
static bool read_time(const char *s, uint64_t *ret)
{
	static const struct {
		char letter;
		uint64_t seconds;
	} units[] = { { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 }, { 'm', 2592000 }, { 'y', 31536000 } };
	static const uint64_t base[] = { 24, 60, 60 };
	uint64_t v, part;
	size_t colons = 0;

	if (!digits(&s, &v))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (*s == units[i].letter && !s[1])
			return !__builtin_mul_overflow(v, units[i].seconds, ret);
	for (const char *p = s; *p; p++)
		colons += *p == ':';
	for (size_t i = 3 - (colons < 3 ? colons : 3); *s == ':' && i < 3; i++) {
		s++;
		if (!digits(&s, &part) || __builtin_mul_overflow(v, base[i], &v))
			return false;
		v += part;
	}
	*ret = v;
	return !*s;
}

static int read_limit(struct call *c, int id, uint64_t *v, bool *given)
{
	const char *s = opt_value(&c->more, id), *p = s;

	if (!s)
		return 0;
	*given = true;
	return digits(&p, v) && !*p ? 0 : say(c, EXIT_USAGE, "not a number:", s);
}

static int put(struct call *c, struct vz_cfg *cfg, const char *key, uint64_t soft, uint64_t hard)
{
	char text[64];
	struct vz_err e = { 0 };

	(void)snprintf(text, sizeof(text), "%ju:%ju", (uintmax_t)soft, (uintmax_t)hard);
	return vz_cfg_set(cfg, key, text, &e) < 0 ? fail(c, &e) : 0;
}

/* One soft limit and its hard one; the half that is not given stays, but never below or above the other. */
static int pair(struct call *c, struct vz_cfg *cfg, const char *key, int soft_id, int hard_id,
		const struct vz_quota_line *now)
{
	uint64_t soft = now->soft, hard = now->hard;
	bool has_soft = false, has_hard = false;
	int r = read_limit(c, soft_id, &soft, &has_soft);

	r = r ? r : read_limit(c, hard_id, &hard, &has_hard);
	if (r || (!has_soft && !has_hard))
		return r;
	if (has_soft && !has_hard && hard < soft)
		hard = soft;
	if (has_hard && !has_soft && (!soft || soft > hard))
		soft = hard;
	return put(c, cfg, key, soft, hard);
}

static int grace(struct call *c, struct vz_cfg *cfg)
{
	const char *b = opt_value(&c->more, O_BTIME), *i = opt_value(&c->more, O_ITIME), *s = b ? b : i;
	uint64_t v, other;
	char text[32];
	struct vz_err e = { 0 };

	if (!s)
		return 0;
	if (!read_time(s, &v))
		return say(c, EXIT_USAGE, "not a time:", s);
	if (b && i && (!read_time(i, &other) || other != v))
		return say(c, EXIT_USAGE, "there is one time for blocks and inodes, not also", i);
	(void)snprintf(text, sizeof(text), "%ju", (uintmax_t)v);
	return vz_cfg_set(cfg, "QUOTATIME", text, &e) < 0 ? fail(c, &e) : 0;
}

static int change(struct call *c, struct vz_cfg *cfg)
{
	struct vz_quota q = { .enforced = false };
	struct vz_set_result done;
	struct vz_err e = { 0 };
	int r = get(c, &q);

	if (r)
		return r;
	if (!q.enforced)
		return say(c, EXIT_NOT_ON, "limits are not in force on this file system", "");
	r = pair(c, cfg, "DISKSPACE", O_BSOFT, O_BHARD, &q.blocks);
	r = r ? r : pair(c, cfg, "DISKINODES", O_ISOFT, O_IHARD, &q.inodes);
	r = r ? r : grace(c, cfg);
	if (r)
		return r;
	if (vz_cfg_count(cfg) == 0)
		return say(c, EXIT_USAGE, "setlimit needs a limit", "");
	return vz_ct_set(c->ct, cfg, VZ_SET_SAVE, &done, &e) < 0 ? fail(c, &e) : 0;
}

static int do_setlimit(struct call *c)
{
	const char *sub = opt_value(&c->more, O_SUB);
	struct vz_cfg *cfg = NULL;
	struct vz_err e = { 0 };
	int r;

	if (sub && strcmp(sub, "0") != 0)
		return say(c, EXIT_UGID, "there is no user and group quota here", "");
	r = vz_cfg_new(&cfg, &e) < 0 ? fail(c, &e) : change(c, cfg);
	vz_cfg_free(cfg);
	return r;
}

/* ---- what has no meaning any more ---- */

static int do_on(struct call *c)
{
	struct vz_quota q = { .enforced = false };
	int r = get(c, &q);

	if (r == 0 && !q.enforced)
		return say(c, EXIT_KERNEL, "the file system was mounted without limits", "");
	return r == EXIT_NO_FILE ? EXIT_KERNEL : r ? r : say(c, EXIT_ON, "quota is on, as always", "");
}

static int do_off(struct call *c)
{
	struct vz_quota q = { .enforced = false };
	int r = get(c, &q);

	if (r == EXIT_NO_FILE || (r == 0 && !q.enforced))
		return r ? EXIT_NOT_ON : say(c, EXIT_NOT_ON, "quota is not on", "");
	return r ? r : say(c, EXIT_KERNEL, "quota of one VPS cannot be switched off; it may be unlimited", "");
}

static int do_drop(struct call *c)
{
	return say(c, EXIT_NO_FILE, "there is no quota file: the file system keeps count", "");
}

static int do_ugid(struct call *c)
{
	return say(c, EXIT_UGID, "user and group quota of a VPS is its own", "");
}

static const struct command {
	const char *name;
	int (*run)(struct call *c);
} commands[] = {
	{ "stat", do_stat }, { "show", do_stat }, { "setlimit", do_setlimit }, { "init", do_on },
	{ "on", do_on },     { "off", do_off },	  { "drop", do_drop },	       { "setlimit2", do_ugid },
	{ "reload2", do_ugid },
};

static int run(struct call *c, char **words)
{
	struct opt_spec spec = { .defs = more_options };
	const struct command *cmd = NULL;
	struct vz_err e = { 0 };
	int n = 0, r;

	for (size_t i = 0; words[0] && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, words[0]) == 0)
			cmd = &commands[i];
	if (!cmd)
		return say(c, EXIT_USAGE, words[0] ? "unknown command:" : "no command was given",
			   words[0] ? words[0] : "");
	while (words[1 + n])
		n++;
	if (opt_parse(n, words + 1, &spec, &c->more, &e) < 0)
		return fail(c, &e);
	if (c->more.nwords != 1)
		return say(c, EXIT_USAGE, "exactly one VPS is needed", "");
	r = tool_node(&c->tool, &e);
	if (r == 0)
		r = vz_ct_find(c->tool.vz, c->more.words[0], 0, &c->ct, &e);
	return r < 0 ? fail(c, &e) : cmd->run(c);
}

int main(int argc, char **argv)
{
	struct opt_spec spec = { .defs = options, .stop_at_word = true };
	struct call c = { .tool.out.tool = "vzquota" };
	struct vz_err e = { 0 };
	int r = opt_parse(argc > 0 ? argc - 1 : 0, argv + 1, &spec, &c.tool.opt, &e);

	c.quiet = opt_has(&c.tool.opt, O_QUIET);
	c.batch = opt_has(&c.tool.opt, O_BATCH);
	c.tool.out.quiet = c.quiet;
	if (r < 0)
		r = fail(&c, &e);
	else if (opt_has(&c.tool.opt, O_HELP))
		fputs(usage_text, stdout);
	else if (opt_has(&c.tool.opt, O_VERSION))
		puts("vzquota " VZ_VERSION);
	else
		r = run(&c, c.tool.opt.words);
	vz_ct_free(c.ct);
	opt_done(&c.more);
	return tool_end(&c.tool, r, EXIT_SYSTEM);
}
