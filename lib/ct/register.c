// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * register and unregister. The configuration is the VPS: its appearing and disappearing by one rename is the
 * commit, and what is noted elsewhere (ids, name) follows from it or is found again by the id.
 */
#include "ct/register.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vz/area.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "cpt/cpt.h"
#include "ct/ct.h"
#include "ct/durable.h"
#include "ct/name.h"
#include "ct/stage.h"
#include "fs/fs.h"
#include "guest/template.h"
#include "param/cfgfile.h"
#include "param/param.h"

/* No other VPS has the area. */
static int check_free(struct ct *ct, const char *path, struct vz_err *e)
{
	_free_ uint32_t *ids = NULL;
	size_t n = 0;
	int r = node_list(ct->vz, &ids, &n, e);

	for (size_t i = 0; r == 0 && i < n; i++) {
		_free_ char *real = NULL;
		struct ct *other = NULL;

		if (ids[i] == ct->id || ct_open(ct->vz, ids[i], CT_NO_CONF_OK, &other, NULL) < 0)
			continue;
		real = other->private ? realpath(other->private, NULL) : NULL;
		ct_close(other);
		if (real && str_eq(real, path))
			r = err_set(e, VZ_E_PRIVATE_EXISTS, -EEXIST, "'%s' is the private area of VPS %u",
				    path, ids[i]);
	}
	return r;
}

/* A layout that is known here, with its template; a plain tree must at least look like a root. */
static int check_area(struct ct *ct, const char *path, struct fs_area *a, struct vz_err *e)
{
	_template_ struct template t = TEMPLATE_INIT;
	_fd_ int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = fd < 0 ? err_sys(e, VZ_E_PRIVATE_MISSING, -errno, "cannot open '%s'", path) :
			 fs_area_read(path, a, e);

	if (r < 0)
		return r;
	if (a->layout == FS_OVERLAY && !path_exists_at(fd, "upper"))
		return err_set(e, VZ_E_LAYOUT, -ENOENT, "'%s' has no folder upper", path);
	for (size_t i = 0; r == 0 && i < a->lower.n; i++) {
		template_done(&t);
		t = (struct template)TEMPLATE_INIT;
		r = template_open(ct->vz->template, a->lower.v[i], &t, e);
	}
	if (r < 0 || a->layout == FS_OVERLAY)
		return r;
	if (path_exists_at(fd, "root.hdd"))
		return err_set(e, VZ_E_LAYOUT_UNSUPPORTED, -ENOTSUP, "'%s' holds an image, not files", path);
	return path_exists_at(fd, "etc") && path_exists_at(fd, "usr") ?
		       0 :
		       err_set(e, VZ_E_LAYOUT, -EINVAL, "'%s' is neither an area made here nor a root", path);
}

/* The text to begin with, and its values: of the area itself, but not from where the guest can write. */
static int base_values(struct ct *ct, const char *path, bool tree, struct buf *text, struct vz_err *e)
{
	const char *sample = ct->vz->cfg->configfile;
	_free_ char *own = str_printf("%s/" AREA_CONF, path);
	_free_ char *from = sample && *sample ? str_printf("%s/ve-%s.conf-sample", ct->vz->confdir, sample) :
						NULL;
	struct cfgfile f = { .dirfd = AT_FDCWD, .path = own, .log = ct->vz->log };
	int r = own ? -ENOENT : -ENOMEM;

	if (!tree && own)
		r = io_read_at(AT_FDCWD, own, CFG_FILE_MAX, text);
	if (r == -ENOENT && from) {
		f.path = from;
		r = io_read_at(AT_FDCWD, from, CFG_FILE_MAX, text);
	}
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return err_sys(e, VZ_E_CP_CONFIG, r, "cannot read '%s'", f.path);
	r = cfgfile_parse(&f, buf_str(text), text->len, ct->own, e);
	return r < 0 ? r : 0;
}

static int new_uuid(char text[UUID_LEN + 1])
{
	unsigned char b[16];

	if (getrandom(b, sizeof(b), 0) != sizeof(b))
		return -errno;
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40); /* version 4, RFC 9562 */
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	for (int i = 0, n = 0; i < 16; i++)
		n += snprintf(text + n, 4, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", b[i]);
	return 0;
}

/* A copy shares nothing with what it was copied from. */
static int renew(struct ct *ct, struct vz_err *e)
{
	char uuid[UUID_LEN + 1];
	int r = new_uuid(uuid);

	if (r < 0)
		return err_sys(e, VZ_E_SYS, r, "cannot make a UUID");
	cfg_unset(ct->own, VZ_P_NAME);
	for (size_t i = 0; i < ct->own->netif.n; i++) {
		struct netif *n = &ct->own->netif.v[i];

		n->has_mac = n->has_host_mac = false;
		n->host_ifname[0] = 0;
	}
	return cfg_set_text(ct->own, VZ_P_UUID, uuid, e);
}

/* $VEID stays a variable where the folder is where the node would have put it. */
static const char *stored_path(const struct ct *ct, const char *path)
{
	const char *pattern = ct->vz->cfg->ve_private;
	_free_ char *usual = pattern ? cfgfile_expand(pattern, ct->idstr) : NULL;

	return usual && str_eq(usual, path) ? pattern : path;
}

static int fill(struct ct *ct, const char *path, const struct fs_area *a,
		const struct vz_register_opts *o, struct vz_err *e)
{
	int r = cfg_set_text(ct->own, VZ_P_VE_PRIVATE, stored_path(ct, path), e);

	if (r == 0)
		r = cfg_set_text(ct->own, VZ_P_VE_ROOT, ct->vz->cfg->ve_root, e);
	if (r == 0)
		r = cfg_set_text(ct->own, VZ_P_VE_LAYOUT, a->layout == FS_TREE ? "simfs" : "overlay", e);
	if (r == 0 && a->layout == FS_OVERLAY)
		r = cfg_set_text(ct->own, VZ_P_OSTEMPLATE, a->lower.v[0], e);
	if (r == 0 && o->flags & VZ_REGISTER_RENEW)
		r = renew(ct, e);
	if (r == 0 && o->uuid)
		r = cfg_set_text(ct->own, VZ_P_UUID, o->uuid, e);
	if (r == 0 && o->name)
		r = cfg_set_text(ct->own, VZ_P_NAME, o->name, e);
	if (r == 0 && cfg_has(ct->own, VZ_P_NAME) && !*ct->own->name)
		cfg_unset(ct->own, VZ_P_NAME);
	if (r == 0 && cfg_has(ct->own, VZ_P_NAME))
		r = name_check(ct, ct->own->name, e);
	/* Ids on disk are those inside, so any range does; the old one may be somebody else's by now. */
	cfg_unset(ct->own, VZ_P_LOCAL_UID);
	cfg_unset(ct->own, VZ_P_LOCAL_GID);
	if (r == 0)
		r = ct_range_take(ct, false, e);
	if (r < 0)
		return r;
	ct->own->local_uid = ct->own->local_gid = ct->base;
	cfg_mark(ct->own, VZ_P_LOCAL_UID);
	cfg_mark(ct->own, VZ_P_LOCAL_GID);
	return 0;
}

static int write_conf(struct ct *ct, const struct buf *text, struct vz_err *e)
{
	_buf_ struct buf out = BUF_INIT;
	struct pset all = { 0 };
	int r = path_mkdirs(ct->vz->confdir, 0755);

	if (r < 0)
		return err_sys(e, VZ_E_SAVE, r, "cannot make '%s'", ct->vz->confdir);
	/* Also those that are not set, so that their lines go. */
	for (unsigned p = 0; p < VZ_NPARAMS; p++)
		pset_add(&all, p);
	r = cfgfile_render(buf_str(text), text->len, ct->own, &all, &out, e);
	if (r < 0)
		return r;
	ct_crash_point("register", "conf", "before");
	r = io_replace_at(AT_FDCWD, ct->conf, buf_str(&out), out.len, 0644);
	ct_crash_point("register", "conf", "after");
	return r < 0 ? err_sys(e, r == -ENOSPC ? VZ_E_NO_SPACE : VZ_E_SAVE, r, "cannot write '%s'", ct->conf) :
		       0;
}

int ct_register(struct ct *ct, const char *path, const struct vz_register_opts *o, struct vz_err *e)
{
	_fs_area_ struct fs_area a = { 0 };
	_buf_ struct buf text = BUF_INIT;
	_free_ char *real = NULL, *owner = NULL;
	int r;

	if (path[0] != '/' || !path[1])
		return err_set(e, VZ_E_PARAM, -EINVAL, "'%.200s' is not the absolute path of an area", path);
	if (ct->has_conf)
		return err_set(e, VZ_E_CP_CONFIG, -EEXIST, "there is a VPS '%s' already", ct->idstr);
	real = realpath(path, NULL);
	if (!real)
		return err_sys(e, VZ_E_PRIVATE_MISSING, -errno, "cannot find '%.200s'", path);
	owner = str_printf("%s/.owner", real);
	r = owner ? check_free(ct, real, e) : err_nomem(e);
	if (r == 0)
		r = check_area(ct, real, &a, e);
	if (r == 0 && !(o->flags & VZ_REGISTER_FORCE) && path_exists_at(AT_FDCWD, owner))
		r = err_set(e, VZ_E_PERM, -EPERM, "'%s' says that it is another node's; --force takes it", real);
	if (r == 0)
		r = base_values(ct, real, a.layout == FS_TREE, &text, e);
	if (r == 0)
		r = fill(ct, real, &a, o, e);
	if (r == 0)
		r = write_conf(ct, &text, e);
	if (r == 0 && cfg_has(ct->own, VZ_P_NAME))
		r = name_link(ct, ct->own->name, e);
	if (r < 0 && ct->base)
		(void)ct_range_drop(ct, NULL);
	return r;
}

/* The values into the area, for a register elsewhere or later. */
static int leave_conf(struct ct *ct, struct vz_err *e)
{
	_fs_area_ struct fs_area a = { 0 };
	_buf_ struct buf text = BUF_INIT;
	_free_ char *path = str_printf("%s/" AREA_CONF, ct->private);
	int r = path ? ct_area_read(ct, &a, NULL) : err_nomem(e);

	if (r < 0 || a.layout == FS_TREE)
		return path ? 0 : r;
	r = io_read_at(AT_FDCWD, ct->conf, CFG_FILE_MAX, &text);
	if (r == 0)
		r = io_replace_at(AT_FDCWD, path, buf_str(&text), text.len, 0600);
	return r < 0 ? err_sys(e, r == -ENOSPC ? VZ_E_NO_SPACE : VZ_E_SAVE, r, "cannot write '%s'", path) : 0;
}

int ct_unregister(struct ct *ct, struct vz_err *e)
{
	_free_ char *dump = ct_dump_path(ct);
	int r;

	if (ct_is_running(ct))
		return err_set(e, VZ_E_RUNNING, -EBUSY, "VPS '%s' is running; stop it first", ct->idstr);
	if (ct_is_mounted(ct))
		return err_set(e, VZ_E_MOUNTED, -EBUSY, "VPS '%s' is mounted; unmount it first", ct->idstr);
	if (dump && cpt_exists(dump))
		return err_set(e, VZ_E_SUSPEND, -EBUSY, "VPS '%s' is suspended; resume it first", ct->idstr);
	r = ct_has_private(ct) ? leave_conf(ct, e) : 0;
	ct_crash_point("unregister", "conf", "before");
	return r < 0 ? r : durable_forget(ct, e);
}
