/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules between parameters: each is noticed when it is broken, and kept after it was put right. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "param/check.h"
#include "param/param.h"
#include "param/validate.h"
#include "tap.h"

static const char basic[] =
	"KMEMSIZE=\"14372700:14790164\"\nLOCKEDPAGES=\"2048\"\nPRIVVMPAGES=\"65536:69632\"\n"
	"SHMPAGES=\"21504\"\nNUMPROC=\"240\"\nPHYSPAGES=\"0:unlimited\"\nVMGUARPAGES=\"33792:unlimited\"\n"
	"OOMGUARPAGES=\"26112:unlimited\"\nNUMTCPSOCK=\"360\"\nNUMFLOCK=\"188:206\"\nNUMPTY=\"16\"\n"
	"NUMSIGINFO=\"256\"\nTCPSNDBUF=\"1720320:2703360\"\nTCPRCVBUF=\"1720320:2703360\"\n"
	"OTHERSOCKBUF=\"1126080:2097152\"\nDGRAMRCVBUF=\"262144\"\nNUMOTHERSOCK=\"360\"\n"
	"DCACHESIZE=\"3409920:3624960\"\nNUMFILE=\"9312\"\nAVNUMPROC=\"180\"\nNUMIPTENT=\"128\"\n"
	"DISKSPACE=\"2G:2.2G\"\nDISKINODES=\"131072:144179\"\n";
static const char vswap[] = "PHYSPAGES=\"0:256M\"\nSWAPPAGES=\"0:512M\"\n";

struct seen {
	bool fix;
	int n, advice;
	char first[200]; /* "KEY rule" of the first one */
	char all[4000];
};

static bool see(void *arg, const struct vz_finding *f)
{
	struct seen *s = arg;

	s->n += !f->advice;
	s->advice += f->advice;
	if (!*s->first)
		(void)snprintf(s->first, sizeof(s->first), "%s %s", f->key, f->rule);
	(void)snprintf(s->all + strlen(s->all), sizeof(s->all) - strlen(s->all), "%s %s;", f->key, f->rule);
	return s->fix;
}

static int read_text(struct vz_cfg *c, const char *text)
{
	return cfg_lines("x", text, strlen(text), c, NULL, NULL, NULL);
}

static int validate(struct vz_cfg *c, bool fix, struct seen *s)
{
	struct vz_validate_opts o = { .size = sizeof(o), .ram = UINT64_C(1) << 30,
				      .swap = UINT64_C(1) << 30 };

	*s = (struct seen){ .fix = fix };
	return cfg_validate(c, &o, see, s);
}

/* base, with one line in front of it, which therefore counts. */
static struct vz_cfg *with(const char *base, const char *line)
{
	_buf_ struct buf b = BUF_INIT;
	struct vz_cfg *c = cfg_new();

	(void)buf_puts(&b, line);
	(void)buf_putc(&b, '\n');
	(void)buf_puts(&b, base);
	OK(read_text(c, buf_str(&b)) == 0);
	return c;
}

TEST("the classic samples keep all rules")
{
	_cfg_ struct vz_cfg *c = with(basic, ""), *v = with(vswap, "");
	struct seen s;

	EQ(validate(c, false, &s), 0);
	STR_EQ(s.all, "");
	EQ(validate(v, false, &s), 0);
	STR_EQ(s.all, "");
}

static const struct broken {
	const char *base, *line, *want;
} broken[] = {
	{ basic, "NUMPROC=\"200:240\"", "NUMPROC equal" },
	{ basic, "NUMTCPSOCK=\"1:360\"", "NUMTCPSOCK equal" },
	{ basic, "NUMOTHERSOCK=\"1:360\"", "NUMOTHERSOCK equal" },
	{ basic, "SHMPAGES=\"1:21504\"", "SHMPAGES equal" },
	{ basic, "NUMFILE=\"9000:9312\"", "NUMFILE equal" },
	{ basic, "NUMPTY=\"15:16\"", "NUMPTY equal" },
	{ basic, "NUMSIGINFO=\"255:256\"", "NUMSIGINFO equal" },
	{ basic, "NUMIPTENT=\"127:128\"", "NUMIPTENT equal" },
	{ basic, "KMEMSIZE=\"14790164:14372700\"", "KMEMSIZE order" },
	{ basic, "TCPSNDBUF=\"1720320:65536\"", "TCPSNDBUF gap" },
	{ basic, "TCPSNDBUF=\"65535:2703360\"", "TCPSNDBUF barrier" },
	{ basic, "TCPSNDBUF=\"2703000:2703360\"", "TCPSNDBUF gap" },
	{ basic, "TCPRCVBUF=\"65535:2703360\"", "TCPRCVBUF barrier" },
	{ basic, "TCPRCVBUF=\"2703000:2703360\"", "TCPRCVBUF gap" },
	{ basic, "OTHERSOCKBUF=\"32767:2097152\"", "OTHERSOCKBUF barrier" },
	{ basic, "OTHERSOCKBUF=\"2097000:2097152\"", "OTHERSOCKBUF gap" },
	{ basic, "DGRAMRCVBUF=\"32767:262144\"", "DGRAMRCVBUF barrier" },
	{ basic, "DGRAMRCVBUF=\"262144:262143\"", "DGRAMRCVBUF order" },
	{ basic, "PRIVVMPAGES=\"33791:69632\"", "PRIVVMPAGES barrier" },
	{ basic, "PRIVVMPAGES=\"69632:65536\"", "PRIVVMPAGES order" },
	{ basic, "LOCKEDPAGES=\"2048:2047\"", "LOCKEDPAGES order" },
	{ basic, "NUMFLOCK=\"207:206\"", "NUMFLOCK order" },
	{ basic, "DCACHESIZE=\"3624961:3624960\"", "DCACHESIZE order" },
	{ basic, "DCACHESIZE=\"100:3575807\"", "DCACHESIZE limit" },
	{ basic, "DISKSPACE=\"3G:2G\"", "DISKSPACE order" },
	{ basic, "DISKINODES=\"2:1\"", "DISKINODES order" },
	{ basic, "VMGUARPAGES=\"33792:33793\"", "VMGUARPAGES unlimited" },
	{ basic, "OOMGUARPAGES=\"26112:26113\"", "OOMGUARPAGES unlimited" },
	{ basic, "PHYSPAGES=\"1:unlimited\"", "PHYSPAGES zero" },
	{ basic, "KMEMSIZE=\"10997759:14790164\"", "KMEMSIZE barrier" },
	{ basic, "NUMFILE=\"5759\"", "NUMFILE limit" },
	{ basic, "AVNUMPROC=\"292\"", "NUMFILE limit" },
	{ basic, "NUMPTY=\"8593\"", "NUMFILE limit" },
	{ vswap, "PHYSPAGES=\"1:256M\"", "PHYSPAGES zero" },
	{ vswap, "SWAPPAGES=\"1:512M\"", "SWAPPAGES zero" },
	{ vswap, "PHYSPAGES=\"0:1025M\"", "PHYSPAGES node" },
	{ vswap, "SWAPPAGES=\"0:1025M\"", "SWAPPAGES node" },
	{ vswap, "DISKSPACE=\"3G:2G\"", "DISKSPACE order" },
	{ "PHYSPAGES=\"0:256M\"\n", "", "SWAPPAGES set" },
};

TEST("each rule that is broken is noticed, and kept after it was put right")
{
	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		_cfg_ struct vz_cfg *c = with(broken[i].base, broken[i].line);
		struct seen s;

		OK(validate(c, false, &s) > 0);
		STR_EQ(s.first, broken[i].want);
		EQ(validate(c, true, &s), 0);
		EQ(validate(c, false, &s), 0);
		STR_EQ(s.first, "");
	}
}

TEST("the boundary itself is allowed")
{
	static const char *const fine[] = {
		"TCPSNDBUF=\"1781760:2703360\"", "DCACHESIZE=\"100:3575808\"",
		"KMEMSIZE=\"10997760:14790164\"", "PRIVVMPAGES=\"33792:69632\"",
		"DGRAMRCVBUF=\"132096\"", "NUMPTY=\"8592\"", "KMEMSIZE=\"unlimited\"",
	};

	for (size_t i = 0; i < ARRAY_LEN(fine); i++) {
		_cfg_ struct vz_cfg *c = with(basic, fine[i]);
		struct seen s;

		EQ(validate(c, false, &s), 0);
		STR_EQ(s.all, "");
	}
}

TEST("an empty file gets every beancounter that is needed, and is valid then")
{
	_cfg_ struct vz_cfg *c = cfg_new();
	struct seen s;

	EQ(validate(c, false, &s), 20);
	EQ(validate(c, true, &s), 0);
	EQ(validate(c, false, &s), 0);
}

TEST("what is recommended is told and is no failure; quota off means no rules for it")
{
	_cfg_ struct vz_cfg *c = with(basic, "DGRAMRCVBUF=\"132095\"");
	_cfg_ struct vz_cfg *q = with(basic, "DISKSPACE=\"3G:2G\"\nDISK_QUOTA=\"no\"");
	struct seen s;

	EQ(validate(c, false, &s), 0);
	EQ(s.advice, 1);
	EQ(validate(q, false, &s), 0);
}

TEST("swap on a node without any is told and is no failure")
{
	_cfg_ struct vz_cfg *v = with(vswap, "");
	struct vz_validate_opts o = { .size = sizeof(o), .ram = UINT64_C(1) << 30 };
	struct seen s = { .fix = false };

	EQ(cfg_validate(v, &o, see, &s), 0);
	EQ(s.advice, 1);
}

TEST("the rules can be chosen; VSwap without a limit cannot be put right")
{
	_cfg_ struct vz_cfg *c = with(basic, ""), *v = with(vswap, "");
	struct vz_validate_opts o = { .size = sizeof(o), .vswap = VZ_VSWAP_YES, .ram = 1 << 30, .swap = 1 };
	struct seen s = { .fix = true };

	OK(cfg_validate(c, &o, see, &s) > 0);
	HAS(s.all, "PHYSPAGES limited");
	o.vswap = VZ_VSWAP_NO;
	EQ(cfg_validate(v, &o, NULL, NULL), 20);
}

TEST("huge numbers do not wrap around")
{
	_cfg_ struct vz_cfg *c = with(basic, "NUMFILE=\"9223372036854775806\"");
	struct seen s;

	EQ(validate(c, true, &s), 0);
	OK(c->dcachesize.lim == VZ_UNLIMITED);
	EQ(validate(c, false, &s), 0);
}

static void classes(void *arg, const struct vz_cfg_line *l)
{
	struct seen *s = arg;

	(void)snprintf(s->all + strlen(s->all), sizeof(s->all) - strlen(s->all), "%u:%s:%d ", l->line, l->key,
		       l->cls);
}

TEST("each line has a class")
{
	static const char text[] = "# x\nNUMPROC=10\nIOLIMIT=5\nNUMFILE=6\nNOBODY=x\nNUMPROC=7\nCPUUNITS=z\n\n"
				   "junk\nVETH=x\n";
	_cfg_ struct vz_cfg *c = cfg_new();
	struct seen s = { .fix = false };

	EQ(cfg_lines("x", text, strlen(text), c, classes, &s, NULL), 0);
	STR_EQ(s.all, "2:NUMPROC:0 3:IOLIMIT:1 4:NUMFILE:2 5:NOBODY:3 6:NUMPROC:4 7:CPUUNITS:5 9::3 10:VETH:2 ");
	OK(c->numproc.lim == 10);
}

TEST("a text with NUL or an endless line is no configuration")
{
	_cfg_ struct vz_cfg *c = cfg_new();
	_buf_ struct buf b = BUF_INIT;
	struct vz_err e = { 0 };

	EQ(cfg_lines("x", "A=\0b", 4, c, NULL, NULL, &e), -EINVAL);
	HAS(e.text, "NUL");
	for (int i = 0; i < 70000; i++)
		(void)buf_putc(&b, 'A');
	EQ(cfg_lines("x", b.data, b.len, c, NULL, NULL, NULL), -E2BIG);
}

TEST("scaling multiplies what belongs to the kind, keeps what has no limit, and stays within bounds")
{
	_cfg_ struct vz_cfg *c = with(basic, "CPUUNITS=\"1000\"\nCPULIMIT=\"0\"\nIOLIMIT=\"1000\"");

	EQ(cfg_scale(c, VZ_SCALE_UBC, 500000, NULL), 0);
	OK(c->numproc.lim == 120 && c->vmguarpages.bar == 16896 && c->vmguarpages.lim == VZ_UNLIMITED);
	OK(c->cpuunits == 1000 && c->iolimit == 1000);
	EQ(cfg_scale(c, VZ_SCALE_CPU | VZ_SCALE_DISK, 333333, NULL), 0);
	OK(c->cpuunits == 333 && c->cpulimit == 0 && c->iolimit == 333);
	EQ(cfg_scale(c, VZ_SCALE_CPU, UINT64_C(10000000000), NULL), 0);
	OK(c->cpuunits == 500000);
	EQ(cfg_scale(c, VZ_SCALE_CPU, 1, NULL), 0);
	OK(c->cpuunits == 8);
	EQ(cfg_scale(c, VZ_SCALE_UBC, 0, NULL), -EINVAL);
}

