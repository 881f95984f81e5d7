/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses as values: text, comparison, and whether one is free to be routed to a VPS. */
#include "net/net_priv.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"

const char *net_text(const struct cfg_addr *a, char buf[NET_TEXT])
{
	if (!inet_ntop(a->family, a->ip, buf, NET_TEXT))
		(void)snprintf(buf, NET_TEXT, "?");
	return buf;
}

struct knl_ip net_ip(const struct cfg_addr *a)
{
	struct knl_ip ip = { .family = a->family, .prefix = a->prefix };

	memcpy(ip.ip, a->ip, a->family == AF_INET ? 4 : 16);
	return ip;
}

struct knl_ip net_host(const struct cfg_addr *a)
{
	struct knl_ip ip = net_ip(a);

	ip.prefix = net_full(a->family);
	return ip;
}

bool net_same_ip(const struct knl_ip *a, const struct knl_ip *b)
{
	return a->family == b->family && memcmp(a->ip, b->ip, a->family == AF_INET ? 4 : 16) == 0;
}

bool net_has_family(const struct addrlist *l, uint8_t family)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i].family == family)
			return true;
	}
	return false;
}

bool net_is_first(const struct addrlist *l, size_t i)
{
	struct knl_ip a = net_host(&l->v[i]);

	for (size_t j = 0; j < i; j++) {
		struct knl_ip b = net_host(&l->v[j]);

		if (net_same_ip(&a, &b))
			return false;
	}
	return true;
}

int net_fail(struct vz_err *e, int code, int r, const struct knl *k, const char *fmt, ...)
{
	_buf_ struct buf what = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	(void)buf_vprintf(&what, fmt, ap);
	va_end(ap);
	if (k && knl_why(k)[0])
		return err_set(e, code, r, "%s: %s", buf_str(&what), knl_why(k));
	return err_sys(e, code, r, "%s", buf_str(&what));
}

/* Can a single machine have it at all? Net 0, multicast and above; the same and link-local. */
static bool is_special(const struct cfg_addr *a)
{
	static const uint8_t unspecified[16];

	if (a->family == AF_INET)
		return a->ip[0] == 0 || a->ip[0] >= 224;
	return a->ip[0] == 0xff || (a->ip[0] == 0xfe && (a->ip[1] & 0xc0) == 0x80) ||
	       memcmp(a->ip, unspecified, sizeof(unspecified)) == 0;
}

static int judge(const struct net_venet *v, const struct cfg_addr *a, const struct knl_fib *fib,
		 int own, struct vz_err *e)
{
	char text[NET_TEXT], dev[IFNAMSIZ] = "?";

	net_text(a, text);
	if (is_special(a) || fib->type == RTN_BROADCAST || fib->type == RTN_ANYCAST)
		return err_set(e, VZ_E_ADD_IP, -EADDRNOTAVAIL,
			       "address '%s' cannot be given to a VPS: it is not one machine's",
			       text);
	if (fib->err < 0)
		return 0;
	if (fib->type == RTN_LOCAL)
		return err_set(e, VZ_E_IP_INUSE, -EADDRINUSE, "address '%s' belongs to this node",
			       text);
	if (fib->prefix != net_full(a->family) || fib->oif == own || v->force_route)
		return 0;
	(void)if_indextoname((unsigned)fib->oif, dev);
	return err_set(e, VZ_E_IP_INUSE, -EADDRINUSE,
		       "address '%s' is in use: it is routed to '%s' already", text, dev);
}

int net_check_free(struct knl *k, const struct net_venet *v, const struct addrlist *l, int own,
		   struct vz_err *e)
{
	_free_ struct knl_fib *fib = calloc(l->n + 1, sizeof(*fib));
	int r;

	if (!fib)
		return err_nomem(e);
	for (size_t i = 0; i < l->n; i++) {
		struct knl_ip ip = net_host(&l->v[i]);

		knl_q_fib_get(k, (int)i, &ip, &fib[i]);
	}
	r = knl_run(k, NULL);
	if (r < 0)
		return net_fail(e, VZ_E_ADD_IP, r, k, "cannot ask for routes");
	for (size_t i = 0; i < l->n && r == 0; i++)
		r = judge(v, &l->v[i], &fib[i], own, e);
	return r;
}
