// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Verbs of layouts that keep a VPS in an image: snapshots, convert, compact; and those of disk quota. The
 * words are checked as ever, so that a caller learns of its own mistakes first; a VPS whose files are in a
 * folder then gets the code of the operation.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

/* Any usual way of writing it. */
static bool good_uuid(const char *s)
{
	struct vz_cfg *cfg = NULL;
	bool good = vz_cfg_new(&cfg, NULL) == 0 && vz_cfg_set(cfg, "UUID", s, NULL) == 0;

	vz_cfg_free(cfg);
	return good;
}

static int check_id(struct cli *c, bool required)
{
	const char *id = opt_value(&c->opt, O_SNAP_ID);

	if (!id && required)
		return cmd_refuse(c, VZ_E_SYNTAX, "--id of the snapshot is missing");
	if (id && !good_uuid(id))
		return cmd_refuse(c, VZ_E_PARAM, "--id takes a UUID");
	return cmd_left_over(c);
}

static int no_snapshots(struct cli *c, int code)
{
	out_msg(&c->out, -1, "VPS %u is kept in a folder, which has no snapshots", c->id);
	return vz_code_exit(code);
}

int cmd_snapshot(struct cli *c, struct vz_err *e)
{
	int r = check_id(c, false);

	(void)e;
	return r ? r : no_snapshots(c, VZ_E_SNAP_CREATE);
}

int cmd_snapshot_switch(struct cli *c, struct vz_err *e)
{
	int r = check_id(c, true);

	(void)e;
	if (r == 0 && opt_has(&c->opt, O_SKIP_RESUME) && opt_has(&c->opt, O_MUST_RESUME))
		return cmd_refuse(c, VZ_E_SYNTAX, "--skip-resume and --must-resume exclude each other");
	return r ? r : no_snapshots(c, VZ_E_SNAP_SWITCH);
}

int cmd_snapshot_delete(struct cli *c, struct vz_err *e)
{
	int r = check_id(c, true);

	(void)e;
	return r ? r : no_snapshots(c, VZ_E_SNAP_DELETE);
}

int cmd_snapshot_mount(struct cli *c, struct vz_err *e)
{
	int r = check_id(c, true);

	(void)e;
	if (r == 0 && !opt_has(&c->opt, O_TARGET))
		return cmd_refuse(c, VZ_E_SYNTAX, "--target is missing");
	return r ? r : no_snapshots(c, VZ_E_SNAP_MOUNT);
}

int cmd_snapshot_umount(struct cli *c, struct vz_err *e)
{
	int r = check_id(c, true);

	(void)e;
	return r ? r : no_snapshots(c, VZ_E_SNAP_UMOUNT);
}

static const struct {
	const char *name, *header;
} snap_fields[] = {
	{ "parent_uuid", "PARENT_UUID" }, { "parent_id", "PARENT_UUID" }, { "current", "C" },
	{ "uuid", "UUID" },		  { "id", "UUID" },		  { "date", "DATE" },
	{ "name", "NAME" },		  { "desc", "DESC" },		  { "device", "DEVICE" },
	{ "target", "TARGET" },
};
#define NFIELDS (sizeof(snap_fields) / sizeof(snap_fields[0]))

static bool good_fields(const char *list)
{
	while (*list) {
		size_t len = strcspn(list, ","), i = 0;

		while (i < NFIELDS && (strlen(snap_fields[i].name) != len ||
				       strncmp(snap_fields[i].name, list, len) != 0))
			i++;
		if (i == NFIELDS)
			return false;
		list += len;
		if (*list == ',' && !*++list)
			return false;
	}
	return true;
}

int cmd_snapshot_list(struct cli *c, struct vz_err *e)
{
	const char *fields = opt_value(&c->opt, O_OUTPUT);
	int r = check_id(c, false);

	(void)e;
	if (r)
		return r;
	if (opt_has(&c->opt, O_HELP)) {
		puts("Usage: vzctl snapshot-list ID [-H] [-o FIELD[,...]] [--id UUID] | -L");
		return 0;
	}
	for (size_t i = 0; opt_has(&c->opt, O_LIST) && i < NFIELDS; i++)
		printf("%-15s %s\n", snap_fields[i].name, snap_fields[i].header);
	if (opt_has(&c->opt, O_LIST))
		return 0;
	if (fields && (!*fields || !good_fields(fields)))
		return cmd_refuse(c, VZ_E_PARAM, "--output takes names of columns, see --list");
	return no_snapshots(c, VZ_E_SNAP_LIST);
}

static bool has_value(struct cli *c, const char *key, const char *want)
{
	char *text = NULL;
	bool same;

	if (vz_cfg_get_text(vz_ct_cfg(c->ct), key, &text, NULL) < 0)
		return false;
	same = !want || strcmp(text, want) == 0;
	free(text);
	return same;
}

int cmd_convert(struct cli *c, struct vz_err *e)
{
	const char *layout = opt_value(&c->opt, O_LAYOUT);
	unsigned st = vz_ct_status(c->ct);
	int r = cmd_left_over(c);

	if (r)
		return r;
	if (!layout)
		return cmd_refuse(c, VZ_E_SYNTAX, "--layout is missing");
	r = vz_cfg_set(c->cfg, "VE_LAYOUT", layout, e);
	if (r < 0)
		return r;
	if (strncmp(layout, "ploop", 5) != 0)
		return cmd_refuse(c, VZ_E_PARAM, "convert knows one way, --layout ploop");
	if (st & VZ_ST_RUNNING)
		return cmd_refuse(c, VZ_E_RUNNING, "the VPS is running; stop it first");
	if (st & VZ_ST_MOUNTED)
		return cmd_refuse(c, VZ_E_MOUNTED, "the VPS is mounted; unmount it first");
	if (!has_value(c, "DISKSPACE", NULL))
		return cmd_refuse(c, VZ_E_NO_DISKSPACE, "DISKSPACE is not set: how large shall it be?");
	return cmd_refuse(c, VZ_E_CONVERT, "images of VPSs are not made here");
}

int cmd_compact(struct cli *c, struct vz_err *e)
{
	int r = cmd_left_over(c);

	(void)e;
	if (r == 0)
		out_msg(&c->out, 0, "VPS %u is kept in a folder: there is nothing to compact", c->id);
	return r;
}

/* Quota goes on and off with the mount; on its own it can only be asked for. */
static int quota(struct cli *c, int code)
{
	int r = cmd_left_over(c);

	if (r)
		return r;
	if (has_value(c, "DISK_QUOTA", "no")) {
		out_msg(&c->out, -1, "VPS %u has no disk quota (DISK_QUOTA=no)", c->id);
		return vz_code_exit(code);
	}
	out_msg(&c->out, 0, "the file system keeps the quota of VPS %u by itself", c->id);
	return 0;
}

int cmd_quotaon(struct cli *c, struct vz_err *e)
{
	(void)e;
	return quota(c, VZ_E_QUOTA_ON);
}

int cmd_quotaoff(struct cli *c, struct vz_err *e)
{
	(void)e;
	return quota(c, VZ_E_QUOTA_OFF);
}

int cmd_quotainit(struct cli *c, struct vz_err *e)
{
	(void)e;
	return quota(c, VZ_E_QUOTA_INIT);
}
