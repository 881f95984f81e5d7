/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One line is one rule: IN|OUT ACCEPT|DROP [-p PROTO] [-dport ...] [-sport ...] [-source ...] [-dest ...] */
#include "param/fwset.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/num.h"
#include "base/str.h"

#define BLANKS " \t\r"

struct line { /* where we are, for the words of a failure */
	const char *file;
	unsigned number;
};

static int bad(const struct line *l, struct vz_err *e, const char *what, const char *word)
{
	return err_set(e, VZ_E_PARAM, -EINVAL, "'%.200s', line %u: %s '%.60s'", l->file, l->number,
		       what, word);
}

bool fw_name_ok(const char *s)
{
	size_t n = strlen(s);

	for (const char *p = s; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '_' && *p != '-')
			return false;
	return n > 0 && n <= FW_NAME_MAX && *s != '-';
}

static void rule_done(struct fw_rule *r)
{
	free(r->source.v);
	free(r->dest.v);
	free(r->sport);
	free(r->dport);
}

void fw_done(struct fw *fw)
{
	for (size_t i = 0; i < fw->n; i++)
		rule_done(&fw->v[i]);
	free(fw->v);
	*fw = (struct fw){ 0 };
}

/* ---- values ---- */

static const struct proto {
	const char *name;
	int16_t number;
	bool ports;
} protos[] = {
	{ "tcp", IPPROTO_TCP, true },	{ "udp", IPPROTO_UDP, true },
	{ "sctp", IPPROTO_SCTP, true }, { "dccp", IPPROTO_DCCP, true },
	{ "udplite", 136, true },	{ "icmp", IPPROTO_ICMP, false },
	{ "icmpv6", IPPROTO_ICMPV6, false }, { "ipv6-icmp", IPPROTO_ICMPV6, false },
	{ "gre", IPPROTO_GRE, false },	{ "esp", IPPROTO_ESP, false },
	{ "ah", IPPROTO_AH, false },	{ "ipip", IPPROTO_IPIP, false },
};

static int put_proto(const struct line *l, struct fw_rule *r, const char *word, struct vz_err *e)
{
	uint32_t n;

	for (size_t i = 0; i < ARRAY_LEN(protos); i++)
		if (str_eq(word, protos[i].name)) {
			r->proto = protos[i].number;
			return 0;
		}
	if (num_u32(word, &n) < 0 || n > 255)
		return bad(l, e, "no protocol", word);
	r->proto = (int16_t)n;
	return 0;
}

static bool has_ports(int proto)
{
	for (size_t i = 0; i < ARRAY_LEN(protos); i++)
		if (protos[i].number == proto)
			return protos[i].ports;
	return false;
}

static int one_port(const char *word, uint16_t *ret)
{
	uint32_t n;

	if (num_u32(word, &n) < 0 || n < 1 || n > 65535)
		return -EINVAL;
	*ret = (uint16_t)n;
	return 0;
}

static int add_port(const struct line *l, struct fw_ports **v, size_t *n, char *word, struct vz_err *e)
{
	char *colon = strchr(word, ':');
	struct fw_ports *more, p;

	if (colon)
		*colon++ = '\0';
	if (one_port(word, &p.first) < 0 || one_port(colon ? colon : word, &p.last) < 0 ||
	    p.last < p.first)
		return bad(l, e, "neither a port nor FIRST:LAST:", word);
	more = reallocarray(*v, *n + 1, sizeof(*more));
	if (!more)
		return err_nomem(e);
	*v = more;
	more[(*n)++] = p;
	return 0;
}

static int add_addr(const struct line *l, struct addrlist *list, char *word, struct vz_err *e)
{
	char *slash = strchr(word, '/');
	struct cfg_addr a = { .family = strchr(word, ':') ? AF_INET6 : AF_INET }, *more;
	uint32_t bits = a.family == AF_INET ? 32 : 128;

	a.prefix = (uint8_t)bits;
	if (slash) {
		*slash++ = '\0';
		if (num_u32(slash, &bits) < 0 || bits > a.prefix)
			return bad(l, e, "no prefix length", slash);
		a.prefix = (uint8_t)bits;
	}
	if (inet_pton(a.family, word, a.ip) != 1)
		return bad(l, e, "no address", word);
	more = reallocarray(list->v, list->n + 1, sizeof(*more));
	if (!more)
		return err_nomem(e);
	list->v = more;
	more[list->n++] = a;
	return 0;
}

/* ---- lines ---- */

enum what { SOURCE, DEST, SPORT, DPORT };
static const struct {
	const char *name, *other;
	enum what what;
} lists[] = { { "-source", "--source", SOURCE },
	      { "-dest", "--dest", DEST },
	      { "-sport", "--sport", SPORT },
	      { "-dport", "--dport", DPORT } };

static int put_list(const struct line *l, struct fw_rule *r, enum what what, char *words,
		    struct vz_err *e)
{
	size_t n = 0;
	int q = 0;

	if (what == SOURCE ? r->source.n : what == DEST ? r->dest.n : what == SPORT ? r->nsport : r->ndport)
		return bad(l, e, "said twice, the second time as", words);
	for (char *next, *w = words; q == 0 && w; w = next) {
		next = strchr(w, ',');
		if (next)
			*next++ = '\0';
		if (++n > FW_LIST_MAX)
			return bad(l, e, "too many values, from", w);
		q = what == SOURCE ? add_addr(l, &r->source, w, e) :
		    what == DEST   ? add_addr(l, &r->dest, w, e) :
		    what == SPORT  ? add_port(l, &r->sport, &r->nsport, w, e) :
				     add_port(l, &r->dport, &r->ndport, w, e);
	}
	return q;
}

static int put_option(const struct line *l, struct fw_rule *r, const char *name, char *value,
		      struct vz_err *e)
{
	if (!value)
		return bad(l, e, "no value for", name);
	if (str_eq(name, "-p") || str_eq(name, "-proto") || str_eq(name, "--proto"))
		return r->proto >= 0 ? bad(l, e, "a second protocol", value) : put_proto(l, r, value, e);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		if (str_eq(name, lists[i].name) || str_eq(name, lists[i].other))
			return put_list(l, r, lists[i].what, value, e);
	return bad(l, e, "unknown option", name);
}

/* Addresses of the two families never meet in one packet. */
static bool is_possible(const struct fw_rule *r)
{
	bool four[2] = { !r->source.n, !r->dest.n }, six[2] = { !r->source.n, !r->dest.n };
	const struct addrlist *l[2] = { &r->source, &r->dest };

	for (int d = 0; d < 2; d++)
		for (size_t i = 0; i < l[d]->n; i++)
			*(l[d]->v[i].family == AF_INET ? &four[d] : &six[d]) = true;
	return (four[0] && four[1]) || (six[0] && six[1]);
}

static int parse_verdict(const struct line *l, const char *word, bool *accept, struct vz_err *e)
{
	*accept = word && str_eq(word, "ACCEPT");
	if (*accept || (word && str_eq(word, "DROP")))
		return 0;
	if (word && str_eq(word, "REJECT"))
		return bad(l, e, "packets are not answered, only dropped; DROP instead of", word);
	return bad(l, e, "neither ACCEPT nor DROP:", word ? word : "");
}

static int parse_policy(const struct line *l, enum fw_policy *p, const char *word, struct vz_err *e)
{
	bool accept;
	int r = parse_verdict(l, word, &accept, e);

	/* Of several sets the strictest counts. */
	if (r == 0 && *p != FW_DROP)
		*p = accept ? FW_ACCEPT : FW_DROP;
	return r;
}

static int parse_rule(const struct line *l, struct fw_rule *r, bool in, char **save, struct vz_err *e)
{
	char *word;
	int q;

	*r = (struct fw_rule){ .in = in, .proto = -1 };
	q = parse_verdict(l, strtok_r(NULL, BLANKS, save), &r->accept, e);
	while (q == 0 && (word = strtok_r(NULL, BLANKS, save)))
		q = put_option(l, r, word, strtok_r(NULL, BLANKS, save), e);
	if (q == 0 && (r->nsport || r->ndport) && !has_ports(r->proto))
		q = bad(l, e, "ports need one of the protocols", "tcp udp sctp dccp udplite");
	if (q == 0 && !is_possible(r))
		q = bad(l, e, "source and destination are of different families:", in ? "IN" : "OUT");
	return q;
}

static int add_rule(struct fw *fw, const struct line *l, bool in, char **save, struct vz_err *e)
{
	struct fw_rule *more = reallocarray(fw->v, fw->n + 1, sizeof(*more));

	if (!more)
		return err_nomem(e);
	fw->v = more;
	if (fw->n == FW_RULES_MAX)
		return bad(l, e, "more rules than", "512");
	return parse_rule(l, &more[fw->n++], in, save, e);
}

static int parse_line(struct fw *fw, const struct line *l, char *text, struct vz_err *e)
{
	char *save = NULL, *word, *more;
	int r;

	text[strcspn(text, "#")] = '\0';
	word = strtok_r(text, BLANKS, &save);
	if (!word)
		return 0;
	if (str_eq(word, "IN") || str_eq(word, "OUT"))
		return add_rule(fw, l, *word == 'I', &save, e);
	if (str_eq(word, "policy_in:") || str_eq(word, "policy_out:")) {
		r = parse_policy(l, str_eq(word, "policy_in:") ? &fw->policy_in : &fw->policy_out,
				 strtok_r(NULL, BLANKS, &save), e);
		more = r == 0 ? strtok_r(NULL, BLANKS, &save) : NULL;
		return more ? bad(l, e, "too much:", more) : r;
	}
	return bad(l, e, "not IN, OUT, policy_in: or policy_out: but", word);
}

int fw_parse(struct fw *fw, const char *file, const char *text, struct vz_err *e)
{
	_free_ char *copy = strdup(text);
	struct line at = { .file = file };
	int r = copy ? 0 : err_nomem(e);

	for (char *l = copy, *next; r == 0 && l; l = next) {
		at.number++;
		next = strchr(l, '\n');
		if (next)
			*next++ = '\0';
		r = parse_line(fw, &at, l, e);
	}
	return r;
}

void fw_end(struct fw *fw)
{
	bool some[2] = { false, false };

	for (size_t i = 0; i < fw->n; i++)
		some[fw->v[i].in] |= fw->v[i].accept;
	if (fw->policy_in == FW_UNSAID)
		fw->policy_in = some[true] ? FW_DROP : FW_ACCEPT;
	if (fw->policy_out == FW_UNSAID)
		fw->policy_out = some[false] ? FW_DROP : FW_ACCEPT;
}
