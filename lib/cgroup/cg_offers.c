// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the host's control groups can do, for a check of the node: no cache, nothing is made. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/path.h"
#include "cgroup/cg_int.h"

/* "name hierarchy groups enabled", cgroups(7). */
static bool is_enabled(const char *line, const char *name)
{
	size_t n = strlen(name), len = strlen(line);

	return str_has_prefix(line, name) && strchr("\t ", line[n]) && line[n] && len > n + 1 &&
	       line[len - 1] == '1';
}

bool cg_host_offers(int root, const char *ctl)
{
	_buf_ struct buf two = BUF_INIT, one = BUF_INIT;
	_strv_ struct strv words = { 0 }, lines = { 0 };
	const char *old = strcmp(ctl, "io") == 0 ? "blkio" : ctl;

	if (io_read_at(root, "sys/fs/cgroup/cgroup.controllers", 4096, &two) == 0 &&
	    strv_split(&words, buf_str(&two), " \n") == 0 && words.n)
		return strv_has(&words, ctl);
	if (io_read_at(root, "proc/cgroups", 65536, &one) < 0 ||
	    strv_split(&lines, buf_str(&one), "\n") < 0)
		return false;
	for (size_t i = 0; i < lines.n; i++) {
		if (is_enabled(lines.v[i], old))
			return true;
	}
	return false;
}

bool cg_host_counts_swap(int root)
{
	static const char *const files[] = {
		"sys/fs/cgroup/memory/memory.memsw.limit_in_bytes",
		/* The root of the second generation has no limits: groups that every system has. */
		"sys/fs/cgroup/init.scope/memory.swap.max",
		"sys/fs/cgroup/system.slice/memory.swap.max",
		"sys/fs/cgroup/user.slice/memory.swap.max",
		"sys/fs/cgroup/vz/memory.swap.max",
	};

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		if (path_exists_at(root, files[i]))
			return true;
	}
	return false;
}
