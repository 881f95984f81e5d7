/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Make a VPS, limit it, start it, list what runs: cc four-calls.c $(pkg-config --cflags --libs vz) */
#include <stdio.h>
#include <stdlib.h>

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
	struct vz_create_opts create = { .size = sizeof(create) };
	struct vz_set_result result;
	struct vz_err e = { 0 };
	struct vz_cfg *cfg;
	struct vz_ct *ct;
	struct vz *vz;
	uint32_t *ids;
	size_t n;

	if (argc != 3)
		return 1; /* four-calls ID TEMPLATE */
	need(vz_open(&vz, &open, &e), &e);
	need(vz_cfg_new(&cfg, &e), &e);
	need(vz_cfg_set(cfg, "OSTEMPLATE", argv[2], &e), &e);
	create.cfg = cfg;
	need(vz_ct_create(vz, (uint32_t)strtoul(argv[1], NULL, 10), &create, &e), &e);
	need(vz_ct_find(vz, argv[1], 0, &ct, &e), &e);
	need(vz_cfg_unset(cfg, "OSTEMPLATE", &e), &e);
	need(vz_cfg_set_option(cfg, "ram", "64M", &e), &e);
	need(vz_ct_set(ct, cfg, VZ_SET_SAVE, &result, &e), &e);
	need(vz_ct_start(ct, 0, &e), &e);
	vz_ct_free(ct);
	need(vz_ct_list(vz, &ids, &n, &e), &e);
	for (size_t i = 0; i < n; i++) {
		need(vz_ct_open(vz, ids[i], 0, &ct, &e), &e);
		if (vz_ct_status(ct) & VZ_ST_RUNNING)
			printf("%u %d\n", ids[i], vz_ct_init_pid(ct));
		vz_ct_free(ct);
	}
	free(ids);
	vz_cfg_free(cfg);
	vz_close(vz);
	return 0;
}
