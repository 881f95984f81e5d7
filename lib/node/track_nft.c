/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One table, the same for all VPSs, that drops nothing. Before tracking: what comes from a VPS, or is about to
 * be routed to one, is not tracked. What is between a VPS and the node's own addresses is, in both directions: there
 * are ports that lead elsewhere (DNAT), and half a flow would be worse than none.
 */
#include "node/track_nft.h"

#include <errno.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "node/nft.h"

#define PRIVATE4 "{ 10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16 }"
#define PRIVATE6 "fc00::/7"

static void put_chain(struct buf *b, const char *name, const char *side, bool private)
{
	(void)buf_printf(b, "\tchain %s {\n", name);
	/* Without translation they would not get far. */
	if (private)
		(void)buf_printf(b, "\t\tip %s " PRIVATE4 " return\n\t\tip6 %s " PRIVATE6 " return\n",
				 side, side);
	(void)buf_puts(b, "\t\tnotrack\n\t}\n");
}

int node_track_install(const char *mode, struct vz_err *e)
{
	_buf_ struct buf b = BUF_INIT;
	bool private = str_eq(mode, "private");

	if (!private && !str_eq(mode, "no"))
		return err_set(e, VZ_E_PARAM, -EINVAL, "tracking of VPSs: neither 'no' nor 'private'");
	(void)buf_puts(&b, "table inet mainvz_conntrack\n"
			   "delete table inet mainvz_conntrack\n"
			   "table inet mainvz_conntrack {\n");
	put_chain(&b, "from", "saddr", private);
	put_chain(&b, "to", "daddr", private);
	(void)buf_printf(&b, "\tchain %s {\n"
			     "\t\ttype filter hook prerouting priority -310; policy accept;\n"
			     "\t\tiifname \"venet*\" fib daddr type != local jump from\n"
			     "\t\tiifname != \"venet*\" fib daddr oifname \"venet*\" jump to\n"
			     "\t}\n}\n", mode);
	return b.failed ? err_nomem(e) : node_nft_run("install", buf_str(&b), e);
}
