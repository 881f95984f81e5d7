/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Is an address taken on the uplinks? And: it lives here now. */
#include "net/announce.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "net/net_priv.h"

/* How long a start may wait for an owner to speak up: this many questions, this far apart. */
#define DETECT_ROUNDS  3
#define DETECT_WAIT_MS 130

struct detect {
	const struct net_uplinks *up;
	const struct addrlist *l;
	struct pollfd *pfd;  /* one per uplink; fd -1: it cannot be asked */
	size_t addr, uplink; /* found */
};

static void ask(const struct detect *d, size_t slot)
{
	const struct net_uplink *u = &d->up->v[slot];
	uint8_t frame[NET_FRAME_MAX];

	for (size_t i = 0; i < d->l->n; i++) {
		const struct cfg_addr *a = &d->l->v[i];
		struct net_arp_frame f = { .eth_src = u->mac, .dst_ip = a->ip };
		size_t n = a->family == AF_INET ? net_frame_arp(frame, &f)
						: net_frame_ns(frame, u->mac, a->ip);

		/* A device that is down cannot know of an owner: no reason to fail. */
		(void)send(d->pfd[slot].fd, frame, n, 0);
	}
}

static bool is_own_mac(const struct net_uplinks *up, const uint8_t *mac)
{
	for (size_t i = 0; i < up->n; i++) {
		if (memcmp(up->v[i].mac, mac, 6) == 0)
			return true;
	}
	return false;
}

/* Does this frame claim one of the addresses, and which? */
static bool claims_one(const struct detect *d, const uint8_t *frame, size_t len, size_t *ret_addr)
{
	uint8_t ip[16], mac[6];

	for (size_t i = 0; i < d->l->n; i++) {
		const struct cfg_addr *a = &d->l->v[i];

		if (!net_frame_claims(frame, len, a->family, ip, mac) || is_own_mac(d->up, mac))
			continue;
		if (memcmp(a->ip, ip, a->family == AF_INET ? 4 : 16) == 0) {
			*ret_addr = i;
			return true;
		}
	}
	return false;
}

/* Read all that has come; true when somebody else claims one of the addresses. */
static bool hear(struct detect *d, size_t slot)
{
	uint8_t frame[NET_FRAME_MAX];
	ssize_t n;

	while ((n = recv(d->pfd[slot].fd, frame, sizeof(frame), 0)) >= 0) {
		if (claims_one(d, frame, (size_t)n, &d->addr)) {
			d->uplink = slot;
			return true;
		}
	}
	return false;
}

static int listen_until(struct detect *d, uint64_t deadline)
{
	int left;

	while ((left = clock_left_ms(deadline)) > 0) {
		int r = poll(d->pfd, d->up->n, left);

		if (r < 0 && errno != EINTR)
			return -errno;
		for (size_t s = 0; r > 0 && s < d->up->n; s++) {
			struct pollfd *p = &d->pfd[s];

			if (p->revents & (POLLERR | POLLHUP | POLLNVAL)) {
				/* A device that went away would signal for ever. */
				close(p->fd);
				p->fd = -1;
			} else if (p->revents && hear(d, s)) {
				return 1;
			}
		}
	}
	return 0;
}

static int detect_run(struct detect *d)
{
	size_t n = d->up->n;
	int r = 0;

	for (size_t s = 0; s < n; s++) {
		d->pfd[s].fd = net_frame_socket(d->up->v[s].index, true);
		d->pfd[s].events = POLLIN;
	}
	for (int round = 0; round < DETECT_ROUNDS && r == 0; round++) {
		for (size_t s = 0; s < n; s++) {
			if (d->pfd[s].fd >= 0)
				ask(d, s);
		}
		r = listen_until(d, clock_ms() + DETECT_WAIT_MS);
	}
	for (size_t s = 0; s < n; s++) {
		if (d->pfd[s].fd >= 0)
			close(d->pfd[s].fd);
	}
	return r;
}

int net_detect(const struct net_uplinks *up, const struct addrlist *l, size_t *ret_addr,
	       size_t *ret_uplink)
{
	_free_ struct pollfd *pfd = calloc(up->n + 1, sizeof(*pfd));
	struct detect d = { .up = up, .l = l, .pfd = pfd };
	int r;

	if (!pfd)
		return -ENOMEM;
	if (up->n == 0 || l->n == 0)
		return 0;
	r = detect_run(&d);
	if (r == 1) {
		*ret_addr = d.addr;
		*ret_uplink = d.uplink;
	}
	return r;
}

static void announce_one(int fd, const struct net_uplink *u, const struct cfg_addr *a)
{
	uint8_t frame[NET_FRAME_MAX];
	struct net_arp_frame f = { .eth_src = u->mac, .src_ip = a->ip, .dst_ip = a->ip };

	if (a->family == AF_INET6) {
		(void)send(fd, frame, net_frame_na(frame, u->mac, a->ip), 0);
		return;
	}
	/* Some peers learn from a question only, some from an answer only. */
	(void)send(fd, frame, net_frame_arp(frame, &f), 0);
	f.reply = true;
	(void)send(fd, frame, net_frame_arp(frame, &f), 0);
}

/* Nothing here is worth a failure: who was not told now will ask. */
void net_announce(const struct net_uplinks *up, const struct addrlist *l)
{
	for (size_t u = 0; u < up->n && l->n; u++) {
		_fd_ int fd = net_frame_socket(up->v[u].index, false);

		for (size_t i = 0; i < l->n && fd >= 0; i++)
			announce_one(fd, &up->v[u], &l->v[i]);
	}
}

/* The device by name, for the public calls. */
static int device(const char *name, struct net_uplink *ret, struct vz_err *e)
{
	_knl_ struct knl *k = NULL;
	struct knl_link l;
	int r = knl_open(&k);

	if (r == 0)
		r = knl_link_get(k, name, &l);
	if (r < 0)
		return err_sys(e, VZ_E_SYS, r, "device '%s'", name);
	*ret = (struct net_uplink){ .index = l.index };
	memcpy(ret->name, l.name, sizeof(ret->name));
	memcpy(ret->mac, l.mac, sizeof(ret->mac));
	return 0;
}

static int arp_round(int fd, const struct vz_arp *a, const struct net_uplink *u)
{
	uint8_t frame[NET_FRAME_MAX];
	struct net_arp_frame f = {
		.eth_src = a->eth_src ? a->eth_src : u->mac,
		.eth_dst = a->eth_dst,
		.arp_src = a->arp_src ? a->arp_src : a->eth_src,
		.arp_dst = a->arp_dst,
		.reply = a->reply,
	};

	for (size_t i = 0; i < a->ndst; i++) {
		f.dst_ip = a->dst_ip[i];
		f.src_ip = a->src_ip ? a->src_ip : a->own_src ? a->dst_ip[i] : NULL;
		if (send(fd, frame, net_frame_arp(frame, &f), 0) < 0)
			return -errno;
	}
	return 0;
}

static bool arp_answered(int fd, const struct vz_arp *a, const struct net_uplink *u,
			 struct vz_arp_answer *ret)
{
	uint8_t frame[NET_FRAME_MAX];
	struct vz_arp_answer got;
	ssize_t n;

	while ((n = recv(fd, frame, sizeof(frame), 0)) >= 0) {
		if (!net_frame_claims(frame, (size_t)n, AF_INET, got.ip, got.mac) ||
		    memcmp(got.mac, u->mac, 6) == 0)
			continue;
		for (size_t i = 0; i < a->ndst; i++) {
			if (memcmp(got.ip, a->dst_ip[i], 4) != 0)
				continue;
			if (ret)
				*ret = got;
			return true;
		}
	}
	return false;
}

static int arp_wait(int fd, const struct vz_arp *a, const struct net_uplink *u,
		    struct vz_arp_answer *ret)
{
	uint64_t deadline = clock_ms() + a->wait_ms;
	struct pollfd p = { .fd = fd, .events = a->listen ? POLLIN : 0 };
	int left;

	while ((left = clock_left_ms(deadline)) > 0) {
		int r = poll(&p, 1, left);

		if (r < 0 && errno != EINTR)
			return -errno;
		if (r > 0 && p.revents & (POLLERR | POLLHUP | POLLNVAL))
			return -ENETDOWN;
		if (r > 0 && arp_answered(fd, a, u, ret))
			return 1;
	}
	return 0;
}

int net_arp_send(const struct vz_arp *a, struct vz_arp_answer *ret, struct vz_err *e)
{
	struct net_uplink u;
	int r = device(a->dev, &u, e);

	if (r < 0)
		return r;
	_fd_ int fd = net_frame_socket(u.index, a->listen);
	if (fd < 0)
		return err_sys(e, VZ_E_SYS, fd, "cannot open a raw socket on '%s'", a->dev);
	for (unsigned i = 0; i < a->count && r == 0; i++) {
		bool last = i + 1 == a->count;

		r = arp_round(fd, a, &u);
		if (r == 0 && (last ? a->listen : !a->at_once))
			r = arp_wait(fd, a, &u, ret);
	}
	return r < 0 ? err_sys(e, VZ_E_SYS, r, "cannot send on '%s'", a->dev) : r;
}

int net_nd_send(const char *dev, const uint8_t *ip, struct vz_err *e)
{
	uint8_t frame[NET_FRAME_MAX];
	struct net_uplink u;
	int r = device(dev, &u, e);

	if (r < 0)
		return r;
	_fd_ int fd = net_frame_socket(u.index, false);
	if (fd < 0)
		return err_sys(e, VZ_E_SYS, fd, "cannot open a raw socket on '%s'", dev);
	if (send(fd, frame, net_frame_na(frame, u.mac, ip), 0) < 0)
		return err_sys(e, VZ_E_SYS, -errno, "cannot send on '%s'", dev);
	return 0;
}
