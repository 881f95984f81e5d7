// SPDX-License-Identifier: GPL-2.0-or-later
/* The floor's network: a pair, one address inside, a route each way. Three batches of netlink. */
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HOST_PREFIX "vflo"
#define LOOPBACK    1
#define GUEST_INDEX 77

struct batch {
	char data[4096] __attribute__((aligned(4)));
	size_t len, last; /* last: where the last message begins */
};

static void *room(struct batch *b, size_t n)
{
	void *p = b->data + b->len;

	if (b->len + n > sizeof(b->data))
		floor_die("netlink batch");
	memset(p, 0, NLMSG_ALIGN(n));
	b->len += NLMSG_ALIGN(n);
	((struct nlmsghdr *)(void *)(b->data + b->last))->nlmsg_len = (uint32_t)(b->len - b->last);
	return p;
}

static void begin(struct batch *b, uint16_t type, uint16_t flags, const void *h, size_t n)
{
	struct nlmsghdr *m;

	b->last = b->len;
	m = room(b, sizeof(*m));
	m->nlmsg_type = type;
	m->nlmsg_flags = flags | NLM_F_REQUEST;
	memcpy(room(b, n), h, n);
}

static void attr(struct batch *b, uint16_t type, const void *v, size_t n)
{
	struct rtattr *a = room(b, RTA_LENGTH(n));

	a->rta_type = type;
	a->rta_len = (unsigned short)RTA_LENGTH(n);
	memcpy(RTA_DATA(a), v, n);
}

static void attr32(struct batch *b, uint16_t type, uint32_t v)
{
	attr(b, type, &v, sizeof(v));
}

static size_t nest(struct batch *b, uint16_t type)
{
	size_t at = b->len;

	attr(b, type, NULL, 0);
	return at;
}

static void nest_end(struct batch *b, size_t at)
{
	((struct rtattr *)(void *)(b->data + at))->rta_len = (unsigned short)(b->len - at);
}

/* The kernel works through the whole batch; the last message answers for all, a failure for itself. */
static void run(int fd, struct batch *b, const char *what)
{
	char reply[4096] __attribute__((aligned(4)));
	struct nlmsghdr *h = (void *)reply;
	int n;

	((struct nlmsghdr *)(void *)(b->data + b->last))->nlmsg_flags |= NLM_F_ACK;
	floor_check(send(fd, b->data, b->len, 0), what);
	n = floor_check(recv(fd, reply, sizeof(reply), 0), what);
	if (n < (int)NLMSG_LENGTH(sizeof(struct nlmsgerr)) || h->nlmsg_type != NLMSG_ERROR)
		floor_die(what);
	errno = -((struct nlmsgerr *)NLMSG_DATA(h))->error;
	if (errno)
		floor_die(what);
	*b = (struct batch){ 0 };
}

/* Both indexes are ours to choose, so that nobody has to look for them. */
static void pair(struct batch *b, const char *name, int index, int netns)
{
	static const uint8_t mac[6] = { 0x02, 0x66, 0x6c, 0x6f, 0x6f, 0x72 };
	struct ifinfomsg host = { .ifi_flags = IFF_NOARP | IFF_UP, .ifi_change = IFF_NOARP | IFF_UP,
				  .ifi_index = index };
	struct ifinfomsg guest = { .ifi_flags = IFF_NOARP, .ifi_change = IFF_NOARP,
				   .ifi_index = GUEST_INDEX };
	size_t info, data, peer;

	begin(b, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &host, sizeof(host));
	attr(b, IFLA_IFNAME, name, strlen(name) + 1);
	attr(b, IFLA_ADDRESS, mac, sizeof(mac));
	attr32(b, IFLA_NUM_TX_QUEUES, 1);
	attr32(b, IFLA_NUM_RX_QUEUES, 1);
	info = nest(b, IFLA_LINKINFO);
	attr(b, IFLA_INFO_KIND, "veth", 4);
	data = nest(b, IFLA_INFO_DATA);
	peer = nest(b, VETH_INFO_PEER);
	memcpy(room(b, sizeof(guest)), &guest, sizeof(guest));
	attr(b, IFLA_IFNAME, "venet0", 7);
	attr(b, IFLA_ADDRESS, mac, sizeof(mac));
	attr32(b, IFLA_NET_NS_FD, (uint32_t)netns);
	attr32(b, IFLA_NUM_TX_QUEUES, 1);
	attr32(b, IFLA_NUM_RX_QUEUES, 1);
	nest_end(b, peer);
	nest_end(b, data);
	nest_end(b, info);
}

/* As a router on the host's side, and no link-local addresses on either. */
static void conf(struct batch *b, const char *name, int index, int forward)
{
	struct ifinfomsg l = { .ifi_index = name ? 0 : index };
	uint8_t none = IN6_ADDR_GEN_MODE_NONE;
	size_t spec, family, values;

	begin(b, RTM_SETLINK, 0, &l, sizeof(l));
	if (name)
		attr(b, IFLA_IFNAME, name, strlen(name) + 1);
	spec = nest(b, IFLA_AF_SPEC);
	family = nest(b, AF_INET);
	values = nest(b, IFLA_INET_CONF);
	if (forward) {
		attr32(b, IPV4_DEVCONF_FORWARDING, 1);
		attr32(b, IPV4_DEVCONF_RP_FILTER, 1);
	} else {
		attr32(b, IPV4_DEVCONF_PROMOTE_SECONDARIES, 1);
	}
	nest_end(b, values);
	nest_end(b, family);
	family = nest(b, AF_INET6);
	attr(b, IFLA_INET6_ADDR_GEN_MODE, &none, 1);
	nest_end(b, family);
	nest_end(b, spec);
}

static void up(struct batch *b, int index)
{
	struct ifinfomsg l = { .ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };

	begin(b, RTM_SETLINK, 0, &l, sizeof(l));
}

static void route(struct batch *b, const uint32_t *dst, const uint32_t *src, int oif)
{
	struct rtmsg r = { .rtm_family = AF_INET, .rtm_dst_len = dst ? 32 : 0,
			   .rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_STATIC,
			   .rtm_scope = RT_SCOPE_LINK, .rtm_type = RTN_UNICAST };

	begin(b, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &r, sizeof(r));
	if (dst)
		attr(b, RTA_DST, dst, sizeof(*dst));
	if (src)
		attr(b, RTA_PREFSRC, src, sizeof(*src));
	attr32(b, RTA_OIF, (uint32_t)oif);
}

static int netlink(void)
{
	return floor_check(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), "netlink");
}

static int netlink_in(int netns)
{
	int home = floor_check(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), "netns"), fd;

	floor_check(setns(netns, CLONE_NEWNET), "netns");
	fd = netlink();
	floor_check(setns(home, CLONE_NEWNET), "netns");
	close(home);
	return fd;
}

void floor_net(const struct floor *f, int netns)
{
	struct ifaddrmsg a = { .ifa_family = AF_INET, .ifa_prefixlen = 32, .ifa_index = GUEST_INDEX };
	int host = netlink(), guest = netlink_in(netns);
	int index = (int)(100000 + (f->base >> 16));
	struct batch b = { 0 };
	char ifname[16];

	snprintf(ifname, sizeof(ifname), HOST_PREFIX "%.10s", f->id);
	pair(&b, ifname, index, netns);
	conf(&b, ifname, 0, 1);
	run(host, &b, "pair");
	up(&b, LOOPBACK);
	conf(&b, NULL, GUEST_INDEX, 0);
	up(&b, GUEST_INDEX);
	begin(&b, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &a, sizeof(a));
	attr(&b, IFA_LOCAL, &f->addr, sizeof(f->addr));
	attr(&b, IFA_ADDRESS, &f->addr, sizeof(f->addr));
	route(&b, NULL, &f->addr, GUEST_INDEX);
	run(guest, &b, "guest");
	route(&b, &f->addr, NULL, index);
	run(host, &b, "route");
}
