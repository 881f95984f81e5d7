// SPDX-License-Identifier: LGPL-2.1-or-later
/* Find the distribution's scripts and run them at their points. */
#include "ct/inside/dist.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/path.h"
#include "base/spawn.h"
#include "base/str.h"
#include "ct/ct.h"
#include "ct/inside/dist_env.h"
#include "ct/inside/exec.h"
#include "ct/inside/script.h"
#include "fs/fs.h"
#include "param/param.h"

#define CONF_MAX   (64u << 10)
#define SCRIPT_MAX (1u << 20)
#define LIMIT_MS   120000u

/* scripts/functions, then the script itself. */
static int read_script(const struct dist *d, enum dist_action a, struct buf *text, char **ret_path)
{
	_free_ char *functions = str_printf("%s/scripts/functions", d->dir);
	int r;

	*ret_path = str_printf("%s/scripts/%s", d->dir, d->script[a]);
	if (!functions || !*ret_path)
		return -ENOMEM;
	r = io_read_at(AT_FDCWD, functions, SCRIPT_MAX, text);
	if (r < 0 && r != -ENOENT)
		return r;
	if (r == 0)
		r = buf_putc(text, '\n');
	return r < 0 && r != -ENOENT ? r : io_read_at(AT_FDCWD, *ret_path, SCRIPT_MAX, text);
}

static int on_node(const struct dist *d, const struct dist_want *w, const char *area, struct ct *ct,
		   const struct buf *text, const struct strv *more, struct buf *out, int *ret_status)
{
	const char *argv[] = { access("/bin/bash", X_OK) == 0 ? "/bin/bash" : "/bin/sh", "-s", NULL };
	_strv_ struct strv env = { 0 };
	struct fs_private_mount m = { 0 };
	struct spawn s = { .argv = argv, .input = buf_str(text), .input_len = text->len,
			   .output = out, .timeout_ms = LIMIT_MS, .die_with_us = 1,
			   .before_exec = fs_private_mount, .before_arg = &m };
	int r = strv_split(&env, "HOME=/ TERM=linux " CT_PATH_ENV, " ");

	(void)d;
	for (size_t i = 0; r == 0 && i < more->n; i++)
		r = strv_add(&env, more->v[i]);
	if (r == 0)
		r = path_mkdirs(w->root, 0700);
	if (r == 0)
		r = fs_private_mount_prepare(area, ct->vz->template, w->root, &m);
	s.env = (const char *const *)env.v;
	if (r == 0)
		r = spawn_run(&s, ret_status);
	fs_private_mount_done(&m);
	if (r == 0)
		*ret_status = WIFEXITED(*ret_status) ? WEXITSTATUS(*ret_status) : 128;
	return r;
}

/* -EIO: it ran and did not end with 0. area: of a VPS that is being made, else NULL. */
static int run_area(struct ct *ct, const struct dist *d, enum dist_action a, const struct dist_want *w,
		    const char *area)
{
	_buf_ struct buf text = BUF_INIT, out = BUF_INIT;
	_strv_ struct strv env = { 0 };
	_free_ char *path = NULL;
	struct ct_script s = { .env = &env, .timeout_ms = LIMIT_MS };
	struct vz_err why = { 0 };
	/* The one that fails its verb has its line there. */
	int r, status = 0, level = a == DIST_SET_USERPASS ? 1 : -1;

	if (!d->dir || !d->script[a])
		return 0;
	r = read_script(d, a, &text, &path);
	if (r == 0)
		r = dist_env(ct, a, w, &env);
	s.text = buf_str(&text);
	s.len = text.len;
	if (r == 0)
		r = area ? on_node(d, w, area, ct, &text, &env, &out, &status) :
			   ct_script(ct, &s, &out, &status, &why);
	ct_script_said(ct, d->script[a], &out, status ? 0 : 1);
	if (r < 0)
		log_msg(&ct->vz->log, level, "%s of VPS %s: cannot run '%s': %s", dist_name(a),
			ct->idstr, path ? path : d->script[a],
			why.code ? why.text : strerrordesc_np(-r));
	else if (status)
		log_msg(&ct->vz->log, level, "%s of VPS %s: '%s' ended with status %d", dist_name(a),
			ct->idstr, path, status);
	return r == 0 && status ? -EIO : r;
}

static int run(struct ct *ct, const struct dist *d, enum dist_action a, const struct dist_want *w)
{
	return run_area(ct, d, a, w, NULL);
}

/* --- the file ------------------------------------------------------------------------------------- */

void dist_done(struct dist *d)
{
	for (size_t i = 0; i < NDIST; i++)
		free(d->script[i]);
	free(d->dir);
	*d = (struct dist){ 0 };
}

/* "ADD_IP=debian-add_ip.sh"; the first one counts, as in all files. */
static int take_line(const struct ct *ct, const char *file, char *l, struct dist *d)
{
	char *eq, *end;

	l += strspn(l, " \t");
	eq = strchr(l, '=');
	if (*l == '#' || !eq)
		return 0;
	*eq++ = '\0';
	eq += strspn(eq, " \t\"");
	end = eq + strcspn(eq, " \t\"\r");
	*end = '\0';
	for (size_t i = 0; i < NDIST; i++) {
		if (!str_eq(l, dist_name(i)) || d->script[i] || !*eq)
			continue;
		if (strchr(eq, '/') || *eq == '.') {
			log_msg(&ct->vz->log, -1, "%s: '%s' is not the name of a script in 'scripts'",
				file, eq);
			return 0;
		}
		d->any = true;
		d->script[i] = strdup(eq);
		return d->script[i] ? 0 : -ENOMEM;
	}
	return 0;
}

/* 1: read; 0: there is none of that name. */
static int read_file(const struct ct *ct, const char *name, struct dist *d, struct vz_err *e)
{
	_free_ char *path = str_printf("%s/%s.conf", d->dir, name);
	_buf_ struct buf text = BUF_INIT;
	char *save = NULL;
	int r = path ? io_read_at(AT_FDCWD, path, CONF_MAX, &text) : -ENOMEM;

	if (r == -ENOENT)
		return 0;
	for (char *l = r == 0 && text.len ? strtok_r(text.data, "\n", &save) : NULL; l && r == 0;
	     l = strtok_r(NULL, "\n", &save))
		r = take_line(ct, path, l, d);
	return r < 0 ? err_sys(e, VZ_E_NO_DIST, r, "cannot read '%s'", path ? path : name) : 1;
}

/* debian-12-x86_64-minimal, debian-12-x86_64, debian-12, debian. The names of some templates begin with a dot. */
static int look_up(const struct ct *ct, const char *word, struct dist *d, struct vz_err *e)
{
	const char *slash = word ? strrchr(word, '/') : NULL;
	_free_ char *name = word ? strdup(slash ? slash + 1 : word) : NULL;
	char *from = name, *dash;
	int r = 0;

	if (!word)
		return 0;
	if (!name)
		return err_nomem(e);
	from += strspn(from, ".");
	while (r == 0 && *from) {
		r = read_file(ct, from, d, e);
		dash = strrchr(from, '-');
		*(dash ? dash : from) = '\0';
	}
	return r;
}

int dist_open(const struct ct *ct, struct dist *ret, struct vz_err *e)
{
	_dist_ struct dist d = { 0 };
	const struct vz_cfg *c = ct->cfg;
	int r;

	*ret = d;
	d.dir = str_printf("%s/dists", ct->vz->etcdir);
	if (!d.dir)
		return err_nomem(e);
	if (access(d.dir, F_OK) < 0)
		return 0;
	r = look_up(ct, cfg_has(c, VZ_P_DISTRIBUTION) ? c->distribution : NULL, &d, e);
	if (r == 0)
		r = look_up(ct, cfg_has(c, VZ_P_OSTEMPLATE) ? c->ostemplate : NULL, &d, e);
	if (r == 0) {
		r = read_file(ct, "default", &d, e);
		/* One without actions is as good as any: all that is usual needs no script. */
		if (r > 0)
			log_msg(&ct->vz->log, d.any ? -1 : 1,
				"VPS %s: no file in '%s' is for '%s'; using default.conf", ct->idstr, d.dir,
				cfg_has(c, VZ_P_OSTEMPLATE) ? c->ostemplate : "no OSTEMPLATE");
	}
	if (r == 0)
		r = err_set(e, VZ_E_NO_DIST, -ENOENT,
			    "no file in '%s' is for VPS '%s', and there is no default.conf", d.dir,
			    ct->idstr);
	if (r < 0)
		return r;
	*ret = d;
	d = (struct dist){ 0 };
	return 0;
}

/* --- the points ----------------------------------------------------------------------------------- */

static const char *text_of(const struct vz_cfg *c, enum vz_param p, const char *value)
{
	return cfg_has(c, p) && value ? value : "";
}

void dist_start(struct ct *ct, const struct dist *d)
{
	const struct vz_cfg *c = ct->cfg;
	struct dist_want w = { .cfg = c, .state = "starting", .add = &c->ip_address };

	if (!d->any)
		return;
	run(ct, d, DIST_SET_CONSOLE, &w);
	if (*text_of(c, VZ_P_HOSTNAME, c->hostname))
		run(ct, d, DIST_SET_HOSTNAME, &w);
	if (cfg_has(c, VZ_P_NAMESERVER) || cfg_has(c, VZ_P_SEARCHDOMAIN))
		run(ct, d, DIST_SET_DNS, &w);
	if (cfg_has(c, VZ_P_QUOTAUGIDLIMIT) && c->quotaugidlimit)
		run(ct, d, DIST_SET_UGID_QUOTA, &w);
	/* Also without addresses: those of an earlier life may be in the files. */
	run(ct, d, DIST_ADD_IP, &w);
	for (size_t i = 0; cfg_has(c, VZ_P_NETIF) && i < c->netif.n; i++) {
		w.netif = &c->netif.v[i];
		run(ct, d, DIST_NETIF_ADD, &w);
	}
	run(ct, d, DIST_PRE_START, &w);
}

static bool same_addr(const struct cfg_addr *a, const struct cfg_addr *b)
{
	return a->family == b->family && a->prefix == b->prefix &&
	       memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

/* Those of a that are not in b; v has room for all of a. */
static void minus(const struct addrlist *a, const struct addrlist *b, struct addrlist *ret)
{
	ret->n = 0;
	for (size_t i = 0; i < a->n; i++) {
		size_t k = 0;

		while (k < b->n && !same_addr(&a->v[i], &b->v[k]))
			k++;
		if (k == b->n)
			ret->v[ret->n++] = a->v[i];
	}
}

static void changed_addrs(struct ct *ct, const struct dist *d, const struct vz_cfg *from,
			  struct dist_want *w)
{
	const struct addrlist *old = &from->ip_address, *new = &w->cfg->ip_address;
	_free_ struct cfg_addr *a = calloc(new->n + 1, sizeof(*a)), *b = calloc(old->n + 1, sizeof(*b));
	struct addrlist add = { .v = a }, del = { .v = b };

	if (!a || !b)
		return;
	minus(new, old, &add);
	minus(old, new, &del);
	w->add = &add;
	w->del = &del;
	w->all = old->n && del.n == old->n;
	/* What replaces all says so itself. */
	if (del.n && !(w->all && add.n))
		run(ct, d, DIST_DEL_IP, w);
	w->all = w->all && add.n;
	if (add.n)
		run(ct, d, DIST_ADD_IP, w);
}

static const struct netif *find_netif(const struct netiflist *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->v[i].ifname, name))
			return &l->v[i];
	return NULL;
}

static void changed_netifs(struct ct *ct, const struct dist *d, const struct netiflist *from,
			   const struct netiflist *to)
{
	struct addrlist none = { 0 };
	struct dist_want w = { .cfg = ct->cfg, .state = "running", .all = true };

	for (size_t i = 0; i < from->n; i++)
		if (!find_netif(to, from->v[i].ifname)) {
			w.netif = &from->v[i];
			run(ct, d, DIST_NETIF_DEL, &w);
		}
	w.add = &none;
	for (size_t i = 0; i < to->n; i++)
		if (!find_netif(from, to->v[i].ifname)) {
			w.netif = &to->v[i];
			run(ct, d, DIST_NETIF_ADD, &w);
		}
}

static bool differ(const struct strv *a, const struct strv *b)
{
	if (a->n != b->n)
		return true;
	for (size_t i = 0; i < a->n; i++)
		if (!str_eq(a->v[i], b->v[i]))
			return true;
	return false;
}

void dist_changed(struct ct *ct, const struct vz_cfg *from, const struct vz_cfg *to)
{
	_dist_ struct dist d = { 0 };
	struct dist_want w = { .cfg = to, .state = "running" };
	struct vz_err e = { 0 };

	if (dist_open(ct, &d, &e) < 0)
		log_msg(&ct->vz->log, -1, "%s", e.text);
	if (!d.any)
		return;
	changed_addrs(ct, &d, from, &w);
	if (!str_eq(text_of(from, VZ_P_HOSTNAME, from->hostname),
		    text_of(to, VZ_P_HOSTNAME, to->hostname)))
		run(ct, &d, DIST_SET_HOSTNAME, &w);
	if (differ(&from->nameserver, &to->nameserver) || differ(&from->searchdomain, &to->searchdomain))
		run(ct, &d, DIST_SET_DNS, &w);
	if (from->quotaugidlimit != to->quotaugidlimit)
		run(ct, &d, DIST_SET_UGID_QUOTA, &w);
	changed_netifs(ct, &d, &from->netif, &to->netif);
}

int dist_passwords(struct ct *ct, const struct dist *d, const struct vz_cfg *change, struct vz_err *e)
{
	struct dist_want w = { .cfg = ct->cfg, .state = "running", .change = change };
	int r;

	if (!d->script[DIST_SET_USERPASS])
		return 0;
	r = run(ct, d, DIST_SET_USERPASS, &w);
	return r < 0 ? err_set(e, VZ_E_PASSWD, r, "'%s' could not set a password in VPS '%s'",
			       d->script[DIST_SET_USERPASS], ct->idstr) :
		       1;
}

void dist_post_create(struct ct *ct, const char *area)
{
	_dist_ struct dist d = { 0 };
	struct dist_want w = { .cfg = ct->cfg, .root = ct->root };
	struct vz_err e = { 0 };

	if (dist_open(ct, &d, &e) < 0)
		log_msg(&ct->vz->log, -1, "%s", e.text);
	(void)run_area(ct, &d, DIST_POST_CREATE, &w, area);
}
