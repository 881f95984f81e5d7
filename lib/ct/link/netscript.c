/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Find and run the administrator's network programs, in an environment that says all they need. */
#include "ct/link/netscript.h"

#include <arpa/inet.h>
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
#include "ct/link/links.h"
#include "param/param.h"

#define VZNET_MAX  65536
#define TIMEOUT_MS 60000
#define PATH_ENV   "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* A line "EXTERNAL_SCRIPT=" with something behind it. Whoever sources the file understands all of it; here
 * it is only asked whether that is worth a process. */
static bool names_script(const char *text)
{
	static const char key[] = "EXTERNAL_SCRIPT=";

	for (const char *l = text; l; l = strchr(l, '\n') ? strchr(l, '\n') + 1 : NULL) {
		l += strspn(l, " \t");
		if (str_has_prefix(l, "export "))
			l += 7;
		if (!str_has_prefix(l, key))
			continue;
		l += sizeof(key) - 1;
		l += strspn(l, "\"' \t");
		if (*l && *l != '\n' && *l != '#')
			return true;
	}
	return false;
}

bool ct_veth_has_script(const struct ct *ct)
{
	_free_ char *path = str_printf("%s/vznet.conf", ct->vz->etcdir);
	_buf_ struct buf text = BUF_INIT;

	return path && io_read_at(AT_FDCWD, path, VZNET_MAX, &text) == 0 &&
	       names_script(buf_str(&text));
}

/* Run; the words for a failure are the program's last line. */
static int run(const char *const *argv, const char *const *env, int code, struct vz_err *e)
{
	_buf_ struct buf out = BUF_INIT;
	struct spawn s = { .argv = argv, .env = env, .output = &out, .timeout_ms = TIMEOUT_MS };
	int status = 0, r = spawn_run(&s, &status);
	const char *last;

	if (r < 0)
		return err_sys(e, code, r, "cannot run '%s'", argv[0]);
	if (status == 0)
		return 0;
	while (out.len && (out.data[out.len - 1] == '\n' || out.data[out.len - 1] == ' '))
		out.data[--out.len] = '\0';
	last = strrchr(buf_str(&out), '\n');
	last = last ? last + 1 : buf_str(&out);
	if (WIFSIGNALED(status))
		return err_set(e, code, -EIO, "'%s' was ended by signal %d", argv[0],
			       WTERMSIG(status));
	return err_set(e, code, -EIO, "'%s' failed with status %d%s%.200s", argv[0],
		       WEXITSTATUS(status), *last ? ": " : "", last);
}

int ct_veth_script(const struct ct *ct, const char *dev, struct vz_err *e)
{
	_free_ char *prog = strdup(ct->vz->vzctl), *veid = str_printf("VEID=%s", ct->idstr);
	_free_ char *conf = str_printf("VZ_CONF=%s", ct->vz->conf), *path = NULL;
	char *slash = prog ? strrchr(prog, '/') : NULL;
	const char *env[] = { "HOME=/", "TERM=linux", PATH_ENV, veid, conf, NULL };
	const char *argv[] = { NULL, "init", "veth", dev, NULL };

	if (!slash || !veid || !conf)
		return err_nomem(e);
	/* Where vzctl is installed, there are its companions. */
	*slash = '\0';
	path = str_printf("%s/vznetcfg", prog);
	if (!path)
		return err_nomem(e);
	argv[0] = path;
	return run(argv, env, VZ_E_VETH, e);
}

static char *find_hook(const struct ct *ct, const char *name)
{
	const char *const dirs[] = { ct->vz->etcdir, ct->vz->libexec };

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
		_free_ char *path = str_printf("%s/scripts/%s", dirs[i], name);

		if (path && faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0)
			return TAKE_PTR(path);
	}
	return NULL;
}

bool ct_net_has_hook(const struct ct *ct, const char *name)
{
	_free_ char *path = find_hook(ct, name);

	return path;
}

static int list_text(const struct addrlist *l, struct buf *out)
{
	char text[INET6_ADDRSTRLEN];

	buf_puts(out, "IP_ADDR=");
	for (size_t i = 0; i < l->n; i++) {
		const struct cfg_addr *a = &l->v[i];

		if (!inet_ntop(a->family, a->ip, text, sizeof(text)))
			continue;
		buf_printf(out, "%s%s", i ? " " : "", text);
		if (a->prefix != (a->family == AF_INET ? 32 : 128))
			buf_printf(out, "/%u", a->prefix);
	}
	return out->failed ? -ENOMEM : 0;
}

int ct_net_hook(const struct ct *ct, const char *name, const char *state,
		const struct addrlist *addrs, struct vz_err *e)
{
	_free_ char *path = addrs->n ? find_hook(ct, name) : NULL;
	_free_ char *veid = NULL, *ve_state = NULL, *conf = NULL;
	_buf_ struct buf ips = BUF_INIT;
	const char *skip = cfg_has(ct->vz->cfg, VZ_P_SKIP_ARPDETECT) && ct->vz->cfg->skip_arpdetect ?
				   "SKIP_ARPDETECT=yes" :
				   "SKIP_ARPDETECT=";
	const char *argv[] = { path, NULL };

	if (!path)
		return 0;
	veid = str_printf("VEID=%s", ct->idstr);
	ve_state = str_printf("VE_STATE=%s", state);
	conf = str_printf("VZ_CONF=%s", ct->vz->conf);
	if (!veid || !ve_state || !conf || list_text(addrs, &ips) < 0)
		return err_nomem(e);
	const char *env[] = { "HOME=/", "TERM=linux", PATH_ENV, veid, ve_state, conf, skip,
			      buf_str(&ips), NULL };
	return run(argv, env, VZ_E_ADD_IP, e);
}

int ct_net_hook_note(struct ct *ct, struct vz_err *e)
{
	_links_ struct links l = { 0 };
	const struct link_note note = { .kind = LINK_HOOK };
	int r;

	if (!ct_net_has_hook(ct, "vps-net_add") && !ct_net_has_hook(ct, "vps-net_del"))
		return 0;
	r = links_read(ct, &l);
	if (r == 0)
		r = links_add(&l, &note);
	if (r < 0)
		return err_sys(e, VZ_E_ADD_IP, r, "cannot note the hook of VPS '%s'", ct->idstr);
	return links_write(ct, &l, e);
}

int ct_net_hook_up(struct ct *ct, const char *state, struct vz_err *e)
{
	int r = ct->cfg->ip_address.n ? ct_net_hook_note(ct, e) : 0;

	return r < 0 ? r : ct_net_hook(ct, "vps-net_add", state, &ct->cfg->ip_address, e);
}

int ct_net_hook_down(struct ct *ct, struct vz_err *e)
{
	_links_ struct links l = { 0 };
	struct vz_err mine = { 0 };
	size_t left = 0;

	if (links_read(ct, &l) < 0 || !links_has(&l, LINK_HOOK, NULL))
		return 0;
	if (ct_net_hook(ct, "vps-net_del", "stopping", &ct->cfg->ip_address, &mine) < 0)
		log_msg(&ct->vz->log, -1, "VPS %s: %s", ct->idstr, mine.text);
	for (size_t i = 0; i < l.n; i++)
		if (l.v[i].kind != LINK_HOOK)
			l.v[left++] = l.v[i];
	l.n = left;
	return links_write(ct, &l, e);
}
