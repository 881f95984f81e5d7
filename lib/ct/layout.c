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

void ct_note_layout(struct ct *ct)
{
	_fs_area_ struct fs_area a = { 0 };
	struct vz_err e = { 0 };

	/* Once noted, a tree is never asked again: from now on the VPS writes in it. */
	if (!ct->has_conf || (cfg_has(ct->own, VZ_P_VE_LAYOUT) &&
			      (str_eq(ct->own->ve_layout, LAYOUT_TREE) ||
			       str_eq(ct->own->ve_layout, LAYOUT_OVERLAY))))
		return;
	if (fs_area_read(ct->private, &a, &e) < 0 ||
	    store(ct, a.layout == FS_TREE ? LAYOUT_TREE : LAYOUT_OVERLAY, &e) < 0)
		log_msg(&ct->vz->log, -1, "VPS %s: VE_LAYOUT could not be stored: %s", ct->idstr, e.text);
}
