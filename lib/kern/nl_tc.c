/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Traffic control: a classifier where frames come in. tc-bpf(8), Linux 4.5. */
#include "kern/nl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/tc_act/tc_mirred.h>
#include <string.h>

#include "base/str.h"
#include "kern/nl_priv.h"

/* First of all: what they drop nobody else's filters see. Among each other their order does not matter, as
 * each of them drops or says nothing. Behind them what only looks, at what is left. */
#define FILTER_PRIO 1u
#define LOOK_PRIO   2u

static uint32_t prio_of(const struct knl_filter *f)
{
	return f->looks ? LOOK_PRIO : FILTER_PRIO;
}

static struct nl_msg *tc_begin(struct knl *k, int note, int type, int flags, struct tcmsg *tc,
			       const char *kind)
{
	struct nl_msg *m = knl_begin(k, note, type, flags, tc, sizeof(*tc));

	knl_put(k, m, TCA_KIND, kind, strlen(kind) + 1);
	return m;
}

static struct tcmsg filter_head(int index, bool in, uint32_t prio, uint32_t handle)
{
	return (struct tcmsg){ .tcm_family = AF_UNSPEC, .tcm_ifindex = index, .tcm_handle = handle,
			       .tcm_parent = TC_H_MAKE(TC_H_CLSACT,
						       in ? TC_H_MIN_INGRESS : TC_H_MIN_EGRESS),
			       .tcm_info = TC_H_MAKE(prio << 16, htons(ETH_P_ALL)) };
}

static void q_clsact(struct knl *k, int note, int index)
{
	struct tcmsg qdisc = { .tcm_family = AF_UNSPEC, .tcm_ifindex = index,
			       .tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0), .tcm_parent = TC_H_CLSACT };

	(void)tc_begin(k, note, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, &qdisc, "clsact");
	knl_q_ignore(k, EEXIST);
}

void knl_q_filter_set(struct knl *k, int note, int index, const struct knl_filter *f, int prog_fd)
{
	struct tcmsg filter = filter_head(index, f->in, prio_of(f), f->handle);
	struct nlattr *options;
	struct nl_msg *m;

	q_clsact(k, note, index);
	m = tc_begin(k, note, RTM_NEWTFILTER, NLM_F_CREATE, &filter, "bpf");
	options = knl_nest(k, m, TCA_OPTIONS);
	knl_put_u32(k, m, TCA_BPF_FD, (uint32_t)prog_fd);
	knl_put(k, m, TCA_BPF_NAME, f->name, strlen(f->name) + 1);
	knl_put_u32(k, m, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
	knl_nest_end(m, options);
}

void knl_q_filter_del(struct knl *k, int note, int index, const struct knl_filter *f)
{
	struct tcmsg filter = filter_head(index, f->in, prio_of(f), f->handle);

	(void)tc_begin(k, note, RTM_DELTFILTER, 0, &filter, "bpf");
	/* Without the queue that filters hang on the first, with it the second. */
	knl_q_ignore(k, EINVAL);
	knl_q_ignore(k, ENOENT);
}

struct want_filter {
	const struct knl_filter *f;
	bool found;
};

static int take_filter(struct nlmsghdr *h, void *arg)
{
	const struct tcmsg *tc = nlmsg_data(h);
	struct nlattr *tb[TCA_OPTIONS + 1], *bpf[TCA_BPF_NAME + 1];
	struct want_filter *w = arg;

	if (h->nlmsg_type != RTM_NEWTFILTER || tc->tcm_handle != w->f->handle ||
	    TC_H_MAJ(tc->tcm_info) >> 16 != prio_of(w->f) ||
	    nlmsg_parse(h, sizeof(*tc), tb, TCA_OPTIONS, NULL) < 0 || !tb[TCA_OPTIONS] ||
	    nla_parse_nested(bpf, TCA_BPF_NAME, tb[TCA_OPTIONS], NULL) < 0 || !bpf[TCA_BPF_NAME])
		return 0;
	w->found |= !w->f->name || str_eq(nla_get_string(bpf[TCA_BPF_NAME]), w->f->name);
	return 0;
}

int knl_filter_is_set(struct knl *k, int index, const struct knl_filter *f)
{
	struct tcmsg tc = filter_head(index, f->in, 0, 0);
	struct want_filter w = { .f = f };
	int r;

	tc.tcm_info = 0; /* of whatever protocol */
	r = knl_dump(k, RTM_GETTFILTER, &tc, sizeof(tc), take_filter, &w);
	/* A link that is not there has none. */
	return r == -ENODEV ? 0 : r < 0 ? r : w.found;
}

/* ---- rates ---- */

#define DIVERT_PRIO 3u

void knl_q_ifb(struct knl *k, int note, const char *name, uint32_t group)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct nl_msg *m = knl_begin(k, note, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &ifi, sizeof(ifi));
	struct nlattr *info;

	knl_put_name(k, m, IFLA_IFNAME, name);
	knl_put_u32(k, m, IFLA_GROUP, group);
	/* One queue, so that there is one rate. */
	knl_put_u32(k, m, IFLA_NUM_TX_QUEUES, 1);
	knl_put_u32(k, m, IFLA_NUM_RX_QUEUES, 1);
	info = knl_nest(k, m, IFLA_LINKINFO);
	knl_put(k, m, IFLA_INFO_KIND, "ifb", sizeof("ifb"));
	knl_nest_end(m, info);
}

void knl_q_tbf(struct knl *k, int note, int index, const struct knl_tbf *t)
{
	struct tcmsg tc = { .tcm_family = AF_UNSPEC, .tcm_ifindex = index,
			    .tcm_handle = TC_H_MAKE(1 << 16, 0), .tcm_parent = TC_H_ROOT };
	/* With a link layer the kernel computes, without one it wants a table (Linux 3.8). */
	struct tc_tbf_qopt q = { .rate.linklayer = TC_LINKLAYER_ETHERNET, .rate.mpu = t->mpu,
				 .rate.rate = t->rate > UINT32_MAX ? UINT32_MAX : (uint32_t)t->rate,
				 .limit = t->limit, .buffer = t->burst };
	struct nl_msg *m = tc_begin(k, note, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, &tc, "tbf");
	struct nlattr *options = knl_nest(k, m, TCA_OPTIONS);

	knl_put(k, m, TCA_TBF_PARMS, &q, sizeof(q));
	knl_put_u32(k, m, TCA_TBF_BURST, t->burst);
	if (t->rate > UINT32_MAX)
		knl_put(k, m, TCA_TBF_RATE64, &t->rate, sizeof(t->rate));
	knl_nest_end(m, options);
}

static void put_redirect(struct knl *k, struct nl_msg *m, int attr, int through)
{
	struct tc_mirred to = { .action = TC_ACT_STOLEN, .eaction = TCA_EGRESS_REDIR,
				.ifindex = (uint32_t)through };
	struct nlattr *acts = knl_nest(k, m, attr), *act = knl_nest(k, m, 1), *parms;

	knl_put(k, m, TCA_ACT_KIND, "mirred", sizeof("mirred"));
	parms = knl_nest(k, m, TCA_ACT_OPTIONS);
	knl_put(k, m, TCA_MIRRED_PARMS, &to, sizeof(to));
	knl_nest_end(m, parms);
	knl_nest_end(m, act);
	knl_nest_end(m, acts);
}

/* Whatever kind there is: it is not named. */
void knl_q_divert_del(struct knl *k, int note, int index, bool in)
{
	struct tcmsg head = filter_head(index, in, DIVERT_PRIO, 0);

	q_clsact(k, note, index);
	(void)knl_begin(k, note, RTM_DELTFILTER, 0, &head, sizeof(head));
	knl_q_ignore(k, ENOENT);
}

void knl_q_divert_set(struct knl *k, int note, int index, bool in, int through)
{
	struct {
		struct tc_u32_sel sel;
		struct tc_u32_key key; /* all zero: whatever it is */
	} any = { .sel = { .flags = TC_U32_TERMINAL, .nkeys = 1 } };
	struct tcmsg head = filter_head(index, in, DIVERT_PRIO, 0);
	struct nlattr *options;
	struct nl_msg *m;

	knl_q_divert_del(k, note, index, in);
	m = tc_begin(k, note, RTM_NEWTFILTER, NLM_F_CREATE, &head, "u32");
	options = knl_nest(k, m, TCA_OPTIONS);
	knl_put(k, m, TCA_U32_SEL, &any, sizeof(any));
	put_redirect(k, m, TCA_U32_ACT, through);
	knl_nest_end(m, options);
}

static void put_program(struct knl *k, struct nl_msg *m, int prog_fd, const char *name)
{
	knl_put_u32(k, m, TCA_BPF_FD, (uint32_t)prog_fd);
	knl_put(k, m, TCA_BPF_NAME, name, strlen(name) + 1);
}

void knl_q_divert_by(struct knl *k, int note, int index, bool in, unsigned nth, int prog_fd,
		     int through)
{
	struct tcmsg head = filter_head(index, in, DIVERT_PRIO, 0);
	struct nlattr *options;
	struct nl_msg *m;

	head.tcm_handle = nth + 1;
	m = tc_begin(k, note, RTM_NEWTFILTER, NLM_F_CREATE, &head, "bpf");
	options = knl_nest(k, m, TCA_OPTIONS);
	put_program(k, m, prog_fd, "vz_class");
	put_redirect(k, m, TCA_BPF_ACT, through);
	knl_nest_end(m, options);
}

/* ---- shares ---- */

#define HTB_MAJOR (KNL_HTB_MAJOR << 16)

void knl_q_root_del(struct knl *k, int note, int index)
{
	struct tcmsg tc = { .tcm_family = AF_UNSPEC, .tcm_ifindex = index, .tcm_parent = TC_H_ROOT };

	(void)knl_begin(k, note, RTM_DELQDISC, 0, &tc, sizeof(tc));
	knl_q_ignore(k, ENOENT); /* what every device has anyway */
}

void knl_q_htb(struct knl *k, int note, int index)
{
	struct tcmsg tc = { .tcm_family = AF_UNSPEC, .tcm_ifindex = index, .tcm_handle = HTB_MAJOR,
			    .tcm_parent = TC_H_ROOT };
	struct tc_htb_glob g = { .version = 3, .rate2quantum = 10 };
	struct nl_msg *m = tc_begin(k, note, RTM_NEWQDISC,
				    NLM_F_CREATE | NLM_F_REPLACE | NLM_F_EXCL, &tc, "htb");
	struct nlattr *options = knl_nest(k, m, TCA_OPTIONS);

	knl_put(k, m, TCA_HTB_INIT, &g, sizeof(g));
	knl_nest_end(m, options);
	knl_q_ignore(k, EEXIST);
}

/* How long that many bytes take, in the kernel's ticks of 64 ns. */
static uint32_t ticks(uint64_t bytes, uint64_t rate)
{
	uint64_t t = bytes * 1000000000 / (rate ? rate : 1) >> 6;

	return t > UINT32_MAX ? UINT32_MAX : (uint32_t)t;
}

static uint64_t burst_of(uint64_t rate)
{
	return rate / 100 < 4096 ? 4096 : rate / 100;
}

static uint64_t clamp(uint64_t v, uint64_t least, uint64_t most)
{
	return v < least ? least : v > most ? most : v;
}

void knl_q_htb_class(struct knl *k, int note, int index, const struct knl_htb *c)
{
	struct tcmsg tc = { .tcm_family = AF_UNSPEC, .tcm_ifindex = index,
			    .tcm_handle = HTB_MAJOR | c->minor,
			    .tcm_parent = c->parent ? HTB_MAJOR | c->parent : HTB_MAJOR };
	struct tc_htb_opt o = {
		.rate = { .linklayer = TC_LINKLAYER_ETHERNET, .mpu = c->mpu,
			  .rate = (uint32_t)clamp(c->rate, 1, UINT32_MAX) },
		.ceil = { .linklayer = TC_LINKLAYER_ETHERNET, .mpu = c->mpu,
			  .rate = (uint32_t)clamp(c->ceil, 1, UINT32_MAX) },
		.buffer = ticks(burst_of(c->rate), c->rate), .cbuffer = ticks(burst_of(c->ceil), c->ceil),
		/* What is left over is shared in proportion to it. */
		.quantum = (uint32_t)clamp(c->rate / 50, 1600, 150000) };
	struct nl_msg *m = tc_begin(k, note, RTM_NEWTCLASS, NLM_F_CREATE | NLM_F_REPLACE, &tc, "htb");
	struct nlattr *options = knl_nest(k, m, TCA_OPTIONS);

	knl_put(k, m, TCA_HTB_PARMS, &o, sizeof(o));
	if (c->rate > UINT32_MAX)
		knl_put(k, m, TCA_HTB_RATE64, &c->rate, sizeof(c->rate));
	if (c->ceil > UINT32_MAX)
		knl_put(k, m, TCA_HTB_CEIL64, &c->ceil, sizeof(c->ceil));
	knl_nest_end(m, options);
}

void knl_q_htb_class_del(struct knl *k, int note, int index, uint16_t minor)
{
	struct tcmsg tc = { .tcm_family = AF_UNSPEC, .tcm_ifindex = index,
			    .tcm_handle = HTB_MAJOR | minor };

	(void)knl_begin(k, note, RTM_DELTCLASS, 0, &tc, sizeof(tc));
	knl_q_ignore(k, ENOENT);
}

void knl_q_htb_queue(struct knl *k, int note, int index, uint16_t minor, uint32_t limit)
{
	struct tcmsg tc = { .tcm_family = AF_UNSPEC, .tcm_ifindex = index,
			    .tcm_parent = HTB_MAJOR | minor };
	struct tc_fifo_qopt q = { .limit = limit };

	knl_put(k, tc_begin(k, note, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, &tc, "bfifo"),
		TCA_OPTIONS, &q, sizeof(q));
}

void knl_q_htb_filter(struct knl *k, int note, int index, int prog_fd)
{
	struct tcmsg tc = { .tcm_family = AF_UNSPEC, .tcm_ifindex = index, .tcm_handle = 1,
			    .tcm_parent = HTB_MAJOR,
			    .tcm_info = TC_H_MAKE(1 << 16, htons(ETH_P_ALL)) };
	struct nl_msg *m = tc_begin(k, note, RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, &tc, "bpf");
	struct nlattr *options = knl_nest(k, m, TCA_OPTIONS);

	put_program(k, m, prog_fd, "vz_share");
	knl_nest_end(m, options);
	knl_q_ignore(k, EEXIST);
}

struct count {
	uint32_t parent;
	size_t n;
};

static int count_class(struct nlmsghdr *h, void *arg)
{
	const struct tcmsg *tc = nlmsg_data(h);
	struct count *c = arg;

	c->n += tc->tcm_parent == c->parent;
	return 0;
}

int knl_htb_count(struct knl *k, int index, uint16_t parent, size_t *ret)
{
	struct tcmsg tc = { .tcm_family = AF_UNSPEC, .tcm_ifindex = index };
	struct count c = { .parent = HTB_MAJOR | parent };
	int r = knl_dump(k, RTM_GETTCLASS, &tc, sizeof(tc), count_class, &c);

	*ret = c.n;
	return r;
}
