/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What comes out of a VPS must come from an address that is routed to it. The routes are the only
 * truth, so the rules are the same for every VPS and never change.
 */
#include "node/guard_nft.h"

#include <errno.h>
#include <nftables/libnftables.h>
#include <string.h>

#include "base/err.h"

/*
 * The table is named first so that "delete" finds one. In the chain:
 * - Before connection tracking, so that a lie costs nothing.
 * - Unspecified sources (address detection, group reports, DHCP) and link-local ones have no
 *   business on a pair without neighbours; the fib expression lets some of them through.
 * - The last rule asks the routing tables whether the answer would leave by the same device.
 */
static const char install[] =
	"table inet mainvz\n"
	"delete table inet mainvz\n"
	"table inet mainvz {\n"
	"	chain guard {\n"
	"		type filter hook prerouting priority -310; policy accept;\n"
	"		iifname \"venet*\" jump venet\n"
	"	}\n"
	"	chain venet {\n"
	"		ip6 saddr { ::, fe80::/10 } drop\n"
	"		ip saddr 0.0.0.0/8 drop\n"
	"		fib saddr . iif oif missing counter drop\n"
	"	}\n"
	"}\n";

static const char take_away[] = "table inet mainvz\n"
				"delete table inet mainvz\n";

int node_nft_run(const char *what, const char *commands, struct vz_err *e)
{
	struct nft_ctx *ctx = nft_ctx_new(NFT_CTX_DEFAULT);
	const char *words;
	int len, r = 0;

	if (!ctx)
		return err_nomem(e);
	(void)nft_ctx_buffer_output(ctx);
	(void)nft_ctx_buffer_error(ctx);
	if (nft_run_cmd_from_buffer(ctx, commands) != 0) {
		words = nft_ctx_get_error_buffer(ctx);
		len = words ? (int)strcspn(words, "\n") : 0;
		r = err_set(e, VZ_E_KERNEL, -EIO, "cannot %s nft table 'mainvz': %.*s", what, len,
			    words ? words : "");
	}
	nft_ctx_free(ctx);
	return r;
}

int node_guard_install(struct vz_err *e)
{
	return node_nft_run("install", install, e);
}

int node_guard_remove(struct vz_err *e)
{
	return node_nft_run("remove", take_away, e);
}
