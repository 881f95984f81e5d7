/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Maps that outlive those who have them open, as names in the kernel's own file system for them, where every
 * program looks for such: /sys/fs/bpf. systemd mounts it, as iproute2 does; where nobody did, it is mounted
 * here. Linux 4.4. Silent: -errno.
 */
#ifndef VZ_KERN_BPFPIN_H
#define VZ_KERN_BPFPIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a node's maps lie: a folder by the name of its slice. -ENAMETOOLONG */
int kbpf_pin_dir(const char *slice, char *out, size_t size);
/* Is there such a file system, mounted? */
bool kbpf_pins_are(void);
/* Give the map a name in dir, which is made. -EEXIST */
int kbpf_pin(int map_fd, const char *dir, const char *name);
/* Open it again. -ENOENT */
int kbpf_pin_open(const char *dir, const char *name, int *ret_fd);
/* Take the name away; the folder, too, when it was the last. 0 when there is none. */
int kbpf_unpin(const char *dir, const char *name);

#endif
