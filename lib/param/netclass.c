/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The file networks_classes: lines "CLASS NET/MASK". */
#include "param/netclass.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/num.h"

/* Bits of a mask like 255.255.255.0, or -EINVAL. */
static int dotted(const char *s, uint8_t *ret)
{
	struct in_addr a;
	uint32_t m;

	if (inet_pton(AF_INET, s, &a) != 1)
		return -EINVAL;
	m = ~ntohl(a.s_addr);
	if (m & (m + 1))
		return -EINVAL;
	*ret = (uint8_t)(32 - __builtin_popcount(m));
	return 0;
}

static int net_parse(char *text, struct traffic_net *net)
{
	char *slash = strchr(text, '/');
	uint32_t bits;

	if (slash)
		*slash++ = '\0';
	net->family = strchr(text, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(net->family, text, net->ip) != 1)
		return -EINVAL;
	net->prefix = net->family == AF_INET ? 32 : 128;
	if (slash && strchr(slash, '.'))
		return net->family == AF_INET ? dotted(slash, &net->prefix) : -EINVAL;
	if (slash) {
		if (num_u32(slash, &bits) < 0 || bits > net->prefix)
			return -EINVAL;
		net->prefix = (uint8_t)bits;
	}
	return 0;
}

static int line_parse(char *line, struct traffic_net *net)
{
	char *save = NULL, *word, *addr;

	line[strcspn(line, "#")] = '\0';
	word = strtok_r(line, " \t\r", &save);
	if (!word)
		return 0;
	addr = strtok_r(NULL, " \t\r", &save);
	*net = (struct traffic_net){ 0 };
	if (!addr || strtok_r(NULL, " \t\r", &save) || num_u32(word, &net->net_class) < 0 ||
	    net->net_class > TRAFFIC_CLASS_MAX || net_parse(addr, net) < 0)
		return -EINVAL;
	return 1;
}

int traffic_parse(const char *text, struct traffic_net **ret, size_t *ret_n, struct vz_err *e)
{
	_free_ char *copy = strdup(text);
	_free_ struct traffic_net *v = NULL;
	size_t n = 0, size = 0;
	unsigned line = 0;

	for (char *l = copy, *next; l; l = next) {
		struct traffic_net net;
		int r;

		line++;
		next = strchr(l, '\n');
		if (next)
			*next++ = '\0';
		r = line_parse(l, &net);
		if (r < 0)
			return err_set(e, VZ_E_BAD_CONF, r, "networks_classes, line %u: not CLASS NET/MASK",
				       line);
		if (n == size) {
			struct traffic_net *more = reallocarray(v, size = size * 2 + 64, sizeof(*v));

			if (!more)
				return err_nomem(e);
			v = more;
		}
		if (r > 0)
			v[n++] = net;
	}
	if (!copy)
		return err_nomem(e);
	*ret = TAKE_PTR(v);
	*ret_n = n;
	return 0;
}
