/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Inside lib/param only: an option and what it does. */
#ifndef VZ_PARAM_OPTION_H
#define VZ_PARAM_OPTION_H

#include "param/param.h"

struct option_row {
	struct vz_option_info info; /* first: the public face */
	enum vz_param p;
	int (*parse)(void *dst, const char *s, struct vz_err *e); /* NULL: as the type does */
};

const struct option_row *option_row_of(const struct vz_option_info *o);

#endif
