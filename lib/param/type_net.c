/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of addresses, and of network devices by name. */
#include "param/ptype.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"

#define ADDRS_MAX 4096 /* of one VPS */
#define ADDR_LEN  (INET6_ADDRSTRLEN + 16)

/* ---- one address ---- */

/* "24", or "255.255.255.0" for IPv4. */
static int mask_parse(const char *s, uint8_t family, uint8_t *ret)
{
	struct in_addr mask;
	uint32_t bits, inv;

	if (num_u32(s, &bits) == 0) {
		if (bits > (family == AF_INET ? 32 : 128) || bits == 0)
			return -EINVAL;
		*ret = (uint8_t)bits;
		return 0;
	}
	if (family != AF_INET || inet_pton(AF_INET, s, &mask) != 1)
		return -EINVAL;
	inv = ~ntohl(mask.s_addr);
	if (inv & (inv + 1) || inv == UINT32_MAX)
		return -EINVAL; /* not ones and then zeros, or nothing but zeros */
	*ret = (uint8_t)(32 - __builtin_popcount(inv));
	return 0;
}

/* Addresses that nobody can have: the node would route them to the VPS instead of to itself. */
static bool is_reserved(const struct cfg_addr *a)
{
	const uint8_t *b = a->ip;
	static const uint8_t loopback6[16] = { [15] = 1 };

	if (a->family == AF_INET)
		return b[0] == 0 || b[0] == 127 || b[0] >= 224;
	return b[0] == 0xff || (b[0] == 0xfe && (b[1] & 0xc0) == 0x80) ||
	       memcmp(b, loopback6, sizeof(loopback6)) == 0;
}

static bool is_any(const struct cfg_addr *a)
{
	static const uint8_t zero[16];

	return memcmp(a->ip, zero, sizeof(zero)) == 0;
}

static int addr_parse(const char *s, size_t len, struct cfg_addr *ret)
{
	struct cfg_addr a = { 0 };
	char text[ADDR_LEN], *mask;

	if (len >= sizeof(text))
		return -EINVAL;
	memcpy(text, s, len);
	text[len] = 0;
	mask = strchr(text, '/');
	if (mask)
		*mask++ = 0;
	a.family = strchr(text, ':') ? AF_INET6 : AF_INET;
	a.prefix = a.family == AF_INET ? 32 : 128;
	if (inet_pton(a.family, text, a.ip) != 1)
		return -EINVAL;
	if (!is_any(&a) && is_reserved(&a))
		return -EINVAL;
	if (mask && mask_parse(mask, a.family, &a.prefix) < 0)
		return -EINVAL;
	*ret = a;
	return 0;
}

static bool same_ip(const struct cfg_addr *a, const struct cfg_addr *b)
{
	return a->family == b->family && memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

static void addr_text(const struct cfg_addr *a, char *out)
{
	size_t n;

	if (!inet_ntop(a->family, a->ip, out, INET6_ADDRSTRLEN))
		*out = 0;
	n = strlen(out);
	if (a->prefix != (a->family == AF_INET ? 32 : 128))
		(void)snprintf(out + n, ADDR_LEN - n, "/%u", a->prefix);
}

/* ---- lists of them ---- */

/* An address that is there gets the new mask. */
static int addrs_add(struct addrlist *l, const struct cfg_addr *a)
{
	struct cfg_addr *v;

	for (size_t i = 0; i < l->n; i++)
		if (same_ip(&l->v[i], a)) {
			l->v[i].prefix = a->prefix;
			return 0;
		}
	if (l->n >= ADDRS_MAX)
		return -E2BIG;
	v = reallocarray(l->v, l->n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	l->v = v;
	v[l->n++] = *a;
	return 0;
}

static void addrs_done(void *v)
{
	struct addrlist *l = v;

	free(l->v);
	*l = (struct addrlist){ 0 };
}

static int addrs_parse(void *dst, const char *s, struct vz_err *e)
{
	_cleanup_(addrs_done) struct addrlist l = { 0 };
	const char *word, *all = s;
	size_t len;

	while ((word = type_next(&s, " \t", &len))) {
		struct cfg_addr a;
		int r = addr_parse(word, len, &a);

		if (r < 0)
			return type_bad(e, VZ_E_IP, all, "a list of addresses that a VPS can have");
		r = is_any(&a) ? 0 : addrs_add(&l, &a); /* 0.0.0.0 means no address */
		if (r < 0)
			return type_join_failed(e, r, "ip_address");
	}
	*(struct addrlist *)dst = l;
	l = (struct addrlist){ 0 };
	return 0;
}

static int addrs_print(const void *src, struct buf *out)
{
	const struct addrlist *l = src;
	char text[ADDR_LEN];

	for (size_t i = 0; i < l->n; i++) {
		addr_text(&l->v[i], text);
		(void)buf_printf(out, "%s%s", i ? " " : "", text);
	}
	return out->failed ? -ENOMEM : 0;
}

static json_t *addrs_json(const void *src)
{
	const struct addrlist *l = src;
	json_t *a = json_array();
	char text[ADDR_LEN];
	int r = 0;

	for (size_t i = 0; a && i < l->n; i++) {
		addr_text(&l->v[i], text);
		r += json_array_append_new(a, json_string(text));
	}
	return json_whole(a, r);
}

static bool addrs_equal(const void *a, const void *b)
{
	const struct addrlist *x = a, *y = b;

	for (size_t i = 0; x->n == y->n && i < x->n; i++)
		if (!same_ip(&x->v[i], &y->v[i]) || x->v[i].prefix != y->v[i].prefix)
			return false;
	return x->n == y->n;
}

static int addrs_copy(void *dst, const void *src)
{
	const struct addrlist *from = src;
	struct addrlist *to = dst;

	if (from->n == 0)
		return 0;
	to->v = reallocarray(NULL, from->n, sizeof(*to->v));
	if (!to->v)
		return -ENOMEM;
	memcpy(to->v, from->v, from->n * sizeof(*to->v));
	to->n = from->n;
	return 0;
}

static int addrs_join(void *dst, const void *more)
{
	const struct addrlist *m = more;
	struct addrlist *l = dst;
	size_t had = l->n;

	for (size_t i = 0; i < m->n; i++) {
		int r = addrs_add(l, &m->v[i]);

		if (r < 0) {
			l->n = had;
			return r;
		}
	}
	return 0;
}

void addrs_drop(struct addrlist *l, const struct addrdel *del)
{
	size_t left = 0;

	for (size_t i = 0; i < l->n; i++) {
		bool drop = del->all;

		for (size_t j = 0; j < del->list.n && !drop; j++)
			drop = same_ip(&l->v[i], &del->list.v[j]);
		if (!drop)
			l->v[left++] = l->v[i];
	}
	l->n = left;
}

const struct ptype type_addrs = { .size = sizeof(t_addrs), .parse = addrs_parse,
				  .print = addrs_print, .json = addrs_json, .equal = addrs_equal,
				  .copy = addrs_copy, .join = addrs_join, .done = addrs_done };

/* ---- addresses to take away ---- */

static int addrdel_parse(void *dst, const char *s, struct vz_err *e)
{
	struct addrdel *d = dst;

	if (str_eq(s, "all")) {
		d->all = true;
		return 0;
	}
	return addrs_parse(&d->list, s, e);
}

static int addrdel_print(const void *src, struct buf *out)
{
	const struct addrdel *d = src;

	return d->all ? buf_puts(out, "all") : addrs_print(&d->list, out);
}

static json_t *addrdel_json(const void *src)
{
	const struct addrdel *d = src;

	return d->all ? json_pack("[s]", "all") : addrs_json(&d->list);
}

static bool addrdel_equal(const void *a, const void *b)
{
	const struct addrdel *x = a, *y = b;

	return x->all == y->all && addrs_equal(&x->list, &y->list);
}

static int addrdel_copy(void *dst, const void *src)
{
	const struct addrdel *from = src;
	struct addrdel *to = dst;

	to->all = from->all;
	return addrs_copy(&to->list, &from->list);
}

static int addrdel_join(void *dst, const void *more)
{
	const struct addrdel *m = more;
	struct addrdel *d = dst;

	d->all |= m->all;
	return addrs_join(&d->list, &m->list);
}

static void addrdel_done(void *v)
{
	addrs_done(&((struct addrdel *)v)->list);
}

const struct ptype type_addrdel = { .size = sizeof(t_addrdel), .parse = addrdel_parse,
				    .print = addrdel_print, .json = addrdel_json,
				    .equal = addrdel_equal, .copy = addrdel_copy,
				    .join = addrdel_join, .done = addrdel_done };

/* ---- devices by name ---- */

static int names_parse(void *dst, const char *s, bool all_ok, struct vz_err *e)
{
	static const char *const taken[] = { "venet", "tun", "tap" };
	_strv_ struct strv l = { 0 };
	const char *word, *all = s;
	size_t len;

	while ((word = type_next(&s, " \t,", &len))) {
		bool bad = !type_is_ifname(word, len);

		for (size_t i = 0; i < ARRAY_LEN(taken) && !all_ok; i++)
			bad |= strncmp(word, taken[i], strlen(taken[i])) == 0;
		bad |= !all_ok && len == 2 && memcmp(word, "lo", 2) == 0;
		if (bad)
			return type_bad(e, all_ok ? VZ_E_PARAM : VZ_E_NETDEV, all,
					all_ok ? "a name of a device" : "a device that can be moved");
		if (strv_addn(&l, word, len) < 0)
			return err_nomem(e);
	}
	return strs_join(dst, &l) < 0 ? err_nomem(e) : 0;
}

static int ifnames_parse(void *dst, const char *s, struct vz_err *e)
{
	return names_parse(dst, s, false, e);
}

static int ifdel_parse(void *dst, const char *s, struct vz_err *e)
{
	return names_parse(dst, s, true, e);
}

#define NAMES_TYPE(t)                                                                              \
	const struct ptype type_##t = { .size = sizeof(t_##t), .parse = t##_parse,                 \
					.print = strs_print,   .json = strs_json,                  \
					.equal = strs_equal,   .copy = strs_copy,                  \
					.join = strs_join,     .done = strs_done }
NAMES_TYPE(ifnames);
NAMES_TYPE(ifdel);
