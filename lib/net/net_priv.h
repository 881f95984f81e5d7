/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of lib/net share. */
#ifndef VZ_NET_PRIV_H
#define VZ_NET_PRIV_H

#include <arpa/inet.h>
#include <net/if.h>

#include "kern/nl.h"
#include "net/net.h"

#define NET_TEXT (INET6_ADDRSTRLEN + 4)

struct net_uplink {
	int index;
	char name[IFNAMSIZ];
	uint8_t mac[6];
};
struct net_uplinks {
	struct net_uplink *v;
	size_t n;
};

/* addr.c */
/* "192.0.2.101" into buf; returns buf. */
const char *net_text(const struct cfg_addr *a, char buf[NET_TEXT]);
static inline uint8_t net_full(uint8_t family)
{
	return family == AF_INET ? 32 : 128;
}
struct knl_ip net_ip(const struct cfg_addr *a);	  /* as given, with its prefix */
struct knl_ip net_host(const struct cfg_addr *a); /* the address alone: /32, /128 */
bool net_same_ip(const struct knl_ip *a, const struct knl_ip *b);
bool net_has_family(const struct addrlist *l, uint8_t family);
/* Is v[i] the first of its address in the list? Later ones are skipped everywhere. */
bool net_is_first(const struct addrlist *l, size_t i);
/* err_sys() with the kernel's own words, if k has some, in place of the errno's. */
int net_fail(struct vz_err *e, int code, int r, const struct knl *k, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* May these addresses be routed to a VPS? own: index of the VPS's host end, 0: none yet. */
int net_check_free(struct knl *k, const struct net_venet *v, const struct addrlist *l, int own,
		   struct vz_err *e);

/* uplink.c */
/* Look at the devices that v names; unknown ones are warned of and left out. */
int net_uplinks(struct knl *k, const struct net_venet *v, struct net_uplinks *ret,
		struct vz_err *e);
/* Answer for the addresses on the uplinks. */
int net_proxies_add(struct knl *k, const struct net_uplinks *up, const struct addrlist *l,
		    struct vz_err *e);
/* Take back every proxy entry for an address of l or a host route through interface own. */
int net_proxies_del(struct knl *k, const struct addrlist *l, int own, struct vz_err *e);
/* net.<ipv4|ipv6>.conf.<dev>.<name>. A file that is not there is -ENOENT. */
int net_conf_set(const char *proto, const char *dev, const char *name, const char *val);
int net_conf_get(const char *proto, const char *dev, const char *name, int *ret);

/* announce.c */
/* Ask all uplinks at once whether somebody has one of the addresses; 1 and what was found, 0. */
int net_detect(const struct net_uplinks *up, const struct addrlist *l, size_t *ret_addr,
	       size_t *ret_uplink);
void net_announce(const struct net_uplinks *up, const struct addrlist *l);

/* frame.c */
#define NET_FRAME_MAX 128
struct net_arp_frame {
	const uint8_t *eth_src, *eth_dst, *arp_src, *arp_dst, *src_ip, *dst_ip;
	bool reply;
};
size_t net_frame_arp(uint8_t *out, const struct net_arp_frame *f);
/* Duplicate address detection (RFC 4862) and unsolicited advertisement (RFC 4861). */
size_t net_frame_ns(uint8_t *out, const uint8_t *mac, const uint8_t *ip);
size_t net_frame_na(uint8_t *out, const uint8_t *mac, const uint8_t *ip);
/* Whose address does this frame claim, and by which MAC? Copies 4 or 16 bytes. False when none:
 * a mere question for the address is no claim, a probe for it is. */
bool net_frame_claims(const uint8_t *frame, size_t len, uint8_t family, uint8_t *ret_ip,
		      uint8_t *ret_mac);
/* A raw socket on one device, for sending; with listen it hears ARP and neighbour discovery. Closing
 * one waits for the kernel's readers, 10 ms and more: open few. */
int net_frame_socket(int ifindex, bool listen);

#endif
