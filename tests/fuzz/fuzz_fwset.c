/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file of firewall rules, read twice as two sets of one VPS are; then what both mean together. */
#include <vz/codes.h>

#include "base/cleanup.h"
#include "param/fwset.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_free_ char *text = fuzz_text(data, size);
	struct vz_err e = { 0 };
	_fw_ struct fw fw = { 0 };
	int r = fw_parse(&fw, "set", text, &e);

	if (r < 0) {
		MUST(e.code == VZ_E_PARAM && strstr(e.text, "line ") && !strchr(e.text, '\n'));
		return 0;
	}
	r = fw_parse(&fw, "set", text, &e);
	MUST(r == 0 || fw.n == FW_RULES_MAX);
	fw_end(&fw);
	MUST(fw.policy_in != FW_UNSAID && fw.policy_out != FW_UNSAID && fw.n <= FW_RULES_MAX);
	for (size_t i = 0; i < fw.n; i++)
		MUST(fw.v[i].proto >= -1 && fw.v[i].proto <= 255 && fw.v[i].nsport <= FW_LIST_MAX &&
		     fw.v[i].ndport <= FW_LIST_MAX);
	return 0;
}
