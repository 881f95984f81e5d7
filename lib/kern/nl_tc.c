/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Traffic control: a classifier where frames come in. tc-bpf(8), Linux 4.5. */
#include "kern/nl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>

#include "kern/nl_priv.h"

/* First of all: what it drops nobody else's filters see. */
#define FILTER_PRIO   1u
#define FILTER_HANDLE 1u

static struct nl_msg *tc_begin(struct knl *k, int note, int type, int flags, struct tcmsg *tc,
			       const char *kind)
{
	struct nl_msg *m = knl_begin(k, note, type, flags, tc, sizeof(*tc));

	knl_put(k, m, TCA_KIND, kind, strlen(kind) + 1);
	return m;
}

static struct tcmsg filter_head(int index)
{
	return (struct tcmsg){ .tcm_family = AF_UNSPEC, .tcm_ifindex = index,
			       .tcm_handle = FILTER_HANDLE,
			       .tcm_parent = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS),
			       .tcm_info = TC_H_MAKE(FILTER_PRIO << 16, htons(ETH_P_ALL)) };
}

void knl_q_filter_set(struct knl *k, int note, int index, int prog_fd, const char *name)
{
	struct tcmsg qdisc = { .tcm_family = AF_UNSPEC, .tcm_ifindex = index,
			       .tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0),
			       .tcm_parent = TC_H_CLSACT };
	struct tcmsg filter = filter_head(index);
	struct nlattr *options;
	struct nl_msg *m;

	(void)tc_begin(k, note, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, &qdisc, "clsact");
	knl_q_ignore(k, EEXIST);
	m = tc_begin(k, note, RTM_NEWTFILTER, NLM_F_CREATE, &filter, "bpf");
	options = knl_nest(k, m, TCA_OPTIONS);
	knl_put_u32(k, m, TCA_BPF_FD, (uint32_t)prog_fd);
	knl_put(k, m, TCA_BPF_NAME, name, strlen(name) + 1);
	knl_put_u32(k, m, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
	knl_nest_end(m, options);
}

void knl_q_filter_del(struct knl *k, int note, int index)
{
	struct tcmsg filter = filter_head(index);

	(void)tc_begin(k, note, RTM_DELTFILTER, 0, &filter, "bpf");
	/* Without the queue that filters hang on it is EINVAL, with it ENOENT. */
	knl_q_ignore(k, EINVAL);
}
