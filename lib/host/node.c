// SPDX-License-Identifier: LGPL-2.1-or-later
/* Read vz.conf and derive every path of the node from it. */
#include "host/node.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <vz/vz.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/num.h"
#include "base/path.h"
#include "base/spawn.h"
#include "base/str.h"
#include "cgroup/cg.h"
#include "kern/nl.h"
#include "param/cfgfile.h"
#include "param/check.h"
#include "param/param.h"

#ifndef VZ_LIBEXECDIR
#define VZ_LIBEXECDIR "/usr/local/libexec/mainvz"
#endif
#ifndef VZ_SBINDIR
#define VZ_SBINDIR "/usr/local/sbin"
#endif

static const char default_vzdir[] = "/vz", default_statedir[] = "/var/lib/vzctl";

static char *pick(const char *set, const char *dir, const char *name)
{
	return set && *set ? strdup(set) : str_printf("%s/%s", dir, name);
}

/*
 * What vz.conf does not say lies in /vz and /run/vz for the node of /etc/vz/vz.conf, and beside its
 * vz.conf for any other, so that a forgotten line cannot make two nodes share anything.
 */
static int derive_paths(struct vz *vz)
{
	const struct vz_cfg *c = vz->cfg;
	bool main_node = str_eq(vz->conf, NODE_CONF);
	_free_ char *dir = strdup(vz->conf), *vzdir = NULL;
	char *slash = dir ? strrchr(dir, '/') : NULL;

	if (!slash)
		return -ENOMEM;
	*slash = '\0';
	vzdir = main_node ? strdup(default_vzdir) : str_printf("%s/vz", dir);
	if (!vzdir)
		return -ENOMEM;
	vz->etcdir = strdup(dir);
	vz->statedir = main_node ? strdup(default_statedir) : str_printf("%s/state", dir);
	vz->confdir = pick(c->confdir, dir, "conf");
	vz->namesdir = str_printf("%s/names", dir);
	vz->idsdir = str_printf("%s/ids", dir);
	vz->lockdir = pick(c->lockdir, vzdir, "lock");
	vz->dumpdir = pick(c->dumpdir, vzdir, "dump");
	vz->template = pick(c->template, vzdir, "template");
	vz->rundir = main_node ? pick(c->rundir, "/run", "vz") : pick(c->rundir, dir, "run");
	if (cfg_has(c, VZ_P_VE_CGROUP_SLICE))
		vz->slice = strdup(c->ve_cgroup_slice);
	else
		vz->slice = main_node ? strdup("vz") : str_printf("vz-%08x", hash_add(HASH_BEGIN, vz->conf, strlen(vz->conf)));
	if (!cfg_has(c, VZ_P_VE_PRIVATE)) {
		c = vz->cfg;
		vz->cfg->ve_private = str_printf("%s/private/$VEID", vzdir);
		cfg_mark(vz->cfg, VZ_P_VE_PRIVATE);
	}
	if (!cfg_has(c, VZ_P_VE_ROOT)) {
		vz->cfg->ve_root = str_printf("%s/root/$VEID", vzdir);
		cfg_mark(vz->cfg, VZ_P_VE_ROOT);
	}
	vz->first_id = cfg_has(c, VZ_P_LOCAL_UID) ? (uint32_t)c->local_uid :
		       main_node		  ? NODE_FIRST_ID :
						    NODE_OTHER_ID;
	return vz->etcdir && vz->statedir && vz->confdir && vz->namesdir && vz->idsdir &&
			       vz->lockdir && vz->dumpdir && vz->template && vz->rundir && vz->slice &&
			       vz->cfg->ve_private && vz->cfg->ve_root ?
		       0 :
		       -ENOMEM;
}

static int load(struct vz *vz, struct vz_err *e)
{
	struct cfgfile f = { .dirfd = AT_FDCWD, .path = vz->conf, .missing = VZ_E_NO_GLOBAL_CONF,
			     .log = vz->log };
	int r = cfgfile_read(&f, vz->cfg, e);

	if (r < 0)
		return r;
	cfg_clean_node(vz->cfg, &vz->log);
	return 0;
}

int node_open(const struct vz_open_opts *o, struct vz **ret, struct vz_err *e)
{
	struct vz *vz = calloc(1, sizeof(*vz));
	int r;

	if (!vz)
		return err_nomem(e);
	vz->log = (struct log){ .fn = o->log, .arg = o->log_arg };
	vz->cfg = cfg_new();
	/* Without symlinks, so that one node has one name. */
	vz->conf = realpath(o->conf ? o->conf : NODE_CONF, NULL);
	if (!vz->conf)
		vz->conf = strdup(o->conf ? o->conf : NODE_CONF);
	vz->libexec = strdup(o->libexec ? o->libexec : VZ_LIBEXECDIR);
	vz->vzctl = strdup(o->vzctl ? o->vzctl : VZ_SBINDIR "/vzctl");
	if (!vz->cfg || !vz->conf || !vz->libexec || !vz->vzctl) {
		node_close(vz);
		return err_nomem(e);
	}
	r = load(vz, e);
	if (r == 0) {
		r = derive_paths(vz);
		if (r == 0)
			r = cfg_defaults(vz->cfg);
		if (r < 0)
			err_nomem(e);
	}
	if (r < 0) {
		node_close(vz);
		return r;
	}
	*ret = vz;
	return 0;
}

void node_close(struct vz *vz)
{
	if (!vz)
		return;
	cg_host_free(vz->cgh);
	cfg_free(vz->cfg);
	free(vz->conf);
	free(vz->etcdir);
	free(vz->statedir);
	free(vz->confdir);
	free(vz->namesdir);
	free(vz->idsdir);
	free(vz->lockdir);
	free(vz->dumpdir);
	free(vz->template);
	free(vz->rundir);
	free(vz->slice);
	free(vz->libexec);
	free(vz->vzctl);
	free(vz);
}

/* The libraries that find out about a host are slow to load; they live in a program of their own that
 * runs once per boot and leaves its findings in the run directory. */
static int run_helper(struct vz *vz, const char *what, const char *arg, struct vz_err *e)
{
	_free_ char *path = str_printf("%s/vz-node", vz->libexec);
	_buf_ struct buf out = BUF_INIT;
	const char *argv[] = { path, what, arg, NULL };
	struct spawn s = { .argv = argv, .output = &out, .timeout_ms = 30000 };
	int status = 0, r;

	if (!path)
		return err_nomem(e);
	r = path_mkdirs(vz->rundir, 0755);
	if (r < 0)
		return err_sys(e, VZ_E_SYS, r, "cannot make run directory '%s'", vz->rundir);
	r = spawn_run(&s, &status);
	if (r < 0)
		return err_sys(e, VZ_E_SYS, r, "cannot run '%s'", path);
	if (status != 0)
		return err_set(e, VZ_E_KERNEL, -EIO, "%s",
			       out.len ? strtok_r(out.data, "\n", &(char *){ NULL }) :
					 "the node could not be examined");
	return 0;
}

int node_cgroups_as_cached(const struct vz *vz, struct cg_host **ret, struct vz_err *e)
{
	_free_ char *cache = str_printf("%s/cgroups.json", vz->rundir);
	_fd_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (!cache || root < 0)
		return err_nomem(e);
	return cg_host_open(root, cache, vz->slice, ret, e);
}

int node_cgroups(struct vz *vz, struct vz_err *e)
{
	int r;

	if (vz->cgh)
		return 0;
	for (int tries = 0; tries < 2; tries++) {
		r = node_cgroups_as_cached(vz, &vz->cgh, tries ? e : NULL);
		if (r == 0 && cg_host_is_current(vz->cgh))
			return 0;
		cg_host_free(vz->cgh);
		vz->cgh = NULL;
		if (tries == 0) {
			r = run_helper(vz, "cgroups", vz->rundir, e);
			if (r < 0)
				return r;
		}
	}
	return r < 0 ? r : err_set(e, VZ_E_KERNEL, -ENOTSUP, "the control groups of this host change "
							     "while they are looked at");
}

int node_tracking(struct vz *vz, bool looked, struct vz_err *e)
{
	static const char *const chains[] = { [TRACKING_NO] = "no", [TRACKING_PRIVATE] = "private",
					      [TRACKING_YES] = "" };
	static const char table[] = "mainvz_conntrack";
	const char *want = chains[vz->cfg->ve_conntrack];

	if (*want)
		return knl_nft_has_chain(table, want) == 1 ? 0 : run_helper(vz, "conntrack", want, e);
	if (looked && knl_nft_has_chain(table, "from") == 1)
		(void)knl_nft_table_del(table);
	return 0;
}

static int cmp_id(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* "101.conf" -> 101; nothing else. */
static uint32_t conf_id(const char *name)
{
	size_t n = strlen(name);
	char digits[16];
	uint32_t id;

	if (n < 6 || n - 5 >= sizeof(digits) || !str_has_suffix(name, ".conf"))
		return 0;
	memcpy(digits, name, n - 5);
	digits[n - 5] = '\0';
	return digits[0] == '0' || num_u32(digits, &id) < 0 ? 0 : id;
}

int node_list(struct vz *vz, uint32_t **ret, size_t *ret_n, struct vz_err *e)
{
	_dir_ DIR *d = opendir(vz->confdir);
	_free_ uint32_t *ids = NULL;
	size_t n = 0, size = 0;
	struct dirent *de;

	if (!d && errno != ENOENT)
		return err_sys(e, VZ_E_SYS, -errno, "cannot read '%s'", vz->confdir);
	while (d && (de = readdir(d))) {
		uint32_t id = conf_id(de->d_name);

		if (!id)
			continue;
		if (n == size) {
			uint32_t *more = reallocarray(ids, size = size ? size * 2 : 256, sizeof(*ids));

			if (!more)
				return err_nomem(e);
			ids = more;
		}
		ids[n++] = id;
	}
	if (n)
		qsort(ids, n, sizeof(*ids), cmp_id);
	*ret = TAKE_PTR(ids);
	*ret_n = n;
	return 0;
}
