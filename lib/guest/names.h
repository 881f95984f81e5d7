/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The names in a folder, in an order that does not depend on the file system. */
#ifndef VZ_GUEST_NAMES_H
#define VZ_GUEST_NAMES_H

struct strv;

/* All entries but "." and "..", sorted by bytes; fd stays open. Silent: -errno. */
int names_read(int fd, struct strv *ret);
void names_sort(struct strv *l);

#endif
