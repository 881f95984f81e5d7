// SPDX-License-Identifier: LGPL-2.1-or-later
/* The state file: small, replaced whole, gone with the next boot. */
#include "ct/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/json.h"
#include "base/path.h"

#define STATE_FILE "state.json"
#define STATE_MAX  4096

static int get(const json_t *o, const char *key, uint64_t max, uint64_t *ret)
{
	int r = json_get_u64(o, key, ret);

	return r == 0 && *ret > max ? -EINVAL : r;
}

static int get_proc(const json_t *o, const char *key, struct ct_proc *ret)
{
	const json_t *p = json_object_get(o, key);
	uint64_t pid, start;
	int r;

	if (!p)
		return 0;
	r = get(p, "pid", INT32_MAX, &pid);
	if (r == 0)
		r = get(p, "start", INT64_MAX, &start);
	if (r == 0)
		*ret = (struct ct_proc){ .pid = (pid_t)pid, .start = start };
	return r;
}

/* "" when it is not there. */
static int get_path(const json_t *o, const char *key, char out[POOL_PATH_MAX])
{
	const char *s = "";
	int r = json_object_get(o, key) ? json_get_str(o, key, &s) : 0;

	if (r == 0 && strlen(s) >= POOL_PATH_MAX)
		r = -EINVAL;
	if (r == 0)
		memcpy(out, s, strlen(s) + 1);
	return r;
}

static int from_json(const json_t *o, struct ct_state *st)
{
	uint64_t stage, base, mounted, running, started;
	const char *op;
	int r = json_get_str(o, "op", &op);

	if (r == 0 && strlen(op) >= sizeof(st->op))
		r = -EINVAL;
	if (r == 0)
		r = get(o, "stage", 64, &stage);
	if (r == 0)
		r = get(o, "base", UINT32_MAX, &base);
	if (r == 0)
		r = get(o, "mounted", 1, &mounted);
	if (r == 0)
		r = get(o, "running", 1, &running);
	if (r == 0)
		r = get(o, "started", INT64_MAX, &started);
	if (r == 0)
		r = get_proc(o, "init", &st->init);
	if (r == 0)
		r = get_proc(o, "monitor", &st->monitor);
	if (r == 0)
		r = get_path(o, "pool", st->pool);
	if (r == 0)
		r = get_path(o, "to", st->to);
	if (r < 0)
		return r;
	memcpy(st->op, op, strlen(op) + 1);
	st->stage = (uint32_t)stage;
	st->base = (uint32_t)base;
	st->mounted = (uint32_t)mounted;
	st->running = (uint32_t)running;
	st->started = (int64_t)started;
	return 0;
}

int state_parse(const char *text, size_t len, struct ct_state *ret)
{
	struct ct_state st = { 0 };
	_json_ json_t *o = NULL;
	int r = json_parse(text, len, &o, NULL);

	if (r == 0)
		r = from_json(o, &st);
	*ret = r < 0 ? (struct ct_state){ .op = STATE_DAMAGED } : st;
	return r;
}

int state_read(const char *rundir, struct ct_state *ret, struct vz_err *e)
{
	_buf_ struct buf text = BUF_INIT;
	char path[512];
	int r;

	if ((size_t)snprintf(path, sizeof(path), "%s/" STATE_FILE, rundir) >= sizeof(path))
		return err_sys(e, VZ_E_SYS, -ENAMETOOLONG, "run directory '%s'", rundir);
	r = io_read_at(AT_FDCWD, path, STATE_MAX, &text);
	if (r == -ENOENT) {
		*ret = (struct ct_state){ 0 };
		return 0;
	}
	if (r < 0 && r != -E2BIG && r != -EISDIR && r != -EINVAL)
		return err_sys(e, VZ_E_SYS, r, "cannot read '%s'", path);
	/* As good as none, but for one thing: something may be up. Whoever has the lock takes it down. */
	if (r < 0)
		*ret = (struct ct_state){ .op = STATE_DAMAGED };
	else
		(void)state_parse(buf_str(&text), text.len, ret);
	return 0;
}

static json_t *proc_json(const struct ct_proc *p)
{
	return json_pack("{s:I,s:I}", "pid", (json_int_t)p->pid, "start", (json_int_t)p->start);
}

int state_write(const char *rundir, const struct ct_state *st, struct vz_err *e)
{
	_buf_ struct buf text = BUF_INIT;
	_json_ json_t *o = json_pack("{s:s,s:I,s:I,s:I,s:I,s:I}", "op", st->op, "stage",
				     (json_int_t)st->stage, "base", (json_int_t)st->base, "mounted",
				     (json_int_t)st->mounted, "running", (json_int_t)st->running,
				     "started", (json_int_t)st->started);
	_fd_ int dir = -1;
	int r = o ? 0 : -ENOMEM;

	if (r == 0 && st->init.pid)
		json_object_set_new(o, "init", proc_json(&st->init));
	if (r == 0 && st->monitor.pid)
		json_object_set_new(o, "monitor", proc_json(&st->monitor));
	if (r == 0 && st->pool[0])
		json_object_set_new(o, "pool", json_string(st->pool));
	if (r == 0 && st->to[0])
		json_object_set_new(o, "to", json_string(st->to));
	if (r == 0)
		r = json_print(o, &text);
	if (r == 0)
		dir = open(rundir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r == 0 && dir < 0 && errno == ENOENT) {
		r = path_mkdirs(rundir, 0700);
		dir = open(rundir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (r == 0 && dir < 0)
		r = -errno;
	if (r == 0)
		r = io_replace_volatile_at(dir, STATE_FILE, text.data, text.len, 0600);
	if (r < 0)
		return err_sys(e, VZ_E_SYS, r, "cannot write '%s/" STATE_FILE "'", rundir);
	return 0;
}

int state_drop(const char *rundir, struct vz_err *e)
{
	int r = path_remove_tree_at(AT_FDCWD, rundir);

	return r < 0 ? err_sys(e, VZ_E_SYS, r, "cannot remove '%s'", rundir) : 0;
}
