/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The rules between parameters of one configuration; <vz/validate.h> has the words. */
#ifndef VZ_PARAM_VALIDATE_H
#define VZ_PARAM_VALIDATE_H

#include <vz/validate.h>

/* As vz_cfg_validate(), but ram and swap are given: 0 is none. Silent: never fails. */
int cfg_validate(struct vz_cfg *cfg, const struct vz_validate_opts *o,
		 bool (*fn)(void *arg, const struct vz_finding *f), void *arg);

/* Walk the lines of a text as vz_cfg_file_read(). path is for words. -ENOMEM, -EINVAL, -E2BIG. */
int cfg_lines(const char *path, const char *text, size_t len, struct vz_cfg *cfg,
	      void (*fn)(void *arg, const struct vz_cfg_line *l), void *arg, struct vz_err *e);

/* See vz_cfg_scale(). */
int cfg_scale(struct vz_cfg *cfg, unsigned what, uint64_t ppm, struct vz_err *e);

#endif
