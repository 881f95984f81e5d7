// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * vz-node: what a node has to find out or set up once per boot, with the libraries that are slow to load.
 *   vz-node cgroups RUNDIR   find the control groups, write RUNDIR/cgroups.json
 *   vz-node conntrack MODE   keep flows of VPSs out of the table of connections
 * A failure is one line on standard error, exit status 1.
 */
#include <stdio.h>
#include <string.h>

#include <vz/codes.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "node/cg_layout.h"
#include "node/track_nft.h"

int main(int argc, char **argv)
{
	struct vz_err e = { 0 };
	int r = -1;

	if (argc == 3 && str_eq(argv[1], "cgroups")) {
		_free_ char *cache = str_printf("%s/cgroups.json", argv[2]);

		r = cache ? node_cg_layout_save(cache, NULL, &e) : -1;
	} else if (argc == 3 && str_eq(argv[1], "conntrack")) {
		r = node_track_install(argv[2], &e);
	} else {
		fputs("usage: vz-node cgroups RUNDIR | conntrack MODE\n", stderr);
		return 2;
	}
	if (r < 0)
		fprintf(stderr, "%s\n", e.code ? e.text : "out of memory");
	return r < 0;
}
