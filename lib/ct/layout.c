// SPDX-License-Identifier: LGPL-2.1-or-later
/* VE_LAYOUT: what the private area is, not what a file from elsewhere says. */
#include <fcntl.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "ct/ct.h"
#include "fs/fs.h"
#include "param/cfgfile.h"
#include "param/param.h"

static int store(struct ct *ct, const char *layout, struct vz_err *e)
{
	struct cfgfile f = { .dirfd = AT_FDCWD, .path = ct->conf, .missing = VZ_E_SAVE,
			     .log = ct->vz->log };
	struct pset set = { 0 };
	char *copy = strdup(layout);

	if (!copy)
		return err_nomem(e);
	free(ct->own->ve_layout);
	ct->own->ve_layout = copy;
	cfg_mark(ct->own, VZ_P_VE_LAYOUT);
	pset_add(&set, VZ_P_VE_LAYOUT);
	return cfgfile_update(&f, ct->own, &set, e);
}

static bool is_noted(const struct ct *ct, const char *layout)
{
	return cfg_has(ct->own, VZ_P_VE_LAYOUT) && str_eq(ct->own->ve_layout, layout);
}

bool ct_is_tree(const struct ct *ct)
{
	return is_noted(ct, LAYOUT_TREE);
}

int ct_area_read(const struct ct *ct, struct fs_area *ret, struct vz_err *e)
{
	if (!ct_is_tree(ct))
		return fs_area_read(ct->private, ret, e);
	*ret = (struct fs_area){ .layout = FS_TREE };
	return 0;
}

const char *ct_look_layout(const struct ct *ct)
{
	_fs_area_ struct fs_area a = { 0 };

	/* What cannot be read, the start is going to say. */
	if (!ct->has_conf || ct_is_tree(ct) || is_noted(ct, LAYOUT_OVERLAY) ||
	    fs_area_read(ct->private, &a, NULL) < 0)
		return NULL;
	return a.layout == FS_TREE ? LAYOUT_TREE : LAYOUT_OVERLAY;
}

void ct_note_layout(struct ct *ct, const char *layout)
{
	struct vz_err e = { 0 };

	if (layout && store(ct, layout, &e) < 0)
		log_msg(&ct->vz->log, -1, "VPS %s: VE_LAYOUT could not be stored: %s", ct->idstr, e.text);
}
