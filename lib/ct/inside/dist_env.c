// SPDX-License-Identifier: LGPL-2.1-or-later
/* What distribution scripts get as environment: one row per action. */
#include "ct/inside/dist_env.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "ct/ct.h"
#include "ct/inside/guestfiles.h"
#include "param/param.h"

static int env_add(struct strv *env, const char *name, const char *value)
{
	_free_ char *s = str_printf("%s=%s", name, value);

	return s ? strv_add(env, s) : -ENOMEM;
}

static int env_list(struct strv *env, const char *name, const struct strv *l)
{
	_buf_ struct buf b = BUF_INIT;

	for (size_t i = 0; i < l->n; i++)
		buf_printf(&b, "%s%s", i ? " " : "", l->v[i]);
	return b.failed ? -ENOMEM : env_add(env, name, buf_str(&b));
}

static int addr_text(const struct cfg_addr *a, bool mask, struct buf *out)
{
	char ip[INET6_ADDRSTRLEN];

	if (!inet_ntop(a->family, a->ip, ip, sizeof(ip)))
		return -errno;
	buf_puts(out, ip);
	if (mask && a->prefix != (a->family == AF_INET ? 32 : 128))
		buf_printf(out, "/%u", a->prefix);
	return out->failed ? -ENOMEM : 0;
}

static int env_addrs(struct strv *env, const struct addrlist *l, size_t max, bool mask)
{
	_buf_ struct buf b = BUF_INIT;
	int r = 0;

	for (size_t i = 0; r == 0 && l && i < l->n && i < max; i++) {
		if (i)
			buf_putc(&b, ' ');
		r = addr_text(&l->v[i], mask, &b);
	}
	return r < 0 ? r : env_add(env, "IP_ADDR", buf_str(&b));
}

static int env_add_ip(struct ct *ct, const struct dist_want *w, struct strv *env)
{
	int r = env_addrs(env, w->add, SIZE_MAX, true);

	if (r == 0 && w->all)
		r = env_add(env, "IPDELALL", "yes");
	return r == 0 && ct->vz->cfg->ipv6 ? env_add(env, "IPV6", "yes") : r;
}

static int env_del_ip(struct ct *ct, const struct dist_want *w, struct strv *env)
{
	int r = env_addrs(env, w->del, SIZE_MAX, true);

	(void)ct;
	return r == 0 && w->all ? env_add(env, "IPDELALL", "yes") : r;
}

static int env_hostname(struct ct *ct, const struct dist_want *w, struct strv *env)
{
	int r = env_add(env, "HOSTNM", w->cfg->hostname ? w->cfg->hostname : "");

	(void)ct;
	return r < 0 ? r : env_addrs(env, &w->cfg->ip_address, 1, false);
}

static int env_dns(struct ct *ct, const struct dist_want *w, struct strv *env)
{
	_strv_ struct strv ns = { 0 }, sd = { 0 };
	int r = guestfiles_dns(w->cfg, &ns, &sd);

	(void)ct;
	if (r == 0)
		r = env_list(env, "NAMESERVER", &ns);
	return r < 0 ? r : env_list(env, "SEARCHDOMAIN", &sd);
}

static int env_quota(struct ct *ct, const struct dist_want *w, struct strv *env)
{
	struct stat st = { 0 };
	char n[3][24];
	int r;

	(void)stat(ct->root, &st);
	snprintf(n[0], sizeof(n[0]), "%u", major(st.st_dev));
	snprintf(n[1], sizeof(n[1]), "%u", minor(st.st_dev));
	snprintf(n[2], sizeof(n[2]), "%llu", (unsigned long long)w->cfg->quotaugidlimit);
	r = env_add(env, "DEVFS", "");
	if (r == 0)
		r = env_add(env, "MAJOR", n[0]);
	if (r == 0)
		r = env_add(env, "MINOR", n[1]);
	return r < 0 ? r : env_add(env, "UGIDLIMIT", n[2]);
}

static int env_prestart(struct ct *ct, const struct dist_want *w, struct strv *env)
{
	int r = env_add(env, "VZ_KERNEL", "no");

	(void)ct, (void)w;
	return r < 0 ? r : env_add(env, "USERNS", "yes");
}

static int env_passwords(struct ct *ct, const struct dist_want *w, struct strv *env)
{
	(void)ct;
	return env_list(env, "USERPW", &w->change->userpasswd);
}

static int env_root(struct ct *ct, const struct dist_want *w, struct strv *env)
{
	int r = env_add(env, "VEID", ct->idstr);

	return r < 0 ? r : env_add(env, "VE_ROOT", w->root);
}

/* Keys of a NETIF entry that stay what they were written as, and the variables that scripts know them by. */
static const struct {
	const char *key, *var, *gone;
} netif_keys[] = {
	{ "ip", "IPADD", "IPDEL" }, { "gw", "GW", "GWDEL" },	   { "gw6", "GW6", "GW6DEL" },
	{ "dhcp", "DHCP4", NULL },  { "dhcp6", "DHCP6", NULL },
};

/* All values of one key: a link may have several addresses. */
static int env_netif_key(const struct strv *pairs, const char *key, const char *var, struct strv *env)
{
	_strv_ struct strv values = { 0 };
	size_t n = strlen(key);
	int r = 0;

	for (size_t i = 0; r == 0 && i < pairs->n; i++)
		if (strncmp(pairs->v[i], key, n) == 0 && pairs->v[i][n] == '=')
			r = strv_add(&values, pairs->v[i] + n + 1);
	return r < 0 || !values.n ? r : env_list(env, var, &values);
}

static int env_netif(struct ct *ct, const struct dist_want *w, struct strv *env)
{
	_strv_ struct strv pairs = { 0 };
	bool gone = !w->add && w->all;
	int r = env_add(env, "DEVICE", w->netif->ifname);

	if (r == 0 && w->netif->extra)
		r = strv_split(&pairs, w->netif->extra, ",");
	for (size_t k = 0; r == 0 && k < ARRAY_LEN(netif_keys); k++) {
		const char *var = gone ? netif_keys[k].gone : netif_keys[k].var;

		if (var)
			r = env_netif_key(&pairs, netif_keys[k].key, var, env);
	}
	return r == 0 && ct->vz->cfg->ipv6 ? env_add(env, "IPV6", "yes") : r;
}

static int env_nothing(struct ct *ct, const struct dist_want *w, struct strv *env)
{
	(void)ct, (void)w, (void)env;
	return 0;
}

static const struct {
	const char *name;
	bool state; /* gets VE_STATE */
	int (*env)(struct ct *ct, const struct dist_want *w, struct strv *env);
} rows[NDIST] = {
	[DIST_SET_CONSOLE] = { "SET_CONSOLE", false, env_nothing },
	[DIST_SET_HOSTNAME] = { "SET_HOSTNAME", true, env_hostname },
	[DIST_SET_DNS] = { "SET_DNS", false, env_dns },
	[DIST_SET_UGID_QUOTA] = { "SET_UGID_QUOTA", true, env_quota },
	[DIST_ADD_IP] = { "ADD_IP", true, env_add_ip },
	[DIST_NETIF_ADD] = { "NETIF_ADD", true, env_netif },
	[DIST_PRE_START] = { "PRE_START", false, env_prestart },
	[DIST_DEL_IP] = { "DEL_IP", true, env_del_ip },
	[DIST_NETIF_DEL] = { "NETIF_DEL", true, env_netif },
	[DIST_SET_USERPASS] = { "SET_USERPASS", false, env_passwords },
	[DIST_POST_CREATE] = { "POST_CREATE", false, env_root },
};

const char *dist_name(enum dist_action a)
{
	return rows[a].name;
}

int dist_env(struct ct *ct, enum dist_action a, const struct dist_want *w, struct strv *env)
{
	int r = rows[a].state ? env_add(env, "VE_STATE", w->state) : 0;

	return r < 0 ? r : rows[a].env(ct, w, env);
}
