/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A trie of prefixes, the family before the address. */
#include "net/classes.h"

#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "kern/bpf.h"
#include "param/netclass.h"

int net_classes_map(const struct traffic_net *nets, size_t n, int *ret_fd)
{
	_fd_ int fd = -1;
	int r = kbpf_prefixes_new("vz_classes", sizeof(struct net_class_key) - 4, n, &fd);

	for (size_t i = 0; r == 0 && i < n; i++) {
		bool four = nets[i].family == AF_INET;
		struct net_class_key key = { .bits = 32u + nets[i].prefix, .family = four ? 4 : 6 };

		memcpy(key.ip, nets[i].ip, four ? 4 : 16);
		r = kbpf_map_put(fd, &key, &nets[i].net_class);
	}
	if (r == 0)
		*ret_fd = TAKE_FD(fd);
	return r;
}
