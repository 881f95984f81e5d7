/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * RUNDIR/classes has two lines: the stamp of the file that the map was made from, and the classes in it. The map has
 * a name in the kernel, with the stamp in it.
 */
#include "host/netclasses.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/num.h"
#include "base/str.h"
#include "host/node.h"
#include "kern/bpfpin.h"
#include "net/classes.h"
#include "param/netclass.h"

#define CLASSES_MAX (4u << 20)
#define NOTE_MAX    (1u << 20)

void node_classes_done(struct node_classes *c)
{
	cleanup_fd(&c->map);
	free(c->v);
	*c = (struct node_classes)NODE_CLASSES_INIT;
}

static int add(struct node_classes *c, uint32_t net_class)
{
	uint32_t *v = reallocarray(c->v, c->n + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	c->v = v;
	v[c->n++] = net_class;
	return 0;
}

static void map_name(uint32_t stamp, char name[24])
{
	snprintf(name, 24, "classes_%08x", stamp);
}

/* Another text means another file, or one that was changed. -ENOENT */
static int stamp_of(const char *path, uint32_t *ret)
{
	struct stat st;
	uint64_t v[5];

	if (stat(path, &st) < 0)
		return -errno;
	v[0] = (uint64_t)st.st_mtim.tv_sec;
	v[1] = (uint64_t)st.st_mtim.tv_nsec;
	v[2] = (uint64_t)st.st_size;
	v[3] = st.st_ino;
	v[4] = st.st_dev;
	*ret = hash_add(HASH_BEGIN, v, sizeof(v));
	*ret |= !*ret;
	return 0;
}

/* What the note says, and the map that it speaks of. */
static int read_note(struct vz *vz, struct node_classes *ret)
{
	_free_ char *path = str_printf("%s/classes", vz->rundir);
	_buf_ struct buf text = BUF_INIT;
	char dir[128], name[24], *save = NULL, *word;
	int r = path ? io_read_at(AT_FDCWD, path, NOTE_MAX, &text) : -ENOMEM;

	if (r < 0)
		return r;
	word = text.len ? strtok_r(text.data, " \n", &save) : NULL;
	if (!word || num_u32(word, &ret->stamp) < 0)
		return -EINVAL;
	while (r == 0 && (word = strtok_r(NULL, " \n", &save))) {
		uint32_t net_class;

		r = num_u32(word, &net_class) < 0 ? -EINVAL : add(ret, net_class);
	}
	if (r == 0)
		r = kbpf_pin_dir(vz->slice, dir, sizeof(dir));
	map_name(ret->stamp, name);
	return r < 0 ? r : kbpf_pin_open(dir, name, &ret->map);
}

int node_classes_last(struct vz *vz, struct node_classes *ret)
{
	int r = read_note(vz, ret);

	if (r < 0)
		node_classes_done(ret);
	return r;
}

static int cmp_class(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Each once. */
static int list(const struct traffic_net *nets, size_t n, struct node_classes *ret)
{
	size_t left = 0;

	ret->v = calloc(n + 1, sizeof(*ret->v));
	if (!ret->v)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		ret->v[i + 1] = nets[i].net_class;
	qsort(ret->v, n + 1, sizeof(*ret->v), cmp_class);
	for (size_t i = 0; i <= n; i++)
		if (!left || ret->v[left - 1] != ret->v[i])
			ret->v[left++] = ret->v[i];
	ret->n = left;
	return 0;
}

static int write_note(struct vz *vz, const struct node_classes *c)
{
	_free_ char *path = str_printf("%s/classes", vz->rundir);
	_buf_ struct buf text = BUF_INIT;

	buf_printf(&text, "%u\n", c->stamp);
	for (size_t i = 0; i < c->n; i++)
		buf_printf(&text, "%s%u", i ? " " : "", c->v[i]);
	buf_puts(&text, "\n");
	if (!path || text.failed)
		return -ENOMEM;
	return io_replace_volatile_at(AT_FDCWD, path, text.data, text.len, 0644);
}

/* Who is killed before the note is written has left a map with the right name; the next makes it anew. */
static int keep(struct vz *vz, const struct node_classes *c)
{
	struct node_classes last = NODE_CLASSES_INIT;
	char dir[128], name[24], old[24];
	int r = kbpf_pin_dir(vz->slice, dir, sizeof(dir));

	map_name(c->stamp, name);
	if (r == 0)
		r = kbpf_unpin(dir, name);
	if (r == 0)
		r = kbpf_pin(c->map, dir, name);
	if (r == 0 && read_note(vz, &last) == 0 && last.stamp != c->stamp) {
		map_name(last.stamp, old);
		(void)kbpf_unpin(dir, old);
	}
	node_classes_done(&last);
	/* Two callers at once have made the same. */
	return r == 0 || r == -EEXIST ? write_note(vz, c) : r;
}

static int make(struct vz *vz, const char *path, struct node_classes *ret, struct vz_err *e)
{
	_buf_ struct buf text = BUF_INIT;
	_free_ struct traffic_net *nets = NULL;
	size_t n = 0;
	int r = io_read_at(AT_FDCWD, path, CLASSES_MAX, &text);

	if (r < 0)
		return err_sys(e, VZ_E_BAD_CONF, r, "cannot read '%s'", path);
	r = traffic_parse(buf_str(&text), &nets, &n, e);
	if (r < 0)
		return r;
	r = list(nets, n, ret);
	if (r == 0)
		r = net_classes_map(nets, n, &ret->map);
	if (r == 0)
		r = keep(vz, ret);
	return r < 0 ? err_sys(e, VZ_E_KERNEL, r, "cannot hand the classes of '%s' to the kernel", path) : 0;
}

int node_classes(struct vz *vz, struct node_classes *ret, struct vz_err *e)
{
	_free_ char *path = str_printf("%s/networks_classes", vz->etcdir);
	uint32_t stamp = 0;
	int r = path ? stamp_of(path, &stamp) : -ENOMEM;

	if (r == -ENOENT)
		return add(ret, 1) < 0 ? err_nomem(e) : 0;
	if (r < 0)
		return err_sys(e, VZ_E_SYS, r, "cannot look at '%s'", path ? path : "");
	if (read_note(vz, ret) == 0 && ret->stamp == stamp)
		return 0;
	node_classes_done(ret);
	ret->stamp = stamp;
	r = make(vz, path, ret, e);
	if (r < 0)
		node_classes_done(ret);
	return r;
}
