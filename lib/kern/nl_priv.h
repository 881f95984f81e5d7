/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Inside of kern/nl*.c, the only files that know libnl. */
#ifndef VZ_KERN_NL_PRIV_H
#define VZ_KERN_NL_PRIV_H

#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include "kern/nl.h"

struct knl_req {
	struct nl_msg *msg;
	int note;
	int ignore[2]; /* positive errnos that are no failure */
	struct knl_link *link;
	struct knl_fib *fib;
};

struct knl {
	struct nl_sock *sock;
	struct knl_req *req;
	size_t n, size;
	int failed;	 /* first failure while queueing, -errno */
	int failed_note; /* whose */
	unsigned seq;
	char why[96];
	void *rx;
};

/* A socket of another netlink family than routing; same rules. */
int knl_open_proto(int proto, struct knl **ret);
/* The same in another network namespace. */
int knl_open_proto_in(int netns_fd, int proto, struct knl **ret);

/* Queue an empty request; NULL after a failure, which is remembered. */
struct nl_msg *knl_begin(struct knl *k, int note, int type, int flags, const void *hdr, size_t len);
/* Remember a failure to build the request queued last. */
void knl_broken(struct knl *k, int r);
/* Append an attribute to m; every failure is remembered. m may be NULL. */
void knl_put(struct knl *k, struct nl_msg *m, int type, const void *data, size_t len);
void knl_put_u32(struct knl *k, struct nl_msg *m, int type, uint32_t v);
void knl_put_name(struct knl *k, struct nl_msg *m, int type, const char *name);
struct nlattr *knl_nest(struct knl *k, struct nl_msg *m, int type);
void knl_nest_end(struct nl_msg *m, struct nlattr *nest);

static inline size_t knl_ip_len(int family)
{
	return family == AF_INET ? 4 : 16;
}

/* One dump: each answer is given to fn, whose failure ends it. */
int knl_dump(struct knl *k, int type, const void *hdr, size_t len,
	     int (*fn)(struct nlmsghdr *h, void *arg), void *arg);
/* The same with one u32 attribute as the kernel's filter. */
int knl_dump_by(struct knl *k, int type, const void *hdr, size_t len, int attr, uint32_t val,
		int (*fn)(struct nlmsghdr *h, void *arg), void *arg);
int knl_list_add(struct knl_list *l, int family, int prefix, const void *ip, int index);

/* Parsers of the answers to questions. */
void knl_link_parse(struct nlmsghdr *h, struct knl_link *out);
void knl_link_parse_over(const char *kind, struct nlattr *data, struct knl_link *out);
void knl_fib_parse(struct nlmsghdr *h, struct knl_fib *out);

#endif
