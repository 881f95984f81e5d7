// SPDX-License-Identifier: LGPL-2.1-or-later
/* Public entry points: check what the node needs, and set what settings can mend. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include <vz/node.h>
#include <vz/vz.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "host/node.h"
#include "ct/nodecheck.h"
#include "param/param.h"

#define FILE_MAX 65536

static struct vz_check_opts options(const struct vz_check_opts *o)
{
	struct vz_check_opts all = { .size = sizeof(all) };

	if (o)
		memcpy(&all, o, o->size < sizeof(all) ? o->size : sizeof(all));
	return all;
}

static int open_root(const struct vz_check_opts *o, int *ret_fd, struct vz_err *e)
{
	const char *path = o->root ? o->root : "/";
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, VZ_E_SYS, -errno, "cannot open '%s'", path);
	*ret_fd = fd;
	return 0;
}

/* Where private areas are: VE_PRIVATE without what is different for each VPS. */
static char *private_dir(const struct vz *vz)
{
	char *dir = vz ? strdup(vz->cfg->ve_private) : NULL;
	char *end = dir ? strchr(dir, '$') : NULL;

	if (end)
		*end = '\0';
	end = dir ? strrchr(dir, '/') : NULL;
	if (end && end != dir)
		*end = '\0';
	return dir;
}

int vz_node_check(struct vz *vz, const struct vz_check_opts *opts,
		  void (*row)(void *arg, const struct vz_check *c), void *arg, struct vz_err *e)
{
	const struct vz_check_opts o = options(opts);
	_free_ char *dir = private_dir(vz);
	_fd_ int root = -1;
	struct nodecheck n = { .vz = vz, .live = !o.root, .quick = o.quick, .row = row, .arg = arg,
			       .dir = o.dir ? o.dir : dir };
	int r = open_root(&o, &root, e);

	if (r < 0)
		return r;
	n.root = root;
	nodecheck_kernel(&n);
	nodecheck_disk(&n);
	nodecheck_walls(&n);
	nodecheck_forward(&n);
	nodecheck_links(&n);
	nodecheck_tracking(&n);
	nodecheck_tools(&n);
	return 0;
}

/* Does the file set it already? Then it goes on doing so: now it is as wanted because of that. */
static bool sets(const struct buf *file, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = buf_str(file); (p = strstr(p, name)); p += n) {
		if ((p == file->data || p[-1] == '\n') && strchr(" =\t", p[n]))
			return true;
	}
	return false;
}

static void poke(int root, const struct nodecheck_setting *s, struct vz_err *e)
{
	_buf_ struct buf value = BUF_INIT;
	char path[NODECHECK_PATH];
	int r;

	nodecheck_path(s, path);
	r = buf_printf(&value, "%llu", (unsigned long long)s->want);
	if (r == 0)
		r = io_poke_at(root, path, value.data);
	if (r < 0)
		err_sys(e, VZ_E_SYS, r, "cannot set '%s' to %s", s->name, buf_str(&value));
}

static int make_text(int root, const struct buf *old, bool dry, struct buf *out, unsigned *ret_n,
		     struct vz_err *e)
{
	(void)buf_puts(out, "# Written by vzcheck --fix, which replaces this file: what a node with many "
			    "VPSs needs.\n# See vzcheck(8).\n");
	for (size_t i = 0; i < nodecheck_nsettings; i++) {
		const struct nodecheck_setting *s = &nodecheck_settings[i];
		uint64_t v;
		bool bad = nodecheck_read(root, s, &v) == 0 && nodecheck_deviates(s, v);

		if (!bad && !sets(old, s->name))
			continue;
		(void)buf_printf(out, "\n# %s\n%s = %llu\n", s->why, s->name,
				 (unsigned long long)s->want);
		*ret_n += bad;
		/* One that the kernel refuses must not keep the others from being set. */
		if (bad && !dry)
			poke(root, s, e);
	}
	return out->failed ? err_nomem(e) : 0;
}

static int make_parent(const char *file)
{
	_free_ char *dir = strdup(file);
	char *slash = dir ? strrchr(dir, '/') : NULL;

	if (!slash)
		return dir ? 0 : -ENOMEM;
	*slash = '\0';
	return *dir ? path_mkdirs(dir, 0755) : 0;
}

int vz_node_fix(const struct vz_check_opts *opts, const char *file, bool dry, char **ret_text,
		unsigned *ret_n, struct vz_err *e)
{
	const struct vz_check_opts o = options(opts);
	_buf_ struct buf old = BUF_INIT, text = BUF_INIT;
	struct vz_err refused = { 0 };
	_fd_ int root = -1;
	unsigned n = 0;
	int r = io_read_at(AT_FDCWD, file, FILE_MAX, &old);

	if (r < 0 && r != -ENOENT)
		return err_sys(e, VZ_E_SYS, r, "cannot read '%s'", file);
	r = open_root(&o, &root, e);
	if (r == 0)
		r = make_text(root, &old, dry, &text, &n, &refused);
	if (r < 0)
		return r;
	if (!dry && (n || old.len)) {
		r = make_parent(file);
		if (r == 0)
			r = io_replace_at(AT_FDCWD, file, text.data, text.len, 0644);
		if (r < 0)
			return err_sys(e, VZ_E_SYS, r, "cannot write '%s'", file);
	}
	*ret_n = n;
	if (ret_text)
		*ret_text = buf_take(&text);
	if (!refused.code)
		return 0;
	if (e && !e->code)
		*e = refused;
	return -EIO;
}
