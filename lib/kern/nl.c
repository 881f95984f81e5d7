/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The netlink socket and its queue. Several requests in one sendmsg() are carried out in order and
 * in full before it returns; only the last one asks for an acknowledgement, since failures are
 * answered in any case.
 */
#include "kern/nl.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/cleanup.h"
#include "kern/nl_priv.h"

/* Answers wait in the receive buffer until the whole batch is done; more might not fit. */
#define BATCH_MAX 16
#define MSG_SIZE  1024
#define RX_SIZE	  32768

void knl_close(struct knl *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < k->n; i++)
		nlmsg_free(k->req[i].msg);
	free(k->req);
	free(k->rx);
	if (k->sock)
		nl_socket_free(k->sock);
	free(k);
}

int knl_open_proto(int proto, struct knl **ret)
{
	_knl_ struct knl *k = calloc(1, sizeof(*k));
	int on = 1, fd;

	if (!k)
		return -ENOMEM;
	k->rx = malloc(RX_SIZE);
	k->sock = nl_socket_alloc();
	if (!k->rx || !k->sock)
		return -ENOMEM;
	errno = 0;
	if (nl_connect(k->sock, proto) < 0)
		return errno ? -errno : -EPROTONOSUPPORT;
	fd = nl_socket_get_fd(k->sock);
	/* Comforts that old kernels lack: short acknowledgements, words, filtered lists. */
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	*ret = TAKE_PTR(k);
	return 0;
}

int knl_open(struct knl **ret)
{
	return knl_open_proto(NETLINK_ROUTE, ret);
}

int knl_open_proto_in(int netns_fd, int proto, struct knl **ret)
{
	_fd_ int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	int r;

	if (home < 0)
		return -errno;
	if (setns(netns_fd, CLONE_NEWNET) < 0)
		return -errno;
	r = knl_open_proto(proto, ret);
	/* Going home cannot be refused, but the kernel may be out of memory for a moment. */
	while (setns(home, CLONE_NEWNET) < 0) {
		if (errno != ENOMEM && errno != EINTR)
			abort();
	}
	return r;
}

int knl_open_in(int netns_fd, struct knl **ret)
{
	return knl_open_proto_in(netns_fd, NETLINK_ROUTE, ret);
}

void knl_broken(struct knl *k, int r)
{
	if (k->failed)
		return;
	k->failed = r;
	k->failed_note = k->n ? k->req[k->n - 1].note : -1;
}

static struct knl_req *req_new(struct knl *k)
{
	if (k->n == k->size) {
		size_t size = k->size ? k->size * 2 : BATCH_MAX;
		struct knl_req *v = reallocarray(k->req, size, sizeof(*v));

		if (!v)
			return NULL;
		k->req = v;
		k->size = size;
	}
	k->req[k->n] = (struct knl_req){ 0 };
	return &k->req[k->n];
}

struct nl_msg *knl_begin(struct knl *k, int note, int type, int flags, const void *hdr, size_t len)
{
	struct knl_req *q = k->failed ? NULL : req_new(k);
	struct nlmsghdr *h;

	if (q)
		q->msg = nlmsg_alloc_size(MSG_SIZE);
	if (!q || !q->msg) {
		knl_broken(k, -ENOMEM);
		return NULL;
	}
	q->note = note;
	k->n++;
	h = nlmsg_put(q->msg, 0, 0, type, 0, flags | NLM_F_REQUEST);
	if (!h || nlmsg_append(q->msg, (void *)(uintptr_t)hdr, len, NLMSG_ALIGNTO) < 0) {
		knl_broken(k, -EMSGSIZE);
		return NULL;
	}
	return q->msg;
}

void knl_put(struct knl *k, struct nl_msg *m, int type, const void *data, size_t len)
{
	if (m && nla_put(m, type, len, data) < 0)
		knl_broken(k, -EMSGSIZE);
}

void knl_put_u32(struct knl *k, struct nl_msg *m, int type, uint32_t v)
{
	knl_put(k, m, type, &v, sizeof(v));
}

void knl_put_name(struct knl *k, struct nl_msg *m, int type, const char *name)
{
	size_t len = strlen(name);

	/* The kernel would cut a name that is too long, and act on another link. */
	if (len == 0 || len >= IFNAMSIZ)
		knl_broken(k, -EINVAL);
	else
		knl_put(k, m, type, name, len + 1);
}

struct nlattr *knl_nest(struct knl *k, struct nl_msg *m, int type)
{
	struct nlattr *nest = m ? nla_nest_start(m, type) : NULL;

	if (m && !nest)
		knl_broken(k, -EMSGSIZE);
	return nest;
}

void knl_nest_end(struct nl_msg *m, struct nlattr *nest)
{
	if (nest)
		nla_nest_end(m, nest);
}

void knl_q_ignore(struct knl *k, int err)
{
	struct knl_req *q = k->n ? &k->req[k->n - 1] : NULL;

	if (q)
		q->ignore[q->ignore[0] ? 1 : 0] = err;
}

const char *knl_why(const struct knl *k)
{
	return k->why;
}

/* The kernel's words ride behind a capped error message as an attribute. */
static void keep_why(struct knl *k, struct nlmsghdr *h)
{
	struct nlattr *tb[NLMSGERR_ATTR_MAX + 1];
	const int hdrlen = sizeof(struct nlmsgerr);

	k->why[0] = '\0';
	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS) || !(h->nlmsg_flags & NLM_F_CAPPED))
		return;
	if (nlmsg_parse(h, hdrlen, tb, NLMSGERR_ATTR_MAX, NULL) < 0 || !tb[NLMSGERR_ATTR_MSG])
		return;
	nla_strlcpy(k->why, tb[NLMSGERR_ATTR_MSG], sizeof(k->why));
}

static int receive(struct knl *k, int *ret_len)
{
	ssize_t n;

	do
		n = recv(nl_socket_get_fd(k->sock), k->rx, RX_SIZE, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	*ret_len = (int)n;
	return 0;
}

/* One answer. *ret_err is the failure of its request, if it is one that counts. */
static void answer(struct knl *k, struct nlmsghdr *h, struct knl_req *q, int *ret_err)
{
	if (h->nlmsg_type == NLMSG_ERROR && nlmsg_datalen(h) >= (int)sizeof(struct nlmsgerr)) {
		int err = ((struct nlmsgerr *)nlmsg_data(h))->error;

		if (q->fib && err < 0)
			q->fib->err = err;
		else if (!(q->link && err == -ENODEV) && err != -q->ignore[0] &&
			 err != -q->ignore[1] && err < 0) {
			keep_why(k, h);
			*ret_err = err;
		}
	} else if (h->nlmsg_type == RTM_NEWLINK && q->link) {
		knl_link_parse(h, q->link);
	} else if (h->nlmsg_type == RTM_NEWROUTE && q->fib) {
		knl_fib_parse(h, q->fib);
	}
}

/* Requests first..first+n-1, whose sequence numbers begin at seq0. */
static int collect(struct knl *k, size_t first, size_t n, unsigned seq0, int *ret_note)
{
	int failure = 0;

	for (;;) {
		struct nlmsghdr *h = k->rx;
		int len = 0, r = receive(k, &len);

		if (r < 0)
			return failure ? failure : r;
		for (; nlmsg_ok(h, len); h = nlmsg_next(h, &len)) {
			unsigned i = h->nlmsg_seq - seq0;
			int err = 0;

			if (i >= n)
				continue;
			answer(k, h, &k->req[first + i], &err);
			if (err < 0 && !failure) {
				failure = err;
				*ret_note = k->req[first + i].note;
			}
			if (i == n - 1 && h->nlmsg_type == NLMSG_ERROR)
				return failure;
		}
	}
}

static int run_batch(struct knl *k, size_t first, size_t n, int *ret_note)
{
	struct iovec iov[BATCH_MAX];
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct msghdr m = { .msg_name = &kernel, .msg_namelen = sizeof(kernel), .msg_iov = iov,
			    .msg_iovlen = n };
	unsigned seq0 = k->seq + 1;
	ssize_t sent;

	for (size_t i = 0; i < n; i++) {
		struct nlmsghdr *h = nlmsg_hdr(k->req[first + i].msg);

		h->nlmsg_seq = ++k->seq;
		h->nlmsg_pid = nl_socket_get_local_port(k->sock);
		if (i == n - 1)
			h->nlmsg_flags |= NLM_F_ACK;
		iov[i] = (struct iovec){ h, NLMSG_ALIGN(h->nlmsg_len) };
	}
	do
		sent = sendmsg(nl_socket_get_fd(k->sock), &m, 0);
	while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return -errno;
	return collect(k, first, n, seq0, ret_note);
}

int knl_run(struct knl *k, int *ret_note)
{
	int note = -1, r = k->failed;

	k->why[0] = '\0';
	if (r < 0)
		note = k->failed_note;
	for (size_t i = 0; i < k->n && r == 0; i += BATCH_MAX) {
		size_t n = k->n - i < BATCH_MAX ? k->n - i : BATCH_MAX;

		r = run_batch(k, i, n, &note);
	}
	for (size_t i = 0; i < k->n; i++)
		nlmsg_free(k->req[i].msg);
	k->n = 0;
	k->failed = 0;
	if (r < 0 && ret_note)
		*ret_note = note;
	return r;
}

static int dump_part(struct knl *k, unsigned seq, int (*fn)(struct nlmsghdr *, void *), void *arg,
		     bool *ret_done)
{
	struct nlmsghdr *h = k->rx;
	int len = 0, r = receive(k, &len);

	if (r < 0)
		return r;
	for (; nlmsg_ok(h, len); h = nlmsg_next(h, &len)) {
		if (h->nlmsg_seq != seq)
			continue;
		if (h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_DONE) {
			*ret_done = true;
			return nlmsg_datalen(h) >= (int)sizeof(int) ? *(int *)nlmsg_data(h) : 0;
		}
		r = fn(h, arg);
		if (r < 0)
			return r;
	}
	return 0;
}

static int dump_run(struct knl *k, int note, int (*fn)(struct nlmsghdr *, void *), void *arg)
{
	int failure = 0, r;
	bool done = false;
	struct nlmsghdr *h;

	if (k->failed)
		return knl_run(k, &note);
	h = nlmsg_hdr(k->req[0].msg);
	h->nlmsg_seq = ++k->seq;
	h->nlmsg_pid = nl_socket_get_local_port(k->sock);
	r = send(nl_socket_get_fd(k->sock), h, h->nlmsg_len, 0) < 0 ? -errno : 0;
	nlmsg_free(k->req[0].msg);
	k->n = 0;
	if (r < 0)
		return r;
	/* Read to the end even after a failure: the socket is used again. */
	while (!done) {
		r = dump_part(k, k->seq, fn, arg, &done);
		if (r < 0 && !failure)
			failure = r;
		if (r == -ENOBUFS || r == -EBADF)
			break;
	}
	return failure;
}

int knl_dump(struct knl *k, int type, const void *hdr, size_t len,
	     int (*fn)(struct nlmsghdr *h, void *arg), void *arg)
{
	if (k->n)
		return -EBUSY;
	(void)knl_begin(k, -1, type, NLM_F_DUMP, hdr, len);
	return dump_run(k, -1, fn, arg);
}

int knl_dump_by(struct knl *k, int type, const void *hdr, size_t len, int attr, uint32_t val,
		int (*fn)(struct nlmsghdr *h, void *arg), void *arg)
{
	if (k->n)
		return -EBUSY;
	knl_put_u32(k, knl_begin(k, -1, type, NLM_F_DUMP, hdr, len), attr, val);
	return dump_run(k, -1, fn, arg);
}

int knl_list_add(struct knl_list *l, int family, int prefix, const void *ip, int index)
{
	struct knl_entry *v = reallocarray(l->v, l->n + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	l->v = v;
	v[l->n] = (struct knl_entry){ .ip.family = (uint8_t)family,
				      .ip.prefix = (uint8_t)prefix,
				      .index = index };
	memcpy(v[l->n].ip.ip, ip, knl_ip_len(family));
	l->n++;
	return 0;
}
