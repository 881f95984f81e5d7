// SPDX-License-Identifier: LGPL-2.1-or-later
/* Kinds of init. */
#include "ct/init.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "ct/ct.h"

enum init_kind ct_init_kind(const struct ct *ct)
{
	_fd_ int root = open(ct->root, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -1;
	char to[PATH_MAX];
	ssize_t n;

	if (root < 0 || path_open_in(root, "/sbin/init", O_PATH | O_NOFOLLOW, 0, &fd) < 0)
		return INIT_OTHER;
	n = readlinkat(fd, "", to, sizeof(to) - 1);
	if (n <= 0) {
		cleanup_fd(&fd);
		return path_open_in(root, "/etc/inittab", O_PATH | O_NOFOLLOW, 0, &fd) < 0 ?
			       INIT_OTHER :
			       INIT_SYSV;
	}
	to[n] = '\0';
	if (strstr(to, "systemd"))
		return INIT_SYSTEMD;
	return strstr(to, "busybox") ? INIT_BUSYBOX : INIT_OTHER;
}
