/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manifest of a template: what is accepted is printed and accepted again. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "guest/manifest.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_manifest_ struct manifest m = { 0 }, again = { 0 };
	_buf_ struct buf text = BUF_INIT;
	_free_ char *in = fuzz_text(data, size);
	struct vz_err e = { 0 };

	if (manifest_parse(in, size, "x", &m, &e) < 0) {
		MUST(e.code == VZ_E_BAD_TEMPLATE && e.text[0]);
		return 0;
	}
	MUST(manifest_name_ok(m.name));
	MUST(manifest_print(&m, &text) == 0);
	MUST(manifest_parse(buf_str(&text), text.len, "x", &again, NULL) == 0);
	MUST(strcmp(m.digest, again.digest) == 0 && m.entries == again.entries);
	return 0;
}
