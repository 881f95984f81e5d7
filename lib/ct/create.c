// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Create a VPS. Everything is built beside its place: the private area as .<id>.new, the configuration as
 * <id>.conf.new. Renaming the area is the commit; what a killed create leaves before it is rubbish that the
 * next one removes, what it leaves after it the next command on the VPS completes (durable.c).
 */
#include "ct/create.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "ct/ct.h"
#include "ct/durable.h"
#include "ct/inside/action.h"
#include "ct/inside/dist.h"
#include "ct/name.h"
#include "ct/stage.h"
#include "fs/fs.h"
#include "fs/quota.h"
#include "guest/template.h"
#include "param/cfgfile.h"
#include "param/param.h"

/* The text that the new file begins with, and the values in it. */
static int base_text(struct ct *ct, const struct vz_cfg *change, struct buf *out, struct vz_err *e)
{
	bool named = cfg_has(change, VZ_P_CONFIGFILE);
	const char *sample = named ? change->configfile : ct->vz->cfg->configfile;
	_free_ char *path = NULL;
	struct cfgfile f = { .dirfd = AT_FDCWD, .missing = VZ_E_CP_CONFIG, .log = ct->vz->log };
	int r;

	if (ct->has_conf && named)
		return err_set(e, VZ_E_CP_CONFIG, -EEXIST,
			       "VPS '%s' has a configuration already, --config cannot be used",
			       ct->idstr);
	if (ct->has_conf) {
		r = io_read_at(AT_FDCWD, ct->conf, CFG_FILE_MAX, out);
		return r < 0 ? err_sys(e, VZ_E_CP_CONFIG, r, "cannot read '%s'", ct->conf) : 0;
	}
	if (!sample || !*sample)
		return 0;
	path = str_printf("%s/ve-%s.conf-sample", ct->vz->confdir, sample);
	if (!path)
		return err_nomem(e);
	r = io_read_at(AT_FDCWD, path, CFG_FILE_MAX, out);
	if (r < 0)
		return err_sys(e, VZ_E_CP_CONFIG, r, "cannot read sample configuration '%s'", path);
	f.path = path;
	r = cfgfile_parse(&f, buf_str(out), out->len, ct->own, e);
	if (r < 0)
		return r;
	free(ct->own->origin_sample);
	ct->own->origin_sample = strdup(sample);
	cfg_mark(ct->own, VZ_P_ORIGIN_SAMPLE);
	return ct->own->origin_sample ? 0 : err_nomem(e);
}

static int keep_text(char **field, const char *value)
{
	free(*field);
	*field = strdup(value);
	return *field ? 0 : -ENOMEM;
}

/* What create stores although nobody said it: paths unexpanded, the template's name. */
static int fixed_values(struct ct *ct, const char *ostemplate, bool tree, struct pset *set,
			struct vz_err *e)
{
	const struct vz_cfg *node = ct->vz->cfg;

	if ((!cfg_has(ct->own, VZ_P_VE_PRIVATE) &&
	     keep_text(&ct->own->ve_private, node->ve_private) < 0) ||
	    (!cfg_has(ct->own, VZ_P_VE_ROOT) && keep_text(&ct->own->ve_root, node->ve_root) < 0) ||
	    keep_text(&ct->own->ostemplate, ostemplate) < 0 ||
	    keep_text(&ct->own->ve_layout, tree ? LAYOUT_TREE : LAYOUT_OVERLAY) < 0)
		return err_nomem(e);
	ct->own->local_uid = ct->base;
	ct->own->local_gid = ct->base;
	static const enum vz_param always[] = { VZ_P_VE_PRIVATE, VZ_P_VE_ROOT, VZ_P_OSTEMPLATE,
						VZ_P_VE_LAYOUT, VZ_P_LOCAL_UID, VZ_P_LOCAL_GID };
	for (size_t i = 0; i < ARRAY_LEN(always); i++) {
		cfg_mark(ct->own, always[i]);
		pset_add(set, always[i]);
	}
	if (cfg_has(ct->own, VZ_P_ORIGIN_SAMPLE))
		pset_add(set, VZ_P_ORIGIN_SAMPLE);
	return 0;
}

/* Values of the command line over those of the file; paths may follow from them. */
static int take_change(struct ct *ct, const struct vz_cfg *change, struct pset *set,
		       struct vz_err *e)
{
	int r = cfg_change(ct->own, change, set, e);

	if (r < 0)
		return r;
	if (cfg_has(change, VZ_P_LOCAL_UID) && change->local_uid == 0)
		return err_set(e, VZ_E_PARAM, -EINVAL, "--local_uid 0 would give VPS '%s' the node's "
			       "own root", ct->idstr);
	cfg_merge(ct->cfg, ct->own);
	free(ct->private);
	free(ct->root);
	ct->private = cfgfile_expand(ct->cfg->ve_private, ct->idstr);
	ct->root = cfgfile_expand(ct->cfg->ve_root, ct->idstr);
	return ct->private && ct->root ? 0 : err_nomem(e);
}

/* What the files come from. */
struct source {
	const char *name;     /* the template's or the archive's, another's text */
	struct strv lower;    /* the layers of the template */
	struct template held; /* open until the private area names it, so that it is not removed between */
	char *archive;	      /* instead: TEMPLATE/cache/<name>.tar... */
	bool tree;	      /* the VPS gets a copy of its own: layout simfs */
	const struct ct_create_want *want;
};

static void source_done(struct source *s)
{
	strv_done(&s->lower);
	template_done(&s->held);
	free(s->archive);
}

/* In the order in which they have always been looked for. */
static int find_archive(const struct ct *ct, const char *name, struct source *s)
{
	static const char *const suffixes[] = { "", ".gz", ".bz2", ".xz", ".zst" };

	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
		_free_ char *path = str_printf("%s/cache/%s.tar%s", ct->vz->template, name,
					       suffixes[i]);

		if (!path)
			return -ENOMEM;
		if (access(path, R_OK) == 0) {
			s->archive = TAKE_PTR(path);
			s->tree = true;
			return 0;
		}
	}
	return -ENOENT;
}

static int pick_source(struct ct *ct, const struct vz_cfg *change, struct source *s, struct vz_err *e)
{
	const char *t = cfg_has(change, VZ_P_OSTEMPLATE) ? change->ostemplate :
			cfg_has(ct->own, VZ_P_OSTEMPLATE) ? ct->own->ostemplate :
							    ct->vz->cfg->def_ostemplate;
	const char *layout = cfg_has(change, VZ_P_VE_LAYOUT) ? change->ve_layout : NULL;
	struct vz_err mine = { 0 };
	int r;

	if (!t || !*t)
		return err_set(e, VZ_E_NO_OSTEMPLATE, -EINVAL, "no OS template was given for VPS '%s'",
			       ct->idstr);
	if (!fs_is_template_name(t))
		return err_set(e, VZ_E_TEMPLATE_MISSING, -EINVAL, "'%.64s' is not a template's name", t);
	s->name = t;
	s->tree = layout && str_eq(layout, LAYOUT_TREE);
	r = template_open(ct->vz->template, t, &s->held, &mine);
	if (r == 0)
		r = template_layers(ct->vz->template, &s->held, &s->lower, &mine);
	if (r < 0 && mine.code == VZ_E_TEMPLATE_MISSING && find_archive(ct, t, s) == 0)
		r = 0;
	else if (r < 0 && e && !e->code)
		*e = mine;
	if (r == 0 && s->archive && layout && !str_eq(layout, LAYOUT_TREE))
		r = err_set(e, VZ_E_LAYOUT_UNSUPPORTED, -ENOTSUP,
			    "'%s' can be unpacked for layout simfs only; overlay needs a template", t);
	return r;
}

static int check_layout(const struct vz_cfg *change, struct vz_err *e)
{
	if (!cfg_has(change, VZ_P_VE_LAYOUT) || str_eq(change->ve_layout, LAYOUT_OVERLAY) ||
	    str_eq(change->ve_layout, LAYOUT_TREE))
		return 0;
	return err_set(e, VZ_E_LAYOUT_UNSUPPORTED, -ENOTSUP,
		       "new VPSs have the layout overlay or simfs; '%.32s' is not made here",
		       change->ve_layout);
}

static int fill(struct ct *ct, const char *fresh, const struct source *s, struct vz_err *e)
{
	_free_ char *root = NULL;
	_fd_ int view = -1;
	struct fs_fill f = { .path = fresh, .archive = s->archive, .progress = s->want->progress,
			     .arg = s->want->arg };

	if (!s->tree)
		return fs_area_make(fresh, &s->lower, e);
	if (!s->archive) {
		int r = template_view(ct->vz->template, &s->lower, &view, e);

		if (r < 0)
			return r;
		root = str_printf("/proc/%d/fd/%d", (int)getpid(), view);
		if (!root)
			return err_nomem(e);
		f.folder = root;
	}
	return fs_tree_fill(&f, e);
}

/* Absent, or an empty folder. */
static int check_place(const struct ct *ct, struct vz_err *e)
{
	if (ct_is_mounted(ct))
		return err_set(e, VZ_E_MOUNTED, -EBUSY, "VPS '%s' is mounted", ct->idstr);
	if (rmdir(ct->private) == 0 || errno == ENOENT)
		return 0;
	if (errno == EBUSY)
		return err_set(e, VZ_E_CREATE_PRIVATE, -EBUSY, "private area '%s' is a mount point",
			       ct->private);
	if (errno == ENOTDIR && access(ct->private, F_OK) < 0)
		return err_sys(e, VZ_E_CREATE_PRIVATE, -ENOTDIR, "cannot make private area '%s'",
			       ct->private);
	return err_set(e, VZ_E_PRIVATE_EXISTS, -EEXIST, "private area '%s' of VPS '%s' exists already",
		       ct->private, ct->idstr);
}

static int write_conf(struct ct *ct, const struct buf *old, const struct pset *set,
		      struct vz_err *e)
{
	_buf_ struct buf text = BUF_INIT;
	_free_ char *path = durable_conf_new(ct);
	int r;

	if (!path)
		return err_nomem(e);
	r = cfgfile_render(buf_str(old), old->len, ct->own, set, &text, e);
	if (r < 0)
		return r;
	r = path_mkdirs(ct->vz->confdir, 0755);
	unlink(path); /* of a create that died: nothing refers to it */
	if (r == 0)
		r = io_create_at(AT_FDCWD, path, buf_str(&text), text.len, 0644);
	return r < 0 ? err_sys(e, r == -ENOSPC ? VZ_E_NO_SPACE : VZ_E_SAVE, r, "cannot write '%s'",
			       path) :
		       0;
}

static int build(struct ct *ct, const struct source *s, const struct buf *old,
		 const struct pset *set, struct vz_err *e)
{
	_free_ char *fresh = durable_area(ct, "new");
	int r = fresh ? durable_make_parent(ct, e) : err_nomem(e);

	ct_crash_point("create", "area", "before");
	if (r == 0)
		r = fill(ct, fresh, s, e);
	/* While it is empty; where it cannot be done, start tries again and says so. */
	if (r == 0)
		(void)fs_quota_tag(fresh, ct->id);
	ct_crash_point("create", "area", "after");
	if (r == 0)
		dist_post_create(ct, fresh);
	if (r == 0)
		r = write_conf(ct, old, set, e);
	ct_crash_point("create", "conf", "after");
	if (r == 0)
		r = durable_commit_create(ct, e);
	return r;
}

int ct_create(struct ct *ct, const struct ct_create_want *want, struct vz_err *e)
{
	_cleanup_(source_done) struct source src = { .held = TEMPLATE_INIT, .want = want };
	const struct vz_cfg *change = want->change;
	_buf_ struct buf old = BUF_INIT;
	struct pset set = { 0 };
	bool had_conf = ct->has_conf;
	int r = check_layout(change, e);

	if (r == 0)
		r = base_text(ct, change, &old, e);
	if (r == 0)
		r = take_change(ct, change, &set, e);
	if (r == 0)
		r = check_place(ct, e);
	if (r == 0)
		r = pick_source(ct, change, &src, e);
	if (r == 0 && cfg_has(change, VZ_P_NAME))
		r = name_check(ct, change->name, e);
	if (r == 0)
		r = ct_range_take(ct, cfg_has(change, VZ_P_LOCAL_UID), e);
	if (r < 0)
		return r;
	if (ct->has_conf)
		log_msg(&ct->vz->log, -1, "VPS %s: the existing configuration %s is used",
			ct->idstr, ct->conf);
	r = fixed_values(ct, src.name, src.tree, &set, e);
	if (r == 0)
		r = build(ct, &src, &old, &set, e);
	if (r == 0 && cfg_has(ct->own, VZ_P_NAME))
		r = name_link(ct, ct->own->name, e);
	ct_crash_point("create", "script", "before");
	if (r == 0)
		r = ct_action(ct, ACTION_CREATE, e);
	if (r < 0)
		durable_undo_create(ct, had_conf);
	else
		durable_forget_destroyed(ct);
	return r;
}
