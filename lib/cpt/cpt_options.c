// SPDX-License-Identifier: LGPL-2.1-or-later
/* What CRIU is asked for, and the folder of a dump. */
#include "cpt/cpt_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "cpt/pb.h"
#include "cpt/rpc.h"

#define GHOST_LIMIT	  (1u << 30) /* deleted but open files, each; CRIU's own limit is 1 MiB */
#define COLLECT_TIMEOUT_S 60
#define JOB_TIMEOUT_S	  1800
#define NOTE_MAX	  65536

void cpt_external(struct buf *opts, const char *fmt, ...)
{
	_buf_ struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	/* A string that did not fit into memory would ask for something else. */
	opts->failed |= b.failed;
	pb_put_str(opts, OPT_EXTERNAL, buf_str(&b));
}

unsigned long long cpt_deadline(const struct cpt_job *j)
{
	return clock_ms() + 1000ull * (j->timeout_s ? j->timeout_s : JOB_TIMEOUT_S);
}

void cpt_options(const struct cpt_job *j, int images, int work, const char *log, struct buf *opts)
{
	static const int on[] = {
		OPT_NOTIFY_SCRIPTS,
		/* The master of the console is ours; all other terminals have both ends inside. */
		OPT_SHELL_JOB, OPT_ORPHAN_PTS_MASTER,
		/* Connections come back; those that are not quite made yet are begun again by the peer. */
		OPT_TCP_ESTABLISHED, OPT_TCP_SKIP_IN_FLIGHT,
		OPT_FILE_LOCKS, OPT_LINK_REMAP, OPT_EVASIVE_DEVICES,
	};

	pb_put_num(opts, OPT_IMAGES_DIR_FD, (uint64_t)images);
	pb_put_num(opts, OPT_WORK_DIR_FD, (uint64_t)work);
	pb_put_num(opts, OPT_LOG_LEVEL, (uint64_t)(j->log_level ? j->log_level : 2));
	pb_put_str(opts, OPT_LOG_FILE, log);
	pb_put_str(opts, OPT_ROOT, j->root);
	for (size_t i = 0; i < ARRAY_LEN(on); i++)
		pb_put_num(opts, (uint32_t)on[i], 1);
	/* Every process back into its group of the tree that the VPS sees; the groups around it, with
	 * the limits, are made by the caller before and not touched. */
	pb_put_num(opts, OPT_MANAGE_CGROUPS_MODE, RPC_CG_SOFT);
	pb_put_num(opts, OPT_NETWORK_LOCK, RPC_LOCK_NFTABLES);
	pb_put_num(opts, OPT_GHOST_LIMIT, GHOST_LIMIT);
	pb_put_num(opts, OPT_TIMEOUT, COLLECT_TIMEOUT_S);
	/* Overlay gives no file handles that can be opened: inotify watches are found by inode. */
	pb_put_str(opts, OPT_IRMAP_SCAN_PATHS, "/.");
	/* Only empty ones are let pass, see cpt_mounts_scan(). */
	pb_put_str(opts, OPT_ENABLE_FS, "ramfs");
}

bool cpt_exists(const char *dump)
{
	_free_ char *path = str_printf("%s/inventory.img", dump);

	return path && path_exists_at(AT_FDCWD, path);
}

int cpt_note(const char *dump, char **ret)
{
	_free_ char *path = str_printf("%s/%s", dump, CPT_NOTE);
	_buf_ struct buf b = BUF_INIT;
	int r = path ? io_read_at(AT_FDCWD, path, NOTE_MAX, &b) : -ENOMEM;

	if (r == 0 && !b.data)
		r = buf_puts(&b, "");
	if (r < 0)
		return r;
	*ret = buf_take(&b);
	return *ret ? 0 : -ENOMEM;
}

int cpt_drop(const char *dump)
{
	static const char *const suffix[] = { "", ".new", ".fail" };
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(suffix); i++) {
		_free_ char *path = str_printf("%s%s", dump, suffix[i]);
		int q = path ? path_remove_tree_at(AT_FDCWD, path) : -ENOMEM;

		if (q < 0 && r == 0)
			r = q;
	}
	return r;
}
