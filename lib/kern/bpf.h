/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Load one small program: to attach to a control group, or for lib/kern/nl_tc.c. Silent: -errno. */
#ifndef VZ_KERN_BPF_H
#define VZ_KERN_BPF_H

#include <stddef.h>
#include <stdint.h>

struct bpf_insn;

/* Check and load n instructions as a program that decides on device access. name: at most 15 bytes
 * of letters, digits, '_' and '.', by which kbpf_device_put() finds it again. */
int kbpf_device_load(const struct bpf_insn *prog, size_t n, const char *name, int *ret_fd);
/* The same as a classifier of frames: its verdicts are TC_ACT_. */
int kbpf_filter_load(const struct bpf_insn *prog, size_t n, const char *name, int *ret_fd);
/* A map from networks to numbers: the longest prefix that fits counts. Keys are a u32 of bits and `bytes` bytes,
 * values a u32. It lives as long as programs that name it. */
int kbpf_prefixes_new(const char *name, uint32_t bytes, size_t most, int *ret_fd);
int kbpf_map_put(int map_fd, const void *key, const void *value);
int kbpf_map_get(int map_fd, const void *key, void *value);
/* One value of so many bytes, under the u32 key 0, that programs reach without a look-up. Linux 5.2. */
int kbpf_value_new(const char *name, uint32_t bytes, int *ret_fd);
/* Number of a map, which no other gets until the next boot, and bytes of a value. */
int kbpf_map_info(int map_fd, uint32_t *ret_id, uint32_t *ret_bytes);
/* A table that forgets what was not used for the longest time when it is full. Linux 4.10. */
int kbpf_recent_new(uint32_t key, uint32_t value, uint32_t entries, const char *name, int *ret_fd);
/* Put the program on the group, in the place of the one of that name if there is one: there is no
 * moment without a guard. Others' programs stay. Linux 5.6. */
int kbpf_device_put(int group_fd, int prog_fd, const char *name);
/* Programs that decide on device access attached to this very group. */
int kbpf_device_count(int group_fd, uint32_t *ret);

#endif
