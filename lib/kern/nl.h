/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Netlink: links, addresses, routes, proxy neighbours. Requests are queued and leave in as few
 * system calls as the kernel allows; the types of libnl stay behind this header. Silent: -errno.
 */
#ifndef VZ_KERN_NL_H
#define VZ_KERN_NL_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct knl; /* a socket, bound to the network namespace it was opened in, and its queue */

struct knl_ip { /* network byte order */
	uint8_t family; /* AF_INET, AF_INET6 */
	uint8_t prefix; /* bits */
	uint8_t ip[16];
};

struct knl_link {
	char name[IFNAMSIZ];
	int index;
	int peer;	/* index of the other end in its namespace, or of the device below; 0: none */
	int master;	/* index of the bridge or bond it is a port of, 0: none */
	unsigned flags; /* IFF_* */
	unsigned type;	/* ARPHRD_* */
	uint8_t mac[6];
	uint32_t group;
	char kind[16];	 /* "veth", "bridge" ...; "" for hardware and the loopback device */
	uint16_t vlan;	 /* of a device of kind vlan; of a bridge, the one that its ports get at first */
	uint32_t mode;	 /* of a macvlan, MACVLAN_MODE_* */
	bool filters_vlans; /* a bridge */
	char alias[136]; /* cut when longer */
};

/* What the routing tables say about a destination. */
struct knl_fib {
	int err;	/* 0, or why there is no route: -ENETUNREACH, -EHOSTUNREACH ... */
	unsigned type;	/* RTN_UNICAST, RTN_LOCAL ... */
	uint8_t prefix; /* length of the route that matched */
	int oif;	/* of several, the first */
};

/* Interface group of the outer ends of VPSs' bridged pairs: it is set with the link itself, before there can be a
 * mark. Counters know them by it. */
#define KNL_VPS_GROUP 0x767a7665u

struct knl_veth {
	const char *name;      /* here */
	const char *peer_name; /* there */
	int peer_netns;	       /* namespace descriptor of "there" */
	uint8_t mac[6], peer_mac[6];
	unsigned flags, peer_flags; /* IFF_NOARP, IFF_UP */
	uint32_t group;		    /* of this end */
};

struct knl_route {
	struct knl_ip dst;	  /* prefix 0: default route */
	int oif;
	const struct knl_ip *src; /* preferred source or NULL */
	const struct knl_ip *via; /* gateway or NULL */
	bool link_scope;
	bool replace; /* take the place of a route to dst; otherwise such a route is -EEXIST */
};

/* IPv4 switches of one interface; the row names are those of net.ipv4.conf. */
enum knl_conf4 {
	KNL_FORWARDING,
	KNL_RP_FILTER,
	KNL_SEND_REDIRECTS,
	KNL_ACCEPT_REDIRECTS,
	KNL_PROMOTE_SECONDARIES,
	KNL_NCONF4
};

struct knl_entry {
	struct knl_ip ip;
	int index; /* interface */
};
struct knl_list {
	struct knl_entry *v;
	size_t n;
};

/* Open in the namespace of the caller. NULL-safe close. */
int knl_open(struct knl **ret);
/* Open in the namespace of netns_fd; the calling thread visits it and is back on return. */
int knl_open_in(int netns_fd, struct knl **ret);
void knl_close(struct knl *k);

static inline void knl_cleanup(struct knl **k)
{
	knl_close(*k);
}
#define _knl_	  __attribute__((cleanup(knl_cleanup)))

/*
 * The queue. A knl_q_ call only appends; note is a number of the caller's that comes back with a
 * failure. What goes wrong while queueing (no memory, a name too long) is kept for knl_run().
 */
void knl_q_veth(struct knl *k, int note, const struct knl_veth *v);
/* Where a link is meant: by name, or by index when name is NULL. */
void knl_q_link_del(struct knl *k, int note, const char *name);
void knl_q_link_flags(struct knl *k, int note, int index, unsigned flags, unsigned mask);
void knl_q_link_alias(struct knl *k, int note, const char *name, const char *alias);
void knl_q_link_master(struct knl *k, int note, int index, int master); /* 0: of none */
void knl_q_link_mac(struct knl *k, int note, int index, const uint8_t mac[6]);
/* -EBUSY before Linux 6.3 when the link is up. */
void knl_q_link_rename(struct knl *k, int note, int index, const char *name);
/* Into another namespace, under this name there. */
void knl_q_link_move(struct knl *k, int note, int index, int netns_fd, const char *name);
/* A device of one VLAN of the one below. */
struct knl_vlan {
	const char *name;
	int lower;
	uint16_t id; /* 1 to 4094 */
	uint32_t group;
};
void knl_q_vlan(struct knl *k, int note, const struct knl_vlan *v);
struct knl_macvlan {
	const char *name;
	int lower;
	unsigned mode; /* MACVLAN_MODE_* */
	uint8_t mac[6];
	uint32_t group;
};
void knl_q_macvlan(struct knl *k, int note, const struct knl_macvlan *v);
/* A port that has just joined a bridge which filters VLANs: what goes in and out by it, untagged, is this VLAN's;
 * not that one's, which the bridge has given to it (0: none). */
void knl_q_port_vlan(struct knl *k, int note, int index, uint16_t vlan, uint16_t instead_of);
/* Let a program of kbpf_filter_load() see every frame that comes in, or leaves, in the place of an earlier one
 * of that handle. It goes with the link. Taking away what is not there is no failure. */
struct knl_filter {
	const char *name; /* at most 15 bytes; people see it. NULL in a question: any */
	bool in;	  /* what comes in by the link */
	uint32_t handle;  /* not 0; several filters see the same frames */
	bool looks;	  /* drops nothing, and sees what the others did not drop */
};
void knl_q_filter_set(struct knl *k, int note, int index, const struct knl_filter *f, int prog_fd);
void knl_q_filter_del(struct knl *k, int note, int index, const struct knl_filter *f);
/* A device that frames are sent through to be delayed, and go on from where they were. */
void knl_q_ifb(struct knl *k, int note, const char *name, uint32_t group);
/* All that leaves through the device waits for its turn. Makes or changes it. */
struct knl_tbf {
	uint64_t rate;	/* bytes a second */
	uint32_t burst; /* bytes at once */
	uint32_t limit; /* bytes that may wait */
	uint16_t mpu;	/* bytes that a frame counts at least */
};
void knl_q_tbf(struct knl *k, int note, int index, const struct knl_tbf *t);
/* Everything that comes in through the device, or is about to leave by it, goes through another one first; in
 * the place of an earlier one. Behind the program of knl_q_filter_set(). Taking away what is not there is no
 * failure. */
void knl_q_divert_set(struct knl *k, int note, int index, bool in, int through);
void knl_q_divert_del(struct knl *k, int note, int index, bool in);
/* The same for what a program of kbpf_filter_load() picks (by returning -1), behind knl_q_divert_del(); nth counts
 * from 0, and the first that picks a frame has it. */
void knl_q_divert_by(struct knl *k, int note, int index, bool in, unsigned nth, int prog_fd,
		     int through);
/*
 * A device whose bandwidth is shared: a tree of classes by number, each with a rate that it has and a ceiling up to
 * which it may borrow. Which class a frame belongs to is what the program of knl_q_htb_filter() returns, as
 * KNL_HTB_MAJOR << 16 | number; 0: it does not wait.
 */
#define KNL_HTB_MAJOR 2u
struct knl_htb {
	uint16_t parent; /* 0: the device */
	uint16_t minor;
	uint64_t rate, ceil; /* bytes a second */
	uint16_t mpu;
};
void knl_q_root_del(struct knl *k, int note, int index); /* whatever rates the device has */
void knl_q_htb(struct knl *k, int note, int index);	 /* leaves one that is there */
void knl_q_htb_filter(struct knl *k, int note, int index, int prog_fd);
void knl_q_htb_class(struct knl *k, int note, int index, const struct knl_htb *c); /* or changes it */
void knl_q_htb_class_del(struct knl *k, int note, int index, uint16_t minor);
/* Bytes that may wait in a class. */
void knl_q_htb_queue(struct knl *k, int note, int index, uint16_t minor, uint32_t limit);
/* How many classes that one has. Now, with an empty queue. */
int knl_htb_count(struct knl *k, int index, uint16_t parent, size_t *ret);
/* val[c] < 0 leaves that switch alone. */
void knl_q_link_conf4(struct knl *k, int note, const char *name, int index,
		      const int val[KNL_NCONF4]);
/* No link-local IPv6 address of its own. -EAFNOSUPPORT in a kernel without IPv6. */
void knl_q_link_nolinklocal(struct knl *k, int note, const char *name, int index);
void knl_q_addr_add(struct knl *k, int note, int index, const struct knl_ip *a);
void knl_q_addr_del(struct knl *k, int note, int index, const struct knl_ip *a);
void knl_q_route_add(struct knl *k, int note, const struct knl_route *r);
void knl_q_route_del(struct knl *k, int note, const struct knl_route *r);
void knl_q_proxy_add(struct knl *k, int note, int index, const struct knl_ip *a);
void knl_q_proxy_del(struct knl *k, int note, int index, const struct knl_ip *a);
/* Questions: *out is filled by knl_run() and must live until then. A link that is not there is
 * out->index == 0; a destination without a route is out->err; neither fails the run. */
void knl_q_link_get(struct knl *k, int note, const char *name, int index, struct knl_link *out);
void knl_q_fib_get(struct knl *k, int note, const struct knl_ip *dst, struct knl_fib *out);
/* This failure of the request queued last is none; up to two may be named. */
void knl_q_ignore(struct knl *k, int err);

/*
 * Send the queue, wait for all answers, empty it. 0, or the first failure: its note in *ret_note
 * (may be NULL; -1 when it is nobody's) and the kernel's own words in knl_why(). Requests behind a
 * failed one may have been carried out all the same.
 */
int knl_run(struct knl *k, int *ret_note);
/* The kernel's explanation of the last failure, or "". */
const char *knl_why(const struct knl *k);

/* One link, now. -ENODEV when there is none. */
int knl_link_get(struct knl *k, const char *name, struct knl_link *ret);

/* All links. *ret is malloced. */
int knl_links(struct knl *k, struct knl_link **ret, size_t *ret_n);
/* Is that filter on the link, now? 1, 0, or -errno. */
int knl_filter_is_set(struct knl *k, int index, const struct knl_filter *f);
/* Lists; v is the caller's to free(). index 0: of all interfaces. family 0: both. */
int knl_addrs(struct knl *k, int family, int index, struct knl_list *ret);
int knl_routes_via(struct knl *k, int family, int index, struct knl_list *ret);
int knl_proxies(struct knl *k, struct knl_list *ret);

/* Is there a chain of that name in that table of family inet? 1, 0, or -errno. */
int knl_nft_has_chain(const char *table, const char *chain);
/* Take that table of family inet away, now. 0 when it is not there. */
int knl_nft_table_del(const char *table);
/* In that network namespace, take all tables of family inet away whose names are prefix and a number. */
int knl_nft_tables_drop(int netns_fd, const char *prefix);

#endif
