// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Scripts of the administrator. On the node they get VEID, VE_CONFFILE and what the caller adds, inside nothing but HOME, TERM and
 * PATH; they begin in / and never see the caller's environment or descriptors.
 */
#include "ct/inside/action.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/spawn.h"
#include "base/str.h"
#include "ct/ct.h"
#include "ct/inside/exec.h"
#include "ct/inside/script.h"
#include "param/param.h"

#define SCRIPT_MAX	(1u << 20)
/* A VPS that swallows its script must not hold its lock for ever. 0: STOP_TIMEOUT of the VPS. */
#define START_S		600
#define FAST_S		10
#define STOP_DEFAULT_S	120

enum { ON_NODE, INSIDE };
enum { NONE, OF_ALL, OF_ONE }; /* vps.<name>, <id>.<name> */

static const struct {
	const char *name;
	int where;
	int order[2];
	unsigned limit_s; /* inside only */
} actions[NACTIONS] = {
	[ACTION_PREMOUNT] = { "premount", ON_NODE, { OF_ALL, OF_ONE } },
	[ACTION_MOUNT] = { "mount", ON_NODE, { OF_ALL, OF_ONE } },
	[ACTION_START] = { "start", INSIDE, { OF_ONE, NONE }, START_S },
	[ACTION_STOP] = { "stop", INSIDE, { OF_ONE, NONE }, 0 },
	[ACTION_STOP_FAST] = { "stop", INSIDE, { OF_ONE, NONE }, FAST_S },
	[ACTION_UMOUNT] = { "umount", ON_NODE, { OF_ONE, OF_ALL } },
	[ACTION_POSTUMOUNT] = { "postumount", ON_NODE, { OF_ONE, OF_ALL } },
	[ACTION_CREATE] = { "create", ON_NODE, { OF_ALL, NONE } },
	[ACTION_TRAFFIC] = { "traffic", ON_NODE, { OF_ALL, OF_ONE } },
};

const char *ct_action_name(unsigned n)
{
	for (size_t i = 0; i < NACTIONS; i++)
		if (i != ACTION_STOP_FAST &&
		    (actions[i].order[0] == OF_ONE || actions[i].order[1] == OF_ONE) && n-- == 0)
			return actions[i].name;
	return NULL;
}

static int run_on_node(struct ct *ct, const char *path, struct buf *out, int *ret_status)
{
	_free_ char *veid = str_printf("VEID=%s", ct->idstr);
	_free_ char *conf = str_printf("VE_CONFFILE=%s", ct->conf);
	const char *argv[] = { path, NULL }, *by_shell[] = { "/bin/sh", path, NULL };
	const char *env[16] = { "HOME=/", "TERM=linux", CT_PATH_ENV, veid, conf };
	struct spawn s = { .argv = argv, .env = env, .output = out, .die_with_us = 1 };
	int r;

	if (!veid || !conf)
		return -ENOMEM;
	for (size_t i = 0; ct->action_env && ct->action_env[i] && i < 10; i++)
		env[5 + i] = ct->action_env[i];
	r = spawn_run(&s, ret_status);
	/* Without #!, what any shell would do with it. */
	if (r == -ENOEXEC) {
		s.argv = by_shell;
		r = spawn_run(&s, ret_status);
	}
	if (r == 0)
		*ret_status = WIFEXITED(*ret_status) ? WEXITSTATUS(*ret_status) :
						       128 + WTERMSIG(*ret_status);
	return r;
}

static int run_inside(struct ct *ct, enum ct_action_id id, const char *path, struct buf *out,
		      int *ret_status, struct vz_err *e)
{
	_buf_ struct buf text = BUF_INIT;
	struct ct_script s = { 0 };
	uint64_t limit = actions[id].limit_s;
	int r = io_read_at(AT_FDCWD, path, SCRIPT_MAX, &text);

	if (r < 0)
		return r;
	if (!limit)
		limit = cfg_has(ct->cfg, VZ_P_STOP_TIMEOUT) && ct->cfg->stop_timeout ?
				ct->cfg->stop_timeout :
				STOP_DEFAULT_S;
	s.timeout_ms = limit < START_S ? (unsigned)limit * 1000 : START_S * 1000;
	s.text = buf_str(&text);
	s.len = text.len;
	return ct_script(ct, &s, out, ret_status, e);
}

/* One script; 0 also when there is none. */
static int run_one(struct ct *ct, enum ct_action_id id, int of, struct vz_err *e)
{
	_free_ char *name = str_printf("%s.%s", of == OF_ALL ? "vps" : ct->idstr, actions[id].name);
	_free_ char *path = name ? str_printf("%s/%s", ct->vz->confdir, name) : NULL;
	_buf_ struct buf out = BUF_INIT;
	struct vz_err why = { 0 };
	int r, status = 0;

	if (!path)
		return err_nomem(e);
	if (faccessat(AT_FDCWD, path, F_OK, 0) < 0 && errno == ENOENT)
		return 0;
	log_msg(&ct->vz->log, 1, "running %s", path);
	r = actions[id].where == INSIDE ? run_inside(ct, id, path, &out, &status, &why) :
					  run_on_node(ct, path, &out, &status);
	ct_script_said(ct, name, &out, 0);
	if (why.code)
		return err_set(e, VZ_E_ACTION, ACTION_FAILED, "action script '%s' failed: %s", path,
			       why.text);
	if (r < 0)
		return err_set(e, VZ_E_ACTION, ACTION_FAILED, "action script '%s' cannot be run: %s",
			       path, strerrordesc_np(-r));
	return status ? err_set(e, VZ_E_ACTION, ACTION_FAILED,
				"action script '%s' ended with status %d", path, status) :
			0;
}

int ct_action(struct ct *ct, enum ct_action_id id, struct vz_err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(actions[id].order); i++)
		if (actions[id].order[i] != NONE)
			r = run_one(ct, id, actions[id].order[i], e);
	return r;
}

void ct_action_anyway(struct ct *ct, enum ct_action_id id)
{
	for (size_t i = 0; i < ARRAY_LEN(actions[id].order); i++) {
		struct vz_err e = { 0 };

		if (actions[id].order[i] != NONE && run_one(ct, id, actions[id].order[i], &e) < 0)
			log_msg(&ct->vz->log, -1, "VPS %s: %s", ct->idstr, e.text);
	}
}
