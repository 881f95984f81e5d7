/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The same question to the tables of iptables-legacy, which nf_tables knows nothing of. They are read as a whole, as
 * iptables does, and only where there is one: to ask makes the kernel load and make it.
 */
#include "kern/forward.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h> /* before those of the kernel, which know it */
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/str.h"

#define TABLE	  "filter"
#define TABLE_MAX (64u << 20)

static const struct kind {
	const char *family, *names; /* the tables that this network namespace has */
	int domain, level, info, entries;
	size_t target_at; /* in an entry: where it says how far its target is */
	int nfproto;
} kinds[] = {
	{ "ip", "/proc/net/ip_tables_names", AF_INET, SOL_IP, IPT_SO_GET_INFO, IPT_SO_GET_ENTRIES,
	  offsetof(struct ipt_entry, target_offset), NFPROTO_IPV4 },
	{ "ip6", "/proc/net/ip6_tables_names", AF_INET6, SOL_IPV6, IP6T_SO_GET_INFO, IP6T_SO_GET_ENTRIES,
	  offsetof(struct ip6t_entry, target_offset), NFPROTO_IPV6 },
};

static bool has_table(const struct kind *k)
{
	_buf_ struct buf text = BUF_INIT;

	if (io_read_at(AT_FDCWD, k->names, 4096, &text) < 0)
		return false;
	return strstr(buf_str(&text), TABLE "\n") != NULL;
}

/* The entry behind all others of a chain of the kernel is its policy. */
static bool drops(const struct kind *k, const char *entries, size_t size, size_t at)
{
	struct xt_standard_target t;
	uint16_t off;

	if (at > size || size - at < k->target_at + sizeof(off))
		return false;
	memcpy(&off, entries + at + k->target_at, sizeof(off));
	if (size - at < off || size - at - off < sizeof(t))
		return false;
	memcpy(&t, entries + at + off, sizeof(t));
	return !*t.target.u.user.name && t.verdict == -NF_DROP - 1;
}

static int look(const struct kind *k, const char *link, struct kforward *ret)
{
	struct ipt_getinfo info = { .name = TABLE }; /* that of IPv6 is the same */
	_free_ struct ipt_get_entries *all = NULL;
	_fd_ int fd = socket(k->domain, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	socklen_t len = sizeof(info);

	if (fd < 0 || getsockopt(fd, k->level, k->info, &info, &len) < 0)
		return -errno;
	if (!(info.valid_hooks & 1u << NF_INET_FORWARD) || info.size > TABLE_MAX)
		return 0;
	len = (socklen_t)(sizeof(*all) + info.size);
	all = calloc(1, len);
	if (!all)
		return -ENOMEM;
	memcpy(all->name, TABLE, sizeof(TABLE));
	all->size = info.size;
	/* EAGAIN: it has changed in between. */
	if (getsockopt(fd, k->level, k->entries, all, &len) < 0)
		return -errno;
	if (!drops(k, (const char *)all->entrytable, info.size, info.underflow[NF_INET_FORWARD]) ||
	    memmem(all->entrytable, info.size, link, strlen(link)))
		return 0;
	*ret = (struct kforward){ .family = k->family, .nfproto = k->nfproto, .table = TABLE,
				  .chain = "FORWARD", .variant = "-legacy" };
	ret->docker = memmem(all->entrytable, info.size, KFORWARD_DOCKER, sizeof(KFORWARD_DOCKER)) != NULL;
	return 1;
}

size_t kforward_ipt(const char *link, struct kforward *ret, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (n < max && has_table(&kinds[i]) && look(&kinds[i], link, &ret[n]) > 0)
			n++;
	return n;
}
