/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Inside lib/guest only: lines of passwd, shadow and group, field by field. */
#ifndef VZ_GUEST_FIELDS_H
#define VZ_GUEST_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

struct line;

/* Field i of the line, counted from 0; false when there are fewer. */
bool guest_field(const struct line *l, unsigned i, struct line *ret);
bool guest_field_id(const struct line *l, unsigned i, uint32_t *ret);
/* What useradd takes, with upper case and dots. */
bool guest_user_name_ok(const char *s);
/* Printable, and without what separates fields. */
bool guest_hash_ok(const char *s);

#endif
