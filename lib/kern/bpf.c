/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Load one small program and attach it to a control group. */
#include "kern/bpf.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/str.h"

enum { QUERY_MAX = 64 }; /* the kernel's own limit of programs on one group */

static int sys_bpf(int cmd, union bpf_attr *a)
{
	long r;

	do { /* EAGAIN: the verifier was interrupted by a signal */
		r = syscall(SYS_bpf, cmd, a, sizeof(*a));
	} while (r < 0 && errno == EAGAIN);
	return r < 0 ? -errno : (int)r;
}

static union bpf_attr zero_attr(void)
{
	union bpf_attr a;

	/* An initializer would leave the bytes behind its member undefined. */
	memset(&a, 0, sizeof(a));
	return a;
}

static int load(int type, const struct bpf_insn *prog, size_t n, const char *name, int *ret_fd)
{
	union bpf_attr a = zero_attr();
	int r;

	if (strlen(name) >= sizeof(a.prog_name))
		return -EINVAL;
	a.prog_type = type;
	a.insns = (uintptr_t)prog;
	a.insn_cnt = n;
	a.license = (uintptr_t) "LGPL-2.1-or-later"; /* calls nothing that asks for GPL */
	memcpy(a.prog_name, name, strlen(name));
	r = sys_bpf(BPF_PROG_LOAD, &a);
	if (r < 0)
		return r;
	*ret_fd = r;
	return 0;
}

int kbpf_device_load(const struct bpf_insn *prog, size_t n, const char *name, int *ret_fd)
{
	return load(BPF_PROG_TYPE_CGROUP_DEVICE, prog, n, name, ret_fd);
}

int kbpf_filter_load(const struct bpf_insn *prog, size_t n, const char *name, int *ret_fd)
{
	return load(BPF_PROG_TYPE_SCHED_CLS, prog, n, name, ret_fd);
}

static int map_new(union bpf_attr *a, const char *name, int *ret_fd)
{
	int r;

	if (strlen(name) >= sizeof(a->map_name))
		return -EINVAL;
	memcpy(a->map_name, name, strlen(name));
	r = sys_bpf(BPF_MAP_CREATE, a);
	if (r < 0)
		return r;
	*ret_fd = r;
	return 0;
}

int kbpf_prefixes_new(const char *name, uint32_t bytes, size_t most, int *ret_fd)
{
	union bpf_attr a = zero_attr();

	if (most > UINT32_MAX)
		return -EINVAL;
	a.map_type = BPF_MAP_TYPE_LPM_TRIE;
	a.key_size = 4 + bytes;
	a.value_size = 4;
	a.max_entries = most ? (uint32_t)most : 1;
	a.map_flags = BPF_F_NO_PREALLOC;
	return map_new(&a, name, ret_fd);
}

int kbpf_map_put(int map_fd, const void *key, const void *value)
{
	union bpf_attr a = zero_attr();

	a.map_fd = (uint32_t)map_fd;
	a.key = (uintptr_t)key;
	a.value = (uintptr_t)value;
	return sys_bpf(BPF_MAP_UPDATE_ELEM, &a);
}

int kbpf_map_get(int map_fd, const void *key, void *value)
{
	union bpf_attr a = zero_attr();

	a.map_fd = (uint32_t)map_fd;
	a.key = (uintptr_t)key;
	a.value = (uintptr_t)value;
	return sys_bpf(BPF_MAP_LOOKUP_ELEM, &a);
}

int kbpf_value_new(const char *name, uint32_t bytes, int *ret_fd)
{
	union bpf_attr a = zero_attr();

	a.map_type = BPF_MAP_TYPE_ARRAY;
	a.key_size = 4;
	a.value_size = bytes;
	a.max_entries = 1;
	return map_new(&a, name, ret_fd);
}

static int info(int fd, void *out, uint32_t size)
{
	union bpf_attr a = zero_attr();

	a.info.bpf_fd = (uint32_t)fd;
	a.info.info_len = size;
	a.info.info = (uintptr_t)out;
	return sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &a);
}

int kbpf_map_info(int map_fd, uint32_t *ret_id, uint32_t *ret_bytes)
{
	struct bpf_map_info i = { 0 };
	int r = info(map_fd, &i, sizeof(i));

	if (r < 0)
		return r;
	*ret_id = i.id;
	*ret_bytes = i.value_size;
	return 0;
}

int kbpf_recent_new(uint32_t key, uint32_t value, uint32_t entries, const char *name, int *ret_fd)
{
	union bpf_attr a = zero_attr();

	a.map_type = BPF_MAP_TYPE_LRU_HASH;
	a.key_size = key;
	a.value_size = value;
	a.max_entries = entries;
	return map_new(&a, name, ret_fd);
}

static int query(int group_fd, uint32_t *ids, uint32_t *ret_n)
{
	union bpf_attr a = zero_attr();
	int r;

	a.query.target_fd = group_fd;
	a.query.attach_type = BPF_CGROUP_DEVICE;
	a.query.prog_ids = (uintptr_t)ids;
	a.query.prog_cnt = QUERY_MAX;
	r = sys_bpf(BPF_PROG_QUERY, &a);
	if (r < 0)
		return r;
	*ret_n = a.query.prog_cnt;
	return 0;
}

/* Open the program with this id if it bears the name; -ENOENT if not. */
static int open_named(uint32_t id, const char *name, int *ret_fd)
{
	struct bpf_prog_info i = { 0 };
	union bpf_attr a = zero_attr();
	_fd_ int fd = -1;
	int r;

	a.prog_id = id;
	r = sys_bpf(BPF_PROG_GET_FD_BY_ID, &a);
	if (r < 0)
		return r;
	fd = r;
	r = info(fd, &i, sizeof(i));
	if (r < 0)
		return r;
	if (!str_eq(i.name, name))
		return -ENOENT;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int kbpf_device_put(int group_fd, int prog_fd, const char *name)
{
	union bpf_attr a = zero_attr();
	uint32_t ids[QUERY_MAX], n = 0;
	_fd_ int old = -1;
	int r = query(group_fd, ids, &n);

	for (uint32_t i = 0; r == 0 && i < n && old < 0; i++) {
		r = open_named(ids[i], name, &old);
		if (r == -ENOENT)
			r = 0;
	}
	if (r < 0)
		return r;
	a.target_fd = group_fd;
	a.attach_bpf_fd = prog_fd;
	a.attach_type = BPF_CGROUP_DEVICE;
	a.attach_flags = BPF_F_ALLOW_MULTI;
	if (old >= 0) {
		a.attach_flags |= BPF_F_REPLACE;
		a.replace_bpf_fd = old;
	}
	return sys_bpf(BPF_PROG_ATTACH, &a);
}

int kbpf_device_count(int group_fd, uint32_t *ret)
{
	uint32_t ids[QUERY_MAX];

	return query(group_fd, ids, ret);
}
