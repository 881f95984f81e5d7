// SPDX-License-Identifier: LGPL-2.1-or-later
/* Samples for a VPS that exists. */
#include "host/sample.h"

#include <fcntl.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/str.h"
#include "host/node.h"
#include "param/cfgfile.h"
#include "param/param.h"

/* What belongs to one VPS alone. The second line is not in the historic list; a sample that had one of them
 * would make two VPSs share it. */
static const enum vz_param own[] = {
	VZ_P_HOSTNAME, VZ_P_DESCRIPTION, VZ_P_IP_ADDRESS, VZ_P_OSTEMPLATE, VZ_P_VE_ROOT, VZ_P_VE_PRIVATE,
	VZ_P_NAME, VZ_P_UUID, VZ_P_LOCAL_UID, VZ_P_LOCAL_GID, VZ_P_VE_LAYOUT,
};

int sample_apply(struct vz *vz, const char *name, struct vz_cfg *cfg, struct vz_err *e)
{
	struct cfgfile f = { .dirfd = AT_FDCWD, .missing = VZ_E_APPLY_CONFIG, .log = vz->log };
	_cfg_ struct vz_cfg *sample = cfg_new();
	_free_ char *path = NULL;
	int r = sample ? cfg_set_text(sample, VZ_P_ORIGIN_SAMPLE, name, e) : err_nomem(e);

	if (r < 0)
		return r;
	path = str_printf("%s/ve-%s.conf-sample", vz->confdir, name);
	if (!path)
		return err_nomem(e);
	f.path = path;
	r = cfgfile_read(&f, sample, e);
	if (r < 0) {
		if (e)
			e->code = VZ_E_APPLY_CONFIG;
		return r;
	}
	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		cfg_unset(sample, own[i]);
	for (unsigned p = 0; p < VZ_NPARAMS; p++)
		if (param_get(p)->info.flags & P_NODE)
			cfg_unset(sample, p);
	return cfg_fill(cfg, sample) < 0 ? err_nomem(e) : 0;
}
