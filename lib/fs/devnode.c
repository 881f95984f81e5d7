/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Nodes in a VPS's /dev. A VPS cannot make any: mknod() is for the node's root alone. A node of the host's
 * /dev appears inside by a mount of that file; but its owner has no id inside, so that only what everybody may
 * do is allowed. Where that is less than was given, a copy is made that belongs to the VPS's root, in a small
 * tmpfs of the node's, which is not kept: each copy is mounted in its place by itself.
 */
#include "fs/devnode.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "kern/idmap.h"
#include "kern/mount.h"
#include "kern/sys.h"
#include "plan/plan.h"

#define COPY_SOURCE   "vz-dev"
#define COPY_DIR      "/dev/.vz"
#define MOUNTINFO_MAX (16u << 20)
#define UEVENT_MAX    4096
#define MAJOR_LOOP    7

/* Every VPS has these; the kernel's own permissions hold on them, they are not its to make anew. */
static const char *const base_nodes[] = { "null", "zero", "full", "random", "urandom", "tty" };
/* The VPS has its own of these. */
static const char *const own_nodes[] = { "ptmx", "console", "fd", "stdin", "stdout", "stderr" };
static const char *const own_dirs[] = { "pts/", "shm/", "mqueue/", ".vz" };

/* Known also before their modules are loaded. */
static const struct {
	char type;
	uint32_t major, minor;
	const char *name;
} well_known[] = {
	{ 'c', 10, 200, "net/tun" }, { 'c', 10, 229, "fuse" }, { 'c', 108, 0, "ppp" },
};

/* ---- which ---- */

static bool is_own(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(own_nodes); i++)
		if (str_eq(name, own_nodes[i]))
			return true;
	for (size_t i = 0; i < ARRAY_LEN(own_dirs); i++)
		if (str_has_prefix(name, own_dirs[i]))
			return true;
	return false;
}

static bool is_base(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(base_nodes); i++)
		if (str_eq(name, base_nodes[i]))
			return true;
	return false;
}

static int add(struct fs_devnodes *l, const struct fs_devnode *d, struct vz_err *e)
{
	if (d->type == 'b' && d->major == MAJOR_LOOP)
		return err_set(e, VZ_E_DEVICES, -EPERM, "device '/dev/%s' cannot be given away: a loop "
			       "device shows any file of the node", d->name);
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->v[i].name, d->name)) {
			l->v[i].access |= d->access;
			return 0;
		}
	if (l->n == FS_COPIES_MAX)
		return err_set(e, VZ_E_DEVICES, -E2BIG, "more than %d device nodes", FS_COPIES_MAX);
	l->v[l->n++] = *d;
	return 0;
}

/* -ENODEV: something, but no device. */
static int look(const char *name, struct fs_devnode *d)
{
	char path[FS_DEVNAME_MAX + 8];
	struct stat st;

	if ((size_t)snprintf(path, sizeof(path), "/dev/%s", name) >= sizeof(path) - 1)
		return -ENAMETOOLONG;
	if (stat(path, &st) < 0)
		return -errno;
	if (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode))
		return -ENODEV;
	*d = (struct fs_devnode){ .type = S_ISBLK(st.st_mode) ? 'b' : 'c', .mode = st.st_mode & 0777,
				  .major = major(st.st_rdev), .minor = minor(st.st_rdev),
				  .uid = st.st_uid, .gid = st.st_gid, .on_host = true };
	snprintf(d->name, sizeof(d->name), "%s", name);
	return 0;
}

int fs_devnode_name(struct fs_devnodes *l, const char *name, uint8_t access, struct vz_err *e)
{
	struct fs_devnode d;
	int r = is_own(name) ? -EPERM : look(name, &d);

	if (r == -EPERM)
		return err_set(e, VZ_E_DEVICES, r, "device '/dev/%s' cannot be given away: a VPS has its "
			       "own", name);
	if (r == -ENODEV)
		return err_set(e, VZ_E_DEVICES, r, "'/dev/%s' is not a device", name);
	if (r < 0)
		return err_sys(e, VZ_E_DEVICES, r, "cannot find device '/dev/%s'", name);
	d.access = access;
	return add(l, &d, e);
}

/* The kernel's own name for it, from DEVNAME= in sysfs. */
static int name_of(char type, uint32_t major, uint32_t minor, char *out)
{
	_buf_ struct buf text = BUF_INIT;
	char path[64];
	const char *line;

	snprintf(path, sizeof(path), "/sys/dev/%s/%u:%u/uevent", type == 'b' ? "block" : "char", major,
		 minor);
	line = io_read_at(AT_FDCWD, path, UEVENT_MAX, &text) == 0 ? strstr(text.data, "DEVNAME=") : NULL;
	if (line) {
		line += strlen("DEVNAME=");
		snprintf(out, FS_DEVNAME_MAX, "%.*s", (int)strcspn(line, "\n"), line);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(well_known); i++)
		if (well_known[i].type == type && well_known[i].major == major &&
		    well_known[i].minor == minor) {
			snprintf(out, FS_DEVNAME_MAX, "%s", well_known[i].name);
			return 0;
		}
	return -ENOENT;
}

static int one_number(struct fs_devnodes *l, char type, uint32_t major, uint32_t minor, uint8_t access,
		      bool copy, struct vz_err *e)
{
	char name[FS_DEVNAME_MAX];
	struct fs_devnode d;

	if (name_of(type, major, minor, name) < 0 || is_own(name) || is_base(name))
		return 0;
	if (look(name, &d) < 0 || d.type != type || d.major != major || d.minor != minor) {
		d = (struct fs_devnode){ .type = type, .major = major, .minor = minor, .mode = 0660 };
		snprintf(d.name, sizeof(d.name), "%s", name);
	}
	d.access = access;
	d.copy = copy;
	return add(l, &d, e);
}

int fs_devnode_number(struct fs_devnodes *l, char type, uint32_t major, int64_t minor, uint8_t access,
		      struct vz_err *e)
{
	_dir_ DIR *dir = NULL;
	const struct dirent *de;
	char head[16];
	int r = 0;

	if (minor >= 0)
		return one_number(l, type, major, (uint32_t)minor, access, false, e);
	dir = opendir(type == 'b' ? "/sys/dev/block" : "/sys/dev/char");
	snprintf(head, sizeof(head), "%u:", major);
	while (r == 0 && dir && (de = readdir(dir))) {
		uint32_t n;

		if (str_has_prefix(de->d_name, head) && num_u32(de->d_name + strlen(head), &n) == 0)
			r = one_number(l, type, major, n, access, true, e);
	}
	return r;
}

/* ---- as mounts ---- */

/* Is what everybody may do with the node's own file enough? */
static bool is_open_to_all(const struct fs_devnode *d)
{
	return d->on_host && !d->copy && (!(d->access & 2) || d->mode & S_IROTH) &&
	       (!(d->access & 4) || d->mode & S_IWOTH);
}

static uint32_t inside_id(uint32_t base, uint32_t id)
{
	return id < KIDMAP_COUNT ? base + id : base;
}

static int copy_one(int dir, const struct fs_devnode *d, uint32_t base)
{
	mode_t type = d->type == 'b' ? S_IFBLK : S_IFCHR;
	const char *slash = d->name;
	char parent[FS_DEVNAME_MAX];

	while ((slash = strchr(slash + 1, '/'))) {
		snprintf(parent, sizeof(parent), "%.*s", (int)(slash - d->name), d->name);
		if (mkdirat(dir, parent, 0755) < 0 && errno != EEXIST)
			return -errno;
	}
	if (mknodat(dir, d->name, type | 0600, makedev(d->major, d->minor)) < 0 ||
	    fchownat(dir, d->name, inside_id(base, d->uid), inside_id(base, d->gid), 0) < 0 ||
	    fchmodat(dir, d->name, d->mode, 0) < 0)
		return -errno;
	return 0;
}

static int make_tmpfs(int *ret_fd)
{
	_fd_ int fs = ksys_fsopen("tmpfs");
	int fd, r = fs < 0 ? fs : ksys_fsconfig(fs, FSCONFIG_SET_STRING, "source", COPY_SOURCE);

	if (r >= 0)
		r = ksys_fsconfig(fs, FSCONFIG_SET_STRING, "mode", "0755");
	if (r >= 0)
		r = ksys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL);
	if (r < 0)
		return r;
	fd = ksys_fsmount(fs, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	if (fd < 0)
		return fd;
	*ret_fd = fd;
	return 0;
}

static int add_fd(struct fs_nodes *n, int fd, const char *name)
{
	if (n->n == FS_NODES_MAX) {
		close(fd);
		return -E2BIG;
	}
	n->fd[n->n] = fd;
	n->name[n->n++] = name;
	return 0;
}

static int add_clone(struct fs_nodes *n, const char *name)
{
	char path[FS_DEVNAME_MAX + 8];
	int fd, r;

	snprintf(path, sizeof(path), "/dev/%s", name);
	r = kmnt_clone(path, &fd);
	return r < 0 ? r : add_fd(n, fd, name);
}

static int add_copies(struct fs_nodes *n, const struct fs_devnodes *more, uint32_t base)
{
	int fd = -1, r = 0;

	for (size_t i = 0; r == 0 && more && i < more->n; i++) {
		if (is_open_to_all(&more->v[i]) || is_base(more->v[i].name))
			continue;
		if (fd < 0)
			r = make_tmpfs(&fd);
		if (r == 0)
			r = copy_one(fd, &more->v[i], base);
		if (r == 0)
			n->copy[n->ncopies++] = more->v[i].name;
	}
	if (r == 0 && fd >= 0)
		return add_fd(n, fd, NULL);
	if (fd >= 0)
		close(fd);
	return r;
}

int fs_nodes_open(const struct fs_devnodes *more, uint32_t base, bool basic, struct fs_nodes *ret,
		  struct vz_err *e)
{
	const char *name = "";
	int r = 0;

	*ret = (struct fs_nodes){ 0 };
	for (size_t i = 0; basic && r == 0 && i < ARRAY_LEN(base_nodes); i++)
		r = add_clone(ret, name = base_nodes[i]);
	for (size_t i = 0; more && r == 0 && i < more->n; i++)
		if (is_open_to_all(&more->v[i]) && !is_base(more->v[i].name))
			r = add_clone(ret, name = more->v[i].name);
	if (r == 0) {
		name = "";
		r = add_copies(ret, more, base);
	}
	if (r == 0)
		return 0;
	fs_nodes_close(ret);
	return *name ? err_sys(e, VZ_E_DEVICES, r, "cannot take device '/dev/%s'", name) :
		       err_sys(e, VZ_E_DEVICES, r, "cannot make device nodes");
}

void fs_nodes_close(struct fs_nodes *n)
{
	while (n->n)
		close(n->fd[--n->n]);
	fs_view_close(&n->view);
	fs_binds_close(&n->binds);
}

/* The file that a node is mounted on, in folders of its own. */
static void plan_place(struct plan *p, const char *name, char *path, size_t size)
{
	const char *slash = name;

	while ((slash = strchr(slash + 1, '/'))) {
		snprintf(path, size, "/dev/%.*s", (int)(slash - name), name);
		PLAN(p, MKDIR, .s1 = path, .num = 0755);
	}
	snprintf(path, size, "/dev/%s", name);
	PLAN(p, TOUCH, .s1 = path);
}

void fs_plan_nodes(struct plan *p, const struct fs_nodes *nodes)
{
	char path[FS_DEVNAME_MAX + 8], from[FS_DEVNAME_MAX + 16];

	for (unsigned int i = 0; i < nodes->n; i++) {
		if (!nodes->name[i]) {
			PLAN(p, MKDIR, .s1 = COPY_DIR, .num = 0700);
			PLAN(p, ATTACH, .s2 = COPY_DIR, .fd = nodes->fd[i], .role = "copies");
			continue;
		}
		plan_place(p, nodes->name[i], path, sizeof(path));
		PLAN(p, ATTACH, .s2 = path, .fd = nodes->fd[i], .role = nodes->name[i]);
	}
	for (unsigned int i = 0; i < nodes->ncopies; i++) {
		plan_place(p, nodes->copy[i], path, sizeof(path));
		snprintf(from, sizeof(from), "%s/%s", COPY_DIR, nodes->copy[i]);
		PLAN(p, BIND, .s1 = from, .s2 = path);
	}
	if (nodes->ncopies)
		PLAN(p, REMOVE, .s1 = COPY_DIR);
}

/* ---- what is there ---- */

/* proc_pid_mountinfo(5). The VPS can write anything into it: what comes out is used inside only. */
static const char *node_of_line(char *line)
{
	char *save = NULL, *w[5] = { NULL }, *type, *source;

	for (size_t i = 0; i < 5; i++)
		w[i] = strtok_r(i ? NULL : line, " ", &save);
	for (type = strtok_r(NULL, " ", &save); type && !str_eq(type, "-");)
		type = strtok_r(NULL, " ", &save);
	type = strtok_r(NULL, " ", &save);
	source = strtok_r(NULL, " ", &save);
	if (!w[4] || !source || !str_has_prefix(w[4], "/dev/"))
		return NULL;
	if (!str_eq(type, "devtmpfs") && !str_eq(source, COPY_SOURCE))
		return NULL;
	w[4] += strlen("/dev/");
	return is_base(w[4]) || is_own(w[4]) || strchr(w[4], '\\') ? NULL : w[4];
}

int fs_devnodes_present(pid_t init, struct strv *out)
{
	_buf_ struct buf text = BUF_INIT;
	char path[40], *save = NULL;
	int r;

	snprintf(path, sizeof(path), "/proc/%d/mountinfo", init);
	r = io_read_at(AT_FDCWD, path, MOUNTINFO_MAX, &text);
	for (char *l = r == 0 && text.len ? strtok_r(text.data, "\n", &save) : NULL; l && r == 0;
	     l = strtok_r(NULL, "\n", &save)) {
		const char *name = node_of_line(l);

		if (name && !strv_has(out, name))
			r = strv_add(out, name);
	}
	return r;
}
