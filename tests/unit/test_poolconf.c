// SPDX-License-Identifier: GPL-2.0-or-later
/* The values of a pool: what is taken, how it is written back, what is refused; and its file. */
#include "param/poolconf.h"

#include <errno.h>
#include <string.h>

#include <vz/vz.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "tap.h"

static unsigned row(const char *key)
{
	unsigned i = 0;

	for (const struct vz_pool_param *p; (p = vz_pool_param(i)); i++)
		if (strcmp(p->key, key) == 0)
			return i;
	return 0;
}

/* text is taken and read back as `want`; NULL: it is refused. */
static void try(const char *key, const char *text, const char *want)
{
	struct vz_pool p = { 0 };
	struct vz_err e = { 0 };
	char have[VZ_POOL_TEXT + 1];
	int r = pool_set_text(&p, row(key), text, &e);

	if (!want) {
		OK(r < 0 && e.code == VZ_E_PARAM && *e.text && !strchr(e.text, '\n'));
		return;
	}
	EQ(r, 0);
	vz_pool_text(&p, row(key), have, sizeof(have));
	OK(strcmp(have, want) == 0);
}

TEST("each kind of value is taken in its range and written as it is understood again")
{
	static const char *const good[][3] = {
		{ "CPU_LIMIT", "150", "150" }, { "CPU_LIMIT", "1.5", "1.5" }, { "CPU_LIMIT", "0", "" },
		{ "CPU_SHARES", "8", "8" }, { "CPU_SHARES", "500000", "500000" },
		{ "MEM_LIMIT", "4K", "4096" }, { "MEM_LIMIT", "8G", "8192M" }, { "MEM_LIMIT", "", "" },
		{ "PROC_LIMIT", "4194304", "4194304" }, { "IO_LIMIT", "20M", "20M" }, { "IO_LIMIT", "0", "" },
		{ "IOPS_LIMIT", "1", "1" }, { "IO_WEIGHT", "1", "1" }, { "IO_WEIGHT", "1000", "1000" },
		{ "BORROW", "no", "no" }, { "BORROW", "", "yes" }, { "POOL_PARENT", "gold-2_x", "gold-2_x" },
		{ "DESCRIPTION", "a \"b\" $c", "a \"b\" $c" },
	};

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		try(good[i][0], good[i][1], good[i][2]);
		try(good[i][0], good[i][2], good[i][2]);
	}
}

TEST("what is out of range, of another unit or more than one line is refused in one line")
{
	static const char *const bad[][2] = {
		{ "CPU_LIMIT", "-1" }, { "CPU_LIMIT", "0.5" }, { "CPU_LIMIT", "101%" }, { "CPU_LIMIT", "1000001" },
		{ "CPU_SHARES", "7" }, { "CPU_SHARES", "500001" }, { "CPU_SHARES", "1K" },
		{ "MEM_LIMIT", "1" }, { "MEM_LIMIT", "-1G" }, { "MEM_LIMIT", "99999999999999999999G" },
		{ "MEM_LIMIT", "1G\n" }, { "PROC_LIMIT", "4194305" }, { "PROC_LIMIT", "x" }, { "PROC_LIMIT", " 1" },
		{ "IO_LIMIT", "4095" }, { "IO_LIMIT", "fast" }, { "IOPS_LIMIT", "-1" }, { "IOPS_LIMIT", "1.5" },
		{ "IO_WEIGHT", "1001" }, { "IO_WEIGHT", "0.5" }, { "IO_WEIGHT", "-100" },
		{ "BORROW", "maybe" }, { "POOL_PARENT", "../x" }, { "POOL_PARENT", "a b" },
		{ "DESCRIPTION", "a\nb" },
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		try(bad[i][0], bad[i][1], NULL);
}

TEST("a file is read and written back the same, with lines of others in it; a bad line is named")
{
	static const char text[] = "# of mine\nOTHER=\"kept\"\nMEM_LIMIT=\"512M\"\nMEM_LIMIT=\"1G\"\nIO_LIMIT=\"20M\"\n";
	static const char want[] = "# of mine\nOTHER=\"kept\"\nMEM_LIMIT=\"512M\"\nIO_LIMIT=\"20M\"\nBORROW=\"yes\"\n";
	static const char bad[] = "A=\"1\"\nIO_WEIGHT=\"lots\"\n";
	struct vz_pool p = { .name = "gold", .borrow = true };
	_buf_ struct buf out = BUF_INIT, again = BUF_INIT;
	struct vz_err e = { 0 };

	EQ(poolconf_parse(&p, text, strlen(text), &e), 0);
	EQ(p.mem_limit, 512u << 20);
	EQ(p.io_limit, 20u << 20);
	EQ(poolconf_render(&p, text, strlen(text), &out), 0);
	OK(strcmp(buf_str(&out), want) == 0);
	EQ(poolconf_render(&p, buf_str(&out), out.len, &again), 0);
	OK(strcmp(buf_str(&again), want) == 0);
	OK(poolconf_parse(&p, bad, strlen(bad), &e) < 0);
	OK(e.code == VZ_E_BAD_CONF && strstr(e.text, "pool 'gold', line 2: IO_WEIGHT"));
}
