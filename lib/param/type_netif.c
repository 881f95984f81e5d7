/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Pairs of virtual Ethernet devices: "ifname=eth0,mac=...;ifname=eth1" in files, positional on the
 * command line, and edits of one of them.
 */
#include "param/ptype.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "param/netif.h"

#define NETIFS_MAX 64
#define FIELD_MAX  64 /* bytes of one field, more than any has */

/* ---- single fields ---- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int mac_parse(const char *s, uint8_t mac[6])
{
	uint8_t v[6];

	for (int i = 0; i < 6; i++, s += 2) {
		if (i && *s++ != ':')
			return -EINVAL;
		if (hex_digit(s[0]) < 0 || hex_digit(s[1]) < 0)
			return -EINVAL;
		v[i] = (uint8_t)(hex_digit(s[0]) << 4 | hex_digit(s[1]));
	}
	if (*s || v[0] & 1) /* the lowest bit marks a group address, which no device has */
		return -EINVAL;
	memcpy(mac, v, sizeof(v));
	return 0;
}

static int set_name(char *dst, const char *s)
{
	if (!type_is_ifname(s, strlen(s)))
		return -EINVAL;
	memset(dst, 0, CFG_IFNAMSIZ);
	memcpy(dst, s, strlen(s));
	return 0;
}

static int set_ifname(struct netif *n, const char *s)
{
	return set_name(n->ifname, s);
}

static int set_host_ifname(struct netif *n, const char *s)
{
	return set_name(n->host_ifname, s);
}

static int set_bridge(struct netif *n, const char *s)
{
	return set_name(n->bridge, s);
}

static int set_mac(struct netif *n, const char *s)
{
	n->has_mac = true;
	return mac_parse(s, n->mac);
}

static int set_host_mac(struct netif *n, const char *s)
{
	n->has_host_mac = true;
	return mac_parse(s, n->host_mac);
}

static int set_mac_filter(struct netif *n, const char *s)
{
	if (!str_eq(s, "on") && !str_eq(s, "off"))
		return -EINVAL;
	n->mac_filter = str_eq(s, "on");
	return 0;
}

static const struct netif_field {
	const char *key;
	int (*set)(struct netif *n, const char *s);
} fields[] = {
	{ "ifname", set_ifname },	/* the first five in the order of the command line */
	{ "mac", set_mac },
	{ "host_ifname", set_host_ifname },
	{ "host_mac", set_host_mac },
	{ "bridge", set_bridge },
	{ "mac_filter", set_mac_filter },
};
#define POSITIONAL 5

/* ---- lists ---- */

static void netifs_done(void *v)
{
	struct netiflist *l = v;

	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].extra);
	free(l->v);
	*l = (struct netiflist){ 0 };
}

static struct netif *netifs_find(const struct netiflist *l, const char *ifname)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->v[i].ifname, ifname))
			return &l->v[i];
	return NULL;
}

/* Takes n->extra over, always. An inner name that is there already is skipped. */
static int netifs_add(struct netiflist *l, struct netif *n)
{
	struct netif *v = NULL;
	int r = 0;

	if (netifs_find(l, n->ifname)) {
		free(n->extra);
		return 0;
	}
	if (l->n >= NETIFS_MAX)
		r = -E2BIG;
	else if (!(v = reallocarray(l->v, l->n + 1, sizeof(*v))))
		r = -ENOMEM;
	if (r < 0) {
		free(n->extra);
		return r;
	}
	l->v = v;
	v[l->n++] = *n;
	return 0;
}

static int add_speaking(struct netiflist *l, struct netif *n, struct vz_err *e)
{
	int r = netifs_add(l, n);

	return r < 0 ? type_join_failed(e, r, "netif") : 0;
}

/* ---- the form of files ---- */

/* A key of another tool is kept as it is. */
int netif_keep(struct netif *n, const char *field)
{
	char *extra;

	if (asprintf(&extra, "%s%s%s", n->extra ? n->extra : "", n->extra ? "," : "", field) < 0)
		return -ENOMEM;
	free(n->extra);
	n->extra = extra;
	return 0;
}

static int field_parse(struct netif *n, char *field)
{
	char *value = strchr(field, '=');

	if (!value)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (strncmp(fields[i].key, field, (size_t)(value - field)) == 0 &&
		    !fields[i].key[value - field])
			/* An empty value is as good as none. */
			return value[1] ? fields[i].set(n, value + 1) : 0;
	return type_is_plain(field) ? netif_keep(n, field) : -EINVAL;
}

static int entry_parse(struct netif *n, const char *s, size_t len)
{
	const char *field, *end = s + len;
	size_t flen;
	int r = 0;

	*n = (struct netif){ .mac_filter = -1 };
	while (r == 0 && s < end && (field = type_next(&s, ",", &flen)) && field < end) {
		char one[4 * FIELD_MAX];

		if (field + flen > end)
			flen = (size_t)(end - field);
		if (flen >= sizeof(one))
			return -EINVAL;
		memcpy(one, field, flen);
		one[flen] = 0;
		r = field_parse(n, one);
	}
	return r == 0 && !*n->ifname ? -EINVAL : r;
}

static int netifs_parse(void *dst, const char *s, struct vz_err *e)
{
	_cleanup_(netifs_done) struct netiflist l = { 0 };
	const char *word, *all = s;
	size_t len;

	while ((word = type_next(&s, "; \t", &len))) {
		struct netif n;
		int r = entry_parse(&n, word, len);

		if (r < 0) {
			free(n.extra);
			if (r == -ENOMEM)
				return err_nomem(e);
			return type_bad(e, VZ_E_PARAM, all, "ifname=DEV,key=value,...");
		}
		r = add_speaking(&l, &n, e);
		if (r < 0)
			return r;
	}
	*(struct netiflist *)dst = l;
	l = (struct netiflist){ 0 };
	return 0;
}

static void mac_print(struct buf *out, const char *key, const uint8_t m[6])
{
	(void)buf_printf(out, ",%s=%02X:%02X:%02X:%02X:%02X:%02X", key, m[0], m[1], m[2], m[3],
			 m[4], m[5]);
}

static int netifs_print(const void *src, struct buf *out)
{
	const struct netiflist *l = src;

	for (size_t i = 0; i < l->n; i++) {
		const struct netif *n = &l->v[i];

		(void)buf_printf(out, "%sifname=%s", i ? ";" : "", n->ifname);
		if (*n->bridge)
			(void)buf_printf(out, ",bridge=%s", n->bridge);
		if (n->has_mac)
			mac_print(out, "mac", n->mac);
		if (*n->host_ifname)
			(void)buf_printf(out, ",host_ifname=%s", n->host_ifname);
		if (n->has_host_mac)
			mac_print(out, "host_mac", n->host_mac);
		if (n->mac_filter >= 0)
			(void)buf_printf(out, ",mac_filter=%s", n->mac_filter ? "on" : "off");
		if (n->extra)
			(void)buf_printf(out, ",%s", n->extra);
	}
	return out->failed ? -ENOMEM : 0;
}

static json_t *netif_json(struct netif *n)
{
	const struct netiflist one = { n, 1 };
	_buf_ struct buf b = BUF_INIT;
	const char *s, *field;
	size_t len;
	json_t *o, *whole;
	int r = 0;

	if (netifs_print(&one, &b) < 0)
		return NULL;
	whole = json_string(buf_str(&b));
	if (!whole)
		type_ascii(b.data);
	json_decref(whole);
	o = json_object();
	for (s = b.data; o && (field = type_next(&s, ",", &len));) {
		size_t key = strcspn(field, "=");

		r += json_object_setn_new(o, field, key, json_stringn(field + key + 1, len - key - 1));
	}
	return json_whole(o, r);
}

static json_t *netifs_json(const void *src)
{
	const struct netiflist *l = src;
	json_t *a = json_array();
	int r = 0;

	for (size_t i = 0; a && i < l->n; i++)
		r += json_array_append_new(a, netif_json(&l->v[i]));
	return json_whole(a, r);
}

static bool netifs_equal(const void *a, const void *b)
{
	_buf_ struct buf x = BUF_INIT;
	_buf_ struct buf y = BUF_INIT;

	/* Such lists are short, and all that they hold is printed. */
	return netifs_print(a, &x) == 0 && netifs_print(b, &y) == 0 &&
	       str_eq(buf_str(&x), buf_str(&y));
}

static int netifs_join(void *dst, const void *more)
{
	const struct netiflist *m = more;
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->n; i++) {
		struct netif n = m->v[i];

		n.extra = n.extra ? strdup(n.extra) : NULL;
		r = m->v[i].extra && !n.extra ? -ENOMEM : netifs_add(dst, &n);
	}
	return r;
}

static int netifs_copy(void *dst, const void *src)
{
	int r = netifs_join(dst, src);

	if (r < 0)
		netifs_done(dst);
	return r;
}

/* ---- the command line ---- */

/* By its place or, as in files, by its key; one that is not known here is a mistake here. */
static int option_field(struct netif *n, size_t i, char *field)
{
	char *value = strchr(field, '=');
	bool ours = false;

	if (!value)
		return i < POSITIONAL ? fields[i].set(n, field) : -EINVAL;
	*value = 0;
	for (size_t f = 0; f < ARRAY_LEN(fields); f++)
		ours |= str_eq(fields[f].key, field);
	if (!value[1] || (!ours && !netif_key_ok(field, value + 1)))
		return -EINVAL;
	*value = '=';
	return field_parse(n, field);
}

static int netifs_parse_option(void *dst, const char *s, struct vz_err *e)
{
	struct netif n = { .mac_filter = -1 };
	const char *all = s;
	int r = 0;

	for (size_t i = 0; r == 0; i++) {
		size_t len = strcspn(s, ",");
		char one[FIELD_MAX];

		if (len >= sizeof(one))
			r = -EINVAL;
		if (r < 0)
			break;
		memcpy(one, s, len);
		one[len] = 0;
		if (len)
			r = option_field(&n, i, one);
		else if (i >= POSITIONAL)
			r = -EINVAL;
		if (!s[len])
			break;
		s += len + 1;
	}
	if (r < 0 || !*n.ifname) {
		free(n.extra);
		return type_bad(e, VZ_E_PARAM, all,
				"DEV[,MAC[,HOST_DEV[,HOST_MAC[,BRIDGE]]]][,KEY=VALUE]...");
	}
	return add_speaking(dst, &n, e);
}

const struct ptype type_netifs = { .size = sizeof(t_netifs), .parse = netifs_parse,
				   .parse_option = netifs_parse_option, .print = netifs_print,
				   .json = netifs_json, .equal = netifs_equal,
				   .copy = netifs_copy, .join = netifs_join, .done = netifs_done };

/* ---- edits: --ifname selects, the other options change what was selected last ---- */

static int netifedit_parse(void *dst, const char *s, struct vz_err *e)
{
	struct netif n = { .mac_filter = -1 };

	if (strchr(s, '=')) /* as it is printed */
		return netifs_parse(dst, s, e);
	if (set_name(n.ifname, s) < 0)
		return type_bad(e, VZ_E_PARAM, s, "a name of a device");
	return add_speaking(dst, &n, e);
}

/* Selecting a device again goes on with it: it becomes the last one. */
static int netifedit_join(void *dst, const void *more)
{
	struct netiflist *l = dst;
	const struct netiflist *m = more;

	for (size_t i = 0; i < m->n; i++) {
		struct netif *n = netifs_find(l, m->v[i].ifname), was;

		if (!n)
			continue;
		was = *n;
		memmove(n, n + 1, (size_t)(l->v + l->n - (n + 1)) * sizeof(*n));
		l->v[l->n - 1] = was;
	}
	return netifs_join(dst, more);
}

const struct ptype type_netifedit = { .size = sizeof(t_netifedit), .parse = netifedit_parse,
				      .print = netifs_print, .json = netifs_json,
				      .equal = netifs_equal, .copy = netifs_copy,
				      .join = netifedit_join, .done = netifs_done };

static int edit(struct netiflist *l, const char *s, int (*set)(struct netif *, const char *),
		const char *what, struct vz_err *e)
{
	struct netif n;

	if (l->n == 0)
		return err_set(e, VZ_E_SYNTAX, -EINVAL, "no device was selected with --ifname");
	n = l->v[l->n - 1];
	if (set(&n, s) < 0)
		return type_bad(e, VZ_E_PARAM, s, what);
	l->v[l->n - 1] = n;
	return 0;
}

int opt_netif_mac(void *dst, const char *s, struct vz_err *e)
{
	return edit(dst, s, set_mac, "an address of a device", e);
}

int opt_netif_host_mac(void *dst, const char *s, struct vz_err *e)
{
	return edit(dst, s, set_host_mac, "an address of a device", e);
}

int opt_netif_host_ifname(void *dst, const char *s, struct vz_err *e)
{
	return edit(dst, s, set_host_ifname, "a name of a device", e);
}

int opt_netif_bridge(void *dst, const char *s, struct vz_err *e)
{
	return edit(dst, s, set_bridge, "a name of a device", e);
}

int opt_netif_mac_filter(void *dst, const char *s, struct vz_err *e)
{
	return edit(dst, s, set_mac_filter, "on or off", e);
}

static int merge_extra(struct netif *to, const char *s)
{
	const char *field;
	size_t len;
	int r = 0;

	while (r == 0 && s && (field = type_next(&s, ",", &len))) {
		_free_ char *key = strndup(field, len);
		char *value = key ? strchr(key, '=') : NULL;

		if (!value)
			return key ? -EINVAL : -ENOMEM;
		*value++ = 0;
		r = netif_extra_set(to, key, value);
	}
	return r;
}

void netifs_drop(struct netiflist *l, const struct strv *del)
{
	size_t left = 0;

	for (size_t i = 0; i < l->n; i++)
		if (strv_has(del, "all") || strv_has(del, l->v[i].ifname))
			free(l->v[i].extra);
		else
			l->v[left++] = l->v[i];
	l->n = left;
}

int netifs_edit(struct netiflist *l, const struct netiflist *edits, struct vz_err *e)
{
	for (size_t i = 0; i < edits->n; i++) {
		const struct netif *n = &edits->v[i];
		struct netif *to = netifs_find(l, n->ifname);
		size_t len;

		if (!to)
			return err_set(e, VZ_E_PARAM, -ENODEV, "there is no network device '%s'",
				       n->ifname);
		if (*n->host_ifname)
			memcpy(to->host_ifname, n->host_ifname, sizeof(to->host_ifname));
		if (*n->bridge)
			memcpy(to->bridge, n->bridge, sizeof(to->bridge));
		if (n->has_mac)
			memcpy(to->mac, n->mac, sizeof(to->mac));
		if (n->has_host_mac)
			memcpy(to->host_mac, n->host_mac, sizeof(to->host_mac));
		to->has_mac |= n->has_mac;
		to->has_host_mac |= n->has_host_mac;
		if (n->mac_filter >= 0)
			to->mac_filter = n->mac_filter;
		if (merge_extra(to, n->extra) < 0)
			return err_nomem(e);
		/* Two words for one thing: the one said last holds. */
		if (netif_extra(n, "network", &len))
			memset(to->bridge, 0, sizeof(to->bridge));
		else if (*n->bridge && netif_extra_set(to, "network", NULL) < 0)
			return err_nomem(e);
	}
	return 0;
}

struct netif *netifs_last(struct netiflist *l, const struct netiflist *edits)
{
	return edits->n ? netifs_find(l, edits->v[edits->n - 1].ifname) : NULL;
}
