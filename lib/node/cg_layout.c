/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Find the host's control group hierarchies with libcgroup, checked against the mount table. */
#include "node/cg_layout.h"

#include <errno.h>
#include <fcntl.h>
#include <libcgroup.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/json.h"
#include "base/str.h"

enum { TABLE_MAX = 1 << 24, LIST_MAX = 4096, LAYOUT_VERSION = 1 };

/* Fields of /proc/PID/mountinfo before and after the hyphen, proc_pid_mountinfo(5). */
enum { MI_DEV = 2, MI_ROOT = 3, MI_POINT = 4, MI_MIN = 6 };
enum { MI_TYPE = 1, MI_SOURCE, MI_OPTIONS };

/* Blanks in mount points are written as \040. */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++, to++) {
		*to = *s;
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] && s[3]) {
			*to = (s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0');
			s += 3;
		}
	}
	*to = 0;
}

static int add_str(json_t *list, const char *s)
{
	return json_array_append_new(list, json_string(s)) < 0 ? -ENOMEM : 0;
}

/* First generation: controllers and name stand among the options of the file system. */
static int read_options(const char *options, const struct strv *known, json_t *controllers,
			const char **ret_name, struct strv *words)
{
	int r = strv_split(words, options, ",");

	for (size_t i = 0; r == 0 && i < words->n; i++) {
		if (str_has_prefix(words->v[i], "name="))
			*ret_name = words->v[i] + strlen("name=");
		else if (strv_has(known, words->v[i]))
			r = add_str(controllers, words->v[i]);
	}
	return r;
}

/* Second generation: what no first generation hierarchy has taken is listed in the root. */
static int read_list(int rootfd, const char *mount, json_t *controllers)
{
	_free_ char *path = str_printf("%s/cgroup.controllers", mount + strspn(mount, "/"));
	_buf_ struct buf text = BUF_INIT;
	_strv_ struct strv words = { 0 };
	int r = path ? io_read_at(rootfd, path, LIST_MAX, &text) : -ENOMEM;

	if (r == 0)
		r = strv_split(&words, buf_str(&text), " \n");
	for (size_t i = 0; r == 0 && i < words.n; i++)
		r = add_str(controllers, words.v[i]);
	return r;
}

static bool is_listed(const json_t *list, const char *dev)
{
	const json_t *item;
	const char *have;
	size_t i;

	json_array_foreach(list, i, item) {
		if (json_get_str(item, "dev", &have) == 0 && str_eq(have, dev))
			return true;
	}
	return false;
}

/* One line of the mount table; other file systems and parts of a tree are passed over. */
static int parse_line(int rootfd, char *line, const struct strv *known, json_t *list)
{
	_strv_ struct strv head = { 0 }, tail = { 0 }, words = { 0 };
	char *mid = strstr(line, " - ");
	const char *name = "";
	_json_ json_t *controllers = json_array();
	bool second;
	int r;

	if (!mid)
		return 0;
	*mid = 0;
	r = strv_split(&head, line, " ");
	if (r == 0)
		r = strv_split(&tail, mid + 1, " ");
	if (r < 0 || !controllers)
		return -ENOMEM;
	if (head.n < MI_MIN || tail.n <= MI_OPTIONS || !str_eq(head.v[MI_ROOT], "/"))
		return 0;
	second = str_eq(tail.v[MI_TYPE], "cgroup2");
	if ((!second && !str_eq(tail.v[MI_TYPE], "cgroup")) || is_listed(list, head.v[MI_DEV]))
		return 0;
	unescape(head.v[MI_POINT]);
	r = second ? read_list(rootfd, head.v[MI_POINT], controllers) :
		     read_options(tail.v[MI_OPTIONS], known, controllers, &name, &words);
	/* A mount point under another mount cannot be used; the same tree may come again below. */
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = json_array_append_new(list, json_pack("{s:s, s:i, s:O, s:s, s:s}", "mount",
						  head.v[MI_POINT], "generation", second ? 2 : 1,
						  "controllers", controllers, "name", name, "dev",
						  head.v[MI_DEV]));
	return r < 0 ? -ENOMEM : 0;
}

int node_cg_layout_parse(int rootfd, const char *mountinfo, const struct strv *controllers,
			 json_t **ret)
{
	_json_ json_t *root = json_pack("{s:i, s:[]}", "version", LAYOUT_VERSION, "hierarchies");
	_strv_ struct strv lines = { 0 };
	json_t *list = json_object_get(root, "hierarchies");
	int r = list ? strv_split(&lines, mountinfo, "\n") : -ENOMEM;

	for (size_t i = 0; r == 0 && i < lines.n; i++)
		r = parse_line(rootfd, lines.v[i], controllers, list);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(root);
	return 0;
}

static int known_controllers(struct strv *ret)
{
	struct controller_data c;
	void *at = NULL;
	int r = 0;

	for (int more = cgroup_get_all_controller_begin(&at, &c); more == 0 && r == 0;
	     more = cgroup_get_all_controller_next(&at, &c))
		r = strv_add(ret, c.name);
	cgroup_get_all_controller_end(&at);
	return r;
}

/* Mount point of the hierarchy that has the controller, as the layout says; NULL: none. */
static const char *mount_of(const json_t *layout, const char *controller)
{
	const json_t *list = json_object_get(layout, "hierarchies"), *h, *c;
	const char *mount;
	size_t i, k;

	json_array_foreach(list, i, h) {
		json_array_foreach(json_object_get(h, "controllers"), k, c) {
			if (str_eq(json_string_value(c), controller) &&
			    json_get_str(h, "mount", &mount) == 0)
				return mount;
		}
	}
	return NULL;
}

/* Say where libcgroup sees a controller elsewhere. The mount table is the newer of the two. */
static int compare(const json_t *layout, struct buf *notes)
{
	struct cgroup_mount_point m;
	void *at = NULL;
	int r = 0;

	for (int more = cgroup_get_controller_begin(&at, &m); more == 0 && r == 0;
	     more = cgroup_get_controller_next(&at, &m)) {
		const char *mount = mount_of(layout, m.name);

		if (!mount || !str_eq(mount, m.path))
			r = buf_printf(notes,
				       "controller '%s': libcgroup has it at '%s', the mount table "
				       "at '%s'\n", m.name, m.path, mount ? mount : "none");
	}
	cgroup_get_controller_end(&at);
	return r;
}

int node_cg_layout_save(const char *cache, struct buf *notes, struct vz_err *e)
{
	_buf_ struct buf table = BUF_INIT, text = BUF_INIT, odd = BUF_INIT;
	_strv_ struct strv known = { 0 };
	_json_ json_t *layout = NULL;
	_fd_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = cgroup_init();

	if (r != 0)
		return err_set(e, VZ_E_KERNEL, -ENOTSUP, "cannot examine the control groups: %s",
			       cgroup_strerror(r));
	r = known_controllers(&known);
	if (r == 0)
		r = io_read_at(AT_FDCWD, "/proc/self/mountinfo", TABLE_MAX, &table);
	if (r == 0)
		r = node_cg_layout_parse(root, buf_str(&table), &known, &layout);
	if (r == 0)
		r = compare(layout, notes ? notes : &odd);
	if (r < 0)
		return err_sys(e, VZ_E_KERNEL, r, "cannot examine the control groups");
	if (json_array_size(json_object_get(layout, "hierarchies")) == 0)
		return err_set(e, VZ_E_KERNEL, -ENOTSUP, "no control groups are mounted");
	r = json_print(layout, &text);
	if (r == 0)
		r = io_replace_volatile_at(AT_FDCWD, cache, text.data, text.len, 0644);
	return r == 0 ? 0 : err_sys(e, VZ_E_KERNEL, r, "cannot write '%s'", cache);
}
