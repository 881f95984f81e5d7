// SPDX-License-Identifier: LGPL-2.1-or-later
/* Pressure stall information: "some avg10=0.00 avg60=0.00 avg300=0.00 total=0". */
#include "kern/psi.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/num.h"
#include "base/str.h"

static const char *value(const struct strv *words, const char *key)
{
	for (size_t i = 0; i < words->n; i++) {
		if (str_has_prefix(words->v[i], key))
			return words->v[i] + strlen(key);
	}
	return "";
}

int kpsi_read(int dirfd, const char *what, struct kpsi *ret)
{
	_buf_ struct buf text = BUF_INIT;
	_strv_ struct strv lines = { 0 }, words = { 0 };
	uint64_t milli, total;
	int r = io_read_at(dirfd, what, 4096, &text);

	if (r == 0)
		r = strv_split(&lines, buf_str(&text), "\n");
	if (r == 0 && (lines.n == 0 || !str_has_prefix(lines.v[0], "some ")))
		r = -EINVAL;
	if (r == 0)
		r = strv_split(&words, lines.v[0], " ");
	if (r == 0)
		r = num_milli(value(&words, "avg10="), &milli);
	if (r == 0)
		r = num_u64(value(&words, "total="), &total);
	if (r < 0)
		return r;
	*ret = (struct kpsi){ .avg10 = (unsigned)(milli / 10), .total_us = total };
	return 0;
}
