/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A configuration file: read it, write it, read again: the same values, and a second write is still. */
#include <errno.h>
#include <fcntl.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "param/cfgfile.h"
#include "param/param.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cfgfile f = { .dirfd = AT_FDCWD, .path = "x.conf" };
	_cfg_ struct vz_cfg *a = cfg_new(), *b = cfg_new();
	_buf_ struct buf once = BUF_INIT, twice = BUF_INIT;
	_free_ char *text = fuzz_text(data, size);
	struct vz_err e = { 0 };
	struct pset all;

	MUST(a && b);
	if (cfgfile_parse(&f, text, size, a, &e) < 0) {
		MUST(e.code != 0 && e.text[0]);
		return 0;
	}
	cfgfile_all(a, &all);
	/* A line that would be too long to read again is refused. */
	if (cfgfile_render(text, size, a, &all, &once, &e) < 0)
		return 0;
	MUST(cfgfile_parse(&f, buf_str(&once), once.len, b, NULL) >= 0);
	for (unsigned p = 0; p < VZ_NPARAMS; p++)
		if (pset_has(&all, p))
			MUST(cfg_equal(a, b, p));
	MUST(cfgfile_render(buf_str(&once), once.len, b, &all, &twice, NULL) == 0);
	MUST(once.len == twice.len && (!once.len || memcmp(once.data, twice.data, once.len) == 0));
	return 0;
}
