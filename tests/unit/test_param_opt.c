/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command lines: the option parser of the tools, over the table of parameters. */
#include <errno.h>
#include <string.h>

#include <vz/cfg.h>

#include "../../vzctl/opt.h"
#include "param/param.h"
#include "tap.h"

enum { O_SAVE, O_SETMODE, O_EXEC, O_HEADER, O_OUT, O_ONE };

static const struct opt_def defs[] = {
	{ "save", OPT_FLAG, O_SAVE, 0 },	 { "setmode", OPT_ARG, O_SETMODE, 0 },
	{ "exec", OPT_REST, O_EXEC, 0 },	 { "no-header", OPT_FLAG, O_HEADER, 'H' },
	{ "output", OPT_ARG, O_OUT, 'o' },	 { NULL, OPT_FLAG, O_ONE, '1' },
	{ NULL, OPT_FLAG, 0, 0 },
};

struct run {
	struct opt_result r;
	struct vz_cfg *cfg;
	struct vz_err e;
	int ret;
};

static void run_done(struct run *run)
{
	opt_done(&run->r);
	vz_cfg_free(run->cfg);
}
#define _run_ __attribute__((cleanup(run_done)))

/* Words without blanks, separated by blanks; kept in a static buffer. */
static struct run parse(const char *line, uint32_t want, bool stop_at_word)
{
	static char text[2000];
	static char *argv[100];
	struct run run = { 0 };
	struct opt_spec spec = { defs, want, NULL, stop_at_word };
	char *save = NULL;
	int argc = 0;

	(void)snprintf(text, sizeof(text), "%s", line);
	for (char *w = strtok_r(text, " ", &save); w && argc < 99; w = strtok_r(NULL, " ", &save))
		argv[argc++] = strcmp(w, "''") == 0 ? w + 2 : w;
	argv[argc] = NULL;
	run.cfg = cfg_new();
	spec.cfg = run.cfg;
	run.ret = opt_parse(argc, argv, &spec, &run.r, &run.e);
	return run;
}

TEST("options and words are mixed, with = and without")
{
	_run_ struct run x = parse("a --ram 512M b --numproc=5 --save c", VZ_PF_SET, false);

	EQ(x.ret, 0);
	EQ(x.r.nwords, 3);
	STR_EQ(x.r.words[2], "c");
	EQ(x.cfg->physpages.lim, 131072);
	EQ(x.cfg->numproc.lim, 5);
	OK(opt_has(&x.r, O_SAVE));
}

TEST("short forms work for both tables, and a whole name wins")
{
	_run_ struct run x = parse("--desc=x --userp root:y --sav --setm restart --ip 192.0.2.1",
				   VZ_PF_SET, false);

	EQ(x.ret, 0);
	STR_EQ(x.cfg->description, "x");
	EQ(x.cfg->userpasswd.n, 1);
	EQ(x.cfg->ip_address.n, 1);
	STR_EQ(opt_value(&x.r, O_SETMODE), "restart");
}

TEST("an ambiguous short form is refused, within and across the tables")
{
	_run_ struct run x = parse("--cpu 5", VZ_PF_SET, false);
	_run_ struct run y = parse("--s 5", VZ_PF_SET, false);

	OK(x.ret < 0 && y.ret < 0);
	EQ(x.e.code, VZ_E_PARAM);
	HAS(x.e.text, "ambiguous");
	HAS(y.e.text, "ambiguous");
}

TEST("unknown options and missing or needless arguments are PARAM")
{
	static const char *const lines[] = {
		"--nonsense", "--ram", "--setmode", "--save=1", "-q", "-o", "--exec", "--=x",
		"--layout simfs", "-Hx",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		_run_ struct run x = parse(lines[i], VZ_PF_SET, false);

		if (!OK(x.ret < 0) || !EQ(x.e.code, VZ_E_PARAM))
			printf("# %s\n", lines[i]);
	}
}

TEST("a bad value has the code of its parameter and names the option")
{
	_run_ struct run x = parse("--ipadd 1.2.3", VZ_PF_SET, false);
	_run_ struct run y = parse("--ram -1", VZ_PF_SET, false);

	EQ(x.e.code, VZ_E_IP);
	HAS(x.e.text, "--ipadd");
	EQ(y.e.code, VZ_E_PARAM);
}

TEST("lists accumulate, of scalars the first counts, in the verb's table too")
{
	_run_ struct run x = parse("--ipadd 192.0.2.1 --ipadd 192.0.2.2 --hostname a --hostname b "
				   "--setmode ignore --setmode restart",
				   VZ_PF_SET, false);

	EQ(x.cfg->ip_address.n, 2);
	STR_EQ(x.cfg->hostname, "a");
	STR_EQ(opt_value(&x.r, O_SETMODE), "ignore");
	EQ(opt_count(&x.r, O_SETMODE), 2);
}

TEST("short options: clusters, hanging arguments")
{
	_run_ struct run x = parse("-H1o ctid,status 101 -octid", 0, false);

	EQ(x.ret, 0);
	OK(opt_has(&x.r, O_HEADER) && opt_has(&x.r, O_ONE));
	STR_EQ(opt_value(&x.r, O_OUT), "ctid,status");
	EQ(opt_count(&x.r, O_OUT), 2);
	EQ(x.r.nwords, 1);
}

TEST("beancounters have their historic short options")
{
	_run_ struct run x =
		parse("-k 5 -l 6 -p 7 -f 8 -t 9 -i 10 -b 11 -n12 -x 13 -e 14", VZ_PF_SET, false);

	EQ(x.ret, 0);
	EQ(x.cfg->kmemsize.lim, 5);
	EQ(x.cfg->lockedpages.lim, 6);
	EQ(x.cfg->numproc.lim, 7);
	EQ(x.cfg->numflock.lim, 8);
	EQ(x.cfg->numpty.lim, 9);
	EQ(x.cfg->numsiginfo.lim, 10);
	EQ(x.cfg->tcprcvbuf.lim, 11);
	EQ(x.cfg->numfile.lim, 12);
	EQ(x.cfg->dcachesize.lim, 13);
	EQ(x.cfg->numiptent.lim, 14);
}

TEST("-- ends the options, a single dash is a word, an empty argument is one")
{
	_run_ struct run x = parse("- '' --save -- --ram -x", VZ_PF_SET, false);

	EQ(x.ret, 0);
	EQ(x.r.nwords, 4);
	STR_EQ(x.r.words[0], "-");
	STR_EQ(x.r.words[1], "");
	STR_EQ(x.r.words[2], "--ram");
}

TEST("an option may take all that follows")
{
	_run_ struct run x = parse("--save --exec ls -l --nonsense", VZ_PF_SET, false);

	EQ(x.ret, 0);
	NEED(OK(x.r.rest != NULL));
	STR_EQ(x.r.rest[0], "ls");
	STR_EQ(x.r.rest[2], "--nonsense");
	OK(x.r.rest[3] == NULL && x.r.nwords == 0);
}

TEST("flags before a command end at the first word")
{
	_run_ struct run x = parse("--save set 101 --ram 5", 0, true);

	EQ(x.ret, 0);
	EQ(x.r.nwords, 4);
	STR_EQ(x.r.words[2], "--ram");
}

TEST("options of create are not those of set")
{
	_run_ struct run x =
		parse("--ostemplate t --config basic --velayout simfs", VZ_PF_CREATE, false);
	_run_ struct run y = parse("--ram 512M", VZ_PF_CREATE, false);

	EQ(x.ret, 0);
	STR_EQ(x.cfg->ve_layout, "simfs");
	OK(y.ret < 0);
}

TEST("the texts that public callers get are those of the files")
{
	struct vz_cfg *c = NULL;
	struct vz_err e = { 0 };
	char *text = NULL;

	EQ(vz_cfg_new(&c, &e), 0);
	EQ(vz_cfg_set(c, "DISKSPACE", "1G", &e), 0);
	EQ(vz_cfg_get_text(c, "DISKSPACE", &text, &e), 0);
	STR_EQ(text, "1048576:1048576");
	free(text);
	EQ(vz_cfg_get_json(c, &text, &e), 0);
	HAS(text, "\"limit\": 1048576");
	free(text);
	EQ(vz_cfg_count(c), 1);
	EQ(vz_cfg_get_text(c, "NUMPROC", &text, &e), -ENOENT);
	EQ(e.code, 0);
	EQ(vz_cfg_unset(c, "DISKSPACE", &e), 0);
	EQ(vz_cfg_count(c), 0);
	OK(vz_cfg_set(c, "NONSENSE", "1", &e) < 0);
	HAS(e.text, "NONSENSE");
	vz_cfg_free(c);
	vz_cfg_free(NULL);
}
