/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a panel asks of a VPS that runs: cc look.c $(pkg-config --cflags --libs vz); look ID */
#include <stdio.h>
#include <stdlib.h>

#include <vz/service.h>
#include <vz/ubc.h>
#include <vz/vz.h>

static void need(int r, const struct vz_err *e)
{
	if (r >= 0)
		return;
	fprintf(stderr, "%s\n", e->text);
	exit(vz_code_exit(e->code));
}

int main(int argc, char **argv)
{
	struct vz_open_opts open = { .size = sizeof(open), .conf = getenv("VZ_CONF") };
	struct vz_usage usage = { .size = sizeof(usage) };
	struct vz_err e = { 0 };
	const char *manager;
	struct vz_ct *ct;
	struct vz *vz;

	if (argc != 2)
		return 1;
	need(vz_open(&vz, &open, &e), &e);
	need(vz_ct_open(vz, (uint32_t)strtoul(argv[1], NULL, 10), 0, &ct, &e), &e);
	need(vz_ct_usage(ct, &usage, &e), &e);
	printf("cpu %llu\n", (unsigned long long)usage.cpu_usec);
	need(vz_service_manager(ct, &manager, &e), &e);
	printf("services %s\n", manager);
	vz_ct_free(ct);
	vz_close(vz);
	return 0;
}
