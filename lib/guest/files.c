/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text of /etc/hostname, /etc/hosts and /etc/resolv.conf of a VPS. */
#include "guest/files.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "guest/line.h"

enum { HOSTNAME_MAX = 64, DOMAIN_MAX = 253, LABEL_MAX = 63 };

/* Ends the line that is ours. */
#define OUR_MARK "\t# set by vzctl"

static bool is_label_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_';
}

/* Labels of 1 to 63 characters with one dot between two, none beginning with '-'. */
static bool is_dotted_name(const char *s, size_t max)
{
	size_t label = 0;

	if (strnlen(s, max + 1) > max)
		return false;
	for (; *s; s++) {
		if (*s == '.') {
			if (label == 0)
				return false;
			label = 0;
			continue;
		}
		if (!is_label_char(*s) || (label == 0 && *s == '-') || ++label > LABEL_MAX)
			return false;
	}
	return label > 0;
}

static bool is_address(const char *s)
{
	unsigned char raw[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, s, raw) == 1 || inet_pton(AF_INET6, s, raw) == 1;
}

bool guest_hostname_ok(const char *name)
{
	return is_dotted_name(name, HOSTNAME_MAX);
}

int guest_hostname(const char *name, struct buf *out)
{
	return guest_hostname_ok(name) ? buf_printf(out, "%s\n", name) : -EINVAL;
}

static bool is_ours(const struct line *l)
{
	static const size_t n = sizeof(OUR_MARK) - 1;

	return l->len >= n && memcmp(l->at + l->len - n, OUR_MARK, n) == 0;
}

/* "addr\tname.example.com name\t# mark": the short name second, so that `hostname -f` works. */
static int put_ours(const char *hostname, const char *ip, struct buf *out)
{
	const char *dot = strchr(hostname, '.');

	(void)buf_printf(out, "%s\t%s", ip ? ip : "127.0.1.1", hostname);
	if (dot)
		(void)buf_printf(out, " %.*s", (int)(dot - hostname), hostname);
	return buf_puts(out, OUR_MARK "\n");
}

int guest_hosts(const struct buf *old, const char *hostname, const char *first_ip, struct buf *out)
{
	/* localhost has its lines, and another address for it would do harm */
	bool put = hostname && !str_eq(hostname, "localhost");
	struct line l;
	size_t pos = 0;

	if ((hostname && !guest_hostname_ok(hostname)) || (first_ip && !is_address(first_ip)))
		return -EINVAL;
	if (old && old->len > GUEST_FILE_MAX)
		return -E2BIG;
	if (!old || old->len == 0)
		(void)buf_puts(out, "127.0.0.1\tlocalhost\n"
				    "::1\tlocalhost ip6-localhost ip6-loopback\n");
	while (line_next(old, &pos, &l)) {
		if (!is_ours(&l)) {
			(void)buf_add(out, l.at, l.full);
		} else if (put) { /* in its old place; a second one is dropped */
			(void)put_ours(hostname, first_ip, out);
			put = false;
		}
	}
	if (put) {
		if (out->len && out->data[out->len - 1] != '\n')
			(void)buf_putc(out, '\n');
		(void)put_ours(hostname, first_ip, out);
	}
	return out->failed ? -ENOMEM : 0;
}

static bool is_domain(const char *s)
{
	char name[DOMAIN_MAX + 1];
	size_t n = strnlen(s, sizeof(name));

	if (n == 0 || n == sizeof(name))
		return false;
	memcpy(name, s, n + 1);
	if (n > 1 && name[n - 1] == '.') /* "example.com." is a search domain, too */
		name[n - 1] = 0;
	return str_eq(s, ".") || is_dotted_name(name, DOMAIN_MAX);
}

int guest_resolv(const struct strv *nameservers, const struct strv *searchdomains, struct buf *out)
{
	for (size_t i = 0; i < searchdomains->n; i++)
		if (!is_domain(searchdomains->v[i]))
			return -EINVAL;
	for (size_t i = 0; i < nameservers->n; i++)
		if (!is_address(nameservers->v[i]))
			return -EINVAL;
	for (size_t i = 0; i < searchdomains->n; i++)
		(void)buf_printf(out, "%s%s", i ? " " : "search ", searchdomains->v[i]);
	if (searchdomains->n)
		(void)buf_putc(out, '\n');
	for (size_t i = 0; i < nameservers->n; i++)
		(void)buf_printf(out, "nameserver %s\n", nameservers->v[i]);
	return out->failed ? -ENOMEM : 0;
}
