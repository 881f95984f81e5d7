/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Options that change what is kept as text of the device that --ifname has selected. */
#include "param/ptype.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "param/netif.h"

#define WORD_MAX 192 /* bytes */

/* Keys that are kept as text. An empty value is kept, too, until netifs_edit(): it takes the key away. */
static int edit_extra(struct netiflist *l, const char *key, const char *value, struct vz_err *e)
{
	_free_ char *field = NULL;

	if (l->n == 0)
		return err_set(e, VZ_E_SYNTAX, -EINVAL, "no device was selected with --ifname");
	if (asprintf(&field, "%s=%s", key, value) < 0 ||
	    netif_keep(&l->v[l->n - 1], field) < 0)
		return err_nomem(e);
	return 0;
}

static int edit_gw(struct netiflist *l, const char *key, int family, const char *s,
		   struct vz_err *e)
{
	uint8_t ip[16];

	if (*s && !str_eq(s, "none") && inet_pton(family, s, ip) != 1)
		return type_bad(e, VZ_E_PARAM, s, "an address of a gateway");
	return edit_extra(l, key, str_eq(s, "none") ? "" : s, e);
}

int opt_netif_gw(void *dst, const char *s, struct vz_err *e)
{
	return edit_gw(dst, "gw", AF_INET, s, e);
}

int opt_netif_gw6(void *dst, const char *s, struct vz_err *e)
{
	return edit_gw(dst, "gw6", AF_INET6, s, e);
}

int opt_netif_network(void *dst, const char *s, struct vz_err *e)
{
	if (*s && !type_is_ifname(s, strlen(s)))
		return type_bad(e, VZ_E_PARAM, s, "a name of a bridge");
	return edit_extra(dst, "network", s, e);
}

static int edit_yesno(void *dst, const char *key, const char *s, struct vz_err *e)
{
	if (!str_eq(s, "yes") && !str_eq(s, "no"))
		return type_bad(e, VZ_E_PARAM, s, "yes or no");
	return edit_extra(dst, key, s, e);
}

int opt_netif_dhcp(void *dst, const char *s, struct vz_err *e)
{
	return edit_yesno(dst, "dhcp", s, e);
}

int opt_netif_dhcp6(void *dst, const char *s, struct vz_err *e)
{
	return edit_yesno(dst, "dhcp6", s, e);
}

static int edit_word(void *dst, const char *key, const char *s, struct vz_err *e)
{
	if (!*s || strlen(s) > WORD_MAX || strpbrk(s, ",; \t") || !type_is_plain(s))
		return type_bad(e, VZ_E_PARAM, s, "a word");
	return edit_extra(dst, key, s, e);
}

int opt_netif_configure(void *dst, const char *s, struct vz_err *e)
{
	return edit_word(dst, "configure", s, e);
}

int opt_netif_type(void *dst, const char *s, struct vz_err *e)
{
	return edit_word(dst, "type", s, e);
}

/* none, or nothing, takes it away. */
static int edit_place(void *dst, const char *key, const char *s, const char *what, struct vz_err *e)
{
	const char *value = str_eq(s, "none") ? "" : s;

	if (*value && !netif_key_ok(key, value))
		return type_bad(e, VZ_E_PARAM, s, what);
	return edit_extra(dst, key, value, e);
}

int opt_netif_parent(void *dst, const char *s, struct vz_err *e)
{
	return edit_place(dst, "parent", s, "a name of a device", e);
}

int opt_netif_vlan(void *dst, const char *s, struct vz_err *e)
{
	return edit_place(dst, "vlan", s, "1 to 4094, or none", e);
}

int opt_netif_mode(void *dst, const char *s, struct vz_err *e)
{
	return edit_place(dst, "mode", s, "bridge, private or vepa", e);
}

int opt_netif_vport(void *dst, const char *s, struct vz_err *e)
{
	return edit_word(dst, "vport", s, e);
}
