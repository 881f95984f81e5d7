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
/* A table that forgets what was not used for the longest time when it is full. Linux 4.10. */
int kbpf_recent_new(uint32_t key, uint32_t value, uint32_t entries, const char *name, int *ret_fd);
/* Put the program on the group, in the place of the one of that name if there is one: there is no
 * moment without a guard. Others' programs stay. Linux 5.6. */
int kbpf_device_put(int group_fd, int prog_fd, const char *name);
/* Programs that decide on device access attached to this very group. */
int kbpf_device_count(int group_fd, uint32_t *ret);

#endif
