/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Put programs on links, and ask for them. */
#include "net/link_prog.h"

#include <errno.h>

#include "base/str.h"

int net_link_progs_put(struct knl *k, const struct strv *links,
		       const struct net_link_prog prog[NET_NDIRS])
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < links->n; i++) {
		struct knl_link l;

		r = knl_link_get(k, links->v[i], &l);
		if (r == -ENODEV) {
			r = 0;
			continue;
		}
		for (int d = 0; r == 0 && d < NET_NDIRS; d++)
			if (prog[d].fd >= 0)
				knl_q_filter_set(k, 0, l.index, &prog[d].place, prog[d].fd);
			else
				knl_q_filter_del(k, 0, l.index, &prog[d].place);
		if (r == 0)
			r = knl_run(k, NULL);
	}
	return r;
}

bool net_link_progs_are(struct knl *k, const struct strv *links,
			const struct net_link_prog prog[NET_NDIRS])
{
	bool all = true;

	for (size_t i = 0; all && i < links->n; i++) {
		struct knl_link l;

		if (knl_link_get(k, links->v[i], &l) < 0)
			continue;
		for (int d = 0; all && d < NET_NDIRS; d++) {
			int r = knl_filter_is_set(k, l.index, &prog[d].place);

			all = r < 0 || (r > 0) == (prog[d].fd >= 0);
		}
	}
	return all;
}
