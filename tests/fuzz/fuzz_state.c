/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state file of a VPS: anything but a state is "damaged", never trusted in part. */
#include "base/cleanup.h"
#include "ct/state.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_free_ char *text = fuzz_text(data, size);
	struct ct_state st;

	if (state_parse(text, size, &st) < 0) {
		MUST(strcmp(st.op, STATE_DAMAGED) == 0);
		MUST(!st.init.pid && !st.monitor.pid && !st.mounted && !st.running);
	} else {
		MUST(memchr(st.op, 0, sizeof(st.op)) != NULL);
		MUST(st.init.pid >= 0 && st.monitor.pid >= 0 && st.mounted <= 1 && st.running <= 1);
	}
	return 0;
}
