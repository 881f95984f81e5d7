// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What the VPS has made and set in its own tree of control groups. CRIU puts each process back into its
 * group, but it neither makes groups without processes again nor enables controllers: services would lose
 * their limits, and systemd the files that it watches, without which the restore fails. It cannot be done
 * before, either: a group with controllers for its children takes no process, and the root of the tree
 * must take init for a moment, so that its namespace begins there.
 */
#include "cpt/cpt_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/num.h"
#include "base/path.h"
#include "base/str.h"

#define DEPTH_MAX 32
#define TEXT_MAX  (4u << 20)
#define CONTROL	  "cgroup.subtree_control"
#define GROUP	  "@" /* instead of a file: owner of the folder, owner of its files */

/* With the value that a new group has, which is not kept. */
static const struct {
	const char *file, *fresh;
} knobs[] = {
	{ "memory.min", "0" },	     { "memory.low", "0" },	 { "memory.high", "max" },
	{ "memory.max", "max" },     { "memory.swap.max", "max" }, { "memory.oom.group", "0" },
	{ "pids.max", "max" },	     { "cpu.weight", "100" },	 { "cpu.max", "max 100000" },
	{ "cpuset.cpus", "" },	     { "cpuset.mems", "" },	 { "io.weight", "default 100" },
	{ "cgroup.max.depth", "max" }, { "cgroup.max.descendants", "max" },
};

/* Whoever has been given a group owns these of its files, too; the others stay with who made it. */
static const char *const given[] = { "cgroup.procs", "cgroup.threads", CONTROL };

static bool is_plain(const char *name)
{
	for (const char *s = name; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return false;
	return true;
}

static int save_file(int dir, const char *path, const char *file, const char *fresh, struct buf *out)
{
	_buf_ struct buf value = BUF_INIT;
	int r = io_read_at(dir, file, 65536, &value);

	if (r == -ENOENT || r == -EOPNOTSUPP)
		return 0;
	while (value.len && value.data[value.len - 1] == '\n')
		value.data[--value.len] = '\0';
	if (r < 0 || str_eq(buf_str(&value), fresh) || strchr(buf_str(&value), '\n'))
		return r;
	return buf_printf(out, "%s\t%s\t%s\n", path, file, buf_str(&value));
}

static int save_owner(int dir, const char *path, struct buf *out)
{
	struct stat d, f;

	if (fstat(dir, &d) < 0)
		return -errno;
	if (fstatat(dir, "cgroup.events", &f, AT_SYMLINK_NOFOLLOW) < 0)
		f = d;
	return buf_printf(out, "%s\t" GROUP "\t%u %u %u %u\n", path, d.st_uid, d.st_gid, f.st_uid,
			  f.st_gid);
}

static int save_group(int parent, const char *name, const char *path, unsigned int depth,
		      struct buf *out)
{
	_dir_ DIR *d = NULL;
	const struct dirent *de;
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), r = 0;

	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		r = errno == ENOENT ? 0 : -errno; /* groups come and go until the VPS stands */
		if (fd >= 0)
			close(fd);
		return r;
	}
	/* The limits of the root of the tree are the node's. */
	if (depth)
		r = save_owner(fd, path, out);
	for (size_t i = 0; r == 0 && depth && i < ARRAY_LEN(knobs); i++)
		r = save_file(fd, path, knobs[i].file, knobs[i].fresh, out);
	if (r == 0)
		r = save_file(fd, path, CONTROL, "", out);
	while (r == 0 && (de = readdir(d))) {
		_free_ char *below = NULL;

		if (de->d_type != DT_DIR || de->d_name[0] == '.' || !is_plain(de->d_name))
			continue;
		below = str_printf("%s/%s", path, de->d_name);
		r = !below ? -ENOMEM : depth == DEPTH_MAX || out->len > TEXT_MAX ? -E2BIG : 0;
		if (r == 0)
			r = save_group(fd, de->d_name, below, depth + 1, out);
	}
	return r;
}

int cpt_groups_save(int dirfd, struct buf *out)
{
	return save_group(dirfd, ".", ".", 0, out);
}

/* "memory pids" -> "+memory", "+pids": what this node has not got is left out. */
static void enable(int dir, const char *controllers)
{
	_strv_ struct strv words = { 0 };

	if (strv_split(&words, controllers, " ") < 0)
		return;
	for (size_t i = 0; i < words.n; i++) {
		_free_ char *plus = str_printf("+%s", words.v[i]);

		if (plus)
			(void)io_poke_at(dir, CONTROL, plus);
	}
}

static void own(int dir, uint32_t uid, uint32_t gid, uint32_t fuid, uint32_t fgid)
{
	const struct dirent *de;
	_dir_ DIR *d = NULL;
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	d = fd < 0 ? NULL : fdopendir(fd);
	while (d && (de = readdir(d)))
		if (de->d_type == DT_REG)
			(void)fchownat(dir, de->d_name, fuid, fgid, AT_SYMLINK_NOFOLLOW);
	for (size_t i = 0; i < ARRAY_LEN(given); i++)
		(void)fchownat(dir, given[i], uid, gid, AT_SYMLINK_NOFOLLOW);
	(void)fchown(dir, uid, gid);
}

static int load_group(int root, const char *path, const char *owners)
{
	_free_ char *parent = strdup(path);
	char *name = parent ? strrchr(parent, '/') : NULL;
	_strv_ struct strv words = { 0 };
	_fd_ int up = -1, dir = -1;
	uint32_t id[4];
	int r = parent ? strv_split(&words, owners, " ") : -ENOMEM;

	if (r == 0 && (!name || words.n != ARRAY_LEN(id)))
		r = -EBADMSG;
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(id); i++)
		r = num_u32(words.v[i], &id[i]);
	if (r < 0)
		return r;
	*name++ = '\0';
	r = path_open_in(root, parent, O_RDONLY | O_DIRECTORY, 0, &up);
	if (r == 0 && mkdirat(up, name, 0755) < 0 && errno != EEXIST)
		r = -errno;
	if (r == 0)
		r = path_open_in(up, name, O_RDONLY | O_DIRECTORY, 0, &dir);
	if (r == 0)
		own(dir, id[0], id[1], id[2], id[3]);
	return r;
}

/* One line. The lines are in the order of the tree, a group's own before those below it. */
static int load_line(int root, char *line)
{
	char *file = strchr(line, '\t'), *value = file ? strchr(file + 1, '\t') : NULL;
	_fd_ int dir = -1;
	int r;

	if (!value)
		return -EBADMSG;
	*file++ = '\0';
	*value++ = '\0';
	if (str_eq(file, GROUP))
		return load_group(root, line, value);
	r = path_open_in(root, line, O_RDONLY | O_DIRECTORY, 0, &dir);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (str_eq(file, CONTROL)) {
		enable(dir, value);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(knobs); i++)
		if (str_eq(file, knobs[i].file))
			(void)io_poke_at(dir, file, value);
	return 0;
}

int cpt_groups_load(int dirfd, const char *text)
{
	_free_ char *copy = strdup(text);
	char *save = NULL;
	int r = copy ? 0 : -ENOMEM;

	for (char *line = copy ? strtok_r(copy, "\n", &save) : NULL; line && r == 0;
	     line = strtok_r(NULL, "\n", &save))
		r = load_line(dirfd, line);
	return r;
}
