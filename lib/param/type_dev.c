/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of devices: by number, by name below /dev, and by place on the PCI bus. */
#include "param/ptype.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"

#define BLANKS	    " \t"
#define DEVS_MAX    256
#define WORD_LEN    256
#define MAJOR_MAX   4095u /* 12 and 20 bits, as the kernel has them */
#define MINOR_MAX   1048575u
#define BLOCK_LOOP  7u	  /* a loop device shows any file of the node that can be opened */

/* ---- r, w, q ---- */

static int perm_parse(const char *s, uint64_t *ret)
{
	uint64_t perm = 0;

	if (!str_eq(s, "none")) {
		if (!*s)
			return -EINVAL;
		for (; *s; s++) {
			uint64_t bit = *s == 'r' ? DEV_READ :
				       *s == 'w' ? DEV_WRITE :
				       *s == 'q' ? DEV_QUOTA : 0;

			if (!bit || perm & bit)
				return -EINVAL;
			perm |= bit;
		}
	}
	*ret = perm;
	return 0;
}

static const char *perm_text(uint64_t perm)
{
	static const char *const texts[] = { "none", "r", "w", "rw", "q", "rq", "wq", "rwq" };

	return texts[perm & 7];
}

/* One word as a string of its own. */
static int take_word(char *out, const char *word, size_t len)
{
	if (len >= WORD_LEN)
		return -EINVAL;
	memcpy(out, word, len);
	out[len] = 0;
	return 0;
}

/* ---- by number ---- */

/* Cut "a:b" behind its first field. */
static char *cut(char *s)
{
	char *colon = strchr(s, ':');

	if (!colon)
		return NULL;
	*colon = 0;
	return colon + 1;
}

/* m, the right to make a node, is what older tools gave with it. Here the node is made for the VPS, and it
 * could not use that right. */
static void drop_mknod(char *perm)
{
	char *m = strchr(perm, 'm');

	if (m && strlen(perm) > 1)
		memmove(m, m + 1, strlen(m));
}

static int devrule_parse(char *s, struct devrule *ret)
{
	struct devrule d = { .kind = s[0] };
	char *major = cut(s), *minor = major ? cut(major) : NULL, *perm = minor ? cut(minor) : NULL;
	uint64_t bits;

	if (!perm || s[1] || (d.kind != 'b' && d.kind != 'c'))
		return -EINVAL;
	d.all = str_eq(minor, "all");
	drop_mknod(perm);
	if (num_u32(major, &d.major) < 0 || (!d.all && num_u32(minor, &d.minor) < 0) ||
	    perm_parse(perm, &bits) < 0 || d.major > MAJOR_MAX || d.minor > MINOR_MAX)
		return -EINVAL;
	if (d.kind == 'b' && d.major == BLOCK_LOOP)
		return -EPERM;
	d.perm = (uint8_t)bits;
	*ret = d;
	return 0;
}

static bool same_device(const struct devrule *a, const struct devrule *b)
{
	return a->kind == b->kind && a->major == b->major && a->all == b->all &&
	       a->minor == b->minor;
}

/* The new word on a device is the one that counts. */
static int devices_add(struct devlist *l, const struct devrule *d)
{
	struct devrule *v;

	for (size_t i = 0; i < l->n; i++)
		if (same_device(&l->v[i], d)) {
			l->v[i].perm = d->perm;
			return 0;
		}
	if (l->n >= DEVS_MAX)
		return -E2BIG;
	v = reallocarray(l->v, l->n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	l->v = v;
	v[l->n++] = *d;
	return 0;
}

static void devices_done(void *v)
{
	free(((struct devlist *)v)->v);
	*(struct devlist *)v = (struct devlist){ 0 };
}

static int devices_parse(void *dst, const char *s, struct vz_err *e)
{
	_cleanup_(devices_done) struct devlist l = { 0 };
	const char *word, *all = s;
	char one[WORD_LEN];
	size_t len;

	while ((word = type_next(&s, BLANKS, &len))) {
		struct devrule d;
		int r = take_word(one, word, len);

		if (r == 0)
			r = devrule_parse(one, &d);
		if (r == -EPERM)
			return err_set(e, VZ_E_DEVICES, r,
				       "'%.60s': loop devices cannot be given away", all);
		if (r < 0)
			return type_bad(e, VZ_E_DEVICES, all, "b|c:MAJOR:MINOR|all:[r][w][q]|none");
		r = devices_add(&l, &d);
		if (r < 0)
			return type_join_failed(e, r, "devices");
	}
	*(struct devlist *)dst = l;
	l = (struct devlist){ 0 };
	return 0;
}

static void devrule_print(const struct devrule *d, struct buf *out)
{
	(void)buf_printf(out, "%c:%u:", d->kind, d->major);
	if (d->all)
		(void)buf_puts(out, "all");
	else
		(void)buf_printf(out, "%u", d->minor);
	(void)buf_printf(out, ":%s", perm_text(d->perm));
}

static int devices_print(const void *src, struct buf *out)
{
	const struct devlist *l = src;

	for (size_t i = 0; i < l->n; i++) {
		(void)buf_puts(out, i ? " " : "");
		devrule_print(&l->v[i], out);
	}
	return out->failed ? -ENOMEM : 0;
}

/* As the words of the file. */
static json_t *words_json(int (*print)(const void *, struct buf *), const void *src)
{
	_buf_ struct buf b = BUF_INIT;
	json_t *a = json_array();
	const char *s, *word;
	size_t len;
	int r = a ? print(src, &b) : 0;

	if (!a || r < 0)
		return json_whole(a, r);
	for (s = buf_str(&b); (word = type_next(&s, BLANKS, &len));)
		r += json_array_append_new(a, json_stringn(word, len));
	return json_whole(a, r);
}

static json_t *devices_json(const void *src)
{
	return words_json(devices_print, src);
}

static bool devices_equal(const void *a, const void *b)
{
	const struct devlist *x = a, *y = b;

	for (size_t i = 0; x->n == y->n && i < x->n; i++)
		if (!same_device(&x->v[i], &y->v[i]) || x->v[i].perm != y->v[i].perm)
			return false;
	return x->n == y->n;
}

static int devices_join(void *dst, const void *more)
{
	const struct devlist *m = more;
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->n; i++)
		r = devices_add(dst, &m->v[i]);
	return r;
}

static int devices_copy(void *dst, const void *src)
{
	int r = devices_join(dst, src);

	if (r < 0)
		devices_done(dst);
	return r;
}

const struct ptype type_devices = { .size = sizeof(t_devices), .parse = devices_parse,
				    .print = devices_print, .json = devices_json,
				    .equal = devices_equal, .copy = devices_copy,
				    .join = devices_join, .done = devices_done };

/* ---- by name ---- */

/* A relative path that stays where it is: no empty, "." or ".." component, no odd characters. */
static bool is_devname(const char *s)
{
	const char *rest = s, *part;
	size_t len, n = strlen(s);

	if (n == 0 || n > 200 || s[0] == '/' || s[n - 1] == '/' || strstr(s, "//"))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr("/._-+@,", s[i]))
			return false;
	while ((part = type_next(&rest, "/", &len)))
		if (part[0] == '.' && (len == 1 || (len == 2 && part[1] == '.')))
			return false;
	return true;
}

static void devnodes_done(void *v)
{
	struct devnodelist *l = v;

	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].name);
	free(l->v);
	*l = (struct devnodelist){ 0 };
}

static int devnodes_add(struct devnodelist *l, const char *name, uint64_t perm)
{
	struct devnode *v;
	char *copy;

	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->v[i].name, name)) {
			l->v[i].perm = perm;
			return 0;
		}
	if (l->n >= DEVS_MAX)
		return -E2BIG;
	v = reallocarray(l->v, l->n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	l->v = v;
	copy = strdup(name);
	if (!copy)
		return -ENOMEM;
	v[l->n++] = (struct devnode){ copy, perm };
	return 0;
}

static int devnodes_parse(void *dst, const char *s, struct vz_err *e)
{
	_cleanup_(devnodes_done) struct devnodelist l = { 0 };
	const char *word, *all = s;
	char one[WORD_LEN];
	size_t len;

	while ((word = type_next(&s, BLANKS, &len))) {
		char *colon = take_word(one, word, len) == 0 ? strrchr(one, ':') : NULL;
		uint64_t perm = 0;
		int r;

		if (colon)
			*colon++ = 0;
		if (!colon || !is_devname(one) || perm_parse(colon, &perm) < 0)
			return type_bad(e, VZ_E_DEVICES, all, "NAME:[r][w][q]|none");
		r = devnodes_add(&l, one, perm);
		if (r < 0)
			return type_join_failed(e, r, "devnodes");
	}
	*(struct devnodelist *)dst = l;
	l = (struct devnodelist){ 0 };
	return 0;
}

static int devnodes_print(const void *src, struct buf *out)
{
	const struct devnodelist *l = src;

	for (size_t i = 0; i < l->n; i++)
		(void)buf_printf(out, "%s%s:%s", i ? " " : "", l->v[i].name,
				 perm_text(l->v[i].perm));
	return out->failed ? -ENOMEM : 0;
}

static json_t *devnodes_json(const void *src)
{
	return words_json(devnodes_print, src);
}

static bool devnodes_equal(const void *a, const void *b)
{
	const struct devnodelist *x = a, *y = b;

	for (size_t i = 0; x->n == y->n && i < x->n; i++)
		if (!str_eq(x->v[i].name, y->v[i].name) || x->v[i].perm != y->v[i].perm)
			return false;
	return x->n == y->n;
}

static int devnodes_join(void *dst, const void *more)
{
	const struct devnodelist *m = more;
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->n; i++)
		r = devnodes_add(dst, m->v[i].name, m->v[i].perm);
	return r;
}

static int devnodes_copy(void *dst, const void *src)
{
	int r = devnodes_join(dst, src);

	if (r < 0)
		devnodes_done(dst);
	return r;
}

const struct ptype type_devnodes = { .size = sizeof(t_devnodes), .parse = devnodes_parse,
				     .print = devnodes_print, .json = devnodes_json,
				     .equal = devnodes_equal, .copy = devnodes_copy,
				     .join = devnodes_join, .done = devnodes_done };

/* ---- PCI ---- */

/* Hexadecimal digits up to `end`, at most `most`; *s goes behind `end`. */
static int hex_field(const char **s, char end, unsigned most, unsigned *ret)
{
	unsigned v = 0;
	const char *p = *s;

	if (!isxdigit((unsigned char)*p))
		return -EINVAL;
	for (; isxdigit((unsigned char)*p) && v <= most; p++)
		v = v << 4 | (unsigned)(isdigit((unsigned char)*p) ?
						*p - '0' :
						tolower((unsigned char)*p) - 'a' + 10);
	if (v > most || *p != end)
		return -EINVAL;
	*s = end ? p + 1 : p;
	*ret = v;
	return 0;
}

static int pci_parse(const char *s, char out[16])
{
	const char *first = strchr(s, ':');
	unsigned domain = 0, bus, slot, func;

	if (first && strchr(first + 1, ':') && hex_field(&s, ':', 0xffff, &domain) < 0)
		return -EINVAL;
	if (hex_field(&s, ':', 0xff, &bus) < 0 || hex_field(&s, '.', 0x1f, &slot) < 0 ||
	    hex_field(&s, 0, 7, &func) < 0)
		return -EINVAL;
	(void)snprintf(out, 16, "%04x:%02x:%02x.%x", domain & 0xffff, bus & 0xff, slot & 0x1f,
		       func & 7);
	return 0;
}

static int pcis_parse(void *dst, const char *s, struct vz_err *e)
{
	_strv_ struct strv l = { 0 };
	const char *word, *all = s;
	char one[WORD_LEN], pci[16];
	size_t len;

	while ((word = type_next(&s, BLANKS ",", &len))) {
		if (take_word(one, word, len) < 0 || pci_parse(one, pci) < 0)
			return type_bad(e, VZ_E_PARAM, all, "[DOMAIN:]BUS:SLOT.FUNC");
		if (strv_add(&l, pci) < 0)
			return err_nomem(e);
	}
	return strs_join(dst, &l) < 0 ? err_nomem(e) : 0;
}

const struct ptype type_pcis = { .size = sizeof(t_pcis), .parse = pcis_parse,
				 .print = strs_print,	 .json = strs_json,
				 .equal = strs_equal,	 .copy = strs_copy,
				 .join = strs_join,	 .done = strs_done };
