// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which mounts of a VPS CRIU must take from the host again, and which it would lose. */
#include "cpt/cpt_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "kern/viewfiles.h"

#define MOUNTINFO_MAX (16u << 20)

/* proc_pid_mountinfo(5): blank, tab, newline and backslash are written as three octal digits. */
static void unescape(char *s)
{
	char *out = s;

	for (; *s; s++) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' &&
		    s[3] >= '0' && s[3] <= '7') {
			*out++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 3;
		} else {
			*out++ = *s;
		}
	}
	*out = '\0';
}

struct mount_line {
	char *dev, *root, *point, *type, *source;
};

/* -EBADMSG for a line that is none. The strings point into it. */
static int parse_line(char *line, struct mount_line *ret)
{
	char *save = NULL, *word = strtok_r(line, " ", &save);
	struct mount_line m = { 0 };

	for (unsigned int i = 0; word && i < 5; i++, word = strtok_r(NULL, " ", &save)) {
		if (i == 2)
			m.dev = word;
		if (i == 3)
			m.root = word;
		if (i == 4)
			m.point = word;
	}
	while (word && !str_eq(word, "-"))
		word = strtok_r(NULL, " ", &save);
	m.type = word ? strtok_r(NULL, " ", &save) : NULL;
	m.source = m.type ? strtok_r(NULL, " ", &save) : NULL;
	if (!m.root || !m.point || !m.source)
		return -EBADMSG;
	unescape(m.root);
	unescape(m.point);
	*ret = m;
	return 0;
}

static bool has_line(const char *text, const char *line)
{
	const char *at = text;

	while ((at = strstr(at, line)))
		if (at++ == text || at[-2] == '\n')
			return true;
	return false;
}

static int add_device(const struct mount_line *m, struct buf *opts, struct buf *paths)
{
	_free_ char *path = str_printf("/dev%s\n", m->root);

	if (!path)
		return -ENOMEM;
	/* A ':' or a newline in a guest's mount point could name another mount than this. */
	if (strpbrk(m->point, ":[]\n") || strpbrk(m->root, ":[]\n"))
		return -EINVAL;
	cpt_external(opts, "mnt[%s]:/dev%s", m->point, m->root);
	if (has_line(buf_str(paths), path))
		return 0;
	return buf_puts(paths, path);
}

static const char *const view_files[] = {
#define FILE_ENTRY(path) path,
	KVIEW_FILES(FILE_ENTRY)
#undef FILE_ENTRY
};

bool cpt_is_view_file(const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(view_files); i++)
		if (str_eq(view_files[i], path))
			return true;
	return false;
}

/* A file of the node's lxcfs: from whichever lxcfs there is when the VPS comes back. */
static int add_view(const struct mount_line *m, struct buf *opts, struct buf *paths)
{
	_free_ char *path = str_printf(CPT_VIEW "%s\n", m->root);

	if (!path)
		return -ENOMEM;
	if (strpbrk(m->point, ":[]\n"))
		return -EINVAL;
	cpt_external(opts, "mnt[%s]:" CPT_VIEW "%s", m->point, m->root);
	if (has_line(buf_str(paths), path))
		return 0;
	return buf_puts(paths, path);
}

static bool is_bind(const struct cpt_job *j, const char *point)
{
	for (size_t i = 0; j && i < j->nbinds; i++)
		if (str_eq(j->binds[i].inside, point))
			return true;
	return false;
}

/* Whatever is mounted there by now: it comes back as what the node shows. */
static int add_bind(const struct mount_line *m, struct buf *opts, struct buf *paths)
{
	_free_ char *path = str_printf(CPT_BIND "%s\n", m->point);

	if (!path)
		return -ENOMEM;
	cpt_external(opts, "mnt[%s]:" CPT_BIND "%s", m->point, m->point);
	if (has_line(buf_str(paths), path))
		return 0;
	return buf_puts(paths, path);
}

/*
 * A node that the VPS was given as a copy (lib/fs/devnode.c). It is restored as the host's own, until resume
 * puts a copy in its place. The VPS could make a mount that looks so; restore takes nothing but device nodes
 * from such a list, and the VPS's control group decides whether one can be opened.
 */
static bool is_copied_node(const struct mount_line *m)
{
	return str_eq(m->type, "tmpfs") && str_eq(m->source, "vz-dev") && !str_eq(m->root, "/") &&
	       !strstr(m->root, "//deleted") && str_has_prefix(m->point, "/dev/");
}

/* Served by a process of the VPS, which CRIU freezes and then waits for. */
static bool is_fuse(const char *type)
{
	return str_eq(type, "fuse") || str_eq(type, "fuseblk") || str_has_prefix(type, "fuse.");
}

int cpt_mounts_parse(const char *mountinfo, const struct cpt_job *j, struct buf *opts, struct buf *paths,
		     int (*is_empty)(void *arg, const char *mountpoint), void *arg, char *ret_what)
{
	_free_ char *copy = strdup(mountinfo);
	const char *root_dev = "";
	char *save = NULL;
	int r = copy ? 0 : -ENOMEM;

	for (char *line = copy ? strtok_r(copy, "\n", &save) : NULL; line && r == 0;
	     line = strtok_r(NULL, "\n", &save)) {
		struct mount_line m = { 0 };

		r = parse_line(line, &m);
		if (r == 0 && str_eq(m.point, "/"))
			root_dev = m.dev;
		if (r == 0 && is_bind(j, m.point))
			r = add_bind(&m, opts, paths);
		else if (r == 0 && (str_eq(m.type, "devtmpfs") || is_copied_node(&m)))
			r = add_device(&m, opts, paths);
		else if (r == 0 && str_eq(m.type, KVIEW_TYPE) && cpt_is_view_file(m.root))
			r = add_view(&m, opts, paths);
		/* systemd keeps credentials of services in them, most often none. */
		else if (r == 0 && str_eq(m.type, "ramfs"))
			r = is_empty(arg, m.point);
		/* CRIU dumps an overlay inside the VPS and then cannot mount it. */
		else if (r == 0 && (is_fuse(m.type) || (str_eq(m.type, "overlay") && !str_eq(m.dev, root_dev))))
			r = -EOPNOTSUPP;
		if (r < 0)
			snprintf(ret_what, 256, "%s", m.point ? m.point : "mountinfo");
	}
	return r;
}

static int is_empty(void *arg, const char *mountpoint)
{
	const struct dirent *d;
	_dir_ DIR *dir = NULL;
	int fd, r = path_open_in(*(const int *)arg, mountpoint, O_RDONLY | O_DIRECTORY, 0, &fd);

	if (r < 0)
		return r;
	dir = fdopendir(fd);
	if (!dir) {
		r = -errno;
		close(fd);
		return r;
	}
	while ((d = readdir(dir)))
		if (!str_eq(d->d_name, ".") && !str_eq(d->d_name, ".."))
			return -ENOTEMPTY;
	return 0;
}

int cpt_mounts_scan(const struct cpt_job *j, struct buf *opts, struct buf *paths, char *ret_what)
{
	_buf_ struct buf text = BUF_INIT;
	_fd_ int root = -1;
	char path[48];
	int r;

	snprintf(path, sizeof(path), "/proc/%d/mountinfo", (int)j->init);
	snprintf(ret_what, 256, "%s", path);
	r = io_read_at(AT_FDCWD, path, MOUNTINFO_MAX, &text);
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "/proc/%d/root", (int)j->init);
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -errno;
	return cpt_mounts_parse(buf_str(&text), j, opts, paths, is_empty, &root, ret_what);
}
