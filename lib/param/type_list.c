/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of words: packet filter modules, name servers, domains, passwords; and sets of switches. */
#include "param/ptype.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "param/fwset.h"

#define BLANKS	  " \t"
#define WORDS_MAX 4096 /* of one value */

#define STRS_TYPE(t, json_fn)                                                                      \
	const struct ptype type_##t = { .size = sizeof(t_##t), .parse = t##_parse,                 \
					.print = strs_print,   .json = json_fn,                    \
					.equal = strs_equal,   .copy = strs_copy,                  \
					.join = strs_join,     .done = strs_done }

/*
 * Split s and give each word to `check`, which may write a better spelling of it to `out`
 * (NAME_LEN bytes); it returns a negative number for a word that is no good.
 */
#define NAME_LEN 256
struct word_kind {
	const char *seps;
	int (*check)(const char *word, char *out);
	int code;
	const char *what;
	bool comments; /* a word with # ends the list: old files have such values without quotes */
};

static int one_word(const struct word_kind *k, struct strv *l, const char *word, struct vz_err *e)
{
	char out[NAME_LEN];
	int r;

	if (k->check(word, out) < 0)
		return type_bad(e, k->code, word, k->what);
	r = strv_has(l, out) ? 0 : strv_add(l, out);
	return r < 0 ? err_nomem(e) : 0;
}

static int split_parse(const struct word_kind *k, void *dst, const char *s, struct vz_err *e)
{
	_strv_ struct strv l = { 0 };
	const char *word;
	size_t len;

	while ((word = type_next(&s, k->seps, &len)) && !(k->comments && *word == '#')) {
		char one[NAME_LEN];
		int r;

		if (len >= sizeof(one))
			return type_bad(e, k->code, word, k->what);
		memcpy(one, word, len);
		one[len] = 0;
		r = one_word(k, &l, one, e);
		if (r < 0)
			return r;
		if (l.n > WORDS_MAX)
			return err_set(e, k->code, -E2BIG, "more than %d words", WORDS_MAX);
	}
	*(struct strv *)dst = l;
	l = (struct strv){ 0 };
	return 0;
}

static int check_chars(const char *word, char *out, const char *more)
{
	for (const char *p = word; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr(more, *p))
			return -EINVAL;
	memcpy(out, word, strlen(word) + 1);
	return 0;
}

static int check_word(const char *word, char *out)
{
	return check_chars(word, out, "._+-:/=");
}

static int words_parse(void *dst, const char *s, struct vz_err *e)
{
	static const struct word_kind kind = { BLANKS ",", check_word, VZ_E_PARAM,
					       "a plain word", false };

	return split_parse(&kind, dst, s, e);
}
STRS_TYPE(words, strs_json);

static int check_fwset(const char *word, char *out)
{
	if (!fw_name_ok(word))
		return -EINVAL;
	memcpy(out, word, strlen(word) + 1);
	return 0;
}

static int fwsets_parse(void *dst, const char *s, struct vz_err *e)
{
	static const struct word_kind k = { BLANKS ",", check_fwset, VZ_E_PARAM,
					    "the name of a firewall set", false };

	if (!str_eq(s, "none"))
		return split_parse(&k, dst, s, e);
	*(struct strv *)dst = (struct strv){ 0 };
	return 0;
}

STRS_TYPE(fwsets, strs_json);

/* DEVICE:CLASS:NUMBER */
static int check_rate(const char *word, char *out)
{
	const char *colon = strchr(word, ':'), *number = strrchr(word, ':');
	char net_class[8];
	size_t len;
	uint32_t v;

	if (!colon || number == colon)
		return -EINVAL;
	len = (size_t)(colon - word);
	if (!(len == 1 && *word == '*') && !type_is_ifname(word, len))
		return -EINVAL;
	len = (size_t)(number - colon - 1);
	if (len >= sizeof(net_class))
		return -EINVAL;
	memcpy(net_class, colon + 1, len);
	net_class[len] = 0;
	if (num_u32(net_class, &v) < 0 || v > UINT16_MAX)
		return -EINVAL;
	if (num_u32(number + 1, &v) < 0)
		return -EINVAL;
	memcpy(out, word, strlen(word) + 1);
	return 0;
}

static int rates_parse(void *dst, const char *s, struct vz_err *e)
{
	static const struct word_kind kind = { BLANKS ",", check_rate, VZ_E_PARAM,
					       "DEVICE:CLASS:KBITS", false };

	return split_parse(&kind, dst, s, e);
}
STRS_TYPE(rates, strs_json);

/* As in networks_classes. */
static int check_class(const char *word, char *out)
{
	uint32_t v;

	if (num_u32(word, &v) < 0 || v > UINT16_MAX)
		return -EINVAL;
	snprintf(out, NAME_LEN, "%u", v);
	return 0;
}

static int classes_parse(void *dst, const char *s, struct vz_err *e)
{
	static const struct word_kind kind = { BLANKS ",", check_class, VZ_E_PARAM,
					       "a class of networks, 0 to 65535", false };

	return split_parse(&kind, dst, s, e);
}
STRS_TYPE(classes, strs_json);

static int check_dns(const char *word, char *out)
{
	unsigned char ip[16];

	if (str_eq(word, "inherit"))
		memcpy(out, word, sizeof("inherit"));
	else if (inet_pton(AF_INET, word, ip) == 1)
		inet_ntop(AF_INET, ip, out, NAME_LEN);
	else if (inet_pton(AF_INET6, word, ip) == 1)
		inet_ntop(AF_INET6, ip, out, NAME_LEN);
	else
		return -EINVAL;
	return 0;
}

static int dns_parse(void *dst, const char *s, struct vz_err *e)
{
	static const struct word_kind kind = { BLANKS, check_dns, VZ_E_NAMESERVER,
					       "an address or inherit", true };

	return split_parse(&kind, dst, s, e);
}
STRS_TYPE(dns, strs_json);

static int check_domain(const char *word, char *out)
{
	if (strlen(word) > 253 || word[0] == '-' || (word[0] == '.' && word[1]))
		return -EINVAL;
	return check_chars(word, out, "-_.");
}

static int domains_parse(void *dst, const char *s, struct vz_err *e)
{
	static const struct word_kind kind = { BLANKS, check_domain, VZ_E_SEARCHDOMAIN,
					       "a domain or inherit", true };

	return split_parse(&kind, dst, s, e);
}
STRS_TYPE(domains, strs_json);

/* "user:password", one a value. What is refused is not repeated: it may be a password. */
static int users_parse(void *dst, const char *s, struct vz_err *e)
{
	size_t user = strcspn(s, ":");
	bool good = user > 0 && user <= 64 && s[user] == ':' && s[user + 1] && strlen(s) < 1024 &&
		    s[0] != '-' && type_is_plain(s);

	for (size_t i = 0; i < user && good; i++)
		good = isalnum((unsigned char)s[i]) || strchr("._-$", s[i]);
	if (!good)
		return err_set(e, VZ_E_PARAM, -EINVAL, "not of the form user:password");
	return strv_add(dst, s) < 0 ? err_nomem(e) : 0;
}

static json_t *users_json(const void *src)
{
	return json_integer((json_int_t)((const struct strv *)src)->n);
}
STRS_TYPE(users, users_json);

/* ---- switches ---- */

/* Kernel numbers of the capabilities, from linux/capability.h. */
static const char *const cap_names[64] = {
	[0] = "chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid",
	"setuid", "setpcap", "linux_immutable", "net_bind_service", "net_broadcast", "net_admin",
	"net_raw", "ipc_lock", "ipc_owner", "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace",
	"sys_pacct", "sys_admin", "sys_boot", "sys_nice", "sys_resource", "sys_time",
	"sys_tty_config", "mknod", "lease", "audit_write", "audit_control", "setfcap",
	"mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read",
	"perfmon", "bpf", "checkpoint_restore",
	[CFG_CAP_SETVEID] = "setveid",
	[CFG_CAP_VE_ADMIN] = "ve_admin",
};

static const char *const feature_names[64] = {
	[FEAT_SYSFS] = "sysfs", [FEAT_NFS] = "nfs",	[FEAT_SIT] = "sit",
	[FEAT_IPIP] = "ipip",	[FEAT_PPP] = "ppp",	[FEAT_IPGRE] = "ipgre",
	[FEAT_BRIDGE] = "bridge", [FEAT_NFSD] = "nfsd",
	[FEAT_NESTING] = "nesting", [FEAT_FUSE] = "fuse", [FEAT_TUN] = "tun",
	[FEAT_WIREGUARD] = "wireguard",
};

static int switch_bit(const char *const *names, const char *s, size_t len)
{
	if (len > 4 && strncasecmp(s, "cap_", 4) == 0) {
		s += 4;
		len -= 4;
	}
	for (int i = 0; i < 64; i++)
		if (names[i] && strlen(names[i]) == len && strncasecmp(names[i], s, len) == 0)
			return i;
	return -1;
}

static int switches_parse(const char *const *names, struct onoff *dst, const char *s,
			  struct vz_err *e)
{
	struct onoff v = { 0 };
	const char *word, *all = s;
	size_t len;

	while ((word = type_next(&s, BLANKS ",", &len))) {
		const char *colon = memchr(word, ':', len);
		size_t name = colon ? (size_t)(colon - word) : len;
		int bit = switch_bit(names, word, name);
		bool on = len - name == 3 && strncasecmp(word + name, ":on", 3) == 0;

		if (bit < 0 ||
		    (!on && !(len - name == 4 && strncasecmp(word + name, ":off", 4) == 0)))
			return type_bad(e, VZ_E_PARAM, all, "a list of NAME:on and NAME:off");
		*(on ? &v.on : &v.off) |= UINT64_C(1) << bit;
		*(on ? &v.off : &v.on) &= ~(UINT64_C(1) << bit);
	}
	*dst = v;
	return 0;
}

static int switches_print(const char *const *names, bool upper, const struct onoff *v,
			  struct buf *out)
{
	const char *sep = "";

	for (int i = 0; i < 64; i++) {
		if (!((v->on | v->off) >> i & 1))
			continue;
		(void)buf_puts(out, sep);
		for (const char *p = names[i]; *p; p++)
			(void)buf_putc(out, (char)(upper ? toupper((unsigned char)*p) : *p));
		(void)buf_puts(out, v->on >> i & 1 ? ":on" : ":off");
		sep = " ";
	}
	return out->failed ? -ENOMEM : 0;
}

static json_t *switches_json(const char *const *names, const struct onoff *v)
{
	json_t *o = json_object();
	int r = 0;

	for (int i = 0; o && i < 64; i++)
		if ((v->on | v->off) >> i & 1)
			r += json_object_set_new(o, names[i], json_boolean(v->on >> i & 1));
	return json_whole(o, r);
}

static int switches_join(void *dst, const void *more)
{
	struct onoff *v = dst;
	const struct onoff *m = more;

	v->on = (v->on & ~m->off) | m->on;
	v->off = (v->off & ~m->on) | m->off;
	return 0;
}

#define SWITCH_TYPE(t, names, upper)                                                               \
	static int t##_parse(void *dst, const char *s, struct vz_err *e)                           \
	{                                                                                          \
		return switches_parse(names, dst, s, e);                                           \
	}                                                                                          \
	static int t##_print(const void *src, struct buf *out)                                     \
	{                                                                                          \
		return switches_print(names, upper, src, out);                                     \
	}                                                                                          \
	static json_t *t##_json(const void *src)                                                   \
	{                                                                                          \
		return switches_json(names, src);                                                  \
	}                                                                                          \
	const struct ptype type_##t = { .size = sizeof(t_##t), .parse = t##_parse,                 \
					.print = t##_print, .json = t##_json,                      \
					.join = switches_join }

SWITCH_TYPE(caps, cap_names, true);
SWITCH_TYPE(features, feature_names, false);
