/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Capabilities: names to and from bits, and which ones this kernel has. */
#include "kern/caps.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <strings.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#include "base/cleanup.h"

enum { NAME_MAX_LEN = 40, NUMBER_MAX = 64 };

static const char prefix[] = "cap_";

int kcap_number(const char *name, int *ret)
{
	char full[NAME_MAX_LEN];
	cap_value_t v;
	int n;

	if (strncasecmp(name, prefix, sizeof(prefix) - 1) == 0)
		name += sizeof(prefix) - 1;
	/* libcap takes bare numbers as names, too */
	if (isdigit((unsigned char)*name))
		return -ENOENT;
	n = snprintf(full, sizeof(full), "%s%s", prefix, name);
	if (n < 0 || (size_t)n >= sizeof(full) || cap_from_name(full, &v) < 0)
		return -ENOENT;
	*ret = v;
	return 0;
}

int kcap_name(int number, char *out, size_t size)
{
	char *full = number < 0 || number >= NUMBER_MAX ? NULL : cap_to_name(number);
	int r = 0;

	if (!full || strncmp(full, prefix, sizeof(prefix) - 1) != 0)
		r = -ENOENT;
	else if ((size_t)snprintf(out, size, "%s", full + sizeof(prefix) - 1) >= size)
		r = -ENOSPC;
	cap_free(full);
	return r;
}

uint64_t kcap_all(void)
{
	int known = 0, beyond = NUMBER_MAX; /* they have no gaps: capabilities(7), cap_last_cap */

	if (prctl(PR_CAPBSET_READ, 0, 0, 0, 0) < 0)
		return 0;
	while (beyond - known > 1) {
		int c = (known + beyond) / 2;

		if (prctl(PR_CAPBSET_READ, c, 0, 0, 0) >= 0)
			known = c;
		else
			beyond = c;
	}
	return UINT64_MAX >> (NUMBER_MAX - 1 - known);
}

bool kcap_have(int number)
{
	cap_flag_value_t v = CAP_CLEAR;
	cap_t caps = cap_get_proc();

	if (caps)
		(void)cap_get_flag(caps, number, CAP_EFFECTIVE, &v);
	cap_free(caps);
	return v == CAP_SET;
}
