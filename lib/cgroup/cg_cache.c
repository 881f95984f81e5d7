/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host's hierarchies, from the cache that is written once per boot. */
#include "cgroup/cg_int.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/json.h"
#include "base/num.h"
#include "kern/cgfs.h"

enum { CACHE_MAX = 65536, CACHE_VERSION = 1 };

static const char *const ctl_names[NCTL][2] = {
#define CG_CTL_NAME(id, v1, v2) [CTL_##id] = { v1, v2 },
	CG_CTLS(CG_CTL_NAME)
#undef CG_CTL_NAME
};

const char *cg_ctl_name(enum ctl c, int gen)
{
	return ctl_names[c][gen - 1];
}

static unsigned int ctl_bit(const char *name, int gen)
{
	for (unsigned int c = 0; c < NCTL; c++) {
		if (*name && str_eq(name, ctl_names[c][gen - 1]))
			return 1u << c;
	}
	return 0;
}

static int read_dev(const json_t *o, dev_t *ret)
{
	_strv_ struct strv w = { 0 };
	uint32_t major, minor;
	const char *s;
	int r = json_get_str(o, "dev", &s);

	*ret = 0;
	if (r == -ENOENT) /* a made-up host has none */
		return 0;
	if (r < 0)
		return r;
	if (strv_split(&w, s, ":") < 0)
		return -ENOMEM;
	if (w.n != 2 || num_u32(w.v[0], &major) < 0 || num_u32(w.v[1], &minor) < 0)
		return -EINVAL;
	*ret = makedev(major, minor);
	return 0;
}

static int read_ctls(const json_t *o, struct cg_hier *h, struct buf *label)
{
	const json_t *list = json_object_get(o, "controllers");
	const json_t *item;
	size_t i;
	int r = 0;

	if (!json_is_array(list))
		return -EINVAL;
	json_array_foreach(list, i, item) {
		const char *name = json_string_value(item);

		if (!name)
			return -EINVAL;
		h->ctls |= ctl_bit(name, h->gen);
		r = buf_printf(label, "%s%s", label->len ? "," : "", name);
		if (r < 0)
			return r;
	}
	return r;
}

static int read_hier(const json_t *o, struct cg_hier *h)
{
	_buf_ struct buf label = BUF_INIT;
	const char *mount, *name;
	uint64_t gen = 0;
	int r = json_get_str(o, "mount", &mount);

	if (r == 0)
		r = json_get_str(o, "name", &name);
	if (r == 0)
		r = json_get_u64(o, "generation", &gen);
	if (r == 0)
		r = read_dev(o, &h->dev);
	if (r < 0 || gen < 1 || gen > 2)
		return -EINVAL;
	h->gen = gen;
	r = read_ctls(o, h, &label);
	if (r < 0)
		return r;
	if (h->gen == 2) {
		buf_clear(&label);
		(void)buf_puts(&label, "the unified tree");
	} else if (*name) {
		(void)buf_printf(&label, "%sname=%s", label.len ? "," : "", name);
	}
	h->label = buf_take(&label);
	h->mount = str_printf("%s", mount);
	return h->label && h->mount ? 0 : -ENOMEM;
}

/* Add one; where two claim a controller the first has it. */
static int add_hier(struct cg_host *host, const json_t *o)
{
	struct cg_hier *h;
	int r;

	if (host->n == CG_HIER_MAX)
		return -E2BIG;
	h = &host->h[host->n];
	h->fd = -1;
	host->n++;
	r = read_hier(o, h);
	if (r < 0)
		return r;
	if (h->gen == 2 && host->unified < 0)
		host->unified = host->n - 1;
	for (unsigned int c = 0; c < NCTL; c++) {
		if ((h->ctls & 1u << c) && host->at[c] < 0)
			host->at[c] = host->n - 1;
	}
	return 0;
}

static int read_cache(struct cg_host *host, const char *cache, struct vz_err *e)
{
	_buf_ struct buf text = BUF_INIT;
	_json_ json_t *root = NULL;
	const json_t *list, *item;
	uint64_t version = 0;
	char why[160];
	size_t i;
	int r = io_read_at(AT_FDCWD, cache, CACHE_MAX, &text);

	if (r < 0)
		return err_sys(e, VZ_E_KERNEL, r, "cannot read control group layout '%s'", cache);
	r = json_parse(buf_str(&text), text.len, &root, why);
	if (r < 0)
		return err_set(e, VZ_E_KERNEL, r, "control group layout '%s': %s", cache, why);
	list = json_object_get(root, "hierarchies");
	if (json_get_u64(root, "version", &version) < 0 || version != CACHE_VERSION ||
	    !json_is_array(list))
		return err_set(e, VZ_E_KERNEL, -EINVAL,
			       "control group layout '%s': not of version %d", cache,
			       CACHE_VERSION);
	json_array_foreach(list, i, item) {
		r = add_hier(host, item);
		if (r < 0)
			return err_sys(e, VZ_E_KERNEL, r, "control group layout '%s': entry %zu",
				       cache, i);
	}
	return 0;
}

int cg_hier_fd(struct cg_host *host, size_t hier, int *ret_fd)
{
	struct cg_hier *h = &host->h[hier];
	const char *rel = h->mount + strspn(h->mount, "/");
	int r = h->fd >= 0 ? 0 : cgfs_open(host->rootfd, *rel ? rel : ".", &h->fd);

	if (r == 0)
		*ret_fd = h->fd;
	return r;
}

int cg_hier_open(const struct cg_host *host, size_t hier, const char *path, int flags)
{
	const struct cg_hier *h = &host->h[hier];
	_free_ char *full = NULL;
	int fd;

	if (h->fd < 0)
		full = str_printf("%s/%s", h->mount + strspn(h->mount, "/"), path);
	if (h->fd < 0 && !full)
		return -ENOMEM;
	fd = openat(full ? host->rootfd : h->fd, full ? full : path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int set_slice(struct cg_host *host, const char *slice, struct vz_err *e)
{
	bool bad;

	host->slice = str_printf("%s", slice);
	if (!host->slice || strv_split(&host->parts, slice, "/") < 0)
		return err_nomem(e);
	bad = *slice == '/' || host->parts.n == 0 || host->parts.n > CG_SLICE_DEPTH;
	for (size_t i = 0; i < host->parts.n; i++)
		bad = bad || host->parts.v[i][0] == '.';
	if (bad)
		return err_set(e, VZ_E_PARAM, -EINVAL, "bad name of the parent control group '%s'",
			       slice);
	return 0;
}

int cg_host_open(int rootfd, const char *cache, const char *slice, struct cg_host **ret,
		 struct vz_err *e)
{
	struct cg_host *host = calloc(1, sizeof(*host));
	int r;

	if (!host)
		return err_nomem(e);
	host->unified = -1;
	for (unsigned int c = 0; c < NCTL; c++)
		host->at[c] = -1;
	host->rootfd = fcntl(rootfd, F_DUPFD_CLOEXEC, 3);
	r = host->rootfd < 0 ? err_sys(e, VZ_E_NORES, -errno, "cannot open control groups") :
			       set_slice(host, slice, e);
	if (r == 0)
		r = read_cache(host, cache, e);
	if (r < 0) {
		cg_host_free(host);
		return r;
	}
	*ret = host;
	return 0;
}

void cg_host_free(struct cg_host *host)
{
	if (!host)
		return;
	for (size_t i = 0; i < host->n; i++) {
		cleanup_fd(&host->h[i].fd);
		free(host->h[i].mount);
		free(host->h[i].label);
	}
	cleanup_fd(&host->rootfd);
	strv_done(&host->parts);
	free(host->slice);
	free(host);
}

/* The second generation's list grows and shrinks as first generation mounts go and come. */
static bool same_ctls(const struct cg_hier *h, int fd)
{
	_strv_ struct strv names = { 0 };
	unsigned int have = 0;
	char text[512];

	if (cgfs_get(fd, "cgroup.controllers", text, sizeof(text)) < 0 ||
	    strv_split(&names, text, " ") < 0)
		return false;
	for (size_t i = 0; i < names.n; i++)
		have |= ctl_bit(names.v[i], 2);
	return have == h->ctls;
}

bool cg_host_is_current(struct cg_host *host)
{
	for (size_t i = 0; i < host->n; i++) {
		const struct cg_hier *h = &host->h[i];
		struct stat st;
		int fd;

		if (cg_hier_fd(host, i, &fd) < 0)
			return false;
		if (h->dev && (fstat(fd, &st) < 0 || st.st_dev != h->dev ||
			       cgfs_generation(fd) != h->gen))
			return false;
		if (h->gen == 2 && !same_ctls(h, fd))
			return false;
	}
	return host->n > 0;
}
