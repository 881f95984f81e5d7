// SPDX-License-Identifier: LGPL-2.1-or-later
/* Old text from the root, new text by lib/guest, a step for each that differs. */
#include "ct/inside/guestfiles.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "ct/ct.h"
#include "guest/files.h"
#include "param/param.h"
#include "plan/plan.h"

void guestfiles_done(struct guestfiles *g)
{
	for (size_t i = 0; i < GUESTFILES_MAX; i++)
		buf_done(&g->text[i]);
}

int guestfiles_read(const struct ct *ct, const char *path, struct buf *out)
{
	_fd_ int root = open(ct->root, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -1;
	struct stat st;
	int r;

	if (root < 0)
		return -errno;
	r = path_open_in(root, path, O_RDONLY, 0, &fd);
	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return -errno;
	return S_ISREG(st.st_mode) ? io_read_fd(fd, GUEST_FILE_MAX, out) : -EINVAL;
}

/* The node's own lists, for "inherit". */
static int inherit(const char *word, struct strv *out)
{
	_buf_ struct buf b = BUF_INIT;
	char *save = NULL;
	int r = io_read_at(AT_FDCWD, "/etc/resolv.conf", GUEST_FILE_MAX, &b);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	for (char *l = b.data ? strtok_r(b.data, "\n", &save) : NULL; l && r == 0;
	     l = strtok_r(NULL, "\n", &save))
		if (str_has_prefix(l, word) && strchr(" \t", l[strlen(word)]))
			r = strv_split(out, l + strlen(word), " \t");
	return r;
}

static int resolved(const struct strv *set, const char *word, struct strv *out)
{
	return strv_has(set, "inherit") ? inherit(word, out) : strv_copy(out, set);
}

int guestfiles_dns(const struct vz_cfg *c, struct strv *servers, struct strv *domains)
{
	int r = resolved(&c->nameserver, "nameserver", servers);

	return r < 0 ? r : resolved(&c->searchdomain, "search", domains);
}

static int make_resolv(const struct ct *ct, const struct buf *old, struct buf *out)
{
	_strv_ struct strv ns = { 0 }, sd = { 0 };
	int r = guestfiles_dns(ct->cfg, &ns, &sd);

	(void)old;
	return r < 0 ? r : guest_resolv(&ns, &sd, out);
}

static int make_hosts(const struct ct *ct, const struct buf *old, struct buf *out)
{
	const struct addrlist *a = &ct->cfg->ip_address;
	char ip[INET6_ADDRSTRLEN];

	if (a->n && !inet_ntop(a->v[0].family, a->v[0].ip, ip, sizeof(ip)))
		return -errno;
	return guest_hosts(old, ct->cfg->hostname, a->n ? ip : NULL, out);
}

static int make_hostname(const struct ct *ct, const struct buf *old, struct buf *out)
{
	(void)old;
	return guest_hostname(ct->cfg->hostname, out);
}

static const struct {
	const char *path;
	enum vz_param param[2]; /* nothing is touched unless one is set */
	int (*make)(const struct ct *ct, const struct buf *old, struct buf *out);
} rows[] = {
	{ "/etc/hostname", { VZ_P_HOSTNAME, VZ_P_HOSTNAME }, make_hostname },
	{ "/etc/hosts", { VZ_P_HOSTNAME, VZ_P_HOSTNAME }, make_hosts },
	{ "/etc/resolv.conf", { VZ_P_NAMESERVER, VZ_P_SEARCHDOMAIN }, make_resolv },
};

int guestfiles_make(struct ct *ct, struct guestfiles *ret, struct vz_err *e)
{
	(void)e;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_buf_ struct buf old = BUF_INIT;
		struct buf *text = &ret->text[ret->n];
		int r;

		if (!cfg_has(ct->cfg, rows[i].param[0]) && !cfg_has(ct->cfg, rows[i].param[1]))
			continue;
		r = guestfiles_read(ct, rows[i].path, &old);
		if (r == 0 || r == -ENOENT || r == -ELOOP || r == -EINVAL)
			r = rows[i].make(ct, r == 0 ? &old : NULL, text);
		if (r < 0) {
			log_msg(&ct->vz->log, -1, "VPS %s: %s is left as it is: %s", ct->idstr,
				rows[i].path, strerror(-r));
			buf_clear(text);
			continue;
		}
		if (text->len == old.len && memcmp(buf_str(text), buf_str(&old), old.len) == 0) {
			buf_clear(text);
			continue;
		}
		ret->file[ret->n++] = (struct start_file){ rows[i].path, text, 0644 };
	}
	return 0;
}

void guestfiles_plan(struct plan *p, const struct guestfiles *g)
{
	for (size_t i = 0; i < g->n; i++)
		PLAN(p, FILE, .s1 = g->file[i].path, .s2 = buf_str(g->file[i].content),
		     .s2_len = g->file[i].content->len, .num = g->file[i].mode,
		     .flags = PLAN_OPTIONAL);
}
