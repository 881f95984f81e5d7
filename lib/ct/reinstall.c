// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * reinstall: a new area is built beside the old one, and the two change places, which is the commit. Behind
 * it the old root moves below the new one, by renames alone, so that it takes no longer for a large VPS; and
 * /home moves over. Undo is the same with the roots exchanged. A note says what is going on and which of the
 * two areas was there first; who finds it goes back before the commit and forward behind it.
 */
#include "ct/reinstall.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vz/area.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/json.h"
#include "base/path.h"
#include "base/str.h"
#include "ct/ct.h"
#include "ct/durable.h"
#include "ct/inside/keep.h"
#include "ct/stage.h"
#include "fs/fs.h"
#include "guest/template.h"
#include "kern/mount.h"
#include "param/cfgfile.h"
#include "param/param.h"

#define OLDS	 "old.json" /* in the area: what lies below /old, the newest first */
#define OLD_DIR	 "old"
#define NOTE_MAX (256u << 10)

/* What is going on; the note on disk has the same. */
struct re {
	bool undo, drop, home, tree; /* tree: the root that goes or comes back is a plain folder */
	bool dry;		     /* look whether it can be done, no more */
	uint64_t ino;		     /* of the area that was there first */
	char *ostemplate, *ve_layout; /* what the file says at the end; NULL: as it is */
	char *beside, *note;
};

static void re_done(struct re *re)
{
	free(re->ostemplate);
	free(re->ve_layout);
	free(re->beside);
	free(re->note);
}
#define _re_ __attribute__((cleanup(re_done)))

static int re_paths(const struct ct *ct, struct re *re)
{
	re->beside = durable_area(ct, "re");
	re->note = durable_area(ct, "re.json");
	return re->beside && re->note ? 0 : -ENOMEM;
}

static int failed(const struct ct *ct, int r, const char *what, struct vz_err *e)
{
	return err_sys(e, r == -ENOSPC ? VZ_E_NO_SPACE : VZ_E_REINSTALL, r, "VPS '%s': cannot %s",
		       ct->idstr, what);
}

static int inode(const char *path, uint64_t *ret)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return -errno;
	*ret = st.st_ino;
	return 0;
}

static bool is_dir_at(int dir, const char *path)
{
	struct stat st;

	return fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

/* ---- the note ---- */

static int note_write(const struct re *re)
{
	_buf_ struct buf text = BUF_INIT;
	_json_ json_t *o = json_pack("{s:b,s:b,s:b,s:b,s:I,s:s?,s:s?}", "undo", re->undo, "drop", re->drop,
				     "home", re->home, "tree", re->tree, "area", (json_int_t)re->ino,
				     "ostemplate", re->ostemplate, "ve_layout", re->ve_layout);
	int r = o ? json_print(o, &text) : -ENOMEM;

	return r < 0 ? r : io_replace_at(AT_FDCWD, re->note, text.data, text.len, 0600);
}

static char *copy_str(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? strdup(s) : NULL;
}

static int note_read(struct re *re)
{
	_buf_ struct buf text = BUF_INIT;
	_json_ json_t *o = NULL;
	int r = io_read_at(AT_FDCWD, re->note, NOTE_MAX, &text);

	if (r == 0)
		r = json_parse(buf_str(&text), text.len, &o, NULL);
	if (r == 0)
		r = json_get_u64(o, "area", &re->ino);
	if (r < 0)
		return r;
	re->undo = json_is_true(json_object_get(o, "undo"));
	re->drop = json_is_true(json_object_get(o, "drop"));
	re->home = json_is_true(json_object_get(o, "home"));
	re->tree = json_is_true(json_object_get(o, "tree"));
	re->ostemplate = copy_str(o, "ostemplate");
	re->ve_layout = copy_str(o, "ve_layout");
	return 0;
}

/* ---- what was there before ---- */

/* The list in the area; an empty one when there is none. A new reference. */
static json_t *olds_read(const char *area)
{
	_free_ char *path = str_printf("%s/" OLDS, area);
	_buf_ struct buf text = BUF_INIT;
	json_t *o = NULL;

	if (!path || io_read_at(AT_FDCWD, path, NOTE_MAX, &text) < 0 ||
	    json_parse(buf_str(&text), text.len, &o, NULL) < 0 || !json_is_array(o)) {
		json_decref(o);
		o = json_array();
	}
	return o;
}

static int olds_write(int area, const json_t *olds)
{
	_buf_ struct buf text = BUF_INIT;
	int r;

	if (!json_array_size(olds))
		return 0;
	r = json_print(olds, &text);
	return r < 0 ? r : io_create_at(area, OLDS, text.data, text.len, 0600);
}

/* The present root as an entry of the list: its layers, none for a plain tree, and what the file says. */
static json_t *old_entry(const struct ct *ct, const struct fs_area *a, bool home)
{
	json_t *lower = json_array();

	for (size_t i = 0; i < a->lower.n; i++)
		json_array_append_new(lower, json_string(a->lower.v[i]));
	return json_pack("{s:o,s:b,s:s?,s:s?}", "lower", lower, "home", home, "ostemplate",
			 cfg_has(ct->own, VZ_P_OSTEMPLATE) ? ct->own->ostemplate : NULL, "ve_layout",
			 cfg_has(ct->own, VZ_P_VE_LAYOUT) ? ct->own->ve_layout : NULL);
}

/* ---- behind the commit: all of it may be done again ---- */

static int save_conf(struct ct *ct, const struct re *re, struct vz_err *e)
{
	struct cfgfile f = { .dirfd = AT_FDCWD, .path = ct->conf, .missing = VZ_E_SAVE, .log = ct->vz->log };
	struct pset changed = { 0 };
	int r = 0;

	if (re->ostemplate) {
		r = cfg_set_text(ct->own, VZ_P_OSTEMPLATE, re->ostemplate, e);
		pset_add(&changed, VZ_P_OSTEMPLATE);
	}
	if (r == 0 && re->ve_layout) {
		r = cfg_set_text(ct->own, VZ_P_VE_LAYOUT, re->ve_layout, e);
		pset_add(&changed, VZ_P_VE_LAYOUT);
	}
	if (r == 0)
		r = cfgfile_update(&f, ct->own, &changed, e);
	return r < 0 ? r : 0;
}

/* A folder of the guest from one root to another, unless it is there; a link or a file is left. */
static int move_folder(int from, int to, const char *name)
{
	if (!is_dir_at(from, name) || path_exists_at(to, name))
		return 0;
	return renameat2(from, name, to, name, RENAME_NOREPLACE) < 0 ? -errno : 0;
}

/* What is left of the area that goes: below the root that came, under a name that is free; or away. */
static int put_away(const struct re *re, int root, const char *from, const char *as)
{
	char name[24];

	if (re->drop || !is_dir_at(AT_FDCWD, from))
		return 0;
	snprintf(name, sizeof(name), "%s", as);
	for (int i = 1; i < 100; i++) {
		if (renameat2(AT_FDCWD, from, root, name, RENAME_NOREPLACE) == 0)
			return 0;
		if (errno != EEXIST)
			return -errno;
		snprintf(name, sizeof(name), "%s.%d", as, i);
	}
	return -EEXIST;
}

/* The root in an area: the area itself, or its upper layer. */
static char *root_in(const char *area, bool tree)
{
	return tree ? strdup(area) : str_printf("%s/upper", area);
}

static int move_roots(const struct ct *ct, const struct re *re)
{
	bool here_tree = re->undo && re->tree, there_tree = !re->undo && re->tree;
	_free_ char *here = root_in(ct->private, here_tree), *there = root_in(re->beside, there_tree);
	_free_ char *under = there ? str_printf("%s/" OLD_DIR, there) : NULL;
	_fd_ int root = -1, other = -1;
	int r = 0;

	if (!here || !under)
		return -ENOMEM;
	/* Back: what lay below /old is the upper layer again. */
	if (re->undo && !re->tree && !is_dir_at(AT_FDCWD, here) && rename(under, here) < 0)
		return -errno;
	ct_crash_point("reinstall", "back", "after");
	root = open(here, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (root < 0)
		return -errno;
	other = open(there, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (re->home && other >= 0)
		r = move_folder(other, root, "home");
	ct_crash_point("reinstall", "home", "after");
	if (r == 0)
		r = put_away(re, root, there, re->undo ? "undone" : OLD_DIR);
	ct_crash_point("reinstall", "old", "after");
	return r;
}

static int finish(struct ct *ct, const struct re *re, struct vz_err *e)
{
	_free_ char *dump = ct_dump_path(ct);
	_fd_ int fd = -1;
	int r = path_exists_at(AT_FDCWD, re->beside) ? move_roots(ct, re) : 0;

	if (r < 0)
		return failed(ct, r, "put the roots in place", e);
	r = save_conf(ct, re, e);
	if (r < 0)
		return r;
	ct_crash_point("reinstall", "conf", "after");
	r = path_remove_tree_at(AT_FDCWD, re->beside);
	if (r < 0)
		return failed(ct, r, "remove what is left of the old area", e);
	/* A dump of the old root fits nothing any more. */
	if (dump)
		(void)path_remove_tree_at(AT_FDCWD, dump);
	fd = open(ct->private, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || syncfs(fd) < 0 || unlink(re->note) < 0)
		return failed(ct, -errno, "settle the reinstall", e);
	return 0;
}

/* Before the commit: nothing has happened but beside the area, and to an old tree that was moved there. */
static int take_back(const struct ct *ct, const struct re *re, struct vz_err *e)
{
	_free_ char *under = str_printf("%s/upper/" OLD_DIR, ct->private);
	int r = under ? 0 : -ENOMEM;

	if (r == 0 && re->undo && re->tree && is_dir_at(AT_FDCWD, re->beside) &&
	    renameat2(AT_FDCWD, re->beside, AT_FDCWD, under, RENAME_NOREPLACE) < 0)
		r = -errno;
	if (r == 0)
		r = path_remove_tree_at(AT_FDCWD, re->beside);
	if (r == 0 && unlink(re->note) < 0)
		r = -errno;
	return r < 0 ? failed(ct, r, "take an interrupted reinstall back", e) : 0;
}

int reinstall_recover(struct ct *ct, struct vz_err *e)
{
	_re_ struct re re = { 0 };
	uint64_t ino = 0;
	int r = re_paths(ct, &re);

	if (r < 0)
		return err_nomem(e);
	if (!path_exists_at(AT_FDCWD, re.note))
		return 0;
	r = note_read(&re);
	if (r == 0)
		r = inode(ct->private, &ino);
	if (r < 0)
		return failed(ct, r, "read the note of an interrupted reinstall", e);
	log_msg(&ct->vz->log, 1, "VPS %s: a reinstall was interrupted: %s", ct->idstr,
		ino == re.ino ? "going back" : "completing it");
	if (ino == re.ino)
		return take_back(ct, &re, e);
	r = finish(ct, &re, e);
	return r < 0 ? r : 1;
}

/* ---- the way there ---- */

static int template_is_there(const struct ct *ct, const char *name, struct vz_err *e)
{
	_template_ struct template t = TEMPLATE_INIT;

	return template_open(ct->vz->template, name, &t, e);
}

static int exchange(const struct ct *ct, const struct re *re, struct vz_err *e)
{
	_fd_ int fd = open(re->beside, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	/* All of the new area is on disk before it counts. */
	if (fd < 0 || syncfs(fd) < 0 ||
	    renameat2(AT_FDCWD, re->beside, AT_FDCWD, ct->private, RENAME_EXCHANGE) < 0)
		return failed(ct, -errno, "put the new root in place", e);
	ct_crash_point("reinstall", "commit", "after");
	return 0;
}

static int build(struct ct *ct, const struct re *re, const struct strv *lower, const struct keep *k,
		 const json_t *olds, struct vz_err *e)
{
	_template_ struct template held = TEMPLATE_INIT;
	_fd_ int area = -1, upper = -1, base = -1;
	int r = template_open(ct->vz->template, lower->v[0], &held, e);

	if (r == 0)
		r = template_view(ct->vz->template, lower, &base, e);
	if (r == 0)
		r = fs_area_make(re->beside, lower, e);
	if (r < 0)
		return r;
	area = open(re->beside, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	upper = area < 0 ? -1 : openat(area, "upper", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (upper < 0)
		return failed(ct, -errno, "open the new area", e);
	r = olds_write(area, olds);
	if (r < 0)
		return failed(ct, r, "write the new area", e);
	ct_crash_point("reinstall", "area", "after");
	r = keep_write(k, upper, base, e);
	return r < 0 ? r : exchange(ct, re, e);
}

/* Which layers: those of the template that was named, else those that it has. */
static int pick_lower(const struct ct *ct, const char *named, const struct fs_area *a, struct strv *ret,
		      struct vz_err *e)
{
	const char *t = named ? named : ct->cfg->ostemplate;
	_template_ struct template now = TEMPLATE_INIT;
	int r;

	if (!named && a->lower.n)
		return strv_copy(ret, &a->lower) < 0 ? err_nomem(e) : 0;
	if (!t || !*t)
		return err_set(e, VZ_E_NO_OSTEMPLATE, -EINVAL, "no OS template is known for VPS '%s'",
			       ct->idstr);
	if (!fs_is_template_name(t))
		return err_set(e, VZ_E_TEMPLATE_MISSING, -EINVAL, "'%.64s' is not a template's name", t);
	r = template_open(ct->vz->template, t, &now, e);
	return r < 0 ? r : template_layers(ct->vz->template, &now, ret, e);
}

static int read_old(struct ct *ct, struct keep *k, struct vz_err *e)
{
	int r, u;

	if (!(k->what & ~(unsigned)KEEP_HOME))
		return 0;
	r = ct_mount(ct, e);
	if (r < 0)
		return r;
	r = keep_read(ct, k, e);
	u = ct_umount(ct, r < 0 ? NULL : e);
	return r < 0 ? r : u;
}

static int forward(struct ct *ct, const struct vz_reinstall_opts *o, struct re *re,
		   const struct fs_area *a, struct vz_err *e)
{
	_keep_ struct keep k = { 0 };
	_strv_ struct strv lower = { 0 };
	_json_ json_t *olds = NULL;
	int r = keep_parse(o->keep, &k.what, e);

	if (r == 0)
		r = pick_lower(ct, o->ostemplate, a, &lower, e);
	if (r == 0)
		r = template_is_there(ct, lower.v[0], e);
	if (r == 0 && !re->dry)
		r = read_old(ct, &k, e);
	if (r < 0 || re->dry)
		return r;
	re->home = k.what & KEEP_HOME;
	re->tree = a->layout == FS_TREE;
	re->ostemplate = strdup(lower.v[0]);
	re->ve_layout = strdup("overlay");
	/* In a plain tree a file of that name would be the guest's. */
	olds = re->drop || re->tree ? json_array() : olds_read(ct->private);
	if (!re->ostemplate || !re->ve_layout || !olds)
		return err_nomem(e);
	if (!re->drop)
		json_array_insert_new(olds, 0, old_entry(ct, a, re->home));
	r = note_write(re);
	if (r < 0)
		return failed(ct, r, "note the reinstall", e);
	ct_crash_point("reinstall", "note", "after");
	return build(ct, re, &lower, &k, olds, e);
}

static int lower_of(const json_t *entry, struct strv *ret)
{
	const json_t *l = json_object_get(entry, "lower");
	int r = 0;

	for (size_t i = 0; r == 0 && i < json_array_size(l); i++) {
		const char *name = json_string_value(json_array_get(l, i));

		r = name && fs_is_template_name(name) ? strv_add(ret, name) : -EINVAL;
	}
	return r;
}

/* The area that comes back, without its upper layer, which is still below /old. */
static int build_back(struct ct *ct, const struct re *re, const struct strv *lower, const json_t *olds,
		      struct vz_err *e)
{
	_free_ char *under = str_printf("%s/upper/" OLD_DIR, ct->private);
	_fd_ int area = -1;
	int r;

	if (!under)
		return err_nomem(e);
	if (re->tree) {
		if (rename(under, re->beside) < 0)
			return failed(ct, -errno, "take the old root from below the new one", e);
		return exchange(ct, re, e);
	}
	r = fs_area_make(re->beside, lower, e);
	if (r < 0)
		return r;
	area = open(re->beside, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (area < 0 || unlinkat(area, "upper", AT_REMOVEDIR) < 0)
		return failed(ct, -errno, "make room for the old root", e);
	r = olds_write(area, olds);
	return r < 0 ? failed(ct, r, "write the old area", e) : exchange(ct, re, e);
}

static int back(struct ct *ct, struct re *re, struct vz_err *e)
{
	_free_ char *under = str_printf("%s/upper/" OLD_DIR, ct->private);
	_json_ json_t *olds = olds_read(ct->private);
	const json_t *entry = json_array_get(olds, 0);
	_strv_ struct strv lower = { 0 };
	int r;

	if (!under || !olds)
		return err_nomem(e);
	if (!entry || !is_dir_at(AT_FDCWD, under))
		return err_set(e, VZ_E_REINSTALL, -ENOENT, "VPS '%s' has no earlier root below /" OLD_DIR,
			       ct->idstr);
	re->undo = true;
	re->home = json_is_true(json_object_get(entry, "home"));
	re->ostemplate = copy_str(entry, "ostemplate");
	re->ve_layout = copy_str(entry, "ve_layout");
	r = lower_of(entry, &lower);
	re->tree = lower.n == 0;
	if (r == 0 && !re->tree)
		r = template_is_there(ct, lower.v[0], e);
	if (r < 0 || re->dry)
		return r == -EINVAL ? failed(ct, r, "read what the earlier root was", e) : r;
	json_array_remove(olds, 0);
	r = note_write(re);
	if (r < 0)
		return failed(ct, r, "note the reinstall", e);
	ct_crash_point("reinstall", "note", "after");
	return build_back(ct, re, &lower, olds, e);
}

int ct_reinstall(struct ct *ct, const struct vz_reinstall_opts *o, bool dry, struct vz_err *e)
{
	_fs_area_ struct fs_area a = { 0 };
	_re_ struct re re = { .drop = o->flags & VZ_REINSTALL_DROP, .dry = dry };
	struct stat st;
	int r = ct_check_startable(ct, e);

	if (r == 0 && re_paths(ct, &re) < 0)
		r = err_nomem(e);
	if (r == 0 && (lstat(ct->private, &st) < 0 || !S_ISDIR(st.st_mode) ||
		       kmnt_is_mount_point(ct->private)))
		r = err_set(e, VZ_E_REINSTALL, -EBUSY, "private area '%s' is a link or a mount point",
			    ct->private);
	if (r == 0)
		r = ct_area_read(ct, &a, e);
	if (r < 0)
		return r;
	re.ino = st.st_ino;
	r = o->flags & VZ_REINSTALL_UNDO ? back(ct, &re, e) : forward(ct, o, &re, &a, e);
	if (dry)
		return r;
	if (r < 0) {
		if (path_exists_at(AT_FDCWD, re.note))
			(void)take_back(ct, &re, NULL);
		return r;
	}
	return finish(ct, &re, e);
}
