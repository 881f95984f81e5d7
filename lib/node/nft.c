/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Carry out commands of nft. */
#include "node/nft.h"

#include <errno.h>
#include <nftables/libnftables.h>
#include <string.h>

#include "base/err.h"

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
