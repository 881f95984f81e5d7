/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Capabilities: names to and from bits, and which ones this kernel has. Silent: -errno. */
#ifndef VZ_KERN_CAPS_H
#define VZ_KERN_CAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KCAP_BIT(c) (UINT64_C(1) << (c))

/* Number of a name in any case, with or without "cap_". -ENOENT. */
int kcap_number(const char *name, int *ret);
/* Lower case, without "cap_"; "cap41" style numbers have no name: -ENOENT. */
int kcap_name(int number, char *out, size_t size);
/* All that the running kernel knows, as a bit set. */
uint64_t kcap_all(void);
/* Is this one in our effective set? */
bool kcap_have(int number);

#endif
